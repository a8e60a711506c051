"""``match`` statements: a chain of tests, most of them decided at compile time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.guards import ARRAYS_MATCH
from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.ir.operators import all_of, is_
from s2s_grad.ir.types import Array
from s2s_grad.lower.control.branches import any_flag, branch
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.items import items_of
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.static import truth
from s2s_grad.lower.terms.values import FALSE, TRUE, is_false, is_true, static_value
from s2s_grad.lower.writes.assign import assign
from s2s_grad.lower.writes.attributes import attribute

__all__ = ["lower_match"]

_TEXTS = (str, bytes, bytearray)
_SINGLETONS = {"True": True, "False": False, "None": None}


def lower_match(low: Lowerer, node: cst.Match) -> None:
    """Lower a ``match`` statement."""
    subject = low.expression(node.subject)
    _try_cases(low, subject, list(node.cases))


def _try_cases(low: Lowerer, subject: Operand, cases: list[cst.MatchCase]) -> None:
    if not cases:
        return
    case, *rest = cases
    with low.at(case.pattern):
        cond = _test(low, case.pattern, subject)
        if case.guard is not None and not is_false(cond):
            cond = _both(low, cond, low.expression(case.guard))
    known = truth(cond)
    if known is None:
        branch(low, cond, lambda: low.statements(case.body), lambda: _try_cases(low, subject, rest))
    elif known:
        low.statements(case.body)
    else:
        _try_cases(low, subject, rest)


def _both(low: Lowerer, a: Operand, b: Operand) -> Operand:
    if is_false(a) or is_true(b):
        return a
    return b if is_true(a) or is_false(b) else low.apply(all_of, a, b)


def _test(low: Lowerer, pattern: cst.MatchPattern, subject: Operand) -> Operand:
    """Return whether a subject fits a pattern, and bind the names in it."""
    handler = _PATTERNS.get(type(pattern))
    if handler is None:
        low.refuse(f"the pattern `{low.source.text_of(pattern)}` is not supported.", node=pattern)
    return handler(low, pattern, subject)


def _value(low: Lowerer, pattern: cst.MatchValue, subject: Operand) -> Operand:
    value = low.expression(pattern.value)
    if expand(low, subject) is not None:
        return FALSE
    return low.apply(np.equal, subject, value)


def _singleton(low: Lowerer, pattern: cst.MatchSingleton, subject: Operand) -> Operand:
    return low.apply(is_, subject, Const(_SINGLETONS[pattern.value.value]))


def _as(low: Lowerer, pattern: cst.MatchAs, subject: Operand) -> Operand:
    cond = TRUE if pattern.pattern is None else _test(low, pattern.pattern, subject)
    if pattern.name is not None and not is_false(cond):
        assign(low, pattern.name, subject)
    return cond


def _or(low: Lowerer, pattern: cst.MatchOr, subject: Operand) -> Operand:
    return any_flag(low, *(_test(low, each.pattern, subject) for each in pattern.patterns))


def _sequence(low: Lowerer, pattern: cst.MatchSequence, subject: Operand) -> Operand:
    packed = _items_of_array(low, subject) if ARRAYS_MATCH else None
    packed = packed or expand(low, subject)
    if packed is None or not issubclass(packed.kind, (tuple, list)):
        return _unlike(low, pattern, subject, Sequence, _TEXTS)
    elements = list(pattern.patterns)
    stars = [i for i, each in enumerate(elements) if isinstance(each, cst.MatchStar)]
    count = len(packed.items)
    if count != len(elements) if not stars else count < len(elements) - 1:
        return FALSE
    parts: list[Operand] = list(packed.items)
    if stars:
        at = stars[0]
        end = count - (len(elements) - at - 1)
        parts[at:end] = [Pack(list, packed.items[at:end])]
    cond: Operand = TRUE
    for each, part in zip(elements, parts, strict=True):
        if isinstance(each, cst.MatchStar):
            if each.name is not None:
                assign(low, each.name, part)
        else:
            assert isinstance(each, cst.MatchSequenceElement)
            cond = _both(low, cond, _test(low, each.value, part))
    return cond


def _items_of_array(low: Lowerer, subject: Operand) -> Pack | None:
    """Return the items of an array, where it is one; None for a NumPy scalar, and all else."""
    t = type_of(subject)
    if not isinstance(t, Array) or not (t.rank or low.memory.is_mutable(subject)):
        return None
    if not t.rank:
        low.refuse("`match` asks for the items of an array of an unknown number of axes.")
    return Pack(list, items_of(low, subject))


def _unlike(
    low: Lowerer, pattern: cst.MatchPattern, subject: Operand, kind: Any, others: tuple[type, ...]
) -> Operand:
    """Return that a subject does not fit; refuse one that may, whose items are not known."""
    is_kind, is_other = (low.call(isinstance, (subject, Const(each))) for each in (kind, others))
    if not is_false(is_kind) and not is_true(is_other):
        low.refuse(
            "`match` asks for the items of what is only known when the program runs.", node=pattern
        )
    return FALSE


def _mapping(low: Lowerer, pattern: cst.MatchMapping, subject: Operand) -> Operand:
    packed = expand(low, subject)
    if packed is None or packed.kind is not dict:
        return _unlike(low, pattern, subject, Mapping, ())
    cond: Operand = TRUE
    keys: list[Any] = []
    for element in pattern.elements:
        key = static_value(low.expression(element.key))
        if key not in packed.keys:
            return FALSE
        keys.append(key)
        part = packed.items[packed.keys.index(key)]
        cond = _both(low, cond, _test(low, element.pattern, part))
    if pattern.rest is not None:
        pairs = {k: v for k, v in zip(packed.keys, packed.items, strict=True) if k not in keys}
        assign(low, pattern.rest, Pack(dict, tuple(pairs.values()), tuple(pairs)))
    return cond


def _class(low: Lowerer, pattern: cst.MatchClass, subject: Operand) -> Operand:
    kind = low.expression(pattern.cls)
    cond = low.call(isinstance, (subject, kind))
    if is_false(cond):
        return FALSE
    wanted: Any = static_value(kind)
    names: tuple[str, ...] = getattr(wanted, "__match_args__", ())
    if wanted in (bool, bytes, dict, float, frozenset, int, list, set, str, tuple):
        for element in pattern.patterns:
            cond = _both(low, cond, _test(low, element.value, subject))
        return cond
    named = [(names[i], each.value) for i, each in enumerate(pattern.patterns)]
    named += [(each.key.value, each.pattern) for each in pattern.kwds]
    for name, inner in named:
        part = attribute(low, subject, name, pattern.cls)
        cond = _both(low, cond, _test(low, inner, part))
    return cond


_PATTERNS: dict[type[cst.CSTNode], Callable[[Lowerer, Any, Operand], Operand]] = {
    cst.MatchAs: _as,
    cst.MatchClass: _class,
    cst.MatchList: _sequence,
    cst.MatchMapping: _mapping,
    cst.MatchOr: _or,
    cst.MatchSingleton: _singleton,
    cst.MatchTuple: _sequence,
    cst.MatchValue: _value,
}
