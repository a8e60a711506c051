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
#     all_A_items = []
#     all_quots = []
#     all_A_parts2 = []
#     all_A_parts3 = []
#     for i in range(n):
#         A_parts, A_parts_, A_items, quots = [], [], [], []
#         for j in range(i):
#             A_part = A[i, :j].copy()
#             A_parts.append(A_part)
#             A_part_ = A[:j, j].copy()
#             A_parts_.append(A_part_)
#             A[i, j] -= A_part @ A_part_
#             A_item = A[j, j]
#             A_items.append(A_item)
#             quot = A[i, j] / A_item
#             quots.append(quot)
#             A[i, j] = quot
#         all_A_parts.append(A_parts)
#         all_A_parts_.append(A_parts_)
#         all_A_items.append(A_items)
#         all_quots.append(quots)
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
#     v_bar = 1.0 / np.diag(A)
#     expand_dims = np.expand_dims(np.pad(v_bar, [(0, A.shape[1] - v_bar.shape[-1])]), -2)
#     A_bar = np.eye(A.shape[0], A.shape[1], 0, dtype=bool) * expand_dims
#     # reverse of: for i in range(n)
#     for i, A_parts, A_parts_, A_items, quots, A_parts2, A_parts3 in zip(
#         reversed(range(n)),
#         reversed(all_A_parts),
#         reversed(all_A_parts_),
#         reversed(all_A_items),
#         reversed(all_quots),
#         reversed(all_A_parts2),
#         reversed(all_A_parts3),
#     ):
#         # reverse of: for j in range(i, n)
#         for j, A_part, A_part_ in zip(
#             reversed(range(i, n)), reversed(A_parts2), reversed(A_parts3)
#         ):
#             # reverse of: A[i, j] -= A[i, :i] @ A[:i, j]
#             v_bar = A_bar[i, j]
#             A_bar[:i, j] -= v_bar * A_part
#             A_bar[i, :i] -= v_bar * A_part_
#         # reverse of: for j in range(i)
#         for j, A_part, A_part_, A_item, quot in zip(
#             reversed(range(i)),
#             reversed(A_parts),
#             reversed(A_parts_),
#             reversed(A_items),
#             reversed(quots),
#         ):
#             # reverse of: A[i, j] /= A[j, j]
#             v_bar = A_bar[i, j]
#             A_bar[i, j] = v_bar / A_item
#             A_bar[j, j] -= v_bar * quot / A_item
#             # reverse of: A[i, j] -= A[i, :j] @ A[:j, j]
#             v_bar = A_bar[i, j]
#             A_bar[:j, j] -= v_bar * A_part
#             A_bar[i, :j] -= v_bar * A_part_
#     return A_bar
