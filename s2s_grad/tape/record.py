"""Run an operation on tensors and record it."""

from __future__ import annotations

from collections.abc import Callable
from sys import _getframe  # pyright: ignore[reportPrivateUsage]
from typing import Any

import numpy as np

from s2s_grad.errors import MissingRule, UnsupportedOption
from s2s_grad.rules import Rule, find_rule, table
from s2s_grad.runtime import cast_like
from s2s_grad.tape.complex import IMAGINARY, involves_complex, make_complex
from s2s_grad.tape.constants import Watched, keep
from s2s_grad.tape.core import Tensor, plain, wrap
from s2s_grad.tape.errors import TapeError
from s2s_grad.tape.graph import SEQUENCE, Edge, MultiNode, Node, Pick, mark_lazy, save
from s2s_grad.tape.kinds import is_numeric, is_sequence, is_tuple, kind_of
from s2s_grad.tape.modes import STATE
from s2s_grad.tape.number import number
from s2s_grad.tape.places import OWN_FILES, here, location
from s2s_grad.tape.plans import Plan, Zeros, is_simple, make_plan
from s2s_grad.tape.protect import register

__all__ = ["call", "elementwise", "is_active", "pick", "qualified", "record"]

_new_node: Any = Node.__new__
_new_tensor: Any = Tensor.__new__
_tensor = Tensor
_DOUBLE = np.dtype(float)


class Op:
    """A ufunc of one or two operands with its plans, by the operands that require grad."""

    __slots__ = ("plans", "rule", "simple")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.simple = is_simple(rule)
        self.plans: dict[int, tuple[Plan, bool, bool, bool]] = {}

    def plan(self, mask: int) -> tuple[Plan, bool, bool, bool]:
        """Return a plan, and whether it saves the first operand, the second and the result."""
        found = self.plans.get(mask)
        if found is None:
            names = self.rule.parameters
            active = tuple(name for i, name in enumerate(names) if mask >> i & 1)
            for name in active:
                require_formula(self.rule, name)
            needed = {n for name in active for n in self.rule.needs(name)}
            plan = make_plan(self.rule, active, (None,) * len(active))
            found = (plan, names[0] in needed, names[-1] in needed, "result" in needed)
            self.plans[mask] = found
        return found


_OPS: dict[Any, Op] = {}


def find_op(fn: Any) -> Op | None:
    """Return a ufunc's plans; None where it has no elementwise rule."""
    op = _OPS.get(fn)
    if op is not None and table.get(fn) is op.rule:
        return op if op.simple else None
    rule = find_rule(fn)
    if rule is None:
        return None
    op = _OPS[fn] = Op(rule)
    return op if op.simple else None


def elementwise(fn: Any, x: Any, y: Any, compute: Any = None) -> Tensor:
    """Return ``fn(x, y)`` of a binary ufunc; one of the operands is a tensor.

    `compute` is what computes the value in its place: Python's operator, for Python's numbers.
    """
    active = 0
    counter_x = counter_y = None
    if x.__class__ is _tensor:
        if x._view is not None:
            x._view.refresh(x)
        a = x._value
        counter_x = x._counter
        if x._requires:
            active = 1
    else:
        a = x
    if y.__class__ is _tensor:
        if y._view is not None:
            y._view.refresh(y)
        b = y._value
        counter_y = y._counter
        if y._requires:
            active += 2
    else:
        b = y
    value = fn(a, b) if compute is None else number(compute(a, b))
    result = _new_tensor(_tensor)
    result._value = value
    result._grad = result._view = result._extra = None
    state = STATE
    if not active or not state.enabled:
        result._node = None
        result._requires = False
        result._counter = None if state.inference else [0]
        return result
    op = _OPS.get(fn)
    if op is None or table.get(fn) is not op.rule or not op.simple or not op.rule.operands:
        op = find_op(fn)
        if op is None or not op.rule.operands:  # no ufunc with derivatives
            return call(fn, (x, y), {})
    plan, keep_a, keep_b, keep_result = op.plans.get(active) or op.plan(active)
    version = [0]
    guards: Any = ()
    if keep_a:
        if x.__class__ is _tensor:
            if counter_x is None:
                raise inference_error(x)
            guards = ((counter_x, counter_x[0], plan.slots[0]),)
        elif a.__class__ is not float:
            a = keep(a)
    else:
        a = None
    if keep_b:
        if y.__class__ is _tensor:
            if counter_y is None:
                raise inference_error(y)
            guards += ((counter_y, counter_y[0], plan.slots[1]),)
        elif b.__class__ is not float:
            b = keep(b)
    else:
        b = None
    if keep_result:
        guards += ((version, 0, "result"),)
    shape = value.shape
    kept = value if keep_result else None
    if active != 3:
        source = x if active == 1 else y
        s = source._value.shape
        edges = (source._node or source,)
        saved: Any = (a, b, kept, None if s == shape else s)
    else:
        s = x._value.shape
        t = y._value.shape
        edges = (x._node or x, y._node or y)
        saved = (a, b, kept, None if s == shape else s, None if t == shape else t)
    node = _new_node(Node)
    node.plan = plan
    node.edges = edges
    node.saved = saved
    node.guards = guards
    node.seq = next(SEQUENCE)
    node.dtype = dtype = value.dtype
    node.shape = shape
    node.extra = None
    if a.__class__ is Watched or b.__class__ is Watched or dtype is not _DOUBLE:
        _uncommon(node, op.rule)
    if state.usual:
        frame: Any = _getframe(2)
        code = frame.f_code
        node.place = here() if code.co_filename in OWN_FILES else (code, frame.f_lasti)
    else:
        _unusual(node, value)
    result._node = node
    result._requires = True
    result._counter = version
    return result


