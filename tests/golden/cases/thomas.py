import numpy as np

ARGS = "a: f8[m], b: f8[n], c: f8[m], d: f8[n]"
WRT = ("a", "b", "c", "d")


def example(random):
    a, c = random.normal(size=(2, 4))
    return a, 4 + random.normal(size=5), c, random.normal(size=5)


def primal(a, b, c, d):
    n = len(d)
    x = np.zeros(n)
    # forward elimination
    for i in range(1, n):
        w = a[i - 1] / b[i - 1]
        b[i] -= w * c[i - 1]
        d[i] -= w * d[i - 1]
    # back substitution
    x[-1] = d[-1] / b[-1]
    for i in range(n - 2, -1, -1):
        x[i] = (d[i] - c[i] * x[i + 1]) / b[i]
    return x @ x


# ---- emitted ----
# import numpy as np
#
#
# def primal_grad(a, b, c, d):
#     """Gradient of `primal` with respect to (a, b, c, d)."""
#     n = len(d)
#     x = np.zeros(n)
#     # forward elimination
#     b = b.copy()
#     d = d.copy()
#     for i in range(1, n):
#         w = a[i - 1] / b[i - 1]
#         b[i] -= w * c[i - 1]
#         d[i] -= w * d[i - 1]
#     # back substitution
#     b_item = b[-1]
#     quot = d[-1] / b_item
#     x[-1] = quot
#     for i in range(n - 2, -1, -1):
#         x[i] = (d[i] - c[i] * x[i + 1]) / b[i]
#
#     # reverse of: return x @ x
#     x_bar = 2 * x
#     # reverse of: for i in range(n - 2, -1, -1)
#     d_bar = np.zeros_like(d)
#     c_bar = np.zeros_like(c)
#     b_bar = np.zeros_like(b)
#     for i in reversed(range(n - 2, -1, -1)):
#         c_item = c[i]
#         x_item = x[i + 1]
#         b_item_ = b[i]
#         # reverse of: x[i] = (d[i] - c[i] * x[i + 1]) / b[i]
#         v_bar = x_bar[i]
#         x_bar[i] = 0.0
#         v_bar_ = v_bar / b_item_
#         b_bar[i] -= v_bar * ((d[i] - c_item * x_item) / b_item_) / b_item_
#         x_bar[i + 1] -= v_bar_ * c_item
#         c_bar[i] -= v_bar_ * x_item
#         d_bar[i] += v_bar_
#     # reverse of: x[-1] = d[-1] / b[-1]
#     v_bar = x_bar[-1]
#     b_bar[-1] -= v_bar * quot / b_item
#     d_bar[-1] += v_bar / b_item
#     # reverse of: for i in range(1, n)
#     a_bar = np.zeros_like(a)
#     for i in reversed(range(1, n)):
#         b_item = b[i - 1]
#         w = a[i - 1] / b_item
#         # reverse of: d[i] -= w * d[i - 1]
#         v_bar = d_bar[i]
#         d_bar[i - 1] -= v_bar * w
#         # reverse of: b[i] -= w * c[i - 1]
#         v_bar_ = b_bar[i]
#         w_bar = -(v_bar * d[i - 1]) - v_bar_ * c[i - 1]
#         c_bar[i - 1] -= v_bar_ * w
#         # reverse of: w = a[i - 1] / b[i - 1]
#         b_bar[i - 1] -= w_bar * w / b_item
#         a_bar[i - 1] += w_bar / b_item
#     return a_bar, b_bar, c_bar, d_bar
