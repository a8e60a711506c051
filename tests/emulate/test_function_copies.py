"""The copy of a function that is run on tensors: NumPy, math, closures, globals."""

from __future__ import annotations

import functools
import math
import types
from math import exp, sqrt

import numpy as np
import numpy as xp
import pytest
from numpy import sin, zeros

from s2s_grad import tape
from s2s_grad.emulate.copies import Copies
from s2s_grad.tape import TapeError, Tensor
from s2s_grad.tape.number import Number

SCALE = 2.0
TABLE = np.array([1.0, 2.0, 3.0])
COUNT = 0
X = np.array([0.5, 1.5, -0.5])


def gradient(f, x=X):
    """Return the value and gradient of a function run on tensors."""
    leaf = tape.tensor(x, requires_grad=True)
    out = Copies()(f)(leaf.clone())
    total = out if isinstance(out, Tensor) and out.ndim == 0 else np.sum(out)
    total.backward()
    return leaf.grad.numpy()


def scalar(f, x):
    """Return the derivative of a function of a Python float."""
    leaf = tape.core.wrap(Number(x)).requires_grad_()
    out = Copies()(f)(+leaf)
    out.backward()
    return leaf.grad.item()


def filled(make):
    def f(x):
        y = make(len(x))
        for i in range(len(x)):
            y[i] = x[i] * x[i]
        return np.sum(y)

    return f


@pytest.mark.parametrize(
    "make",
    [
        lambda n: np.zeros(n),
        lambda n: np.empty(n),
        lambda n: np.ones(n),
        lambda n: np.full(n, 2.0),
        lambda n: np.array([0.0] * n),
        lambda n: np.arange(float(n)),
        lambda n: np.linspace(0, 1, n),
        lambda n: np.eye(n)[0],
        lambda n: np.zeros_like(TABLE),
        lambda n: np.asarray([1.0] * n),
        lambda n: np.copy(TABLE),
        lambda n: np.tile(1.0, n),
        lambda n: xp.zeros(n),
        lambda n: zeros(n),
        lambda n: zeros((n, 2))[:, 0],
        lambda n: np.exp(TABLE),
        lambda n: TABLE * 1.0,
        lambda n: np.linalg.inv(np.eye(n))[1],
    ],
)
def test_created_arrays_take_tensors(make):
    np.testing.assert_allclose(gradient(filled(make)), 2 * X)


def test_global_arrays_are_written_on_the_tape():
    def f(x):
        TABLE[1:] = x[1:] * x[1:]
        return np.sum(TABLE)

    before = TABLE.copy()
    np.testing.assert_allclose(gradient(f), [0.0, 3.0, -1.0])
    TABLE[:] = before


def test_joined_arrays():
    np.testing.assert_allclose(gradient(lambda x: np.array([x[0], x[1] * 2, 3.0])), [1, 2, 0])
    np.testing.assert_allclose(
        gradient(lambda x: np.asarray([[x[0], x[1]], [x[2], 1.0]]) ** 2), 2 * X
    )
    np.testing.assert_allclose(gradient(lambda x: np.full((2, 2), x[0])), [4, 0, 0])
    np.testing.assert_allclose(gradient(lambda x: np.array(x, dtype=np.float32)), [1, 1, 1])
    np.testing.assert_allclose(gradient(lambda x: np.float64(2.0) * np.asarray(x)), [2, 2, 2])


def test_rows_and_columns_are_joined():
    np.testing.assert_allclose(gradient(lambda x: np.r_[x[0], x[1:] * 2, 1:3, [x[2]]]), [1, 2, 3])
    np.testing.assert_allclose(gradient(lambda x: np.c_[x, x * x]), 1 + 2 * X)
    np.testing.assert_allclose(gradient(lambda x: np.r_[0:3] * x + np.c_[x, x].sum(1)), [2, 3, 4])


def test_lists_of_numbers():
    """NumPy takes a list for an array; it looks inside of lists for some functions only."""
    np.testing.assert_allclose(gradient(lambda x: np.sum([v * v for v in x])), 2 * X)
    np.testing.assert_allclose(gradient(lambda x: np.max((x[0], x[1] * 2, 0.0))), [0, 2, 0])
    np.testing.assert_allclose(gradient(lambda x: np.sin([x[0], 2.0])), [np.cos(0.5), 0, 0])
    np.testing.assert_allclose(gradient(lambda x: np.dot([x[0], x[2]], [3.0, 4.0])), [3, 0, 4])
    np.testing.assert_allclose(
        gradient(lambda x: np.linalg.norm([x[0], x[1]])), [*X[:2] / np.hypot(*X[:2]), 0]
    )
    np.testing.assert_allclose(
        gradient(lambda x: np.concatenate([[x[0]], x, [1.0]]) ** 2), [2, 3, -1]
    )
    np.testing.assert_allclose(gradient(lambda x: np.mean([x, 3 * x], axis=0)), [2, 2, 2])


