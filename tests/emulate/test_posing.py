"""A value on the tape answers as it does without: its class, members, text, and as an object."""

from __future__ import annotations

import array
import collections
import copy
import decimal
import fractions
import functools
import json
import linecache
import logging
import math
import numbers
import operator
import pickle
import statistics
import struct

import numpy as np
import pytest

from s2s_grad import S2SError, jvp, value_and_grad

X = np.array([0.3, -1.2, 2.1, 0.7])
K = 0.77


def differences(f, x, step=1e-6):
    """Return the central differences of a function of a float or an array."""
    if isinstance(x, float):
        return (f(x + step) - f(x - step)) / (2 * step)
    rows = step * np.eye(x.size).reshape(x.size, *x.shape)
    return np.reshape([(f(x + row) - f(x - row)) / (2 * step) for row in rows], x.shape)


def check(f, x):
    """Raise unless value and gradient on the tape are those of the function."""
    value, gradient = value_and_grad(f, mode="tape")(copy.deepcopy(x))
    np.testing.assert_allclose(float(value), float(f(copy.deepcopy(x))), rtol=1e-12)
    np.testing.assert_allclose(gradient, differences(f, x), rtol=1e-5, atol=1e-6)


@functools.singledispatch
def dispatched(x):
    return x * 0


@dispatched.register(float)
def _(x):
    return x**2


@dispatched.register(np.ndarray)
def _(x):
    return np.sum(x**3)


def matched_float(x):
    match x:
        case int():
            return x * 0
        case float(v):
            return v**2


def matched_array(x):
    match x:
        case float():
            return 0.0
        case np.ndarray(ndim=1):
            return np.sum(x**2)


def matched_truth(x):
    match (x, x > 0):
        case (float() as a, True):
            return a * 3
        case _:
            return x


def as_a_key(x):
    table = {x: 2.0}
    return sum(v * k for k, v in table.items()) * len({x, x * 1.0})


