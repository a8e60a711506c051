"""What records say of results, axes, dtypes and spelling as attributes, compared with NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from s2s_grad.analysis.result_counts import several_results
from s2s_grad.ir.nodes import Const, Var
from s2s_grad.ir.primitives import Memory, primitive, table

X = np.arange(8.0).reshape(2, 2, 2) + np.eye(2)
SQUARE = X[0] @ X[0].T + 4 * np.eye(2)
FOURIER = {name: getattr(np.fft, name) for name in np.fft.__all__}


def _functions(wanted: Callable[[Any], Any]) -> Any:
    found = [fn for fn, record in table.items() if wanted(record)]
    assert found
    return pytest.mark.parametrize("fn", found, ids=lambda fn: fn.__name__)


@pytest.mark.parametrize(
    ("fn", "args", "kwargs"),
    [
        (np.linalg.eigh, (SQUARE,), {}),
        (np.linalg.eig, (SQUARE,), {}),
        (np.linalg.slogdet, (SQUARE,), {}),
        (np.linalg.lstsq, (SQUARE, X[0, 0]), {}),
        (np.linalg.svd, (SQUARE,), {}),
        (np.linalg.svd, (SQUARE, True, True), {}),
        (np.linalg.svd, (SQUARE,), {"compute_uv": False}),
        (np.linalg.qr, (SQUARE,), {}),
        (np.linalg.qr, (SQUARE,), {"mode": "complete"}),
        (np.linalg.qr, (SQUARE,), {"mode": "r"}),
        (np.meshgrid, (X[0, 0], X[0, 0], X[0, 0]), {}),
        (np.broadcast_arrays, (X, X[0]), {}),
        (np.split, (X, 2), {}),
        (np.split, (X, (1,)), {"axis": 1}),
        (np.array_split, (X, 2), {}),
        (np.hsplit, (X, 2), {}),
        (np.vsplit, (X, 2), {}),
        (np.dsplit, (X, 2), {}),
        (np.linalg.inv, (SQUARE,), {}),
    ],
)
def test_how_many_results_there_are(fn: Any, args: Any, kwargs: Any) -> None:
    result = fn(*args, **kwargs)
    operands = [Var("") if isinstance(arg, np.ndarray) else Const(arg) for arg in args]
    found = several_results(fn, tuple(operands), {k: Const(v) for k, v in kwargs.items()})
    if isinstance(result, np.ndarray):
        assert found is None
    else:
        assert found is not None
        assert len(found.items) == len(result)
        assert isinstance(result, found.kind)


@_functions(lambda record: record.results and record.results.names)
def test_names_of_results(fn: Any) -> None:
    assert fn(np.eye(1))._fields == primitive(fn).results.names


ALONG = [(fn, record.along) for fn, record in table.items() if record.along is not None]


@pytest.mark.parametrize(("fn", "axis"), ALONG, ids=lambda part: getattr(part, "__name__", ""))
def test_axes(fn: Any, axis: int) -> None:
    if primitive(fn).memory is Memory.NEW:
        joined = X[0] if fn is np.column_stack else X  # of matrices
        assert np.array_equal(fn([joined, joined]), np.concatenate([joined, joined], axis))
    else:
        assert np.array_equal(fn(X, 2), np.split(X, 2, axis))


@pytest.mark.parametrize("name", sorted(FOURIER))
def test_complex_results_of_real_arrays(name: str) -> None:
    fn = FOURIER[name]
    given = (3,) if name.endswith("freq") else (X,)
    if name in ("irfft", "irfft2", "irfftn", "hfft"):
        return  # they take complex arrays, in programs that have some
    assert primitive(fn).gives_complex is np.iscomplexobj(fn(*given))


@_functions(lambda record: record.dtype_second)
def test_the_second_operand_is_a_dtype(fn: Any) -> None:
    first = (2,) if fn in (np.zeros, np.ones, np.empty) else X
    assert fn(first, np.float32).dtype == np.float32


@_functions(lambda record: record.attribute)
def test_attributes(fn: Any) -> None:
    assert np.array_equal(getattr(X, primitive(fn).attribute), fn(X))


@_functions(lambda record: record.method)
def test_methods(fn: Any) -> None:
    given = (int,) if fn is np.astype else ()
    assert np.array_equal(getattr(X, primitive(fn).method)(*given), fn(X, *given))


@_functions(lambda record: record.of_lists)
def test_lists_of_arrays(fn: Any) -> None:
    given = ((8,),) if fn is np.reshape else ()
    fn([X[0], X[1]], *given)


@_functions(lambda record: record.makes_array and record.memory is not Memory.NEW)
def test_what_makes_an_array_may_make_one_of_objects(fn: Any) -> None:
    assert fn([None, 1.0]).dtype == object


@_functions(lambda record: record.pads)
def test_items_that_are_of_no_operand(fn: Any) -> None:
    matrix = np.full((2, 2), np.nan) if fn is np.nan_to_num else np.full((2, 2), 7.0)
    given = (np.diagonal(matrix),) if fn is np.diag else (matrix,)
    result = fn(*given, 1) if fn is np.pad else fn(*given)
    assert 0.0 in result


@_functions(lambda record: record.multiplies)
def test_products(fn: Any) -> None:
    text = ("ij,ij->ij",) if fn is np.einsum else ()
    assert np.array_equal(fn(*text, SQUARE, 2 * SQUARE), 2 * fn(*text, SQUARE, SQUARE))
    assert not np.any(fn(*text, SQUARE, 0 * SQUARE))
