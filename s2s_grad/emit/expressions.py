"""Print operands and applications as Python expressions with the fewest parentheses."""

from __future__ import annotations

import builtins
import operator
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

import libcst as cst
import numpy as np

from s2s_grad.analysis.indexing import index_items
from s2s_grad.analysis.infer import type_of
from s2s_grad.emit.names import Names
from s2s_grad.emit.references import References
from s2s_grad.ir.nodes import Apply, Const, If, Operand, Origin, Pack, Var
from s2s_grad.ir.operators import fstring
from s2s_grad.ir.primitives import INFIX, PREFIX, table
from s2s_grad.ir.taped import pull, taped, taped_vjp
from s2s_grad.ir.trees import runs_own_code
from s2s_grad.ir.types import Array, Dict, Scalar, Sequence
from s2s_grad.ir.walk import operands_of, vars_of
from s2s_grad.runtime import cast_like, with_fields

__all__ = ["Printer"]

_ATOM = 20
_TERNARY = 0
_TUPLE = -1
_EMPTY = cst.Module([])
_LITERAL = re.compile(r"[0-9.][0-9a-zA-Z_.]*([eE][+-]?[0-9]+)?")


class Printer:
    """Prints expressions, given the names of variables and the expressions folded into others."""

    def __init__(
        self,
        names: Names,
        folded: dict[Var, Apply | If],
        references: References,
        arrays: Collection[Var] = (),
        private: Mapping[Var, Operand] | None = None,
    ) -> None:
        self.arrays = arrays  # of rank 0
        self.private = private or {}  # operands that sums may overwrite
        self.names = names
        self.folded = folded
        self.references = references

    # ------------------------------------------------------------------------------- operands

    def text(self, operand: Operand, precedence: int = _TERNARY) -> str:
        """Return an operand's text, in parentheses where it binds less than `precedence`."""
        text, own = self.parts(operand)
        return f"({text})" if own < precedence else text

    def parts(self, operand: Operand) -> tuple[str, int]:
        match operand:
            case Var():
                statement = self.folded.get(operand)
                if statement is None:
                    return self.names[operand], _ATOM
                return self.expression(statement)
            case Const():
                return self.constant(operand)
            case Pack():
                return self.pack(operand), _ATOM

    def constant(self, const: Const) -> tuple[str, int]:
        number = isinstance(const.value, (int, float, complex)) and not isinstance(
            const.value, bool
        )
        if number and _LITERAL.fullmatch(const.text):
            return const.text, _ATOM
        text = self.references.literal(const.value)
        negative = text.startswith("-")
        return text, PREFIX[np.negative].precedence if negative else _ATOM

    def pack(self, pack: Pack) -> str:
        if pack.kind is slice:
            return f"slice({', '.join(self.text(item) for item in pack.items)})"
        if pack.kind is dict:
            pairs = zip(pack.keys, pack.items, strict=True)
            items = (f"{self.references.literal(k)}: {self.text(v)}" for k, v in pairs)
            return "{" + ", ".join(items) + "}"
        if pack.keys:
            pairs = zip(pack.keys, pack.items, strict=True)
            fields = ", ".join(f"{key}={self.text(item)}" for key, item in pairs)
            kind = self.references.function(pack.kind)
            if runs_own_code(pack.kind):
                return f"{self.references.function(with_fields)}({kind}, {fields})"
            return f"{kind}({fields})"
        inner = ", ".join(self.text(item) for item in pack.items)
        if pack.kind is list:
            return f"[{inner}]"
        if pack.kind is not tuple:
            kind = self.references.function(pack.kind)
            own = runs_own_code(pack.kind)
            return f"{kind}._make([{inner}])" if own else f"{kind}({inner})"
        return f"({inner},)" if len(pack.items) == 1 else f"({inner})"

    def bare(self, operand: Operand) -> str:
        """Return an operand's text where a tuple needs no parentheses."""
        if isinstance(operand, Pack) and operand.kind is tuple and len(operand.items) > 1:
            return ", ".join(self.text(item) for item in operand.items)
        return self.text(operand)

    # --------------------------------------------------------------------------- applications

    def expression(self, statement: Apply | If) -> tuple[str, int]:
        if isinstance(statement, If):
            then = self.text(statement.then.results[0], 1)
            cond = self.text(statement.cond, 1)
            orelse = self.text(statement.orelse.results[0])
            return f"{then} if {cond} else {orelse}", _TERNARY
        special = _SPECIAL.get(statement.fn)
        if special is not None:
            found = special(self, statement)
            if found is not None:
                return found
        fn = statement.fn
        if fn in INFIX and len(statement.args) == 2 and not statement.kwargs:
            return self.infix(statement)
        if fn in PREFIX and not statement.kwargs:
            if fn is np.negative and self._takes_sign(statement.args[0]):
                product, own = self.parts(statement.args[0])
                return f"-{product}", own
            symbol, own = PREFIX[fn].symbol, PREFIX[fn].precedence
            return symbol + self.text(statement.args[0], own), own
        return self.call(self.references.function(fn), statement), _ATOM

    def _takes_sign(self, operand: Operand) -> bool:
        """Return whether a minus sign may go to the first factor: ``-a * b`` is ``-(a * b)``."""
        inner = self.folded.get(operand) if isinstance(operand, Var) else None
        if not isinstance(inner, Apply) or inner.fn not in (np.multiply, np.divide):
            return False
        first = inner.args[0]
        if self._takes_sign(first):
            return True
        t = type_of(first)
        real = isinstance(t, Scalar) and t.kind in ("int", "float")
        floats = isinstance(t, Array) and t.dtype is not None and t.dtype.kind in "fc"
        text, own = self.parts(first)
        return (real or floats) and own > INFIX[np.multiply].precedence and text[0] not in "-+"

    def infix(self, statement: Apply) -> tuple[str, int]:
        op = INFIX[statement.fn]
        own = op.precedence
        right_side = statement.fn is np.power
        comparison = own == INFIX[np.less].precedence
        left = self.text(statement.args[0], own + 1 if right_side or comparison else own)
        right = self.text(statement.args[1], own if right_side else own + 1)
        return f"{left} {op.symbol} {right}", own

    def call(self, name: str, statement: Apply) -> str:
        parts = [self.text(arg) for arg in statement.args]
        parts += [f"{key}={self.text(value)}" for key, value in statement.kwargs]
        return f"{name}({', '.join(parts)})"

    def index(self, index: Operand) -> str:
        items = index_items(index)
        if not items:
            return "()"
        texts = [self.index_item(item) for item in items]
        return texts[0] + "," if len(texts) == 1 and items[0] is not index else ", ".join(texts)

    def index_item(self, item: Operand) -> str:
        value: object = item.value if isinstance(item, Const) else None
        if isinstance(value, slice):
            s = cast("slice[Any, Any, Any]", value)
            item = Pack(slice, (Const(s.start), Const(s.stop), Const(s.step)))
        if isinstance(item, Pack) and item.kind is slice:
            start, stop, step = (
                "" if isinstance(part, Const) and part.value is None else self.text(part)
                for part in item.items
            )
            return _slice(start, stop, step)
        if isinstance(item, Const) and item.value is None:
            return "None"
        if isinstance(item, Const) and item.value is Ellipsis:
            return "..."
        return self.text(item)

    # --------------------------------------------------------------------------- as written

    def verbatim(self, statement: Apply) -> str | None:
        """Return the user's own text of an expression, if all of it still means the same."""
        origin = statement.origin
        if origin.expression is None:
            return None
        leaves: set[Var] = set()
        if not self._as_lowered(statement, origin, leaves):
            return None
        reads = dict(origin.reads)
        for name, operand in reads.items():
            if not isinstance(operand, Var) or self.names.get(operand) != name:
                return None
        # Another value under a name of the expression is not what the expression reads.
        if not leaves <= set(reads.values()):
            return None
        for name, value in origin.statics:
            if not self.references.spelled(name, value):
                return None
        text = _EMPTY.code_for_node(origin.expression.with_changes(lpar=(), rpar=()))
        return None if "\n" in text or "#" in text else text

    def _as_lowered(self, statement: Apply, origin: Origin, leaves: set[Var]) -> bool:
        if statement.origin.expression is None or statement.origin.line is not origin.line:
            return False
        for operand in operands_of(statement):
            for var in vars_of(operand):
                inner = self.folded.get(var)
                if inner is None:
                    leaves.add(var)
                elif not isinstance(inner, Apply) or not self._as_lowered(inner, origin, leaves):
                    return False
        return True


