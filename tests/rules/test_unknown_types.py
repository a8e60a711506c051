"""Programs compiled without types: formulas that ask for a rank are called when the program runs.

Those formulas are printed into the module with all that they call.
"""

from __future__ import annotations

import numpy as np
import pytest
from checker import flat
from programs import program_of
from test_second_order import CASES

from s2s_grad import grad
from s2s_grad.ir.request import Request
from s2s_grad.pipeline import derive, load, lower_primal, print_program
from s2s_grad.rules import Case, Rule

# Results of unlike shapes, which nothing tells from one array where no type is known: an error.
SEVERAL = {np.linalg.lstsq, np.linalg.eigh, np.linalg.svd, np.linalg.qr, np.split, np.meshgrid}
ONE = [
    param
    for param in CASES
    if param.values[0].primal not in SEVERAL
    and any(param.values[1] is c for c in param.values[0].cases[:2])
]


@pytest.mark.parametrize(("rule", "c"), ONE)
def test_gradient(rule: Rule, c: Case) -> None:
    function, operands, _ = program_of(rule, c)
    names = [f"x{i}" for i in range(len(operands))]
    request = Request("grad", tuple(names), single=False)
    emitted = print_program(derive(lower_primal(function, {}), request), request)
    with np.errstate(all="ignore"):
        found = load(emitted)(*operands)
        expected = grad(function, wrt=tuple(names), mode="static")(*operands)
    np.testing.assert_allclose(flat(found), flat(expected), rtol=1e-10, atol=1e-12)
