"""A function that computes a derivative: compiled when it is first called with new types."""

from __future__ import annotations

import dataclasses
import functools
import importlib
import inspect
import operator
import threading
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from s2s_grad.arguments import Sizes, exact_key, is_dataclass_object, type_of_argument
from s2s_grad.errors import (
    ArgumentError,
    ArgumentWritten,
    FallbackWarning,
    MissingRule,
    S2SError,
    UnsupportedOption,
    UnsupportedSyntax,
)
from s2s_grad.fallback import holds_tensor, internal_error, is_refusal, outer_level
from s2s_grad.ir.types import Array, Dict, Scalar, Sequence, Static, Type, is_complex
from s2s_grad.separate import with_separate_arguments

if TYPE_CHECKING:
    from s2s_grad.ir.nodes import Function
    from s2s_grad.pipeline import Request

__all__ = ["Transform", "Wrt"]

Wrt = int | str | tuple[int | str, ...]
_MOST_KEYS = 512
_REVERSE = ("grad", "value_and_grad", "vjp")


class Transform:
    """The derivative of a function, as a function.

    Attributes
    ----------
    primal : callable
        The function that was given.
    how : str
        "auto": compiled, and on the tape what the compiler refuses; "static": compiled; "tape".
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        mode: str,
        wrt: Wrt,
        has_aux: bool = False,
        how: str = "auto",
    ) -> None:
        if not callable(fn):
            raise ArgumentError(
                f"`{mode}` needs a function, not {type(fn).__name__}",
                f"call it as {mode}(f), or use it as a decorator",
            )
        self.primal = fn
        self.mode = mode
        self.wrt = wrt
        self.has_aux = has_aux
        self.how = how
        self._refused: dict[Any, Exception] = {}  # why the tape is used, by types
        self._compiled: dict[Any, Callable[..., Any]] = {}  # by exact key
        self._programs: dict[Any, Callable[..., Any]] = {}  # by types
        self._last: Callable[..., Any] | None = None
        self._log: list[str] = []
        self._static: set[str] = set()  # ints whose value is part of the key
        self._lock = threading.RLock()
        self._signature = _signature_of(fn)
        self._names = tuple(self._signature.parameters)
        self._request_names(wrt)
        functools.update_wrapper(self, _named(fn), updated=())

    # ------------------------------------------------------------------------------- calling

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the derivative at the arguments of the primal."""
        if not kwargs:
            compiled = self._compiled.get(tuple([exact_key(arg) for arg in args]))
            if compiled is not None:
                return compiled(*args)
        return self._chosen(args, kwargs)(*args, **kwargs)

    def _chosen(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[..., Any]:
        """Return the compiled function, or the one that runs on the tape."""
        if self.how == "tape" or holds_tensor((args, kwargs)):
            return self._taped
        if self.how == "static":
            return self._compile(args, kwargs)
        if self._refused and self._key_of(self._bind(args, kwargs)) in self._refused:
            return self._taped
        try:
            return self._compile(args, kwargs)
        except Exception as error:
            if not is_refusal(error):
                raise
            return self._fallen_back(error, args, kwargs)

    def _fallen_back(
        self, error: Exception, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Callable[..., Any]:
        """Return the function that runs on the tape, after a warning that says why."""
        key = self._key_of(self._bind(args, kwargs))
        if isinstance(error, (MissingRule, UnsupportedOption)):
            return functools.partial(self._tried, error, key)
        self._warn(error, key)
        return self._taped

    def _key_of(self, bound: dict[str, Any]) -> Any:
        return tuple(self._types(bound).items())

    def _tried(self, error: Exception, key: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Run on the tape, which has the same rules: where one is missing there too, say so."""
        try:
            result = self._taped(*args, **kwargs)
        except (MissingRule, UnsupportedOption):
            raise error from None
        self._warn(error, key)
        return result

    def _warn(self, error: Exception, key: Any) -> None:
        self._refused[key] = error
        reason = str(error) if isinstance(error, S2SError) else internal_error(error)
        self._log.append(f"  on the tape: {reason}".replace("\n", "\n    "))
        warnings.warn(
            f"{self.mode} of `{_name(self.primal)}` runs on the tape, because the compiler refused "
            f"it\n{reason}",
            FallbackWarning,
            stacklevel=outer_level(),
        )

    def _warn_of_call(self, reason: str) -> None:
        self._log.append(f"    a call on the tape: {reason}".replace("\n", "\n      "))
        warnings.warn(
            f"a call in `{_name(self.primal)}` runs on the tape, because the compiler refused the "
            f"function\n{reason}",
            FallbackWarning,
            stacklevel=outer_level(),
        )

    def _with_calls_on_tape(self, compiled: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that runs on the tape as a whole if a call turns out to need that."""

        @functools.wraps(compiled)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            try:
                return compiled(*args, **kwargs)
            except ArgumentWritten as error:
                return self._fallen_back(error, args, kwargs)(*args, **kwargs)

        return guarded

    def _with_fallback(
        self,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        others: tuple[Any, ...],
        bound: dict[str, Any],
        extra: Any,
        tape: Callable[[], Any],
    ) -> Any:
        """Call the compiled function with vectors by name; `tape` is the other way."""
        if self.how == "tape" or holds_tensor((args, kwargs, others)):
            return tape()
        if self._refused and self._key_of(bound) in self._refused:
            return tape()
        try:
            compiled = self._compile(args, kwargs)
        except Exception as error:
            if self.how == "static" or not is_refusal(error):
                raise
            if not isinstance(error, (MissingRule, UnsupportedOption)):
                self._warn(error, self._key_of(bound))
                return tape()
            try:
                result = tape()
            except (MissingRule, UnsupportedOption):
                raise error from None
            self._warn(error, self._key_of(bound))
            return result
        if isinstance(extra, dict) and self.mode == "jvp":
            return _call_with(compiled, bound, extra)  # pyright: ignore
        name = next(n for n in inspect.signature(compiled).parameters if n not in self._names)
        return _call_with(compiled, bound, {name: extra})

    def _taped(self, *args: Any, **kwargs: Any) -> Any:
        """Run the derivative on the tape."""
        bound = self._bind(args, kwargs)
        self._last = None
        return self._record(bound, ())

    def _record(self, bound: dict[str, Any], extra: tuple[Any, ...]) -> Any:
        from s2s_grad.tape.transforms import Request, run

        names, single = self._request_names(self.wrt)
        self._check_values(bound)
        request = Request(self.mode, names, single, self.has_aux)
        return run(self.primal, self._signature, bound, request, extra)

    def _check_values(self, bound: dict[str, Any]) -> None:
        """Refuse to differentiate with respect to what has no derivative."""
        for name in self._request_names(self.wrt)[0]:
            value = bound.get(name)
            t = type_of_argument(value, Sizes(), name)
            tape_can = is_complex(t) and self.mode in ("grad", "value_and_grad", "vjp")
            if not tape_can and not holds_tensor(value):
                self._check(name, t)
            if type(value) is int:
                bound[name] = float(value)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Bind to an instance, as a method does."""
        return self if instance is None else functools.partial(self, instance)

    def specialize(self, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """Return the compiled function for arguments of these types, without dispatch."""
        return self._compile(args, kwargs)

    @property
    def source(self) -> str:
        """The emitted module that ran last; compiled from annotations if none ran.

        Of a function that runs on the tape it is a comment that says why.
        """
        if self.how == "tape":
            return f"# {self.mode} of `{_name(self.primal)}` runs on the tape (mode='tape').\n"
        if self._last is None and self._refused:
            reason = str(list(self._refused.values())[-1]).replace("\n", "\n#     ")
            return f"# {self.mode} of `{_name(self.primal)}` runs on the tape:\n#     {reason}\n"
        if self._last is None:
            from s2s_grad.pipeline import print_program

            request = self._request()
            return print_program(self._derive({}), request).source
        emitted: Any = inspect.unwrap(self._last)
        return "".join(_lines(emitted))

    def explain(self) -> str:
        """Return what was compiled, and for which types of arguments."""
        head = f"{self.mode} of `{_name(self.primal)}` with respect to {self._shown()}"
        if self.how == "tape":
            return f"{head}: runs on the tape (mode='tape')"
        if self._refused:
            return "\n".join([f"{head}: refused by the compiler", *self._log])
        if not self._log:
            return f"{head}: not compiled yet"
        return "\n".join([f"{head}: compiled statically", *self._log])

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return self._names

    @property
    def names_of_wrt(self) -> tuple[str, ...]:
        """The names of the parameters differentiated."""
        return self._request_names(self.wrt)[0]

    # ----------------------------------------------------------------------------- composition

    def __s2s_program__(self, types: Mapping[str, Type]) -> Function:
        """Return the derivative as a program, to be differentiated again."""
        if self.how == "tape":
            raise UnsupportedSyntax(
                f"{self.mode} of `{_name(self.primal)}` was asked to run on the tape "
                "(mode='tape'), so it has no program.",
                "Leave mode='tape' out.",
            )
        return self._derive(types)

    def __s2s_lower__(self, lowerer: Any, args: Any, kwargs: Any) -> Any:
        """Compile a call of the derivative inside a function that is being compiled."""
        from s2s_grad.nested import NestedDerivative

        if self.how == "tape":
            lowerer.refuse(f"this {self.mode} runs on the tape (mode='tape').")
        nested = NestedDerivative(self.primal, self.mode, self._given_wrt(), self.has_aux)
        return nested.__s2s_lower__(lowerer, args, kwargs)

    def _given_wrt(self) -> Wrt | None:
        return self.wrt

    def __reduce__(self) -> Any:
        module = getattr(self.primal, "__module__", None)
        name = getattr(self.primal, "__qualname__", "")
        if module and "<" not in name:
            try:
                found: Any = operator.attrgetter(name)(importlib.import_module(module))
            except (ImportError, AttributeError):
                found = None
            if found is self:
                return name
        return (type(self), (self.primal, self.mode, self.wrt, self.has_aux, self.how))

    def __repr__(self) -> str:
        return f"<{self.mode} of {_name(self.primal)} with respect to {self._shown()}>"

    # --------------------------------------------------------------------------------- compiling

    def _request(self) -> Request:
        from s2s_grad.pipeline import Request

        names, single = self._request_names(self.wrt)
        return Request(self.mode, names, single, self.has_aux)

    def _request_names(self, wrt: Wrt) -> tuple[tuple[str, ...], bool]:
        single = not isinstance(wrt, (tuple, list))
        asked = (wrt,) if single else wrt
        names: list[str] = []
        for item in asked:  # pyright: ignore[reportGeneralTypeIssues]
            if isinstance(item, str):
                name = item if item in self._names else None
            else:
                inside = -len(self._names) <= item < len(self._names)
                name = self._names[item] if inside else None
            if name is None:
                raise ArgumentError(
                    f"wrt={item!r} is no parameter of `{_name(self.primal)}`",
                    f"its parameters are {', '.join(self._names) or 'none'}",
                )
            names.append(name)
        return tuple(names), single

    def _shown(self) -> str:
        return ", ".join(self._request_names(self.wrt)[0])

    def _derive(self, types: Mapping[str, Type], *, tape: bool = False) -> Function:
        from s2s_grad.pipeline import derive, lower_primal

        request = self._request()
        active = {name: _as_real(t) if name in request.wrt else t for name, t in types.items()}
        primal = lower_primal(self.primal, active, tape=tape)
        program = derive(primal, request)
        return dataclasses.replace(
            program, writes=primal.writes, contiguous=primal.contiguous, taped=primal.taped
        )

    def _compile(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[..., Any]:
        bound = self._bind(args, kwargs)
        with self._lock:
            types = self._types(bound)
            key = tuple(types.items())
            compiled = self._programs.get(key)
            if compiled is None:
                compiled = self._build(types, bound)
                self._programs[tuple(self._types(bound).items())] = compiled
            self._last = compiled
            if not kwargs and not any(name in self._static for name in bound):
                if len(self._compiled) >= _MOST_KEYS:
                    self._compiled.clear()
                self._compiled[tuple([exact_key(arg) for arg in args])] = compiled
        return compiled

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        try:
            return dict(self._signature.bind(*args, **kwargs).arguments)
        except TypeError as error:
            raise ArgumentError(
                f"`{_name(self.primal)}` cannot be called with these arguments: {error}",
                f"its signature is {_name(self.primal)}{self._signature}",
            ) from None

    def _types(self, bound: dict[str, Any]) -> dict[str, Type]:
        sizes = Sizes()
        for name in self._static & bound.keys():
            sizes.fix(bound[name])
        names = self._request_names(self.wrt)[0]
        types: dict[str, Type] = {}
        for name, value in bound.items():
            types[name] = type_of_argument(value, sizes, name)
            if name in self._static and name not in names and isinstance(value, int):
                types[name] = Static(value)
            if name in names:
                self._check(name, types[name])
        return types

    def _check(self, name: str, t: Type) -> None:
        """Refuse to differentiate with respect to what has no derivative."""
        problem = None
        if isinstance(t, Array) and t.dtype is not None and t.dtype.kind not in "fc":
            problem = f"an array of dtype {t.dtype}"
        elif isinstance(t, Static):
            problem = f"{t.value!r}"
        elif is_complex(t):
            problem = "complex"
        if problem is not None:
            raise ArgumentError(
                f"`{name}` of `{_name(self.primal)}` is {problem}, which has no derivative",
                "use mode='tape', write it by its real and imaginary part, or leave it out of wrt"
                if problem == "complex"
                else "convert it to float, or leave it out of wrt",
            )

    def _build(self, types: dict[str, Type], bound: dict[str, Any]) -> Callable[..., Any]:
        from s2s_grad.pipeline import load, print_program

        request = self._request()
        program = self._derive_for_values(types, bound)
        emitted = print_program(program, request)
        shown = ", ".join(f"{name}: {t}" for name, t in types.items())
        self._log.append(f"  {emitted.name}({shown})")
        for reason in dict.fromkeys(program.taped):
            self._warn_of_call(reason)
        compiled = load(emitted)
        if program.writes:
            compiled = with_separate_arguments(compiled, program, _name(self.primal))
        if program.taped:
            compiled = self._with_calls_on_tape(compiled)
        return self._adapt(compiled, types, bound)

    def _derive_for_values(self, types: dict[str, Type], bound: dict[str, Any]) -> Function:
        """Derive; what decides the shape of the program joins the types.

        That is the value of an int, and of an array its sizes.
        """
        from s2s_grad.lower import NeedsStatic

        while True:
            try:
                return self._derive(types, tape=self.how == "auto" and self.mode in _REVERSE)
            except NeedsStatic as need:
                asked = [name for name in need.parameters if name not in self._static]
                if not asked:
                    raise
                self._static.update(asked)
                types.update(self._types(bound))

    def _adapt(
        self, compiled: Callable[..., Any], types: dict[str, Type], bound: dict[str, Any]
    ) -> Callable[..., Any]:
        """Convert what compiled code leaves open: ints as reals, and 0-d arrays as results."""
        names, single = self._request_names(self.wrt)
        ints = [n for n in names if isinstance(types.get(n), Scalar) and _is_int(bound[n])]
        points = [n for n in names if isinstance(bound.get(n), np.ndarray) and bound[n].ndim == 0]
        if not ints and not (points and self.mode in ("grad", "value_and_grad")):
            return compiled
        signature = self._signature
        places = [i for i, n in enumerate(names) if n in points]

        @functools.wraps(compiled)
        def adapted(*args: Any, **kwargs: Any) -> Any:
            if ints:
                call = signature.bind(*args, **kwargs)
                for name in ints:
                    call.arguments[name] = float(call.arguments[name])
                args, kwargs = call.args, call.kwargs
            result = compiled(*args, **kwargs)
            if not places or self.mode not in ("grad", "value_and_grad"):
                return result
            outer = self.mode == "value_and_grad" or self.has_aux
            at = 1 if self.mode == "value_and_grad" else 0
            gradient = result[at] if outer else result
            if single:
                gradient = np.asarray(gradient)
            else:
                gradient = tuple(
                    np.asarray(g) if i in places else g for i, g in enumerate(gradient)
                )
            if not outer:
                return gradient
            return (result[0], gradient) if at else (gradient, result[1])

        return adapted


class VjpTransform(Transform):
    """`vjp`: the pullback checks its cotangent."""

    def _taped(self, *args: Any, **kwargs: Any) -> Any:
        value, pullback = super()._taped(*args, **kwargs)

        def pull(cotangent: Any) -> Any:
            _same_structure(value, cotangent, "cotangent", "result")
            return pullback(cotangent)

        pull.__doc__ = f"Return the gradient of `{_name(self.primal)}` for a cotangent."
        return value, pull

    def _adapt(
        self, compiled: Callable[..., Any], types: dict[str, Type], bound: dict[str, Any]
    ) -> Callable[..., Any]:
        run = super()._adapt(compiled, types, bound)
        names, single = self._request_names(self.wrt)
        points = [isinstance(bound.get(n), np.ndarray) and bound[n].ndim == 0 for n in names]

        @functools.wraps(compiled)
        def checked(*args: Any, **kwargs: Any) -> Any:
            value, pullback = run(*args, **kwargs)

            def pull(cotangent: Any) -> Any:
                _same_structure(value, cotangent, "cotangent", "result")
                found = pullback(cotangent)
                if not any(points):
                    return found
                if single:
                    return np.asarray(found)
                pairs = zip(found, points, strict=True)
                return tuple(np.asarray(g) if point else g for g, point in pairs)

            pull.__doc__ = f"Return the gradient of `{_name(self.primal)}` for a cotangent."
            return value, pull

        return checked


class JvpTransform(Transform):
    """`jvp`: called with the tuple of arguments and the tuple of tangents."""

    def __init__(
        self,
        fn: Callable[..., Any],
        mode: str,
        wrt: Wrt | None,
        has_aux: bool = False,
        how: str = "auto",
    ) -> None:
        self.given = wrt
        super().__init__(fn, mode, 0 if wrt is None else wrt, has_aux, how)

    def __call__(self, primals: Any, tangents: Any) -> Any:
        """Return the value and its tangent."""
        chosen, bound, dots = self._arguments(primals, tangents)
        tape = functools.partial(chosen._record, bound, tuple(dots.values()))
        return chosen._with_fallback(tuple(primals), {}, (dots,), bound, dots, tape)

    def _given_wrt(self) -> Wrt | None:
        return self.given

    def _arguments(self, primals: Any, tangents: Any) -> Any:
        if not isinstance(primals, (tuple, list)) or not isinstance(tangents, (tuple, list)):
            raise ArgumentError(
                "jvp(f) is called with a tuple of arguments and a tuple of tangents",
                "write jvp(f)((x,), (x_dot,))",
            )
        chosen: JvpTransform = self
        if self.given is None and len(tangents) == len(primals) > 1:
            chosen = self._for_all(len(primals))
        names, _ = chosen._request_names(chosen.wrt)
        if len(tangents) != len(names):
            raise ArgumentError(
                f"jvp of `{_name(self.primal)}` got {len(tangents)} tangents for "
                f"{len(names)} differentiated arguments ({', '.join(names)})",
                "give one tangent per argument in wrt",
            )
        bound = chosen._bind(tuple(primals), {})
        dots: dict[str, Any] = {}
        for name, dot in zip(names, tangents, strict=True):
            _same_structure(bound[name], dot, "tangent", f"argument `{name}`")
            dots[f"{name}_dot"] = dot
        return chosen, bound, dots

    @functools.lru_cache(maxsize=16)  # noqa: B019  (lives as long as the decorated function)
    def _for_all(self, count: int) -> JvpTransform:
        return JvpTransform(self.primal, self.mode, tuple(range(count)), self.has_aux, self.how)

    def _adapt(
        self, compiled: Callable[..., Any], types: dict[str, Type], bound: dict[str, Any]
    ) -> Callable[..., Any]:
        return compiled


class HvpTransform(Transform):
    """`hvp`: called with the arguments and the vector."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the Hessian times the last argument."""
        if not args:
            raise ArgumentError(
                "hvp(f) needs the arguments of f and a vector", "write hvp(f)(x, v)"
            )
        *primals, v = args
        bound = self._bind(tuple(primals), kwargs)
        names, single = self._request_names(self.wrt)
        vectors = (v,) if single else v
        for name, vector in zip(names, vectors, strict=True):
            _same_structure(bound[name], vector, "vector", f"argument `{name}`")
        tape = functools.partial(self._record, bound, tuple(vectors))
        return self._with_fallback(tuple(primals), kwargs, (v,), bound, v, tape)


def _call_with(compiled: Callable[..., Any], bound: dict[str, Any], extra: dict[str, Any]) -> Any:
    """Call a compiled function with arguments by name."""
    signature = inspect.signature(compiled)
    call = signature.bind_partial()
    call.arguments.update(
        {n: {**bound, **extra}[n] for n in signature.parameters if n in bound or n in extra}
    )
    return compiled(*call.args, **call.kwargs)


# ------------------------------------------------------------------------------------------ parts


def _is_int(value: Any) -> bool:
    return isinstance(value, int)


def _as_real(t: Type) -> Type:
    """Return the type of an argument that is differentiated: Python ints count as reals."""
    match t:
        case Scalar(kind="int"):
            return Scalar("float")
        case Sequence():
            return Sequence(t.kind, t.items)
        case Dict():
            return t
        case _:
            return t


def _same_structure(like: Any, value: Any, what: str, of: str) -> None:
    """Raise unless a cotangent or tangent has the structure and shapes of what it belongs to."""
    if isinstance(like, (tuple, list)):
        if not isinstance(value, (tuple, list)) or len(value) != len(like):
            raise ArgumentError(
                f"the {what} has to be a {type(like).__name__} of {len(like)} items, like the {of}",
                "give one item for each",
            )
        for a, b in zip(like, value, strict=True):
            _same_structure(a, b, what, of)
        return
    if isinstance(like, dict):
        if not isinstance(value, dict) or set(value) != set(like):
            raise ArgumentError(
                f"the {what} has to be a dict with the keys {list(like)}, like the {of}",
                "give one item for each",
            )
        for key, item in like.items():
            _same_structure(item, value[key], what, of)
        return
    if is_dataclass_object(like):
        if type(like) is not type(value):
            raise ArgumentError(
                f"the {what} has to be an object of the class {type(like).__name__}, like the {of}",
                "give a value for each of its fields",
            )
        _same_structure(dict(vars(like)), dict(vars(value)), what, of)
        return
    if isinstance(like, str) or like is None:
        return
    if np.shape(like) != np.shape(value):
        raise ArgumentError(
            f"the {what} has shape {np.shape(value)}, but the {of} has shape {np.shape(like)}",
            "shapes have to be equal",
        )


def _name(fn: Callable[..., Any]) -> str:
    return getattr(fn, "__name__", None) or type(fn).__name__


def _named(fn: Callable[..., Any]) -> Callable[..., Any]:
    inner: Any = fn
    while isinstance(inner, functools.partial):
        inner = inner.func
    return inner


def _signature_of(fn: Callable[..., Any]) -> inspect.Signature:
    from s2s_grad.rules import find_rule

    rule = find_rule(fn)
    if rule is not None:
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = [
            inspect.Parameter(name, kind, default=rule.defaults.get(name, inspect.Parameter.empty))
            for name in rule.parameters
            if not name.startswith("*") and (name in rule.operands or name not in rule.ignored)
        ]
        return inspect.Signature(parameters)
    try:
        return inspect.signature(fn)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"`{_name(fn)}` has no derivative rule and no Python source",
            "declare a rule for it with s2s_grad.rules, or wrap what it computes in NumPy code",
        ) from None


def _lines(fn: Callable[..., Any]) -> list[str]:
    import linecache

    return linecache.getlines(fn.__code__.co_filename)
