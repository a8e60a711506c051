"""Run an operation on tensors and record it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from s2s_grad.errors import MissingRule, UnsupportedOption
from s2s_grad.ir.trees import is_named_tuple, sequence_of
from s2s_grad.rules import Rule, find_composition, find_rule
from s2s_grad.rules.joining import JOINS
from s2s_grad.tape.complex import complex_rule, involves_complex, make_complex
from s2s_grad.tape.core import Tensor, plain, wrap
from s2s_grad.tape.errors import TapeError
from s2s_grad.tape.graph import Edge, MultiNode, Node, Pick, attached, mark_lazy
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.new_node import new_node
from s2s_grad.tape.number import number
from s2s_grad.tape.object_arrays import as_objects, has_objects
from s2s_grad.tape.plans import Plan, Zeros, make_plan
from s2s_grad.tape.user_lines import here, location
from s2s_grad.tape.value_tests import is_list, is_numeric, is_sequence, kind_of
from s2s_grad.tape.watched_arrays import keep

__all__ = [
    "any_active",
    "call",
    "guard",
    "inference_error",
    "is_active",
    "new_several",
    "pick",
    "qualified",
    "record",
    "require_formula",
    "wrapped",
]

_tensor = Tensor


def guard(tensor: Tensor, counter: list[Any] | None, name: str) -> tuple[list[Any], int, str]:
    """Return the version of a tensor that is saved."""
    if counter is None:
        raise inference_error(tensor)
    return (counter, counter[0], name)


def inference_error(tensor: Tensor) -> TapeError:
    """Return the error for a tensor whose changes nobody would notice."""
    return TapeError(
        f"a tensor made in inference mode, of shape {tensor.shape}, can not be saved for backward",
        "copy it outside of inference_mode: t.clone()",
    )


def is_active(tensor: Any) -> bool:
    """Return whether gradients flow to a value."""
    if not isinstance(tensor, Tensor):
        return False
    if tensor._view is not None:
        tensor._view.refresh(tensor)
    return tensor._requires


def any_active(value: Any) -> bool:
    """Return whether gradients flow to a value or to an item of it."""
    kind = kind_of(value)
    if kind in (tuple, list):
        return any(any_active(item) for item in value)
    if kind is dict:
        return any(any_active(item) for item in value.values())
    return is_active(value)


def call(fn: Any, args: Any, kwargs: Any, name: str | None = None) -> Any:
    """Return ``fn(*args, **kwargs)``, recorded by its rule where gradients flow to an argument."""
    if STATE.strict and has_objects(args):
        return fn(*[as_objects(arg) if isinstance(arg, Tensor) else arg for arg in args], **kwargs)
    value = fn(*plain(args), **plain(kwargs))
    if not STATE.enabled or not (any_active(args) or any_active(kwargs)):
        return wrapped(value)
    composed = find_composition(fn, args, kwargs)
    if composed is not None:
        return composed(*args, **kwargs)
    rule = find_rule(fn)
    if rule is None:
        raise MissingRule(
            f"`{qualified(fn)}` has no derivative rule, and an argument requires grad",
            "use detach() where no gradient is wanted, write it with other functions, or declare "
            "a rule for it (s2s_grad.rules)",
            location(here()),
        )
    if not rule.operands:
        of_complex = involves_complex(value, tuple(plain(list(args))))
        found = find_rule(fn, of_complex=True) if of_complex else None
        if found is None or not found.operands:
            return wrapped(value)
        rule = found
    try:
        bound = rule.bind(args, kwargs)
        return record(rule, bound, value, name)
    except UnsupportedOption as error:
        if error.location is None:
            raise UnsupportedOption(error.reason, error.remedy, location(here())) from None
        raise


def record(rule: Rule, bound: dict[str, Any], value: Any, name: str | None = None) -> Any:
    """Return the result of a call with its node."""
    active: list[str] = []
    paths: list[Any] = []
    edges: list[Edge] = []
    for operand, given in list(bound.items()):
        if type(given) is _tensor and rule.primal in JOINS and rule.nesting(operand):
            given = bound[operand] = [given[i] for i in range(len(given))]
        if is_sequence(given):
            depth = rule.nesting(operand)
            if depth is not None:
                given = bound[operand] = _flattened(given, depth)
        if isinstance(given, _tensor):
            if not is_active(given):
                continue
            places: Any = None
            edges.append(given._node or given)
        elif is_sequence(given):
            found = list(_active_items(given, ()))  # pyright: ignore[reportUnknownArgumentType]
            if not found:
                continue
            places = tuple(path for path, _ in found)
            edges.extend(item._node or item for _, item in found)
        else:
            continue
        if operand in rule.still:
            del edges[len(edges) - (1 if places is None else len(places)) :]
            continue
        require_formula(rule, operand)
        active.append(operand)
        paths.append(places)
    if not active:
        return wrapped(value)
    plan = _plan(rule, tuple(active), tuple(paths))
    result = finish(plan, tuple(edges), bound, value)
    if involves_complex(value, tuple(plain(list(bound.values())))):
        several = is_sequence(result)
        if complex_rule(rule) is not rule:
            return record(complex_rule(rule), bound, value, name)
        nodes = [item._node for item in (result if several else (result,))]
        for node in [node for node in nodes if node is not None][:1]:
            make_complex(getattr(node, "target", node))
    return result


def finish(plan: Plan, edges: tuple[Edge, ...], bound: dict[str, Any], value: Any) -> Any:
    """Make the node of a call and attach its results to it."""
    guards: list[Any] = []
    several = is_sequence(value)
    if not several:
        value = number(value)
        if value.dtype.kind not in "fc":  # a cast to integers: its derivative is zero
            return wrap_numbers(value)
    version = [0]
    needed = plan.needed
    if "result" in needed and not several:
        guards.append((version, 0, "result"))
    saved = tuple(
        [_lookup(name, bound, value, guards) if name in needed else None for name in plan.slots]
    )
    if not several:
        node = new_node(Node, plan, edges, saved, tuple(guards), value, value.dtype, value.shape)
        mark_lazy(node)
        return attached(value, node, version)
    node = new_several(MultiNode, plan, edges, saved, tuple(guards), value)
    mark_lazy(node)
    kind: Any = kind_of(value)
    node.rebuild_container = tuple if is_named_tuple(value) or kind is tuple else list
    results: Any = [pick(node, i, item) for i, item in enumerate(value)]
    if is_named_tuple(value):
        return sequence_of(kind, results)
    return results if is_list(value) else tuple(results)


def new_several(kind: Any, plan: Plan, edges: Any, saved: Any, guards: Any, values: Any) -> Any:
    """Return the node of an operation with several results."""
    node = new_node(kind, plan, edges, saved, guards, values, np.dtype(float), ())
    node.rebuild_container = tuple
    node.metas = tuple(
        (np.shape(item), item.dtype) if hasattr(item, "dtype") else None for item in values
    )
    return node


def pick(node: Any, place: int, value: Any) -> Any:
    """Return one result of an operation that has several."""
    value = number(value)
    if value.dtype.kind not in "fc":
        return wrap_numbers(value)
    item = new_node(Pick, _PICK, (node,), place, (), value, value.dtype, value.shape, part_of=node)
    item.target = node
    item.output_nr = place
    result = attached(value, item)
    result._set_extra("several", True)
    return result


_PICK = Plan("PickBackward0", (), lambda ct, s: (ct,), False, (), ())


def _active_items(value: Any, path: tuple[int, ...]) -> Any:
    """Yield the places of the tensors in a nested sequence to which gradients flow."""
    for i, item in enumerate(value):
        if is_sequence(item):
            yield from _active_items(item, (*path, i))
        elif is_active(item):
            yield (*path, i), item


_PLANS: dict[Any, Plan] = {}


def _as_array(given: Any) -> Any:
    """Return a list that stands for an array as one: a tensor where there are tensors in it."""
    if any_active(given):
        return call(np.array, (list(given),), {})
    array = np.asarray(plain(given))
    return array if array.dtype.kind in "fciub" else given


def _flattened(given: Any, depth: int) -> Any:
    """Return a sequence with lists that stand for arrays, below a depth, as arrays."""
    if depth == 0:
        return _as_array(given)
    if any(is_sequence(item) for item in given):
        items = [_flattened(item, depth - 1) if is_sequence(item) else item for item in given]
        return items if type(given) is list else tuple(items)
    return given


def _plan(rule: Rule, active: tuple[str, ...], paths: tuple[Any, ...]) -> Plan:
    key = (rule.primal, active, paths)
    plan = _PLANS.get(key)
    if plan is None or plan.rule is not rule:
        plan = _PLANS[key] = make_plan(rule, active, paths)
    return plan


def require_formula(rule: Rule, operand: str) -> None:
    """Raise where a rule has no derivative with respect to an operand."""
    if operand not in rule.formulas:
        raise UnsupportedOption(
            f"`{qualified(rule.primal)}` has no derivative with respect to `{operand}`, which "
            "requires grad",
            "pass a constant (detach it), or write the expression with other functions",
            location(here()),
        )


def _lookup(name: str, bound: dict[str, Any], value: Any, guards: list[Any]) -> Any:
    """Return a residual by the name that formulas use."""
    if name == "result":
        return value
    if name in bound:
        given = bound[name]
        if isinstance(given, _tensor):
            guards.append(guard(given, given._counter, name))
            return given._value
        return _kept(given, name, guards)
    base, _, fact = name.rpartition("_")
    return _fact(value if base == "result" else bound[base], fact)


def _kept(given: Any, name: str, guards: list[Any]) -> Any:
    if type(given) is np.ndarray:
        return keep(given)
    if isinstance(given, Tensor):
        guards.append(guard(given, given._counter, name))
        return given._value
    if kind_of(given) is tuple:
        return tuple([_kept(item, name, guards) for item in given])
    if kind_of(given) is list:
        return [_kept(item, name, guards) for item in given]
    return plain(given) if type(given) is slice else given


def _fact(value: Any, fact: str) -> Any:
    if is_sequence(value):
        return [_fact(item, fact) for item in value]
    array = plain(value)
    match fact:
        case "shape":
            return np.shape(array)
        case "size":
            return np.size(array)
        case "zeros":
            return Zeros(np.shape(array), getattr(array, "dtype", np.float64))
        case _:
            raise LookupError(fact)


def wrapped(value: Any) -> Any:
    """Return a result with its arrays as tensors."""
    if is_numeric(value):
        if isinstance(value, (np.str_, np.bytes_)) or value.dtype.kind not in "fciub":
            return value
        return wrap_numbers(value)
    kind = kind_of(value)
    if kind in (tuple, list):
        items: Any = [wrapped(item) for item in value]
        return items if kind is list else tuple(items)
    if is_named_tuple(value):
        return sequence_of(kind, (wrapped(item) for item in value))
    return value


def wrap_numbers(value: Any) -> Any:
    """Return a tensor; in a function that is differentiated as NumPy code, integers as they are."""
    return value if STATE.strict and value.dtype.kind not in "fc" else wrap(value)


def qualified(fn: Callable[..., Any]) -> str:
    """Return the name of a function with its module."""
    if isinstance(fn, np.ufunc):
        return f"numpy.{fn.__name__}"
    module = getattr(fn, "__module__", None)
    name = getattr(fn, "__name__", repr(fn))
    return f"{module}.{name}" if module else name
