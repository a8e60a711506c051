"""Constructs that are refused, each with its reason and what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import libcst as cst

from s2s_grad.lower.core.lowerer import Lowerer

__all__ = ["REFUSED_EXPRESSIONS", "REFUSED_STATEMENTS"]


def _refuse(reason: str, remedy: str) -> Callable[[Lowerer, Any], NoReturn]:
    def refuse(low: Lowerer, node: Any) -> NoReturn:
        low.refuse(reason, remedy, node)

    return refuse


REFUSED_EXPRESSIONS: dict[type[cst.CSTNode], Callable[[Lowerer, Any], NoReturn]] = {
    cst.Await: _refuse("`await` is not supported.", "Call a function that is not async."),
}


REFUSED_STATEMENTS: dict[type[cst.CSTNode], Callable[[Lowerer, Any], NoReturn]] = {
    cst.Try: _refuse(
        "`try` is not supported: which path runs depends on an exception.",
        "Test for the condition with `if` before it fails.",
    ),
    cst.TryStar: _refuse("`try` is not supported.", "Test for the condition with `if`."),
    cst.ClassDef: _refuse(
        "a class defined inside the function is not supported.", "Define it outside."
    ),
    cst.TypeAlias: _refuse("`type` is not supported here.", "Put it outside the function."),
}
