"""Derivatives inside of functions that are differentiated: compiled into the function's own IR."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from s2s_grad.ir.nodes import Block, Const, Define, Function, Operand, Pack, Statement, Var
from s2s_grad.ir.walk import copy_block, map_operand, substitute, substitute_block
from s2s_grad.pipeline import derive

if TYPE_CHECKING:
    from s2s_grad.transform import Transform

__all__ = ["lower_transform"]


def lower_transform(
    transform: Transform, lowerer: Any, args: tuple[Operand, ...], kwargs: dict[str, Operand]
) -> Operand:
    """Append the derivative's program, for these arguments, and return its result."""
    request = transform._request()  # pyright: ignore[reportPrivateUsage]
    extra: tuple[Operand, ...] = ()
    if request.mode == "jvp":
        primals, tangents = args
        assert isinstance(primals, Pack) and isinstance(tangents, Pack)
        args, extra = primals.items, tangents.items
    elif request.mode == "hvp":
        args, extra = args[:-1], args[-1:]
    primal: Function = lowerer.function(transform.primal, args, kwargs, transform.primal.__name__)
    program = derive(primal, request)
    values = _arguments(transform, program, args, kwargs, extra)
    return _splice(program, values, lowerer)


def _arguments(
    transform: Transform,
    program: Function,
    args: tuple[Operand, ...],
    kwargs: dict[str, Operand],
    extra: tuple[Operand, ...],
) -> dict[Var, Operand]:
    names = transform._names  # pyright: ignore[reportPrivateUsage]
    given = dict(zip(names, args, strict=False)) | kwargs
    more = iter(extra)
    values: dict[Var, Operand] = {}
    for param in program.params:
        if param.name in given:
            values[param.var] = given[param.name]
        elif param.default is not None:
            values[param.var] = param.default
        else:
            values[param.var] = next(more)
    return values


@dataclass(frozen=True, slots=True, eq=False)
class _Pullback:
    """A pullback in the program under construction: a call appends its body."""

    block: Block

    def __call__(self, cotangent: Any) -> Any:
        raise TypeError("this pullback exists in a compiled program only")

    def __s2s_lower__(self, lowerer: Any, args: Any, kwargs: Any) -> Operand:
        values = dict(zip(self.block.params, args, strict=True))
        copied = copy_block(Block((), self.block.body, self.block.results), values)
        lowerer.builder.statements.extend(copied.body)
        return copied.results[0]


def _splice(program: Function, values: dict[Var, Operand], lowerer: Any) -> Operand:
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
    lowerer.builder.statements.extend(_with_values(tuple(body), values))
    value = _with_result(result.items[0], values)
    inner = _with_block(local.block, values)
    return Pack(tuple, (value, Const(_Pullback(inner))))


def _with_values(
    statements: tuple[Statement, ...], values: dict[Var, Operand]
) -> tuple[Statement, ...]:


    return tuple(substitute(statement, values) for statement in statements)


def _with_result(operand: Operand, values: dict[Var, Operand]) -> Operand:


    return map_operand(operand, lambda var: values.get(var, var))


def _with_block(block: Block, values: dict[Var, Operand]) -> Block:


    return substitute_block(block, values)
