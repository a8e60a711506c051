import numpy as np

ARGS = "W: f8[n,n], U: f8[n,k], b: f8[n], xs: f8[t,k], y: f8[n]"
WRT = ("W", "U", "b")


def example(random):
    shapes = ((3, 3), (3, 2), (3,), (4, 2), (3,))
    return tuple(random.normal(size=shape) for shape in shapes)


def primal(W, U, b, xs, y):
    h = np.zeros(len(b))
    for x in xs:
        h = np.tanh(W @ h + U @ x + b)
    return np.sum((h - y) ** 2)


# ---- emitted ----
# import numpy as np
#
#
# def primal_grad(W, U, b, xs, y):
#     """Gradient of `primal` with respect to (W, U, b)."""
#     h = np.zeros(len(b))
#     h_in, h_out = [], []
#     for x in xs:
#         h_in.append(h)
#         h = np.tanh(W @ h + U @ x + b)
#         h_out.append(h)
#
#     # reverse of: return np.sum((h - y) ** 2)
#     h_bar = 2 * (h - y)
#     # reverse of: for x in xs
#     W_bar = np.zeros_like(W)
#     U_bar = np.zeros_like(U)
#     b_bar = np.zeros_like(b)
#     for x, h_prev, h in zip(reversed(xs), reversed(h_in), reversed(h_out)):
#         # reverse of: h = np.tanh(W @ h + U @ x + b)
#         pre_bar = h_bar * (1 - h * h)
#         b_bar += pre_bar
#         U_bar += np.outer(pre_bar, x)
#         W_bar += np.outer(pre_bar, h_prev)
#         h_bar = W.T @ pre_bar
#     return W_bar, U_bar, b_bar
