"""s2s_grad: a source-to-source differentiation compiler for NumPy code."""

from typing import Any

from s2s_grad.api import grad, hvp, jvp, value_and_grad, vjp
from s2s_grad.errors import (
    ArgumentError,
    FallbackWarning,
    MissingRule,
    NoSource,
    OutputError,
    S2SError,
    TranslationError,
    UnsupportedOption,
    UnsupportedSyntax,
    ZeroGradientWarning,
)

__all__ = [
    "ArgumentError",
    "FallbackWarning",
    "MissingRule",
    "NoSource",
    "OutputError",
    "S2SError",
    "TranslationError",
    "UnsupportedOption",
    "UnsupportedSyntax",
    "ZeroGradientWarning",
    "grad",
    "hvp",
    "jvp",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> Any:
    """Import the tape when it is first asked for."""
    if name == "tape":
        import importlib

        return importlib.import_module("s2s_grad.tape")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
