"""In place: versions, views, leaves."""

from __future__ import annotations

from typing import Any

from contract.probing import probe, raises


@probe
def add_in_place(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    h = x * 2
    h += 1
    (h * h).sum().backward()
    return x.grad


@probe
def mul_in_place(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    h = x * 2
    h *= x
    h.sum().backward()
    return x.grad


@probe
def methods_in_place(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    h = x.clone()
    h.mul_(3).add_(1).sub_(0.5).div_(2).pow_(2)
    h.sum().backward()
    return h, x.grad


@probe
def elementwise_in_place(t: Any) -> Any:
    x = t.tensor([0.5, 0.7], requires_grad=True)
    h = x.clone()
    h.sin_().log1p_().square_().neg_().abs_().log_()
    h.sum().backward()
    return x.grad


@probe
def clamp_in_place(t: Any) -> Any:
    x = t.tensor([0.5, 2.0], requires_grad=True)
    h = x * 1
    h.clamp_(0.0, 1.0)
    h.sum().backward()
    return h, x.grad


@probe
def zero_in_place(t: Any) -> Any:
    x = t.tensor([0.5, 2.0], requires_grad=True)
    h = x * 2
    h.zero_()
    (h + x).sum().backward()
    return x.grad


@probe
def fill_in_place(t: Any) -> Any:
    x = t.tensor([0.5, 2.0], requires_grad=True)
    v = t.tensor(3.0, requires_grad=True)
    h = x * 2
    h.fill_(v)
    h.sum().backward()
    return x.grad, v.grad


@probe
def copy_in_place(t: Any) -> Any:
    x = t.tensor([0.5, 2.0], requires_grad=True)
    h = t.zeros(2)
    h.copy_(x * 3)
    h.sum().backward()
    return h.requires_grad, x.grad


@probe
def item_assignment(t: Any) -> Any:
    x, v = t.tensor([1.0, 2.0, 3.0], requires_grad=True), t.tensor(5.0, requires_grad=True)
    h = x * 2
    h[1] = v * v
    (h * h).sum().backward()
    return x.grad, v.grad


@probe
def slice_assignment(t: Any) -> Any:
    x, v = t.tensor([1.0, 2.0, 3.0], requires_grad=True), t.tensor([5.0, 6.0], requires_grad=True)
    h = x * 2
    h[:2] = v
    (h * h).sum().backward()
    return x.grad, v.grad


@probe
def broadcast_assignment(t: Any) -> Any:
    v = t.tensor([5.0, 6.0], requires_grad=True)
    h = t.zeros(3, 2)
    h[1:] = v
    (h * h).sum().backward()
    return v.grad


@probe
def mask_assignment(t: Any) -> Any:
    x = t.tensor([1.0, -2.0, 3.0], requires_grad=True)
    h = x * 2
    h[h < 0] = 0.0
    (h * h).sum().backward()
    return x.grad


@probe
def fancy_assignment(t: Any) -> Any:
    x, v = t.tensor([1.0, 2.0, 3.0], requires_grad=True), t.tensor([5.0, 6.0], requires_grad=True)
    h = x * 2
    h[t.tensor([2, 0])] = v
    (h * h).sum().backward()
    return x.grad, v.grad


@probe
def item_increment(t: Any) -> Any:
    x = t.tensor([1.0, 2.0, 3.0], requires_grad=True)
    h = x * 2
    h[0] += h[1] * 3
    h[1:] *= 2
    (h * h).sum().backward()
    return h, x.grad


@probe
def buffer_filled_in_a_loop(t: Any) -> Any:
    x = t.tensor([1.0, 2.0, 3.0], requires_grad=True)
    h = t.zeros(3)
    h[0] = x[0]
    for i in range(1, 3):
        h[i] = h[i - 1].clone() * x[i] + 1
    (h * h).sum().backward()
    return x.grad


@probe
def leaf_is_refused(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)

    def item() -> None:
        x[0] = 1.0

    return raises(lambda: x.add_(1)), raises(item), raises(lambda: x.zero_()), x


@probe
def view_of_leaf_is_refused(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    v = x[:1]
    return raises(lambda: v.add_(1))


@probe
def leaf_under_no_grad(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    with t.no_grad():
        x += 1
        x[0] = 7.0
        x[1:].mul_(10)
    return x, x.is_leaf, x.requires_grad, x._version


@probe
def changed_saved_operand(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    h = x * 2
    y = h * h
    h += 1
    return raises(y.sum().backward)


@probe
def changed_saved_result(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = t.exp(x)
    y += 1
    return raises(y.sum().backward)


@probe
def changed_but_not_saved(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    h = x * 2
    y = h + 1
    h += 1
    (y.sum() + h.sum()).backward()
    return x.grad


@probe
def changed_leaf_between(t: Any) -> Any:
    w = t.tensor([1.0, 2.0], requires_grad=True)
    y = (w * w).sum()
    with t.no_grad():
        w += 1
    return raises(y.backward)


@probe
def changed_through_detached(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    h = x * 2
    y = h * h
    h.detach().add_(1)
    return raises(y.sum().backward)


@probe
def changed_through_view(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    h = x * 2
    y = h * h
    v = h[:1]
    v += 1
    return raises(y.sum().backward)


@probe
def changed_constant_operand(t: Any) -> Any:
    x, c = t.tensor([1.0, 2.0], requires_grad=True), t.tensor([3.0, 4.0])
    y = x * c
    c += 1
    return raises(y.sum().backward)


@probe
def version_is_shared(t: Any) -> Any:
    x = t.tensor([1.0, 2.0])
    v, d = x[:1], x.detach()
    v += 1
    d += 1
    x += 1
    return x._version, v._version, d._version, x


@probe
def view_reaches_base(t: Any) -> Any:
    a = t.tensor([1.0, 1.0, 1.0], requires_grad=True)
    c = a * 2
    v = c[:2]
    v *= 3
    c.sum().backward()
    return a.grad, c.grad_fn.name().rpartition("::")[2]


@probe
def base_reaches_view(t: Any) -> Any:
    a = t.tensor([1.0, 2.0, 3.0], requires_grad=True)
    c = a * 2
    v = c[:2]
    c *= 3
    (v * v).sum().backward()
    return v, a.grad


@probe
def view_of_view(t: Any) -> Any:
    a = t.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    c = a * 2
    v = c[1:][0]
    v *= 5
    (c * c).sum().backward()
    return c, a.grad


@probe
def transposed_view(t: Any) -> Any:
    a = t.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    c = a * 2
    v = c.T
    v[0] *= 10
    (c * c).sum().backward()
    return c, a.grad


@probe
def reshaped_view(t: Any) -> Any:
    a = t.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    c = a * 2
    v = c.reshape(4)
    v[1:3] += a[0] * 3
    (c * c).sum().backward()
    return c, a.grad


@probe
def diagonal_view(t: Any) -> Any:
    a = t.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    c = a * 2
    c.reshape(4)[::3] *= 7
    (c * c).sum().backward()
    return c, a.grad


@probe
def two_views(t: Any) -> Any:
    a = t.tensor([1.0, 2.0, 3.0], requires_grad=True)
    c = a * 2
    u, v = c[:2], c[1:]
    u *= 3
    v *= 5
    (u.sum() + v.sum() * 2).backward()
    return c, a.grad


@probe
def view_of_constant_gets_history(t: Any) -> Any:
    a = t.tensor([1.0, 2.0], requires_grad=True)
    c = t.zeros(3)
    v = c[:2]
    v += a * 3
    c.sum().backward()
    return c.requires_grad, v.requires_grad, a.grad


@probe
def view_made_without_grad(t: Any) -> Any:
    a = t.tensor([1.0, 2.0], requires_grad=True)
    c = a * 2
    with t.no_grad():
        v = c[:1]
    return raises(lambda: v.add_(1))


@probe
def several_views_are_refused(t: Any) -> Any:
    a = t.tensor([1.0, 2.0], requires_grad=True)
    parts = (a * 2).unbind()
    return raises(lambda: parts[0].add_(1))


@probe
def detach_in_place(t: Any) -> Any:
    a = t.tensor([1.0, 2.0], requires_grad=True)
    c = a * 2
    c.detach_()
    return c.requires_grad, c.is_leaf, raises((a * 2)[:1].detach_)


@probe
def in_place_by_active(t: Any) -> Any:
    a = t.tensor([1.0, 2.0], requires_grad=True)
    c = t.ones(2)
    c *= a
    c.sum().backward()
    return c.is_leaf, a.grad


@probe
def in_place_broadcast(t: Any) -> Any:
    a, b = t.tensor([[1.0], [2.0]], requires_grad=True), t.tensor([3.0, 4.0], requires_grad=True)
    c = t.ones(2, 2) * a
    c += b
    (c * c).sum().backward()
    return a.grad, b.grad


@probe
def in_place_too_large(t: Any) -> Any:
    c = t.tensor([1.0, 2.0])
    return raises(lambda: c.add_(t.ones(2, 2)))


@probe
def double_backward_through_write(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    h = x * x
    h[0] = x[1] ** 3
    (g,) = t.grad((h * h).sum(), x, create_graph=True)
    return t.grad(g.sum(), x)


@probe
def double_backward_through_view(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    h = x * x
    v = h[:1]
    v *= x[1]
    (g,) = t.grad((h * h).sum(), x, create_graph=True)
    return t.grad(g.sum(), x)


@probe
def write_to_grad(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    x.grad[0] = 0.0
    x.grad *= 2
    return x.grad


@probe
def increment_version(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    h = x * 2
    y = h * h
    t.increment_version(h)
    return raises(y.sum().backward)


@probe
def overwritten_history_is_cut(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    h = x * 2
    h[:] = x * 5
    h.sum().backward()
    return x.grad


@probe
def self_increment(t: Any) -> Any:
    x = t.tensor([1.0, 2.0, 3.0], requires_grad=True)
    h = x * 2
    h += h
    h.sum().backward()
    return x.grad
