"""Python's operators and conversions on tensors."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from s2s_grad.errors import ArgumentError
from s2s_grad.ir.primitives import INFIX, PREFIX, primitive
from s2s_grad.tape.core import Tensor, array_of, attach, plain, plain_value
from s2s_grad.tape.dispatch import apply_function, getitem
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.number import PYTHON_OPERATORS, Number
from s2s_grad.tape.recording import any_active
from s2s_grad.tape.ufuncs import elementwise, unary
from s2s_grad.tape.value_tests import is_sequence, kind_of

__all__ = ["BINARY"]

BINARY = {
    spelled.dunder: fn
    for fn, spelled in INFIX.items()
    if primitive(fn).elementwise and not primitive(fn).compares
}
_COMPARE = {
    spelled.dunder: fn
    for fn, spelled in INFIX.items()
    if primitive(fn).elementwise and primitive(fn).compares
}


_NO_NUMBERS = (str, bytes, dict, set)


def _knows(other: Any) -> bool:
    """Return whether NumPy computes with a value."""
    if other is None or isinstance(other, _NO_NUMBERS):
        return False
    return getattr(other, "__array_ufunc__", True) is not None


def _joined(other: Any) -> Any:
    """Return a list of tensors as the array that NumPy makes of it."""
    if is_sequence(other) and any_active(other):
        return apply_function(np.array, (list(other),), {})
    return other


def _is_python(value: Any) -> bool:
    """Return whether a value is a number of Python's, or a tensor that holds one."""
    kind = kind_of(value)
    if kind is Tensor:
        kind = kind_of(value._value)
    return kind is Number or kind is float or kind is int or kind is bool


def _unlike(fn: Any, tensor: Tensor, a: Any, b: Any) -> Any:
    """Return what an operator gives for a value that is no number: mostly an error of NumPy's.

    Python finds its own errors for its floats, and the methods of what NumPy is not to touch.
    """
    if not STATE.strict or type(tensor._value) is Number:
        return NotImplemented
    a, b = plain(a), plain(b)
    return (
        fn(a, b)
        if b is None or isinstance(a, _NO_NUMBERS) or isinstance(b, _NO_NUMBERS)
        else (NotImplemented)
    )


def _is_no_operand(tensor: Tensor, other: Any, fn: Any = None) -> bool:
    """Return whether Python does not compute with a number and a value, and NumPy would.

    A product of a sequence and a number of NumPy's is Python's as well.
    """
    number = type(tensor._value) is Number or (
        fn is np.multiply and isinstance(tensor._value, np.generic)
    )
    return number and STATE.strict and is_sequence(other)


def _forward(fn: Any) -> Callable[[Tensor, Any], Any]:
    python = PYTHON_OPERATORS.get(fn)

    def run(tensor: Tensor, other: Any) -> Any:
        kind = kind_of(other)
        if type(tensor._value) is Number and _is_python(other):
            return elementwise(fn, tensor, other, python)
        if _is_no_operand(tensor, other, fn):
            return NotImplemented
        if kind is Tensor or kind is float or kind is int or kind is np.ndarray or _knows(other):
            if kind is complex and type(tensor._value) is Number:
                STATE.pythonic = True
            return elementwise(fn, tensor, _joined(other))
        return _unlike(fn, tensor, tensor, other)

    return run


def _reflected(fn: Any) -> Callable[[Tensor, Any], Any]:
    python = PYTHON_OPERATORS.get(fn)

    def run(tensor: Tensor, other: Any) -> Any:
        kind = kind_of(other)
        if type(tensor._value) is Number and _is_python(other):
            return elementwise(fn, other, tensor, python)
        if _is_no_operand(tensor, other, fn):
            return NotImplemented
        if kind is float or kind is int or kind is np.ndarray or _knows(other):
            if kind is complex and type(tensor._value) is Number:
                STATE.pythonic = True
            return elementwise(fn, _joined(other), tensor)
        return _unlike(fn, tensor, other, tensor)

    return run


