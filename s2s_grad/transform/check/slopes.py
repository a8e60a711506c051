"""Directional derivatives against differences: right, wrong, or not to be told from differences.

Near a kink, a jump or where rounding dominates, quotients of different steps and sides disagree. A
derivative counts as wrong only where they agree with one another far better than with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Slopes", "first_slopes", "judge", "second_slopes"]

_FIRST = (1e-6, 1e-5, 1e-7, 1e-8)
_SECOND = (3e-4, 1e-3, 1e-4, 3e-5)
_RELATIVE = {1: 1e-4, 2: 1e-3}
_ROUNDING = 1e-14  # of a value, a few operations deep
_MARGIN = 10.0  # how much closer quotients are to one another than to what they refute
_ROUGH = 30.0  # by how much quotients grow over all steps where there is a jump or worse
_ENOUGH = 3  # steps


@dataclass(frozen=True, slots=True)
class Slopes:
    """The quotients of one step, of all sides; `noise` is what rounding of 1 may add to them."""

    quotients: tuple[float, ...]
    noise: float


Steps = Sequence[Callable[[], Slopes | None]]


def judge(
    found: float, mass: float, scale: float, order: int, steps: Steps
) -> tuple[bool | None, float]:
    """Return whether a derivative is right, and the one that differences give.

    Parameters
    ----------
    found : float
        The derivative.
    mass : float
        The sum of the absolute values of what it was summed from.
    scale : float
        The same of the value of the function.
    order : int
        Of the derivative.
    steps : sequence of callable
        Each returns the quotients of a step, or None where there are none.

    Returns
    -------
    bool or None
        None where differences do not tell.
    float
        The derivative by differences.
    """
    known: list[Slopes] = []
    for step in steps:
        slopes = step()
        if slopes is None or not all(map(math.isfinite, slopes.quotients)):
            continue
        for quotient in slopes.quotients:
            near = _RELATIVE[order] * (abs(quotient) + 1e-2 * mass) + slopes.noise * max(
                scale, mass
            )
            if abs(found - quotient) <= near:
                return True, quotient
        known.append(slopes)
    if len(known) < _ENOUGH or _is_rough(known, scale):
        return None, math.nan
    best = known[0].quotients[0]
    scatter = max(abs(quotient - best) for slopes in known for quotient in slopes.quotients)
    noise = max(slopes.noise for slopes in known) * max(scale, mass)
    if not math.isfinite(found):
        # Second differences of an odd function with a pole are zero: they say nothing.
        told = order == 1 and scatter <= 1e-2 * abs(best) + noise
    else:
        told = _MARGIN * scatter <= abs(found - best) and _MARGIN * noise <= abs(found - best)
    return (False if told else None), best


def _is_rough(known: Sequence[Slopes], size: float) -> bool:
    """Return whether quotients grow as steps shrink: it takes shorter steps to see a slope."""
    coarse, fine = (
        (max(map(abs, slopes.quotients)), slopes.noise * size)
        for slopes in (min(known, key=_noise), max(known, key=_noise))
    )
    return fine[0] > _ROUGH * coarse[0] + _MARGIN * fine[1]


def _noise(slopes: Slopes) -> float:
    return slopes.noise


def first_slopes(at: Callable[[float], float | None], value: float) -> Steps:
    """Return the steps of a first derivative: central and one-sided quotients.

    `at` gives the function along the direction, or None where it has no value.
    """

    def step(h: float) -> Slopes | None:
        high, low = at(h), at(-h)
        if high is None or low is None:
            return None
        quotients = ((high - low) / (2 * h), (high - value) / h, (value - low) / h)
        return Slopes(quotients, _ROUNDING / h)

    return [lambda h=h: step(h) for h in _FIRST]


def second_slopes(at: Callable[[float, float], float | None]) -> Steps:
    """Return the steps of a mixed second derivative, where `at` takes two lengths of steps."""

    def step(h: float) -> Slopes | None:
        corners = [(h, h), (-h, -h), (h, -h), (-h, h)]
        values: list[float] = []
        for a, b in corners:
            found = at(a, b)
            if found is None:
                return None
            values.append(found)
        quotient = (values[0] + values[1] - values[2] - values[3]) / (4 * h * h)
        return Slopes((quotient,), _ROUNDING / (h * h))

    return [lambda h=h: step(h) for h in _SECOND]
