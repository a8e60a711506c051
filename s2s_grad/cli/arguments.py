"""The small language of argument types: ``x: f8[m,n], k: f8, n: int, p: {w: f8[n], b: f8}``."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from s2s_grad.errors import ArgumentError
from s2s_grad.ir.types import Array, Dict, Dim, Random, Scalar, Sequence, Size, Static, Type

__all__ = ["parse_arguments", "parse_type"]

_TOKEN = re.compile(r"\s*([A-Za-z_][A-Za-z_0-9]*|\d+|\.\.\.|[\[\](){}:,])")
_SCALARS = {
    "float": Scalar("float"),
    "f8": Scalar("float"),
    "int": Scalar("int"),
    "i8": Scalar("int"),
    "complex": Scalar("complex"),
    "c16": Scalar("complex"),
    "bool": Scalar("bool"),
    "Generator": Random(np.random.Generator),
    "RandomState": Random(np.random.RandomState),
}
_VALUES = {"True": Static(True), "False": Static(False), "None": Static(None)}
_DTYPES = ("f2", "f4", "f8", "c8", "c16", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "bool")
_HINT = 'write types such as "x: f8[m,n], k: float, n: int, p: (f8, f8[n])"'


def parse_arguments(text: str) -> dict[str, Type]:
    """Return the type of each parameter named in a text.

    Equal letters for sizes mean equal sizes, and none of them is 1; ``f8[...]`` has any rank. A
    number, as in ``n: 3``, is the value of an int that the code is compiled for.

    Raises
    ------
    ArgumentError
        Where the text cannot be read.

    Examples
    --------
    >>> types = parse_arguments("x: f8[m,n], k: float")
    >>> str(types["x"]), str(types["k"])
    ('f8[m,n]', 'float')
    """
    parser = _Parser(text, _tokens(text))
    types: dict[str, Type] = {}
    while not parser.done:
        name = parser.name()
        parser.expect(":")
        types[name] = parser.type()
        if not parser.done:
            parser.expect(",")
    return types


def parse_type(text: str) -> Type:
    """Return the type that a text stands for."""
    parser = _Parser(text, _tokens(text))
    found = parser.type()
    if not parser.done:
        raise parser.error(f"unexpected {parser.peek()!r}")
    return found


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at = 0
    while at < len(text.rstrip()):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ArgumentError(f"cannot read the types {text!r} at {text[at:]!r}", _HINT)
        tokens.append(match.group(1))
        at = match.end()
    return tokens


@dataclass(slots=True)
class _Parser:
    text: str
    tokens: list[str]
    at: int = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.tokens)

    def peek(self) -> str:
        return "" if self.done else self.tokens[self.at]

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def error(self, problem: str) -> ArgumentError:
        return ArgumentError(f"cannot read the types {self.text!r}: {problem}", _HINT)

    def expect(self, token: str) -> None:
        found = self.take()
        if found != token:
            raise self.error(f"expected {token!r}, found {found or 'the end'!r}")

    def name(self) -> str:
        token = self.take()
        if not token.isidentifier():
            raise self.error(f"expected a name, found {token or 'the end'!r}")
        return token

    def type(self) -> Type:
        token = self.peek()
        if token in ("(", "["):
            self.take()
            close = ")" if token == "(" else "]"
            items: list[Type] = []
            while self.peek() != close:
                items.append(self.type())
                if self.peek() == ",":
                    self.take()
                elif self.peek() != close:
                    raise self.error(f"expected {close!r}")
            self.take()
            return Sequence(tuple if token == "(" else list, tuple(items))
        if token == "{":
            return self.dict()
        if token.isdigit():
            return Static(int(self.take()))
        return _VALUES[self.take()] if token in _VALUES else self.array()

    def dict(self) -> Type:
        self.expect("{")
        keys: list[str] = []
        items: list[Type] = []
        while self.peek() != "}":
            keys.append(self.name())
            self.expect(":")
            items.append(self.type())
            if self.peek() == ",":
                self.take()
            elif self.peek() != "}":
                raise self.error("expected '}'")
        self.take()
        return Dict(tuple(keys), tuple(items))

    def array(self) -> Type:
        name = self.name()
        if self.peek() != "[":
            if name in _SCALARS:
                return _SCALARS[name]
            if name in _DTYPES:
                return Array(np.dtype(name), ())
            raise self.error(f"unknown type {name!r}")
        if name not in _DTYPES:
            raise self.error(f"unknown dtype {name!r}; known are {', '.join(_DTYPES)}")
        self.take()
        sizes: list[Size] = []
        if self.peek() == "...":
            self.take()
            self.expect("]")
            return Array(np.dtype(name), None)
        while self.peek() != "]":
            token = self.take()
            if token.isdigit():
                sizes.append(int(token))
            elif token.isidentifier():
                sizes.append(Dim(token, 0, True))
            else:
                raise self.error(f"expected a size, found {token or 'the end'!r}")
            if self.peek() == ",":
                self.take()
            elif self.peek() != "]":
                raise self.error("expected ']'")
        self.take()
        return Array(np.dtype(name), tuple(sizes))
