"""What is recorded: the modes of the current thread, as context managers and decorators."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

__all__ = [
    "STATE",
    "enable_grad",
    "inference_mode",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "record_places",
    "set_grad_enabled",
]


class State(threading.local):
    """The modes of one thread; a new thread starts with these values."""

    enabled: bool = True
    inference: bool = False
    places: bool = True
    anomaly: Any = None
    origin: Any = None  # the place that nodes of a recorded backward pass are reported at
    saved_hooks: Any = None
    selective: bool = False  # a zero cotangent stays zero where a derivative is infinite
    strict: bool = False  # converting a recorded value to a plain number is an error
    origins: Any = None  # what the values of a run stand for, by id
    texts: bool = False  # a text was made of a value that is differentiated
    complexes: bool = False  # Python made a complex number of a float: such numbers have no order
    pythonic: bool = False  # Python's complex numbers may be about: real arrays take none of them
    refusal: Any = None  # the last error of that kind, which C code may drop
    copies: Any = None  # which nodes saved what, by version counter, to be copied before a write
    usual: bool = True  # none of what makes recording an operation take longer is on

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        super().__setattr__(
            "usual",
            self.places
            and not self.inference
            and self.anomaly is None
            and self.origin is None
            and self.saved_hooks is None
            and self.copies is None,
        )


STATE = State()


def is_grad_enabled() -> bool:
    """Return whether operations on tensors that require grad are recorded in this thread."""
    return STATE.enabled


def is_inference_mode_enabled() -> bool:
    """Return whether this thread is in inference mode."""
    return STATE.inference


class Mode:
    """A context manager that sets attributes of `STATE`; a decorator with and without brackets."""

    _settings: dict[str, Any]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Decorate a function that is given directly, as in ``@no_grad``."""
        mode = super().__new__(cls)
        if len(args) == 1 and not kwargs and callable(args[0]):
            mode.__init__()
            return mode(args[0])
        return mode

    def __enter__(self) -> None:
        stack = self.__dict__.setdefault("_stack", threading.local())
        saved = {name: getattr(STATE, name) for name in self._settings}
        stack.__dict__.setdefault("saved", []).append(saved)
        for name, value in self._settings.items():
            setattr(STATE, name, value)

    def __exit__(self, *_: object) -> None:
        for name, value in self.__dict__["_stack"].saved.pop().items():
            setattr(STATE, name, value)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, run in this mode; of a generator, only while its body runs."""
        if inspect.isgeneratorfunction(function):
            return self._generator(function)

        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            with self._copy():
                return function(*args, **kwargs)

        return run

    def _copy(self) -> Mode:
        fresh: Mode = object.__new__(type(self))
        fresh._settings = self._settings
        return fresh

    def _generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            generator = function(*args, **kwargs)
            action: Any = generator.send
            value: Any = None
            while True:
                try:
                    with self._copy():
                        item = action(value)
                except StopIteration as stop:
                    return stop.value
                try:
                    value = yield item  # pyright: ignore[reportUnknownVariableType]
                    action = generator.send
                except GeneratorExit:
                    with self._copy():
                        generator.close()
                    raise
                except BaseException as error:
                    value, action = error, generator.throw

        return run


class no_grad(Mode):
    """Do not record: results do not require grad.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.ones(2, requires_grad=True)
    >>> with tape.no_grad():
    ...     y = x * 2
    >>> y.requires_grad
    False
    """

    def __init__(self) -> None:
        self._settings = {"enabled": False}


class enable_grad(Mode):
    """Record again, inside of `no_grad`.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> x = tape.ones(2, requires_grad=True)
    >>> with tape.no_grad(), tape.enable_grad():
    ...     y = x * 2
    >>> y.requires_grad
    True
    """

    def __init__(self) -> None:
        self._settings = {"enabled": True}


class set_grad_enabled(Mode):
    """Switch the recording on or off: at once as a call, until the end as a context manager.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> with tape.set_grad_enabled(False):
    ...     tape.is_grad_enabled()
    False
    """

    def __init__(self, mode: bool = True) -> None:
        self._settings = {"enabled": bool(mode)}
        self._before: bool | None = STATE.enabled
        STATE.enabled = bool(mode)

    def __enter__(self) -> None:
        super().__enter__()
        if self._before is not None:  # what held before the call is what is restored
            self.__dict__["_stack"].saved[-1]["enabled"] = self._before
            self._before = None

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate; a decorator does not act at once."""
        if self._before is not None:
            STATE.enabled, self._before = self._before, None
        return super().__call__(function)


class inference_mode(Mode):
    """Record nothing, count no versions: results can not take part in a recorded computation.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> with tape.inference_mode():
    ...     y = tape.ones(2) * 2
    >>> y.is_inference()
    True
    """

    def __init__(self, mode: bool = True) -> None:
        self._settings = {"inference": mode, "enabled": False} if mode else {"inference": False}


class selecting(Mode):
    """Keep a zero cotangent zero where a derivative is infinite."""

    def __init__(self, flag: bool = True) -> None:
        self._settings = {"selective": flag}


class record_places(Mode):
    """Switch on or off that nodes and writes remember the line of code that made them.

    Examples
    --------
    >>> from s2s_grad import tape
    >>> with tape.record_places(False):
    ...     y = tape.ones(2, requires_grad=True) * 2
    """

    def __init__(self, mode: bool = True) -> None:
        self._settings = {"places": mode}
