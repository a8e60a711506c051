"""When what was made, and when memory was written, in the order of lowering."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable

from s2s_grad.ir.nodes import Const, Operand, Pack, Var

__all__ = ["History"]


class History:
    """The times at which variables were made and buffers written.

    A buffer is the variable that an array was made as. What may share its memory is *reached* by a
    write to it.
    """

    def __init__(self) -> None:
        self.clock: int = 1
        self._born: dict[Var, int] = {}
        self._reached: dict[Var, list[int]] = {}
        self._written: dict[Var, list[int]] = {}
        self._until: int | None = None  # later writes are not looked at
        self._skipped: list[list[tuple[int, int]]] = []  # times of the ways not taken

    def stamp(self, operand: Operand) -> None:
        """Record that a variable exists from now on."""
        match operand:
            case Var():
                self._born.setdefault(operand, self.clock)
            case Pack():
                for item in operand.items:
                    self.stamp(item)
            case Const():
                pass

    def tick(self) -> int:
        """Return a time that is later than all there is."""
        self.clock += 1
        return self.clock

    def born_before(self, var: Var, time: int) -> bool:
        """Return whether a variable was made before a point of the lowering."""
        return self._born.get(var, 0) < time

    def made_before(self, buffers: frozenset[Var], time: int) -> frozenset[Var]:
        """Return the buffers that were made before a point of the lowering."""
        return frozenset(buffer for buffer in buffers if self.born_before(buffer, time))

    def note_write(self, buffers: Iterable[Var], reached: Iterable[Var] = ()) -> None:
        """Record that buffers are written now, and what this reaches."""
        self.clock += 1
        for buffer in buffers:
            self._written.setdefault(buffer, []).append(self.clock)
        for buffer in reached:
            self._reached.setdefault(buffer, []).append(self.clock)

    def rewind(self, time: int) -> None:
        """Forget what was written after a point."""
        for times in (self._written, self._reached):
            for found in times.values():
                while found and found[-1] > time:
                    found.pop()

    @contextlib.contextmanager
    def as_of(self, time: int) -> Generator[None]:
        """Answer inside as if nothing had been written after a point."""
        outer, self._until = self._until, time
        try:
            yield
        finally:
            self._until = outer

    @contextlib.contextmanager
    def without(self, times: list[tuple[int, int]]) -> Generator[None]:
        """Answer inside as if nothing had been written in these spans of time."""
        self._skipped.append(times)
        try:
            yield
        finally:
            self._skipped.pop()

    def was_written(self, buffer: Var) -> bool:
        """Return whether a buffer was ever written."""
        return bool(self._written.get(buffer))

    def written_later(self, time: int) -> set[Var]:
        """Return the buffers that were written after a point."""
        return {var for var, times in self._written.items() if times and times[-1] > time}

    def itself_written(self, buffers: frozenset[Var], time: int) -> bool:
        """Return whether one of these buffers itself was written after a point."""
        return self._any_after(self._written, buffers, time)

    def written_in(self, buffers: frozenset[Var], time: int) -> bool:
        """Return whether one of these buffers was written to after a point."""
        return self._any_after(self._reached, buffers, time)

    def _any_after(self, times: dict[Var, list[int]], buffers: frozenset[Var], start: int) -> bool:
        for buffer in buffers:
            for time in reversed(times.get(buffer, ())):
                if time <= start:
                    break
                if self._until is not None and time > self._until:
                    continue
                if not any(a <= time < b for spans in self._skipped for a, b in spans):
                    return True
        return False
