"""The one way to an account: what may be asked, what is kept of the answer, how it ended, and the recording of it all.

A `Backing` answers: AWS, a recording, or a recording laid over AWS, which then is asked only for what is missing.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from untangle.model.resource import Coverage
from untangle.scanners.account.call import GLOBAL, Answer, Calls, Outcome, Page, Request, Unfinished
from untangle.scanners.account.denied import row
from untangle.scanners.account.manners import Manners, Stopped, side_by_side
from untangle.scanners.account.operations import OPERATIONS, Operation, operation
from untangle.scanners.account.recording import Key, Recorded, Recording, Writer, key_of
from untangle.scanners.account.scrub import names_in, scrub

T = TypeVar("T")
FRUITLESS = 3  # refusals without one success, after which an operation is not asked for again in that region
GRACE = 3  # seconds for which the end of a scan waits for calls under way, so that what they bring is not lost
JOBS, CALLS = 12, 4  # threads: jobs side by side, and calls of one job
_NAMED = tuple(item for item in OPERATIONS if item.named and (item.service, item.name) != ("lambda", "ListFunctions"))


class Backing(Protocol):
    """Where answers come from."""

    def fetch(self, request: Request) -> Recorded:
        """The answer to one request."""

    def fields(self, request: Request) -> Mapping[str, Any]:
        """The fields that may be kept of the answer."""

    def is_recorded(self, request: Request) -> bool:
        """Whether the answer was scrubbed when it was recorded."""


class Replayed:
    """Answers from a recording, and from nothing else."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._refused = _refused(recording)

    def find(self, request: Request) -> Recorded | None:
        """What is recorded of a request; None where it never was made."""
        return self._recording.answers.get(key_of(request))

    def fetch(self, request: Request) -> Recorded:
        """What is recorded; what was not asked for because its like was refused counts as refused too."""
        missing = Recorded(pages=(), outcome=Outcome.INCOMPLETE, code="not in the recording")
        return self.find(request) or self._refused.get(key_of(request)[:4], missing)

    def fields(self, request: Request) -> Mapping[str, Any]:
        """All that are allowed."""
        return operation(request.service, request.operation).fields

    def is_recorded(self, request: Request) -> bool:
        """Always."""
        return True


def _refused(recording: Recording) -> dict[tuple[str, ...], Recorded]:
    """The operations that never were answered, by (account, region, service, operation), with how they were refused."""
    refused: dict[tuple[str, ...], Recorded] = {}
    answered = {key[:4] for key, answer in recording.answers.items() if answer.outcome.known}
    for key, answer in recording.answers.items():
        if key[:4] not in answered:
            refused.setdefault(key[:4], Recorded(pages=(), outcome=answer.outcome, code=answer.code))
    return refused


class Overlaid:
    """A recording laid over another backing: what is known is taken from it, what is missing or was refused is asked for."""

    def __init__(self, recording: Recording, under: Backing) -> None:
        self._over, self._under = Replayed(recording), under

    def fetch(self, request: Request) -> Recorded:
        """From the recording where that knows the answer."""
        found = self._over.find(request)
        return found if found and found.outcome.known else self._under.fetch(request)

    def fields(self, request: Request) -> Mapping[str, Any]:
        """Those of whoever answers."""
        return (self._over if self.is_recorded(request) else self._under).fields(request)

    def is_recorded(self, request: Request) -> bool:
        """Whether the recording knows the answer."""
        found = self._over.find(request)
        return found is not None and found.outcome.known


