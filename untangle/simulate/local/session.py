"""What a local run reads before it runs: the definitions of a file or folder, and the functions that stand behind their tasks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from untangle.errors import UntangleError, UsageError, nearest
from untangle.model.graph import EventGraph
from untangle.model.resource import Inventory
from untangle.scanners.definitions import Definition
from untangle.scanners.tree import Tree
from untangle.simulate.application import Application
from untangle.simulate.local.cases import Tested, judged, meant, mock_files
from untangle.simulate.local.handled import Batch, run_all
from untangle.simulate.local.job import Job, Outcome
from untangle.simulate.local.reading import names, pick, prepared, title
from untangle.simulate.local.run import run
from untangle.simulate.services.mocks import MISSING, Case, read_cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """The functions that tasks may invoke: those of a graph, with their code below `root`."""

    graph: EventGraph
    root: Path


@dataclass(frozen=True, kw_only=True)
class Session:
    """The definitions under `path`, what the scanners found beside them, values for placeholders, and handlers, if any."""

    path: Path
    found: tuple[Definition, ...]
    inventory: Inventory
    given: Mapping[str, str] = field(default_factory=dict)
    handlers: Handlers | None = None
    seed: int = 0
    python: str | None = None

    @cached_property
    def application(self) -> Application | None:
        """What the template declares, or that of the handlers, for what placeholders stand for."""
        if self.handlers is not None:
            return Application(self.handlers.graph, self.handlers.root)
        return Application(EventGraph(inventory=self.inventory), self.path) if self.inventory.resources else None

    def job(self, definition: Definition, input: Any, name: str = "run-1", case: Case | None = None) -> Job:
        """What is to be run for a definition; raises InputError where AWS would not take it."""
        own = names(definition, self.inventory)
        return Job(
            definition=self._ready(definition),
            input=input,
            name=name,
            machine=title(definition, self.inventory),
            others={name: other for name, other in self._all.items() if name not in own},
            case=case,
            seed=self.seed,
        )

    def run(self, machine: str | None, input: Any, *, name: str = "run-1", case: Case | None = None) -> Outcome:
        """Run the machine that is meant; `input` is MISSING for that of the test case, or an empty object."""
        definition = pick(self.found, self.inventory, machine, self.path)
        if input is MISSING:
            input = {} if case is None or case.input is MISSING else case.input
        return self._carried(self.job(definition, input, name, case))

    def tests(self, tree: Tree, *, only: str | None = None, input: Any = MISSING) -> Iterator[Tested]:
        """Run every test case of the mock files, one after the other; `only` those of this name."""
        for file, cases in mock_files(tree).items():
            for case in cases:
                if only in (None, case.name):
                    yield self._tested(file, case, input)

    def _tested(self, file: str, case: Case, input: Any) -> Tested:
        given = case.input if case.input is not MISSING else {} if input is MISSING else input
        shown = (self.path if self.path.is_file() else self.path / file).as_posix()
        try:
            outcome = self._carried(self.job(meant(case, file, self.found, self.inventory), given, case=case))
        except UntangleError as error:
            return Tested(file=shown, machine=case.machine, case=case.name, wrong=str(error).replace("\n  hint:", ";"))
        return Tested(file=shown, machine=case.machine, case=case.name, wrong=judged(case, outcome), outcome=outcome)

    def _carried(self, job: Job) -> Outcome:
        if self.handlers is None:
            return run(job)
        outcome = run_all(Batch(jobs=(job,), graph=self.handlers.graph, root=self.handlers.root), python=self.python)[0]
        if isinstance(outcome, UntangleError):
            raise outcome
        return outcome

    def _ready(self, definition: Definition) -> Mapping[str, Any]:
        where = (self.path if self.path.is_file() else self.path / definition.path).as_posix()
        return prepared(definition, self.inventory, self.application, self.given, where)

    @cached_property
    def _all(self) -> Mapping[str, Mapping[str, Any]]:
        """Every definition that is there, by all of its names: what a machine may start. One that is broken cannot be started."""
        found: dict[str, Mapping[str, Any]] = {}
        for definition in self.found:
            try:
                ready = self._ready(definition)
            except UntangleError:
                continue
            for name in names(definition, self.inventory):
                found.setdefault(name, ready)
        return found


def case_of(file: Path, machine_names: tuple[str, ...], wanted: str | None) -> Case:
    """The test case of a mock file that is wanted; the only one where none is named. Raises UsageError and InputError."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the mock file cannot be read: {getattr(error, 'strerror', None) or error}", where=str(file)) from None
    cases = read_cases(text, str(file))
    own = [case for case in cases if case.machine in machine_names] or list(cases)
    matching = [case for case in own if wanted in (None, case.name)]
    if len(matching) == 1:
        return matching[0]
    if wanted is None:
        raise UsageError(
            f"{file} has {len(own)} test cases", hint=f"say which: --test-case {' or '.join(case.name for case in own[:4])}"
        )
    raise UsageError(f"{file} has no test case {wanted!r}", hint=nearest(wanted, (case.name for case in cases)))
