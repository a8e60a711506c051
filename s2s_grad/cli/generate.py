"""The text of a file with a derivative: a header, what it imports, the code and its check."""

from __future__ import annotations

import ast
import hashlib
import inspect
import shlex
import textwrap
import types
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from s2s_grad.cli.annotations import types_of_annotations
from s2s_grad.cli.arguments import parse_arguments
from s2s_grad.cli.assumptions import check_of, described, symbols_of
from s2s_grad.cli.definitions import definitions
from s2s_grad.cli.header import Header
from s2s_grad.cli.target import Target, find_target
from s2s_grad.emit import Emitted
from s2s_grad.errors import S2SError
from s2s_grad.ir.guards import class_of, is_array, is_dict, is_items, is_numeric
from s2s_grad.ir.nodes import Function
from s2s_grad.ir.outside import Read
from s2s_grad.ir.request import Request
from s2s_grad.ir.types import Array, Dict, Dim, Scalar, Sequence, Static, Type
from s2s_grad.transform.callables import name_of, signature_of
from s2s_grad.transform.derivative import Transform
from s2s_grad.transform.fallback import internal_error
from s2s_grad.transform.kinds import KINDS

__all__ = ["Order", "generate"]

_TEXTS = (bool, int, float, complex, str, bytes, type(None))


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for on the command line."""

    target: str
    kind: str
    wrt: str
    arguments: str | None

    @property
    def parameters(self) -> tuple[int | str, ...]:
        """The parameters to differentiate by: names and positions."""
        parts = (part.strip() for part in self.wrt.split(",") if part.strip())
        return tuple(int(part) if part.lstrip("-").isdigit() else part for part in parts)


def generate(order: Order) -> str:
    """Return the text of the file that a command asks for.

    Raises
    ------
    S2SError
        Where the function cannot be found or compiled, or the file could not run.
    """
    target = find_target(order.target)
    fn = target.function
    transform = Transform(fn, KINDS[order.kind], order.parameters, check="off")
    stated = stated_types(fn, transform, order.arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            made = _make(fn, transform, _with_defaults(transform, stated))
            body = _body(made, target, transform)
        except S2SError:
            raise
        except Exception as error:
            raise S2SError(
                internal_error(error), "state the types of all arguments with --args"
            ) from error
    command = ["s2s-grad", "dump", order.target, "--kind", order.kind]
    command += ["--wrt", ",".join(transform.names_of_wrt)]
    if order.arguments:
        command += ["--args", order.arguments]  # the annotations are read again
    return Header(shlex.join(command), _hash_of(fn, made.primal.reads)).above(body)


def stated_types(
    fn: Callable[..., Any], transform: Transform, arguments: str | None
) -> dict[str, Type]:
    """Return the types that a command and the annotations state, by parameter."""
    given = parse_arguments(arguments or "")
    unknown = [name for name in given if name not in transform.names]
    if unknown:
        raise S2SError(
            f"--args names {', '.join(unknown)}, which the function has not",
            f"its parameters are {', '.join(transform.names)}",
        )
    known = types_of_annotations(fn, given) | given
    return {name: known[name] for name in transform.names if name in known}


def _with_defaults(transform: Transform, stated: Mapping[str, Type]) -> dict[str, Type]:
    """Add the types of the parameters that have a default, which say nothing of their own."""
    types = dict(stated)
    for name, parameter in _parameters(transform).items():
        if name in types or parameter.default is parameter.empty:
            continue
        types[name] = _type_of_default(parameter.default)
    return types


def _parameters(transform: Transform) -> Mapping[str, inspect.Parameter]:
    return signature_of(transform.primal).parameters


def _type_of_default(value: Any) -> Type:
    if isinstance(value, (int, float, complex)) and not isinstance(value, bool):
        kind = "int" if isinstance(value, int) else type(value).__name__
        return Scalar(kind) if kind in ("int", "float", "complex") else Static(value)
    if is_array(value):
        return Array(value.dtype, None)
    return Static(value)


# ------------------------------------------------------------------------------------ compiling


@dataclass(frozen=True, slots=True)
class _Made:
    primal: Function
    emitted: Emitted
    types: dict[str, Type]
    single: bool


def _make(fn: Callable[..., Any], transform: Transform, types: dict[str, Type]) -> _Made:
    """Compile; an int that decides the shape of the program is taken as its default says."""
    from s2s_grad.lower import NeedsStatic
    from s2s_grad.pipeline import derive, lower_primal, print_program

    single = len(transform.names_of_wrt) == 1
    request = Request(transform.kind.name, transform.names_of_wrt, single)
    while True:
        active = {
            name: Scalar("float") if name in request.wrt and t == Scalar("int") else t
            for name, t in types.items()
        }
        try:
            primal = lower_primal(fn, active)
            program = derive(primal, request)
        except NeedsStatic as need:
            types = _settled(transform, types, need)
            continue
        text = described(types)
        if text:
            program = replace(program, doc=f"{program.doc}\n\n{_filled(text)}")
        return _Made(primal, print_program(program, request), types, single)


def _settled(transform: Transform, types: dict[str, Type], need: Any) -> dict[str, Type]:
    for name in need.parameters:
        default = _parameters(transform)[name].default
        known = types.get(name)
        if default is not inspect.Parameter.empty and not isinstance(known, Static):
            return {**types, name: Static(default)}
    names = [name for name in need.parameters if not isinstance(types.get(name), Static)]
    if names:
        first = names[0]
        sizes = isinstance(types.get(first), Array)
        need.remedy = (
            f"give its sizes as numbers: --args '{first}: f8[3]'"
            if sizes
            else f"give its value, which the code is then for: --args '{first}: 3'"
        )
    raise need


def _filled(text: str) -> str:
    return "\n".join(textwrap.wrap(f"For {text}.", 88))


# ------------------------------------------------------------------------------------- the text


def _body(made: _Made, target: Target, transform: Transform) -> str:
    """Return the module with its check, and with each name in it defined."""
    source, name = made.emitted.source, made.emitted.name
    node = next(
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    )
    lines = source.splitlines()
    check = check_of(
        made.types,
        made.primal,
        transform.names_of_wrt,
        _defaults(node),
        _vectors(node, transform),
        _sizes_not_one(made, transform),
    )
    check += _check_of_rest(transform, made.types)
    if check:
        doc = node.body[0].end_lineno or node.lineno
        lines[doc:doc] = check
    text = "\n".join(lines) + "\n"
    if any("np." in line for line in check) and "import numpy as np\n" not in text:
        text = f"import numpy as np\n\n\n{text}"
    found = definitions(made.emitted.bindings, target.modules)
    return _with_definitions(text, found) if found else text


def _check_of_rest(transform: Transform, types: Mapping[str, Type]) -> list[str]:
    """Return the lines that refuse further arguments, where none were compiled in."""
    lines: list[str] = []
    for name, parameter in _parameters(transform).items():
        kinds = (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if parameter.kind in kinds and name not in types:
            lines.append(f"    if {name}:")
            lines.append(f'        raise ValueError("this code is for no arguments in `{name}`")')
    return lines


def _defaults(node: ast.FunctionDef) -> dict[str, str]:
    """Return the text of the default of each parameter."""
    listed = [*node.args.posonlyargs, *node.args.args]
    last = listed[len(listed) - len(node.args.defaults) :]
    pairs = [
        *zip(last, node.args.defaults, strict=True),
        *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
    ]
    return {arg.arg: ast.unparse(value) for arg, value in pairs if value is not None}


def _vectors(node: ast.FunctionDef, transform: Transform) -> dict[str, str]:
    """Return the parameters for vectors, and the one that each belongs to."""
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    extra = [arg.arg for arg in arguments if arg.arg not in transform.names]
    names = transform.names_of_wrt
    return dict(zip(extra, names, strict=True)) if len(extra) == len(names) else {}


def _sizes_not_one(made: _Made, transform: Transform) -> list[str]:
    """Return the sizes of which the code relies on that they are not 1."""
    return [
        symbol
        for symbol in symbols_of(made.types.values())
        if _code_for_one(made, transform, symbol) != made.emitted.source
    ]


def _code_for_one(made: _Made, transform: Transform, symbol: str) -> str | None:
    """Return the code for arrays in which a size is 1, under the same description."""
    from s2s_grad.pipeline import derive, lower_primal, print_program

    types = {name: _with_one(t, symbol) for name, t in made.types.items()}
    request = Request(transform.kind.name, transform.names_of_wrt, made.single)
    try:
        program = derive(lower_primal(transform.primal, types), request)
        text = _filled(described(made.types))
        return print_program(replace(program, doc=f"{program.doc}\n\n{text}"), request).source
    except S2SError:
        return None


def _with_one(t: Type, symbol: str) -> Type:
    match t:
        case Array() if t.shape is not None:
            shape = tuple(1 if isinstance(n, Dim) and n.symbol == symbol else n for n in t.shape)
            return Array(t.dtype, shape)
        case Sequence():
            return Sequence(t.kind, tuple(_with_one(item, symbol) for item in t.items))
        case Dict():
            return Dict(t.keys, tuple(_with_one(item, symbol) for item in t.items), t.kind)
        case _:
            return t


def _with_definitions(text: str, found: list[str]) -> str:
    """Put imports behind those that are there, and other definitions below them."""
    lines = text.splitlines()
    count = 0
    while count < len(lines) and lines[count].startswith(("import ", "from ")):
        count += 1
    imports = sorted({line for line in found if line.startswith(("import ", "from "))})
    others = [line for line in found if not line.startswith(("import ", "from "))]
    used = "np." in " ".join(others) and "import numpy as np" not in lines[:count]
    head = (["import numpy as np"] if used else []) + lines[:count]
    rest = lines[count:]
    while rest and not rest[0]:
        rest.pop(0)
    parts = [*head, *([""] if head and imports else []), *imports]
    parts += ["", *others] if others else []
    return "\n".join([*parts, "", "", *rest]) + "\n"


# ------------------------------------------------------------------------------------- the hash


def _hash_of(fn: Callable[..., Any], reads: tuple[Read, ...]) -> str:
    """Return a hash of the source of a function, and of all that it calls or reads."""
    parts: set[str] = {_part(fn)}
    for read in reads:
        try:
            parts.add(_part(read.again()))
        except Exception:
            continue
    return hashlib.sha256("\0".join(sorted(parts)).encode()).hexdigest()[:16]


def _part(value: Any) -> str:
    """Return the text by which a value counts: the same in each run."""
    if isinstance(value, (types.CodeType, types.FunctionType)):
        try:
            return textwrap.dedent(inspect.getsource(value))
        except (OSError, TypeError):
            return name_of(value) if callable(value) else value.co_name
    if is_numeric(value):
        return f"{value.dtype}{value.shape}{hashlib.sha256(value.tobytes()).hexdigest()}"
    if class_of(value) in _TEXTS:
        return repr(value)
    if is_items(value):
        return f"[{', '.join(map(_part, value))}]"
    if is_dict(value):
        return f"{{{', '.join(f'{key!r}: {_part(item)}' for key, item in value.items())}}}"
    kind: Any = value if isinstance(value, (type, types.ModuleType)) else class_of(value)
    return getattr(kind, "__qualname__", kind.__name__)
