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
#     prods, u_parts = [], []
#     for _ in range(n):
#         prod = k * u[2:]
#         prods.append(prod)
#         u_part = u[1:-1].copy()
#         u_parts.append(u_part)
#         u[1:-1] = prod * u[:-2] + np.sin(u_part)
#
#     # reverse of: return np.sum(u * u)
#     u_bar = 2 * u
#     # reverse of: for _ in range(n)
#     k_bar = 0.0
#     for prod, u_part in zip(reversed(prods), reversed(u_parts)):
#         # reverse of: u[1:-1] = k * u[2:] * u[:-2] + np.sin(u[1:-1])
#         v_bar = u_bar[1:-1]
#         u[1:-1] = u_part
#         prod_ = v_bar * u[:-2]
#         prod = v_bar * prod
#         u_bar[1:-1] = v_bar * np.cos(u_part)
#         u_bar[:-2] += prod
#         k_bar += np.vdot(prod_, u[2:])
#         u_bar[2:] += prod_ * k
#     return u_bar, k_bar
