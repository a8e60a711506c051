"""The first lines of a file that ``s2s-grad dump`` wrote: from what, and whether it was edited."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from s2s_grad.version import __version__

__all__ = ["Header", "Written", "read_header"]

_MARK = "# Written by s2s-grad"
_COMMAND = re.compile(rf"{_MARK} (\S+): (s2s-grad dump .*)")
_HASHES = re.compile(r"# Hash of the sources: ([0-9a-f]+); of this file: ([0-9a-f]+)")


@dataclass(frozen=True, slots=True)
class Header:
    """The command that a file came from, and the hash of the sources."""

    command: str
    sources: str

    def above(self, body: str) -> str:
        """Return the text of a file."""
        return (
            f"{_MARK} {__version__}: {self.command}\n"
            f"# Hash of the sources: {self.sources}; of this file: {_hash(body)}\n{body}"
        )


@dataclass(frozen=True, slots=True)
class Written:
    """What the header of a file says, and what follows."""

    command: str
    sources: str
    edited: bool
    body: str


def read_header(text: str) -> Written | None:
    """Return what the header of a file says; None where s2s-grad did not write it.

    Examples
    --------
    >>> read_header("print(1)") is None
    True
    >>> read_header(Header("s2s-grad dump m:f", "ab12").above("x = 1")).edited
    False
    """
    first, _, rest = text.partition("\n")
    second, _, body = rest.partition("\n")
    command, hashes = _COMMAND.fullmatch(first), _HASHES.fullmatch(second)
    if command is None or hashes is None:
        return None
    return Written(command[2], hashes[1], _hash(body) != hashes[2], body)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
