"""Cross entropy: classes along the second axis, weights, ignored items, wrong targets."""

from __future__ import annotations

import numpy as np
import pytest

from s2s_grad import S2SError, tape
from s2s_grad.tape.nn import functional as F

SHAPES = [(3,), (4, 3), (2, 3, 2), (2, 3, 2, 3)]


def expected(x, classes, weight, reduction, ignored):
    """Return the loss, item by item."""
    axis = 1 if x.ndim > 1 else 0
    logs = np.moveaxis(x - np.log(np.sum(np.exp(x), axis, keepdims=True)), axis, -1)
    losses, factors = [], []
    for place in np.ndindex(classes.shape):
        k = classes[place]
        factors.append(0.0 if k == ignored else weight[k])
        losses.append(-logs[place][k] * factors[-1] if k != ignored else 0.0)
    if reduction == "none":
        return np.reshape(losses, classes.shape)
    return np.sum(losses) / (np.sum(factors) if reduction == "mean" else 1)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weighted", [False, True])
def test_classes_are_along_the_second_axis(shape, reduction, weighted):
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape)
    axis = 1 if len(shape) > 1 else 0
    classes = rng.integers(0, 2, shape[:axis] + shape[axis + 1 :])
    if classes.ndim:
        classes.flat[0] = 2  # ignored
    weight = np.array([1.0, 2.0, 0.5])
    given = weight if weighted else None

    def loss(x):
        return F.cross_entropy(x, classes, given, reduction, ignore_index=2)

    value = expected(x, classes, weight if weighted else np.ones(3), reduction, 2)
    np.testing.assert_allclose(loss(tape.tensor(x)).numpy(), value)
    assert tape.gradcheck(loss, (tape.tensor(x, requires_grad=True),))


@pytest.mark.parametrize("shape", SHAPES)
def test_probabilities_of_the_classes(shape):
    rng = np.random.default_rng(1)
    x, shares = rng.normal(size=shape), rng.random(shape)
    axis = 1 if len(shape) > 1 else 0
    logs = x - np.log(np.sum(np.exp(x), axis, keepdims=True))
    value = F.cross_entropy(tape.tensor(x), shares)
    np.testing.assert_allclose(value.numpy(), -np.mean(np.sum(logs * shares, axis)))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_all_items_ignored(smoothing):
    x = tape.tensor(np.ones((2, 3)), requires_grad=True)
    loss = F.cross_entropy(x, np.array([-100, -100]), label_smoothing=smoothing)
    loss.backward()
    assert loss.item() == 0
    np.testing.assert_array_equal(x.grad.numpy(), np.zeros((2, 3)))


WRONG = {
    "class": ((2, 3), np.array([0, 3]), None, IndexError),
    "negative": ((2, 3), np.array([0, -1]), None, IndexError),
    "count": ((2, 3), np.array([0]), None, ValueError),
    "axes": ((2, 3, 4), np.array([0, 1]), None, ValueError),
    "floats": ((2, 3), np.array([0.0, 1.0]), None, TypeError),
    "weight": ((2, 3), np.array([0, 1]), np.ones(2), ValueError),
    "probabilities": ((2, 3), np.ones((2, 4)), None, ValueError),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_targets_are_refused(name):
    shape, target, weight, kind = WRONG[name]
    with pytest.raises(S2SError) as caught:
        F.cross_entropy(tape.tensor(np.ones(shape)), target, weight)
    assert isinstance(caught.value, kind)
    assert caught.value.remedy
