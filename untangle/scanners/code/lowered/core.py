"""What following code keeps in mind: budgets, guards, frames, and the requests it met."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from untangle.model.code import SWALLOWED, Call, Guard, unless_swallowed
from untangle.model.location import Location
from untangle.model.resource import Gap
from untangle.model.shape import Path
from untangle.scanners.code.counted import LISTINGS
from untangle.scanners.code.lowered import recorder
from untangle.scanners.code.lowered import syntax as s
from untangle.scanners.code.lowered.answers import DROPPED, KEPT
from untangle.scanners.code.lowered.library import Library, Site
from untangle.scanners.code.lowered.spelling import spelled
from untangle.scanners.code.lowered.things import Command, Factory, Narrowed, Record, Scope, Thing, Unknown, is_records, options
from untangle.scanners.code.places import MAX_WAYS, Reading, Way, both

MAX_STEPS = 120_000
MAX_CALLS = 22  # how deep calls are followed
MAX_GUARD = 120


class Interrupted(Exception):
    """A budget ran out."""


@dataclass(slots=True)
class Frame:
    """One function being followed."""

    path: str
    this: Thing
    returned: list[Thing]
    is_module: bool = False
    owner: Factory | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """One time that a call is met: by index, and by which way under which guards."""

    index: int
    way: Way
    guards: tuple[Guard, ...]
    many: bool


@dataclass(slots=True)
class Followed:
    """What a function was seen to call, and how deep it stood then; `made` are all its calls, by index."""

    meetings: list[Meeting]
    made: frozenset[int]
    way: int
    guards: int


class Core:
    """The state of one entry point being followed. What was found is in `calls`, `reads` and `gaps` afterwards."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.script = False  # whether what is followed runs as a program of its own, and not by being called
        self.calls: list[Call] = []
        self.lists = False  # whether something was listed
        self.reads: dict[Path, Location] = {}
        self.variables: set[str] = set()
        self.gaps: list[Gap] = []
        self.broken: list[Location] = []
        self.narrowed: list[Narrowed] = []
        self._modules: dict[str, Record] = {}
        self._globals = Scope(names=dict(library.globals()))
        self._memo: dict[tuple[object, ...], Thing] = {}
        self._guards: list[Guard] = []
        self._loops = 0
        self._batches = 0  # those of the loops that go over the records of the event
        self._depth = 0
        self._steps = 0
        self._frames: list[Frame] = []
        self._seen: dict[tuple[object, ...], int] = {}
        self._questions = 0
        self._followed: dict[tuple[object, ...], Followed] = {}
        self._switches: dict[tuple[str, int], int] = {}  # the question that a switch asked last
        self._answers: dict[int, int] = {}  # the question that a branch asked last
        self._recursive: dict[tuple[object, ...], list[Reading]] = {}  # where a function calls itself
        self._way: list[Hashable] = []  # the places that call one another, down to what is followed now
        self.met: list[list[Reading]] = []  # the ways to each of `calls`, the first one first
        self._meetings: list[Meeting] = []
        self._settled: set[int] = set()  # the calls that a run may make many times, wherever else they are met
        self._answer = KEPT  # of the call that is being followed
        self._shields = 0  # what stands around that may take what is raised
        self._inside: list[set[int]] = [set()]  # the calls of each function that is being followed, by index
        self._line = 0
        self._sources: dict[tuple[int, str], Scope] = {}
        self._typing = 0

    @property
    def in_loop(self) -> bool:
        """Whether what is followed now may happen many times."""
        return self._loops > 0

    def record(self, service: str, operation: str, parameters: Thing, site: Site, mediated: str | None = None) -> Thing:
        """Notes an SDK request made here; what it answers is not known."""
        self.lists = self.lists or (service, operation) in LISTINGS
        location = Location(site.path, site.line)
        parameters = spelled(service, parameters)
        guards = self._asked_here()
        dropped = self._answer == DROPPED and not self._shields
        at = recorder.Circumstances(location, guards, self._loops > 0, self._batches == self._loops, mediated, dropped)
        for call, which in recorder.calls(service, operation, parameters, at):
            key = (
                call.service,
                call.operation,
                call.location,
                repr(sorted(call.arguments.items(), key=lambda item: item[0])),
                repr(call.payload),
            )
            if key not in self._seen:
                self._seen[key] = len(self.calls)
                self.calls.append(call)
                self.met.append([])
            elif call.answered is None:
                self._used(self._seen[key])
            self._inside[-1].add(self._seen[key])
            self._meet(Meeting(self._seen[key], (*self._way, *which), guards, call.multiplicity == "many"))
        return Unknown(site.text)

    def send(self, command: Thing, site: Site) -> Thing:
        """Sends a request object."""
        for option in options(command):
            if isinstance(option, Command):
                self.record(option.service, option.operation, option.parameters, site)
        return Unknown(site.text)

    def _used(self, index: int) -> None:
        """Notes that something may be done with what a call answers or raises."""
        if self.calls[index].answered is False:
            self.calls[index] = replace(self.calls[index], answered=None)

    def _meet(self, meeting: Meeting) -> None:
        """Notes that a call was met. One that is met again may stand under other answers: it excludes no other any more."""
        index, reading = meeting.index, (meeting.way, meeting.guards)
        known, first = self.met[index], not self.met[index]
        if index in self._settled or reading in known:
            self.calls[index] = self.calls[index].bare
            return
        known.append(reading)
        self._meetings.append(meeting)
        if first:
            return
        call = self.calls[index] = self.calls[index].bare
        if (meeting.many and call.multiplicity != "many") or len(known) > MAX_WAYS or any(both(it, reading) for it in known):
            self.calls[index] = replace(call, multiplicity="many")
            self._settled.add(index)

    def _meet_again(self, known: Followed, way: Way, guards: tuple[Guard, ...]) -> None:
        """Meets the calls of a function that was followed once more, come to by this way under these guards."""
        self._inside[-1] |= known.made
        for index in known.made if self._shields else ():
            self._used(index)
        known.meetings = [meeting for meeting in known.meetings if meeting.index not in self._settled]
        for found in known.meetings:
            self._step()
            self._meet(replace(found, way=way + found.way[known.way :], guards=guards + found.guards[known.guards :]))

    def _asked_here(self) -> tuple[Guard, ...]:
        return tuple(guard for guard in self._guards if guard.kind != "loop")

    @contextmanager
    def by(self, *steps: Hashable) -> Iterator[None]:
        """What is followed inside was come to by these steps."""
        depth = len(self._way)
        self._way.extend(steps)
        try:
            yield
        finally:
            del self._way[depth:]

    def _asked(self) -> int:
        """A number for a question that the code asks now, for the sides of its guards."""
        self._questions += 1
        return self._questions

    @contextmanager
    def _under(self, kind: str, text: str, line: int, side: str = "", over: Thing = None) -> Iterator[None]:
        """What is followed inside happens under this guard; `over` is what a loop goes over."""
        records = kind == "loop" and is_records(over)
        self._guards.append(Guard(kind=kind, text=text[:MAX_GUARD], location=self._here(line), side=side, records=records))
        self._depth += 1
        self._loops += kind == "loop"
        self._batches += records
        try:
            yield
        finally:
            self._loops -= kind == "loop"
            self._batches -= records
            self._depth -= 1
            self._guards.pop()

    @contextmanager
    def repeated(self, site: Site, over: Thing = None) -> Iterator[None]:
        """A callback that is called for every element of what is gone over."""
        with self._under("loop", site.text, site.line, over=over):
            yield

    @contextmanager
    def caught(self, site: Site) -> Iterator[None]:
        """A callback that is called when something failed."""
        with self._under("except", "an error was caught", site.line):
            yield

    @contextmanager
    def swallowing(self, line: int | None) -> Iterator[None]:
        """What is followed inside is skipped by an error that the handler on this line swallows; None: there is none."""
        if line is None:
            yield
            return
        self._guards.append(self._skipped(line))
        try:
            yield
        finally:
            self._guards.pop()

    def _skipped(self, line: int) -> Guard:
        place = self._here(line)
        return Guard(kind=SWALLOWED, text=unless_swallowed(place), location=place)

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """What is raised inside may be taken by code that is not followed."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1

    def missed(self, what: str, why: str, path: str) -> None:
        """Notes that something could not be followed."""
        self.gaps.append(Gap(what=what, why=why, location=Location(path, 1)))

    def _here(self, line: int) -> Location:
        return Location(self._frames[-1].path, line)

    def _step(self) -> None:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise Interrupted

    # what the floors above add

    def value(self, expression: s.Expr, scope: Scope) -> Thing:
        """What an expression is worth."""
        raise NotImplementedError

    def get(self, thing: Thing, name: str) -> Thing:
        """A member of a thing."""
        raise NotImplementedError

    def apply(self, callee: Thing, arguments: list[Thing], site: Site, *, new: bool = False) -> Thing:
        """Calls a thing."""
        raise NotImplementedError

    def method(self, owner: Thing, name: str, arguments: list[Thing], site: Site, *, new: bool = False) -> Thing:
        """A method of a thing."""
        raise NotImplementedError

    def bind(self, target: s.Pattern, thing: Thing, scope: Scope, *, declare: bool) -> None:
        """Puts a thing under a name, into a member or apart into several."""
        raise NotImplementedError

    def imported(self, source: str, path: str) -> Thing:
        """A module by the name that an import gives it."""
        raise NotImplementedError

    def called(self, owner: Thing, name: str) -> Thing:
        """The repository's method of this name that a thing has."""
        raise NotImplementedError

    def module(self, path: str) -> Record:
        """The exports of a module."""
        raise NotImplementedError

    def _block(self, statements: tuple[s.Statement, ...], scope: Scope) -> bool:
        raise NotImplementedError

    def _invoke(self, expression: s.Invoke, scope: Scope) -> Thing:
        raise NotImplementedError
