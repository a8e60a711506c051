"""Whole programs: the gradient, pullback or pushforward of an IR function as an IR function."""

from __future__ import annotations

import builtins
import warnings
from collections.abc import Sequence as Listed
from dataclasses import replace

import numpy as np

from s2s_grad.analysis.activity import can_be_active, find_active
from s2s_grad.analysis.error_places import location_of
from s2s_grad.analysis.infer import infer, type_of
from s2s_grad.differentiate.cotangents import zeros_of
from s2s_grad.differentiate.facts import Covers
from s2s_grad.differentiate.forward import forward
from s2s_grad.differentiate.reverse import reverse
from s2s_grad.errors import OutputError, ZeroGradientWarning, outer_level
from s2s_grad.ir.builder import Builder
from s2s_grad.ir.nodes import (
    Block,
    Const,
    Define,
    Effect,
    Function,
    Operand,
    Origin,
    Pack,
    Param,
    Phase,
    Role,
    Var,
)
from s2s_grad.ir.types import (
    Array,
    Dict,
    Scalar,
    Sequence,
    Size,
    Static,
    Type,
    is_empty,
    same_dtype,
)
from s2s_grad.ir.walk import vars_of
from s2s_grad.runtime import cast_like, check_scalar, check_shape

__all__ = ["gradient", "hessian_vector_product", "pullback_program", "pushforward_program"]


def gradient(
    function: Function,
    wrt: Listed[int],
    *,
    single: bool,
    with_value: bool,
    has_aux: bool = False,
    covers: Covers = None,
) -> Function:
    """Return the program of the gradient of a scalar function.

    Parameters
    ----------
    function : Function
        The primal. Its result is a scalar, or with `has_aux` a pair of a scalar and anything.
    wrt : sequence of int
        Positions of the parameters to differentiate with respect to.
    single : bool
        Whether the result is one gradient rather than a tuple of gradients.
    with_value : bool
        Whether the result is ``(value, gradient)``.
    has_aux : bool
        Whether the primal returns ``(value, aux)``; `aux` is then returned beside the gradient.
    covers : collection of functions, optional
        What may raise in the adjoint instead of in the primal; all, where what it computes is
        read in the end.

    Returns
    -------
    Function
        A program with the parameters of the primal.

    Raises
    ------
    OutputError
        Where the result is no float scalar.
    """
    whole = function.block.results[0]
    value, aux = _split_aux(function, whole) if has_aux else (whole, None)
    builder = Builder(infer)
    params = [function.params[i] for i in wrt]
    seeds = [param.var for param in params]
    block = replace(function.block, results=(value,))
    active = find_active(block, seeds)
    check = _needs_check(function, value)
    if not any(var in active for var in vars_of(value)):
        _warn_constant(function, params)
    adjoint = reverse(block, seeds, Const(1.0), builder, active, covers=covers)
    with builder.nested() as statements:
        builder.statements.extend(adjoint.primal)
        if check:
            builder.append(Effect(None, check_scalar, (value,), (), _end(function)))
        builder.statements.extend(adjoint.statements)
        with builder.at(_end(function, Phase.REVERSE)):
            found = [
                _finish(builder, cotangent, param.var)
                for cotangent, param in zip(adjoint.cotangents, params, strict=True)
            ]
        result: Operand = found[0] if single else Pack(tuple, tuple(found))
        if with_value:
            first = value if aux is None else Pack(tuple, (value, aux))
            result = Pack(tuple, (first, result))
        elif aux is not None:
            result = Pack(tuple, (result, aux))
        names = _names(params, single)
        what = "Value and gradient" if with_value else "Gradient"
        return Function(
            f"{function.name}_{'value_and_grad' if with_value else 'grad'}",
            function.params,
            Block(function.block.params, tuple(statements), (result,)),
            _doc(f"{what} of `{function.name}` with respect to {names}.", function),
            function.line,
        )


def pullback_program(
    function: Function, wrt: Listed[int], *, single: bool, covers: Covers = None
) -> Function:
    """Return the program of ``(value, pullback)``; the pullback is a local function."""
    value = function.block.results[0]
    builder = Builder(infer)
    params = [function.params[i] for i in wrt]
    hint = value.hint if isinstance(value, Var) and value.hint else "result"
    bar = Var(hint, _cotangent_type(type_of(value)), Role.COTANGENT)
    seeds = [param.var for param in params]
    adjoint = reverse(function.block, seeds, bar, builder, covers=covers)
    origin = _end(function, Phase.REVERSE)
    with builder.nested() as statements:
        builder.statements.extend(adjoint.statements)
        with builder.at(origin):
            found = [
                _finish(builder, cotangent, param.var)
                for cotangent, param in zip(adjoint.cotangents, params, strict=True)
            ]
        result: Operand = found[0] if single else Pack(tuple, tuple(found))
        inner = Block((bar,), tuple(statements), (result,))
    pullback = Var("pullback", Static(None), Role.USER)
    body = (*adjoint.primal, Define(pullback, inner, origin))
    names = _names(params, single)
    return Function(
        f"{function.name}_vjp",
        function.params,
        Block(function.block.params, body, (Pack(tuple, (value, pullback)),)),
        _doc(f"Value of `{function.name}` and its pullback with respect to {names}.", function),
        function.line,
    )


