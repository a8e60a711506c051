"""Every public function of NumPy has a rule, is constant, or is listed here with a reason."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pytest

from s2s_grad.rules import find_rule

# Functions that compute no derivative: they read or write files, print, look at dtypes, or set up.
NOT_NUMERIC = """\
array2string array_repr array_str base_repr binary_repr busday_count busday_offset common_type
datetime_as_string datetime_data einsum_path format_float_positional format_float_scientific
from_dlpack frombuffer fromfile fromfunction fromiter frompyfunc fromregex fromstring genfromtxt
get_include get_printoptions getbufsize geterr geterrcall info is_busday isnat load loadtxt
mintypecode nested_iters printoptions save savetxt savez savez_compressed set_printoptions
setbufsize seterr seterrcall show_config show_runtime test typename\
""".split()  # noqa: SIM905

# Each is an error when its argument is differentiated, but for those that the compiler lowers.
NOT_YET = {
    "numpy": {
        "a loop over slices of an array: write the `for` loop": (
            "apply_along_axis", "apply_over_axes",
        ),
        "changes an array in place: what can be compiled becomes an assignment": (
            "copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask",
        ),
        "the size of the result depends on values": (
            "trim_zeros", "unique", "unique_all", "unique_counts", "unique_inverse",
            "unique_values", "union1d", "intersect1d", "setdiff1d", "setxor1d",
        ),
        "its bins move with the smallest and largest item: compute them": (
            "histogram_bin_edges",
        ),
        "its derivative is no NumPy function: write the window": ("kaiser",),
        "counts items, and integers have no derivative": (
            "histogram2d", "histogramdd", "packbits", "unpackbits",
        ),
        "lowered to the functions for each of its two results": ("divmod", "modf"),
        "two results: call the functions for each of them": ("frexp",),
        "lowered to calls of its functions": ("piecewise",),
        "a running product of what is left of the items: put ones for the NaN items first": (
            "nancumprod",
        ),
        "an older name: use `np.convolve`, `np.polyval`, or `np.vander` with `np.linalg`": (
            "poly", "polyadd", "polydiv", "polyint", "polymul", "polysub", "roots",
        ),
        "an older name: use `np.block` and `np.asarray`": ("bmat", "asmatrix"),
        "an older name: use `np.vstack`": ("row_stack",),
        "its derivative is no NumPy function: use `scipy.special.i0`": ("i0",),
        "repeats items in memory order: use `np.tile` or `np.pad`": ("resize",),
        "use `np.sort` of a complex array": ("sort_complex",),
    },
    "numpy.linalg": {
        "eigenvectors have a phase of their own: use `np.linalg.eigh`": ("eig", "eigvals"),
        "reshape, and use `np.linalg.inv` or `np.linalg.solve`": ("tensorinv", "tensorsolve"),
        "no numbers": ("test",),
    },
    "numpy.fft": {
        "use `np.fft.irfft` and `np.fft.rfft` of the conjugate": ("hfft", "ihfft"),
        "no numbers": ("test",),
    },
}  # fmt: skip


def public(module: types.ModuleType) -> dict[str, Any]:
    members = {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
    return {
        name: value
        for name, value in members.items()
        if callable(value) and not isinstance(value, type)
    }


def listed(module: str) -> set[str]:
    extra = NOT_NUMERIC if module == "numpy" else []
    return {*extra, *(name for names in NOT_YET[module].values() for name in names)}


@pytest.mark.parametrize("module", [np, np.linalg, np.fft], ids=lambda m: m.__name__)
def test_every_function_is_accounted_for(module: types.ModuleType) -> None:
    functions = public(module)
    missing = {name for name, fn in functions.items() if find_rule(fn) is None}
    assert missing - listed(module.__name__) == set()


@pytest.mark.parametrize("module", [np, np.linalg, np.fft], ids=lambda m: m.__name__)
def test_no_function_with_a_rule_is_listed(module: types.ModuleType) -> None:
    functions = public(module)
    ruled = {n for n in listed(module.__name__) if n in functions and find_rule(functions[n])}
    assert ruled == set()


def test_methods_of_arrays_have_a_function_with_a_rule() -> None:
    no_numbers = {
        "byteswap", "dump", "dumps", "fill", "flatten", "getfield", "item", "setfield", "setflags",
        "to_device", "tobytes", "tofile", "tolist", "tostring", "view",
    }  # fmt: skip
    in_place = {"put", "resize", "sort", "partition"}
    methods = {
        n for n in dir(np.ndarray) if not n.startswith("_") and callable(getattr(np.ndarray, n))
    }
    without = {
        n for n in methods - no_numbers - in_place if find_rule(getattr(np, n, None)) is None
    }
    assert without == set()
