"""Run a user's function on tensors: a copy of it whose NumPy makes tensors.

NumPy hands calls on tensors over, but ``np.zeros(n)`` makes an array, which no tensor can be
written to; and `math` asks for a plain number. So a copy of the function is run, with the same code
and with other globals: its modules `numpy` and `math` are stand-ins, and the functions that it
calls are copies in the same way. The user's own function and modules are left as they are.
"""

from __future__ import annotations

import builtins
import functools
import math
import statistics
import sys
import sysconfig
from collections.abc import Callable
from types import BuiltinFunctionType, CellType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from s2s_grad.code_objects import outer_names
from s2s_grad.emulate.identity import Origins
from s2s_grad.emulate.instrument import (
    ATTRIBUTE,
    CALLEE,
    FLOAT,
    IS,
    MODULO,
    TEXT,
    instrumented,
)
from s2s_grad.emulate.itemwise import vectorized, written_out
from s2s_grad.emulate.objects import Objects
from s2s_grad.emulate.posing import ASKED, CALLED, is_posed_as, tells
from s2s_grad.emulate.reading_text import check_text, reads_texts
from s2s_grad.emulate.refusals import refused
from s2s_grad.emulate.restore import Reached
from s2s_grad.emulate.stands import (
    ModuleStand,
    Stand,
    lifting,
    math_member,
    numpy_member,
    ruled_member,
)
from s2s_grad.errors import other_array
from s2s_grad.ir.guards import is_other_array
from s2s_grad.ir.trees import is_container
from s2s_grad.rules import find_rule
from s2s_grad.runtime import dispatching
from s2s_grad.tape.core import Tensor
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.printing import modulo
from s2s_grad.tape.protect import allow_mutation_on_saved_tensors
from s2s_grad.tape.user_lines import here, location
from s2s_grad.tape.value_tests import is_array, is_dict, is_tuple, kind_of

__all__ = ["Copies"]

