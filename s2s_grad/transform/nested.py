"""Derivatives inside of functions that are differentiated: compiled into the function's own IR."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.guards import is_items
from s2s_grad.ir.nodes import (
    Apply,
    Block,
    Const,
    Define,
    Effect,
    Loop,
    Operand,
    Pack,
    Statement,
    Var,
)
from s2s_grad.ir.request import Request
from s2s_grad.ir.rewrite import copy_block, rewrite
from s2s_grad.ir.types import Array, Scalar, Static, Type, is_complex
from s2s_grad.ir.walk import blocks_of, free_vars, item_at, operands_of, results_of, visit
from s2s_grad.lower import Lowerer, Parameters, lower_apart, opened, parameters_of
from s2s_grad.lower.objects.unpack import expand
from s2s_grad.lower.terms.values import Internal
from s2s_grad.pipeline import derive
from s2s_grad.runtime import check_vector
from s2s_grad.transform.argument_types import why_no_derivative
from s2s_grad.transform.kinds import KINDS

__all__ = ["NestedDerivative", "make_nested"]

Args = tuple[Operand, ...]
Kwargs = dict[str, Operand]


def make_nested(kind: str) -> Callable[[Lowerer, Args, Kwargs], Operand]:
    """Return what a call of a transform, such as ``grad(f, wrt=1)``, means while lowering."""

    def lower(low: Lowerer, args: Args, kwargs: Kwargs) -> Operand:
        options = dict(zip(("f", "wrt"), args, strict=False)) | kwargs
        f = options.get("f")
        if not isinstance(f, Const):
            low.refuse(f"`{kind}` needs a function that is known when it is compiled.")
        mode = _static(low, options.get("mode", Const("auto")))
        if mode == "tape":
            low.refuse(f"this {kind} runs on the tape (mode='tape').", "Leave mode='tape' out.")
        wrt = _static(low, options["wrt"]) if "wrt" in options else None
        has_aux = bool(_static(low, options.get("has_aux", Const(False))))
        return Const(NestedDerivative(f.value, kind, wrt, has_aux))

    return lower


def _static(low: Lowerer, operand: Operand) -> Any:
    if isinstance(operand, Const):
        return operand.value
    if isinstance(operand, Pack) and operand.kind in (tuple, list):
        items = [_static(low, item) for item in operand.items]
        return tuple(items) if operand.kind is tuple else items
    low.refuse("an option of a derivative has to be known when it is compiled.", "Write it out.")


@dataclass(frozen=True, slots=True, eq=False)
class NestedDerivative(Internal):
    """The derivative of a function of the program under construction."""

    primal: Any
    kind: str
    wrt: Any
    has_aux: bool

    @property
    def __name__(self) -> str:
        return f"{self.kind} of {getattr(self.primal, '__name__', type(self.primal).__name__)}"

    @property
    def _takes(self) -> str:
        return KINDS[self.kind].vectors

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("this derivative exists in a compiled program only")

    def __s2s_lower__(self, low: Lowerer, args: Args, kwargs: Kwargs) -> Operand:
        """Append the derivative's program, for these arguments, and return its result."""
        args, vectors = self._vectors(low, args)
        parameters = parameters_of(self.primal)
        args = tuple(opened(low, arg) for arg in args)
        named = {name: opened(low, value) for name, value in kwargs.items()}
        positional = parameters.arguments(args, named)
        if len(positional) < len(args):
            low.refuse(f"{self.__name__} is given too many arguments.")
        wrt = self.wrt
        if self._takes == "tangents" and wrt is None and len(vectors) == len(args):
            wrt = tuple(range(len(args)))
        chosen = _chosen(low, self, wrt, parameters, (*positional, *named))
        for name in chosen:
            if name not in positional and name not in named:
                named[name] = opened(low, parameters.defaults[name])
        given = {name: _as_real(low, self, name, positional, named) for name in chosen}
        positional = {name: given.get(name, value) for name, value in positional.items()}
        named = {name: given.get(name, value) for name, value in named.items()}
        vectors = _vectors_for(low, self, wrt, vectors, [given[name] for name in chosen])
        primal = lower_apart(low, self.primal, positional, named, self.__name__, chosen)
        single = not is_items(wrt)
        program = derive(primal, Request(self.kind, chosen, single, self.has_aux), whole=False)
        everything = {**positional, **named}
        known = len(primal.params)
        values = {p.var: everything[p.name] for p in program.params[:known]}
        values |= {p.var: v for p, v in zip(program.params[known:], vectors, strict=True)}
        return self._result(low, program.block, values)

    def _vectors(self, low: Lowerer, args: Args) -> tuple[Args, Args]:
        """Return the arguments of the primal, and the tangents that come with them."""
        if self._takes == "vector":
            if not args:
                low.refuse("`hvp(f)` needs the arguments of f and a vector.")
            return args[:-1], args[-1:]
        if not self._takes:
            return args, ()
        packs = [expand(low, arg) for arg in args]
        if len(packs) != 2 or any(
            p is None or not issubclass(p.kind, (tuple, list)) for p in packs
        ):
            low.refuse("`jvp(f)` needs a tuple of arguments and a tuple of tangents.")
        primals, tangents = (p.items for p in packs if p is not None)
        return primals, tangents

    def _result(self, low: Lowerer, block: Block, values: dict[Var, Operand]) -> Operand:
        """Append a program and return its result, which shares no memory with anything."""
        copied = _items_read(copy_block(Block((), block.body, block.results), values), {})
        result = copied.results[0]
        inside = _append(low, copied.body)
        own = _Own(low, inside)
        if not KINDS[self.kind].pulls:
            return own(result)
        assert isinstance(result, Pack)
        local = next(s for s in copied.body if isinstance(s, Define))
        value = own(result.items[0])
        pullback = _Pullback(self.__name__, local.block, value, low.builder.statements)
        return Pack(tuple, (value, Const(pullback)))


