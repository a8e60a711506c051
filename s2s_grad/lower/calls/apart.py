"""Lower a call to a function of its own, to be differentiated where the call stands."""

from __future__ import annotations

import operator
from collections.abc import Collection
from typing import Any

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Block, Const, Function, Operand, Pack, Param, Role, Var
from s2s_grad.ir.types import Array, Scalar
from s2s_grad.ir.walk import bound_vars, free_vars
from s2s_grad.lower.calls.raising import with_result
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.records import is_record
from s2s_grad.lower.objects.unpack import expand, leaves
from s2s_grad.lower.terms.frames import is_object

__all__ = ["lower_apart", "opened"]

Given = dict[str, Operand]


def opened(low: Lowerer, operand: Operand) -> Operand:
    """Return the value that an operand has now, containers as packs of their items."""
    now = low.current(operand)
    packed = expand(low, now)
    if packed is None:
        return now
    return Pack(packed.kind, tuple(opened(low, item) for item in packed.items), packed.keys)


def lower_apart(
    low: Lowerer,
    fn: Any,
    positional: Given,
    named: Given,
    name: str,
    wrt: Collection[str] = (),
) -> Function:
    """Lower a call of `fn` to a function of its own, which may read variables in scope here.

    `positional` and `named` are the arguments, as `opened` gives them, by the names that their
    parameters get. What is known already and not in `wrt` is used as it is and has no parameter.
    The function must leave alone what belongs to the code around it; its arguments are its own.
    """
    given = {**positional, **named}
    params = [
        Param(Var(hint, _parameter_type(value), Role.USER), hint)
        for hint, value in given.items()
        if _varies(value, moves=hint in wrt)
    ]
    by_name = {param.name: param.var for param in params}
    read: list[Pack] = []

    def item(hint: str, value: Operand) -> Operand:
        var = by_name.get(hint)
        return value if var is None else _read(low, var, value, hint in wrt, read)

    def body() -> tuple[Operand, ...]:
        args = tuple(item(hint, value) for hint, value in positional.items())
        options = {hint: item(hint, value) for hint, value in named.items()}
        return (low.current(low.call(fn, args, options)),)

    env = {} if low.frame is None else dict(low.frame.env)
    outside = _containers(low)
    block = with_result(low.block(tuple(by_name.values()), body))
    if low.frame is not None:
        _check_writes(low, fn, block, env, outside, read, tuple(given.values()))
        low.frame.env = env
    return Function(name, tuple(params), block, outer=tuple(free_vars(block)))


def _parameter_type(value: Operand) -> Any:
    t = type_of(value)
    return Scalar(t.kind) if isinstance(t, Scalar) and isinstance(value, Const) else t


def _varies(value: Operand, *, moves: bool) -> bool:
    """Return whether an argument is one of a parameter: it may be written to, or it moves."""
    match value:
        case Var():
            return True
        case Const():
            numeric = isinstance(value.value, (np.ndarray, np.generic, float, complex))
            return isinstance(value.value, np.ndarray) or (moves and numeric)
        case Pack():
            return True


def _read(low: Lowerer, var: Var, value: Operand, moves: bool, read: list[Pack]) -> Operand:
    """Read a parameter; a container is a pack of what varies and what is known."""
    if not isinstance(value, Pack) or value.kind is slice:
        if isinstance(var.type, Array) and var.type.shape == ():
            low.aliases.immutable(var)  # taken for a NumPy scalar, as any argument
        return var
    items: list[Operand] = []
    for key, item in zip(value.keys or range(len(value.items)), value.items, strict=True):
        if not _varies(item, moves=moves):
            items.append(item)
            continue
        hint = key if isinstance(key, str) and key.isidentifier() else ""
        part = low.apply(operator.getitem, var, Const(key), hint=hint)
        items.append(_read(low, part, item, moves, read) if isinstance(part, Var) else part)
    read.append(Pack(value.kind, tuple(items), value.keys))
    return read[-1]


# ------------------------------------------------------------------ what it may not do


def _containers(low: Lowerer) -> set[Operand]:
    """Return the containers that names in scope stand for, and those inside of them."""
    found: set[Operand] = set()

    def visit(operand: Operand) -> None:
        if isinstance(operand, Pack) and operand not in found:
            found.update((operand, low.memory.root(operand)))
            for part in (*operand.items, low.memory.shallow(operand)):
                visit(part)

    for frame in low.frames:
        for operand in frame.env.values():
            visit(operand)
    return found


def _check_writes(
    low: Lowerer,
    fn: Any,
    block: Block,
    before: dict[str, Operand],
    outside: set[Operand],
    read: list[Pack],
    given: tuple[Operand, ...],
) -> None:
    """Refuse a function that changes what lies outside of it."""
    inside = set(bound_vars(block))
    own = low.aliases.of(Pack(tuple, block.params))
    name = getattr(fn, "__name__", type(fn).__name__)
    for key, now in low.here.env.items():
        if before.get(key) is now:
            continue
        root = low.memory.by_key[key].root if is_object(key) else None
        lost = root in outside or (isinstance(root, Var) and root not in inside)
        if root is None or lost or (root in read and is_record(root)):
            low.refuse(
                f"`{name}` is differentiated here and changes what is outside of it.",
                "Return the new value instead.",
            )
        if low.aliases.of(root) & own:
            arrays = _arrays(low, given)
            if _overlap(low, arrays):
                low.refuse(
                    f"the arguments of `{name}` may share memory, and it writes into one of them.",
                    "Pass a copy of one of them.",
                )
            if len(arrays) > 1:
                for buffers in arrays:
                    low.given.be_apart(low.aliases.reach(buffers))


def _arrays(low: Lowerer, given: tuple[Operand, ...]) -> list[frozenset[Var]]:
    """Return the buffers of each array in the arguments."""
    return [
        low.aliases.of(leaf)
        for value in given
        for leaf in leaves(value)
        if isinstance(type_of(leaf), Array)
    ]


def _overlap(low: Lowerer, arrays: list[frozenset[Var]]) -> bool:
    """Return whether two arrays may be one memory."""
    pairs = ((a, b) for i, a in enumerate(arrays) for b in arrays[:i])
    return any(low.aliases.may_share(a, b) for a, b in pairs)