def unary(fn: Any, x: Tensor, compute: Any = None) -> Tensor:
    """Return ``fn(x)`` of a unary ufunc."""
    if x._view is not None:
        x._view.refresh(x)
    a = x._value
    value = fn(a) if compute is None else number(compute(a))
    result = _new_tensor(_tensor)
    result._value = value
    result._grad = result._view = result._extra = None
    state = STATE
    if not x._requires or not state.enabled:
        result._node = None
        result._requires = False
        result._counter = None if state.inference else [0]
        return result
    op = _OPS.get(fn)
    if op is None or table.get(fn) is not op.rule or not op.simple:
        op = find_op(fn)
        if op is None:
            return call(fn, (x,), {})
    version = [0]
    result._counter = version
    if not op.rule.operands:
        _refuse_complex(fn, value, (x,))
        result._node = None
        result._requires = False
        return result
    plan, keep_a, _, keep_result = op.plans.get(1) or op.plan(1)
    if keep_a:
        guards: Any = (guard(x, x._counter, plan.slots[0]),)
        saved: Any = (a, None)
        if keep_result:
            guards += ((version, 0, "result"),)
            saved = (a, value)
    elif keep_result:
        guards = ((version, 0, "result"),)
        saved = (None, value)
    else:
        guards = ()
        saved = (None, None)
    node = _new_node(Node)
    node.plan = plan
    node.edges = (x._node or x,)
    node.saved = saved
    node.guards = guards
    node.seq = next(SEQUENCE)
    node.dtype = dtype = value.dtype
    node.shape = value.shape
    node.extra = None
    if state.usual:
        frame: Any = _getframe(2)
        code = frame.f_code
        node.place = here() if code.co_filename in OWN_FILES else (code, frame.f_lasti)
    else:
        _unusual(node, value)
    if dtype is not _DOUBLE or a.dtype is not _DOUBLE:
        if involves_complex(value, (a,)):
            make_complex(node, op.rule)
    result._node = node
    result._requires = True
    return result


def _uncommon(node: Any, rule: Rule) -> None:
    """Finish a node with a large constant or with complex numbers."""
    mark_lazy(node)
    if node.dtype.kind == "c":
        make_complex(node, rule)


def _unusual(node: Any, value: Any) -> None:
    """Do what the modes of this thread ask for when a node is recorded."""
    state = STATE
    node.place = here() if state.places else None
    if state.saved_hooks is not None:
        save(node, node.saved)
    if state.copies is not None and node.guards:
        register(node)
    if state.anomaly is not None:
        state.anomaly.remember(node, value)


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


# --------------------------------------------------------------------------------- any operation


def is_active(tensor: Any) -> bool:
    """Return whether gradients flow to a value."""
    if not isinstance(tensor, Tensor):
        return False
    if tensor._view is not None:
        tensor._view.refresh(tensor)
    return tensor._requires


def any_active(value: Any) -> bool:
    """Return whether gradients flow to a value or to an item of it."""
    kind = value.__class__
    if kind in (tuple, list):
        return any(any_active(item) for item in value)
    if kind is dict:
        return any(any_active(item) for item in value.values())
    return is_active(value)


def call(fn: Any, args: Any, kwargs: Any, name: str | None = None) -> Any:
    """Return ``fn(*args, **kwargs)``, recorded by its rule where gradients flow to an argument."""
    value = fn(*plain(args), **plain(kwargs))
    if not STATE.enabled or not (any_active(args) or any_active(kwargs)):
        return wrapped(value)
    rule = find_rule(fn)
    if rule is None:
        raise MissingRule(
            f"`{qualified(fn)}` has no derivative rule, and an argument requires grad",
            "use detach() where no gradient is wanted, write it with other functions, or declare "
            "a rule for it (s2s_grad.rules)",
            location(here()),
        )
    if not rule.operands:
        if fn is np.imag and involves_complex(None, (plain(args[0]),)):
            return finish(IMAGINARY, (args[0]._node or args[0],), {}, value)
        _refuse_complex(fn, value, args)
        return wrapped(value)
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
    for operand, given in bound.items():
        if given.__class__ is _tensor:
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
        if operand not in rule.formulas and operand in _ONLY_LIKE.get(rule.primal, ()):
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
        nodes = [item._node for item in (result if several else (result,))]
        for node in [node for node in nodes if node is not None][:1]:
            make_complex(getattr(node, "target", node), rule)
    return result


