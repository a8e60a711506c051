import numpy as np

ARGS = "x: f8[n], k: float"
WRT = ("x", "k")


def example(random):
    return random.normal(size=6), 0.8


def primal(x, k):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = k * y[i - 1] + np.sin(x[i])
    return np.dot(y, y)


# ---- emitted ----
# import numpy as np
#
#
# def primal_grad(x, k):
#     """Gradient of `primal` with respect to (x, k)."""
#     y = np.zeros_like(x)
#     y[0] = x[0]
#     for i in range(1, len(x)):
#         y[i] = k * y[i - 1] + np.sin(x[i])
#
#     # reverse of: return np.dot(y, y)
#     y_bar = 2 * y
#     # reverse of: for i in range(1, len(x))
#     x_bar = np.zeros_like(x)
#     k_bar = 0.0
#     for i in reversed(range(1, len(x))):
#         # reverse of: y[i] = k * y[i - 1] + np.sin(x[i])
#         y_i_bar = y_bar[i]
#         x_bar[i] += y_i_bar * np.cos(x[i])
#         k_bar += y_i_bar * y[i - 1]
#         y_bar[i - 1] += y_i_bar * k
#     # reverse of: y[0] = x[0]
#     x_bar[0] += y_bar[0]
#     return x_bar, k_bar
