"""The tensor: an array, what it was computed by, and its gradient.

The class holds the data and the flags of autograd. Operators, NumPy's methods, views, in-place
methods and hooks are attached by the files of those names.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from s2s_grad.ir.guards import ARRAYS_MATCH
from s2s_grad.ir.trees import is_named_tuple, sequence_of
from s2s_grad.tape.errors import GraphError, TapeError
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.number import Number
from s2s_grad.tape.user_lines import here
from s2s_grad.tape.value_tests import is_array, kind_of

if TYPE_CHECKING:
    from s2s_grad.tape.graph import Node
    from s2s_grad.tape.views import View

__all__ = ["Tensor", "array_of", "attach", "plain", "plain_value", "seen_class", "wrap"]

F = TypeVar("F")


class Tensor:
    """An array whose computation is recorded.

    Parameters
    ----------
    data : array_like
        The values; an array is not copied.
    requires_grad : bool
        Whether gradients with respect to this tensor are wanted.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.Tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).sum().backward()
    >>> x.grad
    tensor([2., 4.])
    """

    # `_value` is an array, or a NumPy scalar where NumPy would have returned one. `_counter` is
    # shared by all tensors on one buffer: the number of writes, then the places of the last ones.
    # It is None on tensors of the inference mode.
    __slots__ = (
        "__weakref__",
        "_counter",
        "_extra",
        "_grad",
        "_node",
        "_requires",
        "_value",
        "_view",
    )
    __array_priority__ = 1000.0

    _value: Any
    _node: Node | None
    _requires: bool
    _grad: Tensor | None
    _counter: list[Any] | None
    _view: View | None
    _extra: dict[str, Any] | None

    def __init__(self, data: Any, requires_grad: bool = False) -> None:
        if isinstance(data, Tensor):
            data = data._value
        self._value = np.asarray(data)
        if self._value.dtype.kind not in "fciub":
            raise TapeError(
                f"a tensor of dtype {self._value.dtype} can not be made",
                "give numbers: floats, complex numbers, ints or bools",
            )
        self._node = None
        self._grad = None
        self._counter = None if STATE.inference else [0]
        self._view = None
        self._extra = None
        self._requires = False
        if requires_grad:
            self.requires_grad = True

    if TYPE_CHECKING:  # attached by the other files

        def __getattr__(self, name: str) -> Any: ...
        def __getitem__(self, index: Any) -> Any: ...
        def __add__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __neg__(self) -> Any: ...

    @property
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The class; in a function that is differentiated as NumPy code, that of the value."""
        return seen_class(self) if STATE.strict else type(self)

    # ------------------------------------------------------------------------------------ facts

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes along each axis."""
        return self._value.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._value.ndim

    @property
    def size(self) -> int:
        """The number of items."""
        return self._value.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the array."""
        return self._value.dtype

    @property
    def itemsize(self) -> int:
        """The bytes of one item."""
        return self._value.itemsize

    @property
    def nbytes(self) -> int:
        """The bytes of all items."""
        return self._value.nbytes

    @property
    def strides(self) -> tuple[int, ...]:
        """The bytes to step along each axis."""
        return self._value.strides

    def __len__(self) -> int:
        if not self._value.ndim:
            len(plain_value(self))
        return self._value.shape[0]

    def __hash__(self) -> int:
        return hash(self._value) if STATE.strict else id(self)

    # ---------------------------------------------------------------------------------- autograd

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to this tensor."""
        if self._view is not None:
            self._view.refresh(self)
        return self._requires

    @requires_grad.setter
    def requires_grad(self, flag: bool) -> None:
        if flag and self._value.dtype.kind not in "fc":
            raise TapeError(
                f"only tensors of floating or complex dtype can require grad, not {self.dtype}",
                "convert it: tensor(..., dtype=float)",
            )
        if not flag and self._node is not None:
            raise TapeError(
                "requires_grad can be switched off on leaves only, and this tensor is a result",
                "use detach() for a tensor without history",
            )
        if flag and self._counter is None and not STATE.inference:
            raise TapeError(
                "a tensor made in inference mode can not require grad outside of it",
                "copy it first: t.clone()",
            )
        self._requires = bool(flag)

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Set `requires_grad` and return the tensor."""
        self.requires_grad = requires_grad
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether the tensor was not computed from tensors that require grad."""
        if self._view is not None:
            self._view.refresh(self)
        return self._node is None

    @property
    def grad_fn(self) -> Node | None:
        """The node that computed this tensor; None for a leaf."""
        if self._view is not None:
            self._view.refresh(self)
        return None if self._node is None else self._node.shown

    @property
    def output_nr(self) -> int:
        """The place of this tensor among the results of its node."""
        node = self._node
        return 0 if node is None else node.output_nr

    @property
    def version(self) -> int:
        """The number of writes to the buffer of this tensor."""
        if self._counter is None:
            raise TapeError(
                "a tensor of the inference mode does not count versions",
                "copy it outside of inference_mode: t.clone()",
            )
        return self._counter[0]

    _version = version

    def is_inference(self) -> bool:
        """Return whether the tensor was made in inference mode."""
        return self._counter is None

    @property
    def grad(self) -> Tensor | None:
        """The accumulated gradient."""
        if self._grad is None and self._requires and self._node is not None:
            if not self.retains_grad:
                import warnings

                warnings.warn(
                    "the .grad of a tensor that is no leaf is not filled; "
                    "call retain_grad() on it before backward()",
                    UserWarning,
                    stacklevel=2,
                )
        return self._grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is None:
            self._grad = None
            return
        if not isinstance(value, Tensor):
            raise TypeError(f"a gradient has to be a Tensor or None, not {type(value).__name__}")
        if value is self:
            raise TapeError("a tensor can not be its own gradient", "assign another tensor")
        if value.shape != self.shape:
            raise TapeError(
                f"a gradient of shape {value.shape} does not fit a tensor of shape {self.shape}",
                "shapes have to be equal",
            )
        if value.dtype != self.dtype:
            raise TapeError(
                f"a gradient of dtype {value.dtype} does not fit a tensor of dtype {self.dtype}",
                "convert it with astype()",
            )
        self._grad = value

    @grad.deleter
    def grad(self) -> None:
        self._grad = None

    @property
    def retains_grad(self) -> bool:
        """Whether `retain_grad` was called on this result."""
        return bool(self._extra and self._extra.get("retains")) and self._node is not None

    def retain_grad(self) -> None:
        """Keep the gradient of this result in `.grad` when it is computed."""
        if not self.requires_grad:
            raise GraphError(
                "retain_grad() was called on a tensor that does not require grad",
                "gradients flow to tensors computed from one with requires_grad=True",
            )
        if self._node is None or self.retains_grad:
            return
        self._set_extra("retains", True)
        self._node.retain(self)

    def _set_extra(self, name: str, value: Any) -> None:
        if self._extra is None:
            self._extra = {}
        self._extra[name] = value

    # ------------------------------------------------------------------------------------- values

    def detach(self) -> Tensor:
        """Return a tensor on the same memory, without history."""
        return wrap(array_of(self), self._counter)

    def __repr__(self) -> str:
        from s2s_grad.tape.printing import describe, told

        if not STATE.strict:
            return describe(self)
        return told(self, repr(plain(self)), exact=type(self._value) is Number)

    def __str__(self) -> str:
        from s2s_grad.tape.printing import formatted

        return formatted(self, "") if STATE.strict else repr(self)


def seen_class(tensor: Tensor) -> Any:
    """Return the class of what a tensor stands for: a float, one of NumPy's numbers, an array."""
    kind = kind_of(tensor._value)
    return float if kind is Number else kind


