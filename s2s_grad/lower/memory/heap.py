"""Objects that the function changes: which value each has now, and who sees it.

An array or list that is written to becomes an `Object`: its value is bound to a hidden name of the
environment, so that branches and loops treat it as any other name. A variable *refers* to what it
was bound to; what it stands for now is asked for when it is used. A view is read again from its
base where the base was written since. What only may share memory with something written since has
no known value, and using it is an error.
"""

from __future__ import annotations

import contextlib
import functools
import operator
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.memory import View, view_kind
from s2s_grad.ir.nodes import Const, If, Merge, Operand, Pack, Var
from s2s_grad.ir.types import Array, Dict, ListOf, Scalar, Sequence
from s2s_grad.lower.memory.aliases import CONSTANT
from s2s_grad.lower.memory.fit import written
from s2s_grad.lower.memory.history import History
from s2s_grad.lower.memory.layouts import Layouts
from s2s_grad.lower.memory.state import State
from s2s_grad.lower.memory.write_views import write_through
from s2s_grad.lower.terms.frames import OBJECT
from s2s_grad.lower.terms.read_ahead import Reading
from s2s_grad.lower.terms.refuse import NeedsStatic
from s2s_grad.lower.terms.values import (
    Collecting,
    Conflict,
    christen,
    is_mutable_pack,
    is_undefined,
)
from s2s_grad.runtime import set_item

__all__ = ["Memory", "Object", "is_conflict"]

_MOST_WAYS = 12
_STALE = Const(
    Conflict(
        "may share memory with an array that was written to since, and whether it does is only "
        "known when the program runs",
        "Take a `.copy()` where it is made.",
    )
)
_EVERYTHING = Const(Ellipsis, "...")


@dataclass(frozen=True, slots=True, eq=False)
class Object:
    """An array or container that is written to, called `root` when it was first."""

    key: str
    root: Var | Pack


@dataclass(slots=True, eq=False)
class _Watch:
    """The variables used while a loop's body is lowered, and those that must not be."""

    stale: set[Var]
    used: set[Var] = field(default_factory=set[Var])


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """A variable that is one of two, by a condition; `versions` are the values they had then.

    Each may be such a choice itself: `ways` is how many there are to reach an array.
    """

    cond: Operand
    refs: tuple[Operand, Operand]
    versions: tuple[Operand, Operand]
    ways: int