# ------------------------------------------------------------------------------- arguments


def _chosen(
    low: Lowerer,
    nested: NestedDerivative,
    wrt: Any,
    parameters: Parameters,
    passed: tuple[str, ...],
) -> tuple[str, ...]:
    """Return the names of the parameters in `wrt`: the first one if it is left out.

    Places count the parameters; of a function that takes any number of them, what is passed.
    """
    order = passed if parameters.variadic else parameters.names
    asked: tuple[Any, ...] = tuple(wrt) if is_items(wrt) else (0 if wrt is None else wrt,)
    names: list[str] = []
    for item in asked:
        name: Any = item
        if not isinstance(item, str):
            place = item if isinstance(item, int) and not isinstance(item, bool) else len(order)
            name = order[place] if -len(order) <= place < len(order) else None
        if name not in passed and name not in parameters.defaults:
            low.refuse(f"wrt={item!r} of {nested.__name__} is no argument that is passed.")
        names.append(name)
    if not names or len(set(names)) < len(names):
        low.refuse(f"wrt={wrt!r} of {nested.__name__} names nothing, or something twice.")
    return tuple(names)


def _as_real(
    low: Lowerer, nested: NestedDerivative, name: str, positional: Kwargs, named: Kwargs
) -> Operand:
    """Return an argument that is differentiated: Python ints count as reals."""
    operand = positional[name] if name in positional else named[name]
    t = type_of(operand)
    reason = "a bool" if t == Scalar("bool") else why_no_derivative(t)
    if reason is not None:
        low.refuse(f"`{name}` of {nested.__name__} is {reason}, which has no derivative.")
    if isinstance(t, Scalar) and t.kind == "int":
        return low.apply(float, operand)
    return operand


def _vectors_for(
    low: Lowerer, nested: NestedDerivative, wrt: Any, vectors: Args, like: list[Operand]
) -> Args:
    """Return tangents with the structure of the arguments that they belong to."""
    takes = KINDS[nested.kind].vectors
    if takes == "vector" and is_items(wrt):
        return (_fitted(low, Pack(tuple, tuple(like)), opened(low, vectors[0]), "vector"),)
    if takes:
        if len(vectors) != len(like):
            low.refuse(f"{nested.__name__} needs one tangent for each differentiated argument.")
        pairs = zip(like, vectors, strict=True)
        return tuple(_fitted(low, arg, opened(low, v), "tangent") for arg, v in pairs)
    return ()


def _fitted(low: Lowerer, like: Operand, vector: Operand, what: str) -> Operand:
    """Return a cotangent or tangent as what it belongs to: of its structure and shape, of floats.

    What has another structure is refused: it is an error where it runs.
    """
    packed, given = expand(low, like), expand(low, vector)
    if packed is not None:
        if given is None or not _alike(packed, given):
            _misfit(low, what)
        by_key = dict(zip(given.keys, given.items, strict=True)) if packed.keys else {}
        items = [by_key[key] for key in packed.keys] if packed.keys else given.items
        pairs = zip(packed.items, items, strict=True)
        fitted = tuple(_fitted(low, a, b, what) for a, b in pairs)
        return Pack(packed.kind, fitted, packed.keys)
    t = type_of(like)
    if isinstance(t, Static):
        return like
    if given is not None:
        vector = low.call(np.array, (vector,))
    have = type_of(vector)
    if isinstance(have, Static) or (is_complex(have) and not is_complex(t)):
        _misfit(low, what)
    if isinstance(have, Scalar) and have.kind in ("int", "bool"):
        vector = low.apply(float, vector)
    elif isinstance(have, Array) and have.dtype is not None and have.dtype.kind in "iub":
        vector = low.apply(np.multiply, vector, Const(1.0))
    _check_shapes(low, like, vector, what)
    return vector


