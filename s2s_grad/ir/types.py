"""What is known of a value at compile time: its kind, dtype, rank and symbolic sizes.

Types are sound: what cannot be proven is `Unknown` (or `None` in a field), never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

__all__ = [
    "NEVER",
    "NOTHING",
    "PYTHON",
    "UNKNOWN",
    "Array",
    "Dict",
    "Dim",
    "ListOf",
    "Never",
    "Random",
    "Range",
    "Scalar",
    "Sequence",
    "Size",
    "Static",
    "Type",
    "Unknown",
    "is_complex",
    "is_empty",
    "is_real",
    "join",
    "join_sizes",
    "never_one",
    "never_zero",
    "same_dtype",
]

Kind = Literal["bool", "int", "float", "complex"]
_KINDS: tuple[Kind, ...] = ("bool", "int", "float", "complex")
PYTHON: dict[Kind, type[complex]] = {
    "bool": bool, "int": int, "float": float, "complex": complex,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dim:
    """A size that is not known at compile time: the value of `symbol` plus `offset`, at least 0."""

    symbol: str
    offset: int = 0
    not_one: bool = False

    def __str__(self) -> str:
        return f"{self.symbol}{self.offset:+d}" if self.offset else self.symbol


Size = int | Dim
NOTHING = Dim("nothing", 0, True)  # 0, where loops are still lowered as those of any length


def same_dtype(a: np.dtype[Any] | None, b: np.dtype[Any] | None) -> bool:
    """Return whether two dtypes are equal, or both unknown."""
    return (a is None and b is None) or (a is not None and b is not None and a == b)


def never_zero(size: Size) -> bool:
    """Return whether a size is proven to differ from 0: arguments without items have `NOTHING`."""
    if isinstance(size, int):
        return size != 0
    return size.not_one and size.offset >= 0 and size.symbol != NOTHING.symbol


def never_one(size: Size) -> bool:
    """Return whether a size is proven to differ from 1, so that it never broadcasts."""
    return size != 1 if isinstance(size, int) else size.not_one


@dataclass(frozen=True, slots=True)
class Scalar:
    """A Python scalar; `size` is its value where it is an int that measures something."""

    kind: Kind
    size: Size | None = None

    def __str__(self) -> str:
        return self.kind if self.size is None else f"{self.kind}[{self.size}]"


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """An `np.ndarray` or a NumPy scalar (rank 0); `None` for what is not known."""

    dtype: np.dtype[Any] | None = None
    shape: tuple[Size, ...] | None = None

    # NumPy reads None as float64 when dtypes are compared.
    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Array)
            and same_dtype(self.dtype, other.dtype)
            and self.shape == other.shape
        )

    def __hash__(self) -> int:
        return hash((self.dtype, self.shape))

    @property
    def rank(self) -> int | None:
        return None if self.shape is None else len(self.shape)

    def __str__(self) -> str:
        dtype = "?" if self.dtype is None else f"{self.dtype.kind}{self.dtype.itemsize}"
        shape = "..." if self.shape is None else ",".join(str(size) for size in self.shape)
        return f"{dtype}[{shape}]"


@dataclass(frozen=True, slots=True)
class Sequence:
    """A tuple or list with as many items as listed; `names` are those that NumPy gave them."""

    kind: type[tuple[Any, ...]] | type[list[Any]]
    items: tuple[Type, ...]
    names: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        inner = ", ".join(str(item) for item in self.items)
        return f"({inner})" if self.kind is tuple else f"[{inner}]"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose items have one type and whose length is known at run time only."""

    item: Type
    length: Size | None = None

    def __str__(self) -> str:
        return f"list[{self.item}]"


@dataclass(frozen=True, slots=True)
class Dict:
    """A dict with the keys listed, or an object of the class `kind` with these attributes."""

    keys: tuple[Any, ...]
    items: tuple[Type, ...]
    kind: type[Any] = dict

    def __str__(self) -> str:
        pairs = zip(self.keys, self.items, strict=True)
        if self.kind is not dict:
            inner = ", ".join(f"{key}={item}" for key, item in pairs)
            return f"{self.kind.__name__}({inner})"
        return "{" + ", ".join(f"{key!r}: {item}" for key, item in pairs) + "}"


@dataclass(frozen=True, slots=True)
class Range:
    """A `range` object."""

    length: Size | None = None

    def __str__(self) -> str:
        return "range"


@dataclass(frozen=True, slots=True, eq=False)
class Static:
    """A value that is known itself: a function, a string, None, a dtype."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Static) and same_static(self.value, other.value)

    def __hash__(self) -> int:
        value: object = self.value
        return hash(type(value))

    def __str__(self) -> str:
        return f"static {getattr(self.value, '__name__', repr(self.value))}"


@dataclass(frozen=True, slots=True)
class Random:
    """A generator of random numbers of the class `kind`."""

    kind: type[Any]

    def __str__(self) -> str:
        return self.kind.__name__


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything."""

    def __str__(self) -> str:
        return "?"


