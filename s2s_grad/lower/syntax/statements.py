"""Statements, one handler for each kind, and the order of a block around its jumps."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import libcst as cst

from s2s_grad.ir.effects import assert_, raise_
from s2s_grad.ir.guards import class_of
from s2s_grad.ir.nodes import Const, Operand, Origin
from s2s_grad.ir.sources import Line
from s2s_grad.lower.control.branches import guard, join_regions, jump
from s2s_grad.lower.control.places import end_way, place_of_branch
from s2s_grad.lower.control.regions import Region
from s2s_grad.lower.core.bound import bind_name, unbind_name
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.loops.for_loops import lower_for
from s2s_grad.lower.loops.while_loops import lower_while
from s2s_grad.lower.objects.records import call_method, condition, is_record
from s2s_grad.lower.syntax.expressions import make_function
from s2s_grad.lower.syntax.matching import lower_match
from s2s_grad.lower.syntax.refused import REFUSED_STATEMENTS
from s2s_grad.lower.terms.frames import BROKE, DEAD, JUMPED, RETURNED, VALUE
from s2s_grad.lower.terms.locate import header_line, statement_line
from s2s_grad.lower.terms.static import truth
from s2s_grad.lower.terms.syntax_names import imported_name
from s2s_grad.lower.terms.values import (
    NONE,
    TRUE,
    Conflict,
    Surrounding,
    is_false,
    is_true,
    is_undefined,
)
from s2s_grad.lower.writes.assign import assign, augment, item_of
from s2s_grad.lower.writes.store import delete_item

__all__ = ["lower_body", "lower_suite"]


@dataclass(frozen=True, slots=True, eq=False)
class _Item:
    """A statement; a simple one with the line that it shares with others."""

    node: Any
    whole: cst.SimpleStatementLine | None = None
    first: bool = True


def lower_body(low: Lowerer, function: cst.FunctionDef) -> Operand:
    """Lower a function's body and return what the function returns."""
    items = _items(function.body)
    if items and _is_docstring(items[0].node):
        items = items[1:]
    _lower_items(low, items)
    env = low.here.env
    if not _has_left(low):

        def give_none() -> None:
            low.here.env[VALUE] = NONE
            jump(low, RETURNED)

        if is_false(env[JUMPED]):
            give_none()
        else:
            guard(low, env[JUMPED], give_none)
    value = low.here.env[VALUE]
    if isinstance(value, Const) and isinstance(value.value, Conflict):
        name = function.name.value
        what = f"what `{name}` returns {value.value.reason}."
        low.refuse(what, value.value.remedy, function, about=(value,))
    return NONE if is_undefined(value) else value


def lower_suite(low: Lowerer, suite: cst.BaseSuite) -> None:
    """Lower the statements of a block, up to a jump that is always taken."""
    _lower_items(low, _items(suite))


def _items(suite: cst.BaseSuite) -> list[_Item]:
    if isinstance(suite, cst.SimpleStatementSuite):
        line = cst.SimpleStatementLine(suite.body, trailing_whitespace=suite.trailing_whitespace)
        return [_Item(node, line, place == 0) for place, node in enumerate(suite.body)]
    items: list[_Item] = []
    for node in suite.body:
        if isinstance(node, cst.SimpleStatementLine):
            items += [_Item(small, node, place == 0) for place, small in enumerate(node.body)]
        else:
            items.append(_Item(node))
    return items


def _is_docstring(node: Any) -> bool:
    strings = (cst.SimpleString, cst.ConcatenatedString)
    return isinstance(node, cst.Expr) and isinstance(node.value, strings)


def _has_left(low: Lowerer) -> bool:
    """Return whether control never gets past this point."""
    env = low.here.env
    return DEAD in env or is_true(env[JUMPED])


def _lower_items(low: Lowerer, items: list[_Item]) -> None:
    for place, item in enumerate(items):
        rest = items[place + 1 :]
        if isinstance(item.node, cst.If):
            if _lower_if(low, item.node, rest):
                return
        else:
            _lower_item(low, item)
        if _has_left(low):
            return
        status = low.here.env[JUMPED]
        if not is_false(status):
            if rest:
                with low.at(item.node, low.previous):
                    guard(low, status, lambda rest=rest: _lower_items(low, rest))
            return


