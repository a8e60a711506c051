"""Parse a piece of source and record where each of its nodes begins and ends."""

from __future__ import annotations

import bisect
import functools
import re
from dataclasses import dataclass
from typing import Any

import libcst as cst
from libcst._nodes.internal import CodegenState

__all__ = ["Parsed", "parse"]


@dataclass(frozen=True, slots=True, eq=False)
class Parsed:
    """A module and the offsets (start, end) of its statements and expressions in `text`."""

    module: cst.Module
    text: str
    spans: dict[cst.CSTNode, tuple[int, int]]
    line_starts: tuple[int, ...]

    def position(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return line (from 1) and column (from 0) of a node in `text`."""
        offset = self.spans[node][0] if node in self.spans else 0
        line = bisect.bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1]

    def text_of(self, node: cst.CSTNode) -> str:
        """Return a node as it is written, without its outer parentheses."""
        if node not in self.spans:
            return self.module.code_for_node(node)
        start, end = self.spans[node]
        return self.text[start:end]


@functools.lru_cache(maxsize=512)
def parse(text: str) -> Parsed:
    """Parse a module; `libcst.ParserSyntaxError` where it is none."""
    module = cst.parse_module(text)
    recorder = _Recorder(module)
    module._codegen(recorder)  # pyright: ignore[reportPrivateUsage]
    starts = (0, *(match.end() for match in re.finditer("\n", text)))
    return Parsed(module, text, recorder.spans, starts)


class _Recorder(CodegenState):
    """Note offsets while libcst writes the tree out.

    This does what libcst's PositionProvider does at an eighth of its time, which would be more
    than that of parsing.
    """

    def __init__(self, module: cst.Module) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.offset = 0
        self.spans: dict[cst.CSTNode, tuple[int, int]] = {}

    def add_token(self, value: str) -> None:
        self.offset += len(value)
        self.tokens.append(value)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Any:
        return _Span(self, node, start_node, end_node)


class _Span:
    """Record the offsets at which a node's own text begins and ends."""

    __slots__ = ("_end_node", "_node", "_recorder", "_start", "_start_node")

    def __init__(
        self,
        recorder: _Recorder,
        node: cst.CSTNode,
        start_node: cst.CSTNode | None,
        end_node: cst.CSTNode | None,
    ) -> None:
        self._recorder = recorder
        self._node = node
        self._start_node = start_node
        self._end_node = end_node
        self._start = 0

    def __enter__(self) -> None:
        self._start = self._recorder.offset

    def __exit__(self, *_: object) -> None:
        spans = self._recorder.spans
        start, end = self._start, self._recorder.offset
        if self._start_node is not None:
            start = spans[self._start_node][0]
        if self._end_node is not None:
            end = spans[self._end_node][1]
        spans[self._node] = (start, end)
