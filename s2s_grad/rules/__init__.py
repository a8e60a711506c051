"""What is differentiable: one table of rules, written as plain NumPy, in files by subject."""

# pyright: reportUnusedImport=false

from s2s_grad.rules import (  # noqa: F401  (each file declares its rules when imported)
    arithmetic,
    binning,
    complex_values,
    constants,
    contractions,
    decompositions,
    diagonals,
    exponential,
    fourier,
    grids,
    indexing,
    joining,
    linalg,
    nan_reductions,
    norms,
    polynomials,
    products,
    quantiles,
    reductions,
    scalar_math,
    selection,
    shaping,
    signals,
    statistics,
    trigonometric,
    windows,
)
from s2s_grad.rules.cases import A, Case, Spec, case
from s2s_grad.rules.compositions import each, find_composition, taken
from s2s_grad.rules.families import (
    bilinear,
    call_primal,
    constant,
    elementwise,
    general,
    linear,
    pullback,
    pushforward,
)
from s2s_grad.rules.lookup import find_rule, find_transposed, is_multilinear
from s2s_grad.rules.rule import (
    COMPLEX_RULES,
    Lookup,
    Rule,
    call_formula,
    table,
)

__all__ = [
    "COMPLEX_RULES",
    "A",
    "Case",
    "Lookup",
    "Rule",
    "Spec",
    "bilinear",
    "call_formula",
    "call_primal",
    "case",
    "constant",
    "each",
    "elementwise",
    "find_composition",
    "find_rule",
    "find_transposed",
    "general",
    "is_multilinear",
    "linear",
    "pullback",
    "pushforward",
    "table",
    "taken",
]
