"""Who lowers what: every kind of syntax, every call."""

from s2s_grad.lower.calls.dispatch import call
from s2s_grad.lower.control.branches import branch
from s2s_grad.lower.core.lowerer import Handlers
from s2s_grad.lower.loops.for_loops import collect
from s2s_grad.lower.syntax.expressions import EXPRESSIONS
from s2s_grad.lower.syntax.statements import lower_body, lower_suite

__all__ = ["HANDLERS"]

HANDLERS = Handlers(EXPRESSIONS, lower_suite, lower_body, call, branch, collect)
