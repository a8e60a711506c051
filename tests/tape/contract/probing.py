"""Probes: small programs that run on the tape and on PyTorch, and what they gave on the latter."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad import tape

__all__ = ["PROBES", "Tape", "outcome", "probe", "raises", "torch_library", "warned"]

PROBES: dict[str, Callable[[Any], Any]] = {}


def probe(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Add a program to the table, under its own name."""
    name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
    assert name not in PROBES, name
    PROBES[name] = function
    return function


class Tape:
    """The tape and NumPy under the names that probes use."""

    float64, float32, int64 = np.float64, np.float32, np.int64

    def __getattr__(self, name: str) -> Any:
        if name == "F":
            return tape.nn.functional
        return getattr(tape, name) if hasattr(tape, name) else getattr(np, name)


def torch_library() -> Any:
    """Return PyTorch in double precision, or None where it is not installed."""
    try:
        import torch
    except ImportError:
        return None

    class Torch:
        F = torch.nn.functional
        float64, float32, int64 = torch.float64, torch.float32, torch.int64

        def tensor(self, data: Any, requires_grad: bool = False, dtype: Any = None) -> Any:
            found = torch.tensor(data, dtype=dtype)
            if dtype is None and found.dtype == torch.float32:
                found = torch.tensor(data, dtype=torch.float64)
            if dtype is None and found.dtype == torch.complex64:
                found = torch.tensor(data, dtype=torch.complex128)
            return found.requires_grad_(requires_grad) if requires_grad else found

        def __getattr__(self, name: str) -> Any:
            if name in ("ones", "zeros", "eye"):
                return lambda *a, dtype=torch.float64, **k: getattr(torch, name)(
                    *a, dtype=dtype, **k
                )
            if name == "Function":
                return torch.autograd.Function
            if name == "functional":
                return torch.autograd.functional
            for place in (torch.autograd, torch.autograd.graph, torch.autograd.function):
                if name in _AUTOGRAD and hasattr(place, name):
                    return getattr(place, name)
            return getattr(torch, name)

    return Torch()


_AUTOGRAD = {
    "grad", "backward", "gradcheck", "gradgradcheck", "saved_tensors_hooks", "detect_anomaly",
    "set_detect_anomaly", "once_differentiable", "register_multi_grad_hook", "get_gradient_edge",
    "increment_version", "disable_saved_tensors_hooks",
}  # fmt: skip


def raises(action: Callable[[], Any]) -> bool:
    """Return whether a call is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            action()
        except (RuntimeError, TypeError, ValueError, AttributeError, NotImplementedError):
            return True
    return False


def warned(action: Callable[[], Any]) -> bool:
    """Return whether a call warns."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
    return bool(caught)


def outcome(library: Any, function: Callable[[Any], Any]) -> Any:
    """Return what a probe gives, as plain lists, numbers and words."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return _plain(function(library))


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "detach"):
        return _plain(value.detach().tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, complex):
        return ["complex", value.real, value.imag]
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value
