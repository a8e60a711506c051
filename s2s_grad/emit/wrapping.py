"""Break long lines where a person would: after an opening bracket or before an operator."""

from __future__ import annotations

import re

__all__ = ["wrap"]

_LIMIT = 88
_OPEN, _CLOSE = "([{", ")]}"
_STRING = re.compile(r"""(?P<quote>\"{3}|'{3}|"|')(\\.|(?!(?P=quote)).)*(?P=quote)|\#.*""")


def wrap(line: str) -> str:
    """Return a line, broken at its outermost bracket or operators if it is too long."""
    if len(line) <= _LIMIT or line.lstrip().startswith(("#", '"')) or '"""' in line:
        return line
    indent = line[: len(line) - len(line.lstrip())]
    code = line.strip()
    if code.startswith("for ") and " in zip(" in code and len(indent + code.split("(")[0]) > _LIMIT:
        targets, rest = code[len("for ") :].split(" in zip(", 1)
        names = _fill(targets.split(", "), indent + "    ")
        tail = _break_bracket(indent, f"x in zip({rest}") or ""
        return f"{indent}for (\n{names}\n{indent}) in zip({tail.split('zip(', 1)[1]}"
    if code.startswith(("def ", "for ", "if ", "while ", "elif ")):
        return _break_bracket(indent, code) or line
    head, expression = _split_statement(code)
    pieces = _split_operators(expression)
    if head and len(pieces) > 1:
        inner = indent + "    "
        body = "\n".join(_deeper(inner + piece) for piece in pieces)
        return f"{indent}{head}(\n{body}\n{indent})"
    return _break_bracket(indent, code) or line


def _blanked(code: str) -> str:
    """Return code with its strings and comments made one word each, which no line may break."""
    return _STRING.sub(lambda found: "_" * len(found.group()), code)


def _fill(names: list[str], pad: str) -> str:
    """Return names in as few lines as they need."""
    lines = [pad]
    for name in names:
        if len(lines[-1]) + len(name) + 2 > _LIMIT:
            lines.append(pad)
        lines[-1] += f"{name}, "
    return "\n".join(line.rstrip() for line in lines)


def _deeper(line: str) -> str:
    return line if len(line) <= _LIMIT else _break_bracket(_indent(line), line.strip()) or line


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _split_statement(code: str) -> tuple[str, str]:
    """Return what stands before the expression of a statement, and the expression."""
    if code.startswith("return "):
        return "return ", code[len("return ") :]
    depth = 0
    blanked = _blanked(code)
    for i, c in enumerate(blanked):
        depth += (c in _OPEN) - (c in _CLOSE)
        if depth == 0 and blanked[i : i + 3] in (" = ", "+= ", "-= "):
            at = i + 3
            return code[:at], code[at:]
    return "", code


def _split_operators(text: str) -> list[str]:
    """Split at the loosest operators outside of brackets; the operator leads a piece."""
    blanked = _blanked(text)
    for symbols in ((", ",), (" + ", " - "), (" * ", " / ", " @ ")):
        pieces: list[str] = []
        depth, start = 0, 0
        for i, c in enumerate(blanked):
            depth += (c in _OPEN) - (c in _CLOSE)
            for symbol in symbols:
                if depth == 0 and i > start and blanked.startswith(symbol, i):
                    cut = i + 1 if symbol == ", " else i
                    pieces.append(text[start:cut].strip())
                    start = cut + 1
        pieces.append(text[start:].strip())
        if len(pieces) > 1:
            if symbols == (", ",):
                pieces[-1] += ","
            return pieces
    return [text]


def _break_bracket(indent: str, code: str) -> str | None:
    """Break after the last outermost bracket and before its partner."""
    depth, start = 0, -1
    spans: list[tuple[int, int]] = []
    for i, c in enumerate(_blanked(code)):
        if c in _OPEN:
            if depth == 0:
                start = i
            depth += 1
        elif c in _CLOSE:
            depth -= 1
            if depth == 0:
                spans.append((start, i))
    if not spans:
        return None
    a, b = max(spans, key=lambda span: span[1] - span[0])
    if code[a] == "[" and a > 0 and (code[a - 1].isalnum() or code[a - 1] == "_"):
        return None
    inner = code[a + 1 : b]
    pad = indent + "    "
    pieces = [inner] if len(pad + inner) <= _LIMIT else _split_operators(inner)
    body = "\n".join(_deeper(pad + piece) for piece in pieces)
    return f"{indent}{code[: a + 1]}\n{body}\n{indent}{code[b:]}"
