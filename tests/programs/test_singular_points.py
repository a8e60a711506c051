"""Functions whose derivative is infinite where a mask, a store or a join leaves zeros.

Each is differentiated in both modes by both engines in a direction in which it is smooth: items
that are zero stay where they are. The truth is a difference quotient.
"""

import numpy as np
import pytest

from s2s_grad import jvp, vjp

SIGNS = np.array([-1.0, 0.0, 4.0, 2.0])
ROOTS = np.array([0.0, 1.0, 4.0, 2.0])
WEIGHTS = np.array([0.0, 1.0, 1.0, 1.0])


def stored(a):
    y = np.zeros(6)
    y[:3] = a[1:]
    return np.sqrt(y)


def overwritten(a):
    y = a.copy()
    y[a < 0] = 0.0
    return np.sqrt(y)


def stored_in_a_loop(a):
    y = np.zeros(5)
    for i in range(1, len(a)):
        y[i] = a[i]
    return np.sqrt(y)


def one_of_two(a):
    y = a if a[0] > 1 else np.zeros(4)
    return np.sqrt(y)


def differences(a):
    return a[:, None] - a[None, :]


PROGRAMS = {
    "maximum": (lambda a: np.sqrt(np.maximum(a, 0)), SIGNS),
    "where": (lambda a: np.where(a > 0, a, 0) ** 0.5, SIGNS),
    "clip": (lambda a: np.sqrt(np.clip(a, 0, 3)), SIGNS + 0.5),
    "a bound of a domain": (lambda a: np.arccos(np.clip(a, -1, 1)), SIGNS + 0.5),
    "minimum": (lambda a: np.arctanh(np.minimum(a, 1.0)), SIGNS / 3),
    "booleans times": (lambda a: np.sqrt(a * (a > 0)), SIGNS),
    "booleans times, a power": (lambda a: (a * (a > 0)) ** 0.5, SIGNS),
    "booleans times, a power of sizes": (lambda a: np.abs(a * (a > 0)) ** 0.3, SIGNS),
    "booleans times, cbrt": (lambda a: np.cbrt(a * (a > 1)), SIGNS),
    "booleans times, broadcast": (lambda a: np.sqrt(a * (a > 0)[:, None]), ROOTS),
    "booleans as floats": (lambda a: np.sqrt(a * (a > 0).astype(float)), SIGNS),
    "booleans and a constant": (lambda a: np.log((a > 0) * a + (a <= 0) * 1.0), SIGNS),
    "booleans times matrices": (
        lambda a: np.sqrt(np.sum(np.outer(a, a) * (a > 1), axis=0)),
        SIGNS,
    ),
    "a constant mask": (lambda a: np.sqrt(a * WEIGHTS), SIGNS + 1),
    "no diagonal": (lambda a: np.sqrt(np.outer(a, a) * (1 - np.eye(4))), ROOTS + 1),
    "no diagonal inside": (lambda a: np.sqrt(differences(a) ** 2 * (1 - np.eye(4))), ROOTS),
    "no diagonal outside": (lambda a: (1 - np.eye(4)) * np.sqrt(differences(a) ** 2), ROOTS),
    "a filled diagonal": (lambda a: np.sqrt(differences(a) ** 2 + np.eye(4)), ROOTS),
    "upper items": (lambda a: np.sqrt(differences(a) ** 2)[np.triu_indices(4, 1)], ROOTS),
    "zeros joined": (lambda a: np.sqrt(np.concatenate([a[1:], [0.0]])), ROOTS),
    "zeros padded": (lambda a: np.sqrt(np.pad(a[1:], 2)), ROOTS),
    "a triangle": (lambda a: np.sqrt(np.tril(np.outer(a, a))), ROOTS + 1),
    "a diagonal matrix": (lambda a: np.sqrt(np.diag(a)), ROOTS + 1),
    "stored": (stored, ROOTS),
    "overwritten": (overwritten, SIGNS),
    "stored in a loop": (stored_in_a_loop, ROOTS),
    "one of two": (one_of_two, ROOTS),
    "an infinite factor, selected": (lambda a: (a * np.log(a))[1:], ROOTS),
    "an infinite factor, chosen": (lambda a: np.where(a > 0, a * np.log(a), 0.0), ROOTS),
    "an infinite factor, summed": (lambda a: np.nansum(a * np.log(a)), ROOTS),
    "a reciprocal": (lambda a: (1 / a)[1:] * a[1:], ROOTS),
    "no logarithm": (lambda a: np.where(a > 9, np.log1p(-1.0 + 0 * a), 0.0) + a, ROOTS),
}


def quotient(f, x, weights, direction, step=1e-6):
    ends = [np.nan_to_num(f(x + s * step * direction), posinf=0, neginf=0) for s in (1, -1)]
    return np.sum(weights * (ends[0] - ends[1])) / (2 * step)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_zeros_stay_zero(name, mode):
    f, x = PROGRAMS[name]
    random = np.random.default_rng(0)
    weights = random.uniform(0.5, 1.5, np.shape(f(x)))
    direction = np.where(x == 0, 0.0, random.uniform(0.5, 1.5, 4))
    expected = quotient(f, x, weights, direction)
    _, pullback = vjp(f, mode=mode)(x)
    gradient = np.where(direction == 0, 0.0, pullback(weights))
    np.testing.assert_allclose(gradient @ direction, expected, rtol=1e-6, atol=1e-8)
    _, tangent = jvp(f, mode=mode)((x,), (direction,))
    np.testing.assert_allclose(np.sum(weights * tangent), expected, rtol=1e-6, atol=1e-8)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("mode", ["static", "tape"])
def test_a_tangent_that_moves_meets_the_pole(mode):
    _, tangent = jvp(lambda a: np.sqrt(np.maximum(a, 0.0)), mode=mode)((ROOTS,), (np.ones(4),))
    assert np.isinf(tangent[0])
    assert np.isfinite(tangent[1:]).all()


def test_the_tangent_of_what_did_not_win_does_not_count():
    x, first = np.array([0.0, 4.0]), np.array([1.0, 0.0])
    for fn in (np.max, np.nanmax):
        tangents = jvp(lambda x, fn=fn: fn(np.sqrt(x)), mode="static", check="off")
        with np.errstate(all="ignore"):
            assert tangents((x,), (first,))[1] == 0.0
