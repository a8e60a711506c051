"""What the memory of a lowering asks of it: to append, to branch, and to refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, Protocol

from s2s_grad.analysis.memory import View
from s2s_grad.errors import Location
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.nodes import Operand, Var
from s2s_grad.ir.types import Type
from s2s_grad.lower.memory.aliases import Aliases
from s2s_grad.lower.terms.choices import Choices
from s2s_grad.lower.terms.frames import Frame
from s2s_grad.lower.terms.given import Given

__all__ = ["State", "Written"]


class Written(Protocol):
    """The memory itself, as those who write to it see it."""

    def write(
        self, target: Operand, index: Operand | None, value: Operand, fn: Callable[..., Any] = ...
    ) -> None: ...

    def value(self, operand: Operand) -> Operand: ...

    def view_of(self, operand: Operand) -> View | None: ...

    def is_same(self, view: Operand) -> bool: ...


class State(Protocol):
    """The state of a lowering."""

    aliases: Aliases
    builder: Builder
    choices: Choices
    given: Given
    parameters: dict[Var, str]
    defined: dict[Var, tuple[Operand, ...]]
    made: dict[Var, tuple[Callable[..., Any], tuple[Operand, ...]]]

    @property
    def here(self) -> Frame: ...

    @property
    def memory(self) -> Written: ...

    def apply(
        self,
        fn: Callable[..., Any],
        *args: Operand,
        kwargs: dict[str, Operand] | None = None,
        type: Type | None = None,
        hint: str = "",
    ) -> Operand: ...

    def call(self, fn: Any, args: tuple[Operand, ...] = ()) -> Operand: ...

    def branch(
        self, cond: Operand, then: Callable[[], None], orelse: Callable[[], None]
    ) -> None: ...

    def refuse(
        self, reason: str, remedy: str = "", *, about: tuple[Operand, ...] = ()
    ) -> NoReturn: ...

    def location(self) -> Location | None: ...
