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
