"""The engine: long chains, shared parts, memory, threads."""

from __future__ import annotations

import gc
import threading
import tracemalloc
import weakref

import numpy as np
import pytest

from s2s_grad import tape


def test_a_chain_of_a_hundred_thousand():
    x = y = tape.tensor(1.0, requires_grad=True)
    for _ in range(100_000):
        y = y + 1.0
    y.backward()
    assert x.grad.item() == 1.0
    del y  # and taking it apart does not recurse


def test_a_long_chain_with_create_graph():
    x = y = tape.tensor(0.5, requires_grad=True)
    for _ in range(5_000):
        y = y * 1.0001
    (g,) = tape.grad(y * y, x, create_graph=True)
    (h,) = tape.grad(g, x)
    assert h.item() == pytest.approx(2 * 1.0001**10_000, rel=1e-12)


def test_a_diamond_of_sixty_levels_runs_each_node_once():
    x = y = tape.tensor(1.0, requires_grad=True)
    count = []
    for _ in range(60):
        y = y + y
        y.grad_fn.register_hook(lambda gi, go: count.append(1))
    y.backward()
    assert x.grad.item() == 2.0**60
    assert len(count) == 60


def test_nodes_run_in_reverse_order_of_recording():
    x, order = tape.ones(2, requires_grad=True), []
    results = [x * 2, x * 3, x * 4]
    for name, result in enumerate(results):
        result.register_hook(lambda g, name=name: order.append(name))
    (results[0] + results[2] + results[1]).sum().backward()
    assert order == [2, 1, 0]


def test_only_paths_to_the_inputs_run():
    x, y = tape.ones(2, requires_grad=True), tape.ones(2, requires_grad=True)
    seen = []
    a, b = x * 2, y * 3
    a.register_hook(lambda g: seen.append("a"))
    b.register_hook(lambda g: seen.append("b"))
    tape.grad((a * b).sum(), x)
    assert seen == ["a"]


def test_values_of_other_paths_are_kept():
    x, y = tape.ones(2, requires_grad=True), tape.ones(2, requires_grad=True)
    b = y * y
    out = (x * 2 + b).sum()
    tape.grad(out, x)
    b.sum().backward()
    assert y.grad.tolist() == [2.0, 2.0]


def test_reentrant_backward_in_a_hook():
    x, z = tape.tensor(2.0, requires_grad=True), tape.tensor(3.0, requires_grad=True)
    y = x * x
    y.register_hook(lambda g: (z * z).backward() if tape.is_grad_enabled() else _inner(z))
    y.backward()
    assert x.grad.item() == 4.0
    assert z.grad.item() == 6.0


def _inner(z):
    with tape.enable_grad():
        (z * z).backward()


# ------------------------------------------------------------------------------------------ memory


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_graph_is_freed_without_the_collector(no_collector):
    x = tape.randn(3, requires_grad=True)
    h = np.exp(x) * x
    v = h[1:]
    v *= 2
    loss = (np.tanh(h) @ h + np.sum(np.where(h > 0, h, 0.0))).sum()
    alive = [weakref.ref(t) for t in (h, v, loss)] + [weakref.ref(t._node) for t in (h, loss)]
    loss.backward()
    del h, v, loss
    assert [r() for r in alive] == [None] * len(alive)
    leaf = weakref.ref(x)
    del x
    assert leaf() is None


def test_create_graph_leaves_no_cycle(no_collector):
    x = tape.randn(3, requires_grad=True)
    y = (np.exp(x) * np.sqrt(x * x + 1)).sum()
    (g,) = tape.grad(y, x, create_graph=True)
    (h,) = tape.grad(g.sum(), x)
    alive = [weakref.ref(t) for t in (x, y, g, h)] + [weakref.ref(y._node), weakref.ref(g._node)]
    del x, y, g, h
    assert [r() for r in alive] == [None] * len(alive)


def test_custom_functions_leave_no_cycle(no_collector):
    class Exp(tape.Function):
        @staticmethod
        def forward(ctx, x):
            y = np.exp(x)
            ctx.save_for_backward(x, y)
            return y

        @staticmethod
        def backward(ctx, ct):
            return ct * ctx.saved_tensors[1]

    x = tape.ones(2, requires_grad=True)
    y = Exp.apply(x)
    node = weakref.ref(y._node)
    y.sum().backward()
    del y
    assert node() is None
    assert x.grad.tolist() == [np.e, np.e]


