"""Points without a derivative, and complex numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contract.probing import probe


def at(t: Any, f: Callable[..., Any], *values: Any) -> Any:
    """Return the gradients of the sum of a function."""
    xs = [t.tensor(value, requires_grad=True) for value in values]
    f(*xs).sum().backward()
    return [x.grad for x in xs]


@probe
def abs_at_zero(t: Any) -> Any:
    return at(t, t.abs, [0.0, -1.0, 2.0])


@probe
def relu_at_zero(t: Any) -> Any:
    return at(t, t.F.relu, [0.0, -1.0, 2.0])


@probe
def sqrt_at_zero(t: Any) -> Any:
    return at(t, t.sqrt, [0.0])


@probe
def log_at_zero(t: Any) -> Any:
    return at(t, t.log, [0.0, -1.0])


@probe
def norm_at_zero(t: Any) -> Any:
    return at(t, t.linalg.norm, [0.0, 0.0])


@probe
def power_zero_of_zero(t: Any) -> Any:
    return at(t, lambda x: x**0, [0.0, 2.0])


@probe
def zero_to_the_x(t: Any) -> Any:
    return at(t, lambda x: 0.0**x, [2.0])


@probe
def cube_root_at_zero(t: Any) -> Any:
    return at(t, lambda x: x ** (1 / 3), [0.0])


@probe
def x_over_x_at_zero(t: Any) -> Any:
    return at(t, lambda x: x / x, [0.0])


@probe
def sign(t: Any) -> Any:
    x = t.tensor([1.5, -2.5], requires_grad=True)
    (t.sign(x) + x).sum().backward()
    return x.grad


@probe
def floor_and_round(t: Any) -> Any:
    x = t.tensor([1.5, -2.5], requires_grad=True)
    (t.floor(x) + t.ceil(x) + t.round(x) + x).sum().backward()
    return x.grad


@probe
def fmod(t: Any) -> Any:
    return at(t, lambda x: t.fmod(x, 2.0), [3.5, -3.5])


@probe
def remainder(t: Any) -> Any:
    return at(t, lambda x: t.remainder(x, 2.0), [3.5, -3.5])


@probe
def maximum_tie(t: Any) -> Any:
    return at(t, t.maximum, [1.0, 2.0, 3.0], [1.0, 3.0, 2.0])


@probe
def minimum_tie(t: Any) -> Any:
    return at(t, t.minimum, [1.0, 2.0, 3.0], [1.0, 3.0, 2.0])


@probe
def max_of_all_tie(t: Any) -> Any:
    return at(t, lambda x: x.max(), [1.0, 3.0, 3.0])


@probe
def amax_tie(t: Any) -> Any:
    return at(t, lambda x: x.amax(0), [1.0, 3.0, 3.0])


@probe
def sinc_at_zero(t: Any) -> Any:
    return at(t, t.sinc, [0.0, 0.5])


@probe
def arctan2_at_zero(t: Any) -> Any:
    return at(t, t.arctan2, [0.0], [0.0])


@probe
def nan_to_num(t: Any) -> Any:
    return at(t, t.nan_to_num, [float("nan"), 2.0])


@probe
def prod_with_zeros(t: Any) -> Any:
    return (
        at(t, lambda x: x.prod(), [2.0, 0.0, 3.0]),
        at(t, lambda x: x.prod(), [2.0, 0.0, 0.0]),
        at(t, lambda x: x.prod(), [2.0, 4.0, 3.0]),
    )


@probe
def clamp_inside_and_outside(t: Any) -> Any:
    return at(t, lambda x: x.clamp(0.0, 1.0), [-1.0, 0.5, 2.0])


@probe
def arcsin_at_one(t: Any) -> Any:
    return at(t, t.arcsin, [1.0])


@probe
def softmax(t: Any) -> Any:
    return at(t, lambda x: t.F.softmax(x, -1) * t.tensor([1.0, 2.0, 4.0]), [1.0, 2.0, 3.0])


@probe
def log_softmax(t: Any) -> Any:
    return at(t, lambda x: t.F.log_softmax(x, -1) * t.tensor([1.0, 2.0, 4.0]), [1.0, 2.0, 3.0])


@probe
def sigmoid_far_out(t: Any) -> Any:
    return at(t, t.F.sigmoid, [-800.0, -1.0, 0.0, 1.0, 800.0])


@probe
def softplus(t: Any) -> Any:
    return at(t, t.F.softplus, [-2.0, 0.0, 2.0])


@probe
def gelu(t: Any) -> Any:
    return at(t, t.F.gelu, [-2.0, 0.0, 2.0])


@probe
def gelu_by_tanh(t: Any) -> Any:
    return at(t, lambda x: t.F.gelu(x, approximate="tanh"), [-2.0, 0.0, 2.0])


@probe
def bce_with_logits(t: Any) -> Any:
    y, w, p = t.tensor([1.0, 0.0, 0.3]), t.tensor([1.0, 2.0, 3.0]), t.tensor([2.0, 0.5, 1.0])
    f = t.F.binary_cross_entropy_with_logits
    x = [-500.0, 0.2, 3.0]
    return (
        at(t, lambda z: f(z, y), x),
        at(t, lambda z: f(z, y, weight=w, reduction="sum"), x),
        at(t, lambda z: f(z, y, pos_weight=p), x),
        at(t, lambda z: f(z, y, reduction="none"), x),
        f(t.tensor(x), y, weight=w, pos_weight=p),
    )


@probe
def mse_loss(t: Any) -> Any:
    y = t.tensor([1.0, 2.0])
    f = t.F.mse_loss
    return [at(t, lambda z, r=r: f(z, y, reduction=r), [0.5, 4.0]) for r in ("mean", "sum", "none")]


@probe
def cross_entropy(t: Any) -> Any:
    z = [[1.0, 2.0, 0.5], [0.1, -1.0, 2.0]]
    y, w = t.tensor([1, 2]), t.tensor([1.0, 2.0, 0.5])
    f = t.F.cross_entropy
    probabilities = t.tensor([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0]])
    return (
        at(t, lambda x: f(x, y), z),
        at(t, lambda x: f(x, y, weight=w), z),
        at(t, lambda x: f(x, y, reduction="sum"), z),
        at(t, lambda x: f(x, y, reduction="none"), z),
        at(t, lambda x: f(x, y, label_smoothing=0.1), z),
        at(t, lambda x: f(x, t.tensor([1, -100])), z),
        at(t, lambda x: f(x, probabilities), z),
        f(t.tensor(z), y, weight=w, label_smoothing=0.1),
    )


@probe
def real_of_square(t: Any) -> Any:
    return at(t, lambda z: t.real(z * z), 1 + 2j)


@probe
def imag_of_square(t: Any) -> Any:
    return at(t, lambda z: t.imag(z * z), 1 + 2j)


@probe
def squared_modulus(t: Any) -> Any:
    return at(t, lambda z: t.real(z * t.conj(z)), 3 + 4j)


@probe
def modulus_at_zero(t: Any) -> Any:
    return at(t, t.abs, 0j)


@probe
def modulus(t: Any) -> Any:
    return at(t, t.abs, [3 + 4j, 1j])


@probe
def real_times_complex(t: Any) -> Any:
    found = at(t, lambda x, z: t.real(x * z), [2.0], [3 + 4j])
    return found, found[0].dtype == t.float64


@probe
def complex_exponential(t: Any) -> Any:
    return at(t, lambda z: t.abs(t.exp(z * (1 + 1j))), [0.3 + 0.2j])


@probe
def complex_division(t: Any) -> Any:
    return at(t, lambda a, b: t.real(a / b), [1 + 2j], [3 - 1j])


@probe
def complex_matmul(t: Any) -> Any:
    a, b = [[1 + 1j, 2.0 + 0j], [0.5j, 1.0 + 0j]], [[1j, 2.0 + 0j], [3.0 + 0j, 1 - 1j]]
    return at(t, lambda x, y: t.abs(x @ y), a, b)


@probe
def complex_seed(t: Any) -> Any:
    z = t.tensor([1 + 2j], requires_grad=True)
    (z * z).backward(t.tensor([1j]))
    return z.grad


@probe
def mean_and_spread(t: Any) -> Any:
    x = [[1.0, 4.0, 2.0], [3.0, 5.0, 9.0]]
    return at(t, lambda a: a.mean(0) * t.tensor([1.0, 2.0, 3.0]), x), at(t, lambda a: a.mean(), x)


@probe
def sums(t: Any) -> Any:
    x = [[1.0, 4.0], [3.0, 5.0]]
    return at(t, lambda a: a.sum(0) ** 2, x), at(t, lambda a: t.cumsum(a, 1) ** 2, x)


@probe
def indexing(t: Any) -> Any:
    x = [[1.0, 4.0, 2.0], [3.0, 5.0, 9.0]]
    return (
        at(t, lambda a: a[0] ** 2, x),
        at(t, lambda a: a[:, 1:] ** 2, x),
        at(t, lambda a: a[t.tensor([0, 0, 1])] ** 2, x),
        at(t, lambda a: a[a > 3] ** 2, x),
        at(t, lambda a: a[t.tensor([0, 0]), t.tensor([1, 1])] ** 2, x),
        at(t, lambda a: a[None, ..., 0] ** 2, x),
    )


@probe
def linear_algebra(t: Any) -> Any:
    a, b = [[3.0, 1.0], [0.5, 2.0]], [1.0, -2.0]
    return (
        at(t, lambda x, y: t.linalg.solve(x, y) ** 2, a, b),
        at(t, t.linalg.det, a),
        at(t, lambda x: t.linalg.inv(x) ** 2, a),
        at(t, lambda x: t.einsum("ij,kj->ik", x, x) ** 2, a),
    )


@probe
def joining(t: Any) -> Any:
    a, b = [1.0, 2.0], [3.0, 4.0]
    w = [1.0, 10.0, 100.0, 1000.0]
    return (
        at(t, lambda x, y: t.stack([x, y]) ** 2, a, b),
        at(t, lambda x, y: t.cat([x, y]) * t.tensor(w), a, b),
        at(t, lambda x, y: t.where(x > 1.5, x, y) ** 2, a, b),
    )


@probe
def shapes(t: Any) -> Any:
    x = [[1.0, 4.0, 2.0], [3.0, 5.0, 9.0]]
    return (
        at(t, lambda a: a.reshape(3, 2)[0] ** 2, x),
        at(t, lambda a: a.T[0] ** 2, x),
        at(t, lambda a: a.unsqueeze(0).squeeze(0)[1] ** 2, x),
        at(t, lambda a: a.flatten()[2:4] ** 2, x),
        at(t, lambda a: a[0].expand(4, 3) ** 2, x),
    )