def pushforward_program(function: Function, wrt: Listed[int]) -> Function:
    """Return the program of ``(value, tangent)``: tangents follow the primal's parameters."""
    builder = Builder(infer)
    params = [function.params[i] for i in wrt]
    dots = [Var(p.var.hint, _cotangent_type(p.var.type), Role.TANGENT) for p in params]
    seeds = {p.var: dot for p, dot in zip(params, dots, strict=True)}
    statements, tangent = forward(function.block, seeds, builder)
    extra = [Param(dot, f"{p.name}_dot", p.kind) for p, dot in zip(params, dots, strict=True)]
    all_params = _with_params(function, extra)
    value = function.block.results[0]
    body = Block(tuple(p.var for p in all_params), statements, (Pack(tuple, (value, tangent)),))
    text = f"Value of `{function.name}` and its tangent for tangents of {_names(params, False)}."
    return Function(f"{function.name}_jvp", all_params, body, _doc(text, function), function.line)


def hessian_vector_product(
    function: Function, grad: Function, wrt: Listed[int], *, single: bool
) -> Function:
    """Return the program of the Hessian times `v`: the tangent of the gradient `grad`."""
    builder = Builder(infer)
    params = [grad.params[i] for i in wrt]
    taken = {param.name for param in grad.params}
    name = next(n for n in ("v", "vector", "v_", "vector_") if n not in taken)
    with builder.nested() as statements:
        if single:
            v = Var(name, _cotangent_type(params[0].var.type), Role.USER)
            seeds: dict[Var, Operand] = {params[0].var: v}
        else:
            types = tuple(_cotangent_type(param.var.type) for param in params)
            v = Var(name, Sequence(tuple, types), Role.USER)
            import operator

            seeds = {
                param.var: builder.apply(
                    operator.getitem, v, Const(i), hint=param.var.hint, role=Role.TANGENT
                )
                for i, param in enumerate(params)
            }
        pushed, tangent = forward(grad.block, seeds, builder)
        builder.statements.extend(pushed)
        all_params = _with_params(grad, [Param(v, name)])
        body = Block(tuple(p.var for p in all_params), tuple(statements), (tangent,))
    names = _names(params, single)
    return Function(
        f"{function.name}_hvp",
        all_params,
        body,
        _doc(f"Hessian of `{function.name}` with respect to {names}, times {name}.", function),
        function.line,
    )


# ---------------------------------------------------------------------------------------- parts


def _with_params(function: Function, extra: list[Param]) -> tuple[Param, ...]:
    """Put new required parameters behind those that have no default."""
    kept = list(function.params)
    at = next(
        (
            i
            for i, p in enumerate(kept)
            if p.default is not None
            or p.kind in (p.kind.VAR_POSITIONAL, p.kind.KEYWORD_ONLY, p.kind.VAR_KEYWORD)
        ),
        len(kept),
    )
    plain = [replace(p, kind=p.kind.POSITIONAL_OR_KEYWORD) for p in extra]
    return (*kept[:at], *plain, *kept[at:])


def _cotangent_type(t: Type) -> Type:
    """Return the type of a cotangent or tangent of a value."""
    match t:
        case Scalar():
            return Scalar("complex" if t.kind == "complex" else "float")
        case Sequence():
            return Sequence(t.kind, tuple(_cotangent_type(item) for item in t.items))
        case Dict():
            return Dict(t.keys, tuple(_cotangent_type(item) for item in t.items), t.kind)
        case _:
            return t