def test_buffers_are_freed_while_the_pass_runs():
    big = np.ones(100_000)
    x = y = tape.tensor(big, requires_grad=True)
    for _ in range(20):
        y = y * x
    loss = y.sum()
    del y
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    loss.backward()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 5 * big.nbytes


def test_a_thousand_iterations_of_training_do_not_grow():
    tape.manual_seed(1)
    x, y = tape.randn(16, 4), tape.randn(16)
    w = tape.zeros(4, requires_grad=True)
    b = tape.tensor(0.0, requires_grad=True)

    def step():
        loss = ((x @ w + b - y) ** 2).mean()
        loss.backward()
        with tape.no_grad():
            for p in (w, b):
                p -= 0.05 * p.grad
                p.grad = None
        return loss.item()

    losses = [step() for _ in range(20)]
    gc.collect()
    objects = len(gc.get_objects())
    tracemalloc.start()
    start = tracemalloc.get_traced_memory()[0]
    losses += [step() for _ in range(1000)]
    grown = tracemalloc.get_traced_memory()[0] - start
    tracemalloc.stop()
    assert losses[-1] < losses[0]
    assert grown < 100_000
    gc.collect()
    assert len(gc.get_objects()) - objects < 200
    solution, *_ = np.linalg.lstsq(np.c_[x.numpy(), np.ones(16)], y.numpy(), rcond=None)
    np.testing.assert_allclose(w.detach().numpy(), solution[:4], rtol=1e-6)


# ----------------------------------------------------------------------------------------- threads


def _in_threads(count, work):
    errors = []

    def run(i):
        try:
            work(i)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors


def test_threads_that_share_leaves_lose_nothing():
    w = tape.ones(64, requires_grad=True)

    def work(i):
        for _ in range(50):
            (w * float(i + 1)).sum().backward()

    _in_threads(8, work)
    assert w.grad.tolist() == [50.0 * 36] * 64


def test_threads_on_one_retained_graph():
    w = tape.tensor([2.0, 3.0], requires_grad=True)
    loss = (w**3).sum()
    _in_threads(8, lambda i: loss.backward(retain_graph=True))
    assert w.grad.tolist() == [96.0, 216.0]


def test_modes_belong_to_their_thread():
    seen = {}

    def work(i):
        with tape.set_grad_enabled(i % 2 == 0):
            x = tape.ones(1, requires_grad=True)
            seen[i] = [(x * 2).requires_grad for _ in range(200)]

    _in_threads(4, work)
    assert {i: set(found) for i, found in seen.items()} == {
        0: {True},
        1: {False},
        2: {True},
        3: {False},
    }
    assert tape.is_grad_enabled()


def test_a_graph_freed_by_another_thread():
    w = tape.tensor([2.0, 3.0], requires_grad=True)
    loss = (w * w).sum()
    _in_threads(1, lambda i: loss.backward())
    with pytest.raises(tape.FreedError):
        loss.backward()


def test_a_loop_over_items_is_linear():
    """The engine writes each item's cotangent in place: no array of zeros for each of them."""
    x = tape.tensor(np.linspace(0, 1, 3000), requires_grad=True)
    total = 0.0
    for i in range(3000):
        total = total + x[i] * x[i]
    tracemalloc.start()
    total.backward()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000
    np.testing.assert_allclose(x.grad.numpy(), 2 * np.linspace(0, 1, 3000), rtol=1e-12)


def test_several_results_beside_a_large_constant():
    large = np.linspace(0.0, 1.0, 100_000)
    x = tape.tensor([1.0, 2.0], requires_grad=True)
    rows, columns = np.meshgrid(x, large)
    (rows.sum() + columns.sum()).backward()
    np.testing.assert_array_equal(x.grad.numpy(), [large.size, large.size])
    rows, _ = np.meshgrid(x, large)
    large[0] = 1.0
    with pytest.raises(tape.InPlaceError, match="changed before backward"):
        rows.sum().backward()