def _alike(packed: Pack, given: Pack) -> bool:
    if packed.keys:
        return given.kind is packed.kind and set(given.keys) == set(packed.keys)
    return issubclass(given.kind, (tuple, list)) and len(given.items) == len(packed.items)


def _check_shapes(low: Lowerer, like: Operand, vector: Operand, what: str) -> None:
    shapes = [_shape(type_of(operand)) for operand in (vector, like)]
    if shapes[0] is None or shapes[1] is None:
        low.effect(check_vector, vector, like)
    elif len(shapes[0]) != len(shapes[1]):
        _misfit(low, what)
    elif shapes[0] != shapes[1]:
        low.effect(check_vector, vector, like)


def _shape(t: Type) -> tuple[Any, ...] | None:
    match t:
        case Scalar():
            return ()
        case Array():
            return t.shape
        case _:
            return None


def _misfit(low: Lowerer, what: str) -> NoReturn:
    low.refuse(f"the {what} of a derivative does not have the structure of what it belongs to.")


# --------------------------------------------------------------------------------- results


@dataclass(frozen=True, slots=True, eq=False)
class _Pullback(Internal):
    """A pullback in the program under construction: a call appends its body."""

    name: str
    block: Block
    value: Operand
    home: list[Statement]  # what it reads is made there

    def __call__(self, cotangent: Any) -> Any:
        raise TypeError("this pullback exists in a compiled program only")

    def __s2s_lower__(self, low: Lowerer, args: Args, kwargs: Kwargs) -> Operand:
        if not low.builder.sees(self.home):
            low.refuse(
                "this pullback was made in a branch or a loop, and is called outside of it.",
                "Call it where it is made.",
            )
        if len(args) != 1 or kwargs:
            low.refuse("a pullback takes one cotangent.", "Give a tuple for a tuple.")
        cotangent = _fitted(low, self.value, opened(low, args[0]), "cotangent")
        values: dict[Var, Operand] = dict(zip(self.block.params, (cotangent,), strict=True))
        body = Block((), self.block.body, self.block.results)
        copied = _items_read(copy_block(body, values), {})
        return _Own(low, _append(low, copied.body))(copied.results[0])


def _items_read(block: Block, known: dict[Var, Operand]) -> Block:
    """Return a block that uses the items of packs themselves, which parameters were replaced by."""

    def edit(statement: Statement) -> tuple[Statement, ...] | None:
        if isinstance(statement, Apply) and statement.fn is operator.getitem:
            base, index = statement.args
            if isinstance(base, Pack) and isinstance(index, Const) and base.kind is not slice:
                known[statement.result] = item_at(base, index.value)
                return ()
        return None

    return rewrite(block, edit, known)


def _append(low: Lowerer, body: tuple[Statement, ...]) -> set[Var]:
    """Append statements that were made apart; return what they define."""
    statements = tuple(s for s in body if not isinstance(s, Define))
    low.builder.statements.extend(statements)
    for statement in statements:
        within = Block((), (statement,), ())
        visit(within, leave=lambda s, whole=statement: _note(low, s, inner=s is not whole))
    return {var for statement in statements for var in results_of(statement)}


def _note(low: Lowerer, statement: Statement, *, inner: bool) -> None:
    """Record what the results of a statement may share memory with."""
    match statement:
        case Apply():
            args, options = statement.args, dict(statement.kwargs)
            operands = (*args, *options.values())
            low.aliases.note(statement.result, statement.fn, operands, options, operands)
            if not inner:
                low.memory.note(statement.result, statement.fn, operands, args, options)
            return
        case Effect():
            shared = (*statement.args, *(value for _, value in statement.kwargs))
        case _:
            shared = tuple(v for b in blocks_of(statement) for v in (*free_vars(b), *b.results))
            shared += operands_of(statement) if isinstance(statement, Loop) else ()
    for result in results_of(statement):
        if isinstance(result.type, Array) and result.type.shape == ():
            low.aliases.immutable(result)
        else:
            low.aliases.share(result, result, *shared)
        low.memory.stamp(result)


class _Own:
    """Gives results arrays of their own: not those of arguments, nor one another's."""

    def __init__(self, low: Lowerer, inside: set[Var]) -> None:
        self._low = low
        self._free = set(inside)

    def __call__(self, operand: Operand) -> Operand:
        low = self._low
        if isinstance(operand, Pack):
            return Pack(operand.kind, tuple(map(self, operand.items)), operand.keys)
        t = type_of(operand)
        if isinstance(t, Scalar) or not isinstance(t, Array) or t.shape == ():
            return operand
        buffers = low.aliases.of(operand)
        if buffers <= self._free:
            self._free -= buffers
            return operand
        return low.apply(np.copy, operand)
