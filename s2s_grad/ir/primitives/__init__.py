"""What each primitive is: one record for every function whose facts are asked for anywhere.

Functions are described in files by subject; those of NumPy that are not described return new
memory, and are known by trying them.
"""

# pyright: reportUnusedImport=false

from s2s_grad.ir.primitives import (  # noqa: F401  (each file describes its functions)
    arithmetic,
    arranging,
    creating,
    linear_algebra,
    python,
    reducing,
    selecting,
    updating,
)
from s2s_grad.ir.primitives.record import (
    Cost,
    Layout,
    Memory,
    Primitive,
    Raises,
    Sign,
    describe,
    primitive,
    table,
)

__all__ = [
    "Cost",
    "Layout",
    "Memory",
    "Primitive",
    "Raises",
    "Sign",
    "describe",
    "primitive",
    "table",
]