def _lower_item(low: Lowerer, item: _Item) -> None:
    kind = class_of(item.node)
    handler = _STATEMENTS.get(kind)
    if handler is None:
        low.refuse(f"`{kind.__name__}` is not supported.", node=item.node)
    if item.whole is None:
        handler(low, item.node)
        return
    line = statement_line(low.source, item.node, item.whole, item.first)
    with low.at(item.node, line):
        handler(low, item.node)


# ------------------------------------------------------------------ branches


def _lower_if(low: Lowerer, node: cst.If, rest: list[_Item], word: str = "if") -> bool:
    """Lower an ``if``; return whether `rest`, the statements after it, was lowered with it."""
    line = header_line(low.source, node, f"{word} {low.source.text_of(node.test)}")
    with low.at(node, line):
        cond = condition(low, node.test)
        known = truth(cond)
        if known is None:
            return _lower_branches(low, node, cond, rest, line)
    if known:
        lower_suite(low, node.body)
        return False
    return _lower_else(low, node.orelse, rest)


def _lower_else(low: Lowerer, orelse: cst.If | cst.Else | None, rest: list[_Item]) -> bool:
    if isinstance(orelse, cst.If):
        return _lower_if(low, orelse, rest, "elif")
    if orelse is not None:
        lower_suite(low, orelse.body)
    return False


def _lower_branches(
    low: Lowerer, node: cst.If, cond: Operand, rest: list[_Item], line: Line
) -> bool:
    with place_of_branch(low, cond) as holds:
        if holds is not None:
            if not holds:
                return _lower_else(low, node.orelse, rest)
            lower_suite(low, node.body)
            return False
        origin = Origin(line, position=(line.number, line.column))
        then, orelse = Region.pair(dict(low.here.env), dict(low.here.env))
        with then.within(low):
            lower_suite(low, node.body)
        with orelse.within(low):
            _lower_else(low, node.orelse, [])
        ends = [_ending(then), _ending(orelse)]
        absorbed = False
        if rest and "jumps" in ends and ends != ["jumps", "jumps"] and "raises" not in ends:
            # One way leaves: what follows belongs to the other way alone.
            region = then if ends[1] == "jumps" else orelse
            with region.within(low):
                _lower_rest(low, rest)
            absorbed = True
        join_regions(low, cond, then, orelse, origin)
        return absorbed


def _ending(region: Region) -> str:
    if DEAD in region.env:
        return "raises"
    return "jumps" if is_true(region.env[JUMPED]) else "goes on"


def _lower_rest(low: Lowerer, rest: list[_Item]) -> None:
    status = low.here.env[JUMPED]
    if is_false(status):
        _lower_items(low, rest)
    else:
        guard(low, status, lambda: _lower_items(low, rest))


# ------------------------------------------------------------------ simple statements


def _assign(low: Lowerer, node: cst.Assign) -> None:
    value = low.expression(node.value)
    for target in node.targets:
        assign(low, target.target, value)


def _annotated(low: Lowerer, node: cst.AnnAssign) -> None:
    if node.value is not None:
        assign(low, node.target, low.expression(node.value))


def _expression(low: Lowerer, node: cst.Expr) -> None:
    if not _is_docstring(node):
        low.expression(node.value)


def _return(low: Lowerer, node: cst.Return) -> None:
    low.here.env[VALUE] = NONE if node.value is None else low.expression(node.value)
    jump(low, RETURNED)


def _break(low: Lowerer, node: cst.Break) -> None:
    jump(low, BROKE)


def _continue(low: Lowerer, node: cst.Continue) -> None:
    jump(low, JUMPED)


def _pass(low: Lowerer, node: cst.CSTNode) -> None:
    pass


def _delete(low: Lowerer, node: cst.Del) -> None:
    targets = node.target.elements if isinstance(node.target, cst.Tuple) else (node.target,)
    for target in targets:
        inner = target.value if isinstance(target, cst.Element) else target
        if isinstance(inner, cst.Subscript):
            base, index = item_of(low, inner)
            with low.at(node):
                delete_item(low, base, index)
        elif isinstance(inner, cst.Name):
            low.expression(inner)  # it has to have a value
            unbind_name(low.here.env, inner.value)
        else:
            low.refuse("`del` of an attribute is not supported.", "", node)


