"""What the records of primitives say, compared with what NumPy does."""

from __future__ import annotations

import builtins
import dataclasses
import math
import operator
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from s2s_grad.ir.primitives import Layout, Memory, Raises, Sign, primitive, table
from s2s_grad.rules import Case, Rule, Spec, pullback
from s2s_grad.rules import table as rules

sys.path.append(str(Path(__file__).parent.parent / "rules"))
from checker import Bound, fill_all

Call = tuple[tuple[Any, ...], dict[str, Any]]
X = np.arange(1.0, 7.0).reshape(2, 3)
V = np.arange(1.0, 5.0)
M = V.reshape(2, 2) + np.eye(2)
Z = X + 1j

# Of functions that have no rule with cases: calls on valid operands.
CALLS: dict[Callable[..., Any], list[Call]] = {
    np.zeros: [((3,), {}), (((2, 3),), {})],
    np.ones: [((3,), {}), (((2, 3),), {})],
    np.empty: [((3,), {}), (((2, 3),), {})],
    np.eye: [((3,), {}), ((2, 3), {})],
    np.identity: [((3,), {})],
    np.tri: [((3,), {})],
    np.arange: [((3,), {}), ((1.0, 3.0, 0.5), {})],
    np.zeros_like: [((X,), {}), ((X.T,), {})],
    np.ones_like: [((X,), {})],
    np.empty_like: [((X,), {})],
    np.shape: [((X,), {}), ((2.0,), {})],
    np.size: [((X,), {}), ((X, 0), {})],
    np.ndim: [((X,), {})],
    np.isscalar: [((X,), {}), ((2.0,), {})],
    np.result_type: [((X, Z), {})],
    np.promote_types: [((np.float32, np.int64), {})],
    np.issubdtype: [((np.float32, np.floating), {})],
    np.iscomplexobj: [((X,), {}), ((Z,), {})],
    np.dtype: [(("f8",), {})],
    np.argmax: [((X,), {}), ((X, 0), {})],
    np.argmin: [((X,), {})],
    np.nanargmax: [((X,), {})],
    np.nanargmin: [((X,), {})],
    np.nonzero: [((X,), {})],
    np.flatnonzero: [((X,), {})],
    np.argwhere: [((X,), {})],
    np.unique: [((X,), {})],
    np.union1d: [((V, V), {})],
    np.intersect1d: [((V, V), {})],
    np.setdiff1d: [((V, V[:2]), {})],
    np.bincount: [((np.array([0, 2, 2]),), {})],
    np.trim_zeros: [((V,), {})],
    np.ix_: [((np.array([0, 1]), np.array([2])), {})],
    np.iterable: [((X,), {})],
    as_strided: [((V, (2,), (16,)), {})],
    sliding_window_view: [((V, 2), {})],
    np.linalg.matrix_transpose: [((X,), {})],
    np.imag: [((Z,), {}), ((X,), {})],
    np.linalg.eig: [((M,), {})],
    np.floor_divide: [((X, 2.0), {})],
    **{
        fn: [((np.arange(6), 2), {})]
        for fn in (np.bitwise_or, np.bitwise_xor, np.bitwise_and, np.left_shift, np.right_shift)
    },
    **{fn: [((np.arange(6),), {})] for fn in (np.invert, np.logical_not)},
    **{fn: [((X > 2, X < 5), {})] for fn in (np.logical_and, np.logical_or)},
    **{fn: [((X,), {}), ((1.0,), {})] for fn in (np.isnan, np.isfinite, np.isinf)},
    **{
        fn: [((X, 2.0), {}), ((1.0, 2.0), {}), ((X, V[:3]), {})]
        for fn in (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)
    },
}


