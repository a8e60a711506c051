import numpy as np

ARGS = "x: f8[n]"
WRT = ("x",)


def example(random):
    return (random.normal(size=6),)


def primal(x):
    total = 0.0
    for i in range(1, len(x)):
        # neighbours pull
        if x[i] > x[i - 1]:
            total += x[i] * np.sin(x[i - 1])
        else:
            total += x[i] ** 2
    return total


# ---- emitted ----
# import numpy as np
#
#
# def primal_grad(x):
#     """Gradient of `primal` with respect to x."""
#     sin_x_prevs = []
#     for i in range(1, len(x)):
#         # neighbours pull
#         if x[i] > x[i - 1]:
#             sin_x_prev = np.sin(x[i - 1])
#         else:
#             sin_x_prev = None
#         sin_x_prevs.append(sin_x_prev)
#
#     # reverse of: for i in range(1, len(x))
#     x_bar = np.zeros_like(x)
#     for i, sin_x_prev in zip(reversed(range(1, len(x))), reversed(sin_x_prevs)):
#         x_i = x[i]
#         x_prev = x[i - 1]
#         # reverse of: if x[i] > x[i - 1]
#         if x_i > x_prev:
#             # reverse of: total += x[i] * np.sin(x[i - 1])
#             x_bar[i - 1] += x_i * np.cos(x_prev)
#             x_i_bar = sin_x_prev
#         else:
#             # reverse of: total += x[i] ** 2
#             x_i_bar = 2 * x_i
#         x_bar[i] += x_i_bar
#     return x_bar
