"""What the test cases of mock files came to: a table, JSON, and JUnit's XML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from xml.sax.saxutils import quoteattr

from untangle.emit.emitter import View
from untangle.emit.history import duration
from untangle.emit.markup import visible
from untangle.emit.sheet import Sheet, styled
from untangle.emit.wording import count
from untangle.simulate.local.cases import Tested


def as_text(tested: Sequence[Tested], view: View) -> str:
    """A line per test case, by file; then how many there are."""
    sheet = Sheet(view.width, view.color)
    wide = max((len(f"{item.machine} {item.case}") for item in tested), default=0)
    for file, items in groupby(tested, key=lambda item: item.file):
        sheet.add(styled((file, "place")))
        for item in items:
            mark = ("passed", "migrate") if item.passed else ("failed", "error")
            name = f"{item.machine} {item.case}".ljust(min(wide, 60))
            told = f"  {item.outcome.status}" if item.outcome else ""
            passed = item.outcome.seconds if item.outcome else 0
            skipped = f", {duration(passed)} skipped" if passed >= 1 else ""
            sheet.add(styled(mark, f"  {name}", (f"{told}{skipped}", "quiet")), first="  ", rest=" " * 12)
            if item.wrong:
                sheet.add(styled(item.wrong), first=" " * 10)
            if item.outcome and item.outcome.unused:
                sheet.add(styled((f"never reached: {', '.join(item.outcome.unused)}", "quiet")), first=" " * 10)
    failed = sum(not item.passed for item in tested)
    sheet.add(
        styled(
            (
                f"{count(len(tested), 'test case')}, {failed:,} failed"
                if failed
                else f"{count(len(tested), 'test case')} passed",
                "title",
            )
        )
    )
    return sheet.render()


def as_json(tested: Sequence[Tested]) -> str:
    """A list of `{file, machine, case, passed, wrong, status, output, error, cause}`."""
    rows = [
        {
            "file": item.file,
            "machine": item.machine,
            "case": item.case,
            "passed": item.passed,
            "wrong": item.wrong,
            "status": item.outcome.status if item.outcome else None,
            "output": item.outcome.output if item.outcome else None,
            "error": item.outcome.error if item.outcome else None,
            "cause": item.outcome.cause if item.outcome else None,
        }
        for item in tested
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def as_junit(tested: Sequence[Tested]) -> str:
    """JUnit's XML: a suite for each file, a case for each test case."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>"]
    for file, group in groupby(tested, key=lambda item: item.file):
        items = list(group)
        failed = sum(not item.passed and item.outcome is not None for item in items)
        errors = sum(not item.passed and item.outcome is None for item in items)
        lines.append(f'  <testsuite name={_attribute(file)} tests="{len(items)}" failures="{failed}" errors="{errors}">')
        for item in items:
            head = f"    <testcase classname={_attribute(item.machine)} name={_attribute(item.case)}"
            tag = "failure" if item.outcome else "error"
            wrong = f"><{tag} message={_attribute(item.wrong)}/></testcase>" if item.wrong else "/>"
            lines.append(head + wrong)
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _attribute(text: str) -> str:
    """A text as an attribute; what XML cannot hold is shown as its code point."""
    return quoteattr(visible(" ".join(text.split())))
