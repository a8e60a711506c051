"""What the test of a numerical kernel needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Kernel:
    """A scalar objective around a kernel, how to draw its arguments, and what to differentiate."""

    name: str
    objective: Callable[..., Any]
    arguments: Callable[[np.random.Generator], tuple[Any, ...]]
    wrt: tuple[int, ...]
