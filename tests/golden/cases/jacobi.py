import numpy as np

ARGS = "A: f8[n,n], B: f8[n,n], steps: int"
WRT = ("A", "B")


def example(random):
    return random.normal(size=(5, 5)), random.normal(size=(5, 5)), 3


def primal(A, B, steps):
    for _ in range(steps):
        B[1:-1, 1:-1] = 0.2 * (
            A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1]
        )
        A, B = B, A
    return np.sum(A**3)


# ---- emitted ----
# import numpy as np
#
#
# def primal_grad(A, B, steps):
#     """Gradient of `primal` with respect to (A, B)."""
#     A = A.copy()
#     B = B.copy()
#     for _ in range(steps):
#         B[1:-1, 1:-1] = (
#             0.2
#             * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])
#         )
#         A, B = B, A
#
#     # reverse of: return np.sum(A**3)
#     A_bar = 3 * A ** 2
#     # reverse of: for _ in range(steps)
#     B_bar = np.zeros_like(B)
#     for _ in reversed(range(steps)):
#         # reverse of: B[1:-1, 1:-1] = 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A...
#         total_bar = 0.2 * A_bar[1:-1, 1:-1]
#         A_bar[1:-1, 1:-1] = 0.0
#         B_bar[:-2, 1:-1] += total_bar
#         B_bar[2:, 1:-1] += total_bar
#         B_bar[1:-1, 2:] += total_bar
#         B_bar[1:-1, :-2] += total_bar
#         B_bar[1:-1, 1:-1] += total_bar
#         A_bar, B_bar = B_bar, A_bar
#     return A_bar, B_bar
