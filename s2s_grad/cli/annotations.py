"""Argument types from a function's annotations: read as types, by their structure.

Names that cannot be imported, such as those under ``TYPE_CHECKING``, are understood by how they are
written.
"""

from __future__ import annotations

import ast
import inspect
import sys
import types
import typing
from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.errors import ArgumentError
from s2s_grad.ir.trees import class_fields, is_dataclass, named_fields
from s2s_grad.ir.types import Array, Dict, Dim, Random, Scalar, Sequence, Size, Type

__all__ = ["types_of_annotations"]

_SCALARS: dict[Any, Type] = {
    float: Scalar("float"),
    int: Scalar("int"),
    bool: Scalar("bool"),
    complex: Scalar("complex"),
    np.random.Generator: Random(np.random.Generator),
    np.random.RandomState: Random(np.random.RandomState),
}
_BY_NAME: dict[str, Type] = {
    "float": Scalar("float"),
    "int": Scalar("int"),
    "bool": Scalar("bool"),
    "complex": Scalar("complex"),
    "ndarray": Array(),
    "NDArray": Array(),
}
_DTYPES = {
    "Float": "f8",
    "Float64": "f8",
    "Float32": "f4",
    "Float16": "f2",
    "Complex": "c16",
    "Complex128": "c16",
    "Complex64": "c8",
    "Int": "i8",
    "Int64": "i8",
    "Int32": "i4",
    "Bool": "bool",
}
_ITEMS: dict[str, Any] = {
    "list": list,
    "List": list,
    "Sequence": list,
    "MutableSequence": list,
    "Iterable": list,
    "tuple": tuple,
    "Tuple": tuple,
}
_PAIRS = ("dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict")


class _Open(Exception):
    """An annotation that does not say how many items there are, or which keys."""


def types_of_annotations(fn: Callable[..., Any], given: typing.Container[str]) -> dict[str, Type]:
    """Return the types of the parameters whose annotation says one, except those in `given`.

    Read are ``float``, ``int``, ``bool``, ``complex``, jaxtyping's shaped forms such as
    ``Float64[np.ndarray, "m n"]``, NamedTuples, TypedDicts, dataclasses, and tuples of these.
    ``np.ndarray`` alone and numpy.typing's `NDArray` say no rank and leave the shape open.

    Raises
    ------
    ArgumentError
        For a list or dict, whose annotation says neither how long it is nor which keys it has.
    """
    types: dict[str, Type] = {}
    try:
        parameters = inspect.signature(fn).parameters
    except (TypeError, ValueError):
        return types
    names: dict[str, Any] = getattr(inspect.unwrap(fn), "__globals__", {})
    for name, parameter in parameters.items():
        if parameter.annotation is parameter.empty or name in given:
            continue
        try:
            found = _type_of(parameter.annotation, names)
        except _Open as problem:
            if parameter.default is not parameter.empty:
                continue
            raise ArgumentError(
                f"the annotation of `{name}` does not say {problem}",
                f'state its type: --args "{name}: [f8[m,n], f8[n]]" for a list of two arrays, '
                f'"{name}: {{a: f8}}" for a dict',
            ) from None
        if found is not None:
            types[name] = found
    return types


def _type_of(annotation: Any, names: dict[str, Any]) -> Type | None:
    """Return the type that an annotation says, if it says one."""
    if isinstance(annotation, str):
        return _type_of_text(annotation, names)
    if isinstance(annotation, typing.ForwardRef):
        return _type_of_text(annotation.__forward_arg__, names)
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return _type_of_class(annotation)
    origin: Any = typing.get_origin(annotation)
    arguments: Any = typing.get_args(annotation)
    if origin is None:
        return _type_of_text(repr(annotation), names)
    if origin in (typing.Annotated, typing.Final, typing.ClassVar):
        return _type_of(arguments[0], names)
    if origin is np.ndarray:
        return Array(_dtype_of(arguments[-1]), None)
    name: str = getattr(origin, "__name__", "")
    if name in _ITEMS:
        return _items(_ITEMS[name], arguments, names)
    if name in _PAIRS:
        raise _Open("which keys the dict has")
    return None


def _items(kind: Any, arguments: Any, names: dict[str, Any]) -> Type:
    if kind is list or (len(arguments) == 2 and arguments[1] is Ellipsis):
        raise _Open(f"how many items the {kind.__name__} has")
    if arguments == ((),):
        arguments = ()
    found = [_type_of(item, names) for item in arguments]
    return Sequence(tuple, tuple(Array() if item is None else item for item in found))


def _dtype_of(annotation: Any) -> np.dtype[Any] | None:
    """Return what ``np.dtype[np.float64]`` says."""
    inner: Any = typing.get_args(annotation)
    kind: Any = inner[0] if inner else annotation
    if not (isinstance(kind, type) and issubclass(kind, np.generic)) or kind is np.generic:
        return None
    scalar: Any = annotation if kind is annotation else inner[0]
    try:
        return np.dtype(scalar)
    except TypeError:
        return None