def _finish(builder: Builder, cotangent: Operand | None, like: Operand) -> Operand:
    """Give a gradient the structure, shape, kind and dtype of its argument."""
    t = type_of(like)
    if cotangent is None or is_empty(t):
        # Rules need not care about arrays without items: there is nothing to compute.
        return zeros_of_argument(builder, like)
    if isinstance(cotangent, Pack) and isinstance(t, (Sequence, Dict)):
        import operator

        keys = t.keys if isinstance(t, Dict) else range(len(t.items))
        items = tuple(
            _finish(builder, item, builder.apply(operator.getitem, like, Const(key)))
            for item, key in zip(cotangent.items, keys, strict=True)
        )
        return Pack(cotangent.kind, items, cotangent.keys)
    have = type_of(cotangent)
    match t:
        case Scalar():
            kind = builtins.complex if t.kind == "complex" else builtins.float
            plain = (
                isinstance(have, Scalar) and (have.kind == "complex") == (kind is complex)
            ) or (
                isinstance(have, Array)
                and have.shape == ()
                and same_dtype(have.dtype, np.dtype(kind))
            )
            return cotangent if plain else builder.apply(kind, cotangent)
        case Array():
            if isinstance(have, Scalar):
                have = Array(np.dtype(float), ())
            if not isinstance(have, Array) or have.shape != t.shape or t.shape is None:
                if t.shape is not None and t.shape != () and isinstance(have, Array):
                    shape = builder.apply(np.shape, like)
                    if have.shape == ():
                        cotangent = builder.apply(np.broadcast_to, cotangent, shape)
                    elif _met_a_constant(have.shape, t.shape):
                        # Of another size it is an error, which the derivative need not run into.
                        check = Effect(None, check_shape, (cotangent, like), (), builder.origin)
                        builder.append(check)
            if isinstance(have, Array) and same_dtype(have.dtype, t.dtype):
                return cotangent
            return builder.apply(cast_like, cotangent, like)
        case Static():
            return zeros_of(builder, like)
        case _:
            return cotangent


def _met_a_constant(have: tuple[Size, ...] | None, want: tuple[Size, ...]) -> bool:
    """Return whether a gradient has a known size where its argument has any other than 1."""
    if have is None or len(have) != len(want):
        return False
    pairs = zip(have, want, strict=True)
    return any(isinstance(a, int) and not isinstance(b, int) for a, b in pairs)


def zeros_of_argument(builder: Builder, like: Operand) -> Operand:
    """Return the gradient of an argument that the result does not depend on."""
    t = type_of(like)
    match t:
        case Array() if t.dtype is None or t.dtype.kind in "fc":
            return builder.apply(np.zeros_like, like)
        case Array():
            return builder.apply(np.zeros_like, like, dtype=Const(float))
        case Sequence() | Dict():
            import operator

            keys = t.keys if isinstance(t, Dict) else range(len(t.items))
            items = tuple(
                zeros_of_argument(builder, builder.apply(operator.getitem, like, Const(key)))
                for key in keys
            )
            return Pack(t.kind, items, t.keys if isinstance(t, Dict) else ())
        case _:
            return zeros_of(builder, like)


def _split_aux(function: Function, whole: Operand) -> tuple[Operand, Operand]:
    if isinstance(whole, Pack) and len(whole.items) == 2 and whole.kind is not dict:
        return whole.items[0], whole.items[1]
    raise OutputError(
        f"with has_aux=True `{function.name}` has to return a pair (value, aux)",
        "return the value and the auxiliary data as a tuple",
        location_of(function),
    )


def _needs_check(function: Function, value: Operand) -> bool:
    """Check that the value is a float scalar; return whether only the run can tell."""
    t = type_of(value)
    remedy = "use `vjp` or `tape.functional.jacobian` for outputs that are no scalar"
    match t:
        case Scalar(kind="float"):
            return False
        case Scalar():
            kind = f"is of type {t.kind}"
        case Array(shape=shape, dtype=dtype):
            if shape:
                kind = f"has shape ({', '.join('?' for _ in shape)},)"
                kind = f"is an array of rank {len(shape)}"
            elif dtype is not None and dtype.kind != "f":
                kind = f"has dtype {dtype}"
            else:
                return shape is None or dtype is None
        case Sequence() | Dict():
            kind = "is a container"
        case Static(value=known):
            kind = f"is {known!r}"
        case _:
            return True
    if isinstance(t, Scalar) or (isinstance(t, Array) and not t.shape):
        remedy = "convert the result to a real float, or use `vjp` or `tape.functional.jacobian`"
    raise OutputError(
        f"`grad` needs a function with a scalar result, but the result of `{function.name}` {kind}",
        remedy,
        location_of(function),
    )


def _warn_constant(function: Function, params: list[Param]) -> None:
    names = _names(params, len(params) == 1)
    if any(can_be_active(param.var.type) for param in params):
        place = location_of(function)
        where = f"{place.file}:{place.line}: " if place is not None else ""
        warnings.warn(
            f"{where}the result of `{function.name}` does not depend on {names}; "
            "its gradient is zero",
            ZeroGradientWarning,
            stacklevel=outer_level(),
        )


def _end(function: Function, phase: Phase = Phase.PRIMAL) -> Origin:
    return Origin(None, phase)


def _names(params: list[Param], single: bool) -> str:
    names = ", ".join(param.name for param in params)
    return names if single or len(params) == 1 else f"({names})"


def _doc(text: str, function: Function) -> str:
    return f"{text}\n\n{function.doc}" if function.doc else text
