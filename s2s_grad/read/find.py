"""Find the definition that a code object was compiled from in the lines of its file."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
import tokenize
import types
from collections.abc import Iterator
from dataclasses import dataclass

from s2s_grad import code_objects

__all__ = ["CHANGED", "Found", "find_def", "find_lambda"]

CHANGED = "the file has changed since the function was defined"
_FUTURES = 0x1FF0000  # the flags of `from __future__ import ...`


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The text of a definition, which can be parsed as it is, and its place in the file."""

    text: str
    first_line: int
    first_column: int = 0


def find_def(lines: list[str], code: types.CodeType) -> Found | str:
    """Return the `def` that `code` came from, or the reason why it cannot be found."""
    start = code.co_firstlineno - 1
    if start >= len(lines):
        return CHANGED
    try:
        block = "".join(inspect.getblock(lines[start:]))
    except (SyntaxError, tokenize.TokenError):
        return CHANGED
    indented = block[:1].isspace()
    # A definition inside another one is parsed with its indentation, so that columns stay true.
    text = "if True:\n" + block if indented else block
    if not _is_source_of(text, code):
        return CHANGED
    return Found(text, code.co_firstlineno - (1 if indented else 0))


def find_lambda(lines: list[str], code: types.CodeType) -> Found | str:
    """Return the lambda that `code` came from: the innermost that holds all its instructions."""
    text = "".join(lines)
    try:
        spans = _lambdas(text)
    except SyntaxError:
        return CHANGED
    names = code.co_varnames[: _count_parameters(code)]
    spans = [s for s in spans if s.line == code.co_firstlineno and s.parameters == names]
    places = list(code_objects.spans(code))
    if places:
        spans = [s for s in spans if all(s.body_holds(place) for place in places)]
        spans = spans[-1:]
    if not spans:
        return CHANGED
    pieces = {_piece(lines, span) for span in spans}
    if len(pieces) > 1:
        return f"{len(spans)} lambdas on line {code.co_firstlineno} look alike"
    piece = pieces.pop()
    if not _is_source_of(f"({piece})", code):
        return CHANGED
    first = lines[spans[0].line - 1]
    column = len(first.encode()[: spans[0].column].decode())
    return Found(f"({piece})", spans[0].line, column - 1)


@dataclass(frozen=True, slots=True)
class _LambdaSpan:
    """Where a lambda and its body lie; columns count bytes, as those of the interpreter do."""

    line: int
    column: int
    end_line: int
    end_column: int
    body_start: tuple[int, int]
    body_end: tuple[int, int]
    parameters: tuple[str, ...]

    def body_holds(self, place: code_objects.Span) -> bool:
        start, end = place[:2], place[2:]
        return self.body_start <= start and end <= self.body_end


@functools.lru_cache(maxsize=32)
def _lambdas(text: str) -> list[_LambdaSpan]:
    """Return the lambdas of a file, an outer one before those inside it."""
    found: list[_LambdaSpan] = []
    stack: list[ast.AST] = [ast.parse(text)]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Lambda):
            body, end_line, end_column = node.body, node.end_lineno, node.end_col_offset
            assert end_line is not None
            assert end_column is not None
            body_end = (body.end_lineno or 0, body.end_col_offset or 0)
            found.append(
                _LambdaSpan(node.lineno, node.col_offset, end_line, end_column,
                            (body.lineno, body.col_offset), body_end, _parameters(node.args))
            )  # fmt: skip
        stack.extend(reversed(list(ast.iter_child_nodes(node))))
    return found


def _parameters(args: ast.arguments) -> tuple[str, ...]:
    """Return parameter names in the order of a code object's variables."""
    plain = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    starred = [arg for arg in (args.vararg, args.kwarg) if arg is not None]
    return tuple(arg.arg for arg in (*plain, *starred))


def _count_parameters(code: types.CodeType) -> int:
    flags = (inspect.CO_VARARGS, inspect.CO_VARKEYWORDS)
    starred = sum(bool(code.co_flags & flag) for flag in flags)
    return code.co_argcount + code.co_kwonlyargcount + starred


def _piece(lines: list[str], span: _LambdaSpan) -> str:
    """Return the text of a lambda."""
    piece = lines[span.line - 1 : span.end_line]
    piece[-1] = piece[-1].encode()[: span.end_column].decode()
    piece[0] = piece[0].encode()[span.column :].decode()
    return "".join(piece)


def _is_source_of(text: str, code: types.CodeType) -> bool:
    """Return whether `text` may be what `code` was compiled from.

    Its names and constants must be those of the code object, and so must its operators where the
    test runner has not rewritten assertions. The rest may differ: free names compile to something
    else outside their function.
    """
    try:
        flags = code.co_flags & _FUTURES
        compiled = compile(textwrap.dedent(text), code.co_filename, "exec", flags, True)
    except SyntaxError:
        return False
    own = next((c for c in code_objects.codes(compiled) if c.co_name == code.co_name), None)
    if own is None or own.co_varnames[: _count_parameters(own)] != code.co_varnames[
        : _count_parameters(code)
    ]:  # fmt: skip
        return False
    names = set(_names(code))
    if not names.issuperset(_names(own)) or not set(_constants(code)).issuperset(_constants(own)):
        return False
    rewritten = any(name.startswith("@py") for name in names)
    return rewritten or code_objects.operators(own) == code_objects.operators(code)


def _names(code: types.CodeType) -> Iterator[str]:
    # A name-mangled attribute is seen as it was written.
    for name in (*code.co_names, *code.co_varnames, *code.co_freevars, *code.co_cellvars):
        if not name.startswith("_"):
            yield name


def _constants(code: types.CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, (int, float, complex, str)):
            yield repr(constant)