def _type_of_class(given: type) -> Type | None:
    kind: Any = given
    if kind in _SCALARS:
        return _SCALARS[kind]
    if kind is np.ndarray:
        return Array()
    if issubclass(kind, np.generic):
        dtype = _dtype_of(kind)
        return None if dtype is None else Array(dtype, ())
    if kind in (list, tuple):
        raise _Open(f"how many items the {kind.__name__} has")
    if kind is dict:
        raise _Open("which keys the dict has")
    names: dict[str, Any] = vars(sys.modules.get(kind.__module__, types.ModuleType("none")))
    if typing.is_typeddict(kind):
        keys: dict[str, Any] = kind.__annotations__
        return Dict(tuple(keys), _fields(keys.values(), names))
    fields = named_fields(kind)
    if fields is not None:
        written: dict[str, Any] = getattr(kind, "__annotations__", {})
        listed = [written.get(name) for name in fields]
        return Sequence(kind, _fields(listed, names))
    if is_dataclass(kind):
        pairs = {field.name: field.annotation for field in class_fields(kind)}
        return Dict(tuple(pairs), _fields(pairs.values(), names), given)
    return _shaped_of_class(kind)


def _shaped_of_class(kind: Any) -> Type | None:
    """Return what a class that jaxtyping made says: it keeps the dtype and the sizes as text."""
    sizes, name = getattr(kind, "dim_str", None), kind.__name__.partition("[")[0]
    return _shaped(name, sizes) if isinstance(sizes, str) and name in _DTYPES else None


def _fields(annotations: Any, names: dict[str, Any]) -> tuple[Type, ...]:
    found = [None if item is None else _type_of(item, names) for item in annotations]
    return tuple(Array() if item is None else item for item in found)


# -------------------------------------------------------------------------------------- texts


def _type_of_text(text: str, names: dict[str, Any]) -> Type | None:
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        return None
    return _type_of_node(node, names)


def _type_of_node(node: ast.expr, names: dict[str, Any]) -> Type | None:
    if isinstance(node, ast.Constant):
        return _type_of_text(node.value, names) if isinstance(node.value, str) else None
    if isinstance(node, (ast.Name, ast.Attribute)):
        value = _resolved(node, names)
        found = None if value is None else _type_of(value, names)
        return _BY_NAME.get(_last(node)) if found is None else found
    if not isinstance(node, ast.Subscript):
        return None
    name = _last(node.value)
    inside = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name in _DTYPES and len(inside) == 2 and isinstance(inside[1], ast.Constant):
        return _shaped(name, str(inside[1].value))
    if name in _ITEMS:
        return _items(_ITEMS[name], tuple(map(_argument, inside)), names)
    if name in _PAIRS:
        raise _Open("which keys the dict has")
    if name in ("Annotated", "Final", "Required", "NotRequired", "ReadOnly"):
        return _type_of_node(inside[0], names)
    if name == "NDArray":
        return Array(_dtype_of(_resolved(inside[0], names) or _last(inside[0])), None)
    if name == "ndarray":
        dtype = inside[-1]
        inner = dtype.slice if isinstance(dtype, ast.Subscript) else dtype
        return Array(_dtype_of(_resolved(inner, names)), None)
    return None


def _argument(node: ast.expr) -> Any:
    """Return an item of a subscript as `_items` takes it."""
    if isinstance(node, ast.Constant) and node.value is Ellipsis:
        return Ellipsis
    if isinstance(node, ast.Tuple) and not node.elts:
        return ()
    return ast.unparse(node)


def _last(node: ast.expr) -> str:
    return getattr(node, "attr", None) or getattr(node, "id", "")


def _resolved(node: ast.expr, names: dict[str, Any]) -> Any:
    """Return the object that a name or a path of names stands for, if there is one."""
    if isinstance(node, ast.Attribute):
        return getattr(_resolved(node.value, names), node.attr, None)
    if not isinstance(node, ast.Name):
        return None
    known = _BUILTIN_CLASSES.get(node.id)
    return names.get(node.id, known)


_BUILTIN_CLASSES: dict[str, Any] = {
    kind.__name__: kind for kind in (float, int, bool, complex, list, tuple, dict)
}


def _shaped(name: str, text: str) -> Type:
    sizes = text.split()
    dtype = np.dtype(_DTYPES[name])
    if any(not (s.isidentifier() or s.isdigit()) for s in sizes):
        return Array(dtype, None)
    shape: tuple[Size, ...] = tuple(int(s) if s.isdigit() else Dim(s, 0, True) for s in sizes)
    return Array(dtype, shape)
