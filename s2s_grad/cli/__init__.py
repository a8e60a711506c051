"""The command ``s2s-grad``."""

from s2s_grad.cli.main import main

__all__ = ["main"]
