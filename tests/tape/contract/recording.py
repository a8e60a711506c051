"""Grad modes."""

from __future__ import annotations

import threading
from typing import Any

from contract.probing import probe, raises


def requires(t: Any) -> bool:
    return (t.tensor([1.0], requires_grad=True) * 2).requires_grad


@probe
def no_grad(t: Any) -> Any:
    with t.no_grad():
        inside = requires(t)
    return inside, requires(t)


@probe
def nested(t: Any) -> Any:
    found = []
    with t.no_grad():
        found.append(requires(t))
        with t.enable_grad():
            found.append(requires(t))
            with t.no_grad():
                found.append(requires(t))
            found.append(requires(t))
        found.append(requires(t))
    return found


@probe
def decorator(t: Any) -> Any:
    @t.no_grad()
    def f() -> bool:
        return requires(t)

    return f(), requires(t)


@probe
def decorator_without_brackets(t: Any) -> Any:
    @t.no_grad
    def f() -> bool:
        return requires(t)

    return f(), requires(t)


@probe
def enable_decorator(t: Any) -> Any:
    @t.enable_grad()
    def f() -> bool:
        return requires(t)

    with t.no_grad():
        return f(), requires(t)


@probe
def generator(t: Any) -> Any:
    @t.no_grad()
    def f() -> Any:
        yield requires(t)
        yield requires(t)

    g = f()
    return next(g), requires(t), next(g), requires(t)


@probe
def restored_on_error(t: Any) -> Any:
    def fail() -> None:
        with t.no_grad():
            raise ValueError

    return raises(fail), requires(t)


@probe
def set_grad_enabled_at_once(t: Any) -> Any:
    t.set_grad_enabled(False)
    inside = requires(t)
    t.set_grad_enabled(True)
    return inside, requires(t)


@probe
def set_grad_enabled_context(t: Any) -> Any:
    with t.set_grad_enabled(False):
        inside = requires(t)
        with t.set_grad_enabled(True):
            deeper = requires(t)
    return inside, deeper, requires(t)


@probe
def is_grad_enabled(t: Any) -> Any:
    with t.no_grad():
        inside = t.is_grad_enabled()
    return inside, t.is_grad_enabled()


@probe
def thread_starts_enabled(t: Any) -> Any:
    found = []
    with t.no_grad():
        thread = threading.Thread(target=lambda: found.append(t.is_grad_enabled()))
        thread.start()
        thread.join()
    return found


@probe
def created_inside_still_requires(t: Any) -> Any:
    with t.no_grad():
        x = t.tensor([1.0], requires_grad=True)
    return x.requires_grad


@probe
def inference(t: Any) -> Any:
    with t.inference_mode():
        y = t.ones(2) * 2
        inside = requires(t)
    return y.is_inference(), inside, requires(t), y.requires_grad


@probe
def inference_version(t: Any) -> Any:
    with t.inference_mode():
        y = t.ones(2)
    return raises(lambda: y._version)


@probe
def inference_saved(t: Any) -> Any:
    with t.inference_mode():
        y = t.ones(2)
    x = t.ones(2, requires_grad=True)
    return raises(lambda: x * y), raises(lambda: x + y)


@probe
def inference_write(t: Any) -> Any:
    with t.inference_mode():
        y = t.ones(2)
        y += 1
    return y.clone(), raises(lambda: y.add_(1))


@probe
def inference_clone(t: Any) -> Any:
    with t.inference_mode():
        y = t.ones(2)
    z = y.clone()
    z.requires_grad_()
    (z * 2).sum().backward()
    return z.grad


@probe
def functional_reenables(t: Any) -> Any:
    with t.no_grad():
        return t.functional.jacobian(lambda x: x * x, t.tensor([1.0, 2.0]))


@probe
def frozen_parameters(t: Any) -> Any:
    w = t.tensor([2.0], requires_grad=True)
    frozen = t.tensor([3.0])
    (w * frozen).sum().backward()
    return w.grad, frozen.grad is None


@probe
def backward_inside_no_grad(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    y = (x * x).sum()
    with t.no_grad():
        y.backward()
    return x.grad


@probe
def detached_branch(t: Any) -> Any:
    x = t.tensor([2.0], requires_grad=True)
    (x * x.detach()).sum().backward()
    return x.grad


@probe
def optimiser_step(t: Any) -> Any:
    w = t.tensor([1.0, 2.0], requires_grad=True)
    for _ in range(3):
        (w * w).sum().backward()
        with t.no_grad():
            w -= 0.1 * w.grad
            w.grad.zero_()
    return w, w.requires_grad, w.is_leaf
