"""Linear algebra reads one triangle; matrices that are singular or have equal eigenvalues."""

from __future__ import annotations

import numpy as np
from judge import case


@case(np.array([[2.0, 9.0], [1.0, 3.0]]), static=True)
def eigh_upper(A):
    return np.linalg.eigvalsh(A, UPLO="U")[0]


@case(np.array([[2.0, 9.0], [1.0, 3.0]]), static=True)
def eigh_vectors(A):
    w, v = np.linalg.eigh(A)
    return w[0] * v[0, 0] ** 2


@case(np.array([[2.0, 0.0], [0.0, 2.0]]), static=True)
def eigvals_coincide_sum(A):
    return np.sum(np.linalg.eigvalsh(A))


@case(np.zeros((3, 3)), static=True)
def det_zero(A):
    return np.linalg.det(A)


@case(np.array([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [1.0, 0.0, 1.0]]), static=True)
def det_rank2(A):
    return np.linalg.det(A)


@case(np.array([[2.0, 0.3], [0.5, 3.0]]), static=True)
def cholesky_of_the_upper_triangle(A):
    return np.sum(np.linalg.cholesky(A, upper=True) ** 3)


@case(np.array([[[2.0, 9.0], [0.5, 3.0]], [[4.0, 1.0], [2.0, 3.0]]]), static=True)
def cholesky_of_a_stack(A):
    return np.sum(np.linalg.cholesky(A) ** 3)


@case(np.diag([2.0, 2.0, 3.0]), static=True)
def equal_eigenvalues_of_eigh(A):
    return np.sum(np.linalg.eigh(A)[0] ** 2)
