"""Say in a word what an unnamed value is: by what computes it, or by what it is there for.

A sum under a fraction bar is `den`, the square of `x` is `x_sq`, the sine of `z` is `sin_z`, the
element of `y` at `i` is `y_i`. Names are made of these words when a program is printed; the adjoint
of an unnamed value takes its word, too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from s2s_grad.analysis.indexing import index_items
from s2s_grad.ir.nodes import Apply, Const, Function, Operand, Pack, Phase, Role, Statement, Var
from s2s_grad.ir.primitives import INFIX, PREFIX, primitive
from s2s_grad.ir.rewrite import rename
from s2s_grad.ir.types import Array
from s2s_grad.ir.walk import statements_of, vars_of

__all__ = ["Wording", "label_temporaries"]

_LONGEST = 12  # of the word of an operand inside of another word
_SHORT = {"absolute": "abs", "negative": "neg", "power": "pow", "sum_to": "sum"}
_SUFFIX = {Role.COTANGENT: "_bar", Role.TANGENT: "_dot"}
_INFIX_WORDS: dict[str, str] = {
    "+": "total", "-": "diff", "*": "prod", "/": "ratio", "@": "prod", "**": "power",
    "<": "below", "<=": "below", ">": "above", ">=": "above", "==": "equal", "!=": "differs",
}  # fmt: skip
# Of these the word says less than what the result is for.
_VAGUE = ("+", "-", "*", "/", "@", "**")
_NEIGHBOURS = {"-": "prev", "+": "next"}
_POWERS = {2: "sq", 3: "cubed"}
_MULTIPLES = {2: "two", 0.5: "half"}


def label_temporaries(function: Function) -> Function:
    """Return the program with a word in each unnamed variable that an application computes."""
    wording = Wording(statements_of(function.block))
    labels: dict[Var, Var] = {}
    for var in wording.definitions:
        if not var.hint and not var.about and var.role is Role.TEMP:
            word = wording.of(var)
            if word:
                labels[var] = replace(var, about=word)
    return replace(function, block=rename(function.block, labels)) if labels else function


class Wording:
    """The words of a program's variables.

    Parameters
    ----------
    statements : iterable of Statement
        All statements of the program, from first to last.
    """

    def __init__(self, statements: Iterable[Statement]) -> None:
        self.definitions: dict[Var, Apply] = {}
        self.purposes: dict[Var, str] = {}
        self._words: dict[Var, str] = {}  # each is asked for once: operands nest in operands
        for s in statements:
            if isinstance(s, Apply):
                self.definitions[s.result] = s
                for var, purpose in _purposes(s):
                    self.purposes.setdefault(var, purpose)

    def of(self, var: Var) -> str:
        """Return the word of a variable, "" where there is none."""
        if var.hint or var.about:
            return (var.hint or var.about) + _SUFFIX.get(var.role, "")
        statement = self.definitions.get(var)
        if statement is None or (
            var.role is not Role.TEMP and statement.fn is not operator.getitem
        ):
            return ""
        purpose = self.purposes.get(var)
        if purpose is not None and _symbol(statement) in _VAGUE:
            return purpose
        return self.by_definition(statement)

    def by_definition(self, statement: Apply) -> str:
        """Return the word for what a statement computes."""
        word = self._words.get(statement.result)
        if word is None:
            word = self._words[statement.result] = self._by_definition(statement)
        return word

    def _by_definition(self, statement: Apply) -> str:
        fn: Callable[..., object] = statement.fn
        if fn is operator.getitem:
            return self.part(statement)
        if fn in INFIX and len(statement.args) == 2:
            return self.infix(statement)
        operand = self.main(statement)
        if fn in PREFIX:
            return f"neg_{operand}" if operand else "neg"
        if primitive(fn).rearranges and operand:
            return operand
        if fn is np.where:
            return "chosen"
        if fn is np.zeros_like and operand and statement.origin.phase is Phase.REVERSE:
            return operand if operand.endswith("_bar") else f"{operand}_bar"
        name = getattr(fn, "__name__", "").strip("_")
        name = "" if name == "<lambda>" else _SHORT.get(name, name)
        return f"{name}_{operand}" if operand and len(operand) < _LONGEST else name

    def main(self, statement: Apply) -> str:
        """Return the word of the first variable that a statement reads, if that says something."""
        for operand in statement.args:
            for var in vars_of(operand):
                inner = self.definitions.get(var)
                if not var.hint and inner is not None:
                    if inner.fn in PREFIX:
                        return self.main(inner)
                    if _symbol(inner) in _VAGUE:
                        return self.by_definition(inner) if self.is_telling(inner) else ""
                return self.of(var)
            if not isinstance(operand, Const):
                return ""
        return ""

    def is_telling(self, statement: Apply) -> bool:
        """Return whether a word names an operand rather than an operation alone."""
        word = self.by_definition(statement)
        return word not in _INFIX_WORDS.values()

    # ------------------------------------------------------------------------------ operators

    def infix(self, statement: Apply) -> str:
        symbol = INFIX[statement.fn].symbol
        first, second = statement.args
        a, b = self.name_in(first), self.name_in(second)
        number = _number(first)
        match symbol:
            case "**" if a and _number(second) in _POWERS:
                return f"{a}_{_POWERS[_number(second)]}"
            case "*" if a and first is second:
                return f"{a}_sq"
            case "*" if b and number in _MULTIPLES:
                return f"{_MULTIPLES[number]}_{b}"
            case "*" if b and number is not None:
                return f"scaled_{b}"
            case "-" if b and number == 1:
                return f"one_minus_{b}"
            case "+" if b and number == 1:
                return f"one_plus_{b}"
            case "/" if _is_named(first, second) and len(a + b) < _LONGEST:
                return f"{a}_over_{b}"
            case "@" if a and b and len(a + b) < _LONGEST:
                return a + b if len(a) == len(b) == 1 else f"{a}_{b}"
            case ">" if a and _number(second) == 0:
                return f"{a}_positive"
            case "<" if a and _number(second) == 0:
                return f"{a}_negative"
            case _:
                return _INFIX_WORDS.get(symbol, "test")

    def name_in(self, operand: Operand) -> str:
        """Return an operand's word if it is short and names something: a part of a word."""
        if not isinstance(operand, Var):
            return ""
        statement = self.definitions.get(operand)
        if not operand.hint and statement is not None:
            if primitive(statement.fn).rearranges:
                return self.name_in(statement.args[0])
            if _symbol(statement) in _VAGUE and not self.is_telling(statement):
                return ""
        word = self.of(operand)
        return word if len(word) < _LONGEST else ""

    # ------------------------------------------------------------------------------ subscripts

    def part(self, statement: Apply) -> str:
        """Return the word of an item or part: `x_i`, `A_ij`, `x_prev`, `u_inner`, `A_row`."""
        base, index = statement.args
        word = self.of(base) if isinstance(base, Var) else ""
        if isinstance(index, Const) and isinstance(index.value, str):
            return index.value if index.value.isidentifier() else word or "item"
        whole = isinstance(statement.result.type, Array) and statement.result.type.shape != ()
        end = _SUFFIX.get(base.role, "") if isinstance(base, Var) else ""
        stem = word.removesuffix(end) if end else word
        if not stem:
            return ("part" if whole else "item") + end
        return f"{stem}_{self.which(index, whole)}{end}"

    def which(self, index: Operand, whole: bool) -> str:
        items = index_items(index)
        if any(_is_slice(item) for item in items):
            return _slices(items)
        names = [item.hint if isinstance(item, Var) else "" for item in items]
        if names and all(len(name) == 1 for name in names):
            return "".join(names)
        if len(items) == 1:
            return self.single(items[0]) or ("part" if whole else "item")
        return "part" if whole else "item"

    def single(self, item: Operand) -> str:
        """Return the word for one index: `i`, `prev` of ``i - 1``, `0`, `last`."""
        if isinstance(item, Const) and type(item.value) is int:
            return {-1: "last"}.get(item.value, f"{item.value}" if item.value >= 0 else "")
        if isinstance(item, Var) and item.hint and len(item.hint) < 4:
            return item.hint
        statement = self.definitions.get(item) if isinstance(item, Var) else None
        if statement is not None and len(statement.args) == 2 and _number(statement.args[1]) == 1:
            return _NEIGHBOURS.get(_symbol(statement), "")
        return ""


