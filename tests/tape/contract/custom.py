"""Custom functions."""

from __future__ import annotations

from typing import Any

from contract.probing import probe, raises


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
