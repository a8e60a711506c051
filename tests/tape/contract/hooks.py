"""Hooks, custom functions, tools."""

from __future__ import annotations

from typing import Any

from contract.probing import probe, raises, warned


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


# ------------------------------------------------------------------------------- custom functions


def cube(t: Any) -> Any:
    class Cube(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx: Any, ct: Any) -> Any:
            (x,) = ctx.saved_tensors
            return ct * 3 * x**2

    return Cube


@probe
def custom(t: Any) -> Any:
    x = t.tensor([2.0, 3.0], requires_grad=True)
    y = cube(t).apply(x)
    y.sum().backward()
    return y, y.grad_fn.name().rpartition("::")[2], x.grad


@probe
def custom_twice(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    (g,) = t.grad(cube(t).apply(x).sum(), x, create_graph=True)
    return t.grad(g.sum(), x)


@probe
def custom_freed(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    y = cube(t).apply(x).sum()
    y.backward()
    return raises(y.backward)


@probe
def custom_changed_saved(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    h = x * 1
    y = cube(t).apply(h).sum()
    h += 1
    return raises(y.backward)


@probe
def custom_instantiated(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    return raises(lambda: cube(t)()(x))


@probe
def custom_needs(t: Any) -> Any:
    seen = []

    class F(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any, k: Any) -> Any:
            return x * y * k

        @staticmethod
        def backward(ctx: Any, ct: Any) -> Any:
            seen.append(ctx.needs_input_grad)
            return ct, ct, None

    x, y = t.tensor([2.0], requires_grad=True), t.tensor([3.0])
    F.apply(x, y, 4.0).sum().backward()
    return seen, x.grad


@probe
def custom_too_few(t: Any) -> Any:
    class F(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any) -> Any:
            return x * y

        @staticmethod
        def backward(ctx: Any, ct: Any) -> Any:
            return ct

    x, y = t.tensor([2.0], requires_grad=True), t.tensor([3.0], requires_grad=True)
    return raises(F.apply(x, y).sum().backward)


@probe
def custom_surplus_none(t: Any) -> Any:
    class F(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, ct: Any) -> Any:
            return ct, None, None

    x = t.tensor([2.0], requires_grad=True)
    F.apply(x).sum().backward()
    return x.grad


@probe
def custom_wrong_shape(t: Any) -> Any:
    class F(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(ctx: Any, ct: Any) -> Any:
            return t.ones(5)

    x = t.tensor([2.0, 3.0], requires_grad=True)
    return raises(F.apply(x).sum().backward)


@probe
def custom_several_results(t: Any) -> Any:
    seen = []

    class F(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, a: Any, b: Any) -> Any:
            seen.append((a.clone(), b.clone()))
            return a * 2 + b * 3

    x = t.tensor([2.0], requires_grad=True)
    y, z = F.apply(x)
    (y * 5).sum().backward()
    return seen, x.grad, [y.output_nr, z.output_nr]


@probe
def custom_not_materialized(t: Any) -> Any:
    seen = []

    class F(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx: Any, a: Any, b: Any) -> Any:
            seen.append(b is None)
            return a * 2

    x = t.tensor([2.0], requires_grad=True)
    F.apply(x)[0].sum().backward()
    return seen, x.grad


@probe
def custom_non_differentiable(t: Any) -> Any:
    class F(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            y, z = x * 2, x > 0
            ctx.mark_non_differentiable(z)
            return y, z

        @staticmethod
        def backward(ctx: Any, a: Any, b: Any) -> Any:
            return a * 2

    x = t.tensor([2.0], requires_grad=True)
    y, z = F.apply(x)
    y.sum().backward()
    return y.requires_grad, z.requires_grad, x.grad


@probe
def custom_setup_context(t: Any) -> Any:
    class F(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(x: Any) -> Any:
            return t.exp(x)

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(output)

        @staticmethod
        def backward(ctx: Any, ct: Any) -> Any:
            return ct * ctx.saved_tensors[0]

    x = t.tensor([0.0, 1.0], requires_grad=True)
    F.apply(x).sum().backward()
    return x.grad


@probe
def custom_saved_output_twice(t: Any) -> Any:
    class F(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            y = t.exp(x)
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx: Any, ct: Any) -> Any:
            return ct * ctx.saved_tensors[0]

    x = t.tensor([0.5], requires_grad=True)
    (g,) = t.grad(F.apply(x).sum(), x, create_graph=True)
    return t.grad(g.sum(), x)


@probe
def custom_returns_input(t: Any) -> Any:
    class F(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x

        @staticmethod
        def backward(ctx: Any, ct: Any) -> Any:
            return ct * 5

    x = t.tensor([2.0], requires_grad=True)
    y = F.apply(x)
    y.sum().backward()
    return y is x, x.grad


@probe
def custom_dirty(t: Any) -> Any:
    class F(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            x.mul_(2)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx: Any, ct: Any) -> Any:
            return ct * 2

    x = t.tensor([2.0], requires_grad=True)
    h = x * 3
    y = F.apply(h)
    y.sum().backward()
    return y is h, x.grad, raises(lambda: F.apply(x))


@probe
def custom_once_differentiable(t: Any) -> Any:
    class F(t.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @t.once_differentiable
        def backward(ctx: Any, ct: Any) -> Any:
            return ct * 2 * ctx.saved_tensors[0]

    x = t.tensor([2.0], requires_grad=True)
    (g,) = t.grad(F.apply(x).sum(), x)
    return g


@probe
def custom_without_active(t: Any) -> Any:
    y = cube(t).apply(t.tensor([2.0]))
    return y, y.requires_grad


# ------------------------------------------------------------------------------------------ tools


@probe
def anomaly(t: Any) -> Any:
    x = t.tensor([0.0], requires_grad=True)

    def run() -> None:
        with t.detect_anomaly():
            (t.sqrt(x) * 0.0).sum().backward()

    return raises(run), warned(lambda: t.detect_anomaly())


@probe
def anomaly_without_nan(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    with t.detect_anomaly():
        t.sqrt(x).sum().backward()
    return x.grad


@probe
def gradcheck(t: Any) -> Any:
    x = t.tensor([0.3, 0.7], requires_grad=True)
    return (
        t.gradcheck(lambda a: t.sin(a) * a, (x,)),
        t.gradgradcheck(lambda a: t.sin(a) * a, (x,)),
        raises(lambda: t.gradcheck(lambda a: a * 2, (x.detach(),))),
        raises(lambda: t.gradcheck(lambda a: a * a.detach(), (x,))),
        t.gradcheck(lambda a: a * a.detach(), (x,), raise_exception=False),
    )


@probe
def gradcheck_single_warns(t: Any) -> Any:
    x = t.tensor([0.5], requires_grad=True, dtype=t.float32)
    return warned(lambda: t.gradcheck(lambda a: a * 1.0, (x,), raise_exception=False))


@probe
def jacobian(t: Any) -> Any:
    x, y = t.tensor([1.0, 2.0]), t.tensor([3.0])
    f = t.functional
    return (
        f.jacobian(lambda a: a**2, x),
        f.jacobian(lambda a, b: a * b, (x, y)),
        f.jacobian(lambda a: (a**2, a.sum()), x),
        f.jacobian(lambda a, b: a * 2, (x, y)),
        raises(lambda: f.jacobian(lambda a, b: a * 2, (x, y), strict=True)),
    )


@probe
def hessian(t: Any) -> Any:
    x, y = t.tensor([1.0, 2.0]), t.tensor([3.0])
    f = t.functional
    return (
        f.hessian(lambda a: (a**3).sum(), x),
        f.hessian(lambda a, b: (a * a * b).sum(), (x, y)),
        raises(lambda: f.hessian(lambda a: a**3, x)),
    )


@probe
def products(t: Any) -> Any:
    x, v = t.tensor([1.0, 2.0]), t.tensor([1.0, -1.0])
    f = t.functional
    return (
        f.vjp(lambda a: a**2, x, v),
        f.jvp(lambda a: a**2, x, v),
        f.hvp(lambda a: (a**3).sum(), x, v),
        f.vhp(lambda a: (a**3).sum(), x, v),
        f.vjp(lambda a: a.sum(), x),
        raises(lambda: f.vjp(lambda a: a**2, x)),
        raises(lambda: f.vjp(lambda a: a**2, x, t.ones(3))),
        f.jvp(lambda a: (a * 2, a.sum()), x, v),
    )


@probe
def functional_leaves_inputs_alone(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    found = t.functional.jacobian(lambda a: a**2, x)
    return x.grad is None, found.requires_grad


@probe
def functional_create_graph(t: Any) -> Any:
    x = t.tensor([1.0, 2.0], requires_grad=True)
    found = t.functional.jacobian(lambda a: (a**3).sum(), x, create_graph=True)
    return t.grad(found.sum(), x)


@probe
def gradient_edge(t: Any) -> Any:
    x = t.tensor([1.0], requires_grad=True)
    edge = t.get_gradient_edge(x * 2)
    return edge.node.name(), edge.output_nr


@probe
def metadata(t: Any) -> Any:
    y = t.tensor([1.0], requires_grad=True) * 2
    y.grad_fn.metadata["key"] = 3
    return y.grad_fn.metadata["key"]