@dataclass(frozen=True, slots=True)
class Never:
    """The type of a value that does not exist (not assigned on this path)."""

    def __str__(self) -> str:
        return "never"


Type = Scalar | Array | Sequence | ListOf | Dict | Range | Static | Random | Unknown | Never
UNKNOWN = Unknown()
NEVER = Never()


def is_empty(t: Type) -> bool:
    """Return whether a value is known to be an array without items."""
    sizes = (t.shape or ()) if isinstance(t, Array) else ()
    return any(s == 0 or (isinstance(s, Dim) and s.symbol == NOTHING.symbol) for s in sizes)


def is_complex(t: Type) -> bool:
    """Return whether a value of this type is complex."""
    if isinstance(t, Scalar):
        return t.kind == "complex"
    return isinstance(t, Array) and t.dtype is not None and t.dtype.kind == "c"


def is_real(t: Type) -> bool:
    """Return whether a value of this type is an array of real numbers."""
    return isinstance(t, Array) and t.dtype is not None and t.dtype.kind == "f"


def same_static(a: Any, b: Any) -> bool:
    """Return whether two compile-time values are one and the same."""
    if a is b:
        return True
    simple = (bool, int, float, complex, str, bytes, np.dtype)
    return type(a) is type(b) and isinstance(a, simple) and bool(a == b)


def join_sizes(a: Size | None, b: Size | None, fresh: Dim | None) -> Size | None:
    """Return the size that covers both; `fresh` where they differ."""
    return a if a == b else fresh


def join(a: Type, b: Type, fresh: Any = None) -> Type:
    """Return the least type that covers both.

    `fresh` is called for a new `Dim` where two known sizes differ; without it the shape is dropped.
    """
    if a == b or isinstance(b, Never):
        return a
    if isinstance(a, Never):
        return b
    match a, b:
        case Static(value=x), _ if isinstance(x, (bool, int, float, complex)):
            return join(Scalar(_KINDS[_rank_of(x)]), b, fresh)
        case _, Static(value=y) if isinstance(y, (bool, int, float, complex)):
            return join(a, Scalar(_KINDS[_rank_of(y)]), fresh)
        case Scalar(), Scalar():
            return Scalar(_KINDS[max(_KINDS.index(a.kind), _KINDS.index(b.kind))])
        case Array(), Array():
            dtype = a.dtype if same_dtype(a.dtype, b.dtype) else _join_numbers(a, b)
            return Array(dtype, _join_shapes(a.shape, b.shape, fresh))
        case (Scalar(), Array()) | (Array(), Scalar()):
            scalar, array = (a, b) if isinstance(a, Scalar) else (b, a)
            assert isinstance(scalar, Scalar)
            assert isinstance(array, Array)
            shape = () if array.shape == () else None
            natural = {"float": "float64", "complex": "complex128", "int": "int64", "bool": "bool"}
            number = Array(np.dtype(natural[scalar.kind]), ())
            same = same_dtype(array.dtype, number.dtype)
            return Array(array.dtype if same else _join_numbers(array, number), shape)
        case Sequence(), Sequence() if a.kind is b.kind and len(a.items) == len(b.items):
            items = (join(x, y, fresh) for x, y in zip(a.items, b.items, strict=True))
            return Sequence(a.kind, tuple(items))
        case Dict(), Dict() if a.keys == b.keys and a.kind is b.kind:
            items = (join(x, y, fresh) for x, y in zip(a.items, b.items, strict=True))
            return Dict(a.keys, tuple(items), a.kind)
        case ListOf(), ListOf():
            return ListOf(join(a.item, b.item, fresh), a.length if a.length == b.length else None)
        case Range(), Range():
            return Range(None)
        case _:
            return UNKNOWN


def _join_numbers(a: Array, b: Array) -> np.dtype[Any] | None:
    """Return the dtype of a number that is real at one time and complex at another."""
    if a.shape != () or b.shape != () or a.dtype is None or b.dtype is None:
        return None
    widest = np.dtype(complex)
    kinds = a.dtype.kind + b.dtype.kind
    same = same_dtype(a.dtype, widest) or same_dtype(b.dtype, widest)
    return widest if same and all(kind in "biufc" for kind in kinds) else None


def _join_shapes(
    a: tuple[Size, ...] | None, b: tuple[Size, ...] | None, fresh: Any
) -> tuple[Size, ...] | None:
    if a is None or b is None or len(a) != len(b):
        return None
    if a == b:
        return a
    if fresh is None:
        return None
    return tuple(x if x == y else fresh() for x, y in zip(a, b, strict=True))


def _rank_of(value: complex) -> int:
    if isinstance(value, bool):
        return 0
    return 1 if isinstance(value, int) else 2 if isinstance(value, float) else 3
