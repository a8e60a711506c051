"""The derivative of a data-dependent ``while``: Newton's iteration for a square root."""

from s2s_grad import grad


def newton_sqrt(a, tol):
    """Return the square root of `a`, to within `tol`."""
    x = a
    while True:
        step = (x * x - a) / (2 * x)
        x = x - step
        if abs(step) < tol:
            break
    return x


def main() -> None:
    """Print the emitted gradient and compare it with the known derivative."""
    derivative = grad(newton_sqrt)
    for a in (0.25, 2.0, 100.0):
        slope = derivative(a, 1e-12)
        exact = 0.5 / a**0.5
        print(f"a = {a:6.2f}   d sqrt(a) / da = {slope:.12f}   exact {exact:.12f}")
        assert abs(slope - exact) < 1e-9 * exact
    print()
    print(derivative.source)


if __name__ == "__main__":
    main()
