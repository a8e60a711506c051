"""Print a whole module: imports, the helpers in use, bound constants, and the function."""

from __future__ import annotations

import ast
import functools
import inspect
import re
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import libcst as cst

from s2s_grad.analysis.rank_zero import find_arrays_of_rank_zero
from s2s_grad.code_objects import global_names
from s2s_grad.emit.comments import drop_idle_comments
from s2s_grad.emit.expressions import Printer
from s2s_grad.emit.loop_heads import ask_carried_values
from s2s_grad.emit.names import choose_names
from s2s_grad.emit.nest import fold
from s2s_grad.emit.references import References
from s2s_grad.emit.statements import Writer
from s2s_grad.emit.unshared_sums import find_private
from s2s_grad.emit.uses import find_uses
from s2s_grad.emit.wrapping import wrap
from s2s_grad.errors import S2SError
from s2s_grad.ir.nodes import Apply, Const, Effect, Function, Operand, Pack, Param
from s2s_grad.ir.primitives import INFIX, PREFIX
from s2s_grad.ir.walk import blocks_of, operands_of, statements_of
from s2s_grad.read.definition import definition_in
from s2s_grad.read.text import find

__all__ = ["Emitted", "emit"]


@dataclass(frozen=True, slots=True)
class Emitted:
    """A module's text, the function's name in it, and the values of names without text."""

    source: str
    name: str
    bindings: dict[str, Any]


def emit(function: Function) -> Emitted:
    """Return the Python module of a program.

    Parameters
    ----------
    function : Function
        A program in which updates in place have been marked.
    """
    references = References(standalone=True, taken=[param.name for param in function.params])
    function = ask_carried_values(function)
    folded = fold(function)
    uses = find_uses(function, folded)
    names = choose_names(function, uses, folded, (function.name, *_globals(function)))
    arrays, private = find_arrays_of_rank_zero(function), find_private(function, folded)
    printer = Printer(names, folded, references, arrays, private)
    writer = Writer(printer)
    writer.block(function.block)
    writer.results(function.block.results[0])
    lines = [f"def {function.name}({_signature(function, references)}):"]
    if function.doc:
        lines.extend(_docstring(function.doc))
    lines.extend(drop_idle_comments(writer.lines))
    body = "\n".join(wrap(line) for line in lines)
    helpers = _helpers(references)
    head = [references.imports[name] for name in sorted(references.imports)]
    parts = ["\n".join(head)] if head else []
    parts.extend([*helpers, body])
    return Emitted("\n\n\n".join(parts) + "\n", function.name, references.bindings)


def _globals(function: Function) -> set[str]:
    """Return the bare names by which the body will refer to functions of other modules."""
    references = References(standalone=True)
    named: list[Any] = []
    operands = [*function.block.results]
    for statement in statements_of(function.block):
        if isinstance(statement, (Apply, Effect)):
            named.append(statement.fn)
        operands += operands_of(statement)
        operands += (result for block in blocks_of(statement) for result in block.results)
    named += (value for operand in operands for value in _constants(operand) if _has_name(value))
    spelled = (fn for fn in named if fn not in INFIX and fn not in PREFIX)
    return {name for name in map(references.function, spelled) if name.isidentifier()}


def _has_name(value: Any) -> bool:
    return inspect.isroutine(value) or isinstance(value, type)


def _constants(operand: Operand) -> Iterator[Any]:
    """Yield the values of the constants in an operand, and the classes of its objects."""
    if isinstance(operand, Const):
        yield operand.value
    elif isinstance(operand, Pack):
        yield operand.kind
        for item in operand.items:
            yield from _constants(item)


def _docstring(doc: str) -> list[str]:
    text = doc.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').split("\n")
    if len(text) == 1:
        return [f'    """{text[0]}"""']
    body = [f"    {line}" if line.strip() else "" for line in text[1:]]
    return [f'    """{text[0]}', *body, '    """']


