"""Source on a terminal: the text as it is, with colours that both light and dark grounds show."""

from __future__ import annotations

import sys

__all__ = ["show"]


def show(source: str) -> None:
    """Print source: coloured on a terminal, and everywhere the same text."""
    if not sys.stdout.isatty():
        sys.stdout.write(source)
        return
    from pygments.token import Comment, Keyword, Name, Number, String
    from rich.console import Console
    from rich.style import Style
    from rich.syntax import ANSISyntaxTheme, Syntax

    theme = ANSISyntaxTheme(
        {
            Comment: Style(italic=True, color="green"),
            String: Style(color="magenta"),
            Number: Style(color="magenta"),
            Keyword: Style(bold=True),
            Name.Function: Style(bold=True),
        }
    )
    text = Syntax(source, "python", theme=theme).highlight(source)
    text.rstrip()
    console = Console(highlight=False, tab_size=8)
    console.print(text, soft_wrap=True)
