"""What stands for NumPy, `math` and SciPy in a user's function that runs on tensors.

NumPy hands calls on tensors over, but ``np.zeros(n)`` makes an array, which no tensor can be
written to; and `math` asks for a plain number. The stand-ins make tensors, and take them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from s2s_grad.emulate.reading_text import check_text, checking, reads_texts
from s2s_grad.rules import find_rule
from s2s_grad.runtime import dispatching
from s2s_grad.tape.core import Tensor, plain
from s2s_grad.tape.dispatch import apply_function
from s2s_grad.tape.errors import TapeError
from s2s_grad.tape.object_arrays import as_objects
from s2s_grad.tape.value_tests import is_array, is_sequence, is_tuple

__all__ = ["ModuleStand", "Stand", "lift", "lifting", "math_member", "numpy_member", "ruled_member"]


def lift(value: Any) -> Any:
    """Return a result of NumPy with its floating arrays as tensors."""
    if is_array(value):
        return Tensor(value) if value.dtype.kind in "fc" else value
    if type(value) in (tuple, list):
        return type(value)(lift(item) for item in value)
    return value


# -------------------------------------------------------------------------------- NumPy's creation


def _holds_tensor(value: Any) -> bool:
    if is_sequence(value):
        return any(_holds_tensor(item) for item in value)
    return isinstance(value, Tensor)


def _array(
    obj: Any, dtype: Any = None, *, copy: bool | None = True, ndmin: int = 0, **options: Any
) -> Any:
    """Stand for `np.array`: a copy, if one is asked for or needed."""
    if isinstance(obj, Tensor) and is_array(obj._value) and not copy:
        found = _asarray(obj, dtype, copy=copy, **options)
    elif not _holds_tensor(obj):
        return lift(_read(np.array(obj, dtype, copy=copy, ndmin=ndmin, **options), obj))
    else:
        found = _cast(obj.clone() if isinstance(obj, Tensor) else _nested(obj, dtype), dtype)
        found = _laid_out(found, **options)
    missing = ndmin - found.ndim
    return found[(None,) * missing] if missing > 0 else found


def _laid_out(array: Any, order: Any = None, **options: Any) -> Any:
    """Return an array, a copy if its layout in memory is not what is asked for."""
    flags = plain(array).flags
    right = {"C": flags.c_contiguous, "F": flags.f_contiguous}
    if not right.get(order, True):
        array = array.copy()
        if isinstance(array, Tensor):
            array._value = np.asarray(array._value, order=order)
        else:
            array = np.asarray(array, order=order)
    return array


def _nested(obj: Any, dtype: Any) -> Any:
    """Return a tensor of a sequence that has tensors in it."""
    if dtype is not None and np.dtype(dtype) == object:
        return as_objects(obj)
    return apply_function(np.array, (_listed(obj),), {})


def _cast(array: Any, dtype: Any) -> Any:
    """Return an array with a dtype, if one is given."""
    return array if dtype is None or np.dtype(dtype) == array.dtype else array.astype(dtype)


def _listed(obj: Any) -> Any:
    if is_sequence(obj):
        return [_listed(item) for item in obj]
    return obj


def _asarray(
    obj: Any, dtype: Any = None, order: Any = None, *, copy: bool | None = None, **options: Any
) -> Any:
    """Stand for `np.asarray`: no copy where none is needed."""
    if isinstance(obj, Tensor):
        np.asarray(obj._value, dtype, order, copy=copy)  # its errors
        whole = obj if is_array(obj._value) and not copy else obj.clone()
        return _laid_out(_cast(whole, dtype), order)
    options |= {"order": order, "copy": copy}
    if _holds_tensor(obj):
        return _array(obj, dtype)
    return lift(_read(np.asarray(obj, dtype, **options), obj))


def _read(array: Any, obj: Any) -> Any:
    """Return the array of an object; raise where texts became numbers that may be lost."""
    if array.dtype.kind in "fciu":
        check_text(obj)
    return array


def _full(shape: Any, fill_value: Any, dtype: Any = None, **options: Any) -> Any:
    """Stand for `np.full`."""
    if _holds_tensor(fill_value):
        given = (
            (shape, fill_value)
            if dtype is None or np.dtype(dtype) == object
            else (shape, fill_value, dtype)
        )
        return _cast(apply_function(np.full, given, {}), dtype)
    return lift(np.full(shape, fill_value, dtype, **options))


_STANDS: dict[Any, Callable[..., Any]] = {
    np.array: _array,
    np.asarray: _asarray,
    np.asanyarray: _asarray,
    np.ascontiguousarray: functools.partial(_asarray, order="C"),
    np.asfortranarray: functools.partial(_asarray, order="F"),
    np.full: _full,
}


def lifting(fn: Any) -> Callable[..., Any]:
    """Return a function of NumPy whose arrays come back as tensors."""
    stand = _STANDS.get(fn)
    if stand is not None:
        return stand
    if reads_texts(fn):
        fn = checking(fn)

    @functools.wraps(fn, updated=())
    def run(*args: Any, **kwargs: Any) -> Any:
        return lift(_called(fn, args, kwargs))

    return run


def _called(fn: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Call a function of NumPy; lists of tensors are made tensors where it does not look inside."""
    try:
        return fn(*args, **kwargs)
    except (TapeError, ValueError):
        given = [_array(arg) if _is_list_of_tensors(arg) else arg for arg in args]
        if all(new is old for new, old in zip(given, args, strict=True)):
            raise
    return fn(*given, **kwargs)


