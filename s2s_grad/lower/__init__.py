"""From a Python function and the types of its arguments to a program in the IR."""

from s2s_grad.lower.binding import parameter_names
from s2s_grad.lower.entry import lower
from s2s_grad.lower.lowerer import Lowerer
from s2s_grad.lower.refuse import NeedsStatic
from s2s_grad.lower.values import LocalFunction

__all__ = ["LocalFunction", "Lowerer", "NeedsStatic", "lower", "parameter_names"]