_PACKAGE = __name__.partition(".")[0]
_MADE = 1 << 9  # the flag of classes that are not part of an interpreter
_LIBRARY = tuple(
    {sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
)


class Globals(dict[str, Any]):
    """The globals of the copies of one module's functions: what they read is converted.

    What they write is kept here, where all of them see it, until the run has ended.
    """

    def __init__(self, original: dict[str, Any], copies: Copies) -> None:
        super().__init__(__builtins__=copies.builtins)
        if "__name__" in original:
            self["__name__"] = original["__name__"]
        self.original = original
        self.copies = copies

    def __missing__(self, name: str) -> Any:
        value = self.original[name]  # the KeyError sends Python on to the builtins
        return self.copies.convert(value)

    def sync(self, restored: Callable[[Any], Any]) -> None:
        """Hand what was written to the module."""
        for name, value in self.items():
            if name not in ("__builtins__", "__name__"):
                self.original[name] = restored(value)


class Copies:
    """Converts functions, modules and arrays, each of them once."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Any, Any]] = {}  # by id; the value is kept alive
        self.globals: dict[int, Globals] = {}  # by the id of the module's own
        self.cells: dict[int, tuple[CellType, CellType, Any]] = {}
        self.reached = Reached(_is_users)
        self.containers: list[tuple[Any, Any, list[Any], list[Any]]] = []  # with arrays
        self.assigned: dict[tuple[int, str], tuple[ModuleType, str]] = {}
        self.origins: Origins = STATE.origins or Origins()
        objects = Objects(self.convert, _is_users)
        self.builtins = {
            **vars(builtins),
            "__import__": self._import,
            **ASKED,
            "getattr": objects.found,
            IS: self.origins.same,
            "id": self.origins.identity,
            MODULO: modulo,
            TEXT: check_text,
            ATTRIBUTE: objects.attribute,
            CALLEE: objects.callee,
            FLOAT: CALLED[float],
        }

    def __call__(self, fn: Callable[..., Any]) -> Callable[..., Any]:
        """Return the copy of a function, which runs in strict mode."""
        copied = self._called(fn)

        def run(*args: Any, **kwargs: Any) -> Any:
            strict, STATE.strict = STATE.strict, True
            texts, complexes, origins = STATE.texts, STATE.complexes, STATE.origins
            pythonic = STATE.pythonic
            STATE.origins = self.origins
            try:
                with allow_mutation_on_saved_tensors():
                    return copied(*args, **kwargs)
            except Exception as error:
                found = refused(error, _is_library)
                if found is None or found is error:
                    raise
                raise found from error
            finally:
                STATE.strict, STATE.refusal = strict, None
                STATE.texts = strict and (STATE.texts or texts)
                STATE.complexes = strict and (STATE.complexes or complexes)
                STATE.pythonic = strict and (STATE.pythonic or pythonic)
                STATE.origins = origins
                self._sync()

        return run

    def outside(self) -> list[tuple[Any, Any]]:
        """Return the arrays and containers that were read outside, with what stands for them."""
        found = self.known.values()
        return [pair for pair in found if is_array(pair[0]) or is_container(pair[0])]

    def restore(self) -> None:
        """Take the tensors out of what the run stored in the user's values."""
        restored = self.reached.restored
        self._sync(restored)
        for original, copied, items, found in self.containers:
            now = list(copied.values()) if is_dict(copied) else list(copied)
            if len(now) == len(found) and all(a is b for a, b in zip(now, found, strict=True)):
                continue
            back = {id(new): old for new, old in zip(found, items, strict=True)}
            kept = [back[id(item)] if id(item) in back else restored(item) for item in now]
            original.clear()
            if is_dict(original):
                original.update(zip(copied, kept, strict=True))
            else:
                original.extend(kept)
        for module, name in self.assigned.values():
            setattr(module, name, restored(getattr(module, name)))
        self.reached.restore()

    def _sync(self, restored: Callable[[Any], Any] = lambda value: value) -> None:
        """Hand what the copies assigned to the names of the originals."""
        for namespace in self.globals.values():
            namespace.sync(restored)
        for original, fresh, given in self.cells.values():
            value = _contents(fresh)
            if value is not given and value is not _EMPTY:
                original.cell_contents = restored(value)

    def convert(self, value: Any) -> Any:
        """Return what the copied function sees of a value."""
        kind = kind_of(value)
        if kind is int or kind is float or kind is str or value is None or kind is Tensor:
            return value
        known = self.known.get(id(value))
        if known is not None:
            return known[1]
        self.reached.note(value)
        found = self._converted(value)
        self.origins.note(found, value)
        if id(value) not in self.known:
            self.known[id(value)] = (value, found)
        return found

    def _converted(self, value: Any) -> Any:
        written = written_out(value)
        if written is not None:
            return written
        if is_other_array(value):
            raise other_array("an array outside of the function", value, location(here()))
        if is_array(value):
            return Tensor(value) if value.dtype.kind in "fc" else value
        if type(value) is np.vectorize:
            made: Any = value
            return vectorized(
                self.convert(made.pyfunc),
                made.otypes,
                excluded=made.excluded,
                signature=made.signature,
            )
        if isinstance(value, ModuleType):
            return self._module(value)
        if isinstance(value, FunctionType):
            return self._function(value)
        if isinstance(value, MethodType):
            inner = self.convert(value.__func__)
            return value if inner is value.__func__ else MethodType(inner, value.__self__)
        if isinstance(value, functools.partial):
            inner = self.convert(value.func)
            return functools.partial(inner, *value.args, **value.keywords)
        if isinstance(value, np.ufunc):
            return numpy_member(value)
        if isinstance(value, BuiltinFunctionType):
            return self._builtin(value)
        if type(value) in (tuple, list, dict):
            return self._container(value)
        if callable(value) and not isinstance(value, type) and _is_numpy(value):
            return lifting(value)
        return value

    def _called(self, fn: Any) -> Any:
        """Return the copy of what is run: of an object that can be called, its method."""
        method = type(fn).__dict__.get("__call__")
        if not isinstance(method, FunctionType):
            return self.convert(fn)
        copied = self.convert(method)
        return fn if copied is method else MethodType(copied, fn)

    def _module(self, module: ModuleType) -> Any:
        root = module.__name__.partition(".")[0]
        if root == "numpy":
            return Stand(module, _member_by(numpy_member))
        if module is math:
            return Stand(module, _member_by(math_member))
        if module is statistics:
            return Stand(module, _member_by(lambda value: value))
        if root == "scipy":
            return Stand(module, ruled_member)
        if root in (_PACKAGE, "builtins") or _is_library(getattr(module, "__file__", None)):
            return module
        return ModuleStand(module, self.convert, self.assigned)

    def _builtin(self, value: Any) -> Any:
        if getattr(value, "__module__", None) == "math":
            return dispatching(value)
        return lifting(value) if _is_numpy(value) else value

    def _container(self, value: Any) -> Any:
        """Convert a container of functions or arrays; one of numbers is left as it is."""
        items = list(value.values()) if is_dict(value) else list(value)
        found = [self.convert(item) for item in items]
        if all(new is old for new, old in zip(found, items, strict=True)):
            return value
        copied: Any = dict(zip(value, found, strict=True)) if is_dict(value) else type(value)(found)
        if not is_tuple(value):
            self.containers.append((value, copied, items, found))
        return copied

    def _function(self, fn: FunctionType) -> Any:
        root = (fn.__module__ or "").partition(".")[0]
        if root == "numpy":
            return lifting(fn)
        if root == _PACKAGE or isinstance(fn.__globals__, Globals):
            return fn
        if find_rule(fn) is not None:
            return dispatching(fn)
        if _is_library(fn.__code__.co_filename):
            return self._wrapper(fn)
        return self._copy(fn)

    def _wrapper(self, fn: FunctionType) -> FunctionType:
        """Return a library's function; a copy if it wraps a function of the user's."""
        inner = getattr(fn, "__wrapped__", None)
        if not isinstance(inner, FunctionType) or self.convert(inner) is inner:
            return fn
        cells = tuple([CellType(self.convert(_contents(cell))) for cell in fn.__closure__ or ()])
        return FunctionType(fn.__code__, fn.__globals__, fn.__name__, fn.__defaults__, cells)

    def _copy(self, fn: FunctionType) -> FunctionType:
        code, closure = instrumented(fn, _known_names(fn))
        namespace = self._globals(fn)
        cells = tuple([self._cell(cell) for cell in closure or ()])
        copied = FunctionType(code, namespace, fn.__name__, fn.__defaults__, cells or None)
        copied.__kwdefaults__ = fn.__kwdefaults__
        copied.__qualname__ = fn.__qualname__
        copied.__module__ = fn.__module__
        copied.__dict__ = fn.__dict__  # its attributes are the user's
        for kept in (fn.__dict__, *(fn.__defaults__ or ()), *(fn.__kwdefaults__ or {}).values()):
            self.reached.note(kept)
        self.known[id(fn)] = (fn, copied)  # before its cells: it may call itself
        for cell in closure or ():
            self._fill(cell)
        return copied

    def _globals(self, fn: FunctionType) -> Globals:
        """Return the globals of a copied function, which all of its module share."""
        original = fn.__globals__
        if id(original) not in self.globals:
            self.globals[id(original)] = Globals(original, self)
        return self.globals[id(original)]

    def _cell(self, cell: CellType) -> CellType:
        """Return the cell of the copies; functions that share a cell share that one."""
        if id(cell) not in self.cells:
            self.cells[id(cell)] = (cell, CellType(), _EMPTY)
        return self.cells[id(cell)][1]

    def _fill(self, cell: CellType) -> None:
        original, fresh, given = self.cells[id(cell)]
        if given is not _EMPTY or _contents(original) is _EMPTY:
            return
        value = _contents(original)
        self.cells[id(cell)] = (original, fresh, value)  # before: it may lead back here
        found = self.convert(value)
        fresh.cell_contents = found
        self.cells[id(cell)] = (original, fresh, found)

    def _import(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Stand for `__import__` in copied functions."""
        return self.convert(__import__(name, *args, **kwargs))


_EMPTY: Any = object()


def _contents(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return _EMPTY


def _member_by(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return what finds the stand-in for a member of a module."""
    return lambda value: written_out(value) or convert(value)


def _is_numpy(value: Any) -> bool:
    return (getattr(value, "__module__", None) or "").partition(".")[0] == "numpy"


def _known_names(fn: FunctionType) -> frozenset[str]:
    """Return the names whose calls and members are what they seem: of libraries, or functions."""
    cells = dict(zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True))
    found: dict[str, Any] = {}
    for name in outer_names(fn.__code__):
        if name in cells:
            found[name] = _contents(cells[name])
        else:
            found[name] = fn.__globals__.get(name, vars(builtins).get(name, _EMPTY))
    return frozenset(name for name, value in found.items() if _is_known(value))


def _is_known(value: Any) -> bool:
    if reads_texts(value) or tells(value) or value is map:
        return False
    if isinstance(value, ModuleType):
        return _is_library(getattr(value, "__file__", None)) or value is math
    if isinstance(value, type):
        return not _is_users(value) and not is_posed_as(value)
    return isinstance(value, (FunctionType, BuiltinFunctionType, np.ufunc)) or _is_numpy(value)


@functools.lru_cache(maxsize=1024)
def _is_users(kind: type) -> bool:
    """Return whether a class is neither Python's nor of an installed package."""
    module: Any = kind.__module__
    if not isinstance(module, str) or (module == "builtins" and kind.__flags__ & _MADE):
        return True  # made where there is no `__name__`
    root = module.partition(".")[0]
    if root in ("builtins", "numpy", _PACKAGE) or root in sys.stdlib_module_names - {"__main__"}:
        return False
    return not _is_library(getattr(sys.modules.get(module), "__file__", "<unknown>"))


def _is_library(file: str | None) -> bool:
    """Return whether a file belongs to Python or to an installed package."""
    if file is None or file.startswith("<frozen"):
        return True
    return file.startswith(_LIBRARY) or "site-packages" in file
