"""Python's operators on staged values, as calls of the functions of NumPy that they stand for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["StagedOperators"]


class StagedOperators:
    """The operators of what appends a call."""

    __slots__ = ()

    def call(self, fn: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
        """Append a call and return its result."""
        raise NotImplementedError

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
