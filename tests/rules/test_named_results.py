"""The results of decompositions by the names that NumPy gives them."""

import numpy as np
import pytest

from s2s_grad import grad, jvp
from s2s_grad.errors import S2SError

FULL = np.array([[0.7, -1.3, 0.4], [2.0, 0.1, -0.6], [-0.2, 1.1, 0.9]])
MATRIX = FULL @ FULL.T + np.eye(3)


def eigenvalues(a):
    return np.sum(np.linalg.eigh(a).eigenvalues ** 2)


def both_of_eigh(a):
    found = np.linalg.eigh(a)
    return np.sum(found.eigenvalues * found.eigenvectors[0] ** 2)


def all_of_svd(a):
    found = np.linalg.svd(a, full_matrices=False)
    return np.sum(found.S**3) + np.sum(found.U[:, 0] ** 4) + np.sum(found.Vh[0] ** 4)


def both_of_slogdet(a):
    return np.linalg.slogdet(a).logabsdet * np.linalg.slogdet(a).sign


def both_of_qr(a):
    found, total = np.linalg.qr(a), 0.0
    for i in range(3):
        total = total + found.R[i, i] ** 3
    return total + np.sum(found.Q**4)


def by_name_and_place(found):
    return np.sum(found.eigenvalues**3) + found[1][0, 0] ** 2 + len(found)


def handed_to_a_function(a):
    return by_name_and_place(np.linalg.eigh(a))


def in_a_list(a):
    return sum([np.sum(f.eigenvalues**2) for f in [np.linalg.eigh(a), np.linalg.eigh(2 * a)]])


def one_of_two(a):
    found = np.linalg.eigh(a)
    if a[0, 0] > 0:
        found = np.linalg.eigh(2 * a)
    return np.sum(found.eigenvalues**2)


def in_a_loop(a):
    found, total = np.linalg.eigh(a), 0.0
    for k in range(2):
        found = np.linalg.eigh(a * (k + 1))
        total = total + np.sum(found.eigenvalues**2)
    return total


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize(
    "f",
    [
        eigenvalues,
        both_of_eigh,
        all_of_svd,
        both_of_slogdet,
        both_of_qr,
        handed_to_a_function,
        in_a_list,
        one_of_two,
        in_a_loop,
    ],
)
def test_names(f, mode):
    direction, step = np.random.default_rng(0).normal(size=(3, 3)), 1e-6
    ends = [f(MATRIX + sign * step * direction) for sign in (1, -1)]
    expected = (ends[0] - ends[1]) / (2 * step)
    np.testing.assert_allclose(np.sum(grad(f, mode=mode)(MATRIX) * direction), expected, rtol=1e-6)
    _, tangent = jvp(f, mode=mode)((MATRIX,), (direction,))
    np.testing.assert_allclose(tangent, expected, rtol=1e-6)


def test_a_name_that_is_none():
    with pytest.raises(S2SError, match="eigenvalue"):
        grad(lambda a: np.sum(np.linalg.eigh(a).eigenvalue), mode="static")(MATRIX)
