"""Random programs of views by every function that makes one, and writes through any of them."""

from __future__ import annotations

import linecache
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from judge import at_most, judge

X = np.arange(1.0, 13.0).reshape(2, 3, 2) / 7
VIEWS = """\
np.transpose({0}); np.transpose({0}, (1, 2, 0)); {0}.T; np.swapaxes({0}, 0, 1)
np.moveaxis({0}, 0, -1); np.moveaxis({0}, (0, 1), (1, 2)); np.rollaxis({0}, 2); np.rot90({0})
np.rot90({0}, 2, (1, 2)); np.flip({0}); np.flip({0}, 1); np.fliplr({0}); np.flipud({0})
np.matrix_transpose({0}); np.linalg.matrix_transpose({0}); np.reshape({0}, (-1, 2, 3))
{0}.reshape(3, 2, -1); np.atleast_3d({0}); np.squeeze(np.expand_dims({0}, 0), 0); {0}[::-1]
{0}[:, ::2]; np.asarray({0}); np.real({0}); np.broadcast_to({0}, np.shape({0}))
np.ascontiguousarray({0}); {0}.conj(); np.atleast_1d({0}); np.diff({0}, n=0); np.copy({0})
np.ravel({0}).reshape(2, 3, -1); np.split({0}, 1)[0]; np.array_split({0}, 1)[0]; np.require({0})\
""".replace("\n", "; ").split("; ")
PLACES = ("0", "-1", "..., 0", ":, 0", "0, 0", ":1")
VALUES = ("x[0, 0, 0] ** 2", "np.sin(x[1, 1, 1])", "3.0")


def program(seed: int) -> Callable[..., Any]:
    """Return a function whose source is found as that of a file is."""
    choose = random.Random(seed)
    names = ["y"]
    lines = ["def f(x):", "    y = x * 2.0"]
    for _ in range(choose.randint(2, 6)):
        name, kind = choose.choice(names), choose.random()
        if kind < 0.5:
            view = choose.choice(VIEWS).format(name)
            names.append(f"v{len(names)}")
            lines.append(f"    {names[-1]} = {view}")
        elif kind < 0.75:
            place, sign = choose.choice(PLACES), choose.choice(("=", "+=", "*="))
            lines.append(f"    {name}[{place}] {sign} {choose.choice(VALUES)}")
        elif kind < 0.85:
            lines.append(f"    {name} *= x[0, 1, 0]")
        else:
            lines.append("    for i in range(2):")
            other = choose.choice(names)
            lines.append(f"        {name}[i] = {name}[i] * x[i, 0, 0] + {other}[0, 0, 0]")
    weighted = "np.sum({0} * {0} * np.arange(1.0, 1.0 + np.size({0})).reshape(np.shape({0})))"
    lines.append("    return " + " + ".join(map(weighted.format, names)))
    text = "\n".join(lines) + "\n"
    file = f"<views {seed}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"np": np}
    exec(compile(text, file, "exec"), namespace)
    return namespace["f"]


@pytest.mark.parametrize("mode", ["static", "tape"])
@pytest.mark.parametrize("seed", range(1000, 1050))
def test_right_or_refused(seed: int, mode: str) -> None:
    with at_most(30):
        fault = judge(program(seed), (X,), mode)
    assert not fault, linecache.getlines(f"<views {seed}>")


def test_most_are_compiled() -> None:
    found = [judge(program(seed), (X,), "static", static=True) for seed in range(1000, 1030)]
    assert sum(not fault for fault in found) >= 18
