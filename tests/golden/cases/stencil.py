import numpy as np

ARGS = "u: f8[n], k: float, n: int"
WRT = ("u", "k")


def example(random):
    return random.normal(size=7), 0.1, 4


def primal(u, k, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] = k * u[2:] * u[:-2] + np.sin(u[1:-1])
    return np.sum(u * u)


# ---- emitted ----
# import numpy as np
#
#
# def primal_grad(u, k, n):
#     """Gradient of `primal` with respect to (u, k)."""
#     u = u.copy()
#     prods, u_inners = [], []
#     for _ in range(n):
#         prod = k * u[2:]
#         prods.append(prod)
#         u_inner = u[1:-1].copy()
#         u_inners.append(u_inner)
#         u[1:-1] = prod * u[:-2] + np.sin(u_inner)
#
#     # reverse of: return np.sum(u * u)
#     u_bar = 2 * u
#     # reverse of: for _ in range(n)
#     k_bar = 0.0
#     for prod, u_inner in zip(reversed(prods), reversed(u_inners)):
#         # reverse of: u[1:-1] = k * u[2:] * u[:-2] + np.sin(u[1:-1])
#         u_inner_bar = u_bar[1:-1]
#         u[1:-1] = u_inner
#         prod_bar = u_inner_bar * u[:-2]
#         u_head_bar = u_inner_bar * prod
#         u_bar[1:-1] = u_inner_bar * np.cos(u_inner)
#         u_bar[:-2] += u_head_bar
#         k_bar += np.vdot(prod_bar, u[2:])
#         u_bar[2:] += prod_bar * k
#     return u_bar, k_bar
