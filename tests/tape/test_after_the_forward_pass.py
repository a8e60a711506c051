"""What happens between the forward pass and the backward pass: freezing, writing, hooks."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from s2s_grad import S2SError, grad, tape
from s2s_grad.tape import GraphError, InPlaceError


def leaves():
    return tape.tensor([1.0, 2.0], requires_grad=True), tape.tensor([3.0, 4.0], requires_grad=True)


@pytest.mark.parametrize("freeze", [lambda x: x.requires_grad_(False), lambda x: x.detach_()])
def test_a_leaf_that_was_frozen_gets_no_gradient(freeze):
    x, w = leaves()
    y = (x * w).sum()
    freeze(x)
    y.backward()
    assert x.grad is None
    np.testing.assert_array_equal(w.grad.numpy(), [1, 2])
    y = (w * w).sum()
    with pytest.raises(GraphError, match="require grad"):
        tape.grad(y, x)


def test_a_leaf_that_was_frozen_and_written_is_a_result():
    x, w = leaves()
    y = (x * 2).sum() + (w * 3).sum()
    x.requires_grad_(False)
    x[0] = w[0]
    with pytest.raises(GraphError, match=r"frozen and then written in place(.|\n)*x\[0\] = w\[0\]"):
        y.backward()
    assert w.grad is None  # a backward pass that fails leaves all gradients as they were


def test_a_quotient_may_be_written():
    x, w = leaves()
    q = x / w
    q *= 2
    q.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [2 / 3, 2 / 4])
    np.testing.assert_allclose(w.grad.numpy(), [-2 / 9, -4 / 16])


def test_a_quotient_may_be_written_through_a_view():
    x, w = leaves()
    q = x / w
    q[:1].mul_(2)
    (by_w,) = tape.grad(q.sum(), w, create_graph=True)
    np.testing.assert_allclose(by_w.detach().numpy(), [-2 / 9, -2 / 16])
    (second,) = tape.grad(by_w.sum(), w)
    np.testing.assert_allclose(second.numpy(), [4 / 27, 4 / 64])


def test_a_quotient_may_be_written_through_a_detached_tensor():
    x, w = leaves()
    q = x / w
    q.detach().mul_(2)
    q.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [1 / 3, 1 / 4])
    np.testing.assert_allclose(w.grad.numpy(), [-1 / 9, -2 / 16])


def test_the_dividend_of_a_quotient_is_saved():
    x, w = leaves()
    y = x * 1
    q = y / w
    y.mul_(2)
    with pytest.raises(InPlaceError, match="`x1` of DivBackward0"):
        q.sum().backward()


def test_a_view_of_a_detached_base_that_is_written_is_a_constant():
    x, _ = leaves()
    base = x * 3
    view = base[:1]
    kept = base[1:]
    assert kept.requires_grad
    base.detach_()
    (found,) = tape.grad(view.sum(), x, retain_graph=True)
    np.testing.assert_array_equal(found.numpy(), [3, 0])
    base.mul_(2)
    (found,) = tape.grad(view.sum(), x, allow_unused=True)
    assert found is None
    assert view.requires_grad
    assert not view.is_leaf


def test_a_view_of_a_base_that_was_written_and_detached_is_a_constant():
    x, w = leaves()
    base = x * 3
    view = base[:1]
    base.mul_(w)
    base.detach_()
    assert tape.grad(view.sum(), (x, w), allow_unused=True) == (None, None)


def test_a_retained_gradient_is_that_of_the_base_after_a_write_to_a_view():
    x, _ = leaves()
    base = x * 3
    base.retain_grad()
    base[:1].mul_(5)
    base.sum().backward()
    np.testing.assert_array_equal(base.grad.numpy(), [1, 1])
    np.testing.assert_array_equal(x.grad.numpy(), [15, 3])


def test_an_infinite_derivative_of_what_is_not_chosen_is_zero():
    at = np.array([0.0, 2.0])
    with np.errstate(divide="ignore"):
        found = grad(lambda x: np.reciprocal(x)[1], mode="tape")(at)
    np.testing.assert_array_equal(found, [0, -0.25])


def test_a_leaf_is_an_operand_of_a_write_to_its_own_memory():
    x, _ = leaves()
    y = x.detach()
    y.sub_(x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), [-1, -1])


def test_hooks_of_an_accumulating_node_are_for_backward():
    x, _ = leaves()
    seen = []
    y = x * 3
    node = y.grad_fn.next_functions[0][0]
    node.register_prehook(lambda grads: seen.append("before"))
    node.register_hook(lambda _, grads: seen.append("after"))
    tape.grad(y.sum(), x, retain_graph=True)
    assert seen == []
    y.sum().backward()
    assert seen == ["before", "after"]


def test_a_retained_gradient_is_added_to_from_threads():
    x, _ = leaves()
    y = x * 2
    y.retain_grad()
    z = (y * y).sum()
    threads = [
        threading.Thread(target=lambda: [z.backward(retain_graph=True) for _ in range(50)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(y.grad.numpy(), [200 * 4.0, 200 * 8.0])
    np.testing.assert_array_equal(x.grad.numpy(), [200 * 8.0, 200 * 16.0])


class Parameter(tape.Tensor):
    """A user's class of tensors."""


def test_tensors_of_a_users_class():
    p = Parameter([1.0, 2.0], requires_grad=True)
    y = (p * p + 2 * p).sum() + np.exp(p).sum() + p[0] + np.stack([p, p]).sum()
    y.backward()
    expected = np.array([1.0, 2.0])
    np.testing.assert_allclose(p.grad.numpy(), 4 + 2 * expected + np.exp(expected) + [1, 0])


def test_tensors_of_a_users_class_as_arguments():
    p = Parameter([1.0, 2.0])
    np.testing.assert_allclose(grad(lambda x: np.sum(x * x), mode="tape")(p), [2, 4])


def test_callbacks_of_c_code_give_the_reason():
    optimize = pytest.importorskip("scipy.optimize")

    def root(x):
        return optimize.brentq(lambda t: t**2 - x, 0.0, 3.0)

    def constant(x):
        return optimize.brentq(lambda t: t**2 - 2.0, 0.0, 3.0) * x

    assert grad(constant, mode="tape")(2.0) == pytest.approx(np.sqrt(2))
    with pytest.raises(S2SError, match=r"`scipy\.optimize\.brentq` has no rule") as caught:
        grad(root, mode="tape")(2.0)
    assert caught.value.location.file == __file__
