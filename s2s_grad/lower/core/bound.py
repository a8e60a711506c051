"""Which local names may have no value: each has a hidden flag that branches merge and loops carry.

A name without a flag has a value wherever the environment has one. Reading a name whose flag is
only known when the program runs is checked there.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable

from s2s_grad.ir.nodes import UNDEFINED, Const, Effect, Operand, Var
from s2s_grad.ir.operators import all_of, any_of
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.terms.frames import FLAGS, RETURNED, Env, bound_flag, is_bound_flag
from s2s_grad.lower.terms.values import FALSE, TRUE, is_true, is_undefined
from s2s_grad.runtime import check_bound

__all__ = ["assume", "bind_name", "check_name", "flag_of", "hand_over", "settle", "unbind_name"]


def bind_name(env: Env, name: str, value: Operand) -> None:
    """Bind a name: from here on it has a value."""
    env[name] = value
    if bound_flag(name) in env:
        env[bound_flag(name)] = TRUE


def unbind_name(env: Env, name: str) -> None:
    """Take the value of a name away."""
    env.pop(name, None)
    env.pop(bound_flag(name), None)


def hand_over(source: Env, env: Env, names: Iterable[str]) -> None:
    """Let names be in one environment what they are in another."""
    for name in names:
        unbind_name(env, name)
        for key in (name, bound_flag(name)):
            if key in source:
                env[key] = source[key]


def flag_of(env: Env, name: str) -> Operand:
    """Return whether a name has a value at the end of a way; undefined if nobody asks there."""
    if is_true(env[RETURNED]):
        return UNDEFINED
    if is_undefined(env.get(name, UNDEFINED)):
        return FALSE
    return env.get(bound_flag(name), TRUE)


def check_name(low: Lowerer, name: str) -> None:
    """Append the check of a name that is read and may have no value."""
    frame = low.here.where(name)
    flag = TRUE if frame is None else frame.env.get(bound_flag(name), TRUE)
    if is_true(flag):
        return
    for s in low.builder.statements:
        if isinstance(s, Effect) and s.fn is check_bound and s.args[0] is flag:
            return
    low.effect(check_bound, flag, Const(name))


def assume(low: Lowerer, env: Env, cond: Operand, value: bool) -> None:
    """Settle the flags that a condition decides, in the environment of a way."""
    base, positive = _stripped(low, cond)
    if isinstance(base, Const):
        return
    for key, flag in env.items():
        if is_bound_flag(key):
            own, same = _stripped(low, flag)
            if own is base:
                env[key] = TRUE if (same is positive) is value else FALSE


def settle(low: Lowerer, cond: Operand, value: bool) -> None:
    """Settle the flags that a condition decides, in all environments, for the rest of a program."""
    base, positive = _stripped(low, cond)
    value = value is positive
    made = low.made.get(base) if isinstance(base, Var) else None
    if made is not None and made[0] is (all_of if value else any_of):
        for part in made[1]:
            settle(low, part, value)
    for frame in low.frames:
        assume(low, frame.env, base, value)
        for key in FLAGS:
            own, same = _stripped(low, frame.env.get(key, FALSE))
            if own is base and isinstance(base, Var):
                frame.env[key] = TRUE if same is value else FALSE


def _stripped(low: Lowerer, cond: Operand) -> tuple[Operand, bool]:
    """Return a condition without the negations around it, and whether their number is even."""
    positive = True
    while isinstance(cond, Var):
        made = low.made.get(cond)
        if made is None or made[0] is not operator.not_:
            break
        cond, positive = made[1][0], not positive
    return cond, positive
