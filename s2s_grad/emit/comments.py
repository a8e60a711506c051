"""The comments that say which statement of the primal a group of the reverse sweep belongs to."""

from __future__ import annotations

__all__ = ["drop_idle_comments", "reverse_comment"]

_MARK = "# reverse of: "
_WIDTH = 72


def reverse_comment(text: str) -> str:
    """Return the comment above the adjoint of a statement of the primal."""
    return _MARK + (text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "...")


def drop_idle_comments(lines: list[str]) -> list[str]:
    """Return the lines without comments above nothing: another one follows, or the block ends."""
    kept: list[str] = []
    after = ""  # the next line with text
    for line in reversed(lines):
        idle = line.lstrip().startswith(_MARK) and (
            not after
            or _indent(after) < _indent(line)
            or (after.lstrip().startswith(_MARK) and _indent(after) == _indent(line))
        )
        if not idle:
            kept.append(line)
            after = line if line.strip() else after
    return kept[::-1]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