def _assert(low: Lowerer, node: cst.Assert) -> None:
    cond = condition(low, node.test)
    if truth(cond):
        return
    message = () if node.msg is None else (low.expression(node.msg),)
    low.effect(assert_, cond, *message)


def _raise(low: Lowerer, node: cst.Raise) -> None:
    if node.exc is None:
        low.refuse("`raise` of the exception being handled is not supported.", "", node)
    given = low.expression(node.exc)
    if isinstance(given, Const) and isinstance(given.value, type):
        given = low.call(given.value)
    cause = node.cause
    more = () if cause is None else (low.expression(cause.item),)
    low.effect(raise_, given, *more)
    end_way(low)
    low.here.env[DEAD] = TRUE


def _import(low: Lowerer, node: cst.Import) -> None:
    for alias in node.names:
        name = _dotted(alias.name)
        module = importlib.import_module(name)
        if alias.asname is None:
            module = importlib.import_module(name.partition(".")[0])
        bound = imported_name(alias)
        bind_name(low.here.env, bound, Const(module, bound))


def _import_from(low: Lowerer, node: cst.ImportFrom) -> None:
    if isinstance(node.names, cst.ImportStar):
        low.refuse("a star import is not supported.", "Import the names that are used.", node)
    name = "." * len(node.relative) + ("" if node.module is None else _dotted(node.module))
    package: str | None = low.source.globals.get("__package__")
    module = importlib.import_module(name, package)
    for alias in node.names:
        item = _dotted(alias.name)
        bound = imported_name(alias)
        try:
            value = low.outside.attribute(module, item)
        except AttributeError:
            value = importlib.import_module(f"{name}.{item}", package)
        bind_name(low.here.env, bound, Const(value, bound))


def _dotted(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    assert isinstance(node, cst.Name)
    return node.value


def _function(low: Lowerer, node: cst.FunctionDef) -> None:
    with low.at(node):
        function: Operand = Const(make_function(low, node, node.name.value))
        for decorator in reversed(node.decorators):
            wrapper = low.expression(decorator.decorator)
            if not isinstance(wrapper, Const):
                low.refuse("a decorator that is only known when the program runs.")
            function = low.call(wrapper.value, (function,))
    bind_name(low.here.env, node.name.value, function)


def _with(low: Lowerer, node: cst.With) -> None:
    if node.asynchronous is not None:
        low.refuse("`async with` is not supported.", "Use a plain `with`.", node)
    leave: list[Operand] = []
    for item in node.items:
        manager = low.expression(item.item)
        surrounds = isinstance(manager, Const) and isinstance(manager.value, Surrounding)
        if not surrounds and not is_record(manager):
            low.refuse(
                "`with` of this context manager is not supported.",
                "Put the `with` around the call of this function.",
                node,
            )
        entered = NONE
        if is_record(manager):
            leave.append(manager)
            entered = call_method(low, manager, "__enter__")
        elif isinstance(manager, Const):
            entered = manager.value.value
        if item.asname is not None:
            assign(low, item.asname.name, entered)
    lower_suite(low, node.body)
    if leave and not is_false(low.here.env[JUMPED]):
        low.refuse("a jump out of a `with` block.", "Leave the block first.", node)
    for manager in reversed(leave):
        call_method(low, low.memory.shallow(manager), "__exit__", (NONE, NONE, NONE))


_STATEMENTS: dict[type[cst.CSTNode], Callable[[Lowerer, Any], None]] = {
    cst.AnnAssign: _annotated,
    cst.Assert: _assert,
    cst.Assign: _assign,
    cst.AugAssign: augment,
    cst.Break: _break,
    cst.Continue: _continue,
    cst.Del: _delete,
    cst.Expr: _expression,
    cst.For: lower_for,
    cst.FunctionDef: _function,
    cst.Global: _pass,
    cst.Import: _import,
    cst.ImportFrom: _import_from,
    cst.Match: lower_match,
    cst.Nonlocal: _pass,
    cst.Pass: _pass,
    cst.Raise: _raise,
    cst.Return: _return,
    cst.While: lower_while,
    cst.With: _with,
    **REFUSED_STATEMENTS,
}
