"""Which variables a program's results, effects and conditions depend on: one fixed point for all.

A block is a node of its own: who needs a statement inside needs what decides whether it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import assert_never

from s2s_grad.ir.nodes import Apply, Block, Define, Effect, If, Loop, Operand, Statement, Var
from s2s_grad.ir.walk import operands_of, results_of, vars_of

__all__ = ["live_vars"]


def live_vars(block: Block, is_kept: Callable[[Statement], bool]) -> set[Var]:
    """Return the variables that the results of a block, and the statements kept in it, need.

    A carried value that each iteration passes on unchanged counts as its initial value.
    """
    needs = _Needs(is_kept)
    needs.block(block, None)
    return needs.closure(block.results)


class _Needs:
    def __init__(self, is_kept: Callable[[Statement], bool]) -> None:
        self.is_kept = is_kept
        self.of: dict[Var, list[Var]] = {}
        self.roots: list[Var] = []

    def closure(self, results: Iterable[Operand]) -> set[Var]:
        waiting = [*self.roots, *_vars(results)]
        live: set[Var] = set()
        while waiting:
            var = waiting.pop()
            if var not in live:
                live.add(var)
                waiting.extend(self.of.get(var, ()))
        return live

    def block(self, block: Block, around: Var | None) -> None:
        """Note what each variable of a block needs; `around` stands for the block itself."""
        outer = [] if around is None else [around]
        for statement in block.body:
            read = _vars(operands_of(statement))
            kept = self.is_kept(statement)
            match statement:
                case Apply() | Effect():
                    for result in results_of(statement):
                        self.of[result] = [*read, *outer]
                    if kept or isinstance(statement, Effect):
                        self.roots += [*read, *outer]
                case If():
                    runs = self._region([*read, *outer])
                    for inner in (statement.then, statement.orelse):
                        self.block(inner, runs)
                        for result, value in zip(statement.results, inner.results, strict=True):
                            self.of.setdefault(result, [runs]).extend(vars_of(value))
                case Loop():
                    self.loop(statement, outer)
                case Define():
                    runs = self._region(outer)
                    self.of[statement.result] = [runs, *_vars(statement.block.results)]
                    self.block(statement.block, runs)
                case _:
                    assert_never(statement)

    def loop(self, loop: Loop, outer: list[Var]) -> None:
        flag = loop.body.results[-1:] if loop.stop else ()
        runs = self._region([*_vars((*loop.seqs[:1], *flag)), *outer])
        if loop.cond is not None:
            self.of[runs] += _vars(loop.cond.results)
            self.block(loop.cond, runs)
        for element, seq in zip(loop.elements, loop.seqs, strict=True):
            self.of[element] = [*vars_of(seq), runs]
        for j, (init, param, value) in enumerate(
            zip(loop.inits, loop.carried, loop.yields, strict=True)
        ):
            before = [*vars_of(init), runs]
            self.of[loop.results[j]] = before if value is param else [param, *before]
            self.of[param] = before if value is param else [*vars_of(value), *before]
            if loop.cond is not None:
                self.of[loop.cond.params[j]] = [param]
        for out, item in zip(loop.collected, loop.appended, strict=True):
            self.of[out] = [*vars_of(item), runs]
        self.block(loop.body, runs)

    def _region(self, needs: list[Var]) -> Var:
        runs = Var("<runs>")
        self.of[runs] = needs
        return runs


def _vars(operands: Iterable[Operand]) -> list[Var]:
    return [var for operand in operands for var in vars_of(operand)]
