"""Say where a piece of the program came from."""

from __future__ import annotations

from typing import Any

import libcst as cst

from s2s_grad.ir.nodes import Const, Operand, Origin
from s2s_grad.ir.sources import Line
from s2s_grad.lower.terms.frames import Frame
from s2s_grad.lower.terms.values import Internal
from s2s_grad.read.source import Source

__all__ = ["header_line", "origin_of", "statement_line"]


def origin_of(frame: Frame, line: Line | None, node: cst.BaseExpression) -> Origin:
    """Return the origin of an expression with the meaning of each name in it."""
    position = frame.source.position(node)
    place = frame.source.location(node) if line is None else None
    names = frame.names.free(node)
    if names is None:
        return Origin(line, position=position, place=place)
    reads: list[tuple[str, Operand]] = []
    statics: list[tuple[str, Any]] = []
    for name in names:
        operand = frame.lookup(name)
        if operand is None:
            try:
                statics.append((name, frame.source.resolve(name)))
            except NameError:
                return Origin(line, position=position, place=place)
        elif isinstance(operand, Const) and isinstance(operand.value, Internal):
            return Origin(line, position=position, place=place)
        else:
            reads.append((name, operand))
    return Origin(
        line,
        expression=node,
        reads=tuple(reads),
        statics=tuple(statics),
        position=position,
        place=place,
    )


def statement_line(
    source: Source, node: cst.BaseSmallStatement, whole: cst.SimpleStatementLine, first: bool
) -> Line:
    """Return the line of a simple statement."""
    number, column = source.position(node)
    trailing = whole.trailing_whitespace.comment
    return Line(
        file=source.file,
        number=number,
        text=_on_one_line(source.text_of(node)),
        leading=_comments(whole.leading_lines) if first else (),
        trailing=trailing.value if trailing is not None and node is whole.body[-1] else "",
        column=column,
    )


def header_line(source: Source, node: cst.CSTNode, text: str) -> Line:
    """Return the line of a compound statement's header, `text` without its colon."""
    number, column = source.position(node)
    leading = getattr(node, "leading_lines", ())
    body: Any = getattr(node, "body", None)
    header = body.header if isinstance(body, cst.IndentedBlock) else None
    trailing = "" if header is None or header.comment is None else header.comment.value
    return Line(source.file, number, _on_one_line(text), _comments(leading), trailing, column)


def _comments(lines: Any) -> tuple[str, ...]:
    return tuple("" if line.comment is None else line.comment.value for line in lines)


def _on_one_line(text: str) -> str:
    if "\n" not in text:
        return text
    pieces = [piece.partition("#")[0].strip() if "#" in piece else piece.strip()
              for piece in text.splitlines()]  # fmt: skip
    joined = " ".join(piece.rstrip("\\").rstrip() for piece in pieces if piece)
    for bracket in "([{":
        joined = joined.replace(bracket + " ", bracket)
    for bracket in ")]}":
        joined = joined.replace(" " + bracket, bracket).replace("," + bracket, bracket)
    return joined
