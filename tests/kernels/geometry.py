"""Geometry: robots, rotations, curves, images and finite elements."""

from __future__ import annotations

import math

import numpy as np
from kernel import Kernel
from numpy.lib.stride_tricks import sliding_window_view

JOINTS = [
    {"d": 0.3, "a": 0.0, "alpha": np.pi / 2},
    {"d": 0.0, "a": 0.4, "alpha": 0.0},
    {"d": 0.1, "a": 0.2, "alpha": -np.pi / 2},
]


def joint(theta, d, a, alpha):
    ct, st = np.cos(theta), np.sin(theta)
    ca, sa = np.cos(alpha), np.sin(alpha)
    return np.array(
        [
            [ct, -st * ca, st * sa, a * ct],
            [st, ct * ca, -ct * sa, a * st],
            [0, sa, ca, d],
            [0, 0, 0, 1],
        ]
    )


def arm_of_a_robot(q, target):
    T, frames = np.eye(4), []
    for angle, row in zip(q, JOINTS, strict=True):
        T = T @ joint(angle, **row)
        frames.append(T)
    return np.sum((T[:3, 3] - target) ** 2) + sum(f[2, 3] for f in frames)


class Quaternion:
    __slots__ = ("w", "x", "y", "z")

    def __init__(self, w, x, y, z):
        self.w, self.x, self.y, self.z = w, x, y, z

    @classmethod
    def from_axis_angle(cls, axis, angle):
        axis = axis / np.linalg.norm(axis)
        return cls(np.cos(angle / 2), *(axis * np.sin(angle / 2)))

    @property
    def conjugate(self):
        return Quaternion(self.w, -self.x, -self.y, -self.z)

    def __mul__(self, o):
        return Quaternion(
            self.w * o.w - self.x * o.x - self.y * o.y - self.z * o.z,
            self.w * o.x + self.x * o.w + self.y * o.z - self.z * o.y,
            self.w * o.y - self.x * o.z + self.y * o.w + self.z * o.x,
            self.w * o.z + self.x * o.y - self.y * o.x + self.z * o.w,
        )

    def __iter__(self):
        yield from (self.w, self.x, self.y, self.z)

    def rotate(self, v):
        _, *turned = self * Quaternion(0.0, v[0], v[1], v[2]) * self.conjugate
        return np.array(turned)


def rotation_by_quaternions(axis, angle, v, target):
    q = Quaternion.from_axis_angle(axis, angle)
    return np.sum((q.rotate(v) - target) ** 2) + sum(c * c * c for c in q)


def length_of_a_curve(points, count=8):
    """A Bezier curve by Bernstein polynomials, measured by its chords."""
    n = len(points) - 1
    t = np.linspace(0, 1, count)
    curve = np.zeros((count, points.shape[1]))
    for i, p in enumerate(points):
        curve += np.outer(math.comb(n, i) * t**i * (1 - t) ** (n - i), p)
    return np.sqrt((np.diff(curve, axis=0) ** 2).sum(axis=1)).sum()


def monotone_interpolation(x, y, at):
    h = np.diff(x)
    s = np.diff(y) / h
    d = np.r_[s[0], 2 * s[1:] * s[:-1] / (s[1:] + s[:-1]), s[-1]]
    k = np.digitize(at, x[1:-1])
    t = (at - x[k]) / h[k]
    low, high = 2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t
    rest = low * y[k] + high * h[k] * d[k]
    return rest + (3 * t**2 - 2 * t**3) * y[k + 1] + (t**3 - t**2) * h[k] * d[k + 1]


def monotone_interpolation_objective(steps, at):
    return np.sum(monotone_interpolation(np.array([0.0, 1, 2.5, 3, 4]), steps.cumsum(), at) ** 2)


