"""From what a build makes back to what it is made from: bundlers, makefiles, compilers' output folders.

SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build-typescript.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from untangle.model.resource import Resource
from untangle.model.value import Value
from untangle.scanners.tree import Tree

# Folders that compilers and bundlers write to, and those that what they read lies in beside them.
OUTPUTS = frozenset({"dist", "build", "lib", "out", "output", "bundle", "bundles", ".build", ".webpack", "compiled", "target"})
SOURCES = ("src", "lib", "source", "lambda", "")
_TARGET = re.compile(r"^(\S[^:=]*):(?!=)(.*)$")
_WORD = re.compile(r"[\w./@$(){}-]+")


def entry_points(tree: Tree, function: Resource, folders: tuple[str, ...], module: str) -> Iterator[str]:
    """The files that the build of a function starts from, by its metadata: those that fit the handler's module."""
    method = function.metadata.get("BuildMethod")
    properties = function.metadata.get("BuildProperties")
    named: list[str] = []
    if isinstance(properties, dict) and isinstance(properties.get("EntryPoints"), tuple):
        named = [item for item in properties["EntryPoints"] if isinstance(item, str)]
    elif method == "makefile":
        named = [word for folder in folders for word in _recipe(tree, folder, function.address)]
    found = [path for name in named for path in _written(tree, folders, name)]
    yield from _fitting(found, module)


def _written(tree: Tree, folders: tuple[str, ...], name: str) -> Iterator[str]:
    for folder in folders:
        path = tree.resolve(folder, name)
        if path is not None and tree.has(path):
            yield path
            return


def _fitting(found: list[str], module: str) -> list[str]:
    """Of several entry points the one that the handler names: by its whole path, else by its stem; a single one as it is."""
    stems = {path: posixpath.splitext(path)[0] for path in found}
    whole = [path for path, stem in stems.items() if ("/" + stem).endswith("/" + module.strip("/"))]
    last = [path for path, stem in stems.items() if posixpath.basename(stem) == posixpath.basename(module)]
    return whole or last or (found if len(stems) == 1 else [])


def _recipe(tree: Tree, folder: str, address: str) -> Iterator[str]:
    """The source files that the make target of a function names, and those of the targets it asks for."""
    text = tree.text(posixpath.join(folder, "Makefile")) if tree.has(posixpath.join(folder, "Makefile")) else None
    targets = _targets(text or "")
    pending, seen = [f"build-{address}"], set[str]()
    while pending:
        name = pending.pop()
        if name in seen or name not in targets:
            continue
        seen.add(name)
        needed, recipe = targets[name]
        pending.extend(needed)
        yield from (word.removeprefix("./") for word in _WORD.findall(recipe) if "." in word and "$" not in word)


def _targets(text: str) -> dict[str, tuple[list[str], str]]:
    targets: dict[str, tuple[list[str], str]] = {}
    current: list[str] = []
    for line in text.replace("\\\n", " ").splitlines():
        match = _TARGET.match(line)
        if match is not None:
            current = match[1].split()
            for name in current:
                targets.setdefault(name, (match[2].split(), ""))
        elif line.startswith(("\t", " ")):
            for name in current:
                targets[name] = (targets[name][0], targets[name][1] + "\n" + line)
    return targets


def uncompiled(path: str) -> Iterator[str]:
    """The paths at which the source of a compiled path may lie: `dist/a/b` is made from `src/a/b` or `a/b`."""
    parts = path.split("/")
    for i, part in enumerate(parts):
        if part in OUTPUTS:
            for source in SOURCES:
                if source != part:
                    yield "/".join((*parts[:i], *([source] if source else []), *parts[i + 1 :]))


def texts(value: Value) -> tuple[str, ...]:
    """The literal texts of a list, or the one text that stands instead of it."""
    if isinstance(value, str):
        return (value,)
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, tuple) else ()
