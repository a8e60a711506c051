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
#     b_last = b[-1]
#     ratio = d[-1] / b_last
#     x[-1] = ratio
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
#         c_i = c[i]
#         x_next = x[i + 1]
#         b_i = b[i]
#         # reverse of: x[i] = (d[i] - c[i] * x[i + 1]) / b[i]
#         x_i_bar = x_bar[i]
#         x_bar[i] = 0.0
#         num_bar = x_i_bar / b_i
#         b_bar[i] -= x_i_bar * ((d[i] - c_i * x_next) / b_i) / b_i
#         x_bar[i + 1] -= num_bar * c_i
#         c_bar[i] -= num_bar * x_next
#         d_bar[i] += num_bar
#     # reverse of: x[-1] = d[-1] / b[-1]
#     x_last_bar = x_bar[-1]
#     b_bar[-1] -= x_last_bar * ratio / b_last
#     d_bar[-1] += x_last_bar / b_last
#     # reverse of: for i in range(1, n)
#     a_bar = np.zeros_like(a)
#     for i in reversed(range(1, n)):
#         b_prev = b[i - 1]
#         w = a[i - 1] / b_prev
#         # reverse of: d[i] -= w * d[i - 1]
#         d_i_bar = d_bar[i]
#         d_bar[i - 1] -= d_i_bar * w
#         # reverse of: b[i] -= w * c[i - 1]
#         b_i_bar = b_bar[i]
#         w_bar = -d_i_bar * d[i - 1] - b_i_bar * c[i - 1]
#         c_bar[i - 1] -= b_i_bar * w
#         # reverse of: w = a[i - 1] / b[i - 1]
#         b_bar[i - 1] -= w_bar * w / b_prev
#         a_bar[i - 1] += w_bar / b_prev
#     return a_bar, b_bar, c_bar, d_bar
