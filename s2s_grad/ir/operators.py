"""How operators are spelled, and those of Python's that are no functions elsewhere.

One primitive has one identity in the IR (`np.multiply`), however it was spelled. Applied to Python
scalars, an infix primitive means Python's operator, not NumPy's function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = [
    "Operator",
    "all_of",
    "any_of",
    "fstring",
    "in_",
    "is_",
    "is_not_",
    "not_in",
]


@dataclass(frozen=True, slots=True)
class Operator:
    """How an operator is printed and read; a higher `precedence` binds tighter.

    `node` is the class of libcst that stands for it. `dunder` is the name of the special method of
    the first operand, without its underscores, and `reflected` that of the second operand.
    """

    symbol: str
    function: Callable[..., Any]
    precedence: int
    node: str = ""
    dunder: str = ""
    reflected: str = ""


def all_of(a: Any, b: Any) -> Any:
    """``a and b`` of two values that are safe to evaluate both."""
    return a and b


def any_of(a: Any, b: Any) -> Any:
    """``a or b`` of two values that are safe to evaluate both."""
    return a or b


def is_(a: Any, b: Any) -> bool:
    """``a is b``."""
    return a is b


def is_not_(a: Any, b: Any) -> bool:
    """``a is not b``."""
    return a is not b


def in_(a: Any, b: Any) -> bool:
    """``a in b``."""
    return a in b


def not_in(a: Any, b: Any) -> bool:
    """``a not in b``."""
    return a not in b


def fstring(*parts: Any) -> str:
    """Join an f-string's parts: a str, or a tuple (value, conversion, format specification)."""
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        else:
            value, conversion, spec = part
            convert = {"r": repr, "s": str, "a": ascii}.get(conversion)
            texts.append(format(convert(value) if convert else value, spec or ""))
    return "".join(texts)
