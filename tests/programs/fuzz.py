"""Long runs of random programs: compiled against the tape and against differences.

``python tests/programs/fuzz.py --seconds 600 lists writes`` goes on where the last run stopped (the
seeds that are done are in a state file), on several processes, and prints what became of the
programs. A program with a fault is written to a file that shows it alone;
``reduce_program.py`` makes it smaller.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from examine import Found, examine
from fuzz_kinds import KINDS, program

_EVERY = 8  # one of so many programs goes through the other transforms as well


def outcome(kind: str, seed: int) -> Found:
    """Return what became of one program."""
    f, given, _ = program(kind, seed)
    return examine(f, given, thorough=seed % _EVERY == 0)


def _task(task: tuple[str, int]) -> tuple[str, int, Found]:
    kind, seed = task
    try:
        return kind, seed, outcome(kind, seed)
    except Exception as error:  # of the generator
        return kind, seed, Found("crashed", f"the generator: {error!r}")


def _tasks(state: dict[str, Any], kinds: list[str], last: float, end: float) -> Iterator[Any]:
    """Yield programs of the kinds in turn, until time is up or the seeds are used up."""
    seeds = {kind: state[kind]["next"] for kind in kinds}
    while time.monotonic() < end and any(seed < last for seed in seeds.values()):
        for kind in kinds:
            if seeds[kind] < last and time.monotonic() < end:
                yield kind, seeds[kind]
                seeds[kind] += 1


def run(options: argparse.Namespace, state: dict[str, Any]) -> None:
    """Examine programs, and note in the state what was found."""
    end = time.monotonic() + options.seconds
    tasks = _tasks(state, options.kinds, options.last, end)
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.processes, maxtasksperchild=500) as pool:
        for number, (kind, seed, found) in enumerate(pool.imap(_task, _limited(tasks, options))):
            entry = state[kind]
            entry["next"] = seed + 1
            name = found.what if found.what in ("ok", "raises") else f"{found.what}: {found.group}"
            entry["found"][name] = entry["found"].get(name, 0) + 1
            options.done[0] += 1
            if found.fault:
                report(kind, seed, found, options.faults)
            if number % 50 == 0:
                options.state.write_text(json.dumps(state, indent=1))
    options.state.write_text(json.dumps(state, indent=1))


def _limited(tasks: Iterator[Any], options: argparse.Namespace) -> Iterator[Any]:
    """Yield tasks not far ahead of what is done: a pool takes all that there are at once."""
    for number, task in enumerate(tasks):
        while number - options.done[0] > 4 * options.processes:
            time.sleep(0.005)
        yield task


def report(kind: str, seed: int, found: Found, folder: Path) -> None:
    """Print a fault, and write the program that shows it."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{kind}_{seed}.py"
    path.write_text(f"# {found.what}: {found.reason.splitlines()[0]}\n{program(kind, seed)[2]}")
    print(f"{kind} {seed}: {found.what}: {found.reason[:300]}\n    {path}", flush=True)


def table(state: dict[str, Any], most: int = 6) -> str:
    """Return how many programs of each kind were right, wrong and refused, and why refused."""
    row = "{:12} {:>8} {:>6} {:>7} {:>7} {:>8} {:>7}".format
    lines = [row("kind", "programs", "wrong", "crashed", "raises", "refused", "share")]
    for kind, entry in state.items():
        counts: Counter[str] = Counter()
        for name, count in entry["found"].items():
            counts[name.partition(":")[0]] += count
        total = sum(counts.values())
        share = f"{100 * counts['refused'] / max(total, 1):.1f} %"
        each = (counts[what] for what in ("wrong", "crashed", "raises", "refused"))
        lines.append(row(kind, total, *each, share))
        reasons = Counter({k: n for k, n in entry["found"].items() if k.startswith("refused")})
        lines += [f"{n:8} {reason[9:]}" for reason, n in reasons.most_common(most)]
    return "\n".join(lines)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=list(KINDS), help=", ".join(KINDS))
    parser.add_argument("--seconds", type=float, default=60.0, help="of wall clock")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--first", type=int, help="the first seed, where none is done yet")
    parser.add_argument("--last", type=float, default=float("inf"), help="stop before this seed")
    parser.add_argument("--state", type=Path, default=Path("fuzz_state.json"))
    parser.add_argument("--faults", type=Path, default=Path("fuzz_faults"))
    options = parser.parse_args()
    options.done = [0]
    state = json.loads(options.state.read_text()) if options.state.exists() else {}
    first = int(time.time()) if options.first is None else options.first
    for kind in options.kinds:
        state.setdefault(kind, {"first": first, "next": first, "found": {}})
    run(options, state)
    print(table(state))


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
