"""Mock files as tests: where they are, which definition each machine in them means, whether a run comes to what is expected."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from untangle.errors import InputError, nearest
from untangle.model.resource import Inventory
from untangle.scanners.definitions import Definition
from untangle.scanners.tree import Tree
from untangle.simulate.local.job import Outcome
from untangle.simulate.local.reading import names, plain, title
from untangle.simulate.services.desk import as_text
from untangle.simulate.services.mocks import MISSING, Case, read_cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One test case that was run: `wrong` says in what it is not as expected, "" where it is; `outcome` is None where it could
    not be run at all."""

    file: str
    machine: str
    case: str
    wrong: str = ""
    outcome: Outcome | None = None

    @property
    def passed(self) -> bool:
        """Whether it is as expected."""
        return not self.wrong


def mock_files(tree: Tree) -> Mapping[str, tuple[Case, ...]]:
    """The mock files below a root, and the test cases in each; raises InputError for one that is wrong."""
    found = {}
    for path in (tree.single,) if tree.single else tree.files:
        data = tree.read(path) if path.endswith(".json") else None
        if data is not None and (tree.single or (b'"MockedResponses"' in data and b'"StateMachines"' in data)):
            found[path] = read_cases(tree.text(path) or "", (tree.given if tree.single else tree.given / path).as_posix())
    return found


def meant(case: Case, file: str, found: tuple[Definition, ...], inventory: Inventory) -> Definition:
    """The definition that a test case's machine means: the one of its name; else the only one there is, or the nearest.

    Raises InputError where that cannot be told.
    """
    if not found:
        raise InputError(
            "there is no definition beside this mock file", where=file, hint="untangle test PATH of a folder that holds both"
        )
    named = [item for item in found if case.machine in names(item, inventory)] or [
        item for item in found if plain(case.machine) in map(plain, names(item, inventory))
    ]
    near = named or [item for item in found if plain(case.machine) in plain(title(item, inventory))] or list(found)
    depth = max(_common(item.path, file) for item in near)
    nearest_ones = [item for item in near if _common(item.path, file) == depth]
    if len(nearest_ones) != 1:
        titles = [title(item, inventory) for item in found]
        raise InputError(f"no definition is called {case.machine}", where=file, hint=nearest(case.machine, titles))
    return nearest_ones[0]


def _common(first: str, second: str) -> int:
    """How many folders two files share."""
    parts = zip(posixpath.dirname(first).split("/"), posixpath.dirname(second).split("/"), strict=False)
    shared = 0
    for one, other in parts:
        if one != other:
            break
        shared += 1
    return shared


def judged(case: Case, outcome: Outcome) -> str:
    """In what an outcome is not as expected; "" where it is. Nothing said means that the execution succeeds."""
    expected = case.expected
    status = expected.status if expected else "SUCCEEDED"
    if outcome.status != status:
        said = (
            f": {outcome.error}: {outcome.cause}"
            if outcome.error
            else f": {'; '.join(outcome.notes)}"
            if outcome.status == "RUNNING"
            else ""
        )
        hint = "" if expected else "; if it should, add Expectations"
        return f"{outcome.status}, expected {status}{hint}{said}"
    for name, wanted, got in (
        ("output", expected.output if expected else MISSING, outcome.output),
        ("error", expected.error if expected else MISSING, outcome.error),
        ("cause", expected.cause if expected else MISSING, outcome.cause),
    ):
        if wanted is not MISSING and not same(wanted, got):
            return f"{name} is {as_text(got)}, expected {as_text(wanted)}"
    return ""


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal: true is not 1, and 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
