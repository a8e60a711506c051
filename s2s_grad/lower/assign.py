"""Bind names: plain, unpacking, annotated and augmented assignment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.ir.types import Array, Never, same_dtype
from s2s_grad.lower.frames import Frame, is_hidden
from s2s_grad.lower.operations import BINARY, binary
from s2s_grad.lower.unpack import items_of
from s2s_grad.lower.values import LocalFunction, christen

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["assign", "augment", "bind", "held_elsewhere"]


def assign(low: Lowerer, target: cst.CSTNode, value: Operand) -> None:
    """Lower ``target = value``."""
    match target:
        case cst.Name():
            bind(low, target, value)
        case cst.Tuple() | cst.List():
            _unpack(low, target, value)
        case cst.Subscript():
            low.refuse(
                "assignment to an item is not supported.",
                "Build a new array, for example with np.where or np.concatenate.",
                target,
            )
        case cst.Attribute():
            low.refuse(
                "assignment to an attribute is not supported.",
                "Return the value instead.",
                target,
            )
        case _:
            low.refuse(f"assignment to `{low.source.text_of(target)}`.", node=target)


def bind(low: Lowerer, target: cst.Name, value: Operand) -> None:
    """Bind a local name."""
    name = target.value
    if name in low.here.names.scope(low.here.node).declared:
        low.refuse(
            f"`{name}` belongs to another function or to the module and cannot be assigned.",
            "Return the new value instead.",
            target,
        )
    christen(value, name)
    frame = low.here
    while frame.comprehension and name not in frame.locals and frame.parent is not None:
        frame = frame.parent
    frame.env[name] = value


def _unpack(low: Lowerer, target: cst.Tuple | cst.List, value: Operand) -> None:
    targets = [element.value for element in target.elements]
    starred = [
        place
        for place, element in enumerate(target.elements)
        if isinstance(element, cst.StarredElement)
    ]
    items = items_of(low, value, None if starred else len(targets), target)
    if not starred:
        if len(items) != len(targets):
            low.refuse(f"{len(items)} items cannot be unpacked to {len(targets)} names.",
                       "Name each of them.", target)  # fmt: skip
        for inner, item in zip(targets, items, strict=True):
            assign(low, inner, item)
        return
    place = starred[0]
    after = len(targets) - place - 1
    if len(items) < len(targets) - 1:
        low.refuse(f"{len(items)} items are too few for {len(targets) - 1} names.", "", target)
    end = len(items) - after
    for inner, item in zip(targets[:place], items[:place], strict=True):
        assign(low, inner, item)
    assign(low, targets[place], Pack(list, items[place:end]))
    for inner, item in zip(targets[place + 1 :], items[end:], strict=True):
        assign(low, inner, item)


def augment(low: Lowerer, node: cst.AugAssign) -> None:
    """Lower ``name += value``.

    Python changes an array or list in place, so that every other name of it changes too. Where no
    other name can see it, the statement means ``name = name + value``.
    """
    target = node.target
    if not isinstance(target, cst.Name):
        assign(low, target, Const(None))
    assert isinstance(target, cst.Name)
    name = target.value
    old = low.expression(target)
    value = low.expression(node.value)
    fn = BINARY[type(node.operator)]
    if _is_mutable(low, old):
        symbol = low.source.text_of(target)
        spelled = node.operator.__class__.__name__
        _refuse_shared(low, node, name, old, symbol, spelled)
    with low.at(node):
        result = binary(low, fn, old, value, low.builder.origin)
        result = _keep_dtype(low, old, result)
    bind(low, target, result)


def _is_mutable(low: Lowerer, operand: Operand) -> bool:
    """Return whether ``+=`` may write to the memory of an operand."""
    if isinstance(operand, Pack):
        return operand.kind is not tuple
    if isinstance(operand, Const):
        return isinstance(operand.value, (np.ndarray, list, dict))
    return not isinstance(operand.type, Never) and bool(low.aliases.of(operand))


def _refuse_shared(
    low: Lowerer, node: cst.AugAssign, name: str, old: Operand, symbol: str, spelled: str
) -> None:
    sign = _SIGNS.get(spelled, "+")
    value = low.source.text_of(node.value)
    remedy = f"Write `{symbol} = {symbol} {sign} {value}`."
    if not low.aliases.owned(old):
        low.refuse(
            f"`{name} {sign}= ...` may change an array that belongs to the caller in place.",
            remedy,
            node,
        )
    other = held_elsewhere(low, old, name)
    if other is not None:
        low.refuse(f"`{name} {sign}= ...` changes in place what {other} may also be.", remedy, node)


_SIGNS = {
    "AddAssign": "+", "SubtractAssign": "-", "MultiplyAssign": "*", "DivideAssign": "/",
    "FloorDivideAssign": "//", "ModuloAssign": "%", "PowerAssign": "**",
    "MatrixMultiplyAssign": "@", "BitAndAssign": "&", "BitOrAssign": "|", "BitXorAssign": "^",
    "LeftShiftAssign": "<<", "RightShiftAssign": ">>",
}  # fmt: skip


def held_elsewhere(low: Lowerer, operand: Operand, name: str) -> str | None:
    """Return what else than `name` may share memory with an operand, in words."""
    buffers = low.aliases.of(operand)
    for frame in _frames(low):
        for other, held in frame.env.items():
            if frame is low.frame and other == name:
                continue
            if held is operand or buffers & low.aliases.of(held):
                return "the result" if is_hidden(other) else f"`{other}`"
    if any(buffers & low.aliases.of(iterated) for iterated in low.iterated):
        return "what the loop runs over"
    return None


def _frames(low: Lowerer) -> Iterator[Frame]:
    """Yield every frame whose names may still be read."""
    seen: set[int] = set()
    waiting = list(low.frames)
    while waiting:
        frame = waiting.pop()
        if id(frame) in seen:
            continue
        seen.add(id(frame))
        yield frame
        for held in frame.env.values():
            inner: Any = held.value if isinstance(held, Const) else None
            if isinstance(inner, LocalFunction):
                waiting.append(inner.frame)


def _keep_dtype(low: Lowerer, old: Operand, result: Operand) -> Operand:
    """Cast to the dtype of the array that Python would have written into."""
    before, after = type_of(old), type_of(result)
    if not isinstance(before, Array) or not isinstance(after, Array):
        return result
    if before.dtype is None or same_dtype(before.dtype, after.dtype) or before.shape in ((), None):
        return result
    return low.apply(np.astype, result, Const(before.dtype))
