"""Derivatives of determinants that exist where a matrix has no inverse."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s_grad.runtime.operation import operation

__all__ = ["cofactor_change", "cofactors", "log_det_slopes"]


@operation
def cofactors(a: Any) -> Any:
    """Return ``det(a) * inv(a).T`` by the singular values of `a`, none of which is divided by."""
    if np.shape(a)[-1:] != np.shape(a)[-2:-1]:
        raise np.linalg.LinAlgError("Last 2 dimensions of the array must be square")
    u, s, vt = np.linalg.svd(a)
    others = np.ones_like(s)
    for i in range(s.shape[-1]):
        others[..., i] = np.prod(np.delete(s, i, axis=-1), axis=-1)
    turn = np.linalg.det(u) * np.linalg.det(vt)
    return turn[..., None, None] * ((np.conj(u) * others[..., None, :]) @ np.conj(vt))


@operation
def cofactor_change(a: Any, change: Any) -> Any:
    """Return how the cofactors of `a` change along `change`, by the singular values of `a`."""
    u, s, vt = np.linalg.svd(a)
    count = s.shape[-1]
    others: Any = np.zeros((*s.shape, count), s.dtype)
    for i in range(count):
        for k in range(i):
            others[..., i, k] = others[..., k, i] = np.prod(np.delete(s, [i, k], axis=-1), axis=-1)
    inner = np.matrix_transpose(np.conj(u)) @ change @ np.matrix_transpose(np.conj(vt))
    along = others @ np.diagonal(inner, 0, -2, -1)[..., None]
    inner = np.eye(count, dtype=s.dtype) * along - others * np.matrix_transpose(inner)
    turn = np.linalg.det(u) * np.linalg.det(vt)
    return turn[..., None, None] * (np.conj(u) @ inner @ np.conj(vt))


@operation
def log_det_slopes(a: Any) -> Any:
    """Return ``inv(a).T``, the slopes of ``log(abs(det(a)))``: infinite where `a` is singular."""
    try:
        return np.swapaxes(np.linalg.inv(a), -2, -1)  # pyright: ignore
    except np.linalg.LinAlgError:
        with np.errstate(divide="ignore", invalid="ignore"):
            return cofactors(a) / np.linalg.det(a)[..., None, None]
