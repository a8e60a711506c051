"""Readable names without collisions.

Variables that have to share a name, or may share one, form a class: the initial value, parameter,
yield and result of a carried value, an update and its base, an `If` result and its branches'
values. Classes then get names in the order of their definition; two classes share a name only if
their variables are never live together.
"""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Callable, Iterable, Iterator

from s2s_grad.emit.uses import Interval, Uses
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Const,
    Define,
    Effect,
    Function,
    If,
    Loop,
    Role,
    Var,
)
from s2s_grad.ir.operators import INFIX, PREFIX
from s2s_grad.ir.walk import blocks_of, bound_vars, statements_of, vars_of

__all__ = ["Names", "choose_names"]

_RESERVED = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "np", "math", "special", "stop"}
_WORST = 9


class Names:
    """The name of each variable."""

    def __init__(self, names: dict[Var, str]) -> None:
        self._names = names

    def __getitem__(self, var: Var) -> str:
        return self._names[var]

    def get(self, var: Var) -> str | None:
        return self._names.get(var)


class _Classes:
    """Sets of variables that share a name (a union-find over variables)."""

    def __init__(self, uses: Uses) -> None:
        self.uses = uses
        self.parent: dict[Var, Var] = {}
        self.members: dict[Var, list[Var]] = {}

    def find(self, var: Var) -> Var:
        while (up := self.parent.get(var)) is not None:
            var = up
        self.members.setdefault(var, [var])
        return var

    def join(self, a: Var, b: Var) -> None:
        a, b = self.find(a), self.find(b)
        if a is not b:
            self.members[a].extend(self.members.pop(b))
            self.parent[b] = a

    def intervals(self, var: Var) -> list[Interval]:
        return [self.uses.interval(member) for member in self.members[self.find(var)]]

    def join_if_free(self, a: Var, b: Var) -> bool:
        """Join two classes unless some of their members are live together."""
        if self.find(a) is self.find(b):
            return True
        if _overlap(self.intervals(a), self.intervals(b)):
            return False
        self.join(a, b)
        return True


def _overlap(a: list[Interval], b: list[Interval]) -> bool:
    return any((s < e2 and s2 < e) or s == s2 for s, e in a for s2, e2 in b)


def choose_names(
    function: Function, uses: Uses, folded: dict[Var, Apply | If], reserved: Iterable[str]
) -> Names:
    """Return a name for each variable that is not folded into an expression."""
    classes = _Classes(uses)
    _join_classes(function.block, classes, folded)
    definitions = {s.result: s for s in statements_of(function.block) if isinstance(s, Apply)}
    taken: dict[str, list[Interval]] = {}
    names: dict[Var, str] = {}
    always = [(-2.0, float("inf"))]
    for name in (*_RESERVED, *reserved):
        taken[name] = always
    for param in function.params:
        root = classes.find(param.var)
        for member in classes.members[root]:
            names[member] = param.name
        taken[param.name] = taken.get(param.name, []) + classes.intervals(param.var)
    order = sorted(
        (var for var in _all_vars(function.block) if var not in folded),
        key=lambda var: (_rank(var), uses.start.get(var, 0.0)),
    )
    spelled = _Speller(definitions, names)
    for var in order:
        root = classes.find(var)
        if root in names:
            continue
        members = classes.members[root]
        intervals = classes.intervals(root)
        best = min(members, key=lambda m: (_rank(m), uses.start.get(m, 0.0)))
        for candidate in _candidates(spelled(best)):
            if not _overlap(taken.get(candidate, []), intervals):
                break
        else:
            raise AssertionError("candidates never end")
        taken[candidate] = taken.get(candidate, []) + intervals
        for member in members:
            names[member] = candidate
    return Names(names)


def _all_vars(block: Block) -> Iterator[Var]:

    return bound_vars(block)


def _rank(var: Var) -> int:
    if not var.hint:
        return _WORST
    return {Role.USER: 0, Role.COTANGENT: 1, Role.TANGENT: 1, Role.TEMP: 2}[var.role]


