"""Leaves, flags, `.grad`."""

from __future__ import annotations

import copy
import pickle
from typing import Any

from contract.probing import probe, raises, warned


@probe
def created_is_leaf(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    return x.is_leaf, x.requires_grad, x.grad_fn is None, x.grad is None


@probe
def created_without_grad_is_leaf(t: Any) -> Any:
    x = t.tensor([1.0, 2.0])
    return x.is_leaf, x.requires_grad


@probe
def result_is_no_leaf(t: Any) -> Any:
    y = t.tensor([1.0], requires_grad=True) * 2
    return y.is_leaf, y.requires_grad, y.grad_fn is None


@probe
def result_of_constants_is_leaf(t: Any) -> Any:
    y = t.tensor([1.0]) * 2
    return y.is_leaf, y.requires_grad, y.grad_fn is None


@probe
def detached_is_leaf(t: Any) -> Any:
    y = (t.tensor([1.0], requires_grad=True) * 2).detach()
    return y.is_leaf, y.requires_grad


@probe
def int_cannot_require(t: Any) -> Any:
    return raises(lambda: t.tensor([1, 2], requires_grad=True))


@probe
def bool_cannot_require(t: Any) -> Any:
    return raises(lambda: t.tensor([True], requires_grad=True))


@probe
def int_cannot_be_set(t: Any) -> Any:
    x = t.tensor([1, 2])
    return raises(lambda: x.requires_grad_()), raises(lambda: setattr(x, "requires_grad", True))


@probe
def complex_can_require(t: Any) -> Any:
    return t.tensor([1j], requires_grad=True).requires_grad


@probe
def requires_grad_returns_self(t: Any) -> Any:
    x = t.tensor([1.0])
    return x.requires_grad_() is x, x.requires_grad


@probe
def requires_grad_set_later(t: Any) -> Any:
    x = t.tensor([1.0])
    x.requires_grad_(True)
    (x * 3).sum().backward()
    return x.grad


@probe
def set_after_use_is_for_later(t: Any) -> Any:
    x = t.tensor([1.0])
    y = x * 2
    x.requires_grad_()
    return y.requires_grad, (x * 2).requires_grad


@probe
def switch_off_nonleaf(t: Any) -> Any:
    y = t.tensor([1.0], requires_grad=True) * 2
    return raises(lambda: y.requires_grad_(False)), raises(
        lambda: setattr(y, "requires_grad", False)
    )


@probe
def switch_on_nonleaf_is_nothing(t: Any) -> Any:
    y = t.tensor([1.0], requires_grad=True) * 2
    y.requires_grad_()
    return y.requires_grad, y.is_leaf


@probe
def switch_off_leaf(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    x.requires_grad_(False)
    return x.requires_grad, (x * 2).requires_grad


@probe
def comparison_never_requires(t: Any) -> Any:
    x = t.tensor([1.0, -1.0], requires_grad=True)
    return (x > 0).requires_grad, (x == 1).requires_grad, x.argmax().requires_grad


@probe
def one_active_operand_is_enough(t: Any) -> Any:
    x, c = t.tensor([1.0], requires_grad=True), t.tensor([2.0])
    return (x + c).requires_grad, (c + x).requires_grad, (c + c).requires_grad


@probe
def grad_of_nonleaf_warns(t: Any) -> Any:
    y = t.tensor([1.0], requires_grad=True) * 2
    return warned(lambda: y.grad), y.grad is None


@probe
def grad_of_leaf_does_not_warn(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    return warned(lambda: x.grad)


@probe
def retain_grad_fills(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    y.retain_grad()
    (y * y).sum().backward()
    return y.retains_grad, y.grad, x.grad


@probe
def retain_grad_on_leaf_is_nothing(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    x.retain_grad()
    return x.retains_grad


@probe
def retain_grad_without_grad(t: Any) -> Any:
    return raises(lambda: t.tensor([1.0]).retain_grad())


@probe
def retain_grad_twice(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    y = x * 2
    y.retain_grad()
    y.retain_grad()
    (y * 3).sum().backward()
    return y.grad


@probe
def retains_default(t: Any) -> Any:
    return (t.tensor([1.0], requires_grad=True) * 2).retains_grad


@probe
def grad_assignment_checks(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    return (
        raises(lambda: setattr(x, "grad", 1.0)),
        raises(lambda: setattr(x, "grad", t.tensor([1.0, 2.0, 3.0]))),
        raises(lambda: setattr(x, "grad", t.tensor([1.0, 2.0], dtype=t.float32))),
        raises(lambda: setattr(x, "grad", None)),
        raises(lambda: setattr(x, "grad", t.tensor([1.0, 2.0]))),
    )


@probe
def grad_assigned_is_added_to(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    x.grad = t.tensor([10.0, 20.0])
    (x * 2).sum().backward()
    return x.grad


@probe
def deepcopy_of_leaf(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    y = copy.deepcopy(x)
    return y, y.grad, y.requires_grad, y.is_leaf, y.grad is not x.grad


@probe
def deepcopy_of_nonleaf(t: Any) -> Any:
    y = t.tensor([1.0], requires_grad=True) * 2
    return raises(lambda: copy.deepcopy(y))


@probe
def pickle_of_nonleaf(t: Any) -> Any:
    y = t.tensor([1.0], requires_grad=True) * 2
    z = pickle.loads(pickle.dumps(y))
    return z, z.requires_grad, z.is_leaf


@probe
def pickle_of_leaf(t: Any) -> Any:
    z = pickle.loads(pickle.dumps(t.tensor([1.0, 2.0], requires_grad=True)))
    return z, z.requires_grad


@probe
def numpy_of_requiring(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    return raises(x.numpy), raises((x * 2).numpy)


@probe
def numpy_of_detached(t: Any) -> Any:
    return raises(t.tensor([1.0], requires_grad=True).detach().numpy)


@probe
def item(t: Any) -> Any:
    return t.tensor([3.0], requires_grad=True).item(), raises(t.tensor([1.0, 2.0]).item)


@probe
def truth(t: Any) -> Any:
    x = t.tensor(1.0, requires_grad=True)
    return bool(x), bool(x > 2), raises(lambda: bool(t.tensor([1.0, 2.0])))


@probe
def float_works(t: Any) -> Any:
    return float(t.tensor(2.5, requires_grad=True))


@probe
def control_flow(t: Any) -> Any:
    def f(x: Any) -> Any:
        while x.sum() < 100:
            x = x * 2 if x[0] > 1 else x + 1
        return x.sum()

    x = t.tensor([0.5, 1.5], requires_grad=True)
    f(x).backward()
    return x.grad


@probe
def detach_shares_memory(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    d = x.detach()
    d[0] = 5.0
    return x, d._version, x._version


@probe
def clone_is_differentiable(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = x.clone()
    (y * 3).sum().backward()
    return y.is_leaf, x.grad


@probe
def repr_of_leaf(t: Any) -> Any:
    return "requires_grad=True" in repr(t.tensor([1.0, 2.0], requires_grad=True))


@probe
def repr_of_result(t: Any) -> Any:
    return "grad_fn=<MulBackward0>" in repr(t.tensor(1.0, requires_grad=True) * 3)


@probe
def names_of_nodes(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    results = [
        x + 1, x - 1, x * 2, x / 2, -x, t.sin(x), t.exp(x), x.sum(), x.mean(), x**2, t.sqrt(x),
        t.tanh(x), t.abs(x), x.clone(),
    ]  # fmt: skip
    return [r.grad_fn.name() for r in results]


@probe
def next_functions(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    y = x * 2 + 1
    add = y.grad_fn
    mul = add.next_functions[0][0]
    accumulate = mul.next_functions[0][0]
    return (
        add.name(), mul.name(), accumulate.name().rpartition("::")[2], accumulate.variable is x,
        mul.next_functions[1][0] is None, len(add.next_functions),
    )  # fmt: skip


@probe
def accumulating_node_is_one(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    y, z = x * 2, x * 3
    a = y.grad_fn.next_functions[0][0]
    return a is z.grad_fn.next_functions[0][0]


@probe
def output_numbers(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    parts = x.unbind()
    return [p.output_nr for p in parts][:1], (x * 2).output_nr


@probe
def contains_own_version(t: Any) -> Any:
    x = t.tensor([1.0, 2.0])
    before = x._version
    x += 1
    return before, x._version


@probe
def delete_grad(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    (x * 2).sum().backward()
    x.grad = None
    first = x.grad is None
    (x * 2).sum().backward()
    return first, x.grad


@probe
def cast_returns_source_dtype(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True, dtype=t.float32)
    (x.double() * 2).sum().backward()
    return x.grad, str(x.grad.dtype).rpartition(".")[2]


@probe
def mixed_precision(t: Any) -> Any:
    a = t.tensor([1.0, 2.0], requires_grad=True, dtype=t.float32)
    b = t.tensor([3.0, 4.0], requires_grad=True)
    (a * b).sum().backward()
    return a.grad, b.grad, [str(x.grad.dtype).rpartition(".")[2] for x in (a, b)]
