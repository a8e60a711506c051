"""Names that share memory: views, swapped rows, masks, callees that return their argument."""

from __future__ import annotations

import numpy as np
from kernel import Kernel


def eliminate(A, b):
    """Solve with partial pivoting; matrix and right-hand side are overwritten."""
    n = len(b)
    for k in range(n):
        p = k + np.argmax(np.abs(A[k:, k]))
        if p != k:
            A[[k, p]] = A[[p, k]]
            b[k], b[p] = b[p], b[k]
        for i in range(k + 1, n):
            factor = A[i, k] / A[k, k]
            A[i, k:] -= factor * A[k, k:]
            b[i] -= factor * b[k]
    for k in range(n - 1, -1, -1):
        b[k] -= A[k, k + 1 :] @ b[k + 1 :]
        b[k] /= A[k, k]
    return b


def eliminate_into_arguments(A, b):
    x = eliminate(A, b)
    x *= 2.0
    return np.sum(b**2) + A[-1, -1]


def jacobi_rotations(A, sweeps):
    """Diagonalise by rotations of two rows, then of two columns."""
    n = A.shape[0]
    for _ in range(sweeps):
        for p in range(n - 1):
            for q in range(p + 1, n):
                theta = 0.5 * np.arctan2(2 * A[p, q], A[p, p] - A[q, q])
                c, s = np.cos(theta), np.sin(theta)
                row = A[p].copy()
                A[p] = c * row + s * A[q]
                A[q] = -s * row + c * A[q]
                columns = A.T
                column = columns[p].copy()
                columns[p] = c * column + s * columns[q]
                columns[q] = c * columns[q] - s * column
    return np.diag(A)


def jacobi_rotations_into_argument(A):
    values = jacobi_rotations(A, 1)
    return np.sum(np.exp(0.1 * values))


def scale_rows(A, factors):
    """Iterate over views of the rows and change them."""
    for row, factor in zip(A, factors, strict=True):
        row *= factor
        row[1:] += row[:-1] ** 2
    return A


def scale_rows_into_argument(A, factors):
    same = scale_rows(A, factors)
    same[0] = same[-1]
    return np.sum(A**2)


def flat_view(A, k):
    """A reshaped view is written, and the matrix read, in turn."""
    flat = A.reshape(-1)
    diagonal = flat[:: A.shape[1] + 1]
    for i in range(1, flat.size):
        flat[i] += k * flat[i - 1]
        if i % 3 == 0:
            A[0, 0] = np.sin(A[0, 0]) + diagonal[1]
    diagonal *= 0.5


def flat_view_into_argument(A, k):
    flat_view(A, k)
    return np.sum(A * A)


def masked(x, lower, upper):
    """Reflect at the lower end, saturate at the upper end, by masks."""
    below = x < lower
    x[below] = 2 * lower - x[below]
    above = x > upper
    x[above] = upper + 0.1 * (x[above] - upper)
    x[~(below | above)] *= 1.5
    return below


def masked_into_argument(x, lower, upper):
    below = masked(x, lower, upper)
    return np.sum(x**2) + np.sum(x[below])


def gather_scatter(values, edges, weight):
    """Pass messages along edges; repeated targets are added, not overwritten."""
    out = np.zeros_like(values)
    source, target = edges[:, 0], edges[:, 1]
    np.add.at(out, target, weight[:, None] * values[source])
    np.subtract.at(out, source, weight[:, None] * values[target])
    values[target] = np.tanh(out[target])
    values[source] += out[source]


def gather_scatter_into_argument(values, weight):
    edges = np.array([[0, 1], [2, 1], [3, 0], [1, 3], [0, 1]])
    gather_scatter(values, edges, weight)
    return np.sum(values**3)


def chosen_buffer(x, y, threshold):
    """Which array a name stands for depends on the data."""
    for i in range(len(x)):
        target = x if x[i] + y[i] > threshold else y
        target[i] *= 2.0
        target[-1] += x[i] * y[i]


def chosen_buffer_into_arguments(x, y):
    chosen_buffer(x, y, 0.0)
    return np.sum(x**2) + np.sum(np.sin(y))


def axpy(a, x, y):
    y += a * x
    return y


def same_array_twice(x, k):
    """One array is passed for both arguments of a callee."""
    axpy(k, x, x)
    z = axpy(k, x[::-1].copy(), x)
    axpy(k, z[:-1].copy(), x[1:])
    return x @ z


def ring_of_states(x, steps, dt):
    """The last three states are kept in a list whose items trade places."""
    states = [x.copy(), x + dt * np.cos(x), np.empty_like(x)]
    for _ in range(steps):
        old, now, new = states
        new[:] = 2 * now - old + dt * dt * np.sin(now)
        new[0] = new[-1]
        states = [now, new, old]
    return states


