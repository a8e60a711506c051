"""Which memory the values that a loop carries may have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from s2s_grad.ir.nodes import UNDEFINED, Operand, Var
from s2s_grad.ir.types import ListOf
from s2s_grad.lower.control.slots import Fixed, Growing, Leaf, Same, Slot, Tree, collected, parts_of
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.memory.heap import is_collecting

__all__ = ["Path", "Yield", "pair", "share", "share_lists"]

Path = tuple[str | int, ...]  # the name and the places of an item in containers


@dataclass(frozen=True, slots=True, eq=False)
class Yield:
    """What the body hands on to the next round in a leaf."""

    slot: Leaf
    operand: Operand
    is_object: bool


def pair(
    slot: Slot,
    yielded: Operand,
    params: Iterator[Var],
    yields: list[Yield],
    is_object: bool,
) -> None:
    """Pair each leaf with what is yielded to it."""
    match slot:
        case Fixed() | Same():
            pass
        case Growing():
            items = collected(yielded) if is_collecting(yielded) else ()
            last = items[-1] if items else UNDEFINED
            pair(slot.last, last, params, yields, is_object)
        case Leaf():
            next(params)
            yields.append(Yield(slot, yielded, is_object))
        case Tree():
            # What an object holds are references, to arrays that names may refer to as well.
            for item, part in zip(slot.slots, parts_of(slot, yielded), strict=True):
                pair(item, part, params, yields, False)


def share(
    low: Lowerer,
    start: int,
    old: dict[str, Slot],
    new: dict[str, Slot],
    yields: list[Yield],
) -> dict[str, Slot]:
    """Add to each leaf the memory that it may use: that outside the body, and other leaves."""
    alias = low.aliases
    held = [alias.of(y.operand) for y in yields]
    inits = [alias.of(y.slot.init) for y in yields]
    more: list[tuple[frozenset[Var], frozenset[Var]]] = []
    for i, y in enumerate(yields):
        shared = frozenset(
            other.slot.mark
            for j, other in enumerate(yields)
            if j != i
            and not (y.is_object or other.is_object)
            and (alias.may_share(held[i], held[j]) or alias.may_share(inits[i], inits[j]))
        )
        more.append((low.memory.made_before(alias.reach(held[i]), start), shared))
    rest = iter(more)
    return {name: _add_buffers(slot, new[name], rest) for name, slot in old.items()}


def _add_buffers(
    old: Slot, new: Slot, rest: Iterator[tuple[frozenset[Var], frozenset[Var]]]
) -> Slot:
    match old:
        case Leaf():
            outside, shared = next(rest)
            if not isinstance(new, Leaf):
                return new
            return replace(new, outside=new.outside | outside, shared=new.shared | shared)
        case Tree():
            if not isinstance(new, Tree) or len(new.slots) != len(old.slots):
                for item in old.slots:
                    _add_buffers(item, item, rest)
                return new
            pairs = zip(old.slots, new.slots, strict=True)
            slots = tuple(_add_buffers(a, b, rest) for a, b in pairs)
            return replace(new, slots=slots)
        case Growing():
            made = new.last if isinstance(new, Growing) else old.last
            last = _add_buffers(old.last, made, rest)
            return replace(new, last=last) if isinstance(new, Growing) else new
        case Fixed() | Same():
            return new


def share_lists(
    low: Lowerer,
    slots: dict[str, Slot],
    env: dict[str, Operand],
    common: dict[frozenset[Path], Var],
) -> dict[str, Slot]:
    """Mark the lists that may be one list when the next round begins, each pair with its mark."""
    found: list[tuple[Path, frozenset[Var]]] = []
    for name, slot in slots.items():
        _lists_in(low, slot, env.get(name, UNDEFINED), (name,), found)
    marks: dict[Path, set[Var]] = {}
    for place, (path, own) in enumerate(found):
        for other, its in found[:place]:
            if own & its:
                mark = common.setdefault(frozenset((path, other)), Var("<containers>"))
                low.memory.marked.setdefault(mark, UNDEFINED)
                marks.setdefault(path, set()).add(mark)
                marks.setdefault(other, set()).add(mark)
    return {name: _marked(slot, (name,), marks) for name, slot in slots.items()}


def _lists_in(
    low: Lowerer,
    slot: Slot,
    yielded: Operand,
    path: Path,
    found: list[tuple[Path, frozenset[Var]]],
) -> None:
    """Find what is carried as a list, with what stands for the lists that it may be."""
    match slot:
        case Leaf(type=ListOf()):
            found.append((path, low.memory.marks_for(yielded)))
        case Tree():
            found.append((path, low.memory.marks_for(yielded)))
            for place, part in enumerate(zip(slot.slots, parts_of(slot, yielded), strict=True)):
                _lists_in(low, *part, (*path, place), found)
        case _:
            pass


def _marked(slot: Slot, path: Path, marks: dict[Path, set[Var]]) -> Slot:
    match slot:
        case Leaf():
            return replace(slot, marks=slot.marks | marks[path]) if path in marks else slot
        case Tree():
            items = tuple(_marked(s, (*path, n), marks) for n, s in enumerate(slot.slots))
            return replace(slot, slots=items, marks=slot.marks | marks.get(path, set()))
        case _:
            return slot