def _is_list_of_tensors(value: Any) -> bool:
    return is_sequence(value) and _holds_tensor(value)


class Stand:
    """A stand-in for a module or ufunc: attributes are converted when they are read."""

    def __init__(self, target: Any, convert: Callable[[Any], Any], lasting: bool = True) -> None:
        self._target = target
        self._convert = convert
        self._lasting = lasting

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        converted = self._convert(found)
        if self._lasting and converted is not found:
            self.__dict__[name] = converted  # a library's members stay what they are
        return converted

    def __repr__(self) -> str:
        return repr(self._target)

    def __eq__(self, other: object) -> bool:
        return self._target == (other._target if isinstance(other, Stand) else other)

    def __hash__(self) -> int:
        return hash(self._target)


class ModuleStand(Stand):
    """A stand-in for a module of the user's, whose names can be assigned."""

    def __init__(self, target: Any, convert: Callable[[Any], Any], assigned: Any) -> None:
        super().__init__(target, convert, False)
        self.__dict__["_assigned"] = assigned

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("_target", "_convert", "_lasting"):
            self.__dict__[name] = value
            return
        setattr(self._target, name, value)
        self._assigned[id(self._target), name] = (self._target, name)


class UfuncStand(Stand):
    """A stand-in for a ufunc, called on arrays too."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the ufunc."""
        return lift(_called(self._target, args, kwargs))


class JoinStand(Stand):
    """A stand-in for `np.r_` or `np.c_`, which join what they are indexed with."""

    def __getitem__(self, given: Any) -> Any:
        items: tuple[Any, ...] = given if is_tuple(given) else (given,)
        texts = any(isinstance(item, str) for item in items)
        if texts or not _holds_tensor(items):
            return lift(self._target[given])
        parts = [np.r_[item] if isinstance(item, slice) else _asarray(item) for item in items]
        parts = [part if np.ndim(part) else np.reshape(part, (1,)) for part in parts]
        join = np.concatenate if self._target is np.r_ else np.column_stack
        return apply_function(join, (parts,), {})


def numpy_member(value: Any) -> Any:
    """Return what stands for an attribute of NumPy."""
    if value is np.r_ or value is np.c_:
        return JoinStand(value, lambda member: member)
    if isinstance(value, ModuleType):
        return Stand(value, numpy_member)
    if isinstance(value, np.ufunc):
        return UfuncStand(value, lambda member: member)
    if isinstance(value, type) or not callable(value):
        return value
    return lifting(value)


def math_member(value: Any) -> Any:
    """Return what stands for an attribute of `math`."""
    return dispatching(value) if callable(value) else value


def ruled_member(value: Any) -> Any:
    """Return what stands for an attribute of SciPy, whose functions do not dispatch."""
    if isinstance(value, ModuleType):
        return Stand(value, ruled_member)
    if callable(value) and not isinstance(value, (type, np.ufunc)) and find_rule(value) is not None:
        return dispatching(value)
    return value
