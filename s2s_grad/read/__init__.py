"""From a function object to the libcst tree of its definition."""

from s2s_grad.read.parts import Parts, callable_parts
from s2s_grad.read.source import Source, read

__all__ = ["Parts", "Source", "callable_parts", "read"]