def _refuse_complex(fn: Any, value: Any, args: Any) -> None:
    """Raise for a function that is piecewise constant for real numbers only."""
    if fn in (np.sign, np.angle) and involves_complex(value, tuple(plain(list(args)))):
        raise MissingRule(
            f"`{qualified(fn)}` has no derivative rule for complex numbers",
            "write it with np.abs, np.real and np.imag",
            location(here()),
        )


def finish(plan: Plan, edges: tuple[Edge, ...], bound: dict[str, Any], value: Any) -> Any:
    """Make the node of a call and attach its results to it."""
    guards: list[Any] = []
    several = is_sequence(value)
    if not several:
        value = number(value)
        if value.dtype.kind not in "fc":  # a cast to integers: its derivative is zero
            return wrap(value)
    version = [0]
    needed = plan.needed
    if "result" in needed and not several:
        guards.append((version, 0, "result"))
    saved = tuple(
        [_lookup(name, bound, value, guards) if name in needed else None for name in plan.slots]
    )
    node: Any = MultiNode.__new__(MultiNode) if several else _new_node(Node)
    node.plan = plan
    node.edges = edges
    save(node, saved)
    node.guards = tuple(guards)
    node.seq = next(SEQUENCE)
    node.extra = None
    node.place = here()
    if STATE.copies is not None and node.guards:
        register(node)
    if STATE.anomaly is not None:
        STATE.anomaly.remember(node, value)
    if not several:
        result = wrap(value, version)
        node.dtype = result._value.dtype
        node.shape = result._value.shape
        result._node = node
        result._requires = True
        return result
    items: list[Any] = list(value)
    node.dtype = np.dtype(float)
    node.shape = ()
    node.metas = tuple(
        (np.shape(item), item.dtype) if hasattr(item, "dtype") else None for item in items
    )
    kind = kind_of(value)
    node.rebuild_container = tuple if hasattr(kind, "_fields") or kind is tuple else list
    results = [pick(node, i, item) for i, item in enumerate(items)]
    return kind(*results) if hasattr(kind, "_fields") else kind(results)


def pick(node: Any, place: int, value: Any) -> Any:
    """Return one result of an operation that has several."""
    value = number(value)
    if value.dtype.kind not in "fc":
        return wrap(value)
    item: Any = Pick.__new__(Pick)
    item.plan = _PICK
    item.edges = (node,)
    item.saved = place
    item.guards = ()
    item.seq = next(SEQUENCE)
    item.dtype = value.dtype
    item.shape = value.shape
    item.extra = None
    item.place = node.place
    item.target = node
    item.output_nr = place
    result = wrap(value)
    result._node = item
    result._requires = True
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


# Operands of which only the shape and dtype count, or that only choose.
_ONLY_LIKE: dict[Any, tuple[str, ...]] = {
    cast_like: ("like",),
    np.full_like: ("a",),
    np.where: ("condition",),
}
_PLANS: dict[Any, Plan] = {}


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
        if given.__class__ is _tensor:
            guards.append(guard(given, given._counter, name))
            return given._value
        return _kept(given, name, guards)
    base, _, fact = name.rpartition("_")
    return _fact(value if base == "result" else bound[base], fact)


def _kept(given: Any, name: str, guards: list[Any]) -> Any:
    if given.__class__ is np.ndarray:
        return keep(given)
    if isinstance(given, Tensor):
        guards.append(guard(given, given._counter, name))
        return given._value
    if given.__class__ is tuple:
        return tuple([_kept(item, name, guards) for item in given])
    if given.__class__ is list:
        return [_kept(item, name, guards) for item in given]
    return plain(given) if given.__class__ is slice else given


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
        return wrap(value)
    kind = kind_of(value)
    if kind in (tuple, list):
        return kind([wrapped(item) for item in value])
    if is_tuple(value) and hasattr(value, "_fields"):
        return kind(*(wrapped(item) for item in value))
    return value


def qualified(fn: Callable[..., Any]) -> str:
    """Return the name of a function with its module."""
    if isinstance(fn, np.ufunc):
        return f"numpy.{fn.__name__}"
    module = getattr(fn, "__module__", None)
    name = getattr(fn, "__name__", repr(fn))
    return f"{module}.{name}" if module else name