def ring_of_states_objective(x, dt):
    old, now, new = ring_of_states(x, 4, dt)
    return np.sum(old * now) + np.sum(new**2)


def fields_by_name(state, rate, steps):
    """Fields are held in a dict and changed through it."""
    for _ in range(steps):
        reaction = state["u"] * state["v"] ** 2
        state["u"] += 0.1 * (rate["feed"] * (1.0 - state["u"]) - reaction)
        state["v"] += 0.1 * (reaction - (rate["feed"] + rate["kill"]) * state["v"])
        state["v"][0] = state["v"][-1]


def fields_by_name_into_arguments(u, v, feed, kill):
    fields_by_name({"u": u, "v": v}, {"feed": feed, "kill": kill}, 3)
    return np.sum(u * v)


def ufuncs_with_out(x, y, work):
    np.multiply(x, y, out=work)
    np.add(work, x, out=x)
    np.tanh(x, out=x)
    np.copyto(y, work)
    np.clip(y, -0.8, 0.8, out=y)
    np.maximum(x[1:], y[:-1], out=work[1:])
    work[0] = x[0] - y[0]


def ufuncs_with_out_into_arguments(x, y):
    work = np.empty_like(x)
    ufuncs_with_out(x, y, work)
    return np.sum(work**2) + np.sum(x * y)


def frames(x, count):
    """The same buffer is appended by copy; what is appended without one would change."""
    kept, shared = [], []
    for t in range(count):
        x *= 0.9
        x[t] += 1.0
        kept.append(x.copy())
        shared.append(x[t : t + 2])
    return np.stack(kept), np.stack(shared)


def frames_into_argument(x):
    kept, shared = frames(x, 3)
    return np.sum(kept**2) + np.sum(shared**3)


def border(A, value):
    A[0], A[-1] = value, -value
    A[:, 0] = A[:, -1] = value * value
    A[1:-1, 1:-1] = A[1:-1, 1:-1] * A[0, 1] + A[1:-1, 1:-1].T
    np.fill_diagonal(A, A.sum())
    A[..., 1] += A[2]


def border_objective(A, value):
    B = np.asarray(A).copy()
    border(B, value)
    return np.mean(B * B) + np.sum(A * B)


def running_state(x, k):
    """An inner function changes an array of the outer one."""
    memory = np.zeros(2)

    def push(value):
        memory[1] = memory[0]
        memory[0] = value + k * memory[1]

    total = 0.0
    for v in x:
        push(v)
        if memory[0] > 2.0:
            memory[:] *= 0.5
        total += memory[0] * memory[1]
    return total


def draw(*shapes):
    return lambda rng: tuple(
        rng.normal(size=s) if s else float(rng.uniform(0.3, 0.8)) for s in shapes
    )


KERNELS = [
    Kernel(
        "elimination with pivots into its arguments",
        eliminate_into_arguments,
        draw((4, 4), (4,)),
        (0, 1),
    ),
    Kernel(
        "jacobi rotations into its argument",
        jacobi_rotations_into_argument,
        lambda r: (np.diag(np.arange(3.0)) + 0.2 * r.normal(size=(3, 3)),),
        (0,),
    ),
    Kernel("rows into its argument", scale_rows_into_argument, draw((4, 3), (4,)), (0, 1)),
    Kernel("flat view into its argument", flat_view_into_argument, draw((3, 3), ()), (0, 1)),
    Kernel(
        "masks into its argument",
        masked_into_argument,
        lambda r: (2 * r.normal(size=8), -1.1, 0.9),
        (0, 1, 2),
    ),
    Kernel(
        "messages on a graph into its argument",
        gather_scatter_into_argument,
        draw((4, 2), (5,)),
        (0, 1),
    ),
    Kernel(
        "chosen buffer into its arguments", chosen_buffer_into_arguments, draw((5,), (5,)), (0, 1)
    ),
    Kernel("same array twice", same_array_twice, draw((4,), ()), (0, 1)),
    Kernel("ring of states", ring_of_states_objective, draw((4,), ()), (0, 1)),
    Kernel(
        "fields by name into its arguments",
        fields_by_name_into_arguments,
        draw((4,), (4,), (), ()),
        (0, 1, 2, 3),
    ),
    Kernel("ufuncs with out", ufuncs_with_out_into_arguments, draw((5,), (5,)), (0, 1)),
    Kernel("frames into its argument", frames_into_argument, draw((5,)), (0,)),
    Kernel("border", border_objective, draw((4, 4), ()), (0, 1)),
    Kernel("running state", running_state, draw((6,), ()), (0, 1)),
]
