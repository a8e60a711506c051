"""Complex numbers: gradients are the direction of steepest ascent, as in PyTorch.

The formulas of the rules are those of holomorphic functions; with the conjugate of the cotangent
they give the conjugate of that direction. Functions that are not holomorphic are listed here.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules import Rule
from s2s_grad.tape.constants import Watched
from s2s_grad.tape.graph import MultiNode, Node
from s2s_grad.tape.kinds import is_sequence
from s2s_grad.tape.lazy import Masked
from s2s_grad.tape.places import here, location
from s2s_grad.tape.plans import Plan
from s2s_grad.tape.saving import Packed, unpack

__all__ = ["IMAGINARY", "involves_complex", "make_complex"]

# Their formulas give the direction as they are.
_DIRECT = {np.absolute, np.real, np.conjugate, np.linalg.norm, np.var, np.std}
# Real-linear or holomorphic, so that conjugation is right.
_FAMILIES = ("linear", "bilinear")
_HOLOMORPHIC = {
    np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive, np.square,
    np.reciprocal, np.sqrt, np.power, np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10,
    np.log1p, np.sin, np.cos, np.tan, np.arcsin, np.arccos, np.arctan, np.sinh, np.cosh, np.tanh,
    np.arcsinh, np.arccosh, np.arctanh, np.prod, np.cumprod, np.einsum, np.linalg.inv,
    np.linalg.det, np.linalg.solve, np.sinc,
}  # fmt: skip
_REFUSED = {np.vdot, np.kron, np.sort, np.nan_to_num}


def involves_complex(value: Any, operands: tuple[Any, ...]) -> bool:
    """Return whether a result or an operand is complex."""
    return any(_is_complex(item) for item in (value, *operands))


def _is_complex(item: Any) -> bool:
    if is_sequence(item):
        return any(_is_complex(inner) for inner in item)
    dtype = getattr(item, "dtype", None)
    return dtype is not None and getattr(dtype, "kind", "") == "c"


def make_complex(node: Any, rule: Rule) -> None:
    """Let a node run with complex values; refuse where its rule is for real ones only."""
    primal = rule.primal
    if primal in _DIRECT:
        return
    if primal in _REFUSED or not (primal in _HOLOMORPHIC or rule.family in _FAMILIES):
        name = getattr(primal, "__name__", str(primal))
        raise UnsupportedOption(
            f"the derivative rule of `{name}` is for real numbers, and a value is complex",
            "write it with the real and the imaginary part",
            location(here()),
        )
    if any(value.__class__ is Watched or value.__class__ is Packed for value in node.saved):
        node.saved = tuple([np.array(unpack(v)) if v.__class__ is Watched else unpack(v)
                            for v in node.saved])  # fmt: skip
    kind = ComplexMultiNode if hasattr(node, "metas") else ComplexNode
    node.__class__ = kind


class ComplexNode(Node):
    """A node whose formula is run on the conjugate of the cotangent."""

    __slots__ = ()

    def run(self, ct: Any, create: bool) -> Any:
        """Return the cotangents of the edges."""
        return [_conjugate(g) for g in Node.run(self, np.conjugate(ct), create)]


class ComplexMultiNode(MultiNode):
    """The same for an operation with several results."""

    __slots__ = ()

    def run(self, ct: Any, create: bool) -> Any:
        """Return the cotangents of the edges."""
        turned = [None if item is None else np.conjugate(item) for item in ct]
        return [_conjugate(g) for g in MultiNode.run(self, turned, create)]


def _conjugate(g: Any) -> Any:
    if isinstance(g, Masked):
        return Masked(np.conjugate(g.value), g.mask)
    return None if g is None else np.conjugate(g)


def _imaginary(ct: Any, saved: Any) -> tuple[Any]:
    return (ct * 1j,)


IMAGINARY = Plan("ImagBackward0", (), _imaginary, False, ("val",), (None,))
