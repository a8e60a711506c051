"""From a Python function and the types of its arguments to a program in the IR."""

from s2s_grad.lower.calls.apart import lower_apart, opened
from s2s_grad.lower.calls.binding import Parameters, parameters_of
from s2s_grad.lower.core.lowerer import Lowerer
from s2s_grad.lower.entry import lower
from s2s_grad.lower.terms.local_functions import LocalFunction
from s2s_grad.lower.terms.refuse import NeedsStatic

__all__ = [
    "LocalFunction",
    "Lowerer",
    "NeedsStatic",
    "Parameters",
    "lower",
    "lower_apart",
    "opened",
    "parameters_of",
]
