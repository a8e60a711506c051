"""The walk-through of automatic differentiation, line by line, with every value it prints."""

from __future__ import annotations

import re

import numpy as np
import pytest

from s2s_grad import tape
from s2s_grad.tape.nn import functional as F


@pytest.fixture
def network():
    tape.manual_seed(0)
    x = tape.ones(5)
    y = tape.zeros(3)
    w = tape.randn(5, 3, requires_grad=True)
    b = tape.randn(3, requires_grad=True)
    z = tape.matmul(x, w) + b
    return x, y, w, b, z, F.binary_cross_entropy_with_logits(z, y)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def test_the_graph_is_recorded_while_it_runs(network):
    _x, _y, w, b, z, loss = network
    values = w.detach().numpy().sum(axis=0) + b.detach().numpy()
    np.testing.assert_allclose(z.detach().numpy(), values, rtol=1e-12)
    expected = np.mean(np.log1p(np.exp(values)))
    np.testing.assert_allclose(loss.item(), expected, rtol=1e-12)


def test_numpy_names_record_too(network):
    x, _y, w, b, z, _ = network
    again = np.matmul(x, w) + b
    assert isinstance(again, tape.Tensor)
    assert again.requires_grad
    np.testing.assert_array_equal(again.detach().numpy(), z.detach().numpy())


def test_gradient_functions_print_their_names(network):
    *_, z, loss = network
    assert re.fullmatch(r"<AddBackward0 object at 0x[0-9a-f]+>", repr(z.grad_fn))
    name = r"<BinaryCrossEntropyWithLogitsBackward0 object at 0x[0-9a-f]+>"
    assert re.fullmatch(name, repr(loss.grad_fn))


def test_leaves_have_no_gradient_function(network):
    x, y, w, b, *_ = network
    assert [t.grad_fn for t in (x, y, w, b)] == [None] * 4
    assert [t.is_leaf for t in (x, y, w, b)] == [True] * 4


def test_the_graph_is_walked_down_to_the_leaves(network):
    _x, _y, w, b, z, loss = network
    (add, _), *rest = loss.grad_fn.next_functions
    assert add is z.grad_fn
    assert [node for node, _ in rest] == [None]  # the target is a constant
    (product, _), (end, _) = add.next_functions
    assert end.name() == "AccumulateGrad"
    assert end.variable is b
    ends = [node for node, _ in product.next_functions]
    assert ends[0] is None
    assert ends[1].variable is w


def test_backward_fills_the_gradients(network):
    x, y, w, b, z, loss = network
    loss.backward()
    expected = sigmoid(z.detach().numpy()) / 3
    np.testing.assert_allclose(b.grad.numpy(), expected, rtol=1e-12)
    np.testing.assert_allclose(w.grad.numpy(), np.tile(expected, (5, 1)), rtol=1e-12)
    assert x.grad is None
    assert y.grad is None


def test_the_printed_gradients_of_the_document():
    """Logits are recovered from the printed gradient: sigmoid(z) / 3 = 0.1212, 0.1953, 0.3046."""
    printed = np.array([0.1212, 0.1953, 0.3046])
    logits = np.log(3 * printed / (1 - 3 * printed))
    w = tape.zeros(5, 3, requires_grad=True)
    b = tape.tensor(logits, requires_grad=True)
    F.binary_cross_entropy_with_logits(tape.matmul(tape.ones(5), w) + b, tape.zeros(3)).backward()
    assert repr(w.grad).splitlines() == [
        "tensor([[0.1212, 0.1953, 0.3046],",
        *["        [0.1212, 0.1953, 0.3046],"] * 3,
        "        [0.1212, 0.1953, 0.3046]])",
    ]
    assert repr(b.grad) == "tensor([0.1212, 0.1953, 0.3046])"


def test_requires_grad_set_later():
    x = tape.ones(3)
    assert x.requires_grad_(True) is x
    (x * 2).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]


def test_the_gradient_of_a_result_is_none_with_a_warning(network):
    *_, z, loss = network
    loss.backward()
    with pytest.warns(UserWarning, match=r"retain_grad\(\)"):
        assert z.grad is None


def test_a_second_backward_names_retain_graph(network):
    *_, loss = network
    loss.backward()
    with pytest.raises(tape.FreedError, match="retain_graph=True"):
        loss.backward()


def test_retained_graph_runs_again(network):
    _, _, _, b, _, loss = network
    loss.backward(retain_graph=True)
    first = b.grad.numpy().copy()
    loss.backward()
    np.testing.assert_allclose(b.grad.numpy(), 2 * first, rtol=1e-12)


def test_recording_is_switched_off(network):
    x, _, w, b, *_ = network
    z = tape.matmul(x, w) + b
    assert z.requires_grad is True
    with tape.no_grad():
        z = tape.matmul(x, w) + b
    assert z.requires_grad is False
    z = tape.matmul(x, w) + b
    assert z.detach().requires_grad is False


def test_the_graph_is_rebuilt_by_every_run():
    x = tape.tensor([0.5, 1.5], requires_grad=True)
    found = []
    for size in (1, 2, 3):
        y = np.concatenate([x] * size)
        while y.sum() < 10 * size:
            y = y * 2 if size % 2 else y + y * y
        (g,) = tape.grad(y.sum(), x)
        found.append(g.tolist())
    assert found[0] == [8.0, 8.0]
    assert found[2] == [24.0, 24.0]
    assert found[1] != found[0]


def test_jacobian_products_accumulate():
    inp = tape.eye(5, requires_grad=True)
    out = (inp + 1).pow(2)
    ones = tape.ones_like(inp)
    out.backward(ones, retain_graph=True)
    grad = inp.grad
    first = np.full((5, 5), 2.0) + 2 * np.eye(5)
    np.testing.assert_array_equal(grad.numpy(), first)
    out.backward(ones, retain_graph=True)
    assert inp.grad is grad
    np.testing.assert_array_equal(grad.numpy(), 2 * first)
    inp.grad.zero_()
    out.backward(ones, retain_graph=True)
    np.testing.assert_array_equal(inp.grad.numpy(), first)
    assert repr(inp.grad).splitlines()[0] == "tensor([[4., 2., 2., 2., 2.],"


def test_a_cotangent_of_another_shape_gives_both_shapes():
    out = (tape.eye(5, requires_grad=True) + 1).pow(2)
    with pytest.raises(tape.GraphError, match=r"\(5,\).*\(5, 5\)"):
        out.backward(tape.ones(5))


def test_backward_of_a_scalar_has_cotangent_one(network):
    _, _, _, b, _, loss = network
    loss.backward(retain_graph=True)
    without = b.grad.numpy().copy()
    b.grad = None
    loss.backward(tape.tensor(1.0))
    np.testing.assert_array_equal(b.grad.numpy(), without)
