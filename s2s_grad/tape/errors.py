"""The errors and warnings of the tape."""

from __future__ import annotations

from s2s_grad.errors import ArgumentError, S2SError

__all__ = [
    "AnomalyError",
    "ConnectionWarning",
    "FreedError",
    "GraphError",
    "InPlaceError",
    "NoSuchClass",
    "NotTaken",
    "TapeError",
]


class TapeError(S2SError, RuntimeError):
    """A use of a tensor or graph that can not be right."""


class GraphError(TapeError):
    """A backward pass that can not be run on this graph."""


class FreedError(GraphError):
    """A second backward pass through values that the first one freed."""


class InPlaceError(TapeError):
    """A write in place that makes a gradient impossible."""


class AnomalyError(TapeError):
    """A backward function that computed a value that is not a number."""


class NotTaken(TapeError, TypeError):
    """A value that is differentiated was given to code that takes plain numbers alone."""


class NoSuchClass(ArgumentError, IndexError):
    """A target of a loss that is none of the classes of the input."""


class ConnectionWarning(UserWarning):
    """A recorded value was converted to a plain number; its gradient stops there."""
