"""Identity: whether two operands are one object, and what follows from it for ``==`` and ``in``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.operators import any_of, in_, is_, not_in
from s2s_grad.ir.trees import is_container
from s2s_grad.ir.types import Array, Scalar
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.records import equality, is_record
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.static import truth
from s2s_grad.lower.terms.values import FALSE, TRUE, is_mutable_pack

__all__ = ["identity", "membership", "same_records"]

Compare = Callable[["Lowerer", Callable[..., Any], Operand, Operand, Any], Operand]


def identity(low: Lowerer, fn: Callable[..., Any], a: Operand, b: Operand) -> Operand | None:
    """Lower ``a is b`` or ``a is not b``; None where the program can ask it when it runs."""
    same = _are_one(low, a, b)
    return None if same is None else TRUE if same is (fn is is_) else FALSE


def _are_one(low: Lowerer, a: Operand, b: Operand) -> bool | None:
    one, other = low.memory.root(a), low.memory.root(b)
    if one is other and not isinstance(one, Const):
        return True
    if isinstance(one, Const) and isinstance(other, Const):
        return None
    if isinstance(one, Pack) or isinstance(other, Pack):
        return _are_one_container(low, one, other)
    if isinstance(one, Var) and isinstance(other, Var):
        return _are_one_value(low, one, other)
    return None


def _are_one_container(low: Lowerer, a: Operand, b: Operand) -> bool | None:
    if isinstance(a, Const) or isinstance(b, Const):
        if any(low.given.has(x) for x in (a, b)) and any(map(_is_outer_container, (a, b))):
            low.refuse("whether an argument is this object is only known when the program runs.",
                       "Compare what they hold.")  # fmt: skip
        return False  # what the function made is nothing that was there before
    if low.memory.may_be_another(a) or low.memory.may_be_another(b):
        low.refuse("whether these are one object is only known when the program runs.",
                   "Compare what they hold.", about=(a, b))  # fmt: skip
    if is_mutable_pack(a) and is_mutable_pack(b):
        if low.given.has(a) and low.given.has(b):
            low.given.be_apart((a, b))
        return False
    kinds = [x.kind if isinstance(x, Pack) else None for x in (a, b)]
    if None not in kinds and kinds[0] is not kinds[1]:
        return False
    plain = [not isinstance(x, Pack) and isinstance(type_of(x), (Scalar, Array)) for x in (a, b)]
    if any(plain):
        return False
    low.refuse("whether two tuples are one object depends on how they were made.",
               "Compare them with `==`.")  # fmt: skip


def _is_outer_container(operand: Operand) -> bool:
    return isinstance(operand, Const) and is_container(operand.value)


def _are_one_value(low: Lowerer, a: Var, b: Var) -> bool | None:
    """Return whether two numbers or arrays are one; what the caller gave may be one twice."""
    if isinstance(a.type, Scalar) and a.type.kind in ("int", "bool"):
        return None  # small ints and bools are one object wherever they come from
    if isinstance(a.type, Scalar) or isinstance(b.type, Scalar):
        low.refuse("whether two numbers are one object depends on how they were computed.",
                   "Compare them with `==`.")  # fmt: skip
    if not (isinstance(a.type, Array) and isinstance(b.type, Array)):
        return None
    if _is_new_number(low, a) or _is_new_number(low, b):
        if all(x in low.defined or x in low.parameters for x in (a, b)):
            return False
        low.refuse("whether these are one number is only known when the program runs.",
                   "Compare them with `==`.")  # fmt: skip
    if low.memory.is_part(a) or low.memory.is_part(b):
        return False  # every slice is an object of its own
    made = [low.aliases.owned(x) and x in low.defined for x in (a, b)]
    apart = not low.aliases.may_share(low.aliases.of(a), low.aliases.of(b))
    return False if any(made) and apart and low.aliases.of(a) and low.aliases.of(b) else None


def _is_new_number(low: Lowerer, var: Var) -> bool:
    """Return whether a variable is a number of NumPy's that was computed where it stands."""
    from_numbers = (isinstance(type_of(x), (Array, Scalar)) for x in low.defined.get(var, ())[:1])
    return not low.aliases.of(var) and all(from_numbers) and var in low.defined


def same_records(
    low: Lowerer, a: Operand, b: Operand, compare: Compare, origin: Any
) -> Operand | None:
    """Lower ``a == b`` where one is an object whose class has no ``__eq__`` of the user's."""
    kinds = [equality(x) if isinstance(x, Pack) and is_record(x) else "" for x in (a, b)]
    if "itself" in kinds or not any(kinds):
        return None
    alike = isinstance(a, Pack) and isinstance(b, Pack) and a.kind is b.kind
    if alike and kinds == ["fields", "fields"]:
        assert isinstance(a, Pack)
        assert isinstance(b, Pack)
        values = dict(zip(b.keys, b.items, strict=True))
        others = tuple(values[key] for key in a.keys)
        return compare(low, np.equal, Pack(tuple, a.items), Pack(tuple, others), origin)
    return TRUE if _are_one(low, a, b) else FALSE


def membership(
    low: Lowerer, fn: Callable[..., Any], item: Operand, container: Operand, compare: Compare
) -> Operand | None:
    """Lower ``item in container`` of a list that holds containers or objects: item by item."""
    packed = expand(low, container)
    if packed is None or not issubclass(packed.kind, (tuple, list)):
        return None
    if not any(isinstance(each, Pack) for each in (item, *packed.items)):
        return None
    found: Operand = FALSE
    for each in packed.items:
        now = low.memory.shallow(each)
        same = TRUE if _are_one(low, item, now) else compare(low, np.equal, now, item, None)
        known = truth(same)
        if known:
            found = TRUE
            break
        if known is None:
            found = same if found is FALSE else low.apply(any_of, found, same)
    if fn is not_in:
        return FALSE if found is TRUE else TRUE if found is FALSE else None
    return found if fn is in_ else None
