"""One construct of an application's own CDK source that brings code with it: what it is called, and where its code lies."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from untangle.model.location import Location
from untangle.scanners.tree import Tree

# With what paths begin that are known from the root of the tree on (`__dirname`); others start where the app runs.
ROOTED = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Construct:
    """A function, image or container that the source of a CDK application makes.

    `kind` is its class, `id` its literal id, `parent` that of the construct it is added to. `code` are asset folders or files
    and `entry` source files, as paths that may or may not be in the tree. `handler` is as the source writes it. `image` says that
    the asset is a container image: `dockerfile` and `command` are then what the source says of it.
    """

    kind: str
    id: str
    place: Location
    parent: str | None = None
    code: tuple[str, ...] = ()
    entry: tuple[str, ...] = ()
    handler: str | None = None
    image: bool = False
    dockerfile: str | None = None
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """What the source of applications says: the constructs that bring code, and the literal ids of all constructs."""

    constructs: tuple[Construct, ...] = ()
    ids: frozenset[str] = frozenset()

    def __add__(self, other: Source) -> Source:
        return Source(self.constructs + other.constructs, self.ids | other.ids)


def placed(tree: Tree, written: str, source: str) -> Iterator[str]:
    """The paths of the tree that a path in the CDK source may mean: from the root, from where the app runs, from its file."""
    if written.startswith(ROOTED):
        found = tree.resolve("", posixpath.normpath(written).lstrip("/"))
        if found is not None:
            yield found
        return
    for folder in dict.fromkeys(_starts(tree, source)):
        found = tree.resolve(folder, written)
        if found is not None:
            yield found


def _starts(tree: Tree, source: str) -> Iterator[str]:
    """Where an application may be run from: the folder of its cdk.json, of its package, of its file; the root."""
    folders = [posixpath.dirname(source)]
    while folders[-1]:
        folders.append(posixpath.dirname(folders[-1]))
    for name in ("cdk.json", "package.json", "requirements.txt", "pom.xml", "go.mod"):
        yield from (folder for folder in folders if tree.has(posixpath.join(folder, name)))
    yield folders[0]
    yield ""