def _join_classes(block: Block, classes: _Classes, folded: dict[Var, Apply | If]) -> None:
    """Join what has to share a name, then what may."""
    _join_needed(block, classes)
    _join_wished(block, classes, folded)


def _join_needed(block: Block, classes: _Classes) -> None:
    for statement in block.body:
        match statement:
            case Apply(inplace=True):
                base = statement.args[0]
                if isinstance(base, Var):
                    classes.join(base, statement.result)
            case Loop():
                for param, result in zip(statement.carried, statement.results, strict=True):
                    classes.join(param, result)
                if statement.cond is not None:
                    for param, cond in zip(statement.carried, statement.cond.params, strict=True):
                        classes.join(param, cond)
            case _:
                pass
        for inner in blocks_of(statement):
            _join_needed(inner, classes)


def _join_wished(block: Block, classes: _Classes, folded: dict[Var, Apply | If]) -> None:
    for statement in block.body:
        match statement:
            case Loop():
                _join_loop(statement, classes, folded)
            case If():
                if statement.results and statement.results[0] in folded:
                    continue
                _join_wished(statement.then, classes, folded)
                _join_wished(statement.orelse, classes, folded)
                for inner in (statement.then, statement.orelse):
                    for result, value in zip(statement.results, inner.results, strict=True):
                        if isinstance(value, Var) and value not in folded:
                            classes.join_if_free(result, value)
            case Define():
                _join_wished(statement.block, classes, folded)
            case Apply() | Effect():
                pass


def _join_loop(loop: Loop, classes: _Classes, folded: dict[Var, Apply | If]) -> None:
    _join_wished(loop.body, classes, folded)
    own = set(_all_vars(loop.body))
    for param, value in zip(loop.carried, loop.yields, strict=True):
        if isinstance(value, Var) and value not in folded and value in own:
            classes.join_if_free(param, value)
    for param, init in zip(loop.carried, loop.inits, strict=True):
        if isinstance(init, Var) and init not in folded:
            classes.join_if_free(param, init)


def _candidates(name: str) -> Iterator[str]:
    yield name
    yield f"{name}_"
    number = 2
    while True:
        yield f"{name}{number}" if not name[-1:].isdigit() else f"{name}_{number}"
        number += 1


_SHORT = {"getitem": "item", "absolute": "abs", "negative": "neg", "power": "pow"}
_INFIX_WORDS = {"+": "total", "-": "diff", "*": "prod", "/": "quot", "@": "prod", "**": "power"}


class _Speller:
    """Spells a variable's preferred name: what it is the adjoint of, or what computes it."""

    def __init__(self, definitions: dict[Var, Apply], names: dict[Var, str]) -> None:
        self.definitions = definitions
        self.names = names

    def __call__(self, var: Var) -> str:
        base = var.hint
        match var.role:
            case Role.COTANGENT:
                return f"{base or 'v'}_bar"
            case Role.TANGENT:
                return f"{base}_dot" if base else "v_dot"
            case _:
                pass
        if base:
            return base
        statement = self.definitions.get(var)
        return "value" if statement is None else self.of(statement)

    def of(self, statement: Apply) -> str:
        fn: Callable[..., object] = statement.fn
        operand = self.main(statement)
        if fn in INFIX:
            return _INFIX_WORDS.get(INFIX[fn].symbol, "test")
        if fn in PREFIX:
            return f"neg_{operand}" if operand else "neg"
        name = getattr(fn, "__name__", "value").strip("_")
        name = _SHORT.get(name, name)
        return f"{name}_{operand}" if operand and len(operand) < 12 else name

    def main(self, statement: Apply) -> str:
        """Return the name of the only named variable that a statement reads, if there is one."""
        for operand in statement.args:
            if isinstance(operand, Const):
                continue
            for var in vars_of(operand):
                if var in self.names:
                    return self.names[var]
                if var.hint:
                    return self(var)
                inner = self.definitions.get(var)
                if inner is not None and inner.fn in PREFIX:
                    return self.main(inner)
            return ""
        return ""
