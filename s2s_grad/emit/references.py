"""How emitted code refers to objects: imports, helper functions, literals and bound constants."""

from __future__ import annotations

import builtins
import enum
import inspect
import itertools
import math
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any, cast

import numpy as np

from s2s_grad.ir.nodes import Undefined
from s2s_grad.ir.primitives import table

__all__ = ["References"]

_SMALL = 16


class References:
    """Collects what a module needs besides its own functions."""

    def __init__(self, *, standalone: bool, taken: Iterable[str] = ()) -> None:
        self.standalone = standalone
        self.taken = frozenset(taken)  # names of parameters, which no global may have
        self.imports: dict[str, str] = {}  # name in the module -> import statement
        self.helpers: dict[Callable[..., Any], str] = {}  # function without decorators -> name
        self.bindings: dict[str, Any] = {}

    def function(self, fn: Callable[..., Any]) -> str:
        """Return the text that names a function."""
        if getattr(builtins, getattr(fn, "__name__", ""), None) is fn:
            return fn.__name__
        owner = getattr(fn, "__objclass__", None)
        if isinstance(owner, type) and owner.__module__ == "builtins":
            return f"{owner.__name__}.{fn.__name__}"
        path = _numpy_path(fn)
        if path is not None:
            self.imports["np"] = "import numpy as np"
            return path
        name = getattr(fn, "__name__", "function")
        if getattr(math, name, None) is fn:
            self.imports["math"] = "import math"
            return f"math.{name}"
        module = getattr(fn, "__module__", None) or ""
        if module.startswith("s2s_grad."):
            return self.helper(fn)
        special: Any = sys.modules.get("scipy.special")
        if special is not None and getattr(special, name, None) is fn:
            self.imports["special"] = "from scipy import special"
            return f"special.{name}"
        if module and getattr(sys.modules.get(module), name, None) is fn and module != "__main__":
            own = f"{name}_" if name in self.taken else name
            self.imports[own] = f"from {module} import {name}" + (
                f" as {own}" if own != name else ""
            )
            return own
        return self.bind(name if name.isidentifier() else "formula", fn)

    def helper(self, fn: Callable[..., Any]) -> str:
        """Return the name under which one of our own functions is printed into the module."""
        plain = inspect.unwrap(fn)
        if plain not in self.helpers:
            name = getattr(plain, "__name__", "formula").strip("_")
            name = "_formula" if name == "<lambda>" else f"_{name}"
            taken = set(self.helpers.values())
            numbered = (name if n == 1 else f"{name}{n}" for n in itertools.count(1))
            self.helpers[plain] = next(n for n in numbered if n not in taken)
        return self.helpers[plain]

    def spelled(self, name: str, value: Any) -> bool:
        """Return whether the module can use the user's own name for an object."""
        if value is np and name == "np":
            self.imports["np"] = "import numpy as np"
            return True
        if value is math and name == "math":
            self.imports["math"] = "import math"
            return True
        return hasattr(builtins, name) and getattr(builtins, name) is value

    def literal(self, value: Any) -> str:
        """Return the text of a constant; what has no literal is bound to a name."""
        if isinstance(value, Undefined):
            return "None"
        value = _without_class(value)
        if value is None or value is Ellipsis or isinstance(value, (bool, int, bytes)):
            return repr(value)
        if isinstance(value, str):
            return _quoted(value)
        if isinstance(value, np.generic):
            return self._scalar(cast("np.generic[Any]", value))
        if isinstance(value, float):
            return self._float(value)
        if isinstance(value, complex):
            return self._complex(value)
        if type(value) in (tuple, list):
            inner = ", ".join(self.literal(item) for item in value)
            if isinstance(value, list):
                return f"[{inner}]"
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        if isinstance(value, slice):
            cut = cast("slice[Any, Any, Any]", value)
            parts = (self.literal(part) for part in (cut.start, cut.stop, cut.step))
            return f"slice({', '.join(parts)})"
        if isinstance(value, np.dtype):
            self.imports["np"] = "import numpy as np"
            return f"np.dtype({value.str!r})"
        if isinstance(value, np.ndarray):
            return self._array(cast("np.ndarray[Any, Any]", value))
        if isinstance(value, types.ModuleType):
            return self.bind(value.__name__.rpartition(".")[2], value)
        if callable(value):
            return self.function(value)
        return self.bind(f"_{type(value).__name__.lower()}", value)

    def _complex(self, value: complex) -> str:
        if value.real or not value.imag:
            return repr(value)
        return f"{'-' if value.imag < 0 else ''}{complex(0.0, abs(value.imag))!r}"

    def _float(self, value: float) -> str:
        if math.isfinite(value):
            return repr(value)
        self.imports["np"] = "import numpy as np"
        return "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"

    def _scalar(self, value: np.generic) -> str:
        self.imports["np"] = "import numpy as np"
        return f"np.{value.dtype.name}({self.literal(value.item())})"

    def _array(self, value: np.ndarray[Any, Any]) -> str:
        if value.size <= _SMALL and value.dtype.kind in "fiub":
            self.imports["np"] = "import numpy as np"
            if value.size == 0:
                return f"np.zeros({value.shape!r}, {value.dtype.str!r})"
            items = self.literal(value.tolist())
            default = value.dtype in (np.dtype(float), np.dtype(int), np.dtype(bool))
            return f"np.array({items})" if default else f"np.array({items}, {value.dtype.str!r})"
        return self.bind("_array", value)

    def bind(self, name: str, value: Any) -> str:
        """Return a module-level name for an object that has no text."""
        candidate, number = name, 1
        while candidate in self.taken or (
            candidate in self.bindings and self.bindings[candidate] is not value
        ):
            number += 1
            candidate = f"{name}{number}"
        self.bindings[candidate] = value
        return candidate


_MODULES = {
    "np.random": np.random,
    "np.lib.stride_tricks": np.lib.stride_tricks,
    "np.fft": np.fft,
    "np.linalg": np.linalg,
    "np": np,
}


def _quoted(text: str) -> str:
    """Return a literal in double quotes, unless the text has some itself."""
    literal = repr(text)
    return literal if '"' in text or "'" in text else f'"{literal[1:-1]}"'


def _without_class(value: Any) -> Any:
    """Return the number or text that a member of such an enumeration is."""
    member = isinstance(value, enum.Enum) and isinstance(value, (int, str))
    return value.value if member else value


# Filled when first asked; where NumPy has two names, the one that people write.
_PATHS: dict[Any, str] = {}


def _numpy_path(fn: Callable[..., Any]) -> str | None:
    """Return the public path of a NumPy function."""
    if not _PATHS:
        for prefix, module in _MODULES.items():
            for name in dir(module):
                if name.startswith("_"):
                    continue
                value = getattr(module, name)
                if callable(value) and getattr(builtins, name, None) is not value:
                    preferred = getattr(value, "__name__", name) == name
                    if preferred or value not in _PATHS:
                        _PATHS[value] = f"{prefix}.{name}"
        _PATHS.update({fn: f"np.{record.name}" for fn, record in table.items() if record.name})
    try:
        return _PATHS.get(fn)
    except TypeError:
        return None
