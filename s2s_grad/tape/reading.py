"""Reading items: the commonest operation of loops, recorded by a short way.

What a reading sends back is the rule's formula, ``add_at(zeros, index, ct)``, but not written out:
the engine adds it in place to what it has, so that a loop over all items stays linear.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.tape.core import Tensor, plain, wrap
from s2s_grad.tape.graph import Node
from s2s_grad.tape.lazy import Scattered
from s2s_grad.tape.new_node import new_node
from s2s_grad.tape.number import number
from s2s_grad.tape.plans import Plan, Zeros
from s2s_grad.tape.value_tests import kind_of

__all__ = ["is_plain_index", "read"]


def _back(ct: Any, saved: Any) -> tuple[Scattered]:
    index, shape, dtype = saved
    return (Scattered(ct, index, Zeros(shape, dtype), False),)


READ = Plan("IndexBackward0", ("index",), _back, False, ("a",), (None,))


def is_plain_index(index: Any) -> bool:
    """Return whether an index consists of ints and slices, so that no item is read twice."""
    kind = kind_of(index)
    if kind is int or kind is slice or index is None or index is Ellipsis:
        return True
    if kind is tuple:
        return all(is_plain_index(item) for item in index)
    return isinstance(index, np.integer)


def read(tensor: Tensor, index: Any) -> Tensor:
    """Return ``tensor[index]`` for a plain index of a tensor that requires grad."""
    index = plain(index)
    source = tensor._value
    value = source[index]
    result = wrap(number(value))
    saved = (index, source.shape, source.dtype)
    edges = (tensor._node or tensor,)
    node = new_node(Node, READ, edges, saved, (), value, source.dtype, value.shape, 4)
    result._node = node
    result._requires = True
    return result
