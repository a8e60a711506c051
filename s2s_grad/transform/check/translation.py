"""The check of a translation: what a derivative gave, against the function itself.

The value is compared with the function's own, run on copies of the arguments, and one directional
derivative with differences. Where that cannot tell, there is a note instead.
"""

from __future__ import annotations

import contextlib
import contextvars
import copy
import inspect
import warnings
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from s2s_grad.errors import S2SError, TranslationError
from s2s_grad.ir.request import Request
from s2s_grad.ir.trees import is_container, leaves
from s2s_grad.transform.asked import Asked
from s2s_grad.transform.check.directions import (
    Point,
    Skipped,
    Vector,
    as_cotangent,
    is_number,
    numbers_of,
)
from s2s_grad.transform.check.slopes import first_slopes, judge, second_slopes
from s2s_grad.transform.check.surroundings import Surroundings, silent
from s2s_grad.transform.kinds import KINDS, Kind

__all__ = ["Call", "is_checking", "prepare", "verify"]

_checking: contextvars.ContextVar[bool] = contextvars.ContextVar("checking", default=False)


def is_checking() -> bool:
    """Return whether a check is being made: what runs in it is not checked itself."""
    return _checking.get()


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a derivative, with copies of its arguments by name and of its vectors."""

    asked: Asked
    given: dict[str, Any]
    vectors: tuple[Any, ...] = ()
    seed: int = 0

    @property
    def request(self) -> Request:
        """Which derivative it is."""
        return self.asked.request

    @property
    def kind(self) -> Kind:
        """What is known of derivatives of this kind."""
        return KINDS[self.asked.request.kind]

    def run(self, given: Mapping[str, Any]) -> Any:
        """Return what the function itself returns, run on copies."""
        copied = copy.deepcopy(dict(given))
        arguments = inspect.BoundArguments(self.asked.signature, copied)  # pyright: ignore[reportArgumentType]
        return self.asked.primal(*arguments.args, **arguments.kwargs)


def prepare(asked: Asked, bound: Mapping[str, Any], vectors: tuple[Any, ...]) -> Call | str:
    """Return a call with copies of its arguments, to be verified later, or why there is none."""
    try:
        given = copy.deepcopy(dict(bound))
    except Exception as error:
        return f"not checked: an argument cannot be copied ({type(error).__name__})"
    return Call(asked, given, vectors)


def verify(call: Call, result: Any, value: Callable[[], Any] | None = None) -> str:
    """Raise where a result is wrong; return a note where the check cannot tell, or "".

    Parameters
    ----------
    call : Call
        The call that gave the result.
    result : object
        What the derivative returned.
    value : callable, optional
        Gives the compiled value where the result has none (`grad`, `hvp`).

    Raises
    ------
    TranslationError
        Where the value or the derivative is another one than that of the function itself.
    """
    surroundings = Surroundings(call.asked.primal)
    token = _checking.set(True)
    try:
        with _quiet():
            _verify(call, result, value, surroundings)
    except Skipped as skipped:
        return f"not checked: {skipped}"
    finally:
        surroundings.restore()
        _checking.reset(token)
    return ""


@contextlib.contextmanager
def _quiet() -> Generator[None]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _verify(
    call: Call, result: Any, value: Callable[[], Any] | None, surroundings: Surroundings
) -> None:
    own = _own_value(call, surroundings)
    found, derivative = _parts(call, result)
    if value is not None:
        with silent():
            found = value()
    if value is not None or call.kind.valued:
        _compare_values(call, own, found)
    random = np.random.default_rng(call.seed)
    point = _point_of(call, random)
    main = own[0] if call.request.has_aux else own
    if any(type(value) is int for value in call.given.values()):
        main = _value_at(call, point, 0.0 * point.direction)  # of reals, where ints count as such
        if main is None:
            raise Skipped("the function raises where an int is a float")
    if call.kind.order == 2:
        _compare_curvature(call, point, derivative)
    else:
        _compare_slopes(call, point, random, main, derivative)


def _own_value(call: Call, surroundings: Surroundings) -> Any:
    """Return what the function returns, unless running it leaves traces."""
    try:
        with silent() as printed:
            own = call.run(call.given)
    except S2SError as error:
        raise Skipped(f"the function raises {type(error).__name__}") from None
    except Exception as error:
        if surroundings.change():
            raise Skipped(f"the function changes {surroundings.change()}") from None
        raise _mismatch(
            call,
            f"the function itself raises {type(error).__name__} here ({error}), and its "
            f"{call.request.kind} does not",
        ) from None
    if printed.getvalue():
        raise Skipped("the function prints")
    if surroundings.change():
        raise Skipped(f"the function changes {surroundings.change()}")
    with silent():
        again = call.run(call.given)
    if not all(map(_identical, leaves(own), leaves(again))):
        raise Skipped("the function gives another value when it is called again")
    return own


def _identical(a: Any, b: Any) -> bool:
    if not is_number(a) or not is_number(b):
        return True
    return np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind in "fc")


def _parts(call: Call, result: Any) -> tuple[Any, Any]:
    """Return the value and the derivative in a result."""
    if call.kind.valued:
        return result[0], result[1]
    return None, result[0] if call.request.has_aux else result


# ------------------------------------------------------------------------------------- values


def _compare_values(call: Call, own: Any, found: Any) -> None:
    """Raise where two values differ by more than rounding."""
    worst = _difference(call, own, found)
    if worst is None:
        return
    size, text = worst
    moved = _rounding(call, own)
    if size <= moved:
        raise Skipped("rounding changes the value as much as the compiled code does")
    raise _mismatch(call, f"the value is wrong by {size:.3g}: {text}")


def _difference(call: Call, own: Any, found: Any) -> tuple[float, str] | None:
    """Return by how much two values differ at most, if by more than rounding."""
    if is_container(own) != is_container(found):
        raise _mismatch(call, f"the value is {_shown(found)} instead of {_shown(own)}")
    mine, theirs = list(leaves(own)), list(leaves(found))
    if len(mine) != len(theirs):
        raise _mismatch(call, f"the value has {len(theirs)} items instead of {len(mine)}")
    worst: tuple[float, str] | None = None
    for a, b in zip(mine, theirs, strict=True):
        if not is_number(a):
            continue
        if not is_number(b) or np.shape(a) != np.shape(b):
            raise _mismatch(call, f"the value is {_shown(b)} instead of {_shown(a)}")
        size = _distance(a, b)
        if size > _tolerance(call, a) and (worst is None or size > worst[0]):
            worst = size, f"{_shown(b)} instead of {_shown(a)}"
    return worst


def _distance(a: Any, b: Any) -> float:
    """Return the largest difference; equal infinities and two NaN do not differ."""
    kind: Any = complex if np.iscomplexobj(a) or np.iscomplexobj(b) else float
    x, y = np.asarray(a, kind), np.asarray(b, kind)
    apart = ~((x == y) | (np.isnan(x) & np.isnan(y)))
    if not apart.any():
        return 0.0
    size = float(np.max(np.abs(x[apart] - y[apart])))
    return size if np.isfinite(size) else np.inf


def _tolerance(call: Call, value: Any) -> float:
    """Return how far rounding may move a value: half of the digits of the coarsest dtype."""
    array = np.asarray(value)
    dtypes = [np.asarray(leaf).dtype for leaf in _numbers_of(call)]
    coarse = [d for d in (array.dtype, *dtypes) if d.kind in "fc"]
    eps = max((float(np.finfo(d).eps) for d in coarse), default=0.0)
    finite = np.abs(array[np.isfinite(array)]) if array.dtype.kind in "fciu" else np.zeros(0)
    return float(np.sqrt(eps)) * float(np.max(finite, initial=0.0)) + 1e-300


def _numbers_of(call: Call) -> list[Any]:
    return [leaf for leaf in leaves(call.given) if is_number(leaf)]


def _rounding(call: Call, own: Any) -> float:
    """Return how much the value moves where the arguments move by a few roundings."""
    try:
        point = _point_of(call)
    except Skipped:
        return 0.0
    size = 0.0
    for sign in (1.0, -1.0):
        near = _value_at(call, point, sign * 1e-13 * point.direction)
        if near is not None:
            pairs = zip(leaves(own), leaves(near), strict=False)
            moves = [_distance(a, b) for a, b in pairs if np.shape(a) == np.shape(b)]
            size = max([size, *moves])
    return 10.0 * size


# -------------------------------------------------------------------------------- derivatives


def _point_of(call: Call, random: np.random.Generator | None = None) -> Point:
    given = {name: call.given[name] for name in call.request.wrt if name in call.given}
    return Point(given, random or np.random.default_rng(call.seed))


def _value_at(call: Call, point: Point, shift: Vector) -> Any:
    """Return the value of the function beside a point; None where it has none."""
    try:
        with silent():
            found = call.run({**call.given, **point.moved(shift)})
    except Exception:
        return None
    return found[0] if call.request.has_aux else found


def _flat(call: Call, point: Point, tree: Any) -> Vector:
    try:
        return point.flat(tree)
    except ValueError as error:
        raise _mismatch(
            call, f"the derivative {_shown(tree)} has not the structure of the arguments: {error}"
        ) from None


def _compare_slopes(
    call: Call, point: Point, random: np.random.Generator, value: Any, derivative: Any
) -> None:
    """Compare a first derivative with differences."""
    weights = _weights(call, random, value)
    if call.kind.vectors:
        dots = dict(zip(call.request.wrt, call.vectors, strict=True))
        direction, size = _unit(point, _flat(call, point, {n: dots[n] for n in point.given}))
        tangent = numbers_of(derivative)
        if tangent.shape != weights.shape:
            raise _mismatch(call, f"the tangent is {_shown(derivative)} for {_shown(value)}")
        terms = weights * tangent / size
    else:
        direction = point.direction
        if call.kind.pulls:
            derivative = derivative(as_cotangent(value, weights))
        pairs: Any = (derivative,) if call.request.single else derivative
        terms = _flat(call, point, dict(zip(call.request.wrt, pairs, strict=True))) * direction

    def at(h: float) -> float | None:
        found = _value_at(call, point, h * direction)
        if found is None:
            return None
        numbers = numbers_of(found)
        return float(weights @ numbers) if numbers.shape == weights.shape else None

    numbers = numbers_of(value)
    start, scale = float(weights @ numbers), float(np.sum(np.abs(weights * numbers)))
    _settle(call, terms, scale, 1, first_slopes(at, start))


def _compare_curvature(call: Call, point: Point, product: Any) -> None:
    """Compare a Hessian times a vector with second differences."""
    names = call.request.wrt
    vector, size = _unit(point, _flat(call, point, dict(zip(names, call.vectors, strict=True))))
    found: Any = (product,) if call.request.single else product
    terms = _flat(call, point, dict(zip(names, found, strict=True))) * point.direction / size

    def at(a: float, b: float) -> float | None:
        value = _value_at(call, point, a * point.direction + b * vector)
        return None if value is None or np.iscomplexobj(value) else float(value)

    start = at(0.0, 0.0)
    _settle(call, terms, abs(start or 0.0), 2, second_slopes(at))


def _settle(call: Call, terms: Any, scale: float, order: int, steps: Any) -> None:
    found, mass = float(np.sum(terms)), float(np.sum(np.abs(terms)))
    right, expected = judge(found, mass, scale, order, steps)
    if right is None:
        raise Skipped("differences do not tell: a kink, a jump or a domain ends nearby")
    if not right:
        what = "the Hessian along two directions" if order == 2 else "the derivative"
        raise _mismatch(
            call,
            f"{what} is wrong by {abs(found - expected):.3g}: along a direction it is "
            f"{found:.9g}, and {expected:.9g} by differences of the function",
        )


def _unit(point: Point, vector: Any) -> tuple[Any, float]:
    """Return a vector as long as a step may be, and how much longer it was."""
    size = float(np.max(np.abs(vector) / point.scales, initial=0.0))
    if not np.isfinite(size):
        raise Skipped("a vector is not finite")
    return (vector, 1.0) if size == 0.0 else (vector / size, size)


def _weights(call: Call, random: np.random.Generator, value: Any) -> Vector:
    """Return the random cotangent by which all results become one number."""
    numbers = numbers_of(value)
    if not np.isfinite(numbers).all():
        raise Skipped("the value is not finite")
    if call.kind.scalar:
        return np.ones(1)
    return random.uniform(0.5, 1.5, numbers.size) * random.choice((-1.0, 1.0), numbers.size)


def _shown(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 100 else f"{text[:97]}..."


def _mismatch(call: Call, reason: str) -> TranslationError:
    return TranslationError(
        f"{call.asked.title}: {reason}",
        "please report it with the function and its arguments; mode='tape' works without the "
        "compiler",
    )
