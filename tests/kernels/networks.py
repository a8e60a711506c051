"""Layers and losses of neural networks, looped and in place."""

from __future__ import annotations

import numpy as np
from kernel import Kernel


def conv2d(image, weights, bias, out):
    """Convolve without padding: images are (height, width, channels)."""
    size = weights.shape[0]
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            window = image[i : i + size, j : j + size, :, np.newaxis]
            out[i, j, :] = np.sum(window * weights, axis=(0, 1, 2))
    out += bias


def maxpool2d(x):
    out = np.empty((x.shape[0] // 2, x.shape[1] // 2, x.shape[2]))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j, :] = np.max(x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2, :], axis=(0, 1))
    return out


def relu(x):
    return np.maximum(x, 0)


def conv2d_objective(image, weights, bias):
    size = weights.shape[0]
    shape = (image.shape[0] - size + 1, image.shape[1] - size + 1, weights.shape[3])
    out = np.empty(shape, dtype=np.float64)
    conv2d(image, weights, bias, out)
    return np.sum(out**2)


def lenet(image, conv1, bias1, conv2, bias2, dense, offset):
    first = np.zeros((image.shape[0] - 2, image.shape[1] - 2, conv1.shape[3]))
    conv2d(image, conv1, bias1, first)
    x = maxpool2d(relu(first))
    second = np.zeros((x.shape[0] - 1, x.shape[1] - 1, conv2.shape[3]))
    conv2d(x, conv2, bias2, second)
    x = np.reshape(relu(second), (-1,))
    return x @ dense + offset


def lenet_objective(image, conv1, bias1, conv2, bias2, dense, offset):
    scores = lenet(image, conv1, bias1, conv2, bias2, dense, offset)
    scores -= np.max(scores)
    return np.log(np.sum(np.exp(scores))) - scores[1]


def softmax(x, out):
    np.exp(x - np.max(x, axis=-1, keepdims=True), out=out)
    out /= np.sum(out, axis=-1, keepdims=True)


def softmax_objective(x):
    out = np.empty_like(x)
    softmax(x, out)
    return -np.sum(np.log(out[np.arange(len(x)), [0, 2, 1]]))


def mlp(x, layers):
    for k, (weights, bias) in enumerate(layers):
        x = x @ weights
        x += bias
        if k < len(layers) - 1:
            np.maximum(x, 0.0, out=x)
    return x


def mlp_objective(x, w1, b1, w2, b2):
    out = np.empty((len(x), len(b2)))
    softmax(mlp(x, [(w1, b1), (w2, b2)]), out)
    return np.sum(out[:, 0] ** 2)


def batch_norm(x, gain, shift, running, momentum):
    mean = np.mean(x, axis=0)
    centred = x - mean
    spread = np.mean(centred**2, axis=0)
    running[0] = momentum * running[0] + (1 - momentum) * mean
    running[1] = momentum * running[1] + (1 - momentum) * spread
    centred /= np.sqrt(spread + 1e-5)
    centred *= gain
    centred += shift
    return centred


def batch_norm_into_argument(x, gain, shift, running, momentum):
    y = batch_norm(x, gain, shift, running, momentum)
    return np.sum(y**3) + np.sum(running**2)


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def lstm(xs, W, b, h, c):
    """Run a cell over a sequence; the state is written over, the outputs are kept."""
    d = len(h)
    hs = np.zeros((len(xs), d))
    for t, x in enumerate(xs):
        z = W @ np.concatenate([x, h]) + b
        i, f, o = sigmoid(z[:d]), sigmoid(z[d : 2 * d]), sigmoid(z[2 * d : 3 * d])
        c *= f
        c += i * np.tanh(z[3 * d :])
        h[:] = o * np.tanh(c)
        hs[t] = h
    return hs


def lstm_into_arguments(xs, W, b, h, c):
    hs = lstm(xs, W, b, h, c)
    return np.sum(hs[:-1] * hs[1:]) + c @ c


class Dense:
    """A layer that keeps its input, and a step of descent written by hand."""

    def __init__(self, weights, bias):
        self.weights = weights
        self.bias = bias
        self.seen = None

    def forward(self, x):
        self.seen = x
        return np.tanh(x @ self.weights + self.bias)

    def step(self, out, slope, rate):
        slope = slope * (1 - out**2)
        self.weights -= rate * (self.seen.T @ slope)
        self.bias -= rate * slope.sum(axis=0)


def unrolled_training_objective(weights, bias, x, y, rate):
    layer = Dense(weights.copy(), bias.copy())
    for _ in range(3):
        out = layer.forward(x)
        layer.step(out, 2 * (out - y) / y.size, rate)
    return np.mean((layer.forward(x) - y) ** 2)


def draw(*shapes):
    return lambda rng: tuple(rng.normal(size=s) for s in shapes)


KERNELS = [
    Kernel("conv2d", conv2d_objective, draw((4, 5, 2), (2, 2, 2, 3), (3,)), (0, 1, 2)),
    Kernel(
        "lenet",
        lenet_objective,
        lambda r: tuple(
            0.4 * r.normal(size=s) + 0.1
            for s in ((8, 8, 1), (3, 3, 1, 2), (2,), (2, 2, 2, 2), (2,), (8, 3), (3,))
        ),
        (0, 1, 2, 3, 4, 5, 6),
    ),
    Kernel("softmax", softmax_objective, draw((3, 4)), (0,)),
    Kernel("mlp", mlp_objective, draw((3, 4), (4, 5), (5,), (5, 2), (2,)), (0, 1, 2, 3, 4)),
    Kernel(
        "batch norm into its argument",
        batch_norm_into_argument,
        lambda r: (*draw((5, 3), (3,), (3,), (2, 3))(r), 0.9),
        (0, 1, 2, 3, 4),
    ),
    Kernel(
        "lstm into its arguments",
        lstm_into_arguments,
        draw((3, 2), (8, 4), (8,), (2,), (2,)),
        (0, 1, 2, 3, 4),
    ),
    Kernel(
        "unrolled training",
        unrolled_training_objective,
        lambda r: (*draw((3, 2), (2,), (5, 3), (5, 2))(r), 0.3),
        (0, 1, 2, 3, 4),
    ),
]