def convolve(image, kernel, mode="reflect"):
    h, w = kernel.shape
    padded = np.pad(image, ((h // 2, h // 2), (w // 2, w // 2)), mode=mode)
    return np.einsum("ijkl,kl->ij", sliding_window_view(padded, (h, w)), kernel)


def edges_of_an_image(image, sigma):
    axis = np.arange(-1, 2)
    xx, yy = np.meshgrid(axis, axis)
    blur = np.exp(-(xx**2 + yy**2) / (2.0 * sigma**2))
    soft = convolve(image, blur / np.sum(blur))
    sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    gx, gy = convolve(soft, sobel, mode="edge"), convolve(soft, sobel.T, mode="edge")
    size = np.hypot(gx, gy)
    return np.sum(size) + 0.1 * np.sum(np.cos(2 * np.arctan2(gy, gx)) * size**2)


def finite_elements(nodes, conductivity, load):
    """Assemble triangles, fix two nodes, and measure the work."""
    elements = np.array([[0, 2, 1], [2, 3, 1], [2, 4, 3], [4, 5, 3]])
    n = len(nodes)
    K, F = np.zeros((n, n)), np.zeros(n)
    for e, corners in enumerate(elements):
        xy = nodes[corners]
        J = np.array([xy[1] - xy[0], xy[2] - xy[0]]).T
        area = np.linalg.det(J) / 2
        slopes = np.array([[-1, -1], [1, 0], [0, 1]]) @ np.linalg.inv(J)
        K[np.ix_(corners, corners)] += abs(area) * conductivity[e] * slopes @ slopes.T
        F[corners] += load * abs(area) / 3
    free = np.setdiff1d(np.arange(n), [0, 1])
    u = np.zeros(n)
    u[free] = np.linalg.solve(K[np.ix_(free, free)], F[free])
    return u @ F


def truss(coords, areas, loads, stiffness=2.0):
    bars = [(0, 2), (1, 2), (1, 3), (2, 3), (0, 3)]
    K = np.zeros((8, 8))
    for (i, j), area in zip(bars, areas, strict=True):
        dx, dy = coords[j] - coords[i]
        length = np.hypot(dx, dy)
        c, s = dx / length, dy / length
        turn = np.array([[c * c, c * s], [c * s, s * s]])
        k = stiffness * area / length * np.block([[turn, -turn], [-turn, turn]])
        places = [2 * i, 2 * i + 1, 2 * j, 2 * j + 1]
        for a, ga in enumerate(places):
            for b, gb in enumerate(places):
                K[ga, gb] += k[a, b]
    free = np.arange(4, 8)
    u = np.zeros(8)
    u[free] = np.linalg.solve(K[free][:, free], loads[free])
    return loads @ u


def shaded_sphere(radius, light):
    xs, ys = np.meshgrid(np.linspace(-1, 1, 6), np.linspace(-0.8, 0.8, 5))
    D = np.stack([xs, ys, np.ones_like(xs)], axis=-1)
    D /= np.linalg.norm(D, axis=-1, keepdims=True)
    C = np.array([0, 0, 3.0])
    b = D @ C
    inside = b**2 - (C @ C - radius**2)
    hit = inside > 0
    t = b - np.sqrt(np.where(hit, inside, 1.0))
    P = t[..., None] * D
    L = light - P
    L = L / np.linalg.norm(L, axis=-1)[..., np.newaxis]
    shade = np.clip(np.einsum("ijk,ijk->ij", (P - C) / radius, L), 0, None)
    image = np.zeros(hit.shape)
    image[hit] = shade[hit]
    return image.sum()


def uniform(*shapes):
    return lambda rng: tuple(rng.random(s) if s else float(rng.random()) + 0.5 for s in shapes)


NODES = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1], [2, 0], [2, 1]])
CORNERS = np.array([[0.0, 0], [0, 1], [1, 0.1], [1, 1.1]])
KERNELS = [
    Kernel("arm of a robot", arm_of_a_robot, uniform((3,), (3,)), (0, 1)),
    Kernel(
        "rotation by quaternions",
        rotation_by_quaternions,
        uniform((3,), (), (3,), (3,)),
        (0, 1, 2, 3),
    ),
    Kernel("length of a curve", length_of_a_curve, uniform((4, 2)), (0,)),
    Kernel(
        "monotone interpolation",
        monotone_interpolation_objective,
        lambda rng: (0.5 + rng.random(5), 0.1 + np.array([0.2, 1.4, 2.7, 3.3])),
        (0, 1),
    ),
    Kernel("edges of an image", edges_of_an_image, uniform((5, 6), ()), (0, 1)),
    Kernel(
        "finite elements",
        finite_elements,
        lambda rng: (NODES + 0.05 * rng.random((6, 2)), 1 + rng.random(4), 1.5),
        (0, 1, 2),
    ),
    Kernel(
        "truss",
        truss,
        lambda rng: (CORNERS + 0.05 * rng.random((4, 2)), 1 + rng.random(5), rng.normal(size=8)),
        (0, 1, 2),
    ),
    Kernel("shaded sphere", shaded_sphere, lambda rng: (1.2, np.array([2.0, 3.0, -2.0])), (0, 1)),
]
