"""Loops whose adjoint takes an array back through its updates, and loops where it must not.

Programs of the second kind are also run with every array taken back that can be.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

import numpy as np
import pytest
from oracle import check

from s2s_grad import grad, value_and_grad
from s2s_grad.analysis.chains import find_families
from s2s_grad.differentiate import reverse_loop
from s2s_grad.differentiate.undo import Undone
from s2s_grad.ir.nodes import Apply, Loop, Var

# ------------------------------------------------------------------------------- worth it


def stencil(u, k):
    for _ in range(3):
        u[1:-1] = np.sin(np.sin(u[2:]) * u[:-2] + k * u[1:-1] ** 2) + 0.6
    return np.sum(u * u)


def swapped_buffers(u, k):
    a, b = u.copy(), np.zeros_like(u)
    for _ in range(3):
        b[1:-1] = np.sin(np.sin(a[2:]) * a[:-2] + k * a[1:-1] ** 2) + 0.6
        a, b = b, a
    return np.sum(a * a) + np.sum(b)


def three_buffers(u, k):
    old, now, new = u.copy(), u * k, np.zeros_like(u)
    for _ in range(4):
        new[1:-1] = np.sin(now[2:] * now[:-2] * old[1:-1] + now[1:-1] ** 2) + 0.6
        old, now, new = now, new, old
    return np.sum(now * old) + np.sum(new)


def several_arrays(u, k):
    v = u * k
    w = np.zeros_like(u)
    for _ in range(3):
        v[:-1] = np.sin(v[:-1] * u[1:] * w[:-1] + u[:-1] * v[1:]) + 0.6
        u[1:-1] += 0.3 * np.sin(k * v[1:-1] * v[:-2] * u[2:] * w[2:])
        w[1:] = np.sin(v[:-1] * u[1:] * w[:-1]) + 0.6
    return np.sum(u * v) + np.sum(w**2)


def branch(u, k):
    for i in range(4):
        if i % 2 == 0:
            u[1:-1] = np.sin(u[2:] * u[:-2] * k) + 0.6
        else:
            u[2:] = np.sin(u[:-2] * u[1:-1] * u[2:]) + 0.6
    return np.sum(u**2)


def branch_on_data(u, k):
    for _ in range(4):
        if u[1] > 0.1:
            u[1:-1] = np.sin(np.cos(u[2:]) * u[:-2] * u[1:-1] * k) + 0.6
    return np.sum(u**2)


def branch_in_a_branch(u, k):
    for i in range(5):
        if i > 0:
            u[1:] = np.sin(u[:-1] * u[1:] * k) + 0.6
            if u[2] > 0:
                u[:-1] = np.sin(u[1:] * u[:-1] + u[0]) + 0.6
            u[1:-1] = np.sin(u[2:] * u[:-2]) + 0.6
    return np.sum(u**2)


def inner_loop(u, k):
    for _ in range(2):
        for _ in range(3):
            u[1:-1] = np.sin(u[2:] * u[:-2] * np.sin(u[1:-1]) * k) + 0.6
        u[0] = np.sin(u[1] * u[-1]) + 0.6
    return np.sum(u**2)


def inner_loop_between_writes(u, k):
    for _ in range(2):
        u[1:] = np.sin(u[:-1] * u[1:] * k) + 0.6
        for i in range(3):
            if i == 1:
                u[1:-1] = np.sin(u[2:] * u[:-2]) + 0.6
        u[:-1] = np.sin(u[1:] * u[:-1] + u[2]) + 0.6
    return np.sum(u**2)


def rows(u, k):
    a = np.outer(u, u) * k
    for _ in range(2):
        for i in range(1, len(u) - 1):
            a[i] = np.sin(a[i - 1] * a[i + 1] + np.sin(a[i]) * a[i + 1]) + 0.6
    return np.sum(a**2)


def plane_with_borders(u, k):
    a = np.outer(u, u) * k
    for _ in range(3):
        a[1:-1, 1:-1] = np.sin(a[2:, 1:-1] * a[:-2, 1:-1] + a[1:-1, 2:] * a[1:-1, :-2]) + 0.6
        a[0, :] = a[1, :]
        a[:, -1] = np.sin(a[:, -2] * a[:, 0]) + 0.6
        a[-1, 0] = k
    return np.sum(a**2)


def copy_of_the_last_step(u, k):
    v = u * k
    for _ in range(3):
        un = u.copy()
        u[1:-1] = np.sin(un[1:-1] * un[2:] * un[:-2] * v[1:-1] * v[2:] * v[:-2]) + 0.6
        v[1:-1] += 0.3 * np.sin(un[1:-1] * v[2:] * v[:-2])
    return np.sum(u * v)


def whole_array(u, k):
    v = u * k
    for _ in range(3):
        u[:] = np.sin(np.sin(u) * v * u[::-1]) + 0.6
        v[1:] = np.sin(v[:-1] * u[1:] * v[1:] * u[:-1]) + 0.6
    return np.sum(u * v)


def mask(u, k):
    positive = u > 0
    for _ in range(3):
        u[1:-1] = np.sin(u[2:] * u[:-2] * k) + 0.6
        u[positive] *= u[0]
    return np.sum(u**2)


def view_of_the_array(u, k):
    a = np.outer(u, u)
    inner = a[1:-1]
    for _ in range(3):
        inner[:, 1:] = np.sin(inner[:, :-1] * a[2:, 1:] * a[:-2, 1:] * k) + 0.6
        a[1:] += 0.3 * np.sin(inner[0] * inner[1])
    return np.sum(a**2)


def two_writes_to_one_slice(u, k):
    for _ in range(3):
        u[1:-1] = np.sin(u[2:] * u[:-2] * k) + 0.6
        u[1:-1] *= k
        u[1:-1] += 0.3 * np.sin(u[1:-1] * u[0])
    return np.sum(u**2)


def read_between_two_writes(u, k):
    for _ in range(3):
        u[1:-1] = np.sin(u[2:] * u[:-2] * k) + 0.6
        t = u[1:] * u[:-1]
        u[1:-1] = np.sin(t[1:] * u[2:]) + 0.6
    return np.sum(u**2)


def used_after_it_is_overwritten(u, k):
    for _ in range(3):
        t = u[1:] * 1.0
        s = u[2:]
        r = s * u[:-2]
        u[1:-1] = np.sin(r * u[1:-1] * k) + 0.6
        u[1:] += 0.3 * np.sin(t * t * u[0])
        u[:-2] *= r
    return np.sum(u**2)


def leaves_early(u, k):
    for i in range(6):
        u[1:-1] = np.sin(u[2:] * u[:-2] * k + np.sin(u[1:-1])) + 0.6
        if i > 2 or u[2] > 3.0:
            break
        u[1:] = np.sin(u[:-1] * u[1:]) + 0.6
    return np.sum(u**2)


def while_loop(u, k):
    i = 0
    while i < 4 and u[1] < 10.0:
        u[1:-1] = np.sin(u[2:] * u[:-2] * k + u[1:-1] ** 2) + 0.6
        i += 1
        if i == 2:
            continue
        u[1:] = np.sin(u[:-1] * u[1:]) + 0.6
    return np.sum(u**2)


def no_iterations(u, k):
    for _ in range(len(u) - 6):
        u[1:-1] = np.sin(u[2:] * u[:-2] * k) + 0.6
        for _ in range(len(u) - 6):
            u[1:] = np.sin(u[1:] * u[:-1] * k) + 0.6
    return np.sum(u**2)


def loop_after_loop(u, k):
    for _ in range(3):
        u[1:-1] = np.sin(u[2:] * u[:-2] * u[1:-1] + k) + 0.6
    s = np.sum(u**3)
    for _ in range(2):
        u[1:] = np.sin(u[:-1] * u[1:] * s) + 0.6
    return np.sum(u**2)


def read_behind_the_loop(u, k):
    for _ in range(3):
        u[1:-1] = np.sin(u[2:] * u[:-2] * u[1:-1] + k) + 0.6
    v = np.sin(u) * k
    u[:] = 1.0
    return np.sum(v * v * u)


def rows_read_in_an_inner_loop(u, k):
    q, w = np.zeros((len(u), len(u))), np.outer(u, u)
    for i in range(1, len(u)):
        q[i] = np.sin(np.sin(w[i]) * k) + 0.6
        for j in range(2):
            w[0] += 0.3 * np.sin(q[i] * q[i - 1] * u[j])
    return np.sum(q**2) + np.sum(w**2)


def rows_read_downward(u, k):
    q = np.outer(u, u)
    s = 0.0
    for i in range(len(u) - 2, -1, -1):
        for j in range(2):
            s += 0.1 * np.tanh(np.sum(q[i] * q[i + 1] * q[i] * u[j]))
        q[i] = np.sin(np.sin(q[i + 1]) * s * k) + 0.6
    return s + np.sum(q**3)


def rows_written_again_and_again(u, k):
    q, w = np.outer(u, u) * k, u.copy()
    for i in range(1, len(u)):
        for j in range(3):
            q[i] = np.sin(np.sin(w) * u[j]) + 0.6
            for _ in range(2):
                w += q[i] * q[i] * q[i - 1]
    return np.sum(q**2) + np.sum(w)


def rows_of_one_loop_then_another(u, k):
    q = np.outer(u, u) * k
    s = 0.0
    for i in range(len(u)):
        for j in range(2):
            s += 0.1 * np.tanh(np.sum(q[i] * q[i] * u[j]))
        q[i] = np.sin(q[i] * s) + 0.6
    for i in range(1, len(u)):
        q[i] = np.sin(np.cos(q[i]) * s) + 0.6
        for j in range(2):
            s += 0.1 * np.tanh(np.sum(q[i] * q[i] * q[i - 1] * u[j]))
    return s


def rows_of_a_loop_that_needs_less(u, k):
    q, w = np.outer(u, u) * k, u.copy()
    for i in range(2):
        q[1:3] = np.sin(q[:2] * q[1:3] * np.sin(q[3:5]) + q[i] * q[2:4]) + 0.6
    for i in range(3, len(u)):
        q[i] = np.sin(np.sin(w) * k) + 0.6
        for _ in range(2):
            w += q[i] * q[i - 1]
    return np.sum(w**2) + np.sum(q)


def copy_that_is_handed_on(u, k):
    un = u * k
    for _ in range(3):
        un = u.copy()
        u[1:-1] = np.sin(np.sin(un[2:]) * un[:-2] * un[1:-1] * u[2:]) + 0.6
    return np.sum(u**2) + np.sum(un)


def copied_part(u, k):
    for _ in range(3):
        u[1:-1] = np.sin(u[2:] * u[:-2] * k) + 0.6
        t = u[1:].copy()
        u[:2] = np.sin(u[4:] * u[1:3] * u[2:4]) + 0.6
        v = u[3:].copy()
        w = np.sin(v) * v
        u[3:] *= np.cos(np.sin(t[:3]) * w) + 0.3
    return np.sum(u**2)


def copied_part_around_a_loop(u, k):
    for _ in range(2):
        t = u[2:].copy()
        for _ in range(3):
            u[1:-1] = np.sin(u[2:] * u[:-2] * np.sin(u[1:-1]) * k) + 0.6
        u[:-2] *= np.cos(np.sin(t)) + 0.3
    return np.sum(u**2)


def downward(u, k):
    for i in range(4, 0, -1):
        u[i:] = np.sin(u[i:] * u[:-i] * np.sin(u[i:]) * k) + 0.6
    return np.sum(u**2)


def slices_that_move(u, k):
    for i in range(1, 4):
        j = i + 1
        u[i:j] = np.sin(u[i:j] * u[i - 1 : i] * k) + 0.6
        u[:i] = np.sin(u[1:j] * u[:i] * u[-i:]) + 0.6
    return np.sum(u**2)


WORTH_IT = [
    f
    for f in list(globals().values())
    if inspect.isfunction(f) and list(inspect.signature(f).parameters) == ["u", "k"]
]

# ------------------------------------------------------------- not possible, or not worth it


def rebound_on_one_path(u, k):
    for i in range(3):
        if i == 1:
            u = np.sin(u)
        u[1:-1] = u[2:] * u[:-2] * k
    return np.sum(u**2)


def rebound(u, k):
    for _ in range(3):
        v = u * k
        v[1:-1] = v[2:] * v[:-2] * u[1:-1]
        u = v
    return np.sum(u**2)


def linear(u, k):
    for _ in range(3):
        u[1:-1] += k * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def items(u, k):
    for i in range(1, len(u) - 1):
        u[i] = u[i - 1] * u[i + 1] * np.sin(u[i]) * k
    return np.sum(u**2)


def item_read_before_its_write(u, k):
    for _ in range(3):
        t = u[1]
        u[1] = 5.0 * k
        u[0] = t * t * u[2]
    return np.sum(u**2)


def swapped_in_an_inner_loop_alone(u, k):
    for _ in range(2):
        v = u * k
        for _ in range(3):
            v[1:-1] = u[2:] * u[:-2] * u[1:-1]
            u, v = v, u
    return np.sum(u**2)


def items_in_an_inner_loop(u, k):
    for _ in range(2):
        u[1:-1] = u[2:] * u[:-2] * u[1:-1] * k
        for i in range(1, len(u) - 1):
            u[i] = u[i - 1] * u[i + 1]
    return np.sum(u**2)


def fancy_index(u, k):
    places = np.array([1, 3, 1])
    for _ in range(3):
        u[1:-1] = u[2:] * u[:-2] * k + u[1:-1]
        u[places] = u[places] * u[0]
        u[places] += u[1:4]
    return np.sum(u**2)


def transposed_view(u, k):
    a = np.outer(u, u)
    b = a.T
    for _ in range(2):
        a[1:-1] = a[2:] * b[:-2] * k
        b[1:] = b[:-1] * a[1:]
    return np.sum(a**2)


NOT_WORTH_IT = [
    f
    for f in list(globals().values())
    if inspect.isfunction(f)
    and list(inspect.signature(f).parameters) == ["u", "k"]
    and f not in WORTH_IT
]


# Second derivatives of all of them take too long.
TWICE = (
    stencil,
    swapped_buffers,
    branch,
    branch_in_a_branch,
    inner_loop,
    plane_with_borders,
    copy_of_the_last_step,
    mask,
    used_after_it_is_overwritten,
    leaves_early,
    loop_after_loop,
    rows_read_in_an_inner_loop,
    copied_part_around_a_loop,
    item_read_before_its_write,
)


def arguments(seed: int) -> tuple[np.ndarray, float]:
    """Return numbers of size one, so that products of many do not vanish."""
    random = np.random.default_rng(seed)
    signs = random.choice([-1.0, 1.0], size=6)
    return signs * random.uniform(0.85, 1.2, size=6), float(random.uniform(0.9, 1.1))


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[frozenset[Var]]:
    """Return the choices that are made during the test."""
    choices: list[frozenset[Var]] = []
    choose = reverse_loop.choose_undone

    def spy(loop: Loop, kept: Loop, outside: dict[Var, Apply]) -> Undone:
        undone = choose(loop, kept, outside)
        choices.append(undone.versions)
        return undone

    monkeypatch.setattr(reverse_loop, "choose_undone", spy)
    return choices


@pytest.mark.parametrize("f", WORTH_IT, ids=lambda f: f.__name__)
def test_undone(f: Any, chosen: list[frozenset[Var]]) -> None:
    check(f, arguments(0), (0, 1), second=f in TWICE)
    assert chosen[0]


@pytest.mark.parametrize("f", NOT_WORTH_IT, ids=lambda f: f.__name__)
def test_not_undone(f: Any, chosen: list[frozenset[Var]], monkeypatch: pytest.MonkeyPatch) -> None:
    grad(f, wrt=(0, 1), mode="static")(*arguments(0))
    assert not any(chosen)

    def choose(loop: Loop, kept: Loop, outside: dict[Var, Apply]) -> Undone:
        return Undone(frozenset[Var]().union(*find_families(loop)))

    monkeypatch.setattr(reverse_loop, "choose_undone", choose)
    check(f, arguments(1), (0, 1), second=f in TWICE)


@pytest.mark.parametrize(
    "f", [branch, branch_in_a_branch, inner_loop, copied_part], ids=lambda f: f.__name__
)
def test_no_copies_of_the_array_in_loops(f: Any) -> None:
    gradient = grad(f, wrt=(0, 1), mode="static")
    gradient(*arguments(0))
    assert not re.findall(r"^ {8,}.*\bu_?\.copy\(\)", gradient.source, re.MULTILINE)


def test_the_array_is_left_as_it_was_for_others() -> None:
    def f(u, k):
        u = u.copy()
        for _ in range(3):
            u[1:-1] = u[2:] * u[:-2] * u[1:-1] + k
        return np.sum(u * u), u

    u, k = arguments(0)
    (value, out), _ = value_and_grad(f, has_aux=True, mode="static")(u, k)
    expected, final = f(u, k)
    assert value == expected
    np.testing.assert_array_equal(out, final)
