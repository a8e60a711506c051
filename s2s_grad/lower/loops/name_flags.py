"""The flags of names that may have no value, as loops carry them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from s2s_grad.ir.nodes import UNDEFINED, Const, Operand
from s2s_grad.ir.types import Scalar
from s2s_grad.lower.control.branches import any_flag
from s2s_grad.lower.control.slots import Leaf
from s2s_grad.lower.core.bound import flag_of
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.objects.iterate import length_of
from s2s_grad.lower.terms.frames import BOUND, Env, bound_flag, is_bound_flag
from s2s_grad.lower.terms.values import FALSE, TRUE, is_false, is_undefined

__all__ = ["flag_after", "flag_slots", "settle_flags"]


def flag_slots(env: Env, names: list[str]) -> dict[str, Leaf]:
    """Return what a loop carries for the names that may have no value before it."""
    slots: dict[str, Leaf] = {}
    for name in names:
        unbound = is_undefined(env.get(name, UNDEFINED))
        if unbound or bound_flag(name) in env:
            given = FALSE if unbound else env[bound_flag(name)]
            slots[bound_flag(name)] = Leaf(given, given, Scalar("bool"), immutable=True)
    return slots


def settle_flags(env: Env, keys: Iterable[str]) -> None:
    """Bind the flags that a loop carries to what they are at the end of its body."""
    for key in keys:
        if is_bound_flag(key):
            flag = flag_of(env, key[len(BOUND) : -1])
            env[key] = TRUE if is_undefined(flag) else flag


def flag_after(low: Lowerer, slot: Leaf, seqs: tuple[Operand, ...]) -> Operand:
    """Return the flag of a name that each round of a loop binds: whether there was a round."""
    length = length_of(seqs[0])
    if isinstance(length, int):
        return TRUE if length else slot.init
    some = low.apply(np.greater, low.apply(len, seqs[0]), Const(0))
    if is_false(slot.init):
        return some
    return any_flag(low, slot.init, some)
