"""`backward` and `grad`."""

from __future__ import annotations

from typing import Any

from contract.probing import probe, raises, warned


@probe
def scalar(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    return x.grad


@probe
def one_item(t: Any) -> Any:
    x = t.tensor([3.0], requires_grad=True)
    (x * x).backward()
    return x.grad


@probe
def vector_without_seed(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    return raises((x * x).backward)


@probe
def vector_with_seed(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    (x * x).backward(t.tensor([1.0, 10.0]))
    return x.grad


@probe
def seed_of_wrong_shape(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    return raises(lambda: (x * x).backward(t.tensor([1.0, 2.0, 3.0])))


@probe
def scalar_seed(t: Any) -> Any:
    x = t.tensor(3.0, requires_grad=True)
    (x * x).backward(t.tensor(10.0))
    return x.grad


@probe
def complex_scalar_without_seed(t: Any) -> Any:
    x = t.tensor(1 + 2j, requires_grad=True)
    return raises((x * x).backward)


@probe
def without_history(t: Any) -> Any:
    return raises(t.tensor([1.0]).backward), raises((t.tensor([1.0]) * 2).backward)


@probe
def on_leaf(t: Any) -> Any:
    x = t.tensor(3.0, requires_grad=True)
    x.backward()
    return x.grad


@probe
def accumulates(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    (x * 2).sum().backward()
    first = x.grad
    (x * 3).sum().backward()
    return x.grad, first is x.grad


@probe
def first_store_is_no_alias(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    seed = t.tensor([1.0, 1.0])
    (x + 0).backward(seed)
    seed[0] = 100.0
    return x.grad


@probe
def grads_of_two_leaves_are_no_alias(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    y = t.tensor([1.0], requires_grad=True)
    (x + y).sum().backward()
    x.grad.zero_()
    return x.grad, y.grad


@probe
def unreached_leaf(t: Any) -> Any:
    x, y = t.tensor([1.0], requires_grad=True), t.tensor([1.0], requires_grad=True)
    (x * 2).sum().backward()
    return y.grad is None


@probe
def second_backward_of_product(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    y = (x * x).sum()
    y.backward()
    return raises(y.backward)


@probe
def second_backward_of_sum(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    y = (x + 1).sum()
    y.backward()
    y.backward()
    return x.grad


@probe
def retain_graph(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    return x.grad, raises(y.backward)


@probe
def shared_subgraph(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    h = x * x
    a, b = (h * 2).sum(), (h * 3).sum()
    a.backward()
    return raises(b.backward)


@probe
def saved_values(t: Any) -> Any:
    x = t.tensor([2.0, 3.0], requires_grad=True)
    y = x * x
    before = y.grad_fn._saved_self
    y.sum().backward()
    return before, raises(lambda: y.grad_fn._saved_self)


@probe
def saved_result(t: Any) -> Any:
    x = t.tensor([0.0], requires_grad=True)
    return t.exp(x).grad_fn._saved_result


@probe
def create_graph_warns(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    return warned(lambda: (x * x).sum().backward(create_graph=True)), x.grad.requires_grad


@probe
def grad_function(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    (g,) = t.grad((x**3).sum(), x)
    return g, x.grad is None, g.requires_grad


@probe
def grad_of_several_outputs(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    return t.grad([(x * 2).sum(), (x * x).sum()], [x])


@probe
def grad_of_several_inputs(t: Any) -> Any:
    x, y = t.tensor([2.0], requires_grad=True), t.tensor([3.0], requires_grad=True)
    return t.grad((x * y).sum(), [x, y])


@probe
def grad_outputs(t: Any) -> Any:
    x = t.tensor([2.0, 3.0], requires_grad=True)
    return t.grad(x * x, x, t.tensor([1.0, 10.0]))


@probe
def unused_input(t: Any) -> Any:
    x, y = t.tensor([2.0], requires_grad=True), t.tensor([3.0], requires_grad=True)
    z = (x * x).sum()
    return (
        raises(lambda: t.grad(z, [x, y], retain_graph=True)),
        t.grad(z, [x, y], retain_graph=True, allow_unused=True)[1] is None,
        t.grad(z, [x, y], retain_graph=True, materialize_grads=True),
        raises(lambda: t.grad(z, [y], allow_unused=False, materialize_grads=True)),
    )


@probe
def input_without_grad(t: Any) -> Any:
    x, c = t.tensor([2.0], requires_grad=True), t.tensor([2.0])
    return raises(lambda: t.grad((x * c).sum(), c))


@probe
def wrong_number_of_seeds(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    return raises(lambda: t.grad([x * 2, x * 3], [x], [t.tensor([1.0])]))


@probe
def grad_of_nonleaf(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    h = x * x
    return t.grad((h * h).sum(), h)


@probe
def grad_of_itself(t: Any) -> Any:
    x = t.tensor(2.0, requires_grad=True)
    return t.grad(x, x)


@probe
def grad_of_leaf_and_result(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    h = x * x
    return t.grad((h * h).sum(), [h, x])


@probe
def higher_order(t: Any) -> Any:
    x = t.tensor(2.0, requires_grad=True)
    y, found = x**5, []
    for _ in range(5):
        (y,) = t.grad(y, x, create_graph=True)
        found.append(y.detach())
    return found


@probe
def double_backward_of_composition(t: Any) -> Any:
    x = t.tensor([0.3, 0.7], requires_grad=True)
    y = (t.exp(t.sin(x)) * x / (1 + x * x)).sum()
    (g,) = t.grad(y, x, create_graph=True)
    (h,) = t.grad(g.sum(), x)
    return g, h


@probe
def retain_defaults_to_create(t: Any) -> Any:
    x = t.tensor(2.0, requires_grad=True)
    y = x**3
    t.grad(y, x, create_graph=True)
    return t.grad(y, x)


@probe
def is_grads_batched(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    return t.grad(x * x, x, t.eye(2), is_grads_batched=True)


@probe
def inputs_of_backward(t: Any) -> Any:
    x, y = t.tensor([2.0], requires_grad=True), t.tensor([3.0], requires_grad=True)
    (x * y).sum().backward(inputs=[x])
    return x.grad, y.grad is None


@probe
def inputs_of_backward_nonleaf(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    h = x * x
    (h * 3).sum().backward(inputs=[h])
    return h.grad, x.grad is None


@probe
def empty_inputs(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    return raises(lambda: (x * x).sum().backward(inputs=[]))


@probe
def backward_of_several(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    t.backward([(x * 2).sum(), x * x], [None, t.tensor([10.0])])
    return x.grad


@probe
def long_chain(t: Any) -> Any:
    x = y = t.tensor(1.0, requires_grad=True)
    for _ in range(20_000):
        y = y + 1
    y.backward()
    return x.grad


@probe
def diamond(t: Any) -> Any:
    x = y = t.tensor(1.0, requires_grad=True)
    for _ in range(40):
        y = y + y
    y.backward()
    return x.grad


@probe
def broadcast(t: Any) -> Any:
    a = t.tensor([[1.0], [2.0]], requires_grad=True)
    b = t.tensor([1.0, 2.0, 3.0], requires_grad=True)
    (a * b).sum().backward()
    return a.grad, b.grad


@probe
def broadcast_scalar(t: Any) -> Any:
    a = t.tensor(2.0, requires_grad=True)
    b = t.tensor([[1.0, 2.0]], requires_grad=True)
    (a * b).sum().backward()
    return a.grad, b.grad


@probe
def reentrant(t: Any) -> Any:
    class Inner(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx: Any, ct: Any) -> Any:
            (x,) = ctx.saved_tensors
            with t.enable_grad():
                z = x.detach().requires_grad_()
                (z**3).sum().backward()
            return ct * z.grad

    x = t.tensor([2.0], requires_grad=True)
    Inner.apply(x).sum().backward()
    return x.grad


@probe
def different_graphs_from_run_to_run(t: Any) -> Any:
    x, found = t.tensor([2.0, 3.0], requires_grad=True), []
    for n in (1, 2, 3):
        y = x
        for _ in range(n):
            y = y * x
        found.append(t.grad(y.sum(), x)[0])
    return found


@probe
def gradient_penalty(t: Any) -> Any:
    w = t.tensor([0.5, -0.3], requires_grad=True)
    x = t.tensor([1.0, 2.0], requires_grad=True)
    y = t.tanh(w * x).sum()
    (g,) = t.grad(y, x, create_graph=True)
    ((g * g).sum()).backward()
    return w.grad


@probe
def matmul_shapes(t: Any) -> Any:
    a = t.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    v = t.tensor([5.0, 6.0], requires_grad=True)
    (a @ v).sum().backward()
    (v @ a).sum().backward()
    (a @ a).sum().backward()
    (v @ v).backward()
    return a.grad, v.grad


@probe
def same_tensor_many_times(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    (x * x * x + x).sum().backward()
    return x.grad


@probe
def zero_size(t: Any) -> Any:
    x = t.zeros(0, requires_grad=True)
    (x * 2).sum().backward()
    return list(x.grad.shape)


@probe
def dict_like_walkthrough(t: Any) -> Any:
    inp = t.eye(3, requires_grad=True)
    out = (inp + 1).pow(2)
    out.backward(t.ones_like(inp), retain_graph=True)
    first = inp.grad.clone()
    out.backward(t.ones_like(inp), retain_graph=True)
    second = inp.grad.clone()
    inp.grad.zero_()
    out.backward(t.ones_like(inp), retain_graph=True)
    return first, second, inp.grad
