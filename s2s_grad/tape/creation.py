"""Functions that make tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor, array_of, wrap
from s2s_grad.tape.recording import any_active
from s2s_grad.tape.value_tests import is_array, is_sequence

__all__ = [
    "arange",
    "as_tensor",
    "empty",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "linspace",
    "manual_seed",
    "ones",
    "ones_like",
    "rand",
    "randn",
    "tensor",
    "zeros",
    "zeros_like",
]


def tensor(data: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor with a copy of the data.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.tensor([1.0, 2.0], requires_grad=True)
    tensor([1., 2.], requires_grad=True)
    """
    if any_active(data) and not isinstance(data, Tensor):
        from s2s_grad.tape.dispatch import apply_function

        return apply_function(np.array, (data,), {})
    value = array_of(data) if isinstance(data, Tensor) else data
    return Tensor(np.array(_plain(value), dtype), requires_grad)


def as_tensor(data: Any, dtype: Any = None) -> Tensor:
    """Return a tensor on the same memory where no conversion is needed.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad import tape
    >>> a = np.zeros(2)
    >>> tape.as_tensor(a).fill_(1.0)
    tensor([1., 1.])
    >>> a
    array([1., 1.])
    """
    if isinstance(data, Tensor):
        return data if dtype is None or np.dtype(dtype) == data.dtype else data.astype(dtype)
    return Tensor(np.asarray(_plain(data), dtype))


def from_numpy(array: Any) -> Tensor:
    """Return a tensor on the memory of an array.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad import tape
    >>> tape.from_numpy(np.arange(3.0))
    tensor([0., 1., 2.])
    """
    if not is_array(array):
        raise TypeError(f"from_numpy() takes an array, not {type(array).__name__}")
    return Tensor(array)


def _plain(data: Any) -> Any:
    if is_sequence(data):
        return [_plain(item) for item in data]
    return data._value if isinstance(data, Tensor) else data


def _shape(sizes: tuple[Any, ...]) -> Any:
    if len(sizes) == 1 and is_sequence(sizes[0]):
        return tuple(sizes[0])
    return sizes


def _filled(fn: Callable[..., Any], doc: str) -> Callable[..., Tensor]:
    def create(*sizes: Any, dtype: Any = float, requires_grad: bool = False) -> Tensor:
        return Tensor(fn(_shape(sizes), dtype), requires_grad)

    create.__name__ = create.__qualname__ = fn.__name__
    create.__doc__ = doc
    return create


zeros = _filled(np.zeros, "Return zeros: ``zeros(2, 3)`` or ``zeros((2, 3))``.")
ones = _filled(np.ones, "Return ones: ``ones(2, 3)`` or ``ones((2, 3))``.")
empty = _filled(np.empty, "Return a tensor with undefined values.")


def full(shape: Any, fill_value: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor filled with one value.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.full((2,), 3.0)
    tensor([3., 3.])
    """
    if any_active(fill_value):
        from s2s_grad.tape.dispatch import apply_function

        return apply_function(np.full, (shape, fill_value), {})
    return Tensor(np.full(shape, _plain(fill_value), dtype), requires_grad)


def eye(n: int, m: int | None = None, dtype: Any = float, requires_grad: bool = False) -> Tensor:
    """Return the identity matrix.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.eye(2)
    tensor([[1., 0.],
            [0., 1.]])
    """
    return Tensor(np.eye(n, m, dtype=dtype), requires_grad)


def arange(*bounds: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return evenly spaced values.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.arange(3.0)
    tensor([0., 1., 2.])
    """
    return Tensor(np.arange(*bounds, dtype=dtype), requires_grad)


def linspace(start: float, end: float, steps: int = 50, requires_grad: bool = False) -> Tensor:
    """Return evenly spaced values with both ends.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.linspace(0, 1, 3)
    tensor([0. , 0.5, 1. ])
    """
    return Tensor(np.linspace(start, end, steps), requires_grad)


class _Random:
    """The generator of `randn` and `rand`."""

    generator: Any = np.random.default_rng()


def manual_seed(seed: int) -> None:
    """Start the random numbers of `randn` and `rand` again.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.manual_seed(0)
    >>> tape.randn(2)
    tensor([ 0.1257, -0.1321])
    """
    _Random.generator = np.random.default_rng(seed)


def randn(*sizes: Any, dtype: Any = float, requires_grad: bool = False) -> Tensor:
    """Return normally distributed values.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.randn(2, 3).shape
    (2, 3)
    """
    values: Any = _Random.generator.standard_normal(_shape(sizes))
    return Tensor(np.asarray(values, dtype), requires_grad)


def rand(*sizes: Any, dtype: Any = float, requires_grad: bool = False) -> Tensor:
    """Return values uniform in [0, 1).

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.rand(2, 3).shape
    (2, 3)
    """
    return Tensor(np.asarray(_Random.generator.random(_shape(sizes)), dtype), requires_grad)


def zeros_like(like: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return zeros of the shape and dtype of a tensor.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.zeros_like(tape.ones(2))
    tensor([0., 0.])
    """
    return wrap(np.asarray(np.zeros_like(_plain(like), dtype))).requires_grad_(requires_grad)


def ones_like(like: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
    """Return ones of the shape and dtype of a tensor.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.ones_like(tape.zeros(2))
    tensor([1., 1.])
    """
    return wrap(np.asarray(np.ones_like(_plain(like), dtype))).requires_grad_(requires_grad)


def full_like(like: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """Return a tensor of the shape and dtype of another, filled with one value.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> tape.full_like(tape.zeros(2), 3.0)
    tensor([3., 3.])
    """
    return wrap(np.asarray(np.full_like(_plain(like), fill_value, dtype)))
