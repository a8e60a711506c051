"""Generator functions: run to their end when they are first asked, where that gives the same.

Where it does not, they are run as far as they are asked.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import libcst as cst

from s2s_grad.analysis.infer import type_of
from s2s_grad.ir.nodes import Operand, Pack, Statement, Var
from s2s_grad.ir.types import Array, ListOf
from s2s_grad.lower.control.places import place_of_loop, within_place
from s2s_grad.lower.control.side_effects import Before
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.core.readings import check_reading, reading_during
from s2s_grad.lower.loops.stepwise import can_step, step
from s2s_grad.lower.objects.containers import append
from s2s_grad.lower.objects.items import items_of
from s2s_grad.lower.objects.iterate import RunTime, begun_later, first_element
from s2s_grad.lower.objects.iterators import Static, over_known
from s2s_grad.lower.terms.choices import Way
from s2s_grad.lower.terms.frames import Frame
from s2s_grad.lower.terms.read_ahead import Reading
from s2s_grad.lower.terms.values import NONE, static_value

__all__ = ["GENERATORS", "run_generator"]

YIELDED = "<yielded>"
Body = cst.FunctionDef | cst.Lambda


def run_generator(
    low: Lowerer, name: str, frame: Frame, run: Callable[[Callable[[Body], Operand]], Operand]
) -> Operand:
    """Return the iterator of a generator function.

    `run` enters the function's frame and lowers its body by what it is given. That is run to its
    end when the first value is asked for. With less than all of them taken at once, it is run as
    far as it is asked where something that it reads or does could tell the difference.
    """
    if low.frame is None:
        low.refuse(f"`{name}` is a generator function.", "Return a tuple of what it gives.")
    bound = frame.env.copy()

    def begin(whole: bool) -> Static | RunTime:
        place = None
        if not whole and can_step(frame.names, frame.node):
            place = place_of_loop(low, known=True)
            if place is not None and place.way is Way.APART:
                return step(low, name, frame, bound, run)
        with within_place(low, place):
            return to_its_end(whole)

    def to_its_end(whole: bool) -> Static | RunTime:
        given: list[Operand] = []

        def body(node: Body) -> Operand:
            low.here.env[YIELDED] = found = Pack(list, ())
            before = Before.now(low, found, frame.names.scope(node).outer)
            start = len(low.builder.statements)
            if static_value(low.body(node)) is not None:
                low.refuse(f"`{name}` is a generator that returns a value.", "Yield it, too.")
            if not whole:
                _check_effects(low, name, before, low.builder.statements[start:])
            given.append(low.memory.shallow(found))
            return NONE

        frame.env = bound.copy()
        reading = reading_during(low, f"the generator `{name}`", lambda: run(body))
        reading.gave = given[0]
        low.choices.lose(given[0])
        return _stream(low, name, given[0], None if whole else reading)

    return begun_later(low, name, begin)


def _check_effects(low: Lowerer, name: str, before: Before, since: list[Statement]) -> None:
    """Refuse a generator that changes what is seen between two of its values."""
    memory = low.memory
    whole = memory.shallow(low.here.env[YIELDED])
    items = whole.items if isinstance(whole, Pack) else (whole,)
    times = low.yielded if isinstance(whole, Pack) else {}
    arrays = filter(_is_array, items)
    written = any(memory.written_since(x, times.get(x, before.time)) for x in arrays)
    if written or before.is_changed(low, since):
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
            check_reading(low, reading)
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
