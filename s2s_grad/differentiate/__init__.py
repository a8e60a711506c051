"""From IR to IR: reverse mode, forward mode, and the programs made of them."""

from s2s_grad.differentiate.programs import (
    gradient,
    hessian_vector_product,
    pullback_program,
    pushforward_program,
)
from s2s_grad.differentiate.reverse import reverse

__all__ = [
    "gradient",
    "hessian_vector_product",
    "pullback_program",
    "pushforward_program",
    "reverse",
]
