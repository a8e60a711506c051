"""Write a file in one step, keep what others wrote, and tell whether a file is up to date."""

from __future__ import annotations

import difflib
import os
import tempfile
from pathlib import Path

from s2s_grad.cli.header import read_header
from s2s_grad.errors import S2SError

__all__ = ["read_text", "stale", "write"]


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    S2SError
        Where it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise S2SError(f"{path} cannot be read: {error}", "name a file to read") from None


def stale(path: Path, source: str) -> str:
    """Return how a file differs from what would be written now: a diff, or "" where it does not.

    How the command was spelled, and the version of the tool, make no difference.
    """
    old, new = read_text(path), source
    before, after = read_header(old), read_header(new)
    if before is not None and after is not None and not before.edited:
        if (before.sources, before.body) == (after.sources, after.body):
            return ""
    if before is not None:
        new = old.partition("\n")[0] + new[len(new.partition("\n")[0]) :]
    lines = difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        str(path),
        f"{path} (written now)",
    )
    return "".join(lines)


def write(path: Path, source: str, force: bool) -> None:
    """Replace a file, unless it is somebody else's or was edited by hand."""
    if path.is_dir():
        raise S2SError(f"{path} is a folder", "name a file to write")
    if path.exists() and not force:
        written = read_header(path.read_text(encoding="utf-8", errors="replace"))
        if written is None or written.edited:
            what = "was not written by s2s-grad" if written is None else "was edited by hand"
            raise S2SError(f"{path} exists and {what}", "choose another name, or --force")
    folder = path.resolve().parent
    if not folder.is_dir():
        raise S2SError(f"there is no folder {folder}", "create it first")
    try:
        handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
    except OSError as error:
        raise _unwritable(path, error) from None
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(source)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise _unwritable(path, error) from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> S2SError:
    return S2SError(f"{path} cannot be written: {error}", "choose another place")
