"""Run random programs on the tape and on PyTorch: ``python tests/tape/fuzz_torch.py --seconds 60``.

Prints each program whose outcomes are not the same, and the counts in the end.
"""

from __future__ import annotations

import argparse
import collections
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from contract.probing import Tape, torch_library
from torch_programs import differ, is_error, program, run

__all__ = ["compare"]


def compare(torch: Any, seed: int) -> tuple[str, str]:
    """Return how the outcomes of a program compare, and what is not the same.

    "documented" is a program in which PyTorch misses a saved value (written, freed or detached),
    and the tape does not, or misses another one: it saves what its formulas read, maybe less.
    """
    steps = program(seed)
    here, there = run(Tape(), steps, seed), run(torch, steps, seed)
    for place, (a, b) in enumerate(zip(here, there, strict=False)):
        if not differ(a, b):
            continue
        if misses(b) and (misses(a) or not is_error(a)):
            return "documented", ""
        name = (
            steps[place][0]
            if place < len(steps)
            else ["tensors", "gradients", "hooks"][-3:][place - len(steps)]
        )
        return "different", f"seed {seed}, step {place} ({name}):\n  {a}\n  {b}"
    return "same", ""


def misses(outcome: Any) -> bool:
    """Return whether a step raised as a saved value is not what it was."""
    return is_error(outcome) and outcome[1] in ("changed", "freed", "detached")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=10**9, help="how many programs")
    parser.add_argument("--seconds", type=float, default=60, help="when to stop")
    options = parser.parse_args()
    torch = torch_library()
    if torch is None:
        sys.exit("PyTorch is not installed: pip install s2s_grad[oracle]")
    counts: collections.Counter[str] = collections.Counter()
    end = time.monotonic() + options.seconds
    seed = options.first
    while seed < options.first + options.count and time.monotonic() < end:
        how, text = compare(torch, seed)
        counts[how] += 1
        if text:
            print(text)
        seed += 1
    print(f"seeds {options.first} to {seed - 1}: {dict(counts)}")
    sys.exit(bool(counts["different"]))


if __name__ == "__main__":
    main()
