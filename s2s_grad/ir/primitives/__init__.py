"""What each primitive is: one record for every function whose facts are asked for anywhere.

Functions are described in files by subject; those of NumPy that are not described return new
memory, and are known by trying them.
"""

# pyright: reportUnusedImport=false

from collections.abc import Callable
from typing import Any

from s2s_grad.ir.operators import Operator
from s2s_grad.ir.primitives import (  # noqa: F401  (each file describes its functions)
    arithmetic,
    arranging,
    creating,
    fourier,
    joining,
    linear_algebra,
    python,
    reducing,
    selecting,
    updating,
)
from s2s_grad.ir.primitives.record import (
    OPERANDS,
    PIECES,
    Cost,
    Layout,
    Memory,
    Primitive,
    Raises,
    Results,
    Sign,
    describe,
    of_numpy,
    primitive,
    table,
)

__all__ = [
    "INFIX",
    "OPERANDS",
    "PIECES",
    "PREFIX",
    "Cost",
    "Layout",
    "Memory",
    "Primitive",
    "Raises",
    "Results",
    "Sign",
    "describe",
    "of_numpy",
    "primitive",
    "table",
]

INFIX: dict[Callable[..., Any], Operator] = {
    fn: record.infix for fn, record in table.items() if record.infix is not None
}
PREFIX: dict[Callable[..., Any], Operator] = {
    fn: record.prefix for fn, record in table.items() if record.prefix is not None
}
