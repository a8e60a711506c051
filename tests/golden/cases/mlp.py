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
