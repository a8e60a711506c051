"""Tools: anomaly detection, checks of gradients, functional transforms."""

from __future__ import annotations

from typing import Any

from contract.probing import probe, raises, warned


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
