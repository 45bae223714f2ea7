"""An account that could not be entered: its role is not there or may not be assumed. It is a row of coverage, not empty.

Such an account has a recording, too, so that whoever reads the recordings of an organization hears of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from untangle.errors import AwsError
from untangle.model.resource import Coverage
from untangle.scanners.account.call import GLOBAL, Answer, Outcome, Page, Request, Scope
from untangle.scanners.account.denied import outcome_of, row
from untangle.scanners.account.operations import operation
from untangle.scanners.account.recording import Recorded, Recording, Writer, key_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The `Caller` of an account that cannot be entered: nothing is asked through it."""

    why: Coverage

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        """The one row."""
        return (self.why,)

    def call(self, account: str, region: str, service: str, operation: str, **params: Any) -> Iterator[Page]:
        """No pages."""
        return iter(())

    def answer(self, request: Request) -> Answer:
        """An answer that says that nothing is known."""
        return Answer(request=request, outcome=Outcome.INCOMPLETE, code="the account was not entered")

    def derived(self, request: Request, kept: Request, derive: Callable[[Page], Page]) -> Answer:
        """The same."""
        return self.answer(kept)

    def each(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """One such answer each."""
        yield from (self.answer(request) for request in requests)

    def together(self, jobs: Sequence[Callable[[], T]]) -> tuple[T, ...]:
        """The jobs, one after the other."""
        return tuple(job() for job in jobs)

    def done(self) -> None:
        """Nothing was read, and nothing changes that."""

    def close(self, complete: bool = False) -> None:
        """There is nothing to finish."""


def entry(account: str) -> Request:
    """The request that an account's being entered rests on."""
    return Request(account=account, region=GLOBAL, service="sts", operation="GetCallerIdentity")


def reason(error: AwsError) -> Recorded:
    """How entering an account ended, from what was raised."""
    if error.__cause__ is None:
        return Recorded(pages=(), outcome=Outcome.INCOMPLETE, code=error.message)
    outcome, code = outcome_of(error.__cause__)
    return Recorded(pages=(), outcome=outcome, code=code)


def refused(account: str, partition: str, how: Recorded) -> Scope:
    """An account of which nothing could be read, with its row of coverage."""
    made = row(account, GLOBAL, operation("sts", "GetCallerIdentity"), {(how.outcome, how.code): 1})
    if how.outcome is Outcome.DENIED:
        made = replace(made, operation="sts.AssumeRole", permission="sts:AssumeRole")
    return Scope(account=account, partition=partition, regions=(), caller=Refused(why=made))


def was_refused(recording: Recording, account: str) -> Recorded | None:
    """How entering an account had ended when it was recorded; None where it was entered."""
    found = recording.answers.get(key_of(entry(account)))
    return None if found is None or found.outcome.known else found


def record(folder: Path, account: str, about: Mapping[str, Any], how: Recorded, rename: Callable[[str], str] = str) -> None:
    """Leaves a recording that says only that the account could not be entered. Raises InputError where it cannot be written."""
    writer = Writer(folder=folder, accounts={account: about}, rename=rename)
    writer.begin()
    writer.write(entry(account), how)
    writer.close(complete=False)
