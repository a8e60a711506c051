"""Between which bounds an index is, as the ranges of loops say."""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field

import numpy as np

from s2s_grad.analysis.infer import type_of
from s2s_grad.analysis.sizes import shift
from s2s_grad.ir.nodes import Apply, Block, Const, Loop, Operand, Var
from s2s_grad.ir.types import Scalar, Size
from s2s_grad.ir.walk import statements_of

__all__ = ["Counters"]

_Interval = tuple[int | None, Size | None]
_DEPTH = 8


@dataclass(slots=True)
class Counters:
    """The intervals of the integers of one program."""

    block: Block
    definitions: dict[Var, Apply] = field(default_factory=dict[Var, Apply])
    seqs: dict[Var, Operand] = field(default_factory=dict[Var, Operand])

    def __post_init__(self) -> None:
        for statement in statements_of(self.block):
            if isinstance(statement, Apply):
                self.definitions[statement.result] = statement
            elif isinstance(statement, Loop):
                self.seqs.update((each.element, each.sequence) for each in statement.each)

    def interval(self, operand: Operand, depth: int = _DEPTH) -> _Interval:
        """Return the least value of an integer and the end, which it is less than."""
        if isinstance(operand, Const):
            value: object = operand.value
            if isinstance(value, bool) or not isinstance(value, int):
                return None, None
            return value, value + 1
        if not isinstance(operand, Var):
            return None, None
        seq = self.seqs.get(operand)
        if isinstance(seq, Var):
            return self._of_range(self.definitions.get(seq))
        made = self.definitions.get(operand)
        if made is not None and depth and made.fn in (np.add, np.subtract) and not made.kwargs:
            by = made.args[1].value if isinstance(made.args[1], Const) else None
            if isinstance(by, int):
                by = by if made.fn is np.add else -by
                least, end = self.interval(made.args[0], depth - 1)
                return None if least is None else least + by, shift(end, by)
        t = type_of(operand)
        size = t.size if isinstance(t, Scalar) else None
        if isinstance(size, int):
            return size, size + 1
        return None, shift(size, 1)

    def _of_range(self, made: Apply | None) -> _Interval:
        if made is None or made.fn is not builtins.range or made.kwargs:
            return None, None
        bounds = [self.interval(arg) for arg in made.args]
        match bounds:
            case [(_, end)]:
                return 0, shift(end, -1)
            case [(least, _), (_, end)]:
                return least, shift(end, -1)
            case [(least, last), (first, end), (step, _)]:
                if step is not None and step > 0:
                    return least, shift(end, -1)
                return (None if first is None else first + 1), last
            case _:
                return None, None
