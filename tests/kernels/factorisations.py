"""Triangular and orthogonal factorisations, written over their input."""

from __future__ import annotations

import numpy as np
from kernel import Kernel


def cholesky(A):
    n = A.shape[0]
    for i in range(n):
        for j in range(i):
            A[i, j] -= np.dot(A[i, :j], A[j, :j])
            A[i, j] /= A[j, j]
        A[i, i] -= np.dot(A[i, :i], A[i, :i])
        A[i, i] = np.sqrt(A[i, i])


def cholesky_into_argument(A):
    cholesky(A)
    return np.sum(np.tril(A) ** 2 * np.arange(1.0, A.shape[1] + 1))


def lu(A):
    for i in range(A.shape[0]):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, A.shape[0]):
            A[i, j] -= A[i, :i] @ A[:i, j]


def lu_objective(A):
    factors = A.copy()
    lu(factors)
    return np.sum(np.sin(factors))


def ludcmp(A, b, x, y):
    n = A.shape[0]
    for i in range(n):
        for j in range(i):
            w = A[i, j]
            for k in range(j):
                w -= A[i, k] * A[k, j]
            A[i, j] = w / A[j, j]
        for j in range(i, n):
            w = A[i, j]
            for k in range(i):
                w -= A[i, k] * A[k, j]
            A[i, j] = w
    for i in range(n):
        w = b[i]
        for j in range(i):
            w -= A[i, j] * y[j]
        y[i] = w
    for i in range(n - 1, -1, -1):
        w = y[i]
        for j in range(i + 1, n):
            w -= A[i, j] * x[j]
        x[i] = w / A[i, i]


def ludcmp_objective(A, b):
    x = np.zeros_like(b)
    y = np.zeros_like(b)
    ludcmp(A.copy(), b, x, y)
    return np.dot(x, x) + y[-1]


def trisolv(L, x, b):
    for i in range(x.size):
        x[i] = b[i]
        for j in range(i):
            x[i] -= L[i, j] * x[j]
        x[i] = x[i] / L[i, i]


def trisolv_objective(L, b):
    x = np.empty(b.shape)
    trisolv(L, x, b)
    return np.sum(x**2)


def back_substitution(U, b):
    """Solve over the right-hand side, from the last row to the first."""
    for i in reversed(range(len(b))):
        b[i] = (b[i] - U[i, i + 1 :] @ b[i + 1 :]) / U[i, i]


def back_substitution_into_argument(U, b):
    back_substitution(U, b)
    return np.sum(np.cos(b))


def gramschmidt(A, Q, R):
    for k in range(A.shape[1]):
        norm = 0.0
        for i in range(A.shape[0]):
            norm += A[i, k] * A[i, k]
        R[k, k] = np.sqrt(norm)
        Q[:, k] = A[:, k] / R[k, k]
        for j in range(k + 1, A.shape[1]):
            R[k, j] = np.dot(Q[:, k], A[:, j])
            A[:, j] -= Q[:, k] * R[k, j]


def gramschmidt_objective(A):
    Q = np.zeros_like(A)
    R = np.zeros((A.shape[1], A.shape[1]))
    gramschmidt(A.copy(), Q, R)
    return np.sum(Q[0] ** 3) + np.sum(R * R * R)


def householder(A):
    """Reduce `A` to triangular form and return the reflectors."""
    n = A.shape[1]
    vs = []
    for k in range(n):
        v = A[k:, k].copy()
        v[0] += np.copysign(np.linalg.norm(v), v[0])
        v /= np.sqrt(v @ v)
        A[k:, k:] -= 2.0 * np.outer(v, v @ A[k:, k:])
        vs.append(v)
    return vs


def householder_objective(A, b):
    R = A.copy()
    y = b.copy()
    vs = householder(R)
    for k, v in enumerate(vs):
        y[k:] = y[k:] - 2.0 * v * (v @ y[k:])
    n = A.shape[1]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (y[i] - np.dot(R[i, i + 1 : n], x[i + 1 :])) / R[i, i]
    return np.sum(x * x)


def durbin(r, y):
    n = r.shape[0]
    z = np.empty(n)
    y[0] = -r[0]
    beta = 1.0
    alpha = -r[0]
    for k in range(1, n):
        beta = (1.0 - alpha * alpha) * beta
        total = 0.0
        for i in range(k):
            total += r[k - i - 1] * y[i]
        alpha = -(r[k] + total) / beta
        for i in range(k):
            z[i] = y[i] + alpha * y[k - i - 1]
        y[:k] = z[:k]
        y[k] = alpha


def durbin_objective(r):
    y = np.zeros_like(r)
    durbin(r, y)
    return np.sum(y * y)


def levinson(r, order):
    """Return predictor coefficients from autocorrelations, and the prediction error."""
    a = np.zeros(order + 1)
    a[0] = 1.0
    error = r[0]
    for m in range(1, order + 1):
        reflection = -np.dot(a[:m], r[m:0:-1]) / error
        a[1 : m + 1] += reflection * a[m - 1 :: -1][:m]
        error *= 1.0 - reflection**2
    return a, error


def levinson_objective(r):
    a, error = levinson(r, r.size - 1)
    return np.sum(a[1:] ** 2) + np.log(error)


def definite(rng, n):
    M = rng.normal(size=(n, n))
    return M @ M.T + n * np.eye(n)


def dominant(rng, n):
    return rng.normal(size=(n, n)) + 2 * n * np.eye(n)


def autocorrelation(rng, n):
    return 0.6 ** np.arange(1, n + 1) + 0.05 * rng.normal(size=n)


KERNELS = [
    Kernel("cholesky into its argument", cholesky_into_argument, lambda r: (definite(r, 4),), (0,)),
    Kernel("lu", lu_objective, lambda r: (dominant(r, 4),), (0,)),
    Kernel("ludcmp", ludcmp_objective, lambda r: (dominant(r, 4), r.normal(size=4)), (0, 1)),
    Kernel("trisolv", trisolv_objective, lambda r: (dominant(r, 5), r.normal(size=5)), (0, 1)),
    Kernel(
        "back substitution into its argument",
        back_substitution_into_argument,
        lambda r: (dominant(r, 5), 9 * r.normal(size=5)),
        (0, 1),
    ),
    Kernel("gramschmidt", gramschmidt_objective, lambda r: (r.normal(size=(4, 3)),), (0,)),
    Kernel(
        "householder least squares",
        householder_objective,
        lambda r: (r.normal(size=(5, 3)), r.normal(size=5)),
        (0, 1),
    ),
    Kernel("durbin", durbin_objective, lambda r: (autocorrelation(r, 5),), (0,)),
    Kernel(
        "levinson-durbin",
        levinson_objective,
        lambda r: (np.concatenate([[1.2], autocorrelation(r, 4)]),),
        (0,),
    ),
]
