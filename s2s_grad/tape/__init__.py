"""A dynamic tape with the semantics of torch.autograd, over NumPy arrays."""

from s2s_grad.tape import (
    conversions,
    functional,
    inplace,
    methods,
    nn,
    operators,
)
from s2s_grad.tape.anomaly import detect_anomaly, is_anomaly_enabled, set_detect_anomaly
from s2s_grad.tape.core import Tensor
from s2s_grad.tape.creation import (
    arange,
    as_tensor,
    empty,
    eye,
    from_numpy,
    full,
    full_like,
    linspace,
    manual_seed,
    ones,
    ones_like,
    rand,
    randn,
    tensor,
    zeros,
    zeros_like,
)
from s2s_grad.tape.custom import Function, once_differentiable
from s2s_grad.tape.draw import Drawing, draw
from s2s_grad.tape.edges import (
    GradientEdge,
    get_gradient_edge,
    increment_version,
    register_multi_grad_hook,
)
from s2s_grad.tape.errors import (
    AnomalyError,
    ConnectionWarning,
    FreedError,
    GraphError,
    InPlaceError,
    TapeError,
)
from s2s_grad.tape.functions import backward, grad
from s2s_grad.tape.gradcheck import GradcheckError, gradcheck, gradgradcheck
from s2s_grad.tape.modes import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    record_places,
    set_grad_enabled,
)
from s2s_grad.tape.numeric import cat, exp, log, matmul, stack, where
from s2s_grad.tape.protect import allow_mutation_on_saved_tensors
from s2s_grad.tape.recorded_call import vjp
from s2s_grad.tape.saving import disable_saved_tensors_hooks, saved_tensors_hooks

__all__ = [
    "AnomalyError",
    "ConnectionWarning",
    "Drawing",
    "FreedError",
    "Function",
    "GradcheckError",
    "GradientEdge",
    "GraphError",
    "InPlaceError",
    "TapeError",
    "Tensor",
    "allow_mutation_on_saved_tensors",
    "arange",
    "as_tensor",
    "backward",
    "cat",
    "conversions",
    "detect_anomaly",
    "disable_saved_tensors_hooks",
    "draw",
    "empty",
    "enable_grad",
    "exp",
    "eye",
    "from_numpy",
    "full",
    "full_like",
    "functional",
    "get_gradient_edge",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "increment_version",
    "inference_mode",
    "inplace",
    "is_anomaly_enabled",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "linspace",
    "log",
    "manual_seed",
    "matmul",
    "methods",
    "nn",
    "no_grad",
    "once_differentiable",
    "ones",
    "ones_like",
    "operators",
    "rand",
    "randn",
    "record_places",
    "register_multi_grad_hook",
    "saved_tensors_hooks",
    "set_detect_anomaly",
    "set_grad_enabled",
    "stack",
    "tensor",
    "vjp",
    "where",
    "zeros",
    "zeros_like",
]
