"""Which names a piece of syntax reads and assigns, found once per tree."""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import libcst as cst

__all__ = ["Names", "Scope", "fields_of", "names_of"]

_NO_NAMES = (
    "whitespace", "lpar", "rpar", "lbracket", "rbracket", "lbrace", "rbrace", "comma",
    "semicolon", "leading_lines", "lines_after", "header", "footer", "equal", "dot", "operator",
    "annotation", "returns", "trailing", "indent", "type_parameters", "asynchronous", "first_colon",
    "second_colon", "comment", "star",
)  # fmt: skip
_SCOPES = (cst.FunctionDef, cst.Lambda, cst.ClassDef)
_SILENT: dict[type[cst.CSTNode], frozenset[str]] = {
    cst.Attribute: frozenset({"attr"}),
    cst.Arg: frozenset({"keyword"}),
    cst.Param: frozenset({"name"}),
    cst.FunctionDef: frozenset({"name"}),
    cst.ClassDef: frozenset({"name"}),
    cst.ImportAlias: frozenset({"name", "asname"}),
    cst.ImportFrom: frozenset({"module", "names"}),
    cst.NameItem: frozenset({"name"}),
    cst.Import: frozenset({"names"}),
}
_TARGETS: dict[type[cst.CSTNode], frozenset[str]] = {
    cst.AssignTarget: frozenset({"target"}),
    cst.AnnAssign: frozenset({"target"}),
    cst.For: frozenset({"target"}),
    cst.CompFor: frozenset({"target"}),
    cst.NamedExpr: frozenset({"target"}),
    cst.Del: frozenset({"target"}),
    cst.MatchAs: frozenset({"name"}),
    cst.MatchStar: frozenset({"name"}),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """How a function's own body binds names."""

    assigned: frozenset[str]
    declared: frozenset[str]  # `global`
    yields: bool = False
    outer: frozenset[str] = frozenset()  # `nonlocal`

    @property
    def locals(self) -> frozenset[str]:
        """The names that live in a call of the function."""
        return self.assigned - self.declared - self.outer


@functools.cache
def fields_of(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """Return the fields of a node class that can hold syntax with names in it."""
    return tuple(
        field.name
        for field in dataclasses.fields(kind)
        if not any(part in field.name for part in _NO_NAMES)
        and field.name not in _SILENT.get(kind, frozenset())
    )


def _children(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
    for name in fields_of(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield name, value
        elif isinstance(value, (tuple, list)):
            for item in value:  # pyright: ignore[reportUnknownVariableType]
                if isinstance(item, cst.CSTNode):
                    yield name, item


class Names:
    """Answers about the nodes of one tree, each found once."""

    def __init__(self) -> None:
        self._reads: dict[cst.CSTNode, Counter[str]] = {}
        self._free: dict[cst.CSTNode, tuple[str, ...] | None] = {}
        self._scopes: dict[cst.CSTNode, Scope] = {}
        self._rebound: dict[cst.CSTNode, frozenset[str]] = {}
        self._captured: dict[cst.CSTNode, frozenset[str]] = {}
        self._assigned: dict[cst.CSTNode, tuple[str, ...]] = {}
        self._augmented: dict[cst.CSTNode, tuple[frozenset[str], frozenset[str]]] = {}

    def reads(self, node: cst.CSTNode) -> Counter[str]:
        """Return how often each name is read in a node, also in functions inside it."""
        if node not in self._reads:
            self._reads[node] = Counter(_reads_in(node))
        return self._reads[node]

    def free(self, node: cst.CSTNode) -> tuple[str, ...] | None:
        """Return the names an expression reads from outside; None if it also assigns one."""
        if node not in self._free:
            bound = frozenset(_bound_inside(node))
            impure = any(isinstance(inner, cst.NamedExpr) for inner in _walk(node))
            names = (name for name in dict.fromkeys(_reads_in(node)) if name not in bound)
            self._free[node] = None if impure else tuple(names)
        return self._free[node]

    def captured(self, function: cst.FunctionDef | cst.Lambda) -> frozenset[str]:
        """Return the names that functions inside a function read."""
        if function not in self._captured:
            inner = (node for node in _walk(function) if isinstance(node, _SCOPES))
            names = (name for node in inner if node is not function for name in _reads_in(node))
            self._captured[function] = frozenset(names)
        return self._captured[function]

    def rebound(self, function: cst.FunctionDef | cst.Lambda) -> frozenset[str]:
        """Return the names of a function that functions inside it declare `nonlocal`."""
        if function not in self._rebound:
            inner = (node for node in _walk(function) if isinstance(node, cst.Nonlocal))
            names = (item.name.value for node in inner for item in node.names)
            self._rebound[function] = frozenset(names)
        return self._rebound[function]

    def returned(self, function: cst.FunctionDef | cst.Lambda) -> list[cst.CSTNode | None]:
        """Return the expressions that a function's own `return` statements give."""
        if isinstance(function, cst.Lambda):
            return [function.body]
        nodes = _walk_scope(function.body)
        return [node.value for node in nodes if isinstance(node, cst.Return)]

    def yields(self, node: cst.CSTNode) -> bool:
        """Return whether a node of a generator function gives values."""
        return any(isinstance(inner, cst.Yield) for inner in _walk_scope(node))

    def scope(self, function: cst.FunctionDef | cst.Lambda) -> Scope:
        """Return the names that a function's own body binds."""
        if function not in self._scopes:
            declared: set[str] = set()
            outer: set[str] = set()
            yields = False
            for node in _walk_scope(function.body):
                yields = yields or isinstance(node, cst.Yield)
                if isinstance(node, (cst.Global, cst.Nonlocal)):
                    found = declared if isinstance(node, cst.Global) else outer
                    found.update(item.name.value for item in node.names)
            names = (*parameter_names(function.params), *assigned_in(function.body))
            self._scopes[function] = Scope(
                frozenset(names), frozenset(declared), yields, frozenset(outer)
            )
        return self._scopes[function]

    def assigned(self, *nodes: cst.CSTNode) -> tuple[str, ...]:
        """Return the names that are bound in nodes of one function."""
        for node in nodes:
            if node not in self._assigned:
                self._assigned[node] = tuple(dict.fromkeys(assigned_in(node)))
        return tuple(dict.fromkeys(name for node in nodes for name in self._assigned[node]))

    def augmented(self, *nodes: cst.CSTNode) -> frozenset[str]:
        """Return the names that augmented assignments alone bind in nodes of one function."""
        for node in nodes:
            if node not in self._augmented:
                self._augmented[node] = _augmented_in(node)
        ways = [self._augmented[node] for node in nodes]
        found = frozenset[str]().union(*(found for found, _ in ways))
        return found.difference(*(bound for _, bound in ways))


def _augmented_in(node: cst.CSTNode) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that augmented assignments bind, and those that others do."""
    found: set[str] = set()
    bound: set[str] = set()
    for inner in _walk_scope(node):
        if isinstance(inner, cst.AugAssign):
            found.update(target_names(inner.target))
        else:
            bound.update(_bound_by(inner))
    return frozenset(found), frozenset(bound)


@functools.lru_cache(maxsize=512)
def names_of(module: cst.Module) -> Names:
    """Return the answers for a tree."""
    return Names()


def parameter_names(params: cst.Parameters) -> Iterator[str]:
    """Yield the names of all parameters."""
    for param in (*params.posonly_params, *params.params, *params.kwonly_params):
        yield param.name.value
    if isinstance(params.star_arg, cst.Param):
        yield params.star_arg.name.value
    if params.star_kwarg is not None:
        yield params.star_kwarg.name.value


def _walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(child for _, child in _children(node))


def _walk_scope(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Walk without entering functions and classes."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _SCOPES):
            stack.extend(child for _, child in reversed(list(_children(node))))


def _reads_in(node: cst.CSTNode, target: bool = False) -> Iterator[str]:
    if isinstance(node, cst.Name):
        if not target:
            yield node.value
        return
    targets = _TARGETS.get(type(node), frozenset())
    through = target and isinstance(
        node, (cst.Tuple, cst.List, cst.Element, cst.StarredElement, cst.Name)
    )
    for name, child in _children(node):
        yield from _reads_in(child, through or name in targets)


def _bound_inside(node: cst.CSTNode) -> Iterator[str]:
    """Yield the names that lambdas and comprehensions inside an expression bind."""
    for inner in _walk(node):
        if isinstance(inner, cst.Lambda):
            yield from parameter_names(inner.params)
        elif isinstance(inner, cst.CompFor):
            yield from target_names(inner.target)


def assigned_in(node: cst.CSTNode) -> Iterator[str]:
    """Yield the names that are bound in a node's own scope, some more than once."""
    for inner in _walk_scope(node):
        yield from _bound_by(inner)


def _bound_by(node: cst.CSTNode) -> Iterator[str]:
    """Yield the names that a piece of syntax binds itself, not inside other statements."""
    match node:
        case cst.AssignTarget() | cst.AugAssign() | cst.AnnAssign() | cst.For():
            yield from target_names(node.target)
        case cst.NamedExpr():
            yield from target_names(node.target)
        case cst.FunctionDef() | cst.ClassDef():
            yield node.name.value
        case cst.Del():
            yield from target_names(node.target)
        case cst.Import() | cst.ImportFrom():
            if not isinstance(node.names, cst.ImportStar):
                yield from (imported_name(alias) for alias in node.names)
        case cst.WithItem() if node.asname is not None:
            yield from target_names(node.asname.name)
        case cst.MatchAs() | cst.MatchStar() if node.name is not None:
            yield from target_names(node.name)
        case cst.MatchMapping() if node.rest is not None:
            yield from target_names(node.rest)
        case cst.ExceptHandler() if node.name is not None:
            yield from target_names(node.name.name)
        case _:
            pass


def imported_name(alias: cst.ImportAlias) -> str:
    """Return the name that an import binds."""
    if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
        return alias.asname.name.value
    node = alias.name
    while isinstance(node, cst.Attribute):
        node = node.value
    assert isinstance(node, cst.Name)
    return node.value


def target_names(target: cst.CSTNode) -> Iterator[str]:
    """Yield the names in an assignment target."""
    match target:
        case cst.Name():
            yield target.value
        case cst.Tuple() | cst.List():
            yield from _in_all(element.value for element in target.elements)
        case _:
            pass


def _in_all(targets: Iterable[cst.CSTNode]) -> Iterator[str]:
    for target in targets:
        yield from target_names(target)
