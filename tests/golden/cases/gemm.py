import numpy as np

ARGS = "alpha: float, beta: float, C: f8[n,m], A: f8[n,p], B: f8[p,m]"
WRT = ("alpha", "beta", "C", "A", "B")


def example(random):
    shapes = ((3, 4), (3, 2), (2, 4))
    return 1.5, 0.5, *(random.normal(size=shape) for shape in shapes)


def primal(alpha, beta, C, A, B):
    for i in range(A.shape[0]):
        C[i, :] *= beta  # the product is added to this
        for k in range(A.shape[1]):
            C[i, :] += alpha * A[i, k] * B[k, :]
    return np.sum(C * C)


# ---- emitted ----
# import numpy as np
#
#
# def primal_grad(alpha, beta, C, A, B):
#     """Gradient of `primal` with respect to (alpha, beta, C, A, B)."""
#     C = C.copy()
#     C_rows = []
#     for i in range(A.shape[0]):
#         C_row = C[i, :].copy()  # the product is added to this
#         C_rows.append(C_row)
#         C[i, :] = C_row * beta
#         for k in range(A.shape[1]):
#             C[i, :] += alpha * A[i, k] * B[k, :]
#
#     # reverse of: return np.sum(C * C)
#     C_bar = 2 * C
#     # reverse of: for i in range(A.shape[0])
#     A_bar = np.zeros_like(A)
#     B_bar = np.zeros_like(B)
#     beta_bar = 0.0
#     alpha_bar = 0.0
#     for i, C_row in zip(reversed(range(A.shape[0])), reversed(C_rows)):
#         # reverse of: for k in range(A.shape[1])
#         for k in reversed(range(A.shape[1])):
#             A_ik = A[i, k]
#             # reverse of: C[i, :] += alpha * A[i, k] * B[k, :]
#             C_row_bar = C_bar[i, :]
#             prod_bar = np.vdot(C_row_bar, B[k, :])
#             B_bar[k, :] += C_row_bar * (alpha * A_ik)
#             alpha_bar += prod_bar * A_ik
#             A_bar[i, k] += prod_bar * alpha
#         # reverse of: C[i, :] *= beta
#         C_row_bar = C_bar[i, :]
#         beta_bar += np.vdot(C_row_bar, C_row)
#         C_bar[i, :] = C_row_bar * beta
#     return alpha_bar, beta_bar, C_bar, A_bar, B_bar
