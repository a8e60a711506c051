"""Every node of the intermediate representation, and nothing else.

A program is structured SSA: a `Block` is a list of statements, each variable is assigned once, and
regions (`If`, `Loop`, `Define`) carry values in and out explicitly. Nodes are immutable and compare
by identity.
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from s2s_grad.errors import Location
from s2s_grad.ir.outside import Read
from s2s_grad.ir.sources import Callee, Line
from s2s_grad.ir.types import UNKNOWN, Type

__all__ = [
    "NOWHERE",
    "UNDEFINED",
    "Apply",
    "Block",
    "Carry",
    "Collect",
    "Const",
    "Define",
    "Each",
    "Effect",
    "For",
    "Function",
    "If",
    "Loop",
    "Merge",
    "Operand",
    "Origin",
    "Pack",
    "Param",
    "Phase",
    "Place",
    "Role",
    "Statement",
    "Undefined",
    "Var",
    "While",
]


class Role(enum.Enum):
    """What a variable is, which decides how it is named."""

    USER = "user"  # has a name in the user's source
    COTANGENT = "cotangent"  # `hint` is the name of what it is the adjoint of
    TANGENT = "tangent"
    TEMP = "temp"


class Phase(enum.Enum):
    """Which sweep a statement belongs to."""

    PRIMAL = "primal"
    REVERSE = "reverse"
    TANGENT = "tangent"


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """Where a node came from.

    `expression` is the libcst expression that an `Apply` of the primal computes, `reads` the value
    of each local name in it and `statics` the object of each other one: enough to print the
    expression as it was written, as long as those names still have those values.
    """

    line: Line | None = None
    phase: Phase = Phase.PRIMAL
    expression: Any = None
    reads: tuple[tuple[str, Operand], ...] = ()
    statics: tuple[tuple[str, Any], ...] = ()
    position: tuple[int, int] | None = None  # line and column of the expression
    place: Location | None = None  # of an expression outside of statements: in a lambda


NOWHERE = Origin()


@dataclass(frozen=True, slots=True, eq=False)
class Var:
    """A variable, assigned once. Its identity is its name; the texts serve printing only.

    `hint` is the user's name for it, or for what it is the adjoint of; `about` says what it is
    where there is no such name.
    """

    hint: str
    type: Type = UNKNOWN
    role: Role = Role.TEMP
    about: str = ""

    def like(self, type: Type | None = None, role: Role | None = None) -> Var:
        """Return a new variable that is called the same."""
        return Var(
            self.hint,
            self.type if type is None else type,
            self.role if role is None else role,
            self.about,
        )

    def __repr__(self) -> str:
        return f"<{self.hint or 't'}: {self.type}>"


@dataclass(frozen=True, slots=True, eq=False)
class Const:
    """A value known at compile time; `text` is how the user spelled it."""

    value: Any
    text: str = ""

    def __repr__(self) -> str:
        return f"<const {self.value!r}>"


class Undefined:
    """The value of a variable that its path did not assign."""

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED = Const(Undefined())


@dataclass(frozen=True, slots=True, eq=False)
class Pack:
    """A container written in place: a tuple, list, slice (start, stop, step) or dict."""

    kind: type[Any]
    items: tuple[Operand, ...]
    keys: tuple[Any, ...] = ()  # of a dict


Operand = Var | Const | Pack
Place = tuple[Any, ...]  # the name of a parameter, then keys: the way to something inside of it


@dataclass(frozen=True, slots=True, eq=False)
class Apply:
    """result = fn(*args, **kwargs): pure. `inplace`: may overwrite the buffer of args[0].

    `covered`: where it raises, its derivative does, so that it may go if nobody reads the result.
    """

    result: Var
    fn: Callable[..., Any]
    args: tuple[Operand, ...]
    kwargs: tuple[tuple[str, Operand], ...] = ()
    origin: Origin = NOWHERE
    inplace: bool = False
    covered: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """result = fn(*args, **kwargs), kept in order and never dropped, repeated or merged."""

    result: Var | None
    fn: Callable[..., Any]
    args: tuple[Operand, ...]
    kwargs: tuple[tuple[str, Operand], ...] = ()
    origin: Origin = NOWHERE


@dataclass(frozen=True, slots=True, eq=False)
class Merge:
    """A result of an `If`, and what it is on each way."""

    result: Var
    then: Operand
    orelse: Operand


@dataclass(frozen=True, slots=True, eq=False)
class If:
    """The statements of one of two ways, which see all that is in scope; what one of them does not
    have is `UNDEFINED` there.

    `then` and `orelse` are the ways as blocks without parameters, `results` what is merged.
    """

    cond: Operand
    merged: tuple[Merge, ...]
    then_body: tuple[Statement, ...]
    else_body: tuple[Statement, ...]
    origin: Origin = NOWHERE
    results: tuple[Var, ...] = field(init=False)
    then: Block = field(init=False)
    orelse: Block = field(init=False)

    def __post_init__(self) -> None:
        then = Block((), self.then_body, tuple(merge.then for merge in self.merged))
        orelse = Block((), self.else_body, tuple(merge.orelse for merge in self.merged))
        object.__setattr__(self, "results", tuple(merge.result for merge in self.merged))
        object.__setattr__(self, "then", then)
        object.__setattr__(self, "orelse", orelse)

    @staticmethod
    def of(
        results: tuple[Var, ...],
        cond: Operand,
        then: Block,
        orelse: Block,
        origin: Origin = NOWHERE,
    ) -> If:
        """Return an `If` whose results are those of its blocks."""
        ways = zip(results, then.results, orelse.results, strict=True)
        merged = tuple(Merge(*way) for way in ways)
        return If(cond, merged, then.body, orelse.body, origin)

    def merge_of(self, result: object) -> Merge:
        """Return how one of the results is merged."""
        return next(merge for merge in self.merged if merge.result is result)


@dataclass(frozen=True, slots=True, eq=False)
class Carry:
    """A value that iterations hand on: what it is before the loop, in an iteration, for the next
    one and after the loop; `tested` is what the condition of a ``while`` calls it."""

    init: Operand
    parameter: Var
    next: Operand
    result: Var
    tested: Var | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Collect:
    """A list of what each iteration gives."""

    item: Operand
    result: Var


@dataclass(frozen=True, slots=True, eq=False)
class Each:
    """A sequence that a loop runs over, and what its item is called in an iteration."""

    sequence: Operand
    element: Var


@dataclass(frozen=True, slots=True, eq=False)
class For:
    """Over sequences of one length, from the end where `reverse` is set; they may be longer than
    the run of a loop that stops early. Collected lists are aligned with them by index in both
    directions."""

    each: tuple[Each, ...]
    reverse: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class While:
    """As long as `truth` holds, which statements compute from what is carried (`Carry.tested`)."""

    statements: tuple[Statement, ...]
    truth: Operand


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A `for` or `while` in scan form; `stop` is a flag that ends it after an iteration.

    `body` and `cond` are the same as blocks, for those who do not care what they are of: the body's
    parameters are the elements and carried parameters, its results what is next, the items that are
    collected, and the flag.
    """

    head: For | While
    carried: tuple[Carry, ...]
    statements: tuple[Statement, ...]
    collected: tuple[Collect, ...] = ()
    stop: Operand | None = None
    origin: Origin = NOWHERE
    body: Block = field(init=False)
    cond: Block | None = field(init=False)

    def __post_init__(self) -> None:
        params = (*self.elements, *(carry.parameter for carry in self.carried))
        flag = () if self.stop is None else (self.stop,)
        results = (*(c.next for c in self.carried), *(c.item for c in self.collected), *flag)
        object.__setattr__(self, "body", Block(params, self.statements, results))
        cond = None
        if isinstance(self.head, While):
            tested = tuple(c.tested for c in self.carried if c.tested is not None)
            cond = Block(tested, self.head.statements, (self.head.truth,))
        object.__setattr__(self, "cond", cond)

    @property
    def each(self) -> tuple[Each, ...]:
        """What it runs over: nothing, where it has a condition."""
        return self.head.each if isinstance(self.head, For) else ()

    @property
    def reverse(self) -> bool:
        """Whether it runs from the end."""
        return isinstance(self.head, For) and self.head.reverse

    @property
    def elements(self) -> tuple[Var, ...]:
        return tuple(each.element for each in self.each)

    def list_of(self, result: object) -> tuple[int, Collect] | None:
        """Return what is collected as `result`, and the place of its item in the body's results."""
        for place, collect in enumerate(self.collected, len(self.carried)):
            if collect.result is result:
                return place, collect
        return None

    def with_blocks(self, cond: Block | None, body: Block) -> Loop:
        """Return the loop with other blocks of the same form."""
        names, values = iter(body.params), iter(body.results)
        head, tested = self.head, iter(() if cond is None else cond.params)
        if isinstance(head, For):
            each = tuple(Each(old.sequence, next(names)) for old in head.each)
            head = head if body.params == self.body.params else For(each, head.reverse)
        elif cond is not None:
            head = While(cond.body, cond.results[0])
        carried = tuple(
            Carry(old.init, next(names), next(values), old.result, next(tested, None))
            for old in self.carried
        )
        collected = tuple(Collect(next(values), old.result) for old in self.collected)
        return Loop(head, carried, body.body, collected, next(values, None), self.origin)


