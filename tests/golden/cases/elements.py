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
