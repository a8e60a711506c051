"""Hooks."""

from __future__ import annotations

from typing import Any

from contract.probing import probe, raises


@probe
def tensor_hook_sees(t: Any) -> Any:
    x, seen = t.tensor([1.0, 2.0], requires_grad=True), []
    h = x * 2
    h.register_hook(lambda g: seen.append(g.clone()))
    (h * h).sum().backward()
    return seen, x.grad


@probe
def tensor_hook_replaces(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    h = x * 2
    h.register_hook(lambda g: g * 10)
    (h * h).sum().backward()
    return x.grad


@probe
def tensor_hook_on_leaf(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    x.register_hook(lambda g: g * 10)
    (x * x + x).sum().backward()
    return x.grad


@probe
def tensor_hooks_in_order(t: Any) -> Any:
    x, seen = t.tensor([1.0], requires_grad=True), []
    x.register_hook(lambda g: g + 1)
    x.register_hook(lambda g: seen.append(g.clone()))
    x.register_hook(lambda g: g * 10)
    (x * 1).sum().backward()
    return seen, x.grad


@probe
def tensor_hook_once_per_pass(t: Any) -> Any:
    x, count = t.tensor([1.0], requires_grad=True), []
    h = x * 2
    h.register_hook(lambda g: count.append(1))
    (h + h * 2 + h * 3).sum().backward()
    return len(count)


@probe
def hook_removed(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    handle = x.register_hook(lambda g: g * 10)
    handle.remove()
    (x * 2).sum().backward()
    return x.grad


@probe
def hook_of_wrong_shape(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    x.register_hook(lambda g: t.ones(3))
    return raises((x * 2).sum().backward)


@probe
def hook_of_wrong_kind(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    x.register_hook(lambda g: 3)
    return raises((x * 2).sum().backward)


@probe
def hook_without_grad(t: Any) -> Any:
    return raises(lambda: t.tensor([1.0]).register_hook(lambda g: g))


@probe
def hook_and_grad_function(t: Any) -> Any:
    x, seen = t.tensor([1.0], requires_grad=True), []
    x.register_hook(lambda g: seen.append(1))
    t.grad((x * 2).sum(), x)
    return len(seen)


@probe
def hook_replaces_in_grad_function(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    x.register_hook(lambda g: g * 10)
    return t.grad((x * 2).sum(), x)


@probe
def hook_replaces_in_grad_of_nonleaf(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    h = x * 2
    h.register_hook(lambda g: g * 10)
    return t.grad((h * 3).sum(), h)


@probe
def post_accumulate(t: Any) -> Any:
    x, seen = t.tensor([1.0], requires_grad=True), []
    x.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.clone()))
    (x * 2).sum().backward()
    (x * 2).sum().backward()
    t.grad((x * 2).sum(), x)
    return seen


@probe
def post_accumulate_on_nonleaf(t: Any) -> Any:
    y = t.tensor([1.0], requires_grad=True) * 2
    return raises(lambda: y.register_post_accumulate_grad_hook(lambda p: None))


@probe
def retained_grad_after_hook(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    h = x * 2
    h.retain_grad()
    h.register_hook(lambda g: g * 10)
    (h * 3).sum().backward()
    return h.grad


@probe
def node_hook(t: Any) -> Any:
    x, seen = t.tensor([1.0, 2.0], requires_grad=True), []
    h = x * 2
    h.grad_fn.register_hook(lambda gi, go: seen.append((gi[0].clone(), go[0].clone())))
    (h * h).sum().backward()
    return seen


@probe
def node_hook_replaces(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    h = t.sin(x * 2)
    h.grad_fn.register_hook(lambda gi, go: (gi[0] * 0 + 7,))
    h.sum().backward()
    return x.grad


@probe
def node_prehook(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    h = x * 2
    h.grad_fn.register_prehook(lambda go: (go[0] * 10,))
    (h * 3).sum().backward()
    return x.grad


@probe
def order_of_hooks(t: Any) -> Any:
    x, seen = t.tensor([1.0], requires_grad=True), []
    h = x * 2
    h.register_hook(lambda g: seen.append("tensor"))
    h.grad_fn.register_prehook(lambda go: seen.append("pre"))
    h.grad_fn.register_hook(lambda gi, go: seen.append("post"))
    x.register_post_accumulate_grad_hook(lambda p: seen.append("accumulated"))
    (h * 3).sum().backward()
    return seen


@probe
def hook_stays_with_old_history(t: Any) -> Any:
    x, seen = t.tensor([1.0], requires_grad=True), []
    h = x * 2
    h.register_hook(lambda g: seen.append(g.clone()))
    h *= 3
    (h * 5).sum().backward()
    return seen


@probe
def hook_runs_without_recording(t: Any) -> Any:
    x, seen = t.tensor([1.0], requires_grad=True), []
    x.register_hook(lambda g: seen.append((g.requires_grad, t.is_grad_enabled())))
    (x * x).sum().backward()
    t.grad((x * x).sum(), x, create_graph=True)
    return seen


@probe
def multi_grad_hook(t: Any) -> Any:
    x, y, seen = t.tensor([1.0], requires_grad=True), t.tensor([2.0], requires_grad=True), []
    t.register_multi_grad_hook((x, y), lambda grads: seen.append([g.clone() for g in grads]))
    (x * y).sum().backward()
    return seen


@probe
def saved_tensor_hooks(t: Any) -> Any:
    x, seen = t.tensor([3.0], requires_grad=True), []

    def pack(v: Any) -> Any:
        seen.append("pack")
        return v * 10

    def unpack(v: Any) -> Any:
        seen.append("unpack")
        return v

    with t.saved_tensors_hooks(pack, unpack):
        y = t.sin(x) + 1
    y.sum().backward()
    return seen, x.grad


@probe
def pack_in_place(t: Any) -> Any:
    x = t.tensor([3.0], requires_grad=True)

    def run() -> None:
        with t.saved_tensors_hooks(lambda v: v.add_(1), lambda v: v):
            t.sin(x)

    return raises(run)


@probe
def saved_hooks_disabled(t: Any) -> Any:
    def run() -> None:
        with t.disable_saved_tensors_hooks("no"), t.saved_tensors_hooks(lambda v: v, lambda v: v):
            pass

    return raises(run)
