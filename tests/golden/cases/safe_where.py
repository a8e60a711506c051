import numpy as np

ARGS = "x: f8[n]"
WRT = ("x",)


def example(random):
    return (random.uniform(0.5, 1.5, 4),)


def primal(x):
    return np.sum(np.where(x > 0, np.log(x), 0.0))


# ---- emitted ----
# import numpy as np
#
#
# def primal_grad(x):
#     """Gradient of `primal` with respect to x."""
#     return np.where(x > 0, 1.0 / x, 0.0)