@dataclass(frozen=True, slots=True, eq=False)
class Define:
    """A local function: `result` names it, `block.params` are its parameters."""

    result: Var
    block: Block
    origin: Origin = NOWHERE


Statement = Apply | Effect | If | Loop | Define


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Statements with parameters and results: a body, a branch, a condition."""

    params: tuple[Var, ...]
    body: tuple[Statement, ...]
    results: tuple[Operand, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Param:
    """A parameter of a function as its signature spells it."""

    var: Var
    name: str
    kind: inspect._ParameterKind = inspect.Parameter.POSITIONAL_OR_KEYWORD  # pyright: ignore
    default: Const | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A program: ``block.params`` are the variables of `params`, ``block.results`` has one item.

    What it computes holds if the arguments in `contiguous` are, if each container and array in
    `apart` shares no memory with anything else in the arguments, and as long as what was read
    outside of it, `reads`, is unchanged. Only a program inside of another one has variables of the
    code around it, `outer`.
    """

    name: str
    params: tuple[Param, ...]
    block: Block
    doc: str = ""
    line: Line | None = None
    contiguous: tuple[str, ...] = ()
    apart: tuple[Place, ...] = ()
    callees: tuple[Callee, ...] = ()
    reads: tuple[Read, ...] = ()
    outer: tuple[Var, ...] = ()
