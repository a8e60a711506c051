"""Automatic differentiation with a tape: a tour, from one layer to a trained network.

The sections follow the usual introduction to torch.autograd; each header has its Japanese name
beside it. Run it: ``python examples/autograd_tour.py``.
"""

from __future__ import annotations

import numpy as np

from s2s_grad import tape
from s2s_grad.tape.nn import functional as F


def one_layer() -> None:
    """Tensors, functions and the graph (テンソル、関数、計算グラフ).

    A tensor is an array that remembers what it was computed by. Only those that are asked to
    (`requires_grad`) take part; the graph is recorded while the lines run.
    """
    x = tape.ones(5)  # input
    y = tape.zeros(3)  # expected output
    w = tape.randn(5, 3, requires_grad=True)
    b = tape.randn(3, requires_grad=True)
    z = tape.matmul(x, w) + b
    loss = F.binary_cross_entropy_with_logits(z, y)
    print("the node of z:   ", z.grad_fn)
    print("the node of loss:", loss.grad_fn)

    # NumPy's own names record as well, and a tensor can be asked to require grad later.
    assert (np.matmul(x, w) + b).requires_grad
    late = tape.ones(3).requires_grad_(True)
    assert late.is_leaf

    # The graph can be walked: from the loss down to the leaves, where gradients accumulate.
    node = loss.grad_fn
    while node is not None:
        print("  ", node.name())
        node = next((n for n, _ in node.next_functions if n is not None), None)

    print_gradients(w, b, z, loss)
    switching_off(x, w, b)
    print("a picture of the graph:", len(tape.draw(loss, {"w": w, "b": b}).svg), "bytes of SVG")


def print_gradients(w: tape.Tensor, b: tape.Tensor, z: tape.Tensor, loss: tape.Tensor) -> None:
    """Computing gradients (勾配の計算)."""
    loss.backward()
    print("d loss / d w =\n", w.grad)
    print("d loss / d b =", b.grad)
    assert np.allclose(b.grad.numpy(), F.sigmoid(z.detach()).numpy() / 3)
    # The first pass freed the saved values; a second one needs retain_graph=True in the first.
    try:
        loss.backward()
    except tape.FreedError as error:
        print("a second backward():", error.remedy)


def switching_off(x: tape.Tensor, w: tape.Tensor, b: tape.Tensor) -> None:
    """Not computing gradients (勾配計算をしない方法): frozen parameters, faster inference."""
    z = tape.matmul(x, w) + b
    print("recorded:      ", z.requires_grad)
    with tape.no_grad():
        z = tape.matmul(x, w) + b
    print("under no_grad: ", z.requires_grad)
    z = (tape.matmul(x, w) + b).detach()
    print("after detach():", z.requires_grad)


def changing_graphs() -> None:
    """More on graphs (計算グラフについて補足): each run records its own."""
    x = tape.tensor([0.3, 0.9], requires_grad=True)
    for limit in (2.0, 20.0):
        y, steps = x, 0
        while y.sum() < limit:  # an ordinary condition on a value
            y = y * 2 if steps % 2 else y + x
            steps += 1
        (g,) = tape.grad(y.sum(), x)
        print(f"until {limit}: {steps} steps, gradient {g}")


def jacobian_products() -> None:
    """Tensor gradients and Jacobian products (テンソルに対する勾配とヤコビ行列)."""
    inp = tape.eye(5, requires_grad=True)
    out = (inp + 1).pow(2)
    out.backward(tape.ones_like(inp), retain_graph=True)
    print("first call\n", inp.grad)
    out.backward(tape.ones_like(inp), retain_graph=True)
    print("second call: gradients accumulate\n", inp.grad)
    inp.grad.zero_()
    out.backward(tape.ones_like(inp), retain_graph=True)
    print("after zeroing\n", inp.grad)


def second_derivatives() -> None:
    """Gradients of gradients, and the whole Jacobian at once."""
    x = tape.tensor(2.0, requires_grad=True)
    y = x**4
    for order in (1, 2, 3):
        (y,) = tape.grad(y, x, create_graph=True)
        print(f"derivative {order} of x**4 at 2:", y.item())
    print(tape.functional.jacobian(lambda v: v**2, tape.tensor([1.0, 2.0])))


def train(images: np.ndarray, labels: np.ndarray, steps: int = 200) -> list[tape.Tensor]:
    """Train a network of two layers by gradient descent; return its parameters."""
    tape.manual_seed(0)
    w1 = (tape.randn(64, 32) * 0.2).requires_grad_()
    b1 = tape.zeros(32, requires_grad=True)
    w2 = (tape.randn(32, 10) * 0.2).requires_grad_()
    b2 = tape.zeros(10, requires_grad=True)
    parameters = [w1, b1, w2, b2]
    for step in range(steps):
        loss = F.cross_entropy(logits(parameters, images), labels)
        loss.backward()
        with tape.no_grad():  # the update is no part of the graph
            for p in parameters:
                p -= 0.5 * p.grad
                p.grad.zero_()
        if step % 50 == 0 or step == steps - 1:
            print(f"step {step:3}: loss {loss.item():.4f}")
    return parameters


def logits(parameters: list[tape.Tensor], images: np.ndarray) -> tape.Tensor:
    """Return the network's scores of each class."""
    w1, b1, w2, b2 = parameters
    return F.relu(images @ w1 + b1) @ w2 + b2


def main() -> None:
    """Take the tour, and train on handwritten digits."""
    from sklearn.datasets import load_digits

    tape.manual_seed(1)
    one_layer()
    changing_graphs()
    jacobian_products()
    second_derivatives()

    digits = load_digits()
    images, labels = digits.data / 16.0, digits.target
    order = np.random.default_rng(0).permutation(len(images))
    images, labels = images[order], labels[order]
    parameters = train(images[:1400], labels[:1400])
    with tape.no_grad():
        guesses = logits(parameters, images[1400:]).argmax(axis=1)
    accuracy = np.mean(guesses.numpy() == labels[1400:])
    print(f"accuracy on digits that it has not seen: {accuracy:.3f}")
    assert accuracy > 0.9


if __name__ == "__main__":
    main()
