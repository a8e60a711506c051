"""The types of a program, checked: what is computed is what its variable is declared to be.

Types are not only for reading: rules, views and updates in place are chosen by them. A declared
type may say less than what is inferred, and never something else.
"""

from __future__ import annotations

import operator
from typing import assert_never

from s2s_grad.analysis.infer import infer, row_type, type_of
from s2s_grad.ir.nodes import Apply, Define, Effect, Function, If, Loop, Statement, Var
from s2s_grad.ir.primitives import primitive
from s2s_grad.ir.types import (
    Array,
    Dict,
    ListOf,
    Never,
    Random,
    Range,
    Scalar,
    Sequence,
    Static,
    Type,
    Unknown,
)
from s2s_grad.ir.verify import InvalidProgram, verify
from s2s_grad.ir.walk import leaving, visit

__all__ = ["may_be", "verify_types"]

_KINDS = "biufc"  # what a later one holds, an earlier one does not
_SCALARS = {"bool": "b", "int": "i", "float": "f", "complex": "c"}


def verify_types(function: Function, checked: set[Statement] | None = None) -> Function:
    """Return the function, or raise `InvalidProgram`; also for all that `verify` raises it.

    Parameters
    ----------
    function : Function
        A program.
    checked : set of Statement, optional
        Statements whose types are known to be right, to which those of the program are added.

    Raises
    ------
    InvalidProgram
        Where a primitive is given what it does not take, or a variable is declared to be something
        else than the values it has.
    """
    verify(function)
    known = set[Statement]() if checked is None else checked

    def check(statement: Statement) -> None:
        if statement not in known:
            _check(statement)
            known.add(statement)

    visit(function.block, leave=check)
    return function


def may_be(found: Type, declared: Type) -> bool:
    """Return whether a value of one type may be that of a variable declared with another.

    Examples
    --------
    >>> may_be(Scalar("int"), Scalar("float")), may_be(Scalar("float"), Scalar("int"))
    (True, False)
    """
    match found, declared:
        case (Unknown() | Never(), _) | (_, Unknown() | Never()):
            return True
        case (Scalar() | Array(), Scalar() | Array()):
            return _is_shape_of(found, declared) and _kind(found) <= _kind(declared, "c")
        case Static(), Static():
            return found == declared
        case ListOf(), ListOf():
            return may_be(found.item, declared.item)
        case Sequence(kind=kind), ListOf(item=item):
            return kind is list and all(may_be(each, item) for each in found.items)
        case (Sequence(), Sequence()) | (Dict(), Dict()):
            same = found.kind is declared.kind and len(found.items) == len(declared.items)
            return same and all(map(may_be, found.items, declared.items))
        case (Range(), Range()) | (Random(), Random()):
            return True
        case _:
            return False


def _kind(t: Scalar | Array, unknown: str = "b") -> int:
    """Return how much the numbers of a type hold; nothing is known of what is no number."""
    if isinstance(t, Scalar):
        return _KINDS.index(_SCALARS[t.kind])
    kind = unknown if t.dtype is None or t.dtype.kind not in _KINDS else t.dtype.kind
    return _KINDS.index(kind)


def _is_shape_of(found: Scalar | Array, declared: Scalar | Array) -> bool:
    shapes = [() if isinstance(t, Scalar) else t.shape for t in (found, declared)]
    if shapes[0] is None or shapes[1] is None:
        return True
    pairs = list(zip(*shapes, strict=False))
    known = all(a == b for a, b in pairs if isinstance(a, int) and isinstance(b, int))
    return len(shapes[0]) == len(shapes[1]) and known


def _check(statement: Statement) -> None:
    match statement:
        case Apply():
            _check_operands(statement)
            made = infer(statement.fn, statement.args, dict(statement.kwargs))
            _agree(made, statement.result, statement)
        case If():
            for result, value in leaving(statement):
                _agree(type_of(value), result, statement)
        case Loop():
            _check_loop(statement)
        case Effect() | Define():
            pass
        case _:
            assert_never(statement)


def _check_loop(loop: Loop) -> None:
    for each in loop.each:
        _agree(row_type(each.sequence), each.element, loop)
    for carry in loop.carried:
        for value in (carry.init, carry.next):
            _agree(type_of(value), carry.parameter, loop)
        for var in (carry.result, carry.tested):
            if var is not None:
                _agree(carry.parameter.type, var, loop)
    for collect in loop.collected:
        _agree(ListOf(type_of(collect.item)), collect.result, loop)


def _check_operands(statement: Apply) -> None:
    """Refuse operands that no function of a primitive's kind takes."""
    if primitive(statement.fn).elementwise:
        for arg in statement.args:
            if isinstance(type_of(arg), (Dict, Range, Random)):
                raise InvalidProgram(f"{statement.fn} is given {type_of(arg)}")
    if statement.fn is operator.getitem and isinstance(
        type_of(statement.args[0]), (Scalar, Random)
    ):
        raise InvalidProgram(f"a subscript of {type_of(statement.args[0])}")


def _agree(found: Type, var: Var, statement: Statement) -> None:
    if not may_be(found, var.type):
        raise InvalidProgram(f"{var!r} is declared for {found}, in {statement}")
