"""s2s_grad: a source-to-source differentiation compiler for NumPy code."""

from s2s_grad.api import grad, hvp, jvp, value_and_grad, vjp
from s2s_grad.errors import (
    ArgumentError,
    FallbackWarning,
    MissingRule,
    NoSource,
    OutputError,
    S2SError,
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
    "UnsupportedOption",
    "UnsupportedSyntax",
    "ZeroGradientWarning",
    "grad",
    "hvp",
    "jvp",
    "value_and_grad",
    "vjp",
]
