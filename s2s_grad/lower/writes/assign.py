"""Bind names: plain, unpacking, annotated and augmented assignment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import libcst as cst
import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Const, Operand, Pack
from s2s_grad.ir.types import Array, ListOf, Unknown
from s2s_grad.lower.control.operations import BINARY
from s2s_grad.lower.core.bound import bind_name
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.items import items_of
from s2s_grad.lower.objects.records import set_attribute
from s2s_grad.lower.objects.subscripts import index_of, subscript
from s2s_grad.lower.terms.frames import Frame, is_hidden
from s2s_grad.lower.terms.local_functions import LocalFunction
from s2s_grad.lower.terms.values import christen
from s2s_grad.lower.writes.attributes import attribute
from s2s_grad.lower.writes.store import augmented, augmented_item, store

__all__ = ["assign", "augment", "bind", "held_elsewhere"]

_ALL = Const(Ellipsis, "...")


def assign(low: Lowerer, target: cst.CSTNode, value: Operand) -> None:
    """Lower ``target = value``."""
    match target:
        case cst.Name():
            bind(low, target, value)
        case cst.Tuple() | cst.List():
            _unpack(low, target, value)
        case cst.Subscript():
            base, index = item_of(low, target)
            with low.at(target):
                store(low, base, index, value)
        case cst.Attribute():
            base = low.expression(target.value)
            name = low.source.mangled(target.attr.value)
            part = isinstance(type_of(base), Array) and name in ("real", "imag")
            whole = attribute(low, base, name, target) if part else base
            with low.at(target):
                if part:
                    store(low, whole, _ALL, value)
                else:
                    set_attribute(low, base, name, value)
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
    while frame.comprehension and name not in frame.own:
        assert frame.parent is not None
        frame = frame.parent
    bind_name(frame.env, name, value)


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
            reason = f"{len(items)} items cannot be unpacked to {len(targets)} names."
            few = len(items) < len(targets)
            error = ValueError(f"{'not enough' if few else 'too many'} values to unpack")
            low.fail(error, reason, "Name each of them.", target)
        for inner, item in zip(targets, items, strict=True):
            assign(low, inner, item)
        return
    place = starred[0]
    after = len(targets) - place - 1
    if len(items) < len(targets) - 1:
        reason = f"{len(items)} items are too few for {len(targets) - 1} names."
        low.fail(ValueError("not enough values to unpack"), reason, "", target)
    end = len(items) - after
    for inner, item in zip(targets[:place], items[:place], strict=True):
        assign(low, inner, item)
    assign(low, targets[place], Pack(list, items[place:end]))
    for inner, item in zip(targets[place + 1 :], items[end:], strict=True):
        assign(low, inner, item)


def item_of(low: Lowerer, target: cst.Subscript) -> tuple[Operand, Operand]:
    """Lower the container and the index of a subscript."""
    base = low.expression(target.value)
    return base, index_of(low, target)


def augment(low: Lowerer, node: cst.AugAssign) -> None:
    """Lower ``target += value``, which changes an array or list in place and rebinds a number."""
    target = node.target
    fn = BINARY[type(node.operator)]
    match target:
        case cst.Name():
            old = low.expression(target)
            value = low.expression(node.value)
            with low.at(node):
                result = augmented(low, fn, old, value, _in_place(low, node, target, old))
            if result is not old:
                bind(low, target, result)
        case cst.Subscript():
            base, index = item_of(low, target)
            with low.at(node):
                _augment_item(low, node, fn, base, index)
        case cst.Attribute():
            _augment_attribute(low, node, fn, target)
        case _:
            assign(low, target, Const(None))


def _augment_item(
    low: Lowerer, node: cst.AugAssign, fn: Any, base: Operand, index: Operand
) -> None:
    old = subscript(low, base, index)
    if isinstance(type_of(base), Array):
        augmented_item(low, fn, base, index, old, lambda: low.expression(node.value))
        return
    value = low.expression(node.value)
    result = augmented(low, fn, old, value, low.memory.is_mutable(old))
    if result is not old or not _keeps_items(low, base):
        store(low, base, index, result)


def _keeps_items(low: Lowerer, base: Operand) -> bool:
    """Return whether an item of a container may be assigned, which does nothing if it is there."""
    now = low.memory.shallow(base)
    return isinstance(type_of(now), ListOf) or (isinstance(now, Pack) and now.kind in (list, dict))


def _augment_attribute(low: Lowerer, node: cst.AugAssign, fn: Any, target: cst.Attribute) -> None:
    name = low.source.mangled(target.attr.value)
    base = low.expression(target.value)
    old = attribute(low, base, name, target)
    value = low.expression(node.value)
    with low.at(node):
        result = augmented(low, fn, old, value, low.memory.is_mutable(old))
        if result is not old or not _is_part(base, name):
            set_attribute(low, low.memory.shallow(base), name, result)


def _is_part(base: Operand, name: str) -> bool:
    """Return whether an attribute is the real or imaginary part of an array."""
    return isinstance(type_of(base), Array) and name in ("real", "imag")


def _in_place(low: Lowerer, node: cst.AugAssign, target: cst.Name, old: Operand) -> bool:
    """Return whether ``name += ...`` writes to an array; refuse if that is not known."""
    if isinstance(old, Const):
        return isinstance(old.value, np.ndarray)
    if not low.memory.is_mutable(old):
        unknown = isinstance(type_of(old), Unknown) and bool(low.aliases.of(old))
    else:
        t = type_of(old)
        unknown = isinstance(t, Array) and t.shape is None
    if not unknown:
        return low.memory.is_mutable(old)
    other = held_elsewhere(low, old, target.value)
    if other is not None:
        sign = _SIGNS.get(type(node.operator).__name__, "+")
        low.refuse(
            f"`{target.value} {sign}= ...` changes {other} too if it is an array, and whether it "
            "is one is only known when the program runs.",
            f"Write `{target.value} = {target.value} {sign} ...`, or give the types of arguments.",
            node,
        )
    return False


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
