"""Python's own functions and operators."""

from __future__ import annotations

import builtins
import operator
from dataclasses import replace
from typing import Any

from s2s_grad.ir.operators import Operator, all_of, any_of, fstring, in_, is_, is_not_, not_in
from s2s_grad.ir.primitives.record import Cost, Memory, Primitive, Raises, Sign, describe

_builtins: Any = builtins  # typed by hand: overloaded functions are no values in the stubs
_NEW = Primitive(memory=Memory.NEW)
_SAFE = Primitive(raises=Raises.NEVER)

# ------------------------------------------------------------------ operators

describe(
    Primitive(
        memory=Memory.SELECTION,
        raises=Raises.SUBSCRIPT,
        raises_again=True,
        keeps_infinity=True,
        sign=Sign.KEPT,
        dunder="getitem",
        folds=True,
    ),
    operator.getitem,
)
_COMPARED = replace(_NEW, raises=Raises.NEVER, compares=True)
describe(replace(_COMPARED, infix=Operator("is", is_, 4, "Is")), is_)
describe(replace(_COMPARED, infix=Operator("is not", is_not_, 4, "IsNot")), is_not_)
_CONTAINED = replace(_COMPARED, raises=Raises.CONTAINER)
describe(replace(_CONTAINED, infix=Operator("in", in_, 4, "In", "", "contains")), in_)
describe(replace(_CONTAINED, infix=Operator("not in", not_in, 4, "NotIn")), not_in)
_TRUTH = Primitive(raises=Raises.TRUTH, cost=Cost.CHEAP)
describe(replace(_TRUTH, infix=Operator("or", any_of, 1, "Or")), any_of)
describe(replace(_TRUTH, infix=Operator("and", all_of, 2, "And")), all_of)
describe(
    replace(_TRUTH, memory=Memory.NEW, prefix=Operator("not ", operator.not_, 3, "Not")),
    operator.not_,
)
# Of lists, whose items are shared.
describe(replace(_SAFE, infix=Operator("+", operator.concat, 9)), operator.concat)
describe(Primitive(raises=Raises.REPEATED, infix=Operator("*", operator.mul, 10)), operator.mul)
_SAME = Primitive(memory=Memory.NEW, raises=Raises.VALUES, infix=Operator("==", operator.eq, 4))
describe(_SAME, operator.eq)

# ------------------------------------------------------------------ conversions

describe(replace(_NEW, raises=Raises.FLOAT, folds=True, sign=Sign.KEPT), builtins.float)
describe(
    replace(_NEW, raises=Raises.FLOAT, folds=True, gives_complex=True),
    builtins.complex,
)
describe(replace(_NEW, raises=Raises.INTEGER, folds=True), builtins.int, _builtins.round)
describe(replace(_NEW, raises=Raises.TRUTH, folds=True), builtins.bool)
describe(replace(_NEW, raises=Raises.NEVER, folds=True), builtins.str)
describe(Primitive(raises=Raises.NEVER, folds=True), _builtins.repr)
describe(Primitive(raises=Raises.FORMAT, folds=True), fstring)
describe(Primitive(memory=Memory.PASSED, raises=Raises.NEVER), builtins.list, builtins.tuple)
describe(_SAFE, builtins.dict, builtins.slice)

# ------------------------------------------------------------------ the rest

describe(
    replace(_NEW, raises=Raises.SIZE, folds=True, sign=Sign.NOT_NEGATIVE),
    _builtins.abs,
)
describe(
    replace(
        _NEW,
        raises=Raises.LENGTH,
        folds=True,
        sign=Sign.NOT_NEGATIVE,
        only_shape=True,
        fact="length",
        cost=Cost.FREE,
    ),
    _builtins.len,
)
describe(replace(_NEW, raises=Raises.RANGE, cost=Cost.FREE), builtins.range)
describe(_SAFE, _builtins.isinstance, builtins.type, _builtins.callable, _builtins.id)
describe(_SAFE, _builtins.hash)
describe(Primitive(raises=Raises.ITEMS, folds=True), _builtins.max, _builtins.min)
describe(Primitive(folds=True, sign=Sign.KEPT), _builtins.sum)
describe(
    Primitive(folds=True),
    _builtins.divmod,
    _builtins.pow,
    _builtins.sorted,
    _builtins.ord,
    _builtins.chr,
)
