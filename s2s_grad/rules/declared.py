"""What is wrong with a rule is found where it is declared."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from numbers import Number

from s2s_grad.errors import ArgumentError, Location
from s2s_grad.rules.rule import Rule, parameters_of

__all__ = ["checked"]

_TRANSPOSES = ("linear", "bilinear")
_FACTS = ("shape", "size", "zeros")
_OWN_FILES = tuple(
    os.path.join(os.path.dirname(__file__), name) for name in ("families.py", "declared.py")
)


def checked(rule: Rule) -> Rule:
    """Return a rule if its names and formulas are such as its family has.

    Raises
    ------
    ArgumentError
        Where a formula cannot be one: at the place of the declaration.
    """
    fault = next(_faults(rule), None)
    if fault is not None:
        name = getattr(rule.primal, "__name__", repr(rule.primal))
        raise ArgumentError(f"the rule of `{name}`: {fault[0]}", fault[1], _place())
    return rule


def _faults(rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield the reason of each fault, and what to do."""
    operands = [name.lstrip("*") for name in rule.parameters]
    has = f"its parameters are {', '.join(operands)}" if operands else "it has no parameters"
    for name in (*rule.formulas, *rule.masks, *rule.still, *rule.nested):
        if name not in operands and name not in rule.defaults:
            yield f"there is no operand `{name}`", f"{has}; `parameters=` gives others"
    for name in {*rule.masks, *rule.nested} - {*rule.formulas, *rule.still}:
        yield f"`{name}` has no formula, so that nothing is known of it", "Give it a formula."
    names = {*operands, *rule.defaults, *rule.ignored, "result", "result_shape", "result_size"}
    names |= {f"{name}_{fact}" for name in operands for fact in _FACTS}
    dots = {f"{name}_dot" for name in rule.formulas}
    for operand, formula in rule.formulas.items():
        if callable(formula):
            yield from _of_formula(f"the formula of `{operand}`", formula, names | {"ct"})
            if rule.family in _TRANSPOSES and "ct" not in parameters_of(formula):
                yield f"the formula of `{operand}` does not ask for `ct`", "A transpose needs it."
        elif rule.family != "elementwise" or not isinstance(formula, Number):
            yield f"the formula of `{operand}` is {formula!r}", "Give a function."
    for operand, mask in rule.masks.items():
        yield from _of_formula(f"the mask of `{operand}`", mask, names)
    if rule.pushforward is not None:
        yield from _of_formula("the pushforward", rule.pushforward, names | dots)
    if rule.regular is not None:
        yield from _of_formula("the test `regular`", rule.regular, {*operands, "result"})


def _of_formula(
    what: str, formula: Callable[..., object], names: Iterable[str]
) -> Iterator[tuple[str, str]]:
    for name, parameter in parameters_of(formula).items():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            yield f"{what} takes `{parameter}`", "Name what it needs, each as one parameter."
        elif name not in names and parameter.default is parameter.empty:
            yield (
                f"{what} asks for `{name}`, which is none of its operands, options and facts",
                f"It may ask for {', '.join(sorted(names))}.",
            )


def _place() -> Location | None:
    """Return where the rule is declared."""
    frame = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]
    while frame.f_back is not None and frame.f_code.co_filename in _OWN_FILES:
        frame = frame.f_back
    file, line = frame.f_code.co_filename, frame.f_lineno
    return Location(file, line, 0, linecache.getline(file, line))
