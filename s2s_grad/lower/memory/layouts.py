"""How arrays lie in memory, which decides whether a reshaped array is a view or a copy.

Where all sizes are known NumPy is asked: an array that is made as the one in question, from others
of the same sizes and layout, is its *example*. Else what is made of contiguous arrays may be known
to be contiguous.
"""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.memory import layout_sources
from s2s_grad.ir.nodes import Const, Operand, Pack, Var
from s2s_grad.ir.types import Array, Dict, Scalar, Sequence
from s2s_grad.lower.memory.state import State

__all__ = ["Layouts"]

_MOST_ELEMENTS = 10_000
_NUMBERS: dict[str, Any] = {"int": 0, "bool": False, "float": 0.5, "complex": 0.5 + 0.5j}


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """How a variable was made."""

    fn: Callable[..., Any]
    args: tuple[Operand, ...]
    kwargs: Mapping[str, Operand]
    sources: tuple[Operand, ...] | None  # contiguous if all of these are


@dataclass(frozen=True, slots=True, eq=False)
class _Example:
    """An array laid out as a variable's is, where these parameters are contiguous."""

    array: Any
    parameters: frozenset[str]


class _UnknownError(Exception):
    """There is no example."""


class Layouts:
    """The layouts of the arrays of one lowering."""

    def __init__(self, low: State, root: Callable[[Operand], Operand]) -> None:
        self._low = low
        self._root = root
        self._made: dict[Var, _Made] = {}
        self._examples: dict[Var, _Example | None] = {}
        self._asked: set[str] = set()  # the parameters that the present question is about
        self._required: set[str] = set()  # those that must be contiguous, whatever is written
        self._assumed: dict[Var, tuple[frozenset[Var], frozenset[str]]] = {}

    def note(
        self,
        result: Var,
        fn: Callable[..., Any],
        args: tuple[Operand, ...],
        kwargs: Mapping[str, Operand],
    ) -> None:
        """Record how a variable was made; the operands are what they were bound to."""
        sources = layout_sources(result, fn, (*args, *kwargs.values()))
        self._made[result] = _Made(fn, args, kwargs, sources)

    def shares(self, result: Var) -> bool | None:
        """Return whether a result uses the memory of the first operand; None if it is not known.

        The answer may hold for contiguous parameters alone, which are noted.
        """
        made = self._made[result]
        if not made.args:
            return None
        self._asked = set()
        base, found = self._example_of(made.args[0]), self._example_of(result)
        known: bool | None = None
        if base is not None and found is not None:
            known = np.may_share_memory(base, found)
        elif made.fn is np.reshape or (made.fn is np.ravel and len(made.args) == 1):
            self._asked = set()
            known = self._is_contiguous(made.args[0]) or None
        if known is not None and self._asked:
            buffers = self._low.aliases.of(result)
            self._assumed[result] = buffers, frozenset(self._asked)
        return known

    def is_same(self, result: Var) -> bool:
        """Return whether a result is known to be the first operand, as it is."""
        base, found = self._example_of(self._made[result].args[0]), self._example_of(result)
        if base is None or found is None:
            return False
        a, b = base.__array_interface__, found.__array_interface__
        return all(a[name] == b[name] for name in ("data", "shape", "strides"))

    def needed(self, written: Callable[[frozenset[Var]], bool]) -> set[str]:
        """Return the parameters that must be contiguous: `written` is what shares their layout."""
        found = self._assumed.values()
        return self._required.union(*[names for buffers, names in found if written(buffers)])

    def forget(self, result: Var) -> None:
        """Assume nothing any more to know whether a result is a view."""
        self._assumed.pop(result, None)

    # ------------------------------------------------------------------ contiguous arrays

    def in_row_order(self, operand: Operand) -> bool:
        """Return whether the items of an array lie in row order; parameters must, from now on."""
        self._asked = set()
        known = self._is_contiguous(operand)
        if known:
            self._required |= self._asked
        return known

    def _is_contiguous(self, operand: Operand) -> bool:
        root = self._root(operand)
        t = type_of(root)
        if isinstance(t, Array) and t.shape == ():
            return True
        if not isinstance(root, Var):
            return False
        parameter = self._parameter(root)
        if parameter is not None:
            self._asked.add(parameter)
            return True
        made = self._made.get(root)
        sources = None if made is None else made.sources
        return sources is not None and all(map(self._is_contiguous, sources))

    def _parameter(self, var: Var) -> str | None:
        """Return the parameter that a variable is, or is in."""
        found = self._low.parameters.get(var)
        made = self._made.get(var)
        if found is not None or made is None or made.fn is not operator.getitem:
            return found
        whole = made.args[0]
        inside = isinstance(whole, Var) and isinstance(whole.type, (Sequence, Dict))
        return self._parameter(whole) if inside and isinstance(whole, Var) else None

    # ------------------------------------------------------------------ examples

    def _example_of(self, operand: Operand) -> np.ndarray[Any, Any] | None:
        try:
            found: Any = self._example(operand)
        except Exception:  # of NumPy, too
            return None
        return cast(Any, found) if isinstance(found, np.ndarray) else None

    def _example(self, operand: Operand) -> Any:
        match operand:
            case Const(value=np.ndarray(ndim=ndim)) if ndim > 1:
                raise _UnknownError
            case Const():
                return operand.value
            case Pack(kind=kind) if kind is slice:
                return slice(*map(self._example, operand.items))
            case Pack(kind=kind) if kind in (tuple, list):
                items = [self._example(item) for item in operand.items]
                return items if kind is list else tuple(items)
            case Pack():
                raise _UnknownError
            case Var(type=Scalar(kind=kind)):
                return _NUMBERS[kind]
            case Var():
                return self._example_of_var(self._root(operand))

    def _example_of_var(self, var: Operand) -> Any:
        if not isinstance(var, Var):
            raise _UnknownError
        if var not in self._examples:
            outer, self._asked = self._asked, set()
            self._examples[var] = None
            self._examples[var] = _Example(self._make(var), frozenset(self._asked))
            self._asked = outer
        found = self._examples[var]
        if found is None:
            raise _UnknownError
        self._asked |= found.parameters
        return found.array

    def _make(self, var: Var) -> Any:
        t = var.type
        if isinstance(t, Array) and not _is_known(t):
            raise _UnknownError
        parameter = self._parameter(var)
        if parameter is not None and isinstance(t, Array):
            self._asked.add(parameter)
            return np.ones(t.shape, t.dtype)  # type: ignore[arg-type]
        made = self._made.get(var)
        if made is None or not _is_of_numpy(made.fn):
            raise _UnknownError
        args = map(self._example, made.args)
        kwargs = {name: self._example(option) for name, option in made.kwargs.items()}
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = made.fn(*args, **kwargs)
        if isinstance(t, Array) and (found.shape != t.shape or found.dtype != t.dtype):
            raise _UnknownError
        return found


def _is_known(t: Array) -> bool:
    """Return whether an array's dtype and sizes are known, and it is no large one."""
    if t.dtype is None or t.shape is None:
        return False
    sizes = [size for size in t.shape if isinstance(size, int)]
    return len(sizes) == len(t.shape) and math.prod(sizes) <= _MOST_ELEMENTS


def _is_of_numpy(fn: Callable[..., Any]) -> bool:
    """Return whether a function may be tried: it draws no random numbers, and changes nothing."""
    module = getattr(fn, "__module__", None) or ""
    numpy = module.partition(".")[0] == "numpy" and not module.startswith("numpy.random")
    return fn is operator.getitem or isinstance(fn, np.ufunc) or numpy
