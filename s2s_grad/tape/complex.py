"""Complex numbers: gradients are the direction of steepest ascent, as in PyTorch.

The formulas of the rules take and give the conjugate of that direction.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.errors import UnsupportedOption
from s2s_grad.rules import Rule, find_rule
from s2s_grad.tape.graph import MultiNode, Node
from s2s_grad.tape.lazy import Masked
from s2s_grad.tape.saving import Packed, unpack
from s2s_grad.tape.user_lines import here, location
from s2s_grad.tape.value_tests import is_sequence
from s2s_grad.tape.watched_arrays import Watched

__all__ = ["complex_rule", "involves_complex", "make_complex"]


def involves_complex(value: Any, operands: tuple[Any, ...]) -> bool:
    """Return whether a result or an operand is complex."""
    return any(_is_complex(item) for item in (value, *operands))


def _is_complex(item: Any) -> bool:
    if is_sequence(item):
        return any(_is_complex(inner) for inner in item)
    if isinstance(item, complex):
        return True
    dtype = getattr(item, "dtype", None)
    return dtype is not None and getattr(dtype, "kind", "") == "c"


def complex_rule(rule: Rule) -> Rule:
    """Return the rule for complex numbers of the primitive that a rule is for."""
    found = find_rule(rule.primal, of_complex=True)
    if found is None:
        name = getattr(rule.primal, "__name__", str(rule.primal))
        raise UnsupportedOption(
            f"the derivative rule of `{name}` is for real numbers, and a value is complex",
            "write it with the real and the imaginary part",
            location(here()),
        )
    return found


def make_complex(node: Any) -> None:
    """Let a node run with complex values."""
    if any(type(value) is Watched or type(value) is Packed for value in node.saved):
        node.saved = tuple([np.array(unpack(v)) if type(v) is Watched else unpack(v)
                            for v in node.saved])  # fmt: skip
    node.__class__ = ComplexMultiNode if hasattr(node, "metas") else ComplexNode


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
