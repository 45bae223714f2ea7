"""A sheet of terminal lines: wrapped to its width, coloured only where that is asked for.

Text is never read as markup, and whatever could move the cursor has been taken out of it before (see `wording`).
"""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.text import Text

from untangle.emit.wording import clean

# The colours of everything that carries meaning; the word is always there too.
STYLES = {
    "confirmed": "bold green",
    "declared": "green",
    "likely": "cyan",
    "possible": "yellow",
    "weak": "dim yellow",
    "contradicted": "red",
    "migrate": "bold green",
    "partial": "bold yellow",
    "keep": "bold blue",
    "error": "bold red",
    "warning": "yellow",
    "note": "blue",
    "function": "bold",
    "channel": "magenta",
    "place": "cyan",
    "quiet": "dim",
    "title": "bold",
}
NARROWEST = 20


def styled(*parts: tuple[str, str] | str) -> Text:
    """Text out of pieces, each plain or with the name of its style; control characters removed."""
    text = Text()
    for part in parts:
        piece, style = (part, "") if isinstance(part, str) else part
        text.append(clean(piece), STYLES.get(style, style))
    return text


class Sheet:
    """Lines to be printed, built from the top."""

    def __init__(self, width: int, color: bool) -> None:
        self.width = max(width, 2 * NARROWEST)
        self.console = Console(
            file=StringIO(),
            width=self.width,
            force_terminal=color,
            no_color=not color,
            color_system="standard" if color else None,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )
        self.lines: list[Text] = []

    def add(self, body: Text, *, first: str = "", rest: str | None = None, right: Text | None = None, wrap: bool = True) -> None:
        """One paragraph: `first` stands before its first line, `rest` before the others, `right` at the right edge of
        the first. Without `wrap` it is cut to one line."""
        rest = first if rest is None else rest
        room = max(self.width - max(len(first), len(rest)) - (right.cell_len + 2 if right else 0), NARROWEST)
        if not wrap:
            body.truncate(room, overflow="ellipsis")
        wrapped = list(body.wrap(self.console, room, overflow="fold")) or [Text()]
        for i, line in enumerate(wrapped):
            line.rstrip()
            whole = Text().append(first if i == 0 else rest, STYLES["quiet"]).append_text(line)
            if right is not None and i == 0:
                whole.pad_right(max(self.width - whole.cell_len - right.cell_len, 2))
                whole.append_text(right)
            self.lines.append(whole)

    def blank(self, first: str = "") -> None:
        """An empty line; never two in a row."""
        if self.lines and self.lines[-1].plain.strip():
            self.lines.append(Text().append(first, STYLES["quiet"]))

    def render(self) -> str:
        """The lines as text, with colour codes where the sheet has colour."""
        buffer = self.console.file
        for line in self.lines:
            self.console.print(line, soft_wrap=True, end="")
            buffer.write("\n")
        text = buffer.getvalue() if isinstance(buffer, StringIO) else ""
        return "\n".join(line.rstrip() for line in text.split("\n"))