class Chokepoint:
    """The `Caller` of a scan (see `call`). `tell` hears of progress; `groups` are the optional operations that were asked for.

    `closed` is called when no further call will be made.
    """

    def __init__(
        self,
        backing: Backing,
        *,
        manners: Manners | None = None,
        writer: Writer | None = None,
        groups: frozenset[str] = frozenset(),
        tell: Callable[[str], None] = lambda text: None,
        throttled: Callable[[], int] = lambda: 0,
        closed: Callable[[], None] = lambda: None,
        damaged: Iterable[str] = (),
        threads: bool = True,
    ) -> None:
        self._backing, self._manners, self._writer = backing, manners or Manners(limits=None), writer
        self._groups, self._tell, self._throttled, self._closed = groups | {"core"}, tell, throttled, closed
        self._damaged, self._threads, self._complete = tuple(damaged), threads, False
        self._seen: dict[tuple[str, str, Operation], Counter[tuple[Outcome, str]]] = {}
        self._done, self._sure, self._announced, self._told, self._services = 0, 0, 0, 0.0, Counter[str]()
        self._lock = threading.Lock()
        self._quiet, self._under_way = threading.Condition(), 0
        self._ended_by: BaseException | None = None
        self._once: dict[Key, threading.Lock] = {}
        self._kept: dict[Key, Answer] = {}
        self._names: dict[tuple[str, str, bool], frozenset[str]] = {}

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        """One row per (account, region, operation) that was asked for, and per part of a recording that cannot be read."""
        with self._lock:
            rows = [row(account, region, item, dict(seen)) for (account, region, item), seen in self._seen.items()]
        rows += [_damaged(place) for place in self._damaged]
        return tuple(sorted(rows, key=lambda item: (item.source, item.operation)))

    @property
    def calls(self) -> Calls:
        """How many calls were made, of how many that are known of."""
        return self._calls("")

    @property
    def single(self) -> int:
        """The calls that were made without being announced by `each`."""
        return self._done - self._announced

    def expect(self, calls: int) -> None:
        """So many calls will be made beside those of `each`."""
        with self._lock:
            self._sure += calls

    def call(self, account: str, region: str, service: str, operation: str, **params: Any) -> Iterator[Page]:
        """The pages of one request; see `Caller`."""
        yield from self.answer(Request(account=account, region=region, service=service, operation=operation, params=params)).pages

    def answer(self, request: Request) -> Answer:
        """One request, answered; listings that name resources are asked for once, however often they are wanted."""
        wanted = operation(request.service, request.operation)
        if wanted.group not in self._groups:
            raise ValueError(f"{request.service}:{request.operation} was not asked for; it belongs to --{wanted.group}")
        if not wanted.named:
            return self._answer(request, wanted)
        key = key_of(request)
        with self._lock:
            turn = self._once.setdefault(key, threading.Lock())
        with turn:
            if key not in self._kept:
                self._kept[key] = self._answer(request, wanted)
            return self._kept[key]

    def derived(self, request: Request, kept: Request, derive: Callable[[Page], Page]) -> Answer:
        """What may be kept of an answer that may not; see `Caller`."""
        wanted = operation(request.service, request.operation)
        if wanted.group not in self._groups:
            raise ValueError(f"{request.service}:{request.operation} was not asked for; it belongs to --{wanted.group}")
        recorded = self._backing.is_recorded(kept)
        given_up = None if recorded else self._given_up(request, wanted)
        if recorded:
            found = self._backing.fetch(kept)
        elif given_up:
            found = Recorded(pages=(), outcome=given_up[0], code=given_up[1])
        else:
            with self._counted():
                found = _derived(self._backing.fetch(request), derive)
                if self._writer:
                    self._writer.write(kept, found)
        self._note(request, wanted, found.outcome, found.code)
        return Answer(request=kept, pages=found.pages, outcome=found.outcome, code=found.code)

    def each(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """Many requests, a few at a time; see `Caller`."""
        wanted = list(requests)
        with self._lock:
            self._announced += len(wanted)
        yield from self._guarded(side_by_side(self.answer, wanted, CALLS if self._threads else 1))

    def together(self, jobs: Sequence[Callable[[], T]]) -> tuple[T, ...]:
        """Many jobs side by side; see `Caller`."""
        return tuple(self._guarded(side_by_side(lambda job: job(), list(jobs), JOBS if self._threads else 1)))

    def done(self) -> None:
        """Whatever ends the scan from now on, the recording is complete."""
        self._complete = True

    def close(self, complete: bool = False) -> None:
        """Ends what is under way, finishes the recording, and lets go of what only further calls would need."""
        self._manners.stop()
        with self._quiet:
            self._quiet.wait_for(lambda: not self._under_way, GRACE)
        if self._writer:
            self._writer.close(complete or self._complete)
        if not self._under_way:
            self._closed()
            self._kept.clear()
            self._names.clear()

    def _guarded(self, results: Iterator[T]) -> Iterator[T]:
        """Whatever ends the scan before its time ends what other threads wait for, too; all of them end for that reason."""
        try:
            yield from results
        except GeneratorExit:
            raise
        except Stopped:
            raise self._ended_by or KeyboardInterrupt from None
        except BaseException as error:
            self._ended_by = self._ended_by or error
            self._manners.stop()
            raise

    def _answer(self, request: Request, wanted: Operation) -> Answer:
        given_up = self._given_up(request, wanted)
        if given_up:
            self._note(request, wanted, *given_up)
            return Answer(request=request, outcome=given_up[0], code=given_up[1])
        with self._counted():
            return self._asked(request, wanted)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """While a call is under way."""
        with self._quiet:
            self._under_way += 1
        try:
            yield
        finally:
            with self._quiet:
                self._under_way -= 1
                self._quiet.notify_all()

    def _asked(self, request: Request, wanted: Operation) -> Answer:
        found = self._backing.fetch(request)
        fields = self._backing.fields(request) if found.pages else {}
        recorded = self._backing.is_recorded(request)
        known = None if recorded else self._known(request, wanted, fields, found.pages)
        pages = tuple(scrub(fields, page, known) for page in found.pages)
        if self._writer and not recorded:
            self._writer.write(request, Recorded(pages=pages, outcome=found.outcome, code=found.code))
        self._note(request, wanted, found.outcome, found.code)
        return Answer(request=request, pages=pages, outcome=found.outcome, code=found.code)

    def _given_up(self, request: Request, wanted: Operation) -> tuple[Outcome, str] | None:
        """How an operation was refused every time so far, where that was often enough. One resource's own policy says nothing."""
        if wanted.alone or self._backing.is_recorded(request):
            return None
        with self._lock:
            seen = self._seen.get((request.account, request.region, wanted), Counter())
            if sum(seen.values()) < FRUITLESS or any(outcome.known for outcome, _ in seen):
                return None
            return max(seen, key=lambda item: seen[item])

    def _known(self, request: Request, wanted: Operation, fields: Mapping[str, Any], pages: Sequence[Page]) -> frozenset[str]:
        """The names of resources against which texts are held: those of the answer, and of all listings of the region.

        The listings are asked for first, so that what is kept does not depend on which thread was faster.
        """
        own = frozenset(names_in(wanted.fields, pages))
        if not _compares(fields):
            return own
        if (wanted.service, wanted.name) == ("lambda", "ListFunctions"):
            listed = self._listed(request, _NAMED)
        else:
            listed = self._listed(request, (*_NAMED, operation("lambda", "ListFunctions")))
        return listed if own <= listed else own | listed

    def _listed(self, request: Request, listings: Sequence[Operation]) -> frozenset[str]:
        """The names that listings give, those of S3 for all regions."""
        key = (request.account, request.region, len(listings) > len(_NAMED))
        if key not in self._names:
            names: set[str] = set()
            for item in listings:
                region = GLOBAL if item.service == "s3" else request.region
                asked = Request(account=request.account, region=region, service=item.service, operation=item.name)
                names.update(names_in(item.fields, self.answer(asked).pages))
            self._names[key] = frozenset(names)
        return self._names[key]

    def _note(self, request: Request, wanted: Operation, outcome: Outcome, code: str) -> None:
        """Counts a call, and tells of progress a few times a second."""
        with self._lock:
            seen = self._seen.setdefault((request.account, request.region, wanted), Counter())
            seen[outcome, code if not outcome.known else ""] += 1
            self._done += 1
            self._services[request.service] += 1
            now = time.monotonic()
            if now - self._told < 0.2:
                return
            self._told = now
        self._tell(self._calls(request.account))

    def _calls(self, account: str) -> Calls:
        with self._lock:
            expected = max(self._sure + self._announced, self._done)
            return Calls.told(account, self._done, expected, dict(self._services), self._throttled())


def _derived(found: Recorded, derive: Callable[[Page], Page]) -> Recorded:
    """What is made of an answer; of one that is no whole page, nothing."""
    if found.outcome is not Outcome.READ or len(found.pages) != 1:
        return Recorded(pages=(), outcome=found.outcome, code=found.code)
    try:
        return Recorded(pages=(derive(found.pages[0]),), outcome=Outcome.READ)
    except Unfinished as error:
        return Recorded(pages=(), outcome=Outcome.INCOMPLETE, code=str(error))


def _damaged(place: str) -> Coverage:
    note = "this line is no row of a recording"
    return Coverage(source="recording", operation=place, outcome=Outcome.INCOMPLETE.value, unseen=("everything",), note=note)


def _compares(fields: Mapping[str, Any]) -> bool:
    """Whether any field is kept only where it names a resource."""
    return any(
        _compares(inner) if isinstance(inner, Mapping) else inner in ("names", "shape", "template") for inner in fields.values()
    )
