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
#     C_parts = []
#     for i in range(A.shape[0]):
#         C_part = C[i, :].copy()  # the product is added to this
#         C_parts.append(C_part)
#         C[i, :] = C_part * beta
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
#     for i, C_part in zip(reversed(range(A.shape[0])), reversed(C_parts)):
#         # reverse of: for k in range(A.shape[1])
#         for k in reversed(range(A.shape[1])):
#             A_item = A[i, k]
#             # reverse of: C[i, :] += alpha * A[i, k] * B[k, :]
#             v_bar = C_bar[i, :]
#             v_bar_ = np.vdot(v_bar, B[k, :])
#             B_bar[k, :] += v_bar * (alpha * A_item)
#             alpha_bar += v_bar_ * A_item
#             A_bar[i, k] += v_bar_ * alpha
#         # reverse of: C[i, :] *= beta
#         v_bar = C_bar[i, :]
#         beta_bar += np.vdot(v_bar, C_part)
#         C_bar[i, :] = v_bar * beta
#     return alpha_bar, beta_bar, C_bar, A_bar, B_bar
