"""Generator functions: run to their end when they are first asked, where that gives the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.liveness import has_effect
from s2s_grad.ir.nodes import UNDEFINED, Operand, Pack, Var
from s2s_grad.ir.types import Array, ListOf
from s2s_grad.lower.carry import containers_in
from s2s_grad.lower.containers import append
from s2s_grad.lower.frames import Env, Frame, objects_in, shared_in
from s2s_grad.lower.iterate import RunTime, begun_later, first_element
from s2s_grad.lower.iterators import Static, over_known
from s2s_grad.lower.readings import Reading
from s2s_grad.lower.unpack import items_of
from s2s_grad.lower.values import NONE, same_operand

if TYPE_CHECKING:
    from s2s_grad.lower.lowerer import Lowerer

__all__ = ["GENERATORS", "run_generator"]

YIELDED = "<yielded>"
Body = cst.FunctionDef | cst.Lambda


def run_generator(
    low: Lowerer, name: str, frame: Frame, run: Callable[[Callable[[Body], Operand]], Operand]
) -> Operand:
    """Return the iterator of a generator function.

    `run` enters the function's frame and lowers its body by what it is given. That is run to its
    end when the first value is asked for; with less than all of them taken at once, it is refused
    where something that it reads or does could tell the difference.
    """
    if low.frame is None:
        low.refuse(f"`{name}` is a generator function.", "Return a tuple of what it gives.")
    bound = frame.env.copy()

    def begin(whole: bool) -> Static | RunTime:
        given: list[Operand] = []

        def body(node: Body) -> Operand:
            before, inside = shared_in(low.here.env), containers_in(low)
            low.here.env[YIELDED] = found = Pack(list, ())
            start, time = len(low.builder.statements), low.memory.tick()
            outer = frame.names.scope(node).outer
            held = {n: low.here.env.get(n) for n in outer}
            low.body(node)
            if not whole:
                rebound = any(low.here.env.get(n) is not held[n] for n in outer)
                _check_effects(low, name, start, time, before, inside, rebound)
            given.append(low.memory.shallow(found))
            return NONE

        frame.env = bound.copy()
        reading = Reading.during(low, f"the generator `{name}`", lambda: run(body))
        return _stream(low, name, given[0], None if whole else reading)

    return begun_later(low, name, begin)


def _check_effects(
    low: Lowerer,
    name: str,
    start: int,
    time: int,
    before: Env,
    inside: frozenset[Operand],
    changed: bool,
) -> None:
    """Refuse a generator that changes what is seen between two of its values."""
    env, memory = low.here.env, low.memory
    pairs = ((env.get(key, UNDEFINED), was) for key, was in before.items())
    changed = changed or any(not same_operand(now, was) for now, was in pairs)
    for key in objects_in(env).keys() - before.keys():
        root = memory.by_key[key].root
        own = root not in inside if isinstance(root, Pack) else not memory.born_before(root, time)
        changed = changed or not own
    changed = changed or any(has_effect(s) for s in low.builder.statements[start:])
    whole = memory.shallow(env[YIELDED])
    items = whole.items if isinstance(whole, Pack) else (whole,)
    since = low.yielded if isinstance(whole, Pack) else {}
    changed = changed or any(
        memory.written_since(item, since.get(item, time)) for item in items if _is_array(item)
    )
    if changed:
        low.refuse(
            f"`{name}` is a generator that does more than giving values.", "Return a list of them."
        )


def _is_array(operand: Operand) -> bool:
    t = type_of(operand)
    return isinstance(t, Array) or (isinstance(t, ListOf) and isinstance(t.item, Array))


def _stream(low: Lowerer, name: str, whole: Operand, reading: Reading | None) -> Static | RunTime:
    if isinstance(whole, Pack):
        items = over_known(low, whole.items)
        if reading is None:
            return items

        def pull() -> Operand | None:
            reading.check(low)
            return items.pull()

        return Static(pull, items.holds)
    if isinstance(whole, Var) and isinstance(whole.type, ListOf):
        return RunTime((whole,), first_element, reads=() if reading is None else (reading,))
    low.refuse(f"how many values `{name}` gives is only known when the program runs.")


def _yield(low: Lowerer, node: cst.Yield) -> Operand:
    inner = node.value
    if isinstance(inner, cst.From):
        values = items_of(low, low.expression(inner.item), node=inner.item)
    else:
        values = (NONE if inner is None else low.expression(inner),)
    for value in values:
        low.yielded[value] = low.memory.tick()
        append(low, low.memory.shallow(low.here.env[YIELDED]), value)
    return NONE


GENERATORS: dict[type[cst.CSTNode], Callable[[Lowerer, Any], Operand]] = {cst.Yield: _yield}