def array_of(tensor: Tensor) -> Any:
    """Return the array of a tensor; a NumPy scalar becomes an array that is kept.

    In a user's function it stays a scalar: what is not an array cannot be written to.
    """
    value = tensor._value
    if not is_array(value):
        value = np.asarray(value)
        if not STATE.strict:
            tensor._value = value
    return value


class _Matched(ABC):  # noqa: B024 - it has no methods
    """What ``case [a, b]`` takes, and is no `collections.abc.Sequence`."""

    __abc_tpflags__ = 1 << 5  # Py_TPFLAGS_SEQUENCE


if ARRAYS_MATCH:
    _Matched.register(Tensor)

_new: Any = Tensor.__new__


def wrap(value: Any, version: list[Any] | None = None) -> Tensor:
    """Return a tensor without history around an array or NumPy scalar."""
    tensor = _new(Tensor)
    tensor._value = value
    tensor._node = None
    tensor._requires = False
    tensor._grad = None
    tensor._counter = None if STATE.inference else [0] if version is None else version
    tensor._view = None
    tensor._extra = None
    return tensor


def plain_value(tensor: Tensor) -> Any:
    """Return what a tensor stands for."""
    value = tensor._value
    return float(value) if type(value) is Number else value


def plain(value: Any) -> Any:
    """Return a value with every tensor in it replaced by its array."""
    kind = kind_of(value)
    if kind is Tensor:
        return value._value
    if kind is tuple:
        return tuple([plain(item) for item in value])
    if kind is list:
        return [plain(item) for item in value]
    if kind is slice:
        if value.start is None and value.step is None and type(value.stop) is int:
            return value
        return slice(plain_int(value.start), plain_int(value.stop), plain_int(value.step))
    if kind is dict:
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, Tensor):
        return value._value
    if is_named_tuple(value):
        return sequence_of(kind, (plain(item) for item in value))
    return value


def plain_int(value: Any) -> Any:
    """Return a bound of a slice as Python takes it."""
    return value._value if isinstance(value, Tensor) else value


def bump(tensor: Tensor) -> None:
    """Count a write to the buffer of a tensor."""
    version = tensor._counter
    if version is None:
        if STATE.inference:
            return
        raise TapeError(
            "a tensor made in inference mode was written in place outside of it",
            "copy it first: t.clone()",
        )
    version[0] += 1
    version.append((version[0], here()))
    if len(version) > 12:
        del version[1:5]


def attach(name: str) -> Callable[[F], F]:
    """Add a function to `Tensor` as a method."""

    def add(function: F) -> F:
        setattr(Tensor, name, function)
        return function

    return add
