import numpy as np

ARGS = "w: f8[n], b: f8, x: f8[m,n], y: f8[m]"
WRT = ("w", "b")


def example(random):
    return random.normal(size=3), 0.2, random.normal(size=(5, 3)), np.array([0.0, 1, 1, 0, 1])


def primal(w, b, x, y):
    # logits of each sample
    z = x @ w + b
    p = 1 / (1 + np.exp(-z))
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))


# ---- emitted ----
# import numpy as np
#
#
# def primal_grad(w, b, x, y):
#     """Gradient of `primal` with respect to (w, b)."""
#     # logits of each sample
#     z = x @ w + b
#     exp_z = np.exp(-z)
#     p = 1 / (1 + exp_z)
#
#     # reverse of: return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
#     ratio = -1.0 / y.size
#     p_bar = ratio * y / p - ratio * (1 - y) / (1 - p)
#     # reverse of: p = 1 / (1 + np.exp(-z))
#     z_bar = p_bar * p * p * exp_z
#     return x.T @ z_bar, np.sum(z_bar)
