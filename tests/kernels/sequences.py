"""Losses over sequences, and learners: chains, alignments, attention, processes, descent."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from kernel import Kernel


def logsumexp(a, axis=None, keepdims=False):
    top = np.amax(a, axis=axis, keepdims=True)
    total = np.log(np.sum(np.exp(a - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis=axis)


def chain_loss(emissions, transitions, start, end, tags, mask):
    """The negative log-likelihood of a conditional random field."""
    score = start[tags[0]] + emissions[0, tags[0]]
    alpha = start + emissions[0]
    last = tags[0]
    for t in range(1, len(emissions)):
        if not mask[t]:
            continue
        score += transitions[tags[t - 1], tags[t]] + emissions[t, tags[t]]
        alpha = logsumexp(alpha[:, None] + transitions, axis=0) + emissions[t]
        last = tags[t]
    return logsumexp(alpha + end) - (score + end[last])


def ctc_loss(logits, labels, blank=0):
    y = np.exp(logits - logits.max(axis=1, keepdims=True))
    y /= y.sum(axis=1, keepdims=True)
    extended = [blank]
    for label in labels:
        extended += [label, blank]
    L, T = len(extended), len(logits)
    alpha = np.zeros((T, L))
    alpha[0, 0], alpha[0, 1] = y[0, extended[0]], y[0, extended[1]]
    for t in range(1, T):
        for s in range(L):
            a = alpha[t - 1, s]
            if s >= 1:
                a += alpha[t - 1, s - 1]
            if s >= 2 and extended[s] != blank and extended[s] != extended[s - 2]:
                a += alpha[t - 1, s - 2]
            alpha[t, s] = a * y[t, extended[s]]
    return -np.log(alpha[-1, L - 1] + alpha[-1, L - 2])


def char_rnn(Wxh, Whh, Why, bh, by, inputs, targets):
    """A recurrent network over characters, its states in dicts by time."""
    xs, hs, ys, ps = {}, {}, {}, {}
    hs[-1] = np.zeros((len(bh), 1))
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((Wxh.shape[1], 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        ys[t] = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))
        loss += -np.log(ps[t][targets[t], 0])
    return loss


def attention(q, k, v, *, heads=2, causal=True):
    T, d = q.shape
    split = lambda x: x.reshape(T, heads, d // heads).transpose(1, 0, 2)  # noqa: E731
    qh, kh, vh = map(split, (q, k, v))
    s = qh @ kh.swapaxes(-1, -2) / np.sqrt(d // heads)
    if causal:
        s = np.where(np.tril(np.ones((T, T), dtype=bool)), s, -1e9)
    s = np.exp(s - s.max(-1, keepdims=True))
    return (s / s.sum(-1, keepdims=True) @ vh).transpose(1, 0, 2).reshape(T, d)


def layer_norm(x, gain, shift, eps=1e-5):
    return gain * (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + eps) + shift


def gelu(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def transformer(table, gain, shift, qkv, proj, fc, out):
    ids = [1, 3, 2, 5]
    block = {"ln": {"gain": gain, "shift": shift}, "mlp": {"fc": fc, "out": out}}
    x = table[ids]
    q, k, v = np.split(layer_norm(x, **block["ln"]) @ qkv, 3, axis=-1)
    x = x + attention(q, k, v) @ proj
    x = x + gelu(x @ block["mlp"]["fc"]) @ block["mlp"]["out"]
    logits = x @ table.T
    logits = logits - logits.max(-1, keepdims=True)
    logp = logits - np.log(np.sum(np.exp(logits), -1, keepdims=True))
    return -np.mean(logp[range(len(ids) - 1), ids[1:]])


class Layer(ABC):
    def __init__(self):
        self.params = {}
        self.training = True

    @abstractmethod
    def forward(self, x): ...

    def __call__(self, x):
        return self.forward(x)


class Linear(Layer):
    def __init__(self, W, b):
        super().__init__()
        self.params["W"] = W
        self.params["b"] = b

    def forward(self, x):
        self.seen = x
        return x @ self.params["W"] + self.params["b"]


class Activation(Layer):
    def __init__(self, f):
        super().__init__()
        self.f = f

    def forward(self, x):
        return self.f(x)


class Dropout(Layer):
    def __init__(self, p, seed=0):
        super().__init__()
        self.p = p
        self.rng = np.random.RandomState(seed)

    def forward(self, x):
        if not self.training:
            return x
        return x * (self.rng.rand(*x.shape) > self.p) / (1 - self.p)


class Sequential:
    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def params(self):
        for layer in self.layers:
            yield from layer.params.items()

    def eval(self):
        for layer in self.layers:
            layer.training = False
        return self


def layers_of_classes(W1, b1, W2, b2, x, y):
    network = Sequential(Linear(W1, b1), Activation(np.tanh), Dropout(0.3), Linear(W2, b2))
    loss = np.mean((network.forward(x) - y) ** 2)
    penalty = sum(np.sum(p**2) for name, p in network.params() if name == "W")
    return loss + 1e-2 * penalty + np.sum(network.eval().forward(x))


class Smooth:
    def __init__(self, length, variance):
        self.length, self.variance = length, variance

    def __call__(self, A, B):
        d = np.sum(A**2, 1)[:, None] + np.sum(B**2, 1) - 2 * A @ B.T
        return self.variance * np.exp(-0.5 * d / self.length**2)

    def __add__(self, other):
        return Sum(self, other)


class Noise:
    def __init__(self, level):
        self.level = level

    def __call__(self, A, B):
        return self.level * np.eye(len(A)) if A is B else np.zeros((len(A), len(B)))


class Sum:
    def __init__(self, left, right):
        self.left, self.right = left, right

    def __call__(self, A, B):
        return self.left(A, B) + self.right(A, B)


def gaussian_process(length, variance, noise, X, y):
    kernel = Smooth(length, variance) + Noise(noise)
    L = np.linalg.cholesky(kernel(X, X))
    alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
    return 0.5 * y @ alpha + np.log(np.diagonal(L)).sum() + 0.5 * len(y) * np.log(2 * np.pi)


class Momentum:
    def __init__(self, params, rate=0.1, momentum=0.9):
        self.params = params
        self.rate, self.momentum = rate, momentum
        self.velocity = {k: np.zeros_like(v) for k, v in params.items()}

    def step(self, slopes):
        for k in self.params:
            self.velocity[k] = self.momentum * self.velocity[k] - self.rate * slopes[k]
            self.params[k] += self.velocity[k]


def through_an_optimiser(rate, momentum, start, X, y):
    params = {"w": start.copy(), "b": np.zeros(1)}
    optimiser = Momentum(params, rate, momentum)
    for _ in range(3):
        rest = X @ params["w"] + params["b"] - y
        optimiser.step({"w": X.T @ rest / len(y), "b": np.array([rest.mean()])})
    return 0.5 * np.mean((X @ params["w"] + params["b"] - y) ** 2)


def normal(*shapes):
    return lambda rng: tuple(0.6 * rng.normal(size=s) for s in shapes)


MASK = np.array([1, 1, 1, 1, 0, 0], bool)
KERNELS = [
    Kernel(
        "chain of tags",
        chain_loss,
        lambda rng: (*normal((6, 3), (3, 3), (3,), (3,))(rng), [0, 2, 1, 1, 0, 2], MASK.copy()),
        (0, 1, 2, 3),
    ),
    Kernel("ctc", ctc_loss, lambda rng: (rng.normal(size=(6, 3)), [1, 2, 2]), (0,)),
    Kernel(
        "char rnn",
        char_rnn,
        lambda rng: (*normal((3, 4), (3, 3), (4, 3), (3, 1), (4, 1))(rng), [0, 1, 2], [1, 2, 3]),
        (0, 1, 2, 3, 4),
    ),
    Kernel(
        "transformer",
        transformer,
        normal((6, 4), (4,), (4,), (4, 12), (4, 4), (4, 8), (8, 4)),
        (0, 1, 2, 3, 4, 5, 6),
    ),
    Kernel(
        "layers of classes",
        layers_of_classes,
        normal((3, 4), (4,), (4, 2), (2,), (3, 3), (3, 2)),
        (0, 1, 2, 3),
    ),
    Kernel(
        "gaussian process",
        gaussian_process,
        lambda rng: (0.7, 1.2, 0.1, rng.normal(size=(5, 2)), rng.normal(size=5)),
        (0, 1, 2, 3, 4),
    ),
    Kernel(
        "through an optimiser",
        through_an_optimiser,
        lambda rng: (0.1, 0.8, rng.normal(size=3), rng.normal(size=(6, 3)), rng.normal(size=6)),
        (0, 1, 2, 3, 4),
    ),
]
