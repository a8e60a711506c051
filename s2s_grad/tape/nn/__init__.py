"""Functions for neural networks."""

from s2s_grad.tape.nn import functional

__all__ = ["functional"]
