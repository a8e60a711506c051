"""Complex numbers: gradients, tangents and second derivatives of compiled programs and the tape.

The gradient by a complex number is the direction of steepest ascent: its real and imaginary part
are the derivatives by the real and the imaginary part.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from oracle import check

from s2s_grad import OutputError, S2SError, grad, hvp, jvp, vjp

Z = np.array([0.5 + 0.3j, -0.2 + 1.0j, 1.2 - 0.7j])
X = np.array([0.4, -1.1, 0.9])


def holomorphic(z):
    return np.real(z[0] * z[1] ** 2 / np.exp(z[2]))


def lengths(z):
    return np.sum(np.abs(z)) + np.abs(z[0]) ** 2 + abs(z[1])


def squared_modulus(z):
    w = np.exp(1j * z) * z
    return np.sum((w * w.conj()).real) + np.sum(np.abs(w) ** 2)


def parts(z):
    x = z.real
    y = np.imag(z)
    return np.sum(x * np.cos(y)) + np.sum(np.angle(z)) + np.hypot(x, y).sum()


def real_from_complex(x):
    w = x + 1j * np.roll(x, 1)
    return np.sum(np.abs(np.sin(w))) + w.sum().imag


def mixed(z, x):
    return np.sum((z * x).real) + np.sum(np.abs(z) ** 2 * x) + complex(x[0], x[1]).imag


def number(z, x):
    w = z * x + 1 / z
    return abs(w) ** 2 + w.imag * x


def horner(z):
    s = 0.0
    for i in range(len(z)):
        s = s * z[i] + np.sin(z[i])
    return s.real + 2 * s.imag


def mandelbrot(z):
    c = 0
    steps = 0
    while abs(c) < 2 and steps < 5:
        c = c * c + z[0]
        steps += 1
    return abs(c)


def branch(z):
    if z[0].real > 0:
        w = z * np.conj(z[::-1])
    else:
        w = z * 2
    return w.sum().real


def recurrence(z):
    y = np.zeros(4, dtype=complex)
    y[0] = z[0]
    for i in range(1, 4):
        y[i] = y[i - 1] * z[i % 3] + 1j * y[i - 1].real
    return np.sum(np.abs(y) ** 2)


def buffers(z):
    a = z.copy()
    b = np.empty_like(z)
    for _ in range(4):
        b[1:-1] = 0.5j * (a[2:] + a[:-2]) * a[1:-1]
        b[0] = a[-1]
        b[-1] = a[0].conjugate()
        a, b = b, a
    return np.vdot(a, a).real


def written_parts(z):
    y = z.copy()
    y.real[0] = 3.0 * y[1].imag
    y.imag *= 2.0
    r = y.real
    r[1:] += y.imag[:-1]
    return np.sum(np.abs(y) ** 2 * np.arange(1, 4))


def assigned_parts(z):
    y = z.copy()
    y.imag = y.real * 2
    y.real = 1.0
    return np.sum(np.abs(y) ** 3)


def parts_in_a_loop(z):
    y = np.zeros(3, complex)
    for i in range(3):
        y.real[i] = np.abs(z[i])
        y.imag[i] += z[i].real * 2
        y[i] *= y[i - 1] + 1j
    return np.sum((y * y).real)


def kept_part(z):
    r = z.real
    y = z.copy()
    q = y.real
    q *= 2
    y[1] = r[0]
    return np.sum(q**2) + np.sum(y.imag)


def fourier_sum(z):
    n = len(z)
    out = np.zeros(n, dtype=np.complex128)
    for k in range(n):
        for t in range(n):
            out[k] += z[t] * np.exp(-2j * np.pi * k * t / n)
    return np.sum(np.abs(out) ** 3)


def recursive_transform(z):
    def transform(x):
        n = len(x)
        if n == 1:
            return x
        even = transform(x[::2])
        odd = np.exp(-2j * np.pi * np.arange(n // 2) / n) * transform(x[1::2])
        return np.concatenate([even + odd, even - odd])

    return np.sum(np.abs(transform(np.concatenate([z, z[:1] * 2]))))


def filtered(x):
    k = np.fft.rfft(x)
    k[1:] *= 0.5
    return np.sum(np.fft.irfft(k, len(x)) ** 2) + np.sum(np.abs(np.fft.fft2(np.outer(x, x))))


def transforms(z):
    return np.linalg.norm(np.fft.ifft(z) * np.fft.fftshift(z)) ** 3


def linear_algebra(z):
    a = np.outer(z, z.conj()) + np.eye(3) * 2j
    x = np.linalg.solve(a, z)
    return np.real(x @ z) + np.linalg.det(a).real + np.linalg.slogdet(a)[1]


def collected(z):
    w = np.array([v.real for v in z]) + 1j * np.array([v.imag for v in z])
    items = []
    for i in range(len(z)):
        items.append(w[i] * w[i - 1])
    return sum(abs(v) for v in items) + np.sum(np.stack(items).real)


def statistics(z):
    p = np.polyval(z, 0.3 + 0.2j)
    return (p * np.conj(np.mean(z))).real * (np.var(z) + np.std(z))


def selected(z):
    t = np.where(z.real > 0, z, 0.0)
    return np.sum((t * t.conj()).real) + z[np.abs(z) > 0.9].imag.sum()


def nested(z, x):
    inner = {"w": z * x, "pair": (z[0], x[0])}
    total = inner["w"].sum() * inner["pair"][0] + inner["pair"][1]
    return total.real - total.imag


PROGRAMS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = [
    *((f, (Z,)) for f in (
        holomorphic, lengths, squared_modulus, parts, horner, mandelbrot, branch, recurrence,
        buffers, written_parts, assigned_parts, parts_in_a_loop, kept_part, fourier_sum,
        recursive_transform, transforms, linear_algebra, collected, statistics, selected,
    )),
    *((f, (X,)) for f in (real_from_complex, filtered)),
    *((f, (Z, X)) for f in (mixed, nested)),
    (number, (0.7 - 0.4j, 1.3)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS])
def test_all_transforms(f: Callable[..., Any], args: tuple[Any, ...]) -> None:
    check(f, args, tuple(range(len(args))), tape=f is not mixed)


def test_the_gradient_of_the_squared_modulus_is_twice_the_number() -> None:
    assert grad(lambda z: abs(z) ** 2, mode="static")(3 + 4j) == 6 + 8j


def test_a_real_argument_of_a_complex_product_has_a_real_gradient() -> None:
    dx, dz = grad(lambda x, z: np.sum((x * z).real), wrt=(0, 1), mode="static")(X, Z)
    assert dx.dtype == float
    assert dz.dtype == complex
    np.testing.assert_array_equal(dx, Z.real)
    np.testing.assert_array_equal(dz, X)


def test_float32_parts_stay_single() -> None:
    z = Z.astype(np.complex64)
    assert grad(squared_modulus, mode="static")(z).dtype == np.complex64


def test_a_pullback_takes_and_gives_directions_of_ascent() -> None:
    value, pullback = vjp(lambda z: z**2, mode="static")(1 + 2j)
    assert value == (1 + 2j) ** 2
    assert pullback(1j) == 1j * np.conj(2 + 4j)


def test_a_tangent_is_the_derivative_times_the_direction() -> None:
    _, tangent = jvp(lambda z: z**2, mode="static")((1 + 2j,), (1j,))
    assert tangent == 1j * (2 + 4j)


def test_a_complex_result_has_no_gradient() -> None:
    with pytest.raises(OutputError, match="complex"):
        grad(lambda z: z**2, mode="static")(1 + 2j)


def test_emitted_code_of_the_squared_modulus() -> None:
    energy = grad(lambda z: np.sum(np.abs(z) ** 2), mode="static")
    energy(Z)
    assert energy.source.rstrip().endswith("return 2 * z")


@pytest.mark.parametrize("mode", ["static", "auto", "tape"])
def test_real_numbers_are_not_updated_in_place_with_complex_ones(mode):
    def doubled(x):
        y = x.copy()
        y *= 2j
        return np.sum(x)

    def a_part(x):
        y = x.copy()
        y[1:] += 1j * x[1:]
        return np.sum(x)

    for f in (doubled, a_part):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises((S2SError, TypeError)):
                grad(f, mode=mode)(np.ones(3))


def _moved(x):
    z = x + 0j
    z.imag -= x
    return z


def _scaled(x):
    z = x + 1j * x
    z.real *= z.imag
    return z


def _set(x):
    z = x + 1j * x
    z.imag[0] = x[1]
    z.real[1:] = x[:2] ** 2
    return z


def _turned(x):
    z = np.outer(x, x) + 1j * x
    z.T.imag[1] += x
    return z


@pytest.mark.parametrize("write", [_moved, _scaled, _set, _turned])
@pytest.mark.parametrize("mode", ["static", "tape"])
def test_parts_that_were_written_have_tangents(write: Callable[..., Any], mode: str) -> None:
    def f(x: Any) -> Any:
        return np.sum(np.abs(write(x)) ** 2)

    x, direction = np.array([0.3, -1.2, 2.1]), np.array([1.0, 0.5, -2.0])
    expected = (f(x + 1e-6 * direction) - f(x - 1e-6 * direction)) / 2e-6
    np.testing.assert_allclose(jvp(f, mode=mode)((x,), (direction,))[1], expected, rtol=1e-7)
    np.testing.assert_allclose(grad(f, mode=mode)(x) @ direction, expected, rtol=1e-7)


def test_the_second_derivative_of_an_angle_on_the_tape() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.angle(x * 1j + x**2))

    x, direction = np.array([0.3, -1.2, 2.1]), np.array([1.0, 0.5, -2.0])
    expected = (grad(f)(x + 1e-5 * direction) - grad(f)(x - 1e-5 * direction)) / 2e-5
    np.testing.assert_allclose(hvp(f, mode="tape")(x, direction), expected, rtol=1e-6)


def may_be_complex(x, k):
    a, b = x.copy(), np.zeros(len(x))
    for _ in range(1, 3):
        b, a = a, b
    b[2:] *= a[:2]
    return np.abs(np.sum(a)) * k


@pytest.mark.parametrize("mode", ["auto", "static", "tape"])
def test_an_array_that_may_be_complex_is_not_updated(mode: str) -> None:
    x = np.arange(4.0) + 0.5j
    error = S2SError if mode == "static" else TypeError
    derivative = grad(may_be_complex, wrt=1, mode=mode)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(error):
            derivative(x, 0.7)
