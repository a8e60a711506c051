"""Readable names without collisions.

Variables that have to share a name, or may share one, form a class: the initial value, parameter,
yield and result of a carried value, an update and its base, an `If` result and its branches'
values. Classes then get names in the order of their definition; two classes share a name only if
their variables are never live together.
"""

from __future__ import annotations

import builtins
import keyword
import operator
from collections.abc import Iterable, Iterator

from s2s_grad.analysis.wording import Wording
from s2s_grad.emit.uses import Interval, Uses
from s2s_grad.ir.nodes import Apply, Block, Function, If, Loop, Role, Statement, Var
from s2s_grad.ir.types import ListOf
from s2s_grad.ir.walk import bound_vars, results_of, statements_of, visit

__all__ = ["Names", "choose_names"]

_RESERVED = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "np", "math", "special", "stop"}
_WORST = 9
_ENDS = {Role.COTANGENT: "_bar", Role.TANGENT: "_dot"}


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

    def __init__(self, uses: Uses, params: set[Var]) -> None:
        self.uses = uses
        self.params = params
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
        members = self.members[self.find(var)]
        return [interval for member in members for interval in self.uses.intervals(member)]

    def join_if_free(self, a: Var, b: Var) -> bool:
        """Join two classes unless they have names of their own or are live together."""
        if self.find(a) is self.find(b):
            return True
        if self._named_apart(a, b) or _overlap(self.intervals(a), self.intervals(b)):
            return False
        self.join(a, b)
        return True

    def _named_apart(self, a: Var, b: Var) -> bool:
        """Return whether the user gave different names, or named one that the other derives."""
        members = [[m for m in self.members[self.find(var)] if m.hint] for var in (a, b)]
        first, second = ({(m.hint, _ENDS.get(m.role, "")) for m in group} for group in members)
        theirs = any(not end for _, end in first | second)
        theirs = theirs or not self.params.isdisjoint((*members[0], *members[1]))
        return bool(first and second and theirs and first.isdisjoint(second))


def _overlap(a: list[Interval], b: list[Interval]) -> bool:
    return any((s < e2 and s2 < e) or s == s2 for s, e in a for s2, e2 in b)


def choose_names(
    function: Function, uses: Uses, folded: dict[Var, Apply | If], reserved: Iterable[str]
) -> Names:
    """Return a name for each variable that is not folded into an expression."""
    classes = _Classes(uses, {param.var for param in function.params})
    _join_classes(function.block, classes, folded)
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
        (var for var in bound_vars(function.block) if var not in folded),
        key=lambda var: (_rank(var), uses.start.get(var, 0.0)),
    )
    spelled = _Speller(function)
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


def _rank(var: Var) -> int:
    if not var.hint:
        return _WORST
    return {Role.USER: 0, Role.COTANGENT: 1, Role.TANGENT: 1, Role.TEMP: 2}[var.role]


def _join_classes(block: Block, classes: _Classes, folded: dict[Var, Apply | If]) -> None:
    """Join what has to share a name, then what may."""
    for statement in statements_of(block):
        _join_needed(statement, classes)
    visit(block, leave=lambda statement: _join_wished(statement, classes, folded))


def _join_needed(statement: Statement, classes: _Classes) -> None:
    match statement:
        case Apply(inplace=True):
            base = statement.args[0]
            if isinstance(base, Var):
                classes.join(base, statement.result)
        case Loop():
            for carry in statement.carried:
                classes.join(carry.parameter, carry.result)
            for carry in statement.carried:
                if carry.tested is not None:
                    classes.join(carry.parameter, carry.tested)
        case _:
            pass


def _join_wished(statement: Statement, classes: _Classes, folded: dict[Var, Apply | If]) -> None:
    match statement:
        case Loop():
            _join_loop(statement, classes, folded)
        case If():
            if statement.results and statement.results[0] in folded:
                return
            for inner in (statement.then, statement.orelse):
                # A nameless value from outside keeps the name of what it was there.
                made = {var for s in inner.body for var in results_of(s)}
                for result, value in zip(statement.results, inner.results, strict=True):
                    if not isinstance(value, Var) or value in folded:
                        continue
                    if value in made or value.hint:
                        classes.join_if_free(result, value)
        case _:
            pass


