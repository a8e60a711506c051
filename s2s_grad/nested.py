"""Derivatives inside of functions that are differentiated: compiled into the function's own IR."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from s2s_grad.analysis.infer import type_of
from s2s_grad.errors import ArgumentError
from s2s_grad.ir.guards import is_items
from s2s_grad.ir.nodes import Block, Const, Define, Function, Operand, Pack, Statement, Var
from s2s_grad.ir.types import Scalar
from s2s_grad.ir.walk import copy_block, map_operand, substitute, substitute_block
from s2s_grad.lower import Lowerer, parameter_names
from s2s_grad.pipeline import Request, derive

__all__ = ["NestedDerivative", "make_nested"]

Args = tuple[Operand, ...]
Kwargs = dict[str, Operand]


def make_nested(mode: str) -> Callable[[Lowerer, Args, Kwargs], Operand]:
    """Return what a call of a transform, such as ``grad(f, wrt=1)``, means while lowering."""

    def lower(lowerer: Lowerer, args: Args, kwargs: Kwargs) -> Operand:
        options = dict(zip(("f", "wrt"), args, strict=False)) | kwargs
        f = options.get("f")
        if not isinstance(f, Const):
            lowerer.refuse(f"`{mode}` needs a function that is known when it is compiled.")
        wrt = _static(options["wrt"]) if "wrt" in options else None
        has_aux = bool(_static(options.get("has_aux", Const(False))))
        return Const(NestedDerivative(f.value, mode, wrt, has_aux))

    return lower


def _static(operand: Operand) -> Any:
    if isinstance(operand, Const):
        return operand.value
    if isinstance(operand, Pack):
        return operand.kind(_static(item) for item in operand.items)
    raise ArgumentError("`wrt` has to be known when the function is compiled", "write it out")


@dataclass(frozen=True, slots=True, eq=False)
class NestedDerivative:
    """The derivative of a function of the program under construction."""

    primal: Any
    mode: str
    wrt: Any
    has_aux: bool

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("this derivative exists in a compiled program only")

    def __s2s_lower__(self, lowerer: Lowerer, args: Args, kwargs: Kwargs) -> Operand:
        """Append the derivative's program, for these arguments, and return its result."""
        extra: Args = ()
        wrt = self.wrt
        if self.mode == "jvp":
            primals, tangents = args
            if not isinstance(primals, Pack) or not isinstance(tangents, Pack):
                lowerer.refuse("`jvp(f)` needs a tuple of arguments and a tuple of tangents.")
            args, extra = primals.items, tangents.items
            if wrt is None and len(extra) == len(args):
                wrt = tuple(range(len(args)))
        elif self.mode == "hvp":
            args, extra = args[:-1], args[-1:]
        names = parameter_names(self.primal, len(args))
        asked = _asked(wrt)
        chosen = tuple(item if isinstance(item, str) else names[item] for item in asked)
        args = tuple(
            _as_real(lowerer, arg) if name in chosen else arg
            for name, arg in zip(names, args, strict=True)
        )
        primal = lowerer.function(self.primal, args, kwargs)
        single = not isinstance(wrt, (tuple, list))
        program = derive(primal, Request(self.mode, chosen, single, self.has_aux))
        given = dict(zip(names, args, strict=True)) | kwargs
        more = iter(extra)
        values = {p.var: given[p.name] if p.name in given else next(more) for p in program.params}
        return _splice(program, values, lowerer)


def _asked(wrt: Any) -> tuple[int | str, ...]:
    """Return the parameters that `wrt` names: the first one if it is left out."""
    if is_items(wrt):
        return tuple(wrt)
    return (0 if wrt is None else wrt,)


def _as_real(lowerer: Lowerer, operand: Operand) -> Operand:
    """Return an argument that is differentiated: Python ints count as reals."""
    t = type_of(operand)
    if isinstance(t, Scalar) and t.kind == "int":
        return lowerer.apply(float, operand)
    return operand


@dataclass(frozen=True, slots=True, eq=False)
class _Pullback:
    """A pullback in the program under construction: a call appends its body."""

    block: Block

    def __call__(self, cotangent: Any) -> Any:
        raise TypeError("this pullback exists in a compiled program only")

    def __s2s_lower__(self, lowerer: Lowerer, args: Args, kwargs: Kwargs) -> Operand:
        values = dict(zip(self.block.params, args, strict=True))
        copied = copy_block(Block((), self.block.body, self.block.results), values)
        lowerer.builder.statements.extend(copied.body)
        return copied.results[0]


def _splice(program: Function, values: dict[Var, Operand], lowerer: Lowerer) -> Operand:
    """Append a program's statements and return its result."""
    body: list[Statement] = []
    local: Define | None = None
    for statement in program.block.body:
        if isinstance(statement, Define):
            local = statement
        else:
            body.append(statement)
    result = program.block.results[0]
    if local is None:
        copied = copy_block(Block((), tuple(body), (result,)), values)
        lowerer.builder.statements.extend(copied.body)
        return copied.results[0]
    assert isinstance(result, Pack)
    # The pullback reads variables of the augmented primal: both are appended as they are.
    lowerer.builder.statements.extend(substitute(statement, values) for statement in body)
    value = map_operand(result.items[0], lambda var: values.get(var, var))
    return Pack(tuple, (value, Const(_Pullback(substitute_block(local.block, values)))))
