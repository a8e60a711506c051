"""Dense products by loops: the basic linear algebra of loop-nest suites."""

from __future__ import annotations

import numpy as np
from kernel import Kernel


def gemm(C, A, B, alpha, beta):
    for i in range(C.shape[0]):
        C[i, :] *= beta
        for k in range(A.shape[1]):
            C[i, :] += alpha * A[i, k] * B[k, :]


def gemm_objective(C, A, B, alpha, beta):
    C = C.copy()
    gemm(C, A, B, alpha, beta)
    return np.sum(C * C)


def gemm_into_argument(C, A, B, alpha, beta):
    gemm(C, A, B, alpha, beta)
    return np.sum(np.sin(C))


def two_mm(D, A, B, C, alpha, beta):
    n, m = A.shape[0], B.shape[1]
    tmp = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            for k in range(A.shape[1]):
                tmp[i, j] += alpha * A[i, k] * B[k, j]
    for i in range(D.shape[0]):
        for j in range(D.shape[1]):
            D[i, j] *= beta
            for k in range(m):
                D[i, j] += tmp[i, k] * C[k, j]


def two_mm_objective(D, A, B, C, alpha, beta):
    D = np.array(D)
    two_mm(D, A, B, C, alpha, beta)
    return np.sum(D**2)


def atax(A, x, y):
    tmp = np.empty(A.shape[0])
    y[:] = 0.0
    for i in range(A.shape[0]):
        tmp[i] = 0.0
        for j in range(A.shape[1]):
            tmp[i] += A[i, j] * x[j]
        for j in range(A.shape[1]):
            y[j] = y[j] + A[i, j] * tmp[i]


def atax_objective(A, x):
    y = np.empty_like(x)
    atax(A, x, y)
    return np.dot(y, np.cos(y))


def bicg(A, p, r, s, q):
    for j in range(A.shape[1]):
        s[j] = 0
    for i in range(A.shape[0]):
        q[i] = 0.0
        for j in range(A.shape[1]):
            s[j] += r[i] * A[i, j]
            q[i] += A[i, j] * p[j]


def bicg_objective(A, p, r):
    s = np.zeros(A.shape[1])
    q = np.zeros(A.shape[0])
    bicg(A, p, r, s, q)
    return s.sum() * q.sum() + np.dot(s, p) - q @ r


def mvt(x1, x2, y1, y2, A):
    x1 += A @ y1
    x2 += y2 @ A


def mvt_into_arguments(x1, x2, y1, y2, A):
    mvt(x1, x2, y1, y2, A)
    return np.sum(x1 * x2)


def gesummv(alpha, beta, A, B, x, y):
    for i in range(y.shape[0]):
        t = 0.0
        y[i] = 0.0
        for j in range(x.shape[0]):
            t += A[i, j] * x[j]
            y[i] += B[i, j] * x[j]
        y[i] = alpha * t + beta * y[i]


def gesummv_objective(alpha, beta, A, B, x):
    y = np.zeros(A.shape[0])
    gesummv(alpha, beta, A, B, x, y)
    return np.sum(y**3)


def syrk(C, A, alpha, beta):
    for i in range(C.shape[0]):
        C[i, : i + 1] *= beta
        for k in range(A.shape[1]):
            C[i, : i + 1] += alpha * A[i, k] * A[: i + 1, k]


def syrk_into_argument(C, A, alpha, beta):
    syrk(C, A, alpha, beta)
    return np.sum(C * C)


def trmm(A, B, alpha):
    m, n = B.shape
    for i in range(m):
        for j in range(n):
            for k in range(i + 1, m):
                B[i, j] += A[k, i] * B[k, j]
            B[i, j] *= alpha


def trmm_objective(A, B, alpha):
    out = B.copy()
    trmm(A, out, alpha)
    return np.sum(out * out)


def covariance(data):
    n, m = data.shape
    mean = np.empty(m)
    cov = np.zeros((m, m))
    for j in range(m):
        mean[j] = np.sum(data[:, j]) / n
    data -= mean
    for i in range(m):
        for j in range(i, m):
            cov[i, j] = np.dot(data[:, i], data[:, j]) / (n - 1.0)
            cov[j, i] = cov[i, j]
    return cov


def covariance_into_argument(data):
    cov = covariance(data)
    return np.sum(cov**2) + np.sum(data**4)


def correlation(data):
    mean = data.mean(axis=0)
    deviation = data.std(axis=0)
    data = data - mean
    data /= np.sqrt(float(data.shape[0])) * deviation
    m = data.shape[1]
    corr = np.eye(m)
    for i in range(m - 1):
        corr[i + 1 : m, i] = corr[i, i + 1 : m] = data[:, i] @ data[:, i + 1 : m]
    return corr


def correlation_objective(data):
    corr = correlation(data)
    return np.sum(np.exp(corr))


def matrices(*shapes):
    return lambda rng: tuple(
        rng.normal(size=s) if s else float(rng.uniform(0.5, 1.5)) for s in shapes
    )


KERNELS = [
    Kernel("gemm", gemm_objective, matrices((3, 4), (3, 2), (2, 4), (), ()), (0, 1, 2, 3, 4)),
    Kernel(
        "gemm into its argument",
        gemm_into_argument,
        matrices((3, 4), (3, 2), (2, 4), (), ()),
        (0, 1, 2, 3, 4),
    ),
    Kernel(
        "2mm",
        two_mm_objective,
        matrices((2, 3), (2, 4), (4, 2), (2, 3), (), ()),
        (0, 1, 2, 3, 4, 5),
    ),
    Kernel("atax", atax_objective, matrices((4, 3), (3,)), (0, 1)),
    Kernel("bicg", bicg_objective, matrices((4, 3), (3,), (4,)), (0, 1, 2)),
    Kernel(
        "mvt into its arguments",
        mvt_into_arguments,
        matrices((4,), (4,), (4,), (4,), (4, 4)),
        (0, 1, 2, 3, 4),
    ),
    Kernel(
        "gesummv",
        gesummv_objective,
        matrices((), (), (4, 4), (4, 4), (4,)),
        (0, 1, 2, 3, 4),
    ),
    Kernel(
        "syrk into its argument", syrk_into_argument, matrices((4, 4), (4, 3), (), ()), (0, 1, 2, 3)
    ),
    Kernel("trmm", trmm_objective, matrices((4, 4), (4, 3), ()), (0, 1, 2)),
    Kernel("covariance into its argument", covariance_into_argument, matrices((5, 3)), (0,)),
    Kernel("correlation", correlation_objective, matrices((6, 3)), (0,)),
]
