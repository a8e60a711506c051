import numpy as np

ARGS = "A: f8[n,n]"
WRT = ("A",)


def example(random):
    return (random.normal(size=(4, 4)) + 4 * np.eye(4),)


def primal(A):
    n = A.shape[0]
    for i in range(n):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[:j, j]
            A[i, j] /= A[j, j]
        for j in range(i, n):
            A[i, j] -= A[i, :i] @ A[:i, j]
    return np.sum(np.log(np.diag(A)))


# ---- emitted ----
# import numpy as np
#
#
# def primal_grad(A):
#     """Gradient of `primal` with respect to A."""
#     n = A.shape[0]
#     A = A.copy()
#     all_A_parts = []
#     all_A_parts_ = []
#     all_A_jjs = []
#     all_ratios = []
#     all_A_parts2 = []
#     all_A_parts3 = []
#     for i in range(n):
#         A_parts, A_parts_, A_jjs, ratios = [], [], [], []
#         for j in range(i):
#             A_part = A[i, :j].copy()
#             A_parts.append(A_part)
#             A_part_ = A[:j, j].copy()
#             A_parts_.append(A_part_)
#             A[i, j] -= A_part @ A_part_
#             A_jj = A[j, j]
#             A_jjs.append(A_jj)
#             ratio = A[i, j] / A_jj
#             ratios.append(ratio)
#             A[i, j] = ratio
#         all_A_parts.append(A_parts)
#         all_A_parts_.append(A_parts_)
#         all_A_jjs.append(A_jjs)
#         all_ratios.append(ratios)
#         A_parts, A_parts_ = [], []
#         for j in range(i, n):
#             A_part = A[i, :i].copy()
#             A_parts.append(A_part)
#             A_part_ = A[:i, j].copy()
#             A_parts_.append(A_part_)
#             A[i, j] -= A_part @ A_part_
#         all_A_parts2.append(A_parts)
#         all_A_parts3.append(A_parts_)
#
#     # reverse of: return np.sum(np.log(np.diag(A)))
#     diag_A_bar = 1.0 / np.diag(A)
#     pad = np.expand_dims(
#         np.pad(diag_A_bar, [(0, A.shape[1] - diag_A_bar.shape[-1])]), -2
#     )
#     A_bar = np.eye(A.shape[0], A.shape[1], 0, dtype=bool) * pad
#     # reverse of: for i in range(n)
#     for i, A_parts, A_parts_, A_jjs, ratios, A_parts2, A_parts3 in zip(
#         reversed(range(n)),
#         reversed(all_A_parts),
#         reversed(all_A_parts_),
#         reversed(all_A_jjs),
#         reversed(all_ratios),
#         reversed(all_A_parts2),
#         reversed(all_A_parts3),
#     ):
#         # reverse of: for j in range(i, n)
#         for j, A_part, A_part_ in zip(
#             reversed(range(i, n)), reversed(A_parts2), reversed(A_parts3)
#         ):
#             # reverse of: A[i, j] -= A[i, :i] @ A[:i, j]
#             A_ij_bar = A_bar[i, j]
#             A_bar[:i, j] -= A_ij_bar * A_part
#             A_bar[i, :i] -= A_ij_bar * A_part_
#         # reverse of: for j in range(i)
#         for j, A_part, A_part_, A_jj, ratio in zip(
#             reversed(range(i)),
#             reversed(A_parts),
#             reversed(A_parts_),
#             reversed(A_jjs),
#             reversed(ratios),
#         ):
#             # reverse of: A[i, j] /= A[j, j]
#             A_ij_bar = A_bar[i, j]
#             A_bar[i, j] = A_ij_bar / A_jj
#             A_bar[j, j] -= A_ij_bar * ratio / A_jj
#             # reverse of: A[i, j] -= A[i, :j] @ A[:j, j]
#             A_ij_bar = A_bar[i, j]
#             A_bar[:j, j] -= A_ij_bar * A_part
#             A_bar[i, :j] -= A_ij_bar * A_part_
#     return A_bar