def _join_loop(loop: Loop, classes: _Classes, folded: dict[Var, Apply | If]) -> None:
    own = set(bound_vars(loop.body))
    for carry in loop.carried:
        if isinstance(carry.next, Var) and carry.next not in folded and carry.next in own:
            classes.join_if_free(carry.parameter, carry.next)
    for carry in loop.carried:
        if isinstance(carry.init, Var) and carry.init not in folded:
            classes.join_if_free(carry.parameter, carry.init)


def _candidates(name: str) -> Iterator[str]:
    yield name
    yield f"{name}_"
    number = 2
    while True:
        yield f"{name}{number}" if not name[-1:].isdigit() else f"{name}_{number}"
        number += 1


class _Speller:
    """Spells a variable's preferred name: what it is the adjoint of, or what computes it.

    A list is named after what it collects, in the plural; what a loop reads back from it has the
    name of what was collected.
    """

    def __init__(self, function: Function) -> None:
        self.wording = Wording(statements_of(function.block))
        self.same: dict[Var, Var] = {}  # has the value of another variable
        self.items: dict[Var, Var] = {}  # a list, and what it collects
        self.sources: dict[Var, Var] = {}  # an element, and the list that it is of
        self.before: set[Var] = set()  # carried values that are collected before and after
        for s in statements_of(function.block):
            match s:
                case If():
                    for merge in s.merged:
                        known = [v for v in (merge.then, merge.orelse) if isinstance(v, Var)]
                        if known:
                            self.same[merge.result] = known[0]
                case Loop():
                    self.learn(s)
                case _:
                    pass

    def learn(self, loop: Loop) -> None:
        for collect in loop.collected:
            if isinstance(collect.item, Var):
                self.items[collect.result] = collect.item
        for each in loop.each:
            if isinstance(each.sequence, Var):
                self.sources[each.element] = each.sequence
        items = {collect.item for collect in loop.collected}
        for carry in loop.carried:
            if carry.parameter in items and carry.next in items:
                self.before.add(carry.parameter)
            if isinstance(carry.init, Var):
                self.same[carry.parameter] = carry.init

    def __call__(self, var: Var) -> str:
        source = self.sources.get(var)
        item = None if source is None else self.item_of(source)
        if item is not None:
            if isinstance(item.type, ListOf):
                return self(item)
            name = self.plain(item)
            return f"{name}_prev" if item in self.before else name
        item = self.items.get(var)
        same = self.same.get(var) if item is None and isinstance(var.type, ListOf) else None
        if same is not None and var.hint in ("", same.hint):
            return self(same)
        return self.plain(var) if item is None else self.plural(var, item)

    def item_of(self, items: Var) -> Var | None:
        """Return what a list collects, also where the list is itself an item of one."""
        item = self.items.get(items)
        if item is None and items in self.sources:
            inner = self.item_of(self.sources[items])
            return None if inner is None else self.item_of(inner)
        return item

    def plural(self, items: Var, item: Var) -> str:
        """Return the name of a list of values: `laps` of `lap`, `all_laps` of lists of them."""
        if isinstance(item.type, ListOf):
            inner = self(item)
            return inner if inner.startswith("all_") else f"all_{inner}"
        if items.role is Role.USER and items.hint and items.hint != item.hint:
            return items.hint  # the user's own list
        name = self.plain(items if items.hint else item)
        if item in self.before:
            return f"{name}_in"
        return f"{name}_out" if name in self.after() else _plural(name)

    def after(self) -> set[str]:
        return {self.plain(param) for param in self.before}

    def plain(self, var: Var, depth: int = 8) -> str:
        """Return the name of a variable that is no list."""
        word = self.wording.of(var)
        if word and not (var.about and var.role is not Role.TEMP and not var.hint):
            return word
        statement = self.wording.definitions.get(var)
        if statement is not None and statement.fn is operator.getitem:
            part = self.wording.part(statement)
            if part.endswith(_ENDS.get(var.role, "")):
                return part
        if word:
            return word
        same = self.same.get(var)
        if same is not None and depth:
            return self.plain(same, depth - 1)
        source = self.sources.get(var)
        item = None if source is None else self.item_of(source)
        if item is not None and depth:
            return self.plain(item, depth - 1)
        return "value" + _ENDS.get(var.role, "")


def _plural(name: str) -> str:
    if len(name) > 1 and name.endswith(("s", "x", "z", "ch", "sh")):
        return f"{name}_list"
    if len(name) > 2 and name.endswith("y") and name[-2] not in "aeiou_":
        return f"{name[:-1]}ies"
    return f"{name}_list" if f"{name}s" in _RESERVED else f"{name}s"
