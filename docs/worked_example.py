"""Write the worked example of design.md anew: what each step of the compiler makes of `relax`.

python docs/worked_example.py          # rewrite the text between the marks
python docs/worked_example.py --check  # exit with 1 where it is not what the compiler gives
"""

from __future__ import annotations

import difflib
import inspect
import re
import sys
from pathlib import Path

import numpy as np

from s2s_grad.cli.generate import Order
from s2s_grad.cli.steps import steps_of

DESIGN = Path(__file__).with_name("design.md")
ARGS = "x: f8[n], gain: float, steps: int"
MARK = re.compile(r"(<!-- example: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def relax(x, gain, steps):
    y = x * gain
    for i in range(steps):
        y[1:-1] = 0.5 * (y[:-2] + y[2:])
        if np.max(y) > 1.0:
            y = y / 2.0
    return np.sum(y**2)


def written(text: str) -> str:
    """Return a text in which each example is what the compiler gives now."""
    order = Order(f"{__file__}:relax", "grad", "0", ARGS)
    found = {"source": inspect.getsource(relax), **dict(steps_of(order, passes=False))}

    def block(match: re.Match[str]) -> str:
        head, name, end = match.groups()
        lines = [line.rstrip() for line in found[name].strip().splitlines()]
        language = "python" if name in ("source", "printed") else "text"
        return "\n".join([f"{head}```{language}", *lines, f"```\n{end}"])

    return MARK.sub(block, text)


def main() -> None:
    """Write the example, or compare it."""
    before = DESIGN.read_text()
    after = written(before)
    if "--check" not in sys.argv:
        DESIGN.write_text(after)
        return
    if after != before:
        pairs = (text.splitlines(keepends=True) for text in (before, after))
        sys.stdout.writelines(difflib.unified_diff(*pairs, "docs/design.md", "what it is now"))
        sys.exit("docs/design.md is stale: run python docs/worked_example.py")


if __name__ == "__main__":
    main()