def _compare(name: str) -> Callable[[Tensor, Any], Any]:
    fn, python = _COMPARE[name], getattr(operator, name)

    def run(tensor: Tensor, other: Any) -> Any:
        if type(tensor._value) is Number and _is_python(other):
            return python(tensor._value, other._value if isinstance(other, Tensor) else other)
        if STATE.strict and name not in ("eq", "ne") and _is_complex(tensor, other):
            raise ArgumentError("complex numbers have no order", "compare their real parts")
        if _is_no_operand(tensor, other):
            return NotImplemented
        if _knows(other):
            return elementwise(fn, tensor, _joined(other))
        return _unlike(fn, tensor, tensor, other)

    return run


def _is_complex(tensor: Tensor, other: Any) -> bool:
    """Return whether numbers are compared of which one is complex in Python, without an order."""
    kinds = (complex, np.complexfloating) if STATE.complexes else ()
    values = (tensor._value, other._value if isinstance(other, Tensor) else other)
    return not any(map(np.ndim, values)) and any(
        type(v) is complex or isinstance(v, kinds) for v in values
    )


def _prefix(fn: Any) -> Callable[[Tensor], Any]:
    python = PYTHON_OPERATORS.get(fn)

    def run(tensor: Tensor) -> Any:
        if type(tensor._value) is not Number:
            return unary(fn, tensor)
        return tensor if fn is np.positive else unary(fn, tensor, python)

    return run


def _power(tensor: Tensor, exponent: Any) -> Any:
    """Return a power; of a negative float to a fraction it is complex, as in Python."""
    fraction = _plain_float(exponent)
    if fraction is None or fraction.is_integer() or not _is_negative(tensor):
        return _to_power(tensor, exponent)
    STATE.complexes = True
    return _to_power(tensor + 0j, exponent)


def _reflected_power(tensor: Tensor, base: Any) -> Any:
    fraction = _plain_float(tensor)
    if fraction is None or fraction.is_integer() or not _is_negative(base):
        return _from_power(tensor, base)
    STATE.complexes = True
    return _from_power(tensor, (base if kind_of(base) is Tensor else np.complex128(base)) + 0j)


def _plain_float(value: Any) -> float | None:
    """Return the float that a value, or a tensor, is in Python."""
    held = value._value if kind_of(value) is Tensor else value
    return float(held) if type(held) in (Number, float) and math.isfinite(held) else None


def _is_negative(value: Any) -> bool:
    held = value._value if kind_of(value) is Tensor else value
    return type(held) in (Number, float, int) and held < 0


_to_power, _from_power = _forward(np.power), _reflected(np.power)
for _name, _fn in BINARY.items():
    attach(f"__{_name}__")(_forward(_fn))
    attach(f"__r{_name}__")(_reflected(_fn))
attach("__pow__")(_power)
attach("__rpow__")(_reflected_power)
for _name in _COMPARE:
    attach(f"__{_name}__")(_compare(_name))
for _fn, _spelled in PREFIX.items():
    if _spelled.dunder:
        attach(f"__{_spelled.dunder}__")(_prefix(_fn))
attach("__abs__")(_prefix(np.absolute))


@attach("__matmul__")
def _matmul(tensor: Tensor, other: Any) -> Any:
    known = _knows(other) and not (type(tensor._value) is Number and _is_python(other))
    return elementwise(np.matmul, tensor, _joined(other)) if known else NotImplemented


@attach("__rmatmul__")
def _rmatmul(tensor: Tensor, other: Any) -> Any:
    known = _knows(other) and not (type(tensor._value) is Number and _is_python(other))
    return elementwise(np.matmul, _joined(other), tensor) if known else NotImplemented


@attach("__divmod__")
def _divmod(tensor: Tensor, other: Any) -> Any:
    return tensor // other, tensor % other


@attach("__rdivmod__")
def _rdivmod(tensor: Tensor, other: Any) -> Any:
    return other // tensor, other % tensor


@attach("__getitem__")
def _getitem(tensor: Tensor, index: Any) -> Any:
    if type(tensor._value) is Number:
        raise TypeError("'float' object is not subscriptable")
    return getitem(tensor, index)


@attach("__iter__")
def _iter(tensor: Tensor) -> Iterator[Any]:
    if not tensor.ndim:
        iter(plain_value(tensor))
    return (tensor[i] for i in range(len(tensor)))


@attach("__contains__")
def _contains(tensor: Tensor, value: Any) -> bool:
    return plain(value) in (plain_value(tensor) if STATE.strict else array_of(tensor))
