"""The transforms of a derivative with vectors: `vjp`, `jvp` and `hvp`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from s2s_grad.errors import ArgumentError
from s2s_grad.ir.guards import is_array, is_items
from s2s_grad.ir.trees import map_tree
from s2s_grad.ir.types import Type
from s2s_grad.transform.callables import call_with, name_of
from s2s_grad.transform.compiling import Wrt
from s2s_grad.transform.derivative import Transform
from s2s_grad.transform.structure import check_structure, fitted, with_arrays
from s2s_grad.transform.ways import needs_way, way_of_call

__all__ = ["HvpTransform", "JvpTransform", "VjpTransform"]


class VjpTransform(Transform):
    """`vjp`: the pullback checks its cotangent."""

    def _record(self, bound: dict[str, Any], vectors: tuple[Any, ...]) -> Any:
        value, pullback = super()._record(bound, vectors)
        return value, self._checked(value, pullback, [])

    def _adapt(
        self, compiled: Callable[..., Any], types: dict[str, Type], bound: dict[str, Any]
    ) -> Callable[..., Any]:
        run = super()._adapt(compiled, types, bound)
        points = self._points(bound)

        @functools.wraps(compiled)
        def checked(*args: Any, **kwargs: Any) -> Any:
            # The pullback reads arguments and results later: they may be written to until then.
            own, options = map_tree(_copied, args), map_tree(_copied, kwargs)
            value, pullback = run(*own, **options)
            return map_tree(_copied, value), self._checked(value, pullback, points)

        return checked

    def _checked(
        self, value: Any, pullback: Callable[[Any], Any], points: list[bool]
    ) -> Callable[[Any], Any]:
        """Return a pullback that checks its cotangent against the value."""

        def pull(*cotangents: Any) -> Any:
            if len(cotangents) != 1:
                raise ArgumentError(
                    f"the pullback of `{name_of(self.primal)}` takes one cotangent, "
                    f"not {len(cotangents)}",
                    "give a tuple of cotangents where the result is a tuple",
                )
            check_structure(value, cotangents[0], "cotangent", "result")
            cotangent = fitted(value, cotangents[0])
            return with_arrays(pullback(cotangent), points, self._single)

        pull.__doc__ = f"Return the gradient of `{name_of(self.primal)}` for a cotangent."
        return pull


def _copied(leaf: Any) -> Any:
    return leaf.copy(order="K") if is_array(leaf) else leaf


class JvpTransform(Transform):
    """`jvp`: called with the tuple of arguments and the tuple of tangents."""

    def __init__(
        self,
        fn: Callable[..., Any],
        mode: str,
        wrt: Wrt | None,
        has_aux: bool = False,
        how: str = "auto",
        check: str | None = None,
    ) -> None:
        self.given = wrt
        self._all: dict[int, JvpTransform] = {}  # by how many arguments are differentiated
        super().__init__(fn, mode, 0 if wrt is None else wrt, has_aux, how, check)

    def __call__(self, primals: Any = None, tangents: Any = None) -> Any:
        """Return the value and its tangent."""
        if is_items(primals) and is_items(tangents):
            given = tuple(primals)
            if self._variable or needs_way(self.primal, given, {}):
                every = self.given is None and len(tangents) == len(given) > 1
                asked = tuple(range(len(given))) if every else self._asked()
                way = way_of_call(self.primal, asked, given, {})
                with self._of_way(way) as derivative:
                    return derivative(way.positional, tangents)
        chosen, bound, dots = self._arguments(primals, tangents)
        return chosen._run(
            tuple(primals),
            {},
            bound,
            tuple(dots.values()),
            lambda compiled: call_with(compiled, bound | dots),
        )

    def _given_wrt(self) -> Wrt | None:
        return self.given

    def _arguments(
        self, primals: Any, tangents: Any
    ) -> tuple[JvpTransform, dict[str, Any], dict[str, Any]]:
        """Return the transform for as many tangents, the arguments and the tangents by name."""
        if not is_items(primals) or not is_items(tangents):
            raise ArgumentError(
                "jvp(f) is called with a tuple of arguments and a tuple of tangents",
                "write jvp(f)((x,), (x_dot,))",
            )
        chosen: JvpTransform = self
        if self.given is None and len(tangents) == len(primals) > 1:
            chosen = self._for_all(len(primals))
        names = chosen._wrt
        if len(tangents) != len(names):
            raise ArgumentError(
                f"jvp of `{name_of(self.primal)}` got {len(tangents)} tangents for "
                f"{len(names)} differentiated arguments ({', '.join(names)})",
                "give one tangent per argument in wrt",
            )
        bound = chosen._bind(tuple(primals), {})
        dots: dict[str, Any] = {}
        for name, dot in zip(names, tangents, strict=True):
            check_structure(bound[name], dot, "tangent", f"argument `{name}`")
            dots[f"{name}_dot"] = fitted(bound[name], dot)
        return chosen, bound, dots

    def _for_all(self, count: int) -> JvpTransform:
        if count not in self._all:
            wrt = tuple(range(count))
            self._all[count] = JvpTransform(
                self.primal, self.mode, wrt, self.has_aux, self.how, self.check
            )
        return self._all[count]

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
        if self._variable or needs_way(self.primal, tuple(primals), kwargs):
            way = way_of_call(self.primal, self._asked(), tuple(primals), kwargs)
            with self._of_way(way) as derivative:
                return derivative(*way.positional, v, **way.named)
        bound = self._bind(tuple(primals), kwargs)
        if not self._single and (not is_items(v) or len(v) != len(self._wrt)):
            raise ArgumentError(
                f"the vector of the hvp of `{name_of(self.primal)}` has to be a tuple of "
                f"{len(self._wrt)} items, one for each of {', '.join(self._wrt)}",
                "give one vector per argument in wrt",
            )
        vectors: tuple[Any, ...] = (v,) if self._single else tuple(v)
        for name, vector in zip(self._wrt, vectors, strict=True):
            check_structure(bound[name], vector, "vector", f"argument `{name}`")
        pairs = zip(self._wrt, vectors, strict=True)
        vectors = tuple(fitted(bound[name], vector) for name, vector in pairs)
        v = vectors[0] if self._single else vectors

        def call(compiled: Callable[..., Any]) -> Any:
            parameters = inspect.signature(compiled).parameters
            name = next(name for name in parameters if name not in self._names)
            ints = {n: float(bound[n]) for n in self._wrt if type(bound.get(n)) is int}
            return call_with(compiled, {**bound, **ints, name: v})

        return self._run(tuple(primals), kwargs, bound, vectors, call)

    def _adapt(
        self, compiled: Callable[..., Any], types: dict[str, Type], bound: dict[str, Any]
    ) -> Callable[..., Any]:
        return compiled
