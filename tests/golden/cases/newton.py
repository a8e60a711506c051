ARGS = "a: f8, tol: f8"
WRT = ("a",)


def example(random):
    return 2.0, 1e-9


def primal(a, tol):
    x = a
    while True:
        step = (x * x - a) / (2 * x)
        x = x - step
        if abs(step) < tol:
            break
    return x


# ---- emitted ----
