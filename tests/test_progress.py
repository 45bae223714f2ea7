"""What is told while a command works: lines that vanish on a terminal, few lines where they stay, no thread that draws."""

from __future__ import annotations

import threading
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from untangle.cli.progress import SELDOM, Lines, Screen, on, progress
from untangle.scanners.account.call import Calls


def calls(done: int, expected: int, account: str = "111122223333", slowed: int = 0) -> Calls:
    return Calls.told(account, done, expected, {"lambda": done}, slowed)


def drawn(*heard: str) -> str:
    """What stands on the terminal after all this was heard."""
    console = Console(file=StringIO(), force_terminal=True, width=100, color_system=None)
    screen = Screen()
    for text in heard:
        shown = screen.showing(text)
    console.print(shown)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_a_line_says_how_many_of_how_many_calls_and_of_which_services() -> None:
    told = Calls.told("1", 1200, 2400, {"sqs": 200, "lambda": 1000, "sns": 0}, 0)
    assert told == "1,200 of 2,400 calls (lambda 1,000, sqs 200, sns 0)"
    assert calls(1, 2, slowed=1).endswith("; slowed down once)") and calls(1, 2, slowed=3).endswith("; slowed down 3 times)")


def test_a_terminal_shows_the_stage_and_a_bar_while_an_account_is_read() -> None:
    shown = drawn("reading the account", calls(50, 100))
    assert "… reading the account" in shown and "50 of 100 calls (lambda 50)" in shown
    assert 14 <= shown.count("━") <= 30


def test_several_accounts_are_one_bar() -> None:
    assert "70 of 200 calls (2 accounts)" in drawn(calls(40, 100), calls(20, 100, "444455556666"), calls(50, 100))


def test_the_bar_goes_with_its_stage() -> None:
    shown = drawn("reading the account", calls(50, 100), "reading handlers")
    assert "reading handlers" in shown and "calls" not in shown


def test_nothing_that_is_told_is_read_as_markup() -> None:
    assert "[red]x[/red]" in drawn("[red]x[/red]")


def test_lines_that_stay_tell_every_stage_and_calls_now_and_then() -> None:
    written: list[str] = []
    now = [0.0]
    lines = Lines(written.append, lambda: now[0])
    lines.hear("reading the account")
    for second in range(2 * SELDOM + 1):
        now[0] = float(second)
        lines.hear(calls(second, 20))
    assert written == [
        "… reading the account",
        "… 111122223333: 5 of 20 calls (lambda 5)",
        "… 111122223333: 10 of 20 calls (lambda 10)",
    ]


@pytest.mark.parametrize(("verbose", "quiet"), [(0, False), (1, False), (0, True)])
def test_off_a_terminal_nothing_is_told(verbose: int, quiet: bool, capfd: pytest.CaptureFixture[str]) -> None:
    with progress(verbose, quiet) as hear:
        hear("reading the account")
        hear(calls(1, 2))
    assert capfd.readouterr() == ("", "")


def test_no_thread_draws_and_nothing_stays() -> None:
    before: Any = threading.enumerate()
    file = StringIO()
    with on(Console(file=file, force_terminal=True, width=80)) as hear:
        hear("reading the account")
        hear(calls(1, 2))
        assert threading.enumerate() == before
    assert "1 of 2 calls" in file.getvalue()
    assert file.getvalue().rstrip().endswith("\x1b[2K"), "the last thing done is to wipe the lines"
