"""The meaning of the IR: a reference interpreter, for tests."""

from __future__ import annotations

from typing import Any, assert_never

from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Const,
    Define,
    Effect,
    Function,
    If,
    Loop,
    Operand,
    Pack,
    Statement,
    Var,
)
from s2s_grad.ir.primitives import INFIX, PREFIX
from s2s_grad.runtime import with_fields

__all__ = ["evaluate"]

_PYTHON_SCALARS = (bool, int, float, complex)
Scope = dict[Var, Any]


def evaluate(function: Function, *args: Any, **kwargs: Any) -> Any:
    """Run a program on values; `inplace` marks are ignored, every update is a copy.

    Parameters
    ----------
    function : Function
        The program.
    *args, **kwargs
        One value per parameter, starred ones as a tuple and a dict; others take their default.
    """
    scope: Scope = {}
    values = dict(zip((p.name for p in function.params), args, strict=False)) | kwargs
    for param in function.params:
        if param.name in values:
            scope[param.var] = values[param.name]
        elif param.default is not None:
            scope[param.var] = param.default.value
        elif param.kind is param.kind.VAR_POSITIONAL:
            scope[param.var] = ()
        elif param.kind is param.kind.VAR_KEYWORD:
            scope[param.var] = {}
        else:
            raise TypeError(f"missing argument {param.name!r}")
    run(function.block.body, scope)
    return value_of(function.block.results[0], scope)


def value_of(operand: Operand, scope: Scope) -> Any:
    """Return the value of an operand."""
    match operand:
        case Var():
            return scope[operand]
        case Const():
            return operand.value
        case Pack():
            items = [value_of(item, scope) for item in operand.items]
            if operand.kind is slice:
                return slice(*items)
            if operand.kind is dict:
                return dict(zip(operand.keys, items, strict=True))
            if operand.keys:
                return with_fields(operand.kind, **dict(zip(operand.keys, items, strict=True)))
            return getattr(operand.kind, "_make", operand.kind)(items)


def call(fn: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Apply a primitive; on Python scalars an operator is Python's own."""
    operators = INFIX if fn in INFIX else PREFIX
    if fn in operators and not kwargs and all(type(arg) in _PYTHON_SCALARS for arg in args):
        return operators[fn].function(*args)
    return fn(*args, **kwargs)


def run(statements: tuple[Statement, ...], scope: Scope) -> None:
    """Run statements in a scope."""
    # A walk of its own: blocks run as often as the program says.
    for statement in statements:
        match statement:
            case Apply() | Effect():
                args = [value_of(arg, scope) for arg in statement.args]
                kwargs = {name: value_of(value, scope) for name, value in statement.kwargs}
                result = call(statement.fn, args, kwargs)
                if statement.result is not None:
                    scope[statement.result] = result
            case If():
                block = statement.then if value_of(statement.cond, scope) else statement.orelse
                run(block.body, scope)
                values = [value_of(result, scope) for result in block.results]
                scope.update(zip(statement.results, values, strict=True))
            case Loop():
                _run_loop(statement, scope)
            case Define():
                scope[statement.result] = _closure(statement.block, scope)
            case _:
                assert_never(statement)


def _closure(block: Block, scope: Scope) -> Any:
    def function(*args: Any) -> Any:
        inner = dict(scope)
        inner.update(zip(block.params, args, strict=True))
        run(block.body, inner)
        return value_of(block.results[0], inner)

    return function


def _run_loop(loop: Loop, scope: Scope) -> None:
    carried = [value_of(carry.init, scope) for carry in loop.carried]
    lists: list[list[Any]] = [[] for _ in loop.collected]
    if loop.cond is None:
        seqs = [list(value_of(each.sequence, scope)) for each in loop.each]
        if len({len(seq) for seq in seqs}) != 1:
            raise ValueError("the sequences of a loop differ in length")
        rows: Any = zip(*seqs, strict=True)
        rows = reversed(list(rows)) if loop.reverse else rows
    else:
        rows = iter(tuple, None)
    for row in rows:
        if loop.cond is not None:
            scope.update(zip(loop.cond.params, carried, strict=True))
            run(loop.cond.body, scope)
            if not value_of(loop.cond.results[0], scope):
                break
        scope.update(zip(loop.elements, row, strict=True))
        for carry, value in zip(loop.carried, carried, strict=True):
            scope[carry.parameter] = value
        run(loop.body.body, scope)
        carried = [value_of(carry.next, scope) for carry in loop.carried]
        for items, collect in zip(lists, loop.collected, strict=True):
            items.append(value_of(collect.item, scope))
        if loop.stop is not None and value_of(loop.stop, scope):
            break
    for carry, value in zip(loop.carried, carried, strict=True):
        scope[carry.result] = value
    for collect, items in zip(loop.collected, lists, strict=True):
        scope[collect.result] = items[::-1] if loop.reverse else items