def test_math_is_recorded():
    assert scalar(lambda x: math.sin(x) * x, 0.7) == pytest.approx(
        math.cos(0.7) * 0.7 + math.sin(0.7), rel=1e-14
    )
    assert scalar(lambda x: sqrt(x) + exp(x), 4.0) == pytest.approx(0.25 + math.exp(4), rel=1e-14)
    assert scalar(lambda x: math.hypot(x, 3.0), 4.0) == pytest.approx(0.8, rel=1e-14)
    assert scalar(lambda x: x * math.floor(x) + math.pi, 2.5) == 2.0
    assert scalar(lambda x: sin(x), 0.0) == 1.0


def test_math_of_numpy_items():
    np.testing.assert_allclose(
        gradient(lambda x: sum(math.exp(x[i]) for i in range(3))), np.exp(X), rtol=1e-14
    )


def test_python_floats_compute_as_in_python():
    def f(x):
        try:
            return 1 / x
        except ZeroDivisionError:
            return 7 * x

    assert scalar(f, 0.0) == 7.0
    assert scalar(f, 2.0) == -0.25
    assert scalar(lambda x: abs(-x) + (x if isinstance(x, float) else 0.0), 2.0) == 2.0
    assert scalar(lambda x: float(x) * x, 3.0) == 6.0
    assert scalar(lambda x: max(x, 1.0) * min(x, 5.0), 3.0) == 6.0
    assert scalar(lambda x: divmod(x, 2.0)[1] + x // 2, 3.0) == 1.0
    assert scalar(lambda x: round(x, 1) * x, 3.0) == 3.0
    assert scalar(lambda x: x.real if hasattr(x, "real") else x, 3.0) == 1.0


def helper(x):
    y = np.zeros(len(x))
    y[:] = x * SCALE
    return y


def test_functions_that_are_called_are_copied_too():
    np.testing.assert_allclose(gradient(lambda x: np.sum(helper(x) ** 2)), 8 * X)


def test_globals_are_read_when_they_are_used():
    global SCALE  # noqa: PLW0603
    SCALE = 5.0
    np.testing.assert_allclose(gradient(lambda x: helper(x)), [5, 5, 5])
    SCALE = 2.0


def test_globals_and_cells_that_are_assigned():
    seen = 0

    def f(x):
        global COUNT  # noqa: PLW0603
        nonlocal seen
        COUNT += 1
        seen += 2
        return np.sum(x)

    gradient(f)
    assert COUNT == 1
    assert seen == 2


def test_closures_recursion_and_defaults():
    weights = np.array([1.0, 2.0, 3.0])

    def power(x, n, *, scale=weights):
        buffer = np.zeros(3)
        buffer[:] = x if n == 0 else power(x, n - 1) * scale
        return buffer

    np.testing.assert_allclose(gradient(lambda x: power(x, 2)), weights**2)


def test_partials_methods_and_lambdas_in_containers():
    table = {"square": lambda v: v * v + np.zeros(3), "helper": helper}
    np.testing.assert_allclose(gradient(lambda x: table["square"](x)), 2 * X)
    np.testing.assert_allclose(
        gradient(functools.partial(lambda a, x: a * helper(x), 3.0)), [6] * 3
    )

    class Model:
        def loss(self, x):
            return np.sum(helper(x) + self.shift(x))

        def shift(self, x):
            return x * x

    np.testing.assert_allclose(gradient(Model().loss), 2 + 2 * X)


def test_objects_that_are_called():
    class Scale:
        def __init__(self, factor):
            self.factor = factor

        def __call__(self, x):
            y = np.zeros(len(x))
            y[:] = x * self.factor
            return y

    np.testing.assert_allclose(gradient(Scale(3.0)), [3, 3, 3])


def test_imports_inside_of_the_function():
    def f(x):
        from math import cos

        import numpy

        y = numpy.zeros(3)
        y[0] = cos(x[0])
        return y

    np.testing.assert_allclose(gradient(f), [-math.sin(0.5), 0, 0], rtol=1e-14)


def test_a_users_module_is_seen_through():
    module = types.ModuleType("mine")
    module.__file__ = __file__
    module.np = np
    module.helper = helper
    np.testing.assert_allclose(gradient(lambda x: module.helper(x) + module.np.zeros(3)), [2] * 3)


def test_comprehensions_generators_and_inner_functions():
    def f(x):
        squares = [v * v for v in x]
        total = sum(v for v in squares)

        def add(buffer):
            buffer[0] += total
            return buffer

        return add(np.zeros(2))

    np.testing.assert_allclose(gradient(f), 2 * X)


def test_aliases_and_views_behave_as_in_numpy():
    def f(x):
        a = np.zeros((2, 3))
        b = a[0]
        b += x
        a.T[1] *= 3
        c = a.ravel()
        c[2] = x[0] * 5
        d = a[0].copy()
        a[0] = 0
        return np.sum(d * d)

    x = X
    expected = [2 * x[0] + 50 * x[0], 18 * x[1], 0.0]
    np.testing.assert_allclose(gradient(f), expected)


def test_the_original_is_left_alone():
    assert helper.__globals__["np"] is np
    out = helper(np.ones(3))
    assert type(out) is np.ndarray


def test_losing_a_gradient_is_an_error():
    def cast(x):
        return np.sum(np.array([float(v) for v in np.asarray(x)]))

    np.testing.assert_allclose(gradient(cast), [1, 1, 1])  # float() is kept
    kept = gradient(lambda x: complex(x[0]).real + np.sum(x))
    np.testing.assert_allclose(kept, [2, 1, 1])  # and complex(), too
    with pytest.raises(TapeError, match="gradient would be lost"):
        gradient(lambda x: _into_ints(x))


def _into_ints(x):
    y = np.zeros(3, dtype=float).astype(int) + np.zeros(3, int)
    z = tape.as_tensor(y)
    z[0] = x[0]
    return np.sum(x)


def test_functions_with_a_users_rule():
    from s2s_grad.rules import elementwise, table
    from s2s_grad.runtime import operation

    def cube(x):
        return float(x) ** 3  # not differentiable as it is written

    @operation
    def square(x):
        return np.multiply(x, x)

    elementwise(cube, x=lambda x: 3 * x * x)
    elementwise(square, x=lambda x: 20 * x)  # not the true one, to see that it is used
    try:
        assert scalar(lambda x: cube(x), 2.0) == 12.0
        np.testing.assert_allclose(gradient(lambda x: square(x)), 20 * X)
        leaf = tape.tensor(X, requires_grad=True)
        square(leaf).sum().backward()
        np.testing.assert_allclose(leaf.grad.numpy(), 20 * X)
    finally:
        del table[cube], table[square]


def test_special_functions():
    special = pytest.importorskip("scipy.special")
    np.testing.assert_allclose(
        gradient(lambda x: special.expit(x)), special.expit(X) * special.expit(-X), rtol=1e-12
    )


def test_arrays_and_numpy_scalars_on_the_left():
    x = tape.tensor(X, requires_grad=True)
    for y in (np.float64(2.0) * x, np.array([2.0, 2.0, 2.0]) * x, np.float32(2.0) * x, 2 * x):
        assert isinstance(y, Tensor)
        assert tape.grad(y.sum(), x)[0].tolist() == [2.0, 2.0, 2.0]
    y = np.eye(3) @ x + (np.ones(3) - x) ** 1 + 6.0 / (1.0 + 0.0 * x)
    assert tape.grad(y.sum(), x)[0].tolist() == [0.0, 0.0, 0.0]
    buffer = np.zeros(3)
    with pytest.raises(TapeError, match="gradient would be lost"):
        buffer += x


def test_lists_beside_tensors():
    x = tape.tensor(X, requires_grad=True)
    weights = [1.0, 2.0, 3.0]
    for y, expected in (
        (np.dot(x, weights), weights),
        (np.dot(weights, x), weights),
        (x * weights, weights),
        (np.multiply(weights, x), weights),
        (np.append(x, [1.0, 2.0]), [1.0, 1.0, 1.0]),
        (np.inner([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], x), [5.0, 7.0, 9.0]),
        (np.where([True, False, True], x, [7.0, 8.0, 9.0]), [1.0, 0.0, 1.0]),
    ):
        assert tape.grad(y.sum(), x)[0].tolist() == expected
    c = tape.tensor(weights[:2])
    for y in (np.dot([x[0], x[1]], c), np.inner(c, [x[0], x[1]]), np.where(c > 0, [x[0], x[1]], c)):
        assert tape.grad(np.sum(y), x)[0].tolist()[2] == 0.0
    y = np.dot([x[0], x[1]], c)
    assert tape.grad(y, x)[0].tolist() == [1.0, 2.0, 0.0]
