"""What is told while a command works: a line on a terminal, with a bar while an account is read; nothing where nobody looks.

No thread draws: a scan works on all cores only while this process has no other thread. What changes is drawn when it is heard of.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from untangle.cli.guard import tell

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Hearing = Callable[[str], None]
BAR = 30  # columns
SELDOM = 5  # seconds between two lines about the calls to an account, where lines stay


@contextmanager
def progress(verbose: int, quiet: bool) -> Iterator[Hearing]:
    """Where stages and calls are told: one or two lines of a terminal that vanish, lines that stay with -vv, else nowhere."""
    if verbose > 1:
        yield Lines().hear
    elif quiet or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda stage: None
    else:
        from rich.console import Console

        with on(Console(stderr=True)) as hear:
            yield hear


class Lines:
    """Every stage is a line; how many calls an account answered is told now and then."""

    def __init__(self, write: Hearing = tell, clock: Callable[[], float] = time.monotonic) -> None:
        self._write, self._clock, self._told = write, clock, clock()

    def hear(self, text: str) -> None:
        """One more line, or none."""
        account = getattr(text, "account", None)
        if account is None:
            self._write(f"… {text}")
        elif self._clock() - self._told >= SELDOM:
            self._told = self._clock()
            self._write(f"… {account}: {text}")


@contextmanager
def on(console: Console) -> Iterator[Hearing]:
    """The lines of a terminal that vanish in the end."""
    from rich.live import Live

    screen, lock = Screen(), threading.Lock()
    with Live(console=console, auto_refresh=False, transient=True) as live:

        def hear(text: str) -> None:  # calls are heard of from several threads
            with lock:
                live.update(screen.showing(text), refresh=True)

        yield hear


class Screen:
    """The stage, and the calls of all accounts as one bar while accounts are read."""

    def __init__(self) -> None:
        self._stage = ""
        self._calls: dict[str, str] = {}

    def showing(self, text: str) -> RenderableType:
        """What to draw once this was heard."""
        from rich.console import Group
        from rich.text import Text

        account = getattr(text, "account", None)
        if account is None:
            self._stage, self._calls = text, {}
        else:
            self._calls[account] = text
        stage = Text(f"… {self._stage or 'reading the account'}", style="dim", no_wrap=True)
        return Group(stage, self._bar()) if self._calls else stage

    def _bar(self) -> RenderableType:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        calls = list(self._calls.values())
        done, expected = (sum(getattr(item, name) for item in calls) for name in ("done", "expected"))
        text = str(calls[0]) if len(calls) == 1 else f"{done:,} of {expected:,} calls ({len(calls)} accounts)"
        row = Table.grid(padding=(0, 1))
        row.add_row(" ", ProgressBar(total=max(expected, 1), completed=done, width=BAR), Text(text, style="dim", no_wrap=True))
        return row
