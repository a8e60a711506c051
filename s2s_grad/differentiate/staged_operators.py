"""Operators, methods and protocols of staged values: calls of functions of NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["NeedsRuntimeValue", "StagedOperators"]


class NeedsRuntimeValue(Exception):
    """A formula asked for a fact that is not known at compile time."""


class StagedOperators:
    """What is done with any value by appending a call, and what a value would be needed for."""

    __slots__ = ()

    def call(self, fn: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
        """Append a call and return its result."""
        raise NotImplementedError

    # ---------------------------------------------------------------- NumPy's protocols

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        if method != "__call__":
            raise NeedsRuntimeValue(f"{ufunc.__name__}.{method}")
        return self.call(ufunc, args, kwargs)

    def __array_function__(self, fn: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self.call(fn, args, kwargs)

    def __s2s_call__(self, fn: Any, args: Any, kwargs: Any) -> Any:
        return self.call(fn, args, kwargs)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise NeedsRuntimeValue("an array")

    def __bool__(self) -> bool:
        raise NeedsRuntimeValue("the truth of a value")

    def __float__(self) -> float:
        raise NeedsRuntimeValue("a value")

    def __int__(self) -> int:
        raise NeedsRuntimeValue("a value")

    # ---------------------------------------------------------------- methods that rules may use

    def sum(self, *args: Any, **kwargs: Any) -> Any:
        return self.call(np.sum, (self, *args), kwargs)

    def reshape(self, *shape: Any) -> Any:
        target = shape[0] if len(shape) == 1 else shape
        return self.call(np.reshape, (self, target), {})

    def astype(self, dtype: Any) -> Any:
        return self.call(np.astype, (self, dtype), {})

    def copy(self) -> Any:
        return self.call(np.copy, (self,), {})

    @property
    def mT(self) -> Any:
        return self.call(np.matrix_transpose, (self,), {})

    # ---------------------------------------------------------------- Python's operators

    def __add__(self, other: Any) -> Any:
        return self.call(np.add, (self, other), {})

    def __radd__(self, other: Any) -> Any:
        return self.call(np.add, (other, self), {})

    def __sub__(self, other: Any) -> Any:
        return self.call(np.subtract, (self, other), {})

    def __rsub__(self, other: Any) -> Any:
        return self.call(np.subtract, (other, self), {})

    def __mul__(self, other: Any) -> Any:
        return self.call(np.multiply, (self, other), {})

    def __rmul__(self, other: Any) -> Any:
        return self.call(np.multiply, (other, self), {})

    def __truediv__(self, other: Any) -> Any:
        return self.call(np.divide, (self, other), {})

    def __rtruediv__(self, other: Any) -> Any:
        return self.call(np.divide, (other, self), {})

    def __floordiv__(self, other: Any) -> Any:
        return self.call(np.floor_divide, (self, other), {})

    def __rfloordiv__(self, other: Any) -> Any:
        return self.call(np.floor_divide, (other, self), {})

    def __mod__(self, other: Any) -> Any:
        return self.call(np.remainder, (self, other), {})

    def __rmod__(self, other: Any) -> Any:
        return self.call(np.remainder, (other, self), {})

    def __pow__(self, other: Any) -> Any:
        return self.call(np.power, (self, other), {})

    def __rpow__(self, other: Any) -> Any:
        return self.call(np.power, (other, self), {})

    def __matmul__(self, other: Any) -> Any:
        return self.call(np.matmul, (self, other), {})

    def __rmatmul__(self, other: Any) -> Any:
        return self.call(np.matmul, (other, self), {})

    def __neg__(self) -> Any:
        return self.call(np.negative, (self,), {})

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return self.call(np.absolute, (self,), {})

    def __invert__(self) -> Any:
        return self.call(np.invert, (self,), {})

    def __and__(self, other: Any) -> Any:
        return self.call(np.bitwise_and, (self, other), {})

    def __rand__(self, other: Any) -> Any:
        return self.call(np.bitwise_and, (other, self), {})

    def __or__(self, other: Any) -> Any:
        return self.call(np.bitwise_or, (self, other), {})

    def __ror__(self, other: Any) -> Any:
        return self.call(np.bitwise_or, (other, self), {})

    def __lt__(self, other: Any) -> Any:
        return self.call(np.less, (self, other), {})

    def __le__(self, other: Any) -> Any:
        return self.call(np.less_equal, (self, other), {})

    def __gt__(self, other: Any) -> Any:
        return self.call(np.greater, (self, other), {})

    def __ge__(self, other: Any) -> Any:
        return self.call(np.greater_equal, (self, other), {})