def _slice(start: str, stop: str, step: str) -> str:
    """Return ``start:stop:step``, with spaces where a part has some."""
    space = " " if " " in start + stop + step else ""
    text = f"{start}{space}:" if start else ":"
    if stop:
        text += f"{space}{stop}"
    if step:
        text += f"{space}:{space}{step}" if stop else f":{space}{step}"
    return text


# ----------------------------------------------------------------- primitives with a spelling


def _is_array(operand: Operand, least: int = 1) -> bool:
    t = type_of(operand)
    return isinstance(operand, Var) and isinstance(t, Array) and (t.rank or 0) >= least


def _attribute(name: str) -> Callable[[Printer, Apply], tuple[str, int] | None]:
    def spell(printer: Printer, statement: Apply) -> tuple[str, int] | None:
        if len(statement.args) == 1 and not statement.kwargs and _is_array(statement.args[0]):
            return f"{printer.text(statement.args[0], _ATOM)}.{name}", _ATOM
        return None

    return spell


def _matrix_transpose(printer: Printer, statement: Apply) -> tuple[str, int] | None:
    t = type_of(statement.args[0])
    flat = isinstance(t, Array) and t.rank == 2
    return _attribute("T" if flat else "mT")(printer, statement)


def _method(name: str) -> Callable[[Printer, Apply], tuple[str, int] | None]:
    def spell(printer: Printer, statement: Apply) -> tuple[str, int] | None:
        if statement.kwargs or not _is_array(statement.args[0]):
            return None
        rest = ", ".join(printer.text(arg) for arg in statement.args[1:])
        return f"{printer.text(statement.args[0], _ATOM)}.{name}({rest})", _ATOM

    return spell