def _signature(function: Function, references: References) -> str:
    parts: list[str] = []
    starred = False
    positional = [p for p in function.params if p.kind is p.kind.POSITIONAL_ONLY]
    for param in function.params:
        text = param.name
        match param.kind:
            case param.kind.VAR_POSITIONAL:
                text, starred = f"*{text}", True
            case param.kind.VAR_KEYWORD:
                text = f"**{text}"
            case param.kind.KEYWORD_ONLY:
                if not starred:
                    parts.append("*")
                    starred = True
            case _:
                pass
        if param.default is not None:
            text += f"={_default(param, references)}"
        parts.append(text)
        if positional and param is positional[-1]:
            parts.append("/")
    return ", ".join(parts)


def _default(param: Param, references: References) -> str:
    assert param.default is not None
    return param.default.text or references.literal(param.default.value)


# --------------------------------------------------------------------------------------- helpers


def _helpers(references: References) -> list[str]:
    """Return the source of the helper functions in use, and of those that they call."""
    found: dict[Callable[..., Any], str] = {}
    while len(found) < len(references.helpers):
        fn = next(fn for fn in references.helpers if fn not in found)
        found[fn] = _helper_source(fn, references)
    return list(reversed(found.values()))


_LINT = re.compile(r" *# noqa.*")


class _Rename(cst.CSTTransformer):
    """Drop decorators and annotations, and give our own functions their names in the module."""

    def __init__(self, name: str, renamed: dict[str, str]) -> None:
        self.name = name
        self.renamed = renamed
        self.depth = 0

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        return updated_node.with_changes(
            decorators=(), returns=None, name=cst.Name(self.name), leading_lines=()
        )

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        has_default = updated_node.default is not None
        return updated_node.with_changes(
            annotation=None, equal=equal if has_default else cst.MaybeSentinel.DEFAULT
        )

    def leave_AnnAssign(
        self, original_node: cst.AnnAssign, updated_node: cst.AnnAssign
    ) -> cst.Assign | cst.AnnAssign:
        if updated_node.value is None:
            return updated_node
        return cst.Assign([cst.AssignTarget(updated_node.target)], updated_node.value)

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        renamed = self.renamed.get(updated_node.value)
        return updated_node if renamed is None else cst.parse_expression(renamed)


def _import_of(module: types.ModuleType, name: str) -> str:
    package, _, last = module.__name__.rpartition(".")
    return f"from {package} import {last}" if package and last == name else f"import {name}"


def _helper_source(fn: Callable[..., Any], references: References) -> str:
    assert isinstance(fn, types.FunctionType)
    renamed: dict[str, str] = {}
    for used in global_names(fn.__code__):
        value: Any = fn.__globals__.get(used)
        plain = inspect.unwrap(value) if isinstance(value, types.FunctionType) else value
        if isinstance(value, type) and issubclass(value, S2SError):
            renamed[used] = "NotImplementedError"
        elif isinstance(plain, types.FunctionType) and plain.__module__.startswith("s2s_grad"):
            renamed[used] = references.helper(plain)
        elif plain is not value:
            renamed[used] = references.function(plain)
        elif used == "np":
            references.imports["np"] = "import numpy as np"
        elif isinstance(value, types.ModuleType):
            references.imports[used] = _import_of(value, used)
        elif isinstance(value, float):
            renamed[used] = references.literal(value)
    return _renamed_source(fn, references.helper(fn), tuple(renamed.items()))


@functools.lru_cache(maxsize=512)
def _renamed_source(fn: types.FunctionType, name: str, renamed: tuple[tuple[str, str], ...]) -> str:
    text = _lambda_as_def(fn) if fn.__name__ == "<lambda>" else inspect.getsource(fn)
    changed = cst.parse_module(text).visit(_Rename(name, dict(renamed)))
    return _LINT.sub("", changed.code).strip()


def _lambda_as_def(fn: types.FunctionType) -> str:
    """Return the source of a function that does what a lambda does."""
    node = definition_in(find(fn)[1].text, fn.__name__)
    assert isinstance(node, ast.Lambda)
    return f"def formula({ast.unparse(node.args)}):\n    return {ast.unparse(node.body)}"
