"""In-place updates, differentiated: fit the conductivity of a rod to its final temperatures."""

import numpy as np

from s2s_grad import value_and_grad


def diffuse(u, k, steps):
    """Let heat flow along a rod whose ends are held; `u` is changed in place."""
    for _ in range(steps):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])


def misfit(k, start, measured):
    """Return how far the temperatures after 200 steps are from the measured ones."""
    u = start.copy()
    diffuse(u, k, 200)
    return np.sum((u - measured) ** 2)


def main() -> None:
    """Find the conductivity that the measurements were made with, where the slope is zero."""
    start = np.zeros(101)
    start[40:60] = 1.0
    measured = start.copy()
    diffuse(measured, 0.31, 200)

    derivative = value_and_grad(misfit)
    low, high = 0.05, 0.45
    for step in range(60):
        k = 0.5 * (low + high)
        value, slope = derivative(k, start, measured)
        if step % 10 == 0:
            print(f"step {step:2d}   k = {k:.12f}   misfit {value:.3e}   slope {slope:+.3e}")
        low, high = (low, k) if slope > 0 else (k, high)
    print(f"found k = {k:.12f}, measured with 0.31")
    assert abs(k - 0.31) < 1e-9
    print()
    print(derivative.source)


if __name__ == "__main__":
    main()
