"""Who looks on while a program goes from step to step: to debug, and to test every step."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Generator

from s2s_grad.ir.nodes import Function

__all__ = ["Watch", "told", "watched_by"]

Watch = Callable[[str, Function], None]
_watch: contextvars.ContextVar[Watch | None] = contextvars.ContextVar("watch", default=None)


@contextlib.contextmanager
def watched_by(watch: Watch) -> Generator[None]:
    """Call ``watch(step, program)`` with what each step of a compilation inside of this gives."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


def told(step: str, program: Function) -> Function:
    """Return a program that a step made, after who looks on has seen it."""
    watch = _watch.get()
    if watch is not None:
        watch(step, program)
    return program
