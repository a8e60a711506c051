"""Arithmetic of symbolic sizes: broadcasting, slices, sums."""

from __future__ import annotations

import itertools

from s2s_grad.ir.types import Dim, Size, never_one

__all__ = ["broadcast_shapes", "broadcast_sizes", "fresh_dim", "own_dim", "shift", "slice_size"]

_NUMBERS = itertools.count(1)


def fresh_dim() -> Dim:
    """Return a size of which nothing is known; its symbol never shows in emitted source."""
    return Dim(f"?{next(_NUMBERS)}")


def own_dim() -> Dim:
    """Return a size that a value carried by a loop has in each iteration, maybe another in each."""
    return Dim(f"?own{next(_NUMBERS)}")


def shift(size: Size | None, by: int) -> Size | None:
    """Return ``size + by``."""
    if size is None or isinstance(size, int):
        return None if size is None else size + by
    return size if by == 0 else Dim(size.symbol, size.offset + by)


def broadcast_sizes(a: Size, b: Size) -> Size:
    """Return the size that NumPy broadcasts two sizes to, if they broadcast at all."""
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    if isinstance(a, int) or (never_one(a) and not isinstance(b, int)):
        return a
    return b if never_one(b) else fresh_dim()


def broadcast_shapes(*shapes: tuple[Size, ...] | None) -> tuple[Size, ...] | None:
    """Return the shape that NumPy broadcasts shapes to; None where one is unknown."""
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes):
        return None
    result: tuple[Size, ...] = ()
    for shape in known:
        rank = max(len(result), len(shape))
        a = (1,) * (rank - len(result)) + result
        b = (1,) * (rank - len(shape)) + shape
        result = tuple(broadcast_sizes(x, y) for x, y in zip(a, b, strict=True))
    return result


def slice_size(size: Size, start: Size | None, stop: Size | None, step: Size | None) -> Size:
    """Return the size of ``x[start:stop:step]`` along an axis of `size`; None means left out."""
    if not isinstance(step, (int, type(None))):
        return fresh_dim()
    if isinstance(size, int) and all(isinstance(s, (int, type(None))) for s in (start, stop)):
        return len(range(*slice(start, stop, step).indices(size)))
    if start is None and stop is None and step in (None, 1, -1):
        return size
    trimmed_front = start is None or (isinstance(start, int) and start >= 0)
    trimmed_back = stop is None or (isinstance(stop, int) and stop < 0)
    if trimmed_front and trimmed_back and step in (None, 1) and isinstance(size, Dim):
        front = start if isinstance(start, int) else 0
        back = stop if isinstance(stop, int) else 0
        return Dim(size.symbol, size.offset - front + back)
    return Dim(f"({size})[{start}:{stop}:{step}]")