def _symbol(statement: Apply) -> str:
    record = primitive(statement.fn)
    spelled = record.infix or record.prefix
    return "" if spelled is None else spelled.symbol


def _is_named(*operands: Operand) -> bool:
    return all(isinstance(operand, Var) and operand.hint for operand in operands)


def _number(operand: Operand) -> Any:
    if isinstance(operand, Const) and type(operand.value) in (int, float):
        return operand.value
    return None


def _is_slice(item: Operand) -> bool:
    value: object = item.value if isinstance(item, Const) else None
    return isinstance(value, slice) or (isinstance(item, Pack) and item.kind is slice)


def _slices(items: tuple[Operand, ...]) -> str:
    """Return the word of a part that slices cut out."""
    cuts = [_ends(item) if _is_slice(item) else None for item in items]
    if len(cuts) == 2 and cuts[1] == (False, False) and cuts[0] is None:
        return "row"
    if len(cuts) == 2 and cuts[0] == (False, False) and cuts[1] is None:
        return "col"
    words = {(True, True): "inner", (True, False): "tail", (False, True): "head"}
    kinds = {words.get(cut, "part") if cut is not None else "part" for cut in cuts}
    return kinds.pop() if len(kinds) == 1 else "part"


def _ends(item: Operand) -> tuple[bool, bool]:
    """Return whether a slice leaves out items at the start, and at the end."""
    if isinstance(item, Pack):
        start, stop = (not (isinstance(p, Const) and p.value is None) for p in item.items[:2])
        return start, stop
    assert isinstance(item, Const)
    return item.value.start is not None, item.value.stop is not None


def _purposes(statement: Apply) -> Iterable[tuple[Var, str]]:
    """Yield the operands whose place in a statement says what they are there for."""
    args = statement.args
    if statement.fn is np.divide and isinstance(args[1], Var):
        yield args[1], "den"
        if isinstance(args[0], Var):
            yield args[0], "num"
    elif statement.fn is np.exp and isinstance(args[0], Var):
        yield args[0], "exponent"
    elif statement.fn is np.tanh and isinstance(args[0], Var):
        yield args[0], "pre"
