"""The interpreter's state and the questions that its parts ask one another.

Reading code is one mutual recursion: a statement holds expressions, an expression calls a function, a function is
statements. The parts are mixed together in `interpreter.py`; `Core` declares what each may ask of the others and
collects what is found. Work is bounded by steps, call depth and contexts per function, so that no source can hang it.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from untangle.model.code import SWALLOWED, Guard
from untangle.model.location import Location
from untangle.model.resource import Gap
from untangle.model.value import Value
from untangle.scanners.code.language import Entry
from untangle.scanners.code.places import Made
from untangle.scanners.code.python.domain import Abstract, Arguments, Function, Module, Scope, is_records
from untangle.scanners.code.python.modules import Modules
from untangle.scanners.code.python.syntax import Source

MAX_STEPS = 400_000
MAX_DEPTH = 28
MAX_CALLS = 3_000


class TooMuch(Exception):
    """The budget of one handler is used up; what was found until then stands."""


@dataclass(slots=True)
class Frame:
    """One function being read: what it returns and yields."""

    function: Function | None
    returns: list[Abstract] = field(default_factory=list)
    yields: list[Abstract] = field(default_factory=list)


@dataclass(slots=True)
class Outcome:
    """What one call of a function gave: its value and the SDK calls in it, their guards and ways counted from its start."""

    value: Abstract
    calls: tuple[Made, ...]


class Core:
    """State of one handler's reading, and the declarations of what the parts do for one another."""

    def __init__(self, modules: Modules, entry: Entry, environment: Mapping[str, Value] | None) -> None:
        self.modules = modules
        self.entry = entry
        self.environment = environment
        self.location = Location(entry.path, entry.line)
        self.loaded: dict[str, Module] = {}
        self.frames: list[Frame] = [Frame(None)]
        self.guards: list[Guard] = []
        self.questions = 0
        self.idle: set[int] = set()  # the expressions whose value nobody takes, by identity
        self.caught = 0  # the try statements around what is read now that catch something
        self.calls: list[Made] = []
        self.way: list[Hashable] = []  # the places that call one another, down to what is read now
        self.reads: dict[tuple[str, ...], tuple[bool, Location]] = {}
        self.variables: dict[str, Location] = {}
        self.gaps: dict[str, Gap] = {}
        self.signals: dict[str, Location] = {}
        self.lists = False  # whether something was listed
        self.lengths: set[str] = set()  # variables that hold the length of a listing
        self.discards: list[Guard] = []
        self.tails: frozenset[int] = frozenset()
        self.failed = False
        self.optional = 0
        self.steps = 0
        self.epoch = 0

    # What the parts ask of one another.

    def evaluate(self, node: ast.expr, scope: Scope) -> Abstract:
        """The value of an expression."""
        raise NotImplementedError

    def run(self, statements: list[ast.stmt], scope: Scope) -> object:
        """Reads statements in order."""
        raise NotImplementedError

    def call(self, callee: Abstract, arguments: Arguments, node: ast.AST, scope: Scope) -> Abstract:
        """The value of calling something; what the call does is recorded."""
        raise NotImplementedError

    def attribute(self, value: Abstract, name: str, node: ast.AST, scope: Scope) -> Abstract:
        """The value of `value.name`."""
        raise NotImplementedError

    def item(self, value: Abstract, key: Abstract, node: ast.AST, scope: Scope, *, required: bool = True) -> Abstract:
        """The value of `value[key]`; `required` where a missing key would raise."""
        raise NotImplementedError

    def element(self, value: Abstract, node: ast.AST, scope: Scope) -> Abstract:
        """What iterating over a value gives."""
        raise NotImplementedError

    def load(self, path: str) -> Module | None:
        """The module in a file, its top level read."""
        raise NotImplementedError

    def assign(self, target: ast.expr, value: Abstract, scope: Scope) -> None:
        """Binds a value to a name, attribute, subscript or tuple of them."""
        raise NotImplementedError

    # What all share.

    def step(self) -> None:
        """Counts one piece of work. Raises TooMuch where there were too many."""
        self.steps += 1
        if self.steps > MAX_STEPS or len(self.calls) > MAX_CALLS:
            raise TooMuch

    @contextmanager
    def under(self, guard: Guard | None, *steps: Hashable) -> Iterator[None]:
        """What is read inside happens under this guard, and was come to by these steps."""
        depth, way = len(self.guards), len(self.way)
        self.way.extend(steps)
        if guard is not None:
            self.guards.append(guard)
        try:
            yield
        finally:
            del self.guards[depth:]
            del self.way[way:]

    @property
    def level(self) -> int:
        """How many conditions and loops stand around what is read now: what was made under fewer may hold what it held before.

        In a `try` that swallows errors nothing is put in doubt: what is read there counts as done, as it does behind it.
        """
        return sum(guard.kind != SWALLOWED for guard in self.guards)

    def guard(self, kind: str, text: str, source: Source, node: ast.AST, side: str = "", over: Abstract = None) -> Guard:
        """A guard with its place; its text is kept to one short line. `over` is what a loop goes over."""
        text = " ".join(text.split())
        return Guard(
            kind=kind,
            text=text if len(text) <= 120 else text[:119] + "…",
            location=source.at(node),
            side=side,
            records=is_records(over),
        )

    def asked(self) -> int:
        """A number for a question that the code asks now, for the sides of its guards."""
        self.questions += 1
        return self.questions

    def read(self, path: tuple[str, ...], location: Location, *, required: bool) -> None:
        """Notes that the handler reads this path of its message."""
        required = required and not self.optional
        known = self.reads.get(path)
        if known is None:
            self.reads[path] = (required, location)
        elif required and not known[0]:
            self.reads[path] = (True, known[1])
