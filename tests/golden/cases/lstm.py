import numpy as np

ARGS = "W: f8[g,k], b: f8[g], h: f8[d], c: f8[d], x: f8[e], y: f8[d]"
WRT = ("W", "b", "h", "c")


def example(random):
    shapes = ((12, 5), (12,), (3,), (3,), (2,), (3,))
    return tuple(random.normal(size=shape) for shape in shapes)


def primal(W, b, h, c, x, y):
    d = len(h)
    z = W @ np.concatenate([x, h]) + b
    i = 1 / (1 + np.exp(-z[:d]))
    f = 1 / (1 + np.exp(-z[d : 2 * d]))
    o = 1 / (1 + np.exp(-z[2 * d : 3 * d]))
    g = np.tanh(z[3 * d :])
    c = f * c + i * g
    h = o * np.tanh(c)
    return np.sum((h - y) ** 2)


# ---- emitted ----
# import numpy as np
#
#
# def _sum_to(value, shape):
#     """Sum over the axes along which an array of `shape` was broadcast to give `value`."""
#     if np.shape(value) == shape:
#         return value
#     lead = np.ndim(value) - len(shape)
#     value = np.sum(value, axis=tuple(range(lead)))
#     stretched = tuple(i for i, n in enumerate(shape) if n == 1 and value.shape[i] != 1)
#     value = np.sum(value, axis=stretched, keepdims=True) if stretched else value
#     if np.shape(value) != shape:
#         raise ValueError(f"shape {shape} does not broadcast to {np.shape(value)}")
#     return value
#
#
# def primal_grad(W, b, h, c, x, y):
#     """Gradient of `primal` with respect to (W, b, h, c)."""
#     d = len(h)
#     concatenate_x = np.concatenate([x, h])
#     prod = W @ concatenate_x
#     z = prod + b
#     exp_z_head = np.exp(-z[:d])
#     i = 1 / (1 + exp_z_head)
#     two_d = 2 * d
#     exp_z_inner = np.exp(-z[d:two_d])
#     f = 1 / (1 + exp_z_inner)
#     scaled_d = 3 * d
#     exp_z_inner_ = np.exp(-z[two_d:scaled_d])
#     o = 1 / (1 + exp_z_inner_)
#     g = np.tanh(z[scaled_d:])
#     prod_ = i * g
#     c_ = f * c + prod_
#     tanh_c = np.tanh(c_)
#     h = o * tanh_c
#
#     # reverse of: return np.sum((h - y) ** 2)
#     diff_bar = 2 * (h - y)
#     # reverse of: h = o * np.tanh(c)
#     o_bar = _sum_to(diff_bar * tanh_c, o.shape)
#     c_bar = diff_bar * o * (1 - tanh_c * tanh_c)
#     # reverse of: c = f * c + i * g
#     prod_bar = _sum_to(c_bar, prod_.shape)
#     i_bar = _sum_to(prod_bar * g, i.shape)
#     g_bar = _sum_to(prod_bar * i, g.shape)
#     f_bar = _sum_to(c_bar * c, f.shape)
#     # reverse of: g = np.tanh(z[3 * d :])
#     z_bar = np.zeros_like(z)
#     z_bar[scaled_d:] += g_bar * (1 - g * g)
#     # reverse of: o = 1 / (1 + np.exp(-z[2 * d : 3 * d]))
#     z_bar[two_d:scaled_d] += o_bar * o * o * exp_z_inner_
#     # reverse of: f = 1 / (1 + np.exp(-z[d : 2 * d]))
#     z_bar[d:two_d] += f_bar * f * f * exp_z_inner
#     # reverse of: i = 1 / (1 + np.exp(-z[:d]))
#     z_bar[:d] += i_bar * i * i * exp_z_head
#     # reverse of: z = W @ np.concatenate([x, h]) + b
#     prod_bar = _sum_to(z_bar, prod.shape)
#     return (
#         np.outer(prod_bar, concatenate_x),
#         z_bar,
#         (W.T @ prod_bar)[x.shape[0]:],
#         c_bar * f,
#     )
