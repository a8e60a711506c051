"""Bad input: each error has its kind, names the user's lines, and says what to do."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest

from s2s_grad import MissingRule, S2SError, UnsupportedOption, tape
from s2s_grad.tape import (
    AnomalyError,
    ConnectionWarning,
    FreedError,
    GraphError,
    InPlaceError,
    TapeError,
)

HERE = "test_tape_errors.py:"


@pytest.fixture
def x():
    return tape.tensor([1.0, 2.0, 3.0], requires_grad=True)


def message(kind, action):
    with pytest.raises(kind) as caught:
        action()
    assert isinstance(caught.value, S2SError)
    return str(caught.value)


def test_a_freed_graph_names_the_operation_and_the_call_that_freed_it(x):
    y = (x * x).sum()
    y.backward()  # frees
    text = message(FreedError, y.backward)
    assert "MulBackward0" in text
    assert "y = (x * x).sum()" in text
    assert "y.backward()  # frees" in text
    assert "retain_graph=True" in text
    assert text.count(HERE) == 2


def test_a_changed_saved_value_names_the_operation_the_write_and_both_versions(x):
    h = x * 2
    y = h * h  # saves
    h += 1  # writes
    h += 1
    text = message(InPlaceError, y.sum().backward)
    for words in ("MulBackward0", "(3,)", "version 2", "version 0", "# saves", "h += 1  # writes"):
        assert words in text, text
    assert text.count(HERE) == 2


def test_a_write_through_a_view_is_named(x):
    h = x * 2
    y = np.exp(h)
    y.T[1:] *= 2  # through a view
    assert "# through a view" in message(InPlaceError, y.sum().backward)


def test_places_can_be_switched_off(x):
    with tape.record_places(False):
        y = (x * x).sum()
    y.backward()
    assert "not recorded" in message(FreedError, y.backward)


def test_wrong_seed_shape(x):
    text = message(GraphError, lambda: (x * x).backward(tape.ones(2)))
    assert "(2,)" in text
    assert "(3,)" in text
    assert HERE in text


def test_backward_of_an_array(x):
    text = message(GraphError, (x * x).backward)
    assert "(3,)" in text
    assert "backward(v)" in text


def test_backward_without_history():
    assert "requires_grad=True" in message(GraphError, tape.ones(1).backward)


def test_complex_scalars_need_a_seed():
    z = tape.tensor(1j, requires_grad=True)
    assert "complex" in message(GraphError, (z * z).backward)


@pytest.mark.parametrize("dtype", [int, bool])
def test_integers_cannot_require_grad(dtype):
    text = message(TapeError, lambda: tape.ones(2, dtype=dtype, requires_grad=True))
    assert "floating" in text
    assert str(np.dtype(dtype)) in text


def test_strings_make_no_tensor():
    assert "numbers" in message(TapeError, lambda: tape.tensor(["a"]))


def test_writing_to_a_leaf(x):
    def write():
        x[0] = 1.0

    for action in (write, lambda: x.add_(1), x.zero_, lambda: np.add(x, 1, out=x)):
        text = message(InPlaceError, action)
        assert "no_grad" in text
        assert HERE in text
    assert x.tolist() == [1.0, 2.0, 3.0]


def test_writing_to_a_view_of_a_leaf(x):
    assert "view of a leaf" in message(InPlaceError, lambda: x[:2].mul_(2))


def test_writing_to_one_of_several_views(x):
    first, _ = np.split(x * 2, [1])
    assert "several views" in message(InPlaceError, lambda: first.add_(1))


def test_detach_in_place_of_a_view(x):
    assert "detach()" in message(InPlaceError, (x * 2)[:1].detach_)


def test_switching_off_a_result(x):
    assert "detach()" in message(TapeError, lambda: (x * 2).requires_grad_(False))


def test_unused_input(x):
    y = tape.ones(2, requires_grad=True)
    text = message(GraphError, lambda: tape.grad((x * x).sum(), [x, y]))
    assert "allow_unused=True" in text
    assert "input 1" in text


def test_input_without_grad(x):
    assert "requires_grad=True" in message(GraphError, lambda: tape.grad(x.sum(), tape.ones(1)))


def test_empty_inputs(x):
    assert "inputs=[]" in message(GraphError, lambda: x.sum().backward(inputs=[]))


def test_hook_of_a_wrong_shape(x):
    x.register_hook(lambda g: g[:1])
    text = message(GraphError, (x * 2).sum().backward)
    assert "(1,)" in text
    assert "(3,)" in text


def test_hook_of_a_wrong_kind(x):
    x.register_hook(lambda g: 1.0)
    with pytest.raises(TypeError, match="hook returned float"):
        (x * 2).sum().backward()


def test_hook_of_a_wrong_dtype(x):
    x.register_hook(lambda g: g.astype(np.float32))
    assert "float32" in message(GraphError, (x * 2).sum().backward)


def test_numpy_of_a_tensor_that_requires_grad(x):
    assert "detach().numpy()" in message(TapeError, x.numpy)


@pytest.mark.parametrize("convert", [np.asarray, np.array, lambda t: np.array([t, t])])
def test_converting_to_an_array(x, convert):
    text = message(TapeError, lambda: convert(x))
    assert "np.stack" in text
    assert HERE in text


def test_filling_an_array_with_tensors(x):
    buffer = np.zeros(3)

    def items():
        buffer[0] = x[0]

    def part():
        buffer[:2] = x[:2]

    with pytest.raises(ValueError, match="setting an array element") as caught:
        items()  # NumPy's own words; ours are the cause
    assert "tape.zeros" in str(caught.value.__cause__)
    assert "tape.zeros" in message(TapeError, part)
    for action in (
        lambda: np.add.at(buffer, [0], x[:1]),
        lambda: np.copyto(buffer, x),
        lambda: np.add(x, 1, out=buffer),
        lambda: np.put(buffer, [0], x[0]),
        lambda: np.sum(x, out=np.zeros(())),
    ):
        assert "gradient would be lost" in message(TapeError, action)
    assert buffer.tolist() == [0.0, 0.0, 0.0]


def test_float_warns_that_the_connection_is_cut(x):
    with pytest.warns(ConnectionWarning, match="cut"):
        assert float(x[1] * 2) == 4.0
    with tape.no_grad():
        assert float(x[1]) == 2.0
    assert float(x[1].detach()) == 2.0
    assert x[1].item() == 2.0


@pytest.mark.parametrize("fn", [math.sin, math.sqrt, math.exp, math.asin])
def test_math_is_an_error_with_a_hint(x, fn):
    name = fn.__name__
    better = {"asin": "arcsin"}.get(name, name)
    scope = {"math": math, "t": x[0]}
    assert f"np.{better}" in message(TapeError, lambda: eval(f"math.{name}(t * 1.0)", scope))
    scope = {"f": fn, "t": x[0]}
    assert f"np.{better}" in message(TapeError, lambda: eval("f(t)", scope))


def test_truth_of_an_array(x):
    with pytest.raises(ValueError, match="ambiguous"):
        bool(x)
    assert bool(x[0])


def test_a_function_without_a_rule(x):
    text = message(MissingRule, lambda: np.i0(x))
    assert "numpy.i0" in text
    assert HERE in text
    assert "detach()" in text


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.add.reduceat(x, [0, 1]),
        lambda x: np.multiply.at(x * 1, [0], 2.0),
        lambda x: np.apply_along_axis(np.sum, 0, x),
        lambda x: np.frexp(x),
    ],
)
def test_no_function_returns_a_detached_array(x, call):
    with pytest.raises((MissingRule, TapeError, UnsupportedOption)):
        call(x)


def test_options_without_a_rule(x):
    assert "edge_order" in message(UnsupportedOption, lambda: np.gradient(x, edge_order=2))


def test_where_without_out(x):
    assert "out=" in message(
        UnsupportedOption, lambda: np.exp(x, where=np.array([True, False, True]))
    )


def test_where_with_out(x):
    out = tape.zeros(3)
    np.exp(x, where=np.array([True, False, True]), out=out)
    out.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [math.e, 0.0, math.exp(3)])


def test_copies_of_results(x):
    y = x * 2
    assert "clone()" in message(TapeError, lambda: copy.deepcopy(y))
    twin = pickle.loads(pickle.dumps(y))
    assert twin.is_leaf
    assert twin.requires_grad
    leaf = copy.deepcopy(x)
    assert leaf is not x
    assert leaf.tolist() == x.tolist()
    assert copy.copy(x).grad_fn.name() == "CloneBackward0"


def test_gradients_are_checked_when_assigned(x):
    with pytest.raises(TypeError, match="Tensor"):
        x.grad = np.ones(3)
    assert "(2,)" in message(TapeError, lambda: setattr(x, "grad", tape.ones(2)))
    wrong = tape.ones(3, dtype=np.float32)
    assert "float32" in message(TapeError, lambda: setattr(x, "grad", wrong))


def test_a_plain_array_that_was_changed_since():
    """Nobody counts writes to arrays: small ones are copied, large ones get a fingerprint."""
    for size in (10, 100_000):
        x = tape.tensor(np.ones(size), requires_grad=True)
        constant = np.full(size, 3.0)
        y = (x * constant).sum()
        constant[size // 2] = 7.0
        if size == 10:
            y.backward()
            assert x.grad.tolist() == [3.0] * size
        else:
            assert "was changed" in message(InPlaceError, y.backward)


def test_an_index_that_was_changed_since():
    x = tape.tensor([1.0, 2.0, 3.0], requires_grad=True)
    index = np.array([0, 0, 1])
    y = x[index].sum()
    h = x * 1
    h[index] = 5.0
    index[:] = 2
    (y + h.sum()).backward()
    assert x.grad.tolist() == [2.0, 1.0, 1.0]


# ----------------------------------------------------------------------------------------- anomaly


@pytest.mark.filterwarnings("ignore:anomaly detection")
def test_anomaly_names_the_forward_line_and_shows_values():
    x = tape.tensor([4.0, 0.0], requires_grad=True)
    with tape.detect_anomaly():
        root = np.sqrt(x)  # the culprit
        y = (root * np.array([1.0, 0.0])).sum()
        text = message(AnomalyError, y.backward)
    assert "SqrtBackward0" in text
    assert "root = np.sqrt(x)  # the culprit" in text
    assert "nan" in text
    assert "first not finite at (1,)" in text
    assert "result: [2., 0.]" in text


@pytest.mark.filterwarnings("ignore:anomaly detection")
def test_anomaly_finds_a_nan_of_the_forward_pass():
    x = tape.tensor([-1.0, 2.0], requires_grad=True)
    with tape.detect_anomaly(), np.errstate(all="ignore"):
        h = np.log(x)  # makes the first one
        y = np.exp(h).sum()
        text = message(AnomalyError, y.backward)
    assert "LogBackward0" in text
    assert "already forward" in text
    assert "# makes the first one" in text


@pytest.mark.filterwarnings("ignore:anomaly detection")
def test_anomaly_is_silent_where_all_is_well():
    x = tape.tensor([0.0], requires_grad=True)
    with tape.detect_anomaly():
        np.sqrt(x).sum().backward()  # infinite, but a number
    assert x.grad.tolist() == [math.inf]
    assert not tape.is_anomaly_enabled()
    with tape.detect_anomaly(check_inf=True), pytest.raises(AnomalyError):
        np.sqrt(x).sum().backward()
    with pytest.warns(UserWarning, match="slower"):
        tape.detect_anomaly()


# ------------------------------------------------------------------------------------------ picture


def test_drawing_shows_leaves_operations_shapes_and_what_is_saved():
    w, b = tape.ones(5, 3, requires_grad=True), tape.ones(3, requires_grad=True)
    loss = np.tanh(np.ones(5) @ w + b).sum()
    picture = tape.draw(loss, {"w": w, "b": b})
    svg = picture._repr_svg_()
    assert svg.startswith("<svg")
    assert svg.endswith("</svg>")
    for words in ("w", "b", "(5, 3)", "MatmulBackward0", "TanhBackward0", "saves result", HERE):
        assert words in svg
    import xml.etree.ElementTree as ElementTree

    ElementTree.fromstring(svg)
    loss.backward()
    assert "saved: freed" in str(tape.draw(loss))
    assert "constant" in str(tape.draw(tape.ones(2)))


def test_a_drawing_is_saved(tmp_path, x):
    path = tmp_path / "graph.svg"
    tape.draw((x * x).sum()).save(str(path))
    assert path.read_text(encoding="utf-8").startswith("<svg")


def test_a_cast_to_integers_has_no_gradient(x):
    y = (x * 2).astype(int)
    assert not y.requires_grad
    assert not x.astype(bool).requires_grad
    assert (x.astype(np.float32)).requires_grad
    (x * y).sum().backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0]


def test_functions_that_return_their_argument_give_views(x):
    h = x * 2
    for fn in (np.real, np.atleast_1d, np.ravel, np.squeeze, lambda t: t[...]):
        v = fn(h)
        v *= 2
    h.sum().backward()
    assert x.grad.tolist() == [64.0] * 3