def arrays(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from arrays(item)


def calls_of(fn: Callable[..., Any]) -> list[Call]:
    random = np.random.default_rng(0)
    rule = rules.get(fn)
    cases = () if rule is None else rule.cases
    found = [
        (tuple(fill_all(arg, random) for arg in case.args), dict(case.kwargs)) for case in cases
    ]
    return [*found, *CALLS.get(fn, ())]


def run(fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fn(*args, **kwargs)


def name_of(fn: Callable[..., Any]) -> str:
    return f"{getattr(fn, '__module__', '')}.{getattr(fn, '__name__', fn)}"


OF_NUMPY = [fn for fn in {**table, **rules} if name_of(fn).startswith("numpy") or fn in CALLS]
WITH_CALLS = [fn for fn in {**table, **rules} if calls_of(fn)]
every_function = pytest.mark.parametrize("fn", WITH_CALLS, ids=name_of)


def test_each_described_function_of_numpy_is_tried_here() -> None:
    numeric = [fn for fn, record in table.items() if not record.reads_text]
    assert not [name_of(fn) for fn in numeric if "numpy" in name_of(fn) and not calls_of(fn)]


@every_function
def test_memory(fn: Callable[..., Any]) -> None:
    memory = primitive(fn).memory
    for args, kwargs in calls_of(fn):
        results = list(arrays(run(fn, args, kwargs)))
        operands = list(arrays(list(args)))
        of_first = list(arrays([args[0]])) if args else []
        pairs = [(a, b) for a in results for b in operands if a.size and b.size]
        shared = any(np.shares_memory(a, b) for a, b in pairs)
        if memory is Memory.NEW:
            assert not shared
        elif memory is not Memory.ANY:
            others = [b for b in operands if not any(b is a for a in of_first)]
            assert not any(np.shares_memory(a, b) for a in results for b in others)
        always = memory in (Memory.PERMUTED, Memory.RESHAPED, Memory.SELECTION)
        always = always and fn is not operator.getitem  # which may select by an array
        contiguous = memory is Memory.RESHAPED_IF_CONTIGUOUS
        is_part = memory is Memory.PART and np.iscomplexobj(args[0])
        if (always or contiguous or is_part) and isinstance(args[0], np.ndarray) and pairs:
            assert shared


@every_function
def test_layout(fn: Callable[..., Any]) -> None:
    record = primitive(fn)
    for args, kwargs in calls_of(fn):
        result = run(fn, args, kwargs)
        if not isinstance(result, np.ndarray):
            continue
        is_row = record.memory is Memory.NEW and result.ndim == 1
        plain = all(a.flags.c_contiguous for a in arrays(list(args)))
        as_operands = record.layout is Layout.AS_OPERANDS and plain
        if record.layout is Layout.CONTIGUOUS or is_row or as_operands:
            assert result.flags.c_contiguous


@every_function
def test_shapes(fn: Callable[..., Any]) -> None:
    record = primitive(fn)
    for args, kwargs in calls_of(fn):
        result = run(fn, args, kwargs)
        if record.elementwise:
            shapes = [np.shape(arg) for arg in args if arg is not None]
            assert np.shape(result) == np.broadcast_shapes(*shapes)
        if record.keeps_shape:
            assert np.shape(result) == np.shape(args[0])
        if record.gives_numbers:
            assert not (isinstance(result, np.ndarray) and result.ndim == 0)
        if record.reduces and len(args) == 1 and not kwargs:
            assert np.ndim(result) == 0


@every_function
def test_items(fn: Callable[..., Any]) -> None:
    record = primitive(fn)
    for args, kwargs in calls_of(fn):
        result = run(fn, args, kwargs)
        if record.rearranges:
            assert np.array_equal(np.unique(result), np.unique(args[0]))
        if record.compares:
            assert np.asarray(result).dtype == bool
        if record.fact:
            assert all(isinstance(n, int) for n in (result if record.fact == "shape" else [result]))
        if record.only_shape and len(args) == 1 and not name_of(fn).endswith("empty_like"):
            assert np.array_equal(result, run(fn, (np.asarray(args[0]) + 1,), kwargs))


@every_function
def test_signs(fn: Callable[..., Any]) -> None:
    record = primitive(fn)
    if record.sign is Sign.UNKNOWN:
        return
    for args, kwargs in calls_of(fn):
        if record.sign is Sign.KEPT:
            args = tuple(np.abs(a) if _is_of_floats(a) else a for a in args)
        result = run(fn, args, kwargs)
        if np.size(result) and np.asarray(result).dtype.kind == "f":
            least = np.nanmin(result)
            assert least > 0 if record.sign is Sign.POSITIVE else least >= 0


def _is_of_floats(value: Any) -> bool:
    return isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f")


@every_function
def test_what_raises(fn: Callable[..., Any]) -> None:
    record = primitive(fn)
    if record.raises is Raises.NEVER or (record.elementwise and isinstance(fn, np.ufunc)):
        for args, kwargs in calls_of(fn):
            for value in (0.0, -1.0, np.inf, np.nan, 1e300):
                changed = tuple(_filled(a, value) for a in args)
                run(fn, changed, kwargs)
    if record.raises is Raises.EMPTY:
        with pytest.raises(ValueError, match=r"empty|zero-size|All-NaN"):
            fn(np.zeros((0,)))


def _filled(value: Any, by: float) -> Any:
    """Return an operand with every float of it replaced; Python's own arithmetic is not NumPy's."""
    if _is_of_floats(value):
        return np.full(np.shape(value), by)
    if isinstance(value, (tuple, list)):
        return type(value)(_filled(item, by) for item in value)
    return value


@every_function
def test_infinities(fn: Callable[..., Any]) -> None:
    record = primitive(fn)
    found = []
    for args, kwargs in calls_of(fn):
        if record.has_pole:
            grid = [tuple(_filled(a, value) for a in args) for value in (0.0, 1.0, -1.0)]
            found += [run(fn, filled, kwargs) for filled in (*grid, _first(grid[1], grid[0]))]
        if record.keeps_infinity and np.size(args[0]):
            filled = (_filled(args[0], np.inf), *args[1:])
            assert not np.all(np.isfinite(run(fn, filled, kwargs)))
    assert not record.has_pole or any(np.any(np.isinf(value)) for value in found)


def _first(a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*a[:1], *b[1:])


@every_function
def test_operands_that_trade_places(fn: Callable[..., Any]) -> None:
    record = primitive(fn)
    for args, kwargs in calls_of(fn):
        if record.commutes:
            assert np.array_equal(run(fn, args, kwargs), run(fn, args[::-1], kwargs))
        if record.transposes and len(args) == 1 and not kwargs:
            assert run(fn, args, kwargs).shape[-2:] == args[0].shape[-2:][::-1]
        if record.sums:
            assert np.array_equal(run(fn, (X, X), {}) / X, np.full(X.shape, run(fn, (1, 1), {})))


@every_function
def test_zeros(fn: Callable[..., Any]) -> None:
    if primitive(fn).masks:
        results = [run(fn, args, kwargs) for args, kwargs in calls_of(fn)]
        assert any(0 in result for result in results)


SELECTING = [rule for rule in rules.values() if primitive(rule.primal).selects and rule.cases]


@pytest.mark.parametrize("rule", SELECTING, ids=lambda rule: name_of(rule.primal))
def test_what_selects_leaves_zeros_in_cotangents(rule: Rule) -> None:
    found: list[Any] = []
    for kind in ("general", "gaps"):
        for case in rule.cases:
            call = Bound(rule, _of_kind(case) if kind == "gaps" else case)
            with np.errstate(all="ignore"):
                lookup = call.lookup(ct=np.ones(np.shape(call.run())))
                found += [pullback(rule, operand, lookup) for operand in call.active]
    assert any(0 in item for value in found for item in arrays([value]))


def _of_kind(case: Case) -> Case:
    changed = [
        dataclasses.replace(arg, kind="gaps") if isinstance(arg, Spec) else arg for arg in case.args
    ]
    return dataclasses.replace(case, args=tuple(changed))


PYTHON = [fn for fn in table if getattr(fn, "__module__", "") == "math"]


@pytest.mark.parametrize("fn", PYTHON, ids=name_of)
def test_python_numbers(fn: Callable[..., Any]) -> None:
    record = primitive(fn)
    if record.number == "int":
        given = (4, 2) if fn in (math.comb, math.perm, math.gcd, math.lcm) else (4,)
        assert type(fn(*given)) is int
        return
    count = 2 if fn in (math.atan2, math.copysign, math.hypot, math.isclose) else 1
    assert type(fn(*(0.5,) * count)) is (bool if record.number else float)
    raised = False
    for value in (0.0, -1.0, 1.0, 2.5, 1e300, -1e300, math.inf, -math.inf):
        try:
            result = fn(*(value,) * count)
        except (ValueError, OverflowError):
            raised = True
            continue
        if record.sign is Sign.NOT_NEGATIVE:
            assert result >= 0
        if record.sign is Sign.POSITIVE and abs(value) < 10:
            assert result > 0
    assert raised is (record.raises is not Raises.NEVER)


def test_python_functions_that_convert() -> None:
    wanted = {
        builtins.float: Raises.FLOAT,
        builtins.int: Raises.INTEGER,
        builtins.bool: Raises.TRUTH,
    }
    assert {fn: primitive(fn).raises for fn in wanted} == wanted
    with pytest.raises(TypeError):
        float(1j)
    with pytest.raises((ValueError, OverflowError)):
        int(math.inf)
    with pytest.raises(ValueError, match="truth value"):
        bool(X)


def test_what_is_unknown_may_share_memory_and_may_raise() -> None:
    record = primitive(lambda x: x)
    assert record.memory is Memory.ANY
    assert record.raises is Raises.EXAMPLES
    assert not record.elementwise


def test_what_has_no_hash_is_unknown() -> None:
    class Unhashable:
        __hash__ = None  # type: ignore[assignment]

        def __call__(self, x: Any) -> Any:
            return x

    assert primitive(Unhashable()).memory is Memory.ANY


def test_items_of_containers_are_theirs() -> None:
    assert primitive(operator.getitem).memory is Memory.SELECTION
