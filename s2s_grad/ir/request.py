"""Which derivative of a function is wanted: what the compiler and the tape are both asked."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Request"]


@dataclass(frozen=True, slots=True)
class Request:
    """A kind of derivative, and by which parameters.

    Attributes
    ----------
    kind : str
        One of grad, value_and_grad, vjp, jvp and hvp.
    wrt : tuple of str
        The names of the parameters.
    single : bool
        Whether one parameter was asked for by itself, so that the derivative is no tuple.
    has_aux : bool
        Whether the function returns a value and something else.
    """

    kind: str
    wrt: tuple[str, ...]
    single: bool
    has_aux: bool = False
