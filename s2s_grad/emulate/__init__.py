"""Run a user's function with other globals, so that its NumPy makes tensors of the tape."""

from s2s_grad.emulate.transforms import run, vjp

__all__ = ["run", "vjp"]
