"""The command ``s2s-grad``: print or write the source of a derivative, and check derivatives."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from s2s_grad.cli.header import read_header
from s2s_grad.cli.terminal import show
from s2s_grad.cli.write import read_text, stale, write
from s2s_grad.errors import S2SError, TranslationError
from s2s_grad.transform.kinds import KINDS
from s2s_grad.version import __version__

if TYPE_CHECKING:
    from s2s_grad.cli.generate import Order

__all__ = ["main"]

_WRONG, _UNUSABLE = 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="s2s-grad")
def main() -> None:
    """Derivatives of NumPy functions, as readable NumPy source."""


def _of_derivative(command: Any) -> Any:
    """Add the options that say which derivative is meant."""
    options = [
        click.argument("target"),
        click.option(
            "--wrt", default="0", help="Parameters, by name or position: w,b  [default: 0]"
        ),
        click.option(
            "--kind",
            "--mode",  # as it was called before
            "kind",
            type=click.Choice(list(KINDS)),
            default="grad",
            show_default=True,
            help="Which derivative.",
        ),
        click.option("--args", "arguments", help='Types: "x: f8[m,n], k: float, n: int"'),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@main.command()
@_of_derivative
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write.")
@click.option("--force", is_flag=True, help="Overwrite a file of others, or one edited by hand.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 with a diff if -o is stale.")
def dump(
    target: str,
    wrt: str,
    kind: str,
    arguments: str | None,
    output: Path | None,
    force: bool,
    check: bool,
) -> None:
    """Print the source of a derivative of TARGET.

    TARGET is path/to/file.py:function or package.module:function (also Class.method). The source
    runs with NumPy, and with the module of the function where it reads objects of it. With
    --check, TARGET may be a file that was written; the command is read from it.

    \b
    s2s-grad dump model.py:loss --wrt w,b --args "w: f8[n], b: f8, x: f8[m,n], y: f8[m]"
    s2s-grad dump model.py:loss --kind hvp -o loss_hvp.py
    s2s-grad dump --check loss_hvp.py
    """
    try:
        from s2s_grad.cli.generate import Order, generate

        order = Order(target, kind, wrt, arguments)
        if check:
            file, order = (
                (Path(target), _order_of(Path(target))) if output is None else (output, order)
            )
            _compare(file, generate(order))
            return
        source = generate(order)
        if output is not None:
            write(output, source, force)
            click.echo(f"wrote {output}", err=True)
            return
    except S2SError as error:
        _fail(error)
    show(source)


@main.command()
@_of_derivative
@click.option("--points", type=click.IntRange(1), default=3, show_default=True, help="How many.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the random points.")
def check(target: str, wrt: str, kind: str, arguments: str | None, points: int, seed: int) -> None:
    """Compare a derivative of TARGET with the function itself at random arguments.

    TARGET is a function, as for dump, or a file that dump wrote: then the code in the file is
    checked. The value is compared, and one directional derivative with differences. Exits 1 where
    they differ.

    \b
    s2s-grad check model.py:loss --args "w: f8[n], b: f8, x: f8[m,n], y: f8[m]"
    s2s-grad check loss_grad.py
    """
    try:
        from s2s_grad.cli.generate import Order
        from s2s_grad.cli.random_check import verify_file, verify_function

        if target.endswith(".py"):
            notes = verify_file(Path(target), _order_of(Path(target)), points, seed)
        else:
            notes = verify_function(Order(target, kind, wrt, arguments), points, seed)
    except S2SError as error:
        _fail(error)
    for place, note in enumerate(notes, 1):
        click.echo(f"point {place}: {note or 'agrees'}")


def _fail(error: S2SError) -> NoReturn:
    click.echo(f"s2s-grad: {error}", err=True)
    sys.exit(_WRONG if isinstance(error, TranslationError) else _UNUSABLE)


def _order_of(path: Path) -> Order:
    """Return what the command in the header of a file asked for."""
    from s2s_grad.cli.generate import Order

    written = read_header(read_text(path))
    if written is None:
        raise S2SError(
            f"{path} was not written by s2s-grad dump", "name the function that it is of, and -o"
        )
    _, _, target, *options = shlex.split(written.command)
    given = dict(zip(options[::2], options[1::2], strict=True))
    kind = given["--kind"] if "--kind" in given else given["--mode"]
    return Order(_near(target, path), kind, given["--wrt"], given.get("--args"))


def _near(target: str, path: Path) -> str:
    """Return a target whose file is looked for in the folders above what came from it too."""
    place, _, name = target.rpartition(":")
    if not place.endswith(".py") or Path(place).is_file():
        return target
    beside = (folder / place for folder in path.resolve().parents)
    found = next((file for file in beside if file.is_file()), None)
    return target if found is None else f"{found}:{name}"


def _compare(path: Path, source: str) -> None:
    difference = stale(path, source)
    if difference:
        click.echo(difference, nl=False)
        click.echo(f"s2s-grad: {path} is stale", err=True)
        sys.exit(_WRONG)
    click.echo(f"{path} is up to date", err=True)
