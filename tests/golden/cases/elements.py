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
#     sins = []
#     for i in range(1, len(x)):
#         # neighbours pull
#         if x[i] > x[i - 1]:
#             sin = np.sin(x[i - 1])
#         else:
#             sin = None
#         sins.append(sin)
#
#     # reverse of: for i in range(1, len(x))
#     x_bar = np.zeros_like(x)
#     for i, sin in zip(reversed(range(1, len(x))), reversed(sins)):
#         x_item = x[i]
#         # reverse of: if x[i] > x[i - 1]
#         if x_item > x[i - 1]:
#             # reverse of: total += x[i] * np.sin(x[i - 1])
#             x_bar[i - 1] += x_item * np.cos(x[i - 1])
#             prod = sin
#         else:
#             # reverse of: total += x[i] ** 2
#             prod = 2 * x_item
#         x_bar[i] += prod
#     return x_bar