def kinds_of_results(x):
    found = [math.sin(x), x**2, abs(x), -x, x * 2, 2 / x, x % 0.3, x // 0.3, round(x, 1), float(x)]
    return x * all(type(item) is float for item in found) + (type(math.floor(x)) is int)


def kinds_of_items(x):
    numbers_of_numpy = [np.sum(x), x.sum(), x[0] * 2, np.sin(x[1])]
    arrays = [x * 2, x[:0], np.sin(x), x[x > 0]]
    right = all(type(item) is np.float64 for item in numbers_of_numpy)
    return np.sum(x) * (right and all(type(item) is np.ndarray for item in arrays))


NUMBERS = {
    "isscalar": lambda x: x * 2 if np.isscalar(x) else np.sum(x),
    "hasattr": lambda x: 5 * x if hasattr(x, "__len__") or hasattr(x, "shape") else 3 * x,
    "getattr": lambda x: x * 3 if callable(getattr(x, "sum", None)) else x * 5,
    "is_true": lambda x: x**2 if (x > 0) is True else x,
    "is_bool": lambda x: x**2 * isinstance(x > 0, bool) * (type(x == 1) is bool),
    "is_true_of_numpy": lambda x: x * (3 if (np.float64(x) > 0) is np.True_ else 2),
    "type": lambda x: x * (type(x) is float) + x**2 * (type(x).__name__ == "float"),
    "class": lambda x: x * (x.__class__ is float),
    "isinstance": lambda x: x * isinstance(x, (int, float)) + x**2 * (not isinstance(x, int)),
    "abstract": lambda x: x * isinstance(x, numbers.Real),
    "sized": lambda x: x * 3 if isinstance(x, collections.abc.Sized) else x * 5,
    "made_by_its_type": lambda x: type(x)(3) * type(x)(x),
    "made_by_numpy": lambda x: np.float64(x) * x * isinstance(np.float64(x), np.float64),
    "complex": lambda x: complex(x, 2 * x).imag * abs(complex(x)),
    "is_integer": lambda x: x * 2 if x.is_integer() else x * 3,
    "round": lambda x: x * round(x * 10) * isinstance(round(x), int) + round(x, 1),
    "divmod": lambda x: sum(divmod(x * 10, 3)) * x,
    "floor_division": lambda x: x * (x // 0.25),
    "unbound": lambda x: float.__mul__(x, 3.0) + float.is_integer(x),
    "sorted": lambda x: sorted([x, 0.1, 3.0])[1] ** 2 + max(x, 0.2) * min(x, 3),
    "copied": lambda x: copy.deepcopy([x])[0] * copy.copy(x),
    "length_of_text": lambda x: x * len(f"{x:.2f}"),
    "text": lambda x: float(str(x)) * float(f"{x}") * float(repr(x)),
    "text_as_it_is": lambda x: (
        x * str(x).startswith("0.7") * ("tensor" not in repr(x)) * (f"{x}"[0] == "0")
    ),
    "text_by_percent": lambda x: x * len("%.2f|%d" % (x, 10 * x)),  # noqa: UP031
    "constants_in_texts": lambda x: min(float("inf"), x * len(f"{x:.2f}")) * int(3.7),
    "mapped_class": lambda x: sum(map(float, [x, 2.0])) * len(list(map(type, [x]))),
    "reduced": lambda x: functools.reduce(operator.mul, [x, x, 2.0]),
    "array_of_it": lambda x: np.asarray(x) * (type(np.array(x)) is np.ndarray) * (type(x) is float),
    "full_of_objects": lambda x: np.full(3, x, dtype=object).sum() * x,
    "dispatched": dispatched,
    "matched": matched_float,
    "matched_truth": matched_truth,
    "key": as_a_key,
    "results": kinds_of_results,
    "is_no_list": lambda x: x * (2 if x == [0.77] else 3) * (5 if x != "a" else 7),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_float_looks_like_one(name):
    check(NUMBERS[name], K)


def filled_with_objects(x):
    a = np.empty(3, dtype=object)
    a[0], a[1], a[2] = x[0], x[1] * 2, 3.0
    return a.sum() * x[2]


def objects_in_products(x):
    a = np.array([[x[0], 1.0], [2.0, x[1]]], dtype=object)
    return (a @ a)[0, 0] + (a * x[2]).sum() + (x[3] * a).sum() + np.dot(a[0], x[:2])


def arrays_as_objects(x):
    a = np.empty(2, dtype=object)
    a[0], a[1] = x * 2, x[:2]
    return np.sum(a[0]) * np.sum(a[1])


def written_through_flat(x):
    y = x * 1.0
    y.flat[1:3] = x[0] * x[3]
    y.flat[0] = 2.0 * y.flat[1]
    return np.sum(y) * len(y.flat)


def sorted_by_the_class(x):
    y = x.copy()
    np.ndarray.sort(y)
    return y[0] * y[3] ** 2


def base_of_a_view(x):
    y = x * 1.0
    z = y[1:]
    return np.sum(x) * (z.base is y) * (y.base is None) + z[0]


def asked_for_copies(x):
    y = x * 1.0
    np.array(y, copy=None)[0] = 5.0
    np.asarray(y)[1] = x[0]
    np.array(y)[2] = 9.0
    np.asarray(y, copy=True)[3] = 7.0
    return np.sum(y) * np.sum(x * y)


def laid_out(x):
    y = np.reshape(x * 1.0, (2, 2))
    np.ascontiguousarray(y.T)[0, 0] = 9.0
    np.ascontiguousarray(y)[1, 1] = x[0]
    np.asfortranarray(y)[1, 0] = 5.0
    np.asarray(y, order="F")[0, 1] = 8.0
    return np.sum(y * y)


def class_with_names_of_the_module(x):
    class Twice:
        factor = 2.0 * math.cos(0.0)
        more = [factor, K]

        def __init__(self, value):
            self.value = value

        @functools.cached_property
        def square(self, power=K * 0 + 2):
            return self.factor * self.value**2

    return Twice(x[0]).square * Twice(x[1]).square


def split_pieces(x):
    y = x.copy()
    a, b = np.split(y, 2)
    a[0] = 5 * b[1]
    b *= a
    return np.sum(y * y)


ARRAYS = {
    "type": lambda x: np.sum(x * 2) if type(x) is np.ndarray else 0.0,
    "class": lambda x: np.sum(x * 2) if x.__class__ is np.ndarray else 0.0,
    "item": lambda x: x[0] * isinstance(x[0], float) * (type(x[0]) is np.float64),
    "unbound": lambda x: np.ndarray.sum(x * x) + sum(map(np.ndarray.max, [x, x * 2])),
    "missing_method": lambda x: 1.0 if hasattr(x, "exp") else x.sum(),
    "item_by_number": lambda x: x.item(2) * x.flat[1],
    "flatten": lambda x: np.sum(x.flatten("F") * x.ravel()),
    "number_of_numpy": lambda x: np.float64(x[1]) * x[0],
    "mask": lambda x: np.sum(x[x > 0]) * sum(1 for b in x > 0 if b is np.True_),
    "deepcopy": lambda x: np.sum(copy.deepcopy({"a": x * 2})["a"] * x),
    "objects": lambda x: np.array([x[0], x[1]], dtype=object).sum() * x[2],
    "objects_of_an_array": lambda x: x.astype(object).sum() * x[0],
    "objects_and_none": lambda x: np.array([x[0], None], dtype=object)[0] * x[1],
    "function_of_objects": lambda x: np.frompyfunc(lambda a: a * a, 1, 1)(x).sum(),
    "ndmin": lambda x: np.array(x, ndmin=2)[0, 0] * np.array([x[0]], ndmin=3)[0, 0, 0],
    "range": lambda x: x[range(2)] @ x[range(1, 3)] + x[range(0)].sum(),
    "dispatched": dispatched,
    "matched": matched_array,
    "kinds": kinds_of_items,
    "objects_filled": filled_with_objects,
    "objects_in_products": objects_in_products,
    "arrays_as_objects": arrays_as_objects,
    "flat": written_through_flat,
    "sort": sorted_by_the_class,
    "split": split_pieces,
    "base": base_of_a_view,
    "copies": asked_for_copies,
    "layouts": laid_out,
    "local_class": class_with_names_of_the_module,
    "contains": lambda x: np.sum(x) * (99.0 not in x) * (x[1] in list(x)),
    "is_none": lambda x: np.sum(x) * np.sum(x != None) * (not (x == None).any()),  # noqa: E711
}


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_looks_like_one(name):
    check(ARRAYS[name], X)


def test_masks_of_rows():
    rows = np.array([True, False, True])
    check(lambda a: np.sum(a[rows] * np.array([1.0, 2.0, 3.0])), np.arange(9.0).reshape(3, 3) / 7)
    check(lambda a: np.sum(np.sqrt(a)[rows] ** 3), np.arange(1.0, 13).reshape(3, 2, 2))


def structured(x):
    s = np.zeros(2, dtype=[("a", float)])
    s["a"][0] = x[0]
    return s["a"].sum() * x[1]


def structured_row(x):
    s = np.zeros(2, dtype=[("a", float)])
    s[0] = (x[0],)
    return s["a"].sum() * x[1]


LOST = {
    "text_of_several": (lambda x: float(f" {x}") * x, K),
    "text_with_digits": (lambda x: float(f"{x:.17g}") * x, K),
    "text_joined": (lambda x: float(f"{x:.3f}" + "1") * x, K),
    "text_cut": (lambda x: sum(map(float, f"{x:.3f},{x:.2f}".split(","))) * x, K),
    "text_by_percent": (lambda x: float("%.3f" % x) * x, K),  # noqa: UP031
    "text_to_int": (lambda x: int(f"{x:.0f}" + "7") * x, K),
    "text_to_complex": (lambda x: complex(f"{x}j ").imag * x, K),
    "text_to_numpy": (lambda x: np.float64(f"{x:.3f}") * x, K),
    "texts_to_an_array": (lambda x: np.array([f"{v:.3f}" for v in x], float).sum() * x[0], X),
    "texts_cast": (lambda x: np.array([f"{v:.3f}" for v in x]).astype(float).sum() * x[0], X),
    "text_of_an_array": (lambda x: np.fromstring(str(x)[1:-1], sep=" ").sum() * x[0], X),
    "text_read_as_json": (lambda x: json.loads(f"[{x:.3f}]")[0] * x, K),
    "text_evaluated": (lambda x: eval(f"{x:.3f}") * x, K),
    "decimal_of_text": (lambda x: float(decimal.Decimal(f"{x:.3f}")) * x, K),
    "decimal": (lambda x: float(decimal.Decimal(x)) * x, K),
    "fraction": (lambda x: float(fractions.Fraction(x)) * x, K),
    "pickle": (lambda x: pickle.loads(pickle.dumps(x)) * x, K),
    "buffer": (lambda x: array.array("d", [x])[0] * x, K),
    "hex": (lambda x: float.fromhex(x.hex()) * x, K),
    "ratio": (lambda x: x.as_integer_ratio()[0] * x, K),
    "struct": (lambda x: struct.unpack("d", struct.pack("d", x))[0] * x, K),
    "method_of_a_plain_number": (lambda x: float.__mul__(2.0, x), K),
    "json": (lambda x: json.loads(json.dumps([x], indent=2))[0] * x, K),
    "mean": (lambda x: statistics.geometric_mean([v * v for v in x]), X),
    "bytes": (lambda x: x.tobytes()[0] * 1.0, X),
    "memory": (lambda x: np.sum(x.view(np.int64)), X),
    "memoryview": (lambda x: np.sum(np.array(memoryview(x))) * x[0], X),
    "texts": (lambda x: float(np.array([x[0], x[1]], dtype="U30")[0]) * x[1], X),
    "records": (lambda x: np.array([(x[0], 1)], dtype=[("a", float), ("b", int)])["a"][0], X),
    "objects_to_floats": (lambda x: np.sum(np.array([x[0]], dtype=object).astype(float)), X),
    "iterated": (lambda x: array.array("d", (v * 2 for v in x))[0] * x[0], X),
    "field": (structured, X),
    "row": (structured_row, X),
}


@pytest.mark.parametrize("name", LOST)
def test_what_would_be_lost_is_an_error(name):
    f, x = LOST[name]
    with pytest.raises(S2SError) as caught:
        value_and_grad(f, mode="tape")(x)
    assert "test_posing.py" in str(caught.value.location)
    assert caught.value.remedy


UFUNC_ERROR = np._core._exceptions.UFuncTypeError  # what NumPy raises, a TypeError

RAISING = {
    "item_of_a_float": (lambda x: x[0], K, TypeError),
    "shape_of_a_float": (lambda x: x.shape, K, AttributeError),
    "length_of_a_float": (lambda x: len(x), K, TypeError),
    "method_of_tensors": (lambda x: x.exp().sum(), X, AttributeError),
    "hash_of_an_array": (lambda x: hash(x), X, TypeError),
    "division_by_zero": (lambda x: divmod(x, 0.0)[0], K, ZeroDivisionError),
    "floor_division_by_zero": (lambda x: x // 0.0, K, ZeroDivisionError),
    "remainder_by_zero": (lambda x: x % 0.0, K, ZeroDivisionError),
    "index": (lambda x: [1.0, 2.0][x], K, TypeError),
    "times_a_list": (lambda x: [1.0, 2.0] * x, K, TypeError),
    "plus_a_list": (lambda x: x + [1.0], K, TypeError),  # noqa: RUF005
    "in_a_float": (lambda x: x * (1.0 in x), K, TypeError),
    "items_of_a_float": (lambda x: sum(x), K, TypeError),
    "array_and_text": (lambda x: np.sum(x + "a"), X, UFUNC_ERROR),
    "text_and_array": (lambda x: np.sum("a" + x), X, UFUNC_ERROR),
    "float_of_an_array": (lambda x: float(x), X, TypeError),
    "int_of_an_array": (lambda x: int(x) * 1.0, X, TypeError),
    "complex_of_an_array": (lambda x: abs(complex(x)), X, TypeError),
    "complex_in_place": (lambda x: operator.iadd(x * 1, x * 1j).sum(), X, UFUNC_ERROR),
    "complex_to_out": (lambda x: np.multiply(x, 1j, out=x * 1).sum(), X, UFUNC_ERROR),
}


@pytest.mark.parametrize("name", RAISING)
def test_what_raises_without_a_tape_raises_on_it(name):
    f, x, kind = RAISING[name]
    with pytest.raises(kind):
        f(x)
    with pytest.raises(kind):
        value_and_grad(f, mode="tape")(x)


def test_printing_shows_plain_values(capsys):
    def f(x):
        print("x =", x, [x])
        return x * 2

    value_and_grad(f, mode="tape")(0.5)
    assert capsys.readouterr().out == "x = 0.5 [0.5]\n"


def test_a_list_that_is_an_argument_may_grow():
    def f(x, items):
        items.append(x[0])
        return sum(items) * x[1]

    given = [0.5]
    value, gradient = value_and_grad(f, (0, 1), mode="tape")(X, given)
    assert value == pytest.approx((0.5 + 0.3) * -1.2)
    np.testing.assert_allclose(gradient[0], [-1.2, 0.8, 0, 0])
    assert gradient[1] == [-1.2]
    assert given == [0.5]


def test_a_pullback_inside_of_a_function():
    from s2s_grad import vjp

    def f(x, ct):
        _, pullback = vjp(lambda x: (np.sin(x), x * x))(x)
        return pullback(ct)

    gradient = value_and_grad(f, (0, 1), mode="tape")(0.7, (1.3, 0.2))[1]
    np.testing.assert_allclose(gradient[0], -1.3 * np.sin(0.7) + 0.4)
    np.testing.assert_allclose(gradient[1], (np.cos(0.7), 1.4))


def test_code_of_libraries_that_has_no_rule_is_named():
    optimize = pytest.importorskip("scipy.optimize")
    integrate = pytest.importorskip("scipy.integrate")
    for f, words in (
        (
            lambda x: optimize.root(lambda t: t**2 - x, 1.0).x[0],
            "`scipy.optimize.root` has no rule",
        ),
        (lambda x: integrate.quad(lambda t: t * x, 0, 1)[0], "`scipy.integrate.quad` has no rule"),
        (lambda x: json.loads(json.dumps(x)) * x, "`json`, which makes a text of it"),
    ):
        with pytest.raises(S2SError, match=words) as caught:
            value_and_grad(f, mode="tape")(0.5)
        assert "test_posing.py" in str(caught.value.location)


def test_texts_of_one_run_are_not_those_of_the_next():
    assert value_and_grad(lambda x: x * len(f"{x:.3f}"), mode="tape")(0.5) == (2.5, 5.0)
    assert value_and_grad(lambda x: x * float("2.5"), mode="tape")(0.5) == (1.25, 2.5)


def test_what_is_logged_shows_plain_values_and_the_users_line(caplog):
    log = logging.getLogger("program")

    def f(x):
        logging.getLogger().warning("%f", x[0])
        log.error("%.1f %s", x[1], [x[0]])
        return np.sum(x**2)

    value_and_grad(f, mode="tape")(X)
    assert [record.getMessage() for record in caplog.records] == [
        "0.300000",
        f"-1.2 {[X[0]]}",
    ]
    assert {record.funcName for record in caplog.records} == {"f"}


def test_classes_made_where_there_is_no_name():
    text = """
class Kept:
    def __init__(self, x):
        self.items = np.zeros(2)
        self.items[0] = x

def f(x):
    class Inner:
        def total(self):
            return np.sum(Kept(x).items ** 2)
    return Inner().total() * len(Inner.__module__)
"""
    linecache.cache["<program>"] = (len(text), None, text.splitlines(True), "<program>")
    space: dict[str, object] = {"np": np}
    exec(compile(text, "<program>", "exec"), space)
    check(space["f"], K)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.logaddexp.reduce(x),
        lambda x: np.sum(np.logaddexp.reduce(x.reshape(2, 2), axis=1) ** 2),
        lambda x: np.sum(np.logaddexp.reduce(x.reshape(2, 2), axis=None)),
        lambda x: np.sum(np.hypot.reduce(x.reshape(2, 2), axis=(0, 1), keepdims=True) ** 3),
        lambda x: np.sum(np.hypot.accumulate(x.reshape(2, 2), axis=1) ** 3),
        lambda x: np.sum(np.select([x[:2] > 0], [[x[0], x[1]]], x[2]) ** 2),
        lambda x: np.sum(np.select([x[:2] > 0, x[:2] < 9], [x[:2], 2 * x[2:]], 0) ** 2),
    ],
)
def test_functions_of_numpy_that_take_or_fold_items(f):
    check(f, X)


def test_a_trace_by_einsum_does_not_read_the_other_items():
    a = np.array([[1.0, 0.0], [0.0, 4.0]])
    for mode in ("tape", "static"):
        with np.errstate(divide="ignore"):
            found = jvp(lambda a: np.einsum("ii", np.sqrt(a)), mode=mode)((a,), (np.ones((2, 2)),))
        assert found == (3.0, 0.75)
