"""What code relies on and would not notice by itself, as one condition over its arguments."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from s2s_grad.ir.nodes import Function, Place
from s2s_grad.ir.types import Array, Dict, Dim, Scalar, Sequence, Size, Static, Type

__all__ = ["check_of", "described", "symbols_of"]

_LIMIT = 96
_REST = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_Sizes = list[tuple[Size, str]]


def described(types: Mapping[str, Type]) -> str:
    """Return the types of arguments as ``--args`` takes them.

    Examples
    --------
    >>> described({"k": Scalar("float"), "n": Static(3)})
    'k: float, n: 3'
    """
    texts = {name: _described(t) for name, t in types.items()}
    return ", ".join(f"{name}: {text}" for name, text in texts.items() if "?" not in text)


def _described(t: Type) -> str:
    match t:
        case Static():
            return getattr(t.value, "__name__", None) or repr(t.value)
        case Scalar():
            return t.kind
        case Array(dtype=None):
            return "?"
        case Array(shape=()) if t.dtype is not None:
            return t.dtype.str[1:] if t.dtype.kind != "b" else "bool"
        case Array() if t.dtype is not None and t.dtype.kind == "b":
            return str(t).replace("b1", "bool")
        case Sequence():
            inner = ", ".join(_described(item) for item in t.items)
            return f"[{inner}]" if t.kind is list else f"({inner})"
        case Dict():
            pairs = zip(t.keys, t.items, strict=True)
            return "{" + ", ".join(f"{key}: {_described(item)}" for key, item in pairs) + "}"
        case _:
            return str(t)


def symbols_of(types: Iterable[Type]) -> list[str]:
    """Return the letters that stand for sizes."""
    found: dict[str, None] = {}
    for t in types:
        match t:
            case Array() if t.shape is not None:
                found |= {size.symbol: None for size in t.shape if isinstance(size, Dim)}
            case Sequence() | Dict():
                found |= dict.fromkeys(symbols_of(t.items))
            case _:
                pass
    return list(found)


def check_of(
    types: Mapping[str, Type],
    primal: Function,
    wrt: Container[str],
    defaults: Mapping[str, str],
    vectors: Mapping[str, str],
    not_one: Iterable[str],
) -> list[str]:
    """Return the lines that raise for arguments which the code is not for.

    Parameters
    ----------
    types : mapping of str to Type
        What the code was compiled for.
    primal : Function
        The program of the function.
    wrt : container of str
        The parameters differentiated.
    defaults : mapping of str to str
        The texts of the values that were compiled in.
    vectors : mapping of str to str
        The parameter that a tangent or a vector belongs to.
    not_one : iterable of str
        The sizes for which the code would be another one if they were 1.
    """
    conditions: list[str] = []
    sizes: _Sizes = []
    for name, t in types.items():
        if isinstance(t, Static):
            conditions.append(_constant(name, t.value, defaults.get(name, repr(t.value))))
        else:
            _visit(name, t, conditions, sizes)
    conditions += [
        _of_open_type(param.name, param.name in wrt)
        for param in primal.params
        if param.name not in types and param.kind not in _REST
    ]
    conditions += _relations(sizes, set(not_one))
    arrays = [name for name, t in types.items() if isinstance(t, Array) and t.shape != ()]
    for vector, name in vectors.items():
        if name in arrays:
            conditions.append(f"np.shape({vector}) == {name}.shape")
    conditions += _separate(types, primal.apart, arrays)
    conditions += [f"{name}.flags.c_contiguous" for name in primal.contiguous]
    return _lines(conditions, described(types)) if conditions else []


def _separate(types: Mapping[str, Type], apart: Iterable[Place], arrays: list[str]) -> list[str]:
    """Return that what has to be found at one place only is nothing else in the arguments."""
    containers = {place: text for name, t in types.items() for place, text in _mutable(name, t)}
    found: dict[str, None] = {}
    for place in apart:
        name = place[0]
        if place in containers:
            others = [text for other, text in containers.items() if other != place]
            found |= {f"{containers[place]} is not {other}": None for other in others}
        elif len(place) == 1 and name in arrays:
            others = [other for other in arrays if other != name]
            found |= {f"not np.may_share_memory({name}, {other})": None for other in others}
    return list(found)


def _mutable(name: str, t: Type) -> Iterator[tuple[Place, str]]:
    """Yield the way to each container that can be changed, and its text."""
    ways: list[tuple[Place, str, Type]] = [((name,), name, t)]
    while ways:
        place, text, t = ways.pop(0)
        if not isinstance(t, (Sequence, Dict)):
            continue
        if isinstance(t, Dict) or t.kind is list:
            yield place, text
        keys = t.keys if isinstance(t, Dict) else range(len(t.items))
        for key, item in zip(keys, t.items, strict=True):
            ways.append(((*place, key), _item(text, t, key), item))


def _item(text: str, t: Type, key: Any) -> str:
    is_object = isinstance(t, Dict) and t.kind is not dict
    return f"{text}.{key}" if is_object else f"{text}[{_quoted(key)}]"


def _of_open_type(name: str, active: bool) -> str:
    """Return what has to hold for an argument of which nothing is known: it is taken for real."""
    return f'np.result_type({name}).kind == "f"' if active else f"not np.iscomplexobj({name})"


def _constant(name: str, value: Any, text: str) -> str:
    simple = isinstance(value, (int, float, str, tuple)) and not isinstance(value, bool)
    text = _quoted(value) if isinstance(value, str) else text
    return f"{name} == {text}" if simple else f"{name} is {text}"


def _visit(path: str, t: Type, conditions: list[str], sizes: _Sizes) -> None:
    """Add what has to hold for an argument, in the order in which it can be asked."""
    match t:
        case Scalar():
            conditions.append(f"np.ndim({path}) == 0")
        case Array(shape=()):
            conditions.append(f"np.ndim({path}) == 0")
        case Array():
            if t.shape is not None:
                conditions.append(f"{path}.ndim == {len(t.shape)}")
                sizes += [(size, f"{path}.shape[{i}]") for i, size in enumerate(t.shape)]
            if t.dtype is not None:
                conditions.append(f"{path}.dtype == {t.dtype.name!r}".replace("'", '"'))
        case Sequence():
            conditions.append(f"len({path}) == {len(t.items)}")
            for i, item in enumerate(t.items):
                _visit(f"{path}[{i}]", item, conditions, sizes)
        case Dict():
            if t.kind is dict:
                keys = ", ".join(map(_quoted, t.keys))
                wanted = "{" + keys + "}" if keys else "set()"
                conditions.append(f"set({path}) == {wanted}")
            for key, item in zip(t.keys, t.items, strict=True):
                _visit(_item(path, t, key), item, conditions, sizes)
        case _:
            pass


def _quoted(key: Any) -> str:
    return f'"{key}"' if isinstance(key, str) and '"' not in key else repr(key)


def _relations(sizes: _Sizes, not_one: set[str]) -> list[str]:
    """Return the conditions on sizes: equal ones, known ones, and those that may not be 1."""
    places: dict[Size, list[str]] = {}
    for size, place in sizes:
        places.setdefault(size, []).append(place)
    found: list[str] = []
    for size, texts in places.items():
        if isinstance(size, int):
            found += [f"{text} == {size}" for text in texts]
            continue
        first, *others = texts
        found += [f"{first} == {other}" for other in others]
        if size.symbol in not_one:
            found.append(f"{first} != 1")
    return found


def _lines(conditions: list[str], types: str) -> list[str]:
    text = f"this code is for {types or 'real numbers'}".replace("\\", "\\\\").replace('"', '\\"')
    parts = textwrap.wrap(text, _LIMIT - 20, drop_whitespace=False)
    error = [f'        raise ValueError("{text}")']
    if len(parts) > 1:
        error = ["        raise ValueError(", *(f'            "{p}"' for p in parts), "        )"]
    line = f"    if not ({' and '.join(conditions)}):"
    if len(line) <= _LIMIT:
        return [line, *error]
    head, *rest = conditions
    return [
        "    if not (",
        f"        {head}",
        *(f"        and {c}" for c in rest),
        "    ):",
        *error,
    ]
