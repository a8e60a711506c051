"""Finding the operation whose backward function made a value that is not a number."""

from __future__ import annotations

import traceback
import warnings
from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor
from s2s_grad.tape.errors import AnomalyError
from s2s_grad.tape.graph import Node
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.user_lines import location, shown
from s2s_grad.tape.value_tests import is_numeric, is_sequence, is_tuple

__all__ = ["Anomaly", "detect_anomaly", "is_anomaly_enabled", "set_detect_anomaly"]


def _bad(value: Any, inf: bool) -> bool:
    array = value._value if isinstance(value, Tensor) else value
    if is_sequence(array):
        return any(item is not None and _bad(item, inf) for item in array)
    kind = getattr(array, "dtype", np.dtype(object)).kind
    if kind not in "fc":
        return False
    return not np.isfinite(array).all() if inf else bool(np.isnan(array).any())


class Anomaly:
    """What the mode remembers: the traceback of each operation, and what was not finite."""

    def __init__(self, check_nan: bool = True, check_inf: bool = False) -> None:
        self.check_nan = check_nan
        self.check_inf = check_inf
        self.first: Node | None = None  # the first operation with a result that is no number

    def remember(self, node: Node, value: Any) -> None:
        """Keep the traceback of an operation that is recorded."""
        node.metadata["traceback"] = traceback.extract_stack()
        if self.first is None and _bad(value, False):
            self.first = node

    def check(self, node: Node, ct: Any, found: Any) -> None:
        """Raise where a backward function returned what is not a number."""
        if not self.check_nan:
            return
        dense = [g.dense() if hasattr(g, "dense") else g for g in found]
        if not any(g is not None and _bad(g, self.check_inf) for g in dense):
            return
        given = ct.dense() if hasattr(ct, "dense") else ct
        if self.first is not None:
            culprit, what = self.first, "computed a result that is not a number already forward"
        else:
            culprit, what = node, "returned a gradient that is not a number"
        stack = culprit.metadata.get("traceback")
        lines = _user_lines(stack) if stack else ""
        values = "\n".join(f"    {name}: {text}" for name, text in _values(culprit, given, dense))
        raise AnomalyError(
            f"{culprit.name()} {what}\n  the operation: {shown(culprit.place)}\n{values}\n"
            f"  traceback of the operation:\n{lines}",
            "look at these values: a division by zero, 0 * inf, or the square root or logarithm "
            "of what is not positive",
            location(culprit.place),
        )


def _values(node: Node, ct: Any, found: list[Any]) -> list[tuple[str, str]]:
    shown_values: list[tuple[str, str]] = []
    if is_tuple(node.saved):
        for name, value in zip(node.plan.slots, node.saved, strict=False):
            if value is not None and not name.endswith(("_shape", "_size", "_zeros")):
                shown_values.append((name, _short(value)))
    shown_values.append(("cotangent", _short(ct)))
    names = node.plan.active or ("",) * len(found)
    for name, g in zip(names, found, strict=False):
        shown_values.append((f"gradient of {name or 'the operand'}", _short(g)))
    return shown_values


def _short(value: Any) -> str:
    if isinstance(value, Tensor):
        value = value._value
    if not is_numeric(value):
        return repr(value)
    text = np.array2string(np.asarray(value), threshold=6, edgeitems=2, separator=", ")
    if value.ndim == 0:
        return text
    bad: Any = np.argwhere(~np.isfinite(value)) if value.dtype.kind in "fc" else []
    at = f", first not finite at {tuple(bad[0].tolist())}" if len(bad) else ""
    return f"{' '.join(text.split())} (shape {value.shape}{at})"


def _user_lines(stack: Any) -> str:
    from s2s_grad.tape.user_lines import PACKAGE

    kept = [entry for entry in stack if not entry.filename.startswith(PACKAGE)]
    return "".join(traceback.format_list(kept[-8:])).rstrip()


class set_detect_anomaly:
    """Switch the search on or off: at once as a call, until the end as a context manager.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> with tape.set_detect_anomaly(False):
    ...     pass
    """

    def __init__(self, mode: bool, check_nan: bool = True, check_inf: bool = False) -> None:
        self.before = STATE.anomaly
        STATE.anomaly = Anomaly(check_nan, check_inf) if mode else None

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        STATE.anomaly = self.before


class detect_anomaly:
    """Raise at the first backward function that returns what is not a number.

    The error shows the forward line, its traceback and the values. It makes every operation slower.

    Parameters
    ----------
    check_nan : bool
        Whether to look for NaN.
    check_inf : bool
        Whether to raise for infinities too.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     with tape.detect_anomaly():
    ...         x = tape.tensor(2.0, requires_grad=True)
    ...         (x * x).backward()
    >>> x.grad
    tensor(4.)
    """

    def __init__(self, check_nan: bool = True, check_inf: bool = False) -> None:
        self.options = (check_nan, check_inf)
        warnings.warn(
            "anomaly detection is on: it makes every operation slower and is meant for debugging",
            UserWarning,
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self.before = STATE.anomaly
        STATE.anomaly = Anomaly(*self.options)

    def __exit__(self, *_: object) -> None:
        STATE.anomaly = self.before


def is_anomaly_enabled() -> bool:
    """Return whether the search is on in this thread."""
    return STATE.anomaly is not None
