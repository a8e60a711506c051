"""The record of a primitive: what a function is, whoever asks, and the one table of records."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from s2s_grad.ir.operators import Operator

__all__ = [
    "OPERANDS",
    "PIECES",
    "Cost",
    "Layout",
    "Memory",
    "Primitive",
    "Raises",
    "Results",
    "Sign",
    "describe",
    "of_numpy",
    "primitive",
    "table",
]


class Memory(enum.Enum):
    """Whose memory the result of a function is. All but the first and the last are the operand's.

    What is `PERMUTED` has the same elements in another order, what is `RESHAPED` in the same one;
    a `PART` is the real or the imaginary part of each, a `SELECTION` has some of them, or some
    several times. What is `PASSED` on may be the operand itself, or be new.
    """

    NEW = "new"
    PERMUTED = "permuted"
    RESHAPED = "reshaped"
    RESHAPED_IF_CONTIGUOUS = "reshaped if contiguous, else new"
    PART = "part"
    SELECTION = "selection"
    PASSED = "passed"
    ANY = "any"  # it may share memory with any operand: what is known of a function not described

    @property
    def of_first(self) -> bool:
        """Whether the result may share memory with the first operand, and with nothing else."""
        return self is not Memory.NEW and self is not Memory.ANY


class Layout(enum.Enum):
    """Whether a result is contiguous: what is new and has one axis always is."""

    UNKNOWN = "unknown"
    CONTIGUOUS = "contiguous"
    AS_OPERANDS = "if the operands are"


class Cost(enum.Enum):
    """What it costs to do again."""

    FREE = "free"  # a view, or a fact
    CHEAP = "cheap"  # on numbers: less than keeping the result
    FULL = "full"


class Raises(enum.Enum):
    """What may make a function raise, given operands of the types that it takes."""

    NEVER = "nothing"
    SHAPES = "operands that do not broadcast"
    EMPTY = "no items"
    SUBSCRIPT = "a subscript that is outside"
    STORE = "such a subscript, or a value that does not fit"
    DIVISION = "shapes; of Python numbers, a divisor that is zero"
    POWER = "shapes; of Python numbers, a result that is too large"
    SHIFT = "shapes; of Python numbers, a shift that is negative"
    FLOAT = "what is no real number"
    INTEGER = "what is no whole number"
    TRUTH = "what has no truth value"
    ITEMS = "no items, or items without an order"
    SIZE = "what has no absolute value"
    LENGTH = "what has no length"
    CONTAINER = "what contains nothing"
    RANGE = "bounds that are no whole numbers, or a step of zero"
    REPEATED = "how often, where that is no whole number"
    FORMAT = "a format that is for others"
    RAGGED = "items of different shapes"
    OPTIONS = "options, as arrays of these types show when they are tried"
    VALUES = "values"
    EXAMPLES = "what arrays of these types show when they are tried"


class Sign(enum.Enum):
    """Which sign a result has."""

    UNKNOWN = "unknown"
    KEPT = "that of the operands, where all are positive, or none is negative"
    NOT_NEGATIVE = "not negative"
    POSITIVE = "positive"


@dataclass(frozen=True, slots=True)
class Results:
    """How many results there are: a number, or `OPERANDS` or `PIECES` where that decides.

    It holds where an option, at a place and under a name, has one of `values`; the first of these
    is the default. A tuple may have `names` for its items.
    """

    kind: type[Any]
    count: int
    place: int = 0
    option: str = ""
    values: tuple[Any, ...] = ()
    names: tuple[str, ...] = ()


OPERANDS, PIECES = -1, -2


@dataclass(frozen=True, slots=True, kw_only=True)
class Primitive:
    """What a function is.

    Attributes
    ----------
    memory : Memory
        Whose memory the result is.
    layout : Layout
        Whether the result is contiguous.
    undone_by : callable, optional
        Of a permuted view, the function that undoes it.
    creates : bool
        Whether it makes an array for somebody to write to, so that two calls make two arrays.
    elementwise : bool
        Whether it acts item by item, with broadcasting.
    keeps_shape : bool
        Whether the result has the shape of the first operand.
    only_shape : bool
        Whether it reads the shape and the dtype of the first operand, not its items.
    fact : str
        What a result that says something of a shape is called, such as ``"size"``.
    by_value : bool
        Whether sizes of the result depend on values.
    gives_numbers : bool
        Whether a result without axes is a number, not an array.
    number : str
        Which Python number it gives, where that is no float: ``"int"`` or ``"bool"``.
    reduces : bool
        Whether all axes are reduced unless some are named.
    rearranges : bool
        Whether the result has the same items, so that it is called as the operand is.
    arithmetic : bool
        Whether it is a sum, a difference, a product or a whole quotient, as sizes are made of.
    sums : bool
        Whether it adds or subtracts its operands.
    commutes : bool
        Whether its operands may trade places.
    transposes : bool
        Whether it reverses axes: all of them, or the last two.
    compares : bool
        Whether it compares its operands.
    selects : bool
        Whether cotangents of operands are zero at places, whatever that of the result is.
    masks : bool
        Whether the result has zeros by construction.
    has_pole : bool
        Whether the result is infinite for some operands that are not.
    keeps_infinity : bool
        Whether the result is infinite where an operand is.
    multiplies : bool
        Whether it is a product of its operands, or sums of products.
    puts_together : bool
        Whether its items are those of several operands.
    pads : bool
        Whether it has items that are those of no operand.
    of_lists : bool
        Whether it takes a list of arrays in the place of an array.
    makes_array : bool
        Whether it makes an array of what is none, which may be objects.
    dtype_second : bool
        Whether its second operand is a dtype.
    along : int, optional
        The axis along which it joins or cuts, where none is given.
    results : Results, optional
        How many results it has, if not one.
    many : tuple of int and Memory, optional
        Whose memory the result is where there are more than so many operands.
    reads_text : bool
        Whether it makes numbers of a text or of a file.
    gives_complex : bool
        Whether it gives complex numbers, whatever its operands are.
    raises : Raises
        What may make it raise.
    raises_again : bool
        Whether its derivative raises where it does.
    infix, prefix : Operator, optional
        How it is spelled between its operands, or in front of its operand.
    dunder : str
        Of a function that is no operator, the name of the special method that stands for it.
    name : str
        What NumPy's users call it, where that is not its name.
    reduced, accumulated : callable, optional
        The functions that ``ufunc.reduce`` and ``ufunc.accumulate`` are.
    attribute, method : str
        The attribute or the method of arrays that it is printed as.
    folds : bool
        Whether it may be called when a program is compiled, with values that are known then.
    """

    memory: Memory = Memory.ANY
    layout: Layout = Layout.UNKNOWN
    undone_by: Callable[..., Any] | None = None
    creates: bool = False
    elementwise: bool = False
    keeps_shape: bool = False
    only_shape: bool = False
    fact: str = ""
    by_value: bool = False
    gives_numbers: bool = False
    number: Literal["", "int", "bool"] = ""
    reads_text: bool = False
    reduces: bool = False
    rearranges: bool = False
    arithmetic: bool = False
    sums: bool = False
    commutes: bool = False
    transposes: bool = False
    compares: bool = False
    selects: bool = False
    masks: bool = False
    multiplies: bool = False
    puts_together: bool = False
    pads: bool = False
    of_lists: bool = False
    makes_array: bool = False
    dtype_second: bool = False
    along: int | None = None
    results: Results | None = None
    many: tuple[int, Memory] | None = None
    gives_complex: bool = False
    has_pole: bool = False
    keeps_infinity: bool = False
    cost: Cost = Cost.FULL
    raises: Raises = Raises.EXAMPLES
    raises_again: bool = False
    sign: Sign = Sign.UNKNOWN
    infix: Operator | None = None
    prefix: Operator | None = None
    dunder: str = ""
    name: str = ""
    attribute: str = ""
    method: str = ""
    reduced: Callable[..., Any] | None = None
    accumulated: Callable[..., Any] | None = None
    folds: bool = False


table: dict[Callable[..., Any], Primitive] = {}


def describe(record: Primitive, *functions: Callable[..., Any]) -> None:
    """Add the record of functions to the table; rules of other libraries may do so, too."""
    for fn in functions:
        assert fn not in table, f"{fn!r} is described twice"
        table[fn] = record


def of_numpy(*names: str) -> tuple[Any, ...]:
    """Return the functions of NumPy of these names that this version of NumPy has."""
    return tuple(getattr(np, name) for name in names if hasattr(np, name))


UNKNOWN = Primitive()
_NEW = Primitive(memory=Memory.NEW)
_NUMBER = Primitive(memory=Memory.NEW, gives_numbers=True)
_MAY_FAIL = Primitive(memory=Memory.NEW, raises=Raises.VALUES)
ELEMENTWISE = Primitive(
    memory=Memory.NEW,
    layout=Layout.AS_OPERANDS,
    elementwise=True,
    gives_numbers=True,
    raises=Raises.SHAPES,
)
GENERAL_UFUNC = Primitive(memory=Memory.NEW, gives_numbers=True)
# Most functions of these modules return new memory; those that do not are described.
_OF_MODULES = {
    "numpy": _NEW,
    "numpy.linalg": _MAY_FAIL,
    "numpy.fft": Primitive(memory=Memory.NEW, gives_complex=True),
    "numpy.random": _NEW,
    "math": _MAY_FAIL,
}


def _is_number_class(fn: Any) -> bool:
    return isinstance(fn, type) and issubclass(fn, np.generic)


def primitive(fn: Any) -> Primitive:
    """Return the record of a function; one that is not described is what its module's are."""
    try:
        found = table.get(fn)
    except TypeError:  # not hashable
        return UNKNOWN
    if found is not None:
        return found
    if isinstance(fn, np.ufunc):
        return ELEMENTWISE if fn.signature is None else GENERAL_UFUNC
    if _is_number_class(fn):
        return _NUMBER
    return _OF_MODULES.get(getattr(fn, "__module__", None) or "", UNKNOWN)
