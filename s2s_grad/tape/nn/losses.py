"""Losses, with PyTorch's names and defaults."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from s2s_grad.errors import ArgumentError
from s2s_grad.rules import A, case
from s2s_grad.rules.families import general
from s2s_grad.runtime import operation, sum_to
from s2s_grad.tape.errors import NoSuchClass
from s2s_grad.tape.nn.activations import log_softmax, sigmoid

__all__ = [
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "l1_loss",
    "mse_loss",
    "nll_loss",
]


def _reduced(values: Any, reduction: str) -> Any:
    if reduction == "none":
        return values
    reductions: dict[str, Any] = {"mean": np.mean, "sum": np.sum}
    if reduction not in reductions:
        raise ValueError(f"reduction={reduction!r} is not known; use mean, sum or none")
    return reductions[reduction](values)


def _spread(ct: Any, shape: Any, reduction: str) -> Any:
    """Undo the reduction of a cotangent."""
    if reduction == "none":
        return ct
    count = math.prod(shape) if reduction == "mean" else 1
    return np.broadcast_to(ct / count, shape)


@operation
def binary_cross_entropy_with_logits(
    input: Any,
    target: Any,
    weight: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """Return the binary cross entropy between ``sigmoid(input)`` and a target, without overflow.

    Parameters
    ----------
    input, target : array_like
        Logits, and probabilities of the same shape.
    weight : array_like, optional
        A factor of each item.
    reduction : {"mean", "sum", "none"}
        What to return of the items.
    pos_weight : array_like, optional
        A factor of the positive part.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad.tape.nn import functional as F
    >>> float(F.binary_cross_entropy_with_logits(np.zeros(3), np.ones(3)).round(6))
    0.693147
    """
    if np.shape(input) != np.shape(target):
        raise ValueError(f"target has shape {np.shape(target)}, input {np.shape(input)}")
    return _reduced(_bce_items(input, target, weight, pos_weight), reduction)


def _bce_items(input: Any, target: Any, weight: Any, pos_weight: Any) -> Any:
    tail = np.log1p(np.exp(-np.abs(input)))
    if pos_weight is None:
        loss = np.maximum(input, 0) - input * target + tail
    else:
        factor = 1 + (pos_weight - 1) * target
        loss = (1 - target) * input + factor * (tail + np.maximum(-input, 0))
    return loss if weight is None else loss * weight


def bce_pullback_input(
    ct: Any,
    input: Any,
    target: Any,
    input_shape: Any,
    weight: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """sigmoid(input) - target, with the weights."""
    if pos_weight is None:
        slope = sigmoid(input) - target
    else:
        slope = (1 - target) - (1 + (pos_weight - 1) * target) * sigmoid(-input)
    slope = slope if weight is None else slope * weight
    return _spread(ct, input_shape, reduction) * slope


def bce_pullback_target(
    ct: Any,
    input: Any,
    target_shape: Any,
    weight: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """-input, with the weights."""
    slope = -input
    if pos_weight is not None:
        slope = slope + (pos_weight - 1) * np.logaddexp(0.0, -input)
    slope = slope if weight is None else slope * weight
    return sum_to(_spread(ct, target_shape, reduction) * slope, target_shape)


def bce_pushforward(
    input: Any,
    target: Any,
    input_dot: Any,
    target_dot: Any,
    input_shape: Any,
    weight: Any = None,
    reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:
    """Both slopes times the tangents."""
    one = np.ones_like(input)
    by_input = bce_pullback_input(one, input, target, input_shape, weight, "none", pos_weight)
    by_target = bce_pullback_target(one, input, input_shape, weight, "none", pos_weight)
    return _reduced(by_input * input_dot + by_target * target_dot, reduction)


general(
    binary_cross_entropy_with_logits,
    parameters="input target weight reduction pos_weight",
    input=bce_pullback_input,
    target=bce_pullback_target,
    pushforward=bce_pushforward,
    cases=[
        case(A(3), A(3, domain=(0.1, 0.9))),
        case(A(2, 3), A(2, 3, domain=(0.1, 0.9)), np.array([1.0, 2.0, 3.0]), "sum"),
        case(A(3), A(3, domain=(0.1, 0.9)), None, "none", np.array([1.0, 2.0, 3.0])),
    ],
)


def mse_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """Return the squared difference.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad.tape.nn import functional as F
    >>> float(F.mse_loss(np.ones(2), np.zeros(2)))
    1.0
    """
    return _reduced((input - target) ** 2, reduction)


def l1_loss(input: Any, target: Any, reduction: str = "mean") -> Any:
    """Return the absolute difference.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad.tape.nn import functional as F
    >>> float(F.l1_loss(np.ones(2), np.zeros(2)))
    1.0
    """
    return _reduced(np.abs(input - target), reduction)


def nll_loss(
    input: Any,
    target: Any,
    weight: Any = None,
    reduction: str = "mean",
    ignore_index: int = -100,
) -> Any:
    """Return the negative log likelihood of classes: `input` holds log probabilities.

    The classes are along the second axis of `input`, or along the only one. The mean of no items,
    where all of them are ignored, is 0.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad.tape.nn import functional as F
    >>> float(F.nll_loss(np.log(np.array([[0.5, 0.5]])), np.array([1])).round(6))
    0.693147
    """
    classes, kept = _classes(input, target, ignore_index)
    factor = kept * (1.0 if weight is None else _weights(input, weight)[classes])
    losses = -_chosen(input, classes) * factor.astype(input.dtype)
    if reduction == "mean":
        return np.sum(losses) / (np.sum(factor) if kept.any() else 1)
    return _reduced(losses, reduction)


def cross_entropy(
    input: Any,
    target: Any,
    weight: Any = None,
    reduction: str = "mean",
    ignore_index: int = -100,
    label_smoothing: float = 0.0,
) -> Any:
    """Return the cross entropy of logits; `target` holds classes, or the probability of each.

    The classes are along the second axis of `input`, or along the only one.

    Examples
    --------
    >>> import numpy as np
    >>> from s2s_grad.tape.nn import functional as F
    >>> float(F.cross_entropy(np.zeros((1, 2)), np.array([0])).round(6))
    0.693147
    """
    axis = _class_axis(input)
    logs = log_softmax(input, axis)
    count = np.shape(input)[axis]
    scale: Any = np.ones(count) if weight is None else _weights(input, weight)
    scale = scale.reshape((1,) * axis + (-1,) + (1,) * (np.ndim(input) - axis - 1))
    if np.ndim(target) == np.ndim(input):
        _check_sizes(np.shape(target), np.shape(input))
        shares = target * (1 - label_smoothing) + label_smoothing / count
        losses = -np.sum(logs * (shares * scale), axis=axis)
        if reduction == "mean":
            return np.sum(losses) / max(math.prod(np.shape(losses)), 1)
        return _reduced(losses, reduction)
    plain = nll_loss(logs, target, weight, reduction, ignore_index)
    if not label_smoothing:
        return plain
    classes, kept = _classes(input, target, ignore_index)
    smooth = -np.sum(logs * scale, axis=axis) * kept / count
    if reduction == "mean":
        total = np.sum(scale.reshape(-1)[classes] * kept)
        smooth = np.sum(smooth) / (total if kept.any() else 1)
    else:
        smooth = _reduced(smooth, reduction)
    return (1 - label_smoothing) * plain + label_smoothing * smooth


def _class_axis(input: Any) -> int:
    """Return the axis of the classes."""
    if np.ndim(input) == 0:
        raise ArgumentError("the input has no axis for the classes", "give shape (C,) or (N, C)")
    return 1 if np.ndim(input) > 1 else 0


def _check_sizes(given: Any, wanted: Any) -> None:
    if given != wanted:
        raise ArgumentError(
            f"the target has shape {given}, but the input asks for {wanted}",
            "give a class for each item: the shape of the input without the axis of the classes",
        )


def _classes(input: Any, target: Any, ignore_index: int) -> tuple[Any, Any]:
    """Return the classes, 0 where they are ignored, and where they are not."""
    axis, shape = _class_axis(input), np.shape(input)
    classes = _array(target)
    if classes.dtype.kind not in "iu":
        raise ArgumentError(
            f"the classes are {classes.dtype}, not integers",
            "give integers, or the probabilities of all classes in the shape of the input",
        )
    _check_sizes(classes.shape, shape[:axis] + shape[axis + 1 :])
    kept = classes != ignore_index
    wrong = classes[kept & ((classes < 0) | (classes >= shape[axis]))]
    if wrong.size:
        raise NoSuchClass(
            f"the target has class {wrong[0]}, but the input has {shape[axis]} classes",
            "classes count from 0; items of class ignore_index are left out",
        )
    return np.where(kept, classes, 0), kept


def _weights(input: Any, weight: Any) -> Any:
    weights = _array(weight)
    count = np.shape(input)[_class_axis(input)]
    if weights.shape != (count,):
        raise ArgumentError(
            f"weight has shape {weights.shape}, but there are {count} classes",
            "give one factor for each class",
        )
    return weights


def _chosen(input: Any, classes: Any) -> Any:
    """Return the items of the classes."""
    if np.ndim(input) == 1:
        return input[int(classes)]
    rows = np.reshape(np.moveaxis(input, 1, -1), (-1, np.shape(input)[1]))
    chosen = rows[np.arange(classes.size), classes.reshape(-1)]
    return np.reshape(chosen, classes.shape)


def _array(value: Any) -> Any:
    return np.asarray(value.detach().numpy() if hasattr(value, "detach") else value)
