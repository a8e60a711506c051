"""``s2s-grad dump``: print the source of a derivative, or write it to a file."""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
import warnings
from pathlib import Path

import click

from s2s_grad.cli.annotations import types_of_annotations
from s2s_grad.cli.arguments import parse_arguments
from s2s_grad.cli.target import find_target
from s2s_grad.errors import S2SError
from s2s_grad.version import __version__

__all__ = ["main"]

_MARK = "# Written by s2s-grad"
_MODES = ("grad", "value_and_grad", "vjp", "jvp", "hvp")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="s2s-grad")
def main() -> None:
    """Derivatives of NumPy functions, as readable NumPy source."""


@main.command()
@click.argument("target")
@click.option("--wrt", default="0", help="Parameters, by name or position: w,b  [default: 0]")
@click.option("--mode", type=click.Choice(_MODES), default="grad", show_default=True)
@click.option("--args", "arguments", help='Types: "x: f8[m,n], k: float, n: int"')
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write.")
@click.option("--force", is_flag=True, help="Overwrite a file that s2s-grad did not write.")
def dump(
    target: str, wrt: str, mode: str, arguments: str | None, output: Path | None, force: bool
) -> None:
    """Print the source of a derivative of TARGET.

    TARGET is path/to/file.py:function or package.module:function (also Class.method). The source
    runs with NumPy alone.

    \b
    s2s-grad dump model.py:loss --wrt w,b --args "w: f8[n], b: f8, x: f8[m,n], y: f8[m]"
    s2s-grad dump model.py:loss --mode hvp -o loss_hvp.py
    """
    try:
        source = _source(target, wrt, mode, arguments)
        if output is not None:
            _write(output, source, force)
            click.echo(f"wrote {output}", err=True)
            return
    except S2SError as error:
        click.echo(f"s2s-grad: {error}", err=True)
        sys.exit(2)
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.syntax import Syntax

        Console().print(Syntax(source, "python", background_color="default"))
    else:
        click.echo(source, nl=False)


def _source(target: str, wrt: str, mode: str, arguments: str | None) -> str:
    from s2s_grad.pipeline import compile_source
    from s2s_grad.transform import Transform

    fn = find_target(target)
    types = types_of_annotations(fn) if arguments is None else parse_arguments(arguments)
    asked = [int(item) if item.lstrip("-").isdigit() else item for item in _split(wrt)]
    transform = Transform(fn, mode, tuple(asked))
    names = transform.names_of_wrt
    unknown = [name for name in types if name not in transform.names]
    if unknown:
        raise S2SError(
            f"--args names {', '.join(unknown)}, which the function has not",
            f"its parameters are {', '.join(transform.names)}",
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        body = compile_source(fn, types, names, mode)
    command = f"s2s-grad dump {shlex.quote(Path(target).name if '.py:' in target else target)}"
    return f"{_MARK} {__version__}: {command} --mode {mode} --wrt {','.join(names)}\n{body}"


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _write(path: Path, source: str, force: bool) -> None:
    """Replace a file in one step, unless it is somebody else's."""
    if path.is_dir():
        raise S2SError(f"{path} is a folder", "name a file to write")
    if path.exists() and not force:
        with path.open(encoding="utf-8", errors="replace") as file:
            first = file.readline()
        if not first.startswith(_MARK):
            raise S2SError(
                f"{path} exists and was not written by s2s-grad", "choose another name, or --force"
            )
    folder = path.resolve().parent
    if not folder.is_dir():
        raise S2SError(f"there is no folder {folder}", "create it first")
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(source)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise S2SError(f"{path} cannot be written: {error}", "choose another place") from None
