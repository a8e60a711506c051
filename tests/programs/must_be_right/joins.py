"""Lists that a loop fills, joined to an array: of numbers, vectors and matrices."""

from __future__ import annotations

import numpy as np
from judge import case

V = np.array([0.3, -1.2, 2.1])
M = np.array([[0.3, -1.2, 2.1], [1.5, 0.4, -0.7]])


def weighted(a):
    return np.sum(a**2 * (1.0 + np.arange(a.size).reshape(a.shape)))


def numbers(x):
    found = []
    for v in x:
        found.append(v * v)
    return found


def vectors(x):
    found = []
    for v in x:
        found.append(x * v)
    return found


def matrices(m):
    found = []
    for row in m:
        found.append(m * row[0] + row)
    return found


@case(V, static=True)
def hstack_of_numbers(x):
    return weighted(np.hstack(numbers(x)))


@case(V, static=True)
def vstack_of_numbers(x):
    return weighted(np.vstack(numbers(x)))


@case(V, static=True)
def column_stack_of_numbers(x):
    return weighted(np.column_stack(numbers(x)))


@case(V, static=True)
def stack_of_numbers(x):
    return weighted(np.stack(numbers(x)))


@case(V)
def dstack_of_numbers(x):
    return weighted(np.dstack(numbers(x)))


@case(V)
def block_of_numbers(x):
    return weighted(np.block(numbers(x)))


@case(V)
def append_to_numbers(x):
    return weighted(np.append(numbers(x), x[0]))


@case(V, static=True)
def hstack_of_vectors(x):
    return weighted(np.hstack(vectors(x)))


@case(V, static=True)
def vstack_of_vectors(x):
    return weighted(np.vstack(vectors(x)))


@case(V, static=True)
def column_stack_of_vectors(x):
    return weighted(np.column_stack(vectors(x)))


@case(V, static=True)
def stack_of_vectors(x):
    return weighted(np.stack(vectors(x), axis=1))


@case(V)
def dstack_of_vectors(x):
    return weighted(np.dstack(vectors(x)))


@case(V)
def block_of_vectors(x):
    return weighted(np.block(vectors(x)))


@case(V)
def concatenate_flat(x):
    return weighted(np.concatenate(vectors(x), axis=None))


@case(V)
def array_of_vectors(x):
    return weighted(np.array(vectors(x)))


@case(M, static=True)
def hstack_of_matrices(m):
    return weighted(np.hstack(matrices(m)))


@case(M, static=True)
def vstack_of_matrices(m):
    return weighted(np.vstack(matrices(m)))


@case(M)
def column_stack_of_matrices(m):
    return weighted(np.column_stack(matrices(m)))


@case(M)
def dstack_of_matrices(m):
    return weighted(np.dstack(matrices(m)))


@case(M)
def concatenate_of_matrices(m):
    return weighted(np.concatenate(matrices(m), axis=1))


@case(M)
def concatenate_matrices_flat(m):
    return weighted(np.concatenate(matrices(m), axis=None))


@case(V)
def block_of_unlike(x):
    found = []
    for i in range(3):
        found.append(x[i:] * 2)
    return weighted(np.concatenate(found))


@case(M, static=True)
def rows_of_an_array(m):
    return weighted(np.hstack(m)) + weighted(np.column_stack(m)) + weighted(np.concatenate(m))


@case(np.arange(12.0).reshape(2, 2, 3) / 7, static=True)
def matrices_of_an_array(m):
    return weighted(np.hstack(m)) + weighted(np.vstack(m)) + weighted(np.concatenate(m, axis=1))
