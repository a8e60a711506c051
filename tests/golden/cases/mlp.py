import numpy as np

ARGS = "W1: f8[n,k], b1: f8[k], W2: f8[k,j], b2: f8[j], x: f8[m,n], y: f8[m,j]"
WRT = ("W1", "b1", "W2", "b2")


def example(random):
    shapes = ((3, 4), (4,), (4, 2), (2,), (5, 3), (5, 2))
    return tuple(random.normal(size=shape) for shape in shapes)


def primal(W1, b1, W2, b2, x, y):
    h = np.tanh(x @ W1 + b1)
    # residuals of the linear output layer
    r = h @ W2 + b2 - y
    return np.mean(np.sum(r * r, axis=1))


# ---- emitted ----
# import numpy as np
#
#
# def primal_grad(W1, b1, W2, b2, x, y):
#     """Gradient of `primal` with respect to (W1, b1, W2, b2)."""
#     h = np.tanh(x @ W1 + b1)
#     # residuals of the linear output layer
#     r = h @ W2 + b2 - y
#
#     # reverse of: return np.mean(np.sum(r * r, axis=1))
#     r_bar = 2.0 / r.shape[0] * r
#     # reverse of: h = np.tanh(x @ W1 + b1)
#     pre_bar = r_bar @ W2.T * (1 - h * h)
#     return x.T @ pre_bar, np.sum(pre_bar, axis=0), h.T @ r_bar, np.sum(r_bar, axis=0)
