"""The five families of rules, and the pullback and pushforward that each implies.

A declaration says what kind of map a primitive is and gives one formula per operand; the other mode
is derived. Broadcasting is undone here and nowhere else.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from s2s_grad.rules.cases import ANY, A, Case, Domain, case
from s2s_grad.rules.declared import checked
from s2s_grad.rules.rule import Formula, Lookup, Rule, call_formula, parameters_of, register
from s2s_grad.runtime import dispatching, sum_to

__all__ = [
    "bilinear",
    "call_primal",
    "constant",
    "elementwise",
    "general",
    "general_rule",
    "linear",
    "pullback",
    "pushforward",
]


def elementwise(
    primal: Callable[..., Any],
    *,
    domain: Domain | Sequence[Domain] = ANY,
    cases: Iterable[Case] = (),
    parameters: str = "",
    regular: Callable[..., Any] | None = None,
    masks: dict[str, Callable[..., Any]] | None = None,
    holomorphic: bool = False,
    **partials: Formula,
) -> Rule:
    """Declare a function that acts item by item, with broadcasting.

    A formula is the partial derivative by its operand, or, where it names ``ct``, the product of
    the cotangent and the partial derivative. `regular` is the test, of operands or ``result``, that
    the derivative is finite; a cotangent of zero stays zero where it fails. Of a `holomorphic`
    function, the formulas hold for complex numbers.
    """
    names = parameters.split() if parameters else list(partials)
    domains = [domain] * len(names) if isinstance(domain[0], (int, float)) else list(domain)
    shapes = (
        [((3, 4),), ((),), ((0,),)]
        if len(names) == 1
        else [
            ((3, 4), (3, 4)),
            ((3, 4), (4,)),
            ((3, 1), (1, 4)),
            ((), (2,)),
            ((2, 1), ()),
            ((), ()),
        ]
    )
    found = list(cases)
    if not found and len(names) <= 2:
        for shape in shapes:
            specs = (A(*s, domain=d) for s, d in zip(shape, domains, strict=True))  # pyright: ignore
            found.append(case(*specs))
    defaults = _defaults(formula for formula in partials.values() if callable(formula))
    rule = Rule(
        primal,
        "elementwise",
        tuple(names),
        defaults,
        partials,
        masks=masks or {},
        cases=tuple(found),
        regular=regular,
        holomorphic=holomorphic,
    )
    return register(checked(rule))


def linear(
    primal: Callable[..., Any],
    *,
    cases: Iterable[Case] = (),
    parameters: str = "",
    masks: dict[str, Callable[..., Any]] | None = None,
    still: str = "",
    nested: dict[str, int] | None = None,
    holomorphic: bool = True,
    **transposes: Callable[..., Any],
) -> Rule:
    """Declare a function that is linear in its operands together; formulas are transposes.

    The operands in `still` only choose, or lend their shape: their derivative is zero. An operand
    that is a list of arrays is `nested` once. A function that conjugates, or drops a part of a
    complex number, is not `holomorphic`.
    """
    rule = _rule(primal, "linear", parameters, transposes, holomorphic, None, cases, masks)
    return register(checked(replace(rule, still=frozenset(still.split()), nested=nested or {})))


def bilinear(
    primal: Callable[..., Any],
    *,
    cases: Iterable[Case] = (),
    parameters: str = "",
    holomorphic: bool = True,
    **transposes: Callable[..., Any],
) -> Rule:
    """Declare a function that is linear in each operand; formulas are transposes."""
    return register(
        checked(_rule(primal, "bilinear", parameters, transposes, holomorphic, None, cases))
    )


def general(
    primal: Callable[..., Any],
    *,
    pushforward: Callable[..., Any],
    cases: Iterable[Case] = (),
    parameters: str = "",
    still: str = "",
    masks: dict[str, Callable[..., Any]] | None = None,
    nested: dict[str, int] | None = None,
    holomorphic: bool = False,
    partial: bool = False,
    **pullbacks: Callable[..., Any],
) -> Rule:
    """Declare any other differentiable function: a pullback per operand and one pushforward."""
    rule = _rule(primal, "general", parameters, pullbacks, holomorphic, pushforward, cases, masks)
    chosen, nested = frozenset(still.split()), nested or {}
    return register(checked(replace(rule, still=chosen, nested=nested, partial=partial)))


def general_rule(
    primal: Callable[..., Any],
    *,
    pushforward: Callable[..., Any],
    cases: Iterable[Case] = (),
    parameters: str = "",
    **pullbacks: Callable[..., Any],
) -> Rule:
    """Return a rule for complex numbers as `general` declares it, not added to the table."""
    return checked(_rule(primal, "general", parameters, pullbacks, True, pushforward, cases))


def constant(*primals: Callable[..., Any]) -> None:
    """Declare functions whose derivative is zero."""
    for primal in primals:
        count = primal.nin if isinstance(primal, np.ufunc) else 0
        names = ("x",) if count == 1 else tuple(f"x{i + 1}" for i in range(count))
        register(Rule(primal, "constant", names, {}, {}, holomorphic=True))


def _rule(
    primal: Callable[..., Any],
    family: str,
    parameters: str,
    formulas: dict[str, Callable[..., Any]],
    holomorphic: bool,
    pushforward: Callable[..., Any] | None,
    cases: Iterable[Case],
    masks: dict[str, Callable[..., Any]] | None = None,
) -> Rule:
    functions = [
        f for f in (*formulas.values(), *(masks or {}).values(), pushforward) if callable(f)
    ]
    used = {*formulas, *(name for f in functions for name in parameters_of(f))}
    ignored: dict[str, Any] = {}
    if parameters:
        names = tuple(parameters.split())
        others = _options(primal)
    else:
        names, others = _positional(primal), _options(primal)
        ignored = {name: default for name, default in others.items() if name not in used}
    known = {*names} & used - {*formulas}
    own = {name: default for name, default in others.items() if name in known}
    return Rule(
        primal,
        family,
        names,
        own | _defaults(functions),  # the function's own, where no formula says another
        formulas,
        pushforward,
        masks or {},
        tuple(cases),
        ignored,
        holomorphic=holomorphic,
    )


def _defaults(formulas: Iterable[Callable[..., Any]]) -> dict[str, Any]:
    """Return the options that formulas know a default of."""
    return {
        name: parameter.default
        for formula in formulas
        for name, parameter in parameters_of(formula).items()
        if parameter.default is not parameter.empty
    }


def _positional(primal: Callable[..., Any]) -> tuple[str, ...]:
    """Return the positional parameters of a primitive."""
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(primal).parameters.values()
    return tuple(p.name for p in parameters if p.kind in positional)


def _options(primal: Callable[..., Any]) -> dict[str, Any]:
    """Return the defaults of the options of a primitive, as far as it says them."""
    try:
        parameters = inspect.signature(primal).parameters.values()
    except (TypeError, ValueError):
        return {}
    return {p.name: p.default for p in parameters if p.default is not p.empty}


# ---------------------------------------------------------------------------------- derived modes


def pullback(rule: Rule, operand: str, lookup: Lookup) -> Any:
    """Return the cotangent of one operand.

    Parameters
    ----------
    rule : Rule
        The rule of the primitive.
    operand : str
        The operand's name in the rule.
    lookup : callable
        Gives the value of each name that formulas may use.
    """
    if rule.family != "elementwise":
        formula = rule.formulas[operand]
        assert callable(formula)
        return call_formula(formula, lookup)
    product = _times(rule, operand, lookup, "ct")
    return product if len(rule.parameters) == 1 else sum_to(product, lookup(f"{operand}_shape"))


def pushforward(rule: Rule, lookup: Lookup, active: Sequence[str]) -> Any:
    """Return the tangent of the result, for tangents ``x_dot`` of the operands in `active`."""
    match rule.family:
        case "elementwise":
            return _push_elementwise(rule, lookup, active)
        case "linear":
            return _push_linear(rule, lookup, active)
        case "bilinear":
            terms = [call_primal(rule, lookup, (name,)) for name in active]
            return _total(terms)
        case _:
            assert rule.pushforward is not None
            return call_formula(rule.pushforward, _zeros_where_inactive(lookup, active))


def _times(rule: Rule, operand: str, lookup: Lookup, ct: str) -> Any:
    """Return ``ct`` times the partial derivative by an operand."""
    formula = rule.formulas[operand]
    if not callable(formula):
        return (
            lookup(ct) if formula == 1 else -lookup(ct) if formula == -1 else formula * lookup(ct)
        )
    if "ct" in parameters_of(formula):
        return call_formula(formula, lambda name: lookup(ct if name == "ct" else name))
    return lookup(ct) * call_formula(formula, lookup)


def _total(terms: list[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


def _push_elementwise(rule: Rule, lookup: Lookup, active: Sequence[str]) -> Any:
    tangent = _total([_times(rule, name, lookup, f"{name}_dot") for name in active])
    if len(rule.parameters) > 1:
        return np.broadcast_to(tangent, lookup("result_shape"))
    return tangent


def _push_linear(rule: Rule, lookup: Lookup, active: Sequence[str]) -> Any:
    return call_primal(rule, _zeros_where_inactive(lookup, active), rule.operands)


def _zeros_where_inactive(lookup: Lookup, active: Sequence[str]) -> Lookup:
    def look(name: str) -> Any:
        if name.endswith("_dot") and name[:-4] not in active:
            return lookup(f"{name[:-4]}_zeros")
        return lookup(name)

    return look


def call_primal(rule: Rule, lookup: Lookup, dotted: Sequence[str]) -> Any:
    """Call the primal with the operands in `dotted` replaced by their tangents."""

    def value(name: str) -> Any:
        return lookup(f"{name}_dot" if name in dotted else name)

    args: list[Any] = []
    kwargs: dict[str, Any] = {}
    used = [name for name in rule.parameters if name not in rule.ignored]
    for name in used:
        if name.startswith("*"):
            args.extend(value(name[1:]))
        elif name not in rule.defaults:
            args.append(value(name))
    options = [name for name in rule.defaults if value(name) is not rule.defaults[name]]
    if options and not rule.ignored and all(name in used for name in rule.defaults):
        # Declared by position: such a function may not take its options by name.
        return dispatching(rule.primal)(*(value(name) for name in used))
    for name in options:
        kwargs[name] = value(name)
    return dispatching(rule.primal)(*args, **kwargs)
