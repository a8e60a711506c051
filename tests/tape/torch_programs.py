"""Random programs over tensors, that run on the tape and on PyTorch step by step.

A program is a list of steps. Each makes a tensor from those before, writes to one, asks for
gradients, or sets a flag; many are wrong. What a step gave is recorded as text and numbers: the
result, or the kind of error.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["STEPS", "Step", "differ", "program", "run"]

Step = tuple[str, tuple[float, ...]]
SHAPES = [(3,), (2, 3), (3, 2), (1, 3), (), (3, 3)]

# What an error says on the tape or in PyTorch, by kind.
ERROR = "error"
KINDS = {
    "freed": ("were freed", "second time"),
    "changed": ("changed in place after", "modified by an inplace"),
    "leaf": ("leaf that requires grad was written", "leaf Variable that requires grad"),
    "unused": ("do not depend on input", "not have been used in the graph"),
    "detached": ("detached in-place",),
    "constant": ("does not require grad", "not require grad and does not"),
}


class State:
    """The tensors that a program has made, and the gradients that its hooks saw."""

    def __init__(self, t: Any, numbers: Any) -> None:
        self.t = t
        self.tensors: list[Any] = []
        self.seen: list[Any] = []
        for shape, flag in zip(SHAPES, (True, True, False, True, True, True), strict=True):
            data = numbers.uniform(0.3, 1.7, shape).round(3)
            self.tensors.append(t.tensor(data.tolist(), requires_grad=flag))

    def pick(self, number: float) -> Any:
        """Return one of the tensors, later ones more often."""
        return self.tensors[int(len(self.tensors) * number**0.6)]


Action = Callable[[State, tuple[float, ...]], Any]
STEPS: dict[str, Action] = {}
WEIGHTS: dict[str, float] = {}


def step(weight: float) -> Callable[[Action], Action]:
    """Add a kind of step to the table."""

    def add(action: Action) -> Action:
        STEPS[action.__name__] = action
        WEIGHTS[action.__name__] = weight
        return action

    return add


def choose(items: Any, number: float) -> Any:
    """Return one of some items."""
    return items[int(number * len(items))]


def apart(x: Any, y: Any) -> Any:
    """Return an operand on memory of its own: PyTorch refuses overlaps, or reads what it wrote."""
    a, b = x.detach().numpy(), y.detach().numpy()
    return y.clone() if x is not y and np.may_share_memory(a, b) else y


def is_view(x: Any) -> bool:
    """Return whether a tensor is a view of another one."""
    return x._is_view() if hasattr(x, "_is_view") else x._view is not None


UNARY: list[Callable[[Any, Any], Any]] = [
    lambda t, x: t.sin(x),
    lambda t, x: t.tanh(x),
    lambda t, x: t.exp(-x * x),
    lambda t, x: t.sqrt(x * x + 1),
    lambda t, x: t.log(x * x + 1),
    lambda t, x: 1 / (x * x + 1),
    lambda t, x: x.square(),
    lambda t, x: x.abs(),
    lambda t, x: x.sigmoid(),
    lambda t, x: x.relu(),
    lambda t, x: -x,
    lambda t, x: x * 2.5,
    lambda t, x: 3 - x,
    lambda t, x: x**3,
    lambda t, x: x.clone(),
]
BINARY: list[Callable[[Any, Any, Any], Any]] = [
    lambda t, x, y: x + y,
    lambda t, x, y: x - y,
    lambda t, x, y: x * y,
    lambda t, x, y: x / (y * y + 1),
    lambda t, x, y: t.maximum(x, y),
    lambda t, x, y: t.minimum(x, y),
    lambda t, x, y: t.where(x > y, x * 2, y),
    lambda t, x, y: t.matmul(x, y),
    lambda t, x, y: t.stack([x, y]),
    lambda t, x, y: t.atan2(x, y * y + 1) if hasattr(x, "atan2") else x,
]
SHAPING: list[Callable[[Any], Any]] = [
    lambda x: x.reshape(-1),
    lambda x: x.reshape((3, -1)),
    lambda x: x.unsqueeze(0),
    lambda x: x.squeeze(),
    lambda x: x.sum(),
    lambda x: x.sum(axis=0) if x.ndim else x.sum(),
    lambda x: x.mean(axis=-1) if x.ndim else x.mean(),
    lambda x: x.sum(axis=1, keepdims=True),
    lambda x: x.mean(),
    lambda x: x.prod(),
    lambda x: x.amax(),
    lambda x: x.cumsum(0) if x.ndim else x.exp(),
]
VIEWS: list[Callable[[Any], Any]] = [
    lambda x: x[1:],
    lambda x: x[:, 0],
    lambda x: x[0:1],
    lambda x: x[..., ::2],
    lambda x: x[1:, 1:],
    lambda x: x.t() if x.ndim == 2 else x[...],
    lambda x: x.unsqueeze(-1),
    lambda x: x.reshape((-1, 1)),
    lambda x: x[[0, 0]],
    lambda x: x.detach(),
]
WRITES: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x.add_(1.5),
    lambda x, y: x.mul_(0.5),
    lambda x, y: x.add_(apart(x, y)),
    lambda x, y: x.mul_(apart(x, y)),
    lambda x, y: x.div_(2.0),
    lambda x, y: x.sub_(apart(x, y)),
    lambda x, y: x.copy_(y.clone()),
    lambda x, y: x.zero_(),
    lambda x, y: x.fill_(0.7),
    lambda x, y: x.tanh_(),
    lambda x, y: x.sin_(),
    lambda x, y: x.square_(),
    lambda x, y: x.sigmoid_(),
]


@step(5)
def unary(s: State, n: tuple[float, ...]) -> Any:
    return choose(UNARY, n[0])(s.t, s.pick(n[1]))


@step(6)
def binary(s: State, n: tuple[float, ...]) -> Any:
    return choose(BINARY, n[0])(s.t, s.pick(n[1]), s.pick(n[2]))


@step(3)
def shaping(s: State, n: tuple[float, ...]) -> Any:
    return choose(SHAPING, n[0])(s.pick(n[1]))


@step(4)
def view(s: State, n: tuple[float, ...]) -> Any:
    return choose(VIEWS, n[0])(s.pick(n[1]))


def target(s: State, number: float) -> Any:
    """Return one of the tensors to be written.

    PyTorch takes a view for a leaf, and refuses the write, if its base came to require grad and
    the view was not asked for its history since.
    """
    x = s.pick(number)
    _ = x.grad_fn
    return x


@step(4)
def write(s: State, n: tuple[float, ...]) -> Any:
    choose(WRITES, n[0])(target(s, n[1]), s.pick(n[2]))


@step(1.5)
def write_items(s: State, n: tuple[float, ...]) -> Any:
    x = target(s, n[0])
    given = choose([s.pick(n[2]).clone(), 0.25], n[3])
    x[choose([slice(1, None), slice(0, 1), Ellipsis], n[1])] = given


@step(0.7)
def write_without_recording(s: State, n: tuple[float, ...]) -> Any:
    with s.t.no_grad():
        choose(WRITES, n[0])(s.pick(n[1]), s.pick(n[2]))


@step(0.7)
def compute_without_recording(s: State, n: tuple[float, ...]) -> Any:
    with s.t.no_grad():
        return choose(UNARY, n[0])(s.t, s.pick(n[1]))


@step(0.5)
def flag(s: State, n: tuple[float, ...]) -> Any:
    x = s.pick(n[0])
    if n[1] < 0.5:  # of a base, PyTorch would change what its views say, too
        return x.detach().clone().requires_grad_()
    x.requires_grad_(False)
    return None


@step(0.3)
def forget(s: State, n: tuple[float, ...]) -> Any:
    s.pick(n[0]).detach_()


@step(0.7)
def retain(s: State, n: tuple[float, ...]) -> Any:
    x = s.pick(n[0])
    if not is_view(x):  # of a view that is written, the tape keeps the gradient, PyTorch none
        x.retain_grad()


@step(0.7)
def hook(s: State, n: tuple[float, ...]) -> Any:
    factor = choose([None, 2.0, -0.5], n[1])

    mine: list[Any] = []  # leaves get theirs at another time than in PyTorch

    def run(gradient: Any) -> Any:
        mine.append(values(gradient))
        return None if factor is None else gradient * factor

    x = s.pick(n[0])
    if not is_view(x):  # PyTorch 2.13 crashes on some that were written
        x.register_hook(run)
        s.seen.append(mine)


@step(0.4)
def forget_gradient(s: State, n: tuple[float, ...]) -> Any:
    s.pick(n[0]).grad = None


@step(2)
def backward(s: State, n: tuple[float, ...]) -> Any:
    (s.pick(n[0]) * 1.0).sum().backward(retain_graph=n[1] < 0.7)


@step(0.5)
def backward_as_it_is(s: State, n: tuple[float, ...]) -> Any:
    s.pick(n[0]).backward(retain_graph=True)


@step(0.5)
def backward_of_a_cotangent(s: State, n: tuple[float, ...]) -> Any:
    # PyTorch would make the memory of the cotangent that of a gradient, and add to it.
    s.pick(n[0]).backward(s.pick(n[1]).detach().clone(), retain_graph=True)


@step(1.5)
def gradient(s: State, n: tuple[float, ...]) -> Any:
    total = s.pick(n[0]).sum()
    (found,) = s.t.grad(
        total,
        (s.tensors[int(n[1] * len(SHAPES))],),
        retain_graph=True,
        allow_unused=n[2] < 0.6,
    )
    return None if found is None else found.clone()


@step(2)
def gradient_that_is_recorded(s: State, n: tuple[float, ...]) -> Any:
    total = (s.pick(n[0]) ** 2).sum()
    (found,) = s.t.grad(total, s.tensors[int(n[1] * len(SHAPES))], create_graph=True)
    # PyTorch does not record zeros, and what it gives may be a view, and repeat one number.
    found = found + s.t.zeros(found.shape)
    return found if values(found).any() else found.detach()


def program(seed: int) -> list[Step]:
    """Return the program of a seed."""
    rng = random.Random(seed)
    names = rng.choices(list(STEPS), list(WEIGHTS.values()), k=rng.randint(4, 22))
    return [(name, tuple(rng.random() for _ in range(4))) for name in names]


def values(tensor: Any) -> Any:
    """Return the numbers in a tensor."""
    return np.array(tensor.detach().numpy(), dtype=float)


def kind_of_error(error: Exception) -> str:
    """Return the kind of an error, the empty text for what is not about gradients."""
    text = str(error)
    return next((kind for kind, words in KINDS.items() if any(w in text for w in words)), "")


def run(t: Any, steps: list[Step], seed: int) -> list[Any]:
    """Return what each step of a program gave, and the gradients in the end."""
    state = State(t, np.random.default_rng(seed))
    found: list[Any] = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for name, numbers in steps:
            try:
                made = STEPS[name](state, numbers)
            except Exception as error:  # the kind of any error is compared
                found.append((ERROR, kind_of_error(error)))
                if name.startswith("backward") and found[-1][1] in ("changed", "freed"):
                    return found  # which leaves got their gradients before is not defined
                continue
            if made is None:
                found.append(("done",))
            else:
                state.tensors.append(made)
                found.append(("made", values(made), made.requires_grad, made.is_leaf))
        found.append([(values(x), x.requires_grad, x.is_leaf) for x in state.tensors])
        found.append([None if x.grad is None else values(x.grad) for x in state.tensors])
        found.append(state.seen)
    return found


def is_error(outcome: Any) -> bool:
    """Return whether a step raised."""
    return isinstance(outcome, tuple) and len(outcome) == 2 and outcome[0] is ERROR


def differ(a: Any, b: Any) -> bool:
    """Return whether two outcomes are not the same; of errors, the kinds that are known."""
    if is_error(a) and is_error(b):
        return "" not in (a[1], b[1]) and a != b
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) != len(b) or any(map(differ, a, b))
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        same = a.shape == b.shape and np.allclose(a, b, rtol=1e-9, atol=1e-11, equal_nan=True)
        return not same
    return type(a) is not type(b) or a != b
