"""Readers of handler source, one folder per language; finding the entry point and the table of writes are shared.

    locate.py       a function's resource -> the file and name at which its code starts, or a Gap
    container.py    a task definition of ECS -> the scripts that its containers run
    cdk/            what the source of CDK applications says of code that a synthesized template names by a hash
    operations.py   which SDK operations write, and what their parameters are called
    python/         what a Python handler does, from that entry on

A language is one folder that fills a `Language` record, and one line in `LANGUAGES`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from itertools import chain

from untangle.model.code import CodeFacts
from untangle.model.resource import Gap, Inventory, Resource
from untangle.scanners.beside import beside
from untangle.scanners.cdk.internal import is_internal
from untangle.scanners.code.container import TASK, Containers, together
from untangle.scanners.code.go import GO
from untangle.scanners.code.java import JAVA
from untangle.scanners.code.javascript import JAVASCRIPT
from untangle.scanners.code.language import Entry, Language, Reader
from untangle.scanners.code.locate import Locator
from untangle.scanners.code.python import PYTHON
from untangle.scanners.tree import Tree

LANGUAGES: tuple[Language, ...] = (
    PYTHON,
    JAVASCRIPT,
    JAVA,
    GO,
    Language(name="ruby", runtimes=("ruby",), suffixes=(".rb",)),
    Language(name="dotnet", runtimes=("dotnet",), suffixes=(".cs", ".fs")),
)
FUNCTION = "AWS::Lambda::Function"
# From so many functions on, reading them beside each other is worth a further process.
_MANY = 24
# Neighbours by id share their stack, and so their modules, which are read once in each process.
_BATCH = 6


def read_code(tree: Tree, inventory: Inventory) -> tuple[CodeFacts, ...]:
    """What the source of each function says, one CodeFacts per `AWS::Lambda::Function` and task of ECS, sorted by id.

    The CDK's own handlers are left out: their code is no part of the tree. Where no source is found or a part of it cannot be
    read, `readable` is False and a Gap says why and where.
    Nothing is imported or run.
    """
    reading = _Reading(tree, inventory)
    written = (item for item in inventory.resources if item.type in (FUNCTION, TASK) and not is_internal(item))
    found = sorted(written, key=lambda item: item.id)
    size = _BATCH if len(found) >= _MANY else len(found) or 1
    batches = [partial(reading.read, found[start : start + size]) for start in range(0, len(found), size)]
    return tuple(chain.from_iterable(beside(batches)))


class _Reading:
    """The readers of one tree, opened when a function needs them."""

    def __init__(self, tree: Tree, inventory: Inventory) -> None:
        self._tree, self._inventory = tree, inventory
        self._locator = Locator(tree, inventory, LANGUAGES)
        self._containers = Containers(tree, inventory, LANGUAGES, self._locator.cdk)
        self._readers: dict[str, Reader] = {}

    def read(self, resources: Iterable[Resource]) -> tuple[CodeFacts, ...]:
        """What the code of each of these functions and tasks says."""
        return tuple(self.facts(item) if item.type == FUNCTION else self.task(item) for item in resources)

    def facts(self, function: Resource) -> CodeFacts:
        if function.location is None and function.deployed is not None and function.get("Code") is None:
            # a handler of that name in the tree may be anybody's
            gap = Gap(
                what=f"code of {function.address}", why="it is deployed, and nothing says where in the scanned tree its code is"
            )
            return CodeFacts(function=function.id, readable=False, gaps=(gap,))
        languages = self._locator.candidates(function)
        if len(languages) == 1:
            return self._of(function, languages[0])
        tried = [self._of(function, candidate) for candidate in languages or LANGUAGES if candidate.open is not None]
        found = next((facts for facts in tried if facts.entry is not None), None)
        if found is not None:
            return found
        return replace(tried[-1] if languages else tried[0], language=None)

    def task(self, task: Resource) -> CodeFacts:
        """What the scripts do that the containers of a task run; of several containers, all of it."""
        read: list[CodeFacts] = []
        for started in self._containers.started(task):
            reader = self._reader(started.language) if started.language is not None else None
            if reader is not None and isinstance(started.entry, Entry):
                read.append(reader(started.entry, started.task))
            elif isinstance(started.entry, Gap):
                read.append(CodeFacts(function=task.id, readable=False, gaps=(started.entry,)))
        return together(read)

    def _of(self, function: Resource, language: Language) -> CodeFacts:
        reader = self._reader(language)
        if reader is None:
            gap = Gap(
                what=f"code of {function.address}",
                why=f"handler source in {language.name} is not read",
                location=function.at("Runtime"),
            )
            return CodeFacts(function=function.id, readable=False, language=language.name, gaps=(gap,))
        found = self._locator.locate(function, language)
        if isinstance(found, Entry):
            return reader(found, function)
        return CodeFacts(function=function.id, readable=False, language=language.name, gaps=(found,))

    def _reader(self, language: Language) -> Reader | None:
        if language.open is None:
            return None
        if language.name not in self._readers:
            self._readers[language.name] = language.open(self._tree, self._inventory)
        return self._readers[language.name]
