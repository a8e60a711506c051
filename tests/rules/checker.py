"""Check a rule on one case: both modes against differences and against one another."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np

from s2s_grad.rules import Case, Rule, Spec, call_primal, pullback, pushforward

_STEP = 1e-6


def fill(spec: Spec, random: np.random.Generator) -> Any:
    """Return an array as a specification asks for; a float for a 0-d one."""
    low, high = spec.domain or (-2.0, 2.0)
    values = random.uniform(low, high, spec.shape)
    if spec.kind == "distinct":
        count = math.prod(spec.shape)
        values = random.permutation(np.linspace(low, high, count)).reshape(spec.shape)
    elif spec.kind == "increasing":
        values = np.sort(values)
    elif spec.kind == "integral":
        values = np.round(values)
    elif spec.kind == "gaps":
        values = np.where(np.arange(values.size).reshape(spec.shape) % 4 == 1, np.nan, values)
    elif spec.kind == "regular":
        values = values + 4 * np.eye(spec.shape[-1])
    elif spec.kind == "positive-definite":
        values = values @ values.T + 4 * np.eye(spec.shape[-1])
    return float(values) if spec.shape == () else values


def fill_all(value: Any, random: np.random.Generator) -> Any:
    if isinstance(value, Spec):
        return fill(value, random)
    if isinstance(value, (tuple, list)) and any(isinstance(i, (Spec, list)) for i in value):
        return type(value)(fill_all(item, random) for item in value)
    return value


class Bound:
    """One call of a rule's primal on concrete values."""

    def __init__(
        self, rule: Rule, case: Case, seed: int = 0, dtype: Any = None, turned: bool = False
    ) -> None:
        random = np.random.default_rng(seed)
        args = tuple(fill_all(arg, random) for arg in case.args)
        if turned:
            args = tuple(turn(arg, spec, random) for arg, spec in zip(args, case.args, strict=True))
        if dtype is not None:
            args = tuple(
                _cast(arg, given, dtype) for arg, given in zip(args, case.args, strict=True)
            )
        self.rule = rule
        self.random = random
        self.bound = rule.bind(args, dict(case.kwargs))
        given = [*args, *(value for _, value in case.kwargs)]
        self.specs = rule.bind(case.args, dict(case.kwargs))
        self.active = [name for name in rule.operands if _has_spec(self.specs.get(name))]
        self.given = given

    def run(self, **changed: Any) -> Any:
        return call_primal(self.rule, {**self.bound, **changed}.__getitem__, ())

    def lookup(self, **extra: Any) -> Any:
        result = self.run()

        def look(name: str) -> Any:
            if name in extra:
                return extra[name]
            if name in self.bound:
                return self.bound[name]
            if name == "result":
                return result
            base, _, fact = name.rpartition("_")
            value = result if base == "result" else self.bound[base]
            return _fact(value, fact)

        return look


def _cast(value: Any, given: Any, dtype: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return type(value)(_cast(v, g, dtype) for v, g in zip(value, given, strict=True))
    return np.asarray(value, dtype)[()] if isinstance(given, Spec) else value


def takes_complex(rule: Rule, c: Case) -> bool:
    """Return whether NumPy takes complex operands, and keeps them complex."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        try:
            Bound(rule, c, turned=True).run()
        except (TypeError, np.exceptions.ComplexWarning):
            return False
    return True


def turn(value: Any, given: Any, random: np.random.Generator) -> Any:
    """Return a value with its arrays made complex: they get an imaginary part."""
    if isinstance(value, (tuple, list)):
        return type(value)(turn(v, g, random) for v, g in zip(value, given, strict=True))
    if not isinstance(given, Spec):
        return value
    turned = value + 1j * random.uniform(-1.0, 1.0, np.shape(value))
    return turned if np.ndim(turned) else complex(turned)


def _has_spec(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return any(_has_spec(item) for item in value)
    return isinstance(value, Spec)


def _is_symmetric(spec: Any) -> bool:
    return isinstance(spec, Spec) and spec.kind == "positive-definite"


def _fact(value: Any, fact: str) -> Any:
    if isinstance(value, (tuple, list)):
        return [_fact(item, fact) for item in value]
    match fact:
        case "shape":
            return np.shape(value)
        case "size":
            return np.size(value)
        case "zeros":
            return np.zeros_like(value)
        case _:
            raise LookupError(fact)


def like(value: Any, random: np.random.Generator, symmetric: bool = False) -> Any:
    """Return a random tangent for a value."""
    if isinstance(value, (tuple, list)):
        return [like(item, random) for item in value]
    if symmetric:
        tangent = random.normal(size=np.shape(value))
        return tangent + tangent.T
    tangent = random.normal(size=np.shape(value))
    if np.iscomplexobj(value):
        tangent = tangent + 1j * random.normal(size=np.shape(value))
        return complex(tangent) if np.ndim(value) == 0 else tangent
    return float(tangent) if np.ndim(value) == 0 else tangent


def moved(value: Any, tangent: Any, step: float) -> Any:
    if isinstance(value, (tuple, list)):
        pairs = zip(value, tangent, strict=True)
        return [moved(v, t, step) for v, t in pairs]
    return value + step * tangent


def dot(a: Any, b: Any) -> float:
    if isinstance(a, (tuple, list)):
        return sum(dot(x, y) for x, y in zip(a, b, strict=True))
    return float(np.real(np.sum(np.asarray(a) * np.asarray(b))))


def difference(a: Any, b: Any, step: float) -> Any:
    if isinstance(a, (tuple, list)):
        return [difference(x, y, step) for x, y in zip(a, b, strict=True)]
    return (np.asarray(a) - np.asarray(b)) / (2 * step)


def flat(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        parts = [flat(item) for item in value]
        return np.concatenate(parts) if parts else np.zeros(0)
    array = np.ravel(np.asarray(value))
    return np.ascontiguousarray(array, complex).view(float)


def check(rule: Rule, case: Case, turned: bool = False) -> None:
    """Raise an AssertionError unless the rule is right on a case, or with complex operands."""
    call = Bound(rule, case, turned=turned)
    assert call.active, "a case without a differentiable operand"
    tangents = {
        name: like(call.bound[name], call.random, symmetric=_is_symmetric(call.specs[name]))
        for name in call.active
    }
    dots = {f"{name}_dot": tangent for name, tangent in tangents.items()}
    pushed = pushforward(rule, call.lookup(**dots), call.active)
    ends = [
        call.run(**{n: moved(call.bound[n], t, s * _STEP) for n, t in tangents.items()})
        for s in (1, -1)
    ]
    numeric = difference(ends[0], ends[1], _STEP)
    np.testing.assert_allclose(flat(pushed), flat(numeric), rtol=2e-5, atol=2e-6)
    result = call.run()
    assert _shapes(pushed) == _shapes(result), "the tangent has another shape than the result"
    ct = like(result, call.random)
    lookup = call.lookup(ct=ct)
    total = 0.0
    for name in call.active:
        pulled = pullback(rule, name, lookup)
        assert _shapes(pulled) == _shapes(call.bound[name]), f"the cotangent of {name}"
        total += dot(pulled, tangents[name])
    np.testing.assert_allclose(dot(ct, pushed), total, rtol=1e-9, atol=1e-11)


def _shapes(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_shapes(item) for item in value]
    return np.shape(value)
