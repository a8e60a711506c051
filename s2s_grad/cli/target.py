"""Find the function that a command names: ``path/to/file.py:function`` or ``module:function``."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from s2s_grad.errors import S2SError

__all__ = ["find_target"]


def find_target(target: str) -> Callable[..., Any]:
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
    module = _from_file(Path(place)) if place.endswith(".py") else _from_name(place)
    found: Any = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise S2SError(f"{place} has no function {name!r}", f"it defines {_functions(module)}")
        found = getattr(found, part)
    found = getattr(found, "primal", found)
    if not callable(found):
        raise S2SError(f"{name!r} in {place} is no function", f"it defines {_functions(module)}")
    return found


def _functions(module: Any) -> str:
    members: dict[str, Any] = module.__dict__
    names = [
        name
        for name, value in members.items()
        if callable(value) and getattr(value, "__module__", None) == module.__name__
    ]
    return ", ".join(names) or "none"


def _from_file(path: Path) -> Any:
    if not path.is_file():
        raise S2SError(f"there is no file {path}", "give the path of a Python file")
    name = path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise S2SError(f"{path} cannot be imported", "give the path of a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))
    sys.modules[name] = module
    return _run(lambda: spec.loader.exec_module(module), str(path)) or module  # type: ignore[union-attr]


def _from_name(name: str) -> Any:
    sys.path.insert(0, "")
    return _run(lambda: importlib.import_module(name), name)


def _run(load: Callable[[], Any], place: str) -> Any:
    try:
        return load()
    except Exception as error:
        raise S2SError(
            f"{place} cannot be imported: {type(error).__name__}: {error}",
            "the module has to import before one of its functions can be read",
        ) from None