class Memory(History):
    """The objects of one lowering."""

    def __init__(self, low: State) -> None:
        super().__init__()
        self._low = low
        self.objects: dict[Operand, Object] = {}
        self.by_key: dict[str, Object] = {}
        self._views: dict[Var, View] = {}
        self._choices: dict[Var, Choice] = {}
        self._perhaps_numbers: set[Operand] = set()  # or arrays, by a condition
        self._times: dict[Operand, int] = {}  # since when containers have the items they have
        self.layouts = Layouts(low, self.root)
        self._marks: dict[Operand, Var] = {}  # what stands for a container where it may be another
        self.marked: dict[Var, Operand] = {}  # the containers that marks stand for
        self._mixed: dict[Operand, frozenset[Var]] = {}
        self._watches: list[_Watch] = []
        self.read_from: dict[Operand, Var] = {}  # the variables whose items containers are made of
        self.readings: list[Reading] = []  # what is read is noted in these
        self._found: dict[Var, Operand] | None = None  # values that the present question met

    # ------------------------------------------------------------------ what is known

    def note(
        self,
        result: Var,
        fn: Callable[..., Any],
        refs: tuple[Operand, ...],
        args: tuple[Operand, ...],
        kwargs: dict[str, Operand],
    ) -> None:
        """Record a new variable, and from what it was read if it is a view."""
        self.stamp(result)
        named = dict(zip(kwargs, refs[len(args) :], strict=True))
        self.layouts.note(result, fn, refs[: len(args)], named)
        if fn is operator.getitem and not _is_array(refs[0]) and _is_number(result):
            self._low.aliases.immutable(result)
        if refs and isinstance(refs[0], Var) and self._is_view(result, fn, refs):
            self._views[result] = View(refs[0], args[0], fn, refs[1 : len(args)], named)

    def choose(
        self,
        result: Var,
        cond: Operand,
        refs: tuple[Operand, Operand],
        versions: tuple[Operand, Operand],
    ) -> None:
        """Record a variable that is one of two arrays.

        A write through it is written out for each way: what there are too many of is not written.
        """
        ways = sum(map(self._ways, refs))
        if ways <= _MOST_WAYS and all(
            isinstance(ref, Var) and self.is_mutable(ref) for ref in refs
        ):
            self._choices[result] = Choice(cond, refs, versions, ways)

    def note_kinds(self, result: Operand, *refs: Operand) -> None:
        """Note that a result, which is one of others, is an array on one way and a number else."""
        known = [ref for ref in refs if not is_undefined(ref)]
        mutable = {self.is_mutable(ref) for ref in known}
        if len(mutable) > 1 or any(ref in self._perhaps_numbers for ref in known):
            self.be_perhaps_number(result)

    def be_perhaps_number(self, operand: Operand) -> None:
        """Note that an operand may be a number, which is replaced where an array is written to."""
        self._perhaps_numbers.add(operand)

    def _ways(self, ref: Operand) -> int:
        choices = (self._choices.get(v) for v in (ref, self.root(ref)) if isinstance(v, Var))
        return next((choice.ways for choice in choices if choice is not None), 1)

    def root(self, operand: Operand) -> Operand:
        """Return what stands for an operand's object, if it is one, in comparisons."""
        found = self.objects.get(operand)
        return operand if found is None else found.root

    def is_mutable(self, operand: Operand) -> bool:
        """Return whether an operand is an array that can be written to."""
        t = type_of(operand)
        return isinstance(operand, Var) and isinstance(t, Array) and bool(self._ids(operand))

    def view_of(self, operand: Operand) -> View | None:
        """Return how a variable was read from another one, if it is a view."""
        return self._views.get(operand) if isinstance(operand, Var) else None

    def is_part(self, var: Var) -> bool:
        """Return whether a variable is a view of an array, made by an expression of its own."""
        view = self._views.get(var)
        return view is not None and _is_array(view.base)

    def parts(self, operand: Operand) -> tuple[Operand, ...]:
        """Return what an operand is made of or a view of, and the values that it has had."""
        match operand:
            case Pack():
                return operand.items
            case Var():
                view = self._views.get(operand)
                return () if view is None else (view.base,)
            case Const():
                return ()

    def may_be_another(self, operand: Operand) -> bool:
        """Return whether a container is one of several, by a condition."""
        return bool(self._mixed.get(self.root(operand)))

    # ------------------------------------------------------------------ what holds now

    def shallow(self, operand: Operand) -> Operand:
        """Return the value that a container has now; its items stay references."""
        if isinstance(operand, Pack) or is_collecting(operand):
            found = self.objects.get(operand)
            now = operand
            if found is not None:
                now = self._low.here.env.get(found.key, found.root)
            for reading in self.readings:
                reading.containers[operand] = now
            stale = self._is_mixed_up(operand if found is None else found.root, now)
            return _STALE if stale else now
        return operand

    def held(self, operand: Operand) -> Operand:
        """Return what an object is now, as it is bound; anything else as it is."""
        found = self.objects.get(operand)
        return operand if found is None else self._low.here.env.get(found.key, found.root)

    def _is_mixed_up(self, root: Operand, now: Operand) -> bool:
        """Return whether a container that this may be was changed since it had its value."""
        marks = self._marks_of(root)
        return bool(marks) and self.itself_written(marks, self._times.get(now, 0))

    # ------------------------------------------------------------------ containers

    def mix(self, whole: Operand, *others: Operand) -> frozenset[Var]:
        """Record that a container is one of others; return what stands for them."""
        marks = frozenset[Var]().union(*(self.marks_for(other) for other in others))
        self.mark(whole, marks)
        return marks

    def marks_for(self, operand: Operand) -> frozenset[Var]:
        """Return what stands for the containers that an operand may be."""
        root = self.root(operand)
        if is_mutable_pack(root) or isinstance(type_of(root), ListOf):
            mark = self._marks.setdefault(root, Var("<container>"))
            self.marked.setdefault(mark, root)
        return self._marks_of(root)

    def mark(self, whole: Operand, marks: frozenset[Var]) -> None:
        """Record that a container may be any of those that `marks` stand for."""
        if marks:
            self._low.choices.lose(whole)
            self._mixed[whole] = self._mixed.get(whole, frozenset()) | marks
            self._times[whole] = self.clock

    def _marks_of(self, root: Operand) -> frozenset[Var]:
        own = self._marks.get(root)
        mixed = self._mixed.get(root, frozenset())
        return mixed if own is None else mixed | {own}

    def value(self, operand: Operand) -> Operand:
        """Return the value that an operand has now, or a `Conflict`."""
        match operand:
            case Const():
                return self._value_of_list(operand) if is_collecting(operand) else operand
            case Pack():
                return self._value_of_pack(operand)
            case Var():
                for reading in self.readings:
                    reading.used.add(operand)
                if not self.objects and not self._watches:
                    return operand
                return self._value_of_var(operand)

    def _value_of_list(self, operand: Const) -> Operand:
        now = self.shallow(operand)
        if not isinstance(now, Const) or not is_collecting(now):
            return now
        items = tuple(self.value(item) for item in now.value.items)
        if all(a is b for a, b in zip(items, now.value.items, strict=True)):
            return now
        whole = Const(Collecting(now.value.last, items))
        return next((item for item in items if is_conflict(item)), whole)

    def _value_of_pack(self, operand: Pack) -> Operand:
        now = self.shallow(operand)
        if not isinstance(now, Pack):
            return self.value(now)
        items = tuple(self.value(item) for item in now.items)
        for item in items:
            if is_conflict(item):
                return item
        if all(a is b for a, b in zip(items, now.items, strict=True)):
            return now
        return Pack(now.kind, items, now.keys)

    def _value_of_var(self, var: Var) -> Operand:
        """Return the value of a variable; each that is met on the way is asked for once."""
        if self._found is None:
            self._found = {}
            try:
                return self._value_of_var(var)
            finally:
                self._found = None
        now = self._found.get(var)
        if now is None:
            now = self._found[var] = self._find(var)
            if isinstance(now, Var):
                self._found[now] = now
        return now

    def _find(self, var: Var) -> Operand:
        found = self.objects.get(var)
        if found is not None:
            now = self._low.here.env.get(found.key, found.root)
            if not isinstance(now, Var):
                return self.value(now)
            var = now
        if self._mixed and self._is_mixed_up(var if found is None else found.root, var):
            return _STALE
        choice = self._choices.get(var)
        if choice is not None:
            return self._choose_again(var, choice)
        view = self._views.get(var)
        if view is not None and view.base in self.objects and not _is_array(view.base):
            view = None  # an item that was taken from a list stays what it was
        if view is None:
            for watch in self._watches:
                if var in watch.stale:
                    return _STALE
                watch.used.add(var)
            stale = self.written_since(var, self._born.get(var, 0))
            return _STALE if stale else var
        base = self.value(view.base)
        if is_conflict(base) or base is view.version:
            return base if is_conflict(base) else var
        args = tuple(self.value(arg) for arg in view.args)
        again = self._low.apply(view.fn, base, *args, kwargs=view.kwargs, hint=var.hint)
        if isinstance(again, Var):
            self._views[again] = View(view.base, base, view.fn, view.args, view.kwargs)
        return again

    def _choose_again(self, var: Var, choice: Choice) -> Operand:
        a, b = (self.value(ref) for ref in choice.refs)
        if is_conflict(a) or is_conflict(b):
            return a if is_conflict(a) else b
        if (a, b) == choice.versions:
            return var
        low = self._low
        again = Var(var.hint, var.type, var.role)
        merged = (Merge(again, a, b),)
        low.builder.append(If(choice.cond, merged, (), (), low.builder.origin))
        low.aliases.share(again, a, b)
        self.stamp(again)
        self._choices[again] = Choice(choice.cond, choice.refs, (a, b), choice.ways)
        return again

    @contextlib.contextmanager
    def watching(self, stale: set[Var]) -> Generator[set[Var]]:
        """Collect the variables that are used inside; those in `stale` have no known value."""
        watch = _Watch(stale)
        self._watches.append(watch)
        try:
            yield watch.used
        finally:
            self._watches.pop()

    @contextlib.contextmanager
    def reading(self, reading: Reading) -> Generator[None]:
        """Note inside what is read."""
        self.readings.append(reading)
        try:
            yield
        finally:
            self.readings.remove(reading)

    def written_since(self, operand: Operand, time: int) -> bool:
        """Return whether memory that an operand may use was written to after a point."""
        own = self._ids(operand)
        if self.written_in(own, time):
            return True
        if self.itself_written(self._low.aliases.reach(own), time):
            return True
        later = self.written_later(time)
        met = frozenset(var for var in later if self._low.aliases.may_meet(var, own))
        return self.itself_written(met, time)

    def _ids(self, operand: Operand) -> frozenset[Var]:
        return self._low.aliases.of(operand)

    # ------------------------------------------------------------------ writing

    def write(
        self,
        target: Operand,
        index: Operand | None,
        value: Operand,
        fn: Callable[..., Any] = set_item,
    ) -> None:
        """Lower ``target[index] = value``; without an index, `value` replaces all of it."""
        low = self._low
        choice = self._choices.get(target) if isinstance(target, Var) else None
        if choice is not None:
            where = _EVERYTHING if index is None else index
            one, other = (
                functools.partial(self.write, ref, where, value, fn) for ref in choice.refs
            )
            low.branch(choice.cond, one, other)
            return
        view = self._views.get(target) if isinstance(target, Var) else None
        if view is not None and isinstance(target, Var):
            write_through(low, view, target, index, value, fn)
            return
        self._check(target)
        assert isinstance(target, Var)
        value = written(low, target, index, value, fn, target.hint)
        self.advance(target, value)

    def _check(self, target: Operand) -> None:
        low = self._low
        t = type_of(target)
        if CONSTANT in low.aliases.reach(self._ids(target)):
            low.refuse(
                "this writes to an array that belongs to the module, a closure or a default.",
                "Write to a copy of it.",
            )
        if isinstance(t, Scalar) or (isinstance(t, Array) and not self._ids(target)):
            low.refuse("a number has no items and cannot be written to.")
        if target in self._perhaps_numbers:
            low.refuse(
                "whether this is an array, which is written to, depends on data: it may be a "
                "number, which is replaced.",
                "Make it an array on every path, or write `x = x * y`.",
                about=(target,),
            )
        if not isinstance(target, Var):
            low.refuse("this cannot be written to.")

    def advance(self, target: Operand, value: Operand) -> None:
        """Give an object a new value."""
        low = self._low
        self._check_owned(target)
        found = self.objects.get(target)
        if found is None:
            assert not isinstance(target, Const)
            found = Object(f"{OBJECT}{len(self.by_key)}>", target)
            self.objects[target] = self.by_key[found.key] = found
        if isinstance(found.root, Var):
            own = self._ids(found.root)
            reached = low.aliases.reach(own)
            low.given.be_apart(reached)
            self.note_write(own, reached)
        marks = self._marks_of(found.root)
        low.given.be_apart((found.root, *(self.marked[mark] for mark in marks)))
        if marks:
            self.note_write(marks)
        self.clock += 1
        self.adopt(found, value)
        low.here.env[found.key] = value

    def _check_owned(self, target: Operand) -> None:
        """Refuse a change of a list or dict whose items were read from what still holds it."""
        source = self.read_from.get(target)
        if source is None or source in self._low.parameters or not is_mutable_pack(target):
            return
        raise NeedsStatic.of(
            self._low,
            source,
            "this changes a container that is an item of one of a length known at run time only.",
            "Assign a new container to the item.",
        )

    def adopt(self, found: Object, value: Operand) -> None:
        """Record that a variable or container is a value of an object."""
        if isinstance(value, Const) and not is_collecting(value):
            return
        self.objects[value] = found
        self._times[value] = self.clock
        if isinstance(value, Var):
            held = (value,) if isinstance(value.type, ListOf) else ()  # with what was put into it
            self._low.aliases.share(value, found.root, *held)
            self._born[value] = self.clock
            if isinstance(found.root, Var) and found.root.hint:
                christen(value, found.root.hint)
            self._views.pop(value, None)  # it is the array itself, not a view of what made it

    # ------------------------------------------------------------------ views

    def _is_view(self, result: Var, fn: Any, refs: tuple[Operand, ...]) -> bool:
        base = type_of(refs[0])
        number = isinstance(base, Array) and base.shape == () and not self._ids(refs[0])
        if number or not self._ids(result):
            return False
        if isinstance(base, (Sequence, Dict, ListOf)):
            return fn is operator.getitem and not isinstance(result.type, ListOf)
        kind = view_kind(result, fn, refs)
        if kind is not None:
            return kind
        shares = self.layouts.shares(result)
        if shares is False:
            self._low.aliases.renew(result)
        return bool(shares)

    def be_apart(self, item: Var) -> None:
        """Record that an item of a container is an array of its own, that is found nowhere else."""
        self._views.pop(item, None)
        self._low.aliases.renew(item)

    def see_through(self, result: Operand, base: Operand) -> None:
        """Record that a reshaped array is a view of another one, however that is laid out."""
        if not isinstance(result, Var) or not isinstance(base, Var) or not self._ids(base):
            return
        self.layouts.forget(result)
        self._low.aliases.share(result, base)
        fn, args = self._low.made[result]
        self._views[result] = View(base, args[0], fn, args[1:], {})

    def is_same(self, view: Operand) -> bool:
        """Return whether a view is known to be its base as it is."""
        return isinstance(view, Var) and self.layouts.is_same(view)

    @property
    def contiguous(self) -> set[str]:
        """The parameters that must be contiguous: what is written is laid out as they are."""
        return self.layouts.needed(lambda buffers: any(map(self.was_written, buffers)))


def _is_number(var: Var) -> bool:
    return isinstance(var.type, Array) and var.type.shape == ()


def _is_array(operand: Operand) -> bool:
    return isinstance(type_of(operand), Array)


def is_conflict(operand: Operand) -> bool:
    """Return whether an operand stands for a value that cannot be known."""
    return isinstance(operand, Const) and isinstance(operand.value, Conflict)


def is_collecting(operand: Operand) -> bool:
    """Return whether an operand is a list that a loop fills."""
    return isinstance(operand, Const) and isinstance(operand.value, Collecting)