def _subscript(printer: Printer, statement: Apply) -> tuple[str, int]:
    base, index = statement.args
    if isinstance(base, Var) and isinstance(base.type, Dict) and base.type.kind is not dict:
        assert isinstance(index, Const)
        return f"{printer.text(base, _ATOM)}.{index.value}", _ATOM
    if isinstance(base, Var) and isinstance(base.type, Sequence):
        inner = printer.folded.get(base)
        if isinstance(inner, Apply) and inner.fn is np.shape and not _is_array(inner.args[0]):
            return f"{printer.text(base, _ATOM)}[{printer.index(index)}]", _ATOM
    return f"{printer.text(base, _ATOM)}[{printer.index(index)}]", _ATOM


def _cast(printer: Printer, statement: Apply) -> tuple[str, int] | None:
    value, like = statement.args
    if _is_array(value) and _is_array(like, 0):
        target = printer.text(like, _ATOM)
        return f"{printer.text(value, _ATOM)}.astype({target}.dtype)", _ATOM
    return None


def _fstring(printer: Printer, statement: Apply) -> tuple[str, int]:
    parts: list[str] = []
    for part in statement.args:
        if isinstance(part, Const):
            parts.append(repr(str(part.value))[1:-1].replace("{", "{{").replace("}", "}}"))
            continue
        assert isinstance(part, Pack)
        value, conversion, spec = part.items
        text = printer.text(value)
        assert isinstance(conversion, Const)
        bang = f"!{conversion.value}" if conversion.value else ""
        colon = ""
        if isinstance(spec, Const):
            colon = f":{spec.value}" if spec.value else ""
        else:
            colon = ":{" + printer.text(spec) + "}"
        parts.append("{" + text.replace('"', "'") + bang + colon + "}")
    return 'f"' + "".join(parts).replace('"', '\\"') + '"', _ATOM


def _range(printer: Printer, statement: Apply) -> tuple[str, int]:
    return printer.call("range", statement), _ATOM


def _on_tape(printer: Printer, statement: Apply) -> tuple[str, int]:
    printer.references.imports["tape"] = "from s2s_grad import tape"
    given = [printer.text(arg) for arg in statement.args]
    given += [f"{name}={printer.text(value)}" for name, value in statement.kwargs]
    call = f"tape.vjp({', '.join(given)})"
    return (f"{call}[0]" if statement.fn is taped else call), _ATOM


def _pulled(printer: Printer, statement: Apply) -> tuple[str, int]:
    pullback, cotangent = statement.args
    return f"{printer.text(pullback, _ATOM)}({printer.text(cotangent)})", _ATOM


_SPECIAL: dict[Any, Callable[[Printer, Apply], tuple[str, int] | None]] = {
    **{fn: _attribute(record.attribute) for fn, record in table.items() if record.attribute},
    **{fn: _method(record.method) for fn, record in table.items() if record.method},
    np.matrix_transpose: _matrix_transpose,
    operator.getitem: _subscript,
    pull: _pulled,
    taped: _on_tape,
    taped_vjp: _on_tape,
    cast_like: _cast,
    fstring: _fstring,
    builtins.range: _range,
}
