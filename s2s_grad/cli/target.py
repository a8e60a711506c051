"""Find the function that a command names: ``path/to/file.py:function`` or ``module:function``."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from s2s_grad.errors import S2SError

__all__ = ["Target", "find_target", "load_module"]


@dataclass(frozen=True, slots=True)
class Target:
    """The function that is named, and the modules that its code may read: its own one first."""

    function: Callable[..., Any]
    modules: tuple[ModuleType, ...]


def find_target(target: str) -> Target:
    """Return the function that a target names; a derivative stands for its primal.

    Raises
    ------
    S2SError
        Where the file or module cannot be imported, or has no such function.
    """
    place, colon, name = target.rpartition(":")
    if not colon or not place or not name:
        raise S2SError(
            f"{target!r} names no function",
            "write path/to/file.py:function or package.module:function",
        )
    before = set(sys.modules)
    module = load_module(place)
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise S2SError(f"{place} has no function {name!r}", f"it defines {_functions(module)}")
        found = getattr(found, part)
    found = getattr(found, "primal", found)
    _check_function(found, name, place, module)
    imported = (sys.modules[key] for key in sorted(set(sys.modules) - before))
    others = (other for other in imported if other is not module)
    return Target(found, (module, *others))


def _check_function(found: Any, name: str, place: str, module: ModuleType) -> None:
    if isinstance(found, type):
        raise S2SError(
            f"{name!r} in {place} is a class", f"name a function, or a method: {name}.method"
        )
    if isinstance(found, np.vectorize):
        raise S2SError(
            f"{name!r} in {place} is np.vectorize of a function, a loop that cannot be read",
            "name the function itself, and loop over the items in one that calls it",
        )
    if not callable(found):
        raise S2SError(f"{name!r} in {place} is no function", f"it defines {_functions(module)}")


def _functions(module: ModuleType) -> str:
    members: dict[str, Any] = module.__dict__
    names = [
        name
        for name, value in members.items()
        if callable(value)
        and not inspect.isclass(value)
        and getattr(value, "__module__", None) == module.__name__
    ]
    return ", ".join(names) or "none"


def load_module(place: str) -> ModuleType:
    """Return the module of a path or a name; what it prints goes to standard error."""
    return _from_file(Path(place)) if place.endswith(".py") else _from_name(place)


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise S2SError(f"there is no file {path}", "give the path of a Python file")
    folder, name = path.resolve().parent, path.stem
    while (folder / "__init__.py").is_file():
        folder, name = folder.parent, f"{folder.name}.{name}"
    sys.path.insert(0, str(folder))
    if "." in name:
        return _run(lambda: importlib.import_module(name), str(path))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise S2SError(f"{path} cannot be imported", "give the path of a Python file")
    module, loader = importlib.util.module_from_spec(spec), spec.loader
    sys.modules[name] = module

    def load() -> ModuleType:
        loader.exec_module(module)
        return module

    return _run(load, str(path))


def _from_name(name: str) -> ModuleType:
    sys.path.insert(0, "")
    return _run(lambda: importlib.import_module(name), name)


def _run(load: Callable[[], ModuleType], place: str) -> ModuleType:
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return load()
    except SystemExit as stop:
        raise S2SError(
            f"{place} cannot be imported: it calls sys.exit({stop.code!r})",
            'put what only a script does under `if __name__ == "__main__":`',
        ) from None
    except Exception as error:
        raise S2SError(
            f"{place} cannot be imported: {type(error).__name__}: {error}",
            "the module has to import before one of its functions can be read",
        ) from None
