"""Objects of users' classes on the tape: their methods are copies, like the functions by name.

The objects and their classes are the user's own. What is made a copy is the method, when it is read
from an object, and `__init__` when an object is made; see `instrument` for where these hooks are.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType, MethodType
from typing import Any

import numpy as np

from s2s_grad.code_objects import outer_names
from s2s_grad.emulate.posing import CALLED, is_posed_as, member, telling, tells, unbound
from s2s_grad.emulate.reading_text import check_text, checking, reads_texts
from s2s_grad.ir.tensors import reads_tensor
from s2s_grad.ir.trees import is_dataclass
from s2s_grad.tape.core import Tensor
from s2s_grad.tape.number import Number
from s2s_grad.tape.recording import any_active
from s2s_grad.tape.value_tests import is_array, kind_of

__all__ = ["Objects"]

_CONTAINERS = (list, dict, tuple, set)
_PLAIN = {Number, float, int, bool, complex, str, *_CONTAINERS}
_CACHED = functools._lru_cache_wrapper  # pyright: ignore[reportPrivateUsage]
_BUILT_IN = {BuiltinFunctionType, BuiltinMethodType}


class Objects:
    """Reads attributes and finds what is called, with copies in place of the user's functions.

    Parameters
    ----------
    convert : callable
        Returns what the copied function sees of a value.
    is_users : callable
        Whether a class is the user's, not one of Python or a library.
    """

    def __init__(self, convert: Callable[[Any], Any], is_users: Callable[[Any], bool]) -> None:
        self.convert = convert
        self.is_users = is_users
        self._results: dict[Any, Any] = {}  # of functions under `lru_cache`, in this run
        self._makers: dict[type, Callable[..., Any]] = {}

    # ------------------------------------------------------------------------------ attributes

    def attribute(self, owner: Any, name: str) -> Any:
        """Return ``owner.name``."""
        kind = kind_of(owner)
        if kind in _PLAIN:
            return getattr(owner, name)
        if kind is Tensor:
            return member(owner, name)
        if name == "astype" and is_array(owner):
            check_text(owner)
        if kind is type and is_posed_as(owner):
            return unbound(owner, name)
        found = self._computed(owner, kind, name) if self.is_users(kind) else None
        if found is not None:
            return found()
        value = getattr(owner, name)
        if type(value) is MethodType:  # a new one each time
            return self._method(value)
        if isinstance(value, FunctionType) or is_array(value):
            return self.convert(value)
        return value

    def found(self, owner: Any, name: str, *default: Any) -> Any:
        """Stand for `getattr`."""
        try:
            return self.attribute(owner, name)
        except AttributeError:
            if not default:
                raise
            return default[0]

    def _computed(self, owner: Any, kind: type, name: str) -> Callable[[], Any] | None:
        """Return what computes a property; None for other attributes."""
        own: Any = next((vars(base)[name] for base in kind.__mro__ if name in vars(base)), None)
        if isinstance(own, property) and isinstance(own.fget, FunctionType):
            return functools.partial(self.convert(own.fget), owner)
        if isinstance(own, functools.cached_property) and name not in getattr(
            owner, "__dict__", ()
        ):
            return functools.partial(self._kept, owner, name, own)
        return None

    def _kept(self, owner: Any, name: str, cached: Any) -> Any:
        vars(owner)[name] = value = self.convert(cached.func)(owner)
        return value

    def _method(self, method: MethodType) -> Any:
        if kind_of(method.__func__) is _CACHED:
            return functools.partial(self._uncached, method.__func__, method.__self__)
        inner = self.convert(method.__func__)
        return method if inner is method.__func__ else MethodType(inner, method.__self__)

    # ----------------------------------------------------------------------------------- calls

    def callee(self, called: Any) -> Any:
        """Return what is run where something is called."""
        kind = kind_of(called)
        if reads_texts(called):
            return checking(called)
        if tells(called):
            return telling(called)
        if called is map:
            return self._map
        if kind in _BUILT_IN:
            return called
        if kind is MethodType:
            return self._method(called)
        if issubclass(kind, type):
            return CALLED.get(called) or self._maker(called)
        if kind in (FunctionType, np.vectorize) or isinstance(called, functools.partial):
            return self.convert(called)
        if kind is _CACHED:
            return functools.partial(self._uncached, called)
        method = getattr(kind, "__call__", None)  # noqa: B004
        if isinstance(method, FunctionType) and self.is_users(kind):
            return MethodType(self.convert(method), called)
        return called

    def _map(self, fn: Any, *items: Any) -> Any:
        """Stand for `map` where it is called: it calls a function in its turn."""
        return map(self.callee(fn), *items)

    def _uncached(self, cached: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a function under `functools.lru_cache`, which must not keep what is recorded."""
        fn, given = cached.__wrapped__, (*args, *kwargs.values())
        if any_active(given):  # equal values may have other derivatives
            return self.convert(fn)(*args, **kwargs)
        if not any(_reaches_tensor(value, set()) for value in (fn, *given)):
            return cached(*args, **kwargs)
        key = (cached, args, tuple(kwargs.items()))
        if key not in self._results:
            self._results[key] = self.convert(fn)(*args, **kwargs)
        return self._results[key]

    def _maker(self, kind: type) -> Callable[..., Any]:
        """Return what makes the objects of a class."""
        if kind not in self._makers:
            users = self.is_users(kind) and type(kind).__call__ is type.__call__
            written = isinstance(kind.__init__, FunctionType) or isinstance(
                kind.__new__, FunctionType
            )
            seen = users and written and not issubclass(kind, BaseException)
            self._makers[kind] = functools.partial(self._make, kind) if seen else kind
        return self._makers[kind]

    def _make(self, kind: type, /, *args: Any, **kwargs: Any) -> Any:
        """Do what a call of a class does."""
        new: Any = kind.__new__
        made = new(kind) if new is object.__new__ else self.convert(new)(kind, *args, **kwargs)
        init: Any = type(made).__init__
        if not isinstance(made, kind) or not isinstance(init, FunctionType):
            return made
        after: Any = getattr(kind, "__post_init__", None)
        shadowed = is_dataclass(kind) and isinstance(after, FunctionType)
        attributes = getattr(made, "__dict__", None) if shadowed else None
        if attributes is not None:  # what a dataclass's own __init__ calls is found here first
            attributes["__post_init__"] = MethodType(self.convert(after), made)
        self.convert(init)(made, *args, **kwargs)
        if attributes is not None:
            attributes.pop("__post_init__", None)
        return made


def _reaches_tensor(value: Any, seen: set[int]) -> bool:
    """Return whether a value holds a tensor, or is a function that reads one, or may read one."""
    if reads_tensor(value):
        return True
    fn: Any = value.__wrapped__ if kind_of(value) is _CACHED else value
    if kind_of(fn) is not FunctionType or id(fn) in seen:
        return False
    seen.add(id(fn))
    if kind_of(fn.__globals__) is not dict:  # made in the run
        return True
    names = outer_names(fn.__code__) & fn.__globals__.keys()
    return any(_reaches_tensor(fn.__globals__[name], seen) for name in names)
