"""Who lowers what: every kind of syntax, every call."""

from s2s_grad.lower.calls import call
from s2s_grad.lower.control import branch
from s2s_grad.lower.expressions import EXPRESSIONS
from s2s_grad.lower.loops import collect
from s2s_grad.lower.lowerer import Handlers
from s2s_grad.lower.statements import lower_body, lower_suite

__all__ = ["HANDLERS"]

HANDLERS = Handlers(EXPRESSIONS, lower_suite, lower_body, call, branch, collect)
