"""The source of the CDK applications in a tree: which code a synthesized template's functions and containers were made from.

A synthesized template names code by the hash of an asset. The source that made it names a folder beside the construct's literal
id, which the template carries in its metadata (`aws:cdk:path`) or its logical id (path and eight digits of a hash).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from untangle.model.resource import Resource
from untangle.model.value import Value
from untangle.scanners.code.cdk import python, text, typescript
from untangle.scanners.code.cdk.construct import Construct, Source
from untangle.scanners.code.wording import words_of
from untangle.scanners.tree import Tree

_HASH = re.compile(r"[0-9A-F]{8}\Z")
_UNNAMED = ("Resource", "Default")
# What constructs for whole services call the task that they make.
_TASKS = ("TaskDef", "TaskDefinition", "QueueProcessingTaskDef", "ScheduledTaskDef", "")


@dataclass(frozen=True, slots=True)
class Built:
    """A container image that an application builds: its Dockerfile, the folder it is built in, the command it is given."""

    file: str
    context: str
    command: tuple[str, ...] = ()


class Applications:
    """The CDK applications of one tree; their source is read when it is first asked for."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    @cached_property
    def _source(self) -> Source:
        found = typescript.constructs(self._tree) + python.constructs(self._tree) + text.constructs(self._tree)
        ordered = sorted(found.constructs, key=lambda item: (item.place, item.id, item.code, item.entry))
        return Source(tuple(ordered), frozenset(_plain(id) for id in found.ids) - {""})

    def made_from(self, function: Resource) -> tuple[Construct, ...]:
        """The constructs that a function of a template may be, those of its own stack where words tell; () without any."""
        if not _is_synthesized(function):
            return ()
        handler = function.get("Handler")
        named = [item for item in self._source.constructs if item.parent is None and self._is(item.id, function)]
        return self._own([item for item in named if _handles(item, handler)], function)

    def images(self, task: Resource, container: Value, *, alone: bool) -> Iterator[Built]:
        """The images of a container of a task. `alone` says that the task has no other container."""
        if not _is_synthesized(task):
            return
        fitting = [item for item in self._source.constructs if item.image and self._holds(item, task, container, alone=alone)]
        yield from dict.fromkeys(built for item in self._own(fitting, task) for built in self.built(item))

    def built(self, item: Construct) -> Iterator[Built]:
        """The image that a construct builds, if its Dockerfile is in the tree."""
        for folder in item.code:
            file = posixpath.normpath(posixpath.join(folder, item.dockerfile or "Dockerfile"))
            if self._tree.has(file):
                yield Built(file, folder, item.command)
                return

    def _holds(self, item: Construct, task: Resource, container: Value, *, alone: bool) -> bool:
        """Whether the image of a construct is that of a task's container."""
        if item.kind in ("container", "add_container"):
            named = item.id == container or (alone and container is None)
            return named and (item.parent is None or self._is(item.parent, task))
        path = _path(task)
        if path is not None:
            return _plain(item.id) in {_plain(part) for part in path}
        stem = _HASH.sub("", task.address)
        return any(stem.endswith(tail) and self._ends(stem.removesuffix(tail), item.id) for tail in _TASKS)

    def _is(self, id: str, resource: Resource) -> bool:
        """Whether a resource's construct has this literal id: by the path in its metadata, else by its logical id."""
        path = _path(resource)
        if path is not None:
            return bool(path) and path[-1] == id
        return self._ends(_HASH.sub("", resource.address), id)

    def _ends(self, stem: str, id: str) -> bool:
        """Whether a logical id without its hash is made of ids of the source, this one the last."""
        plain = _plain(id)
        return bool(plain) and stem.endswith(plain) and self._made_of_ids(stem.removesuffix(plain))

    def _made_of_ids(self, text: str) -> bool:
        ends = {0}  # how much of the text, from its start, is made of ids
        for end in range(1, len(text) + 1):
            if any(text[start:end] in self._source.ids for start in ends):
                ends.add(end)
        return len(text) in ends

    def _own(self, found: list[Construct], resource: Resource) -> tuple[Construct, ...]:
        """Of constructs that fit equally those whose files share most words with the resource's stack."""
        if len(found) < 2:
            return tuple(found)
        path = resource.metadata.get("aws:cdk:path")
        family = resource.get("Family")
        stack = path.split("/")[0] if isinstance(path, str) else ""
        wanted = words_of(stack, resource.stack, family if isinstance(family, str) else "")
        scores = [len(wanted & words_of(item.place.path)) for item in found]
        return tuple(item for item, score in zip(found, scores, strict=True) if score == max(scores))


def _is_synthesized(resource: Resource) -> bool:
    """Whether a resource may come from a CDK application at all: to follow the source of all of them takes a while."""
    return "aws:cdk:path" in resource.metadata or _HASH.search(resource.address) is not None


def _path(resource: Resource) -> tuple[str, ...] | None:
    """The ids from the stack down to the construct of a resource; None where the template does not tell."""
    path = resource.metadata.get("aws:cdk:path")
    if not isinstance(path, str):
        return None
    parts = path.split("/")[1:]
    while len(parts) > 1 and parts[-1] in _UNNAMED:
        parts.pop()
    return tuple(parts)


def _plain(id: str) -> str:
    """An id as it stands in a logical id: letters and digits alone."""
    return re.sub(r"[^A-Za-z0-9]", "", id)


def _handles(item: Construct, handler: Value) -> bool:
    """Whether a construct's handler, where both are known, is the template's."""
    if item.handler is None or not isinstance(handler, str):
        return True
    return handler == item.handler or handler.endswith("." + item.handler)
