"""Programs of one argument that have to be right: compiled, or in whichever mode they run."""

from __future__ import annotations

import dataclasses
from typing import Any

PROGRAMS: list[Any] = []  # right when they are compiled
OTHERS: list[Any] = []  # right or an error, in whichever mode


def compiled(f: Any) -> Any:
    PROGRAMS.append(f)
    return f


def other(f: Any) -> Any:
    OTHERS.append(f)
    return f


class Counter:
    def __init__(self, start):
        self.total = start
        self.seen = []

    def add(self, v):
        self.total = self.total + v * self.total
        self.seen.append(v)


@dataclasses.dataclass
class Point:
    u: Any
    v: Any = 1.0
