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
# def primal_grad(a, tol):
#     """Gradient of `primal` with respect to a."""
#     x = a
#     xs = []
#     while True:
#         xs.append(x)
#         step = (x * x - a) / (2 * x)
#         x -= step
#         if abs(step) < tol:
#             break
#
#     # reverse of: while True
#     x_bar = 1.0
#     a_bar = 0.0
#     for x in reversed(xs):
#         den = 2 * x
#         step = (x * x - a) / den
#         # reverse of: step = (x * x - a) / (2 * x)
#         ratio = x_bar / den
#         x_bar += 2 * x_bar * step / den
#         a_bar += ratio
#         x_bar -= den * ratio
#     return a_bar + x_bar
