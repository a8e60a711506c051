import numpy as np

ARGS = "u: f8[n], k: float, n: int"
WRT = ("u", "k")


def example(random):
    return random.normal(size=7), 0.1, 4


def primal(u, k, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u * u)


# ---- emitted ----
# import numpy as np
#
#
# def primal_grad(u, k, n):
#     """Gradient of `primal` with respect to (u, k)."""
#     u = u.copy()
#     totals = []
#     for _ in range(n):
#         total = u[2:] - 2 * u[1:-1] + u[:-2]
#         totals.append(total)
#         u[1:-1] += k * total
#
#     # reverse of: return np.sum(u * u)
#     u_bar = 2 * u
#     # reverse of: for _ in range(n)
#     k_bar = 0.0
#     for total in reversed(totals):
#         # reverse of: u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])
#         u_inner_bar = u_bar[1:-1]
#         k_bar += np.vdot(u_inner_bar, total)
#         total_bar = u_inner_bar * k
#         u_bar[:-2] += total_bar
#         u_bar[1:-1] -= 2 * total_bar
#         u_bar[2:] += total_bar
#     return u_bar, k_bar
