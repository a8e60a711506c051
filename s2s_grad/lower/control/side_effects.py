"""Whether what is lowered does more than computing a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from s2s_grad.analysis.liveness import has_effect
from s2s_grad.ir.nodes import UNDEFINED, Operand, Pack, Statement
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.frames import Env, Frame, is_cell, is_hidden, is_object
from s2s_grad.lower.terms.values import same_operand

__all__ = ["Before", "containers_in"]


@dataclass(frozen=True, slots=True)
class Before:
    """What there was when something began to be lowered.

    It may change `given`, and the names of the frame that are not in `names`, if that is no None.
    """

    env: Env
    containers: frozenset[Operand]
    time: int
    others: tuple[tuple[Frame, Env], ...]  # the functions around, with their names
    given: Operand | None = None
    names: frozenset[str] | None = None

    @classmethod
    def now(
        cls, low: Lowerer, given: Operand | None = None, names: frozenset[str] | None = None
    ) -> Before:
        """Return what there is now."""
        others = tuple((f, dict(f.env)) for f in low.frames if f is not low.frame)
        time = low.memory.tick()
        return cls(dict(low.here.env), containers_in(low), time, others, given, names)

    def is_changed(
        self, low: Lowerer, statements: Iterable[Statement], *, cells: bool = True
    ) -> bool:
        """Return whether names, objects or, with `cells`, iterators are others than before.

        The statements are those that were appended since.
        """
        if any(map(has_effect, statements)):
            return True
        if any(_is_rebound(frame.env, env) for frame, env in self.others):
            return True
        env = low.here.env
        for name in env.keys() | self.env.keys():
            shared = is_object(name) or is_cell(name)
            if not shared and self.names is not None and name not in self.names:
                continue
            if name in self.env:
                asked = cells or not is_cell(name)
                if asked and not same_operand(env.get(name, UNDEFINED), self.env[name]):
                    return True
            elif is_object(name):
                if self._had(low, name):
                    return True
            elif not is_hidden(name):
                return True
        return False

    def _had(self, low: Lowerer, key: str) -> bool:
        """Return whether an object was there before it was first written to."""
        root = low.memory.by_key[key].root
        if root is self.given:
            return False
        if isinstance(root, Pack):
            return root in self.containers
        return low.memory.born_before(root, self.time)


def containers_in(low: Lowerer) -> frozenset[Operand]:
    """Return the containers that names refer to, with those inside them."""
    found: set[Operand] = set()
    waiting = [held for frame in low.frames for held in frame.env.values()]
    while waiting:
        operand = waiting.pop()
        if isinstance(operand, Pack) and operand not in found:
            found.add(operand)
            waiting.extend(operand.items)
        root = low.memory.root(operand)
        if isinstance(root, Pack):
            found.add(root)
    return frozenset(found)


def _is_rebound(env: Env, before: Env) -> bool:
    """Return whether one of the user's names is bound to something else than before."""
    return any(
        not same_operand(env.get(name, UNDEFINED), before.get(name, UNDEFINED))
        for name in env.keys() | before.keys()
        if not is_hidden(name)
    )
