"""From IR to better IR that means the same: one pass a file, a function from program to program."""

from s2s_grad.optimise.passes import CLEANUPS, Pass, finish, simplify

__all__ = ["CLEANUPS", "Pass", "finish", "simplify"]
