"""What each step of the compiler makes of a function, as text: ``python -m s2s_grad.ir.show``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from s2s_grad.cli.generate import Order, stated_types
from s2s_grad.cli.target import find_target
from s2s_grad.errors import S2SError
from s2s_grad.ir.nodes import Function
from s2s_grad.ir.show import show
from s2s_grad.ir.types import Scalar
from s2s_grad.ir.verify import InvalidProgram, verify
from s2s_grad.ir.watch import watched_by
from s2s_grad.pipeline import derive, lower_primal, print_program
from s2s_grad.transform.derivative import Transform
from s2s_grad.transform.kinds import KINDS

__all__ = ["main", "steps_of"]

_STAGES = ("lowered", "differentiated")


def steps_of(order: Order, *, passes: bool) -> Iterator[tuple[str, str]]:
    """Yield the name of each step and the text that it gives; the last one is the module.

    Parameters
    ----------
    order : Order
        Which derivative of which function, for arguments of which types.
    passes : bool
        Whether each pass that changes something is a step of its own.
    """
    fn = find_target(order.target).function
    wrt = order.parameters
    transform = Transform(fn, KINDS[order.kind], wrt[0] if len(wrt) == 1 else wrt, check="off")
    request = transform.asked.request
    types = stated_types(fn, transform, order.arguments)
    types = {
        name: Scalar("float") if name in request.wrt and t == Scalar("int") else t
        for name, t in types.items()
    }
    seen: list[tuple[str, Function]] = []
    with watched_by(lambda step, program: seen.append((step, program))):
        try:
            emitted = print_program(derive(lower_primal(fn, types), request), request)
        finally:
            yield from _shown(seen, passes)
    yield "printed", emitted.source


def _shown(seen: list[tuple[str, Function]], passes: bool) -> Iterator[tuple[str, str]]:
    before: Function | None = None
    for place, (step, program) in enumerate(seen):
        ends = place + 1 == len(seen) or seen[place + 1][0] in _STAGES
        if step in _STAGES or (passes and program is not before):
            yield step, _checked(program)
        elif ends and not passes:
            yield "finished" if place + 1 == len(seen) else "simplified", _checked(program)
        before = program


def _checked(program: Function) -> str:
    """Return a program as text, with what is wrong in it."""
    try:
        verify(program)
    except InvalidProgram as error:
        return f"{show(program)}\n  !! {error}"
    return show(program)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("target")
@click.option("--wrt", default="0", show_default=True, help="Parameters, by name or position.")
@click.option("--kind", type=click.Choice(list(KINDS)), default="grad", show_default=True)
@click.option("--args", "arguments", help='Types: "x: f8[m,n], k: float, n: int"')
@click.option("--passes", is_flag=True, help="Also after each pass that changes something.")
def main(target: str, passes: bool, **asked: Any) -> None:
    """Print what each step of the compiler makes of TARGET, path/to/file.py:function.

    A value is `%name`; `yield` ends a block, and `->` names what its results are called outside.
    """
    try:
        order = Order(target, asked["kind"], asked["wrt"], asked["arguments"])
        for step, text in steps_of(order, passes=passes):
            click.echo(f"--- {step}\n{text.rstrip()}\n")
    except S2SError as error:
        click.echo(f"{error}", err=True)
        sys.exit(2)
