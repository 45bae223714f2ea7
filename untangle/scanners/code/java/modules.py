"""Which file of the tree a class is in, and which class a function's handler names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from untangle.model.resource import Gap
from untangle.scanners.code.java.packages import FRAMEWORKS
from untangle.scanners.code.language import Entry, Handler, Located
from untangle.scanners.tree import Tree

MAX_FILE = 2_000_000
_ASIDE = re.compile(r"(^|/)(test|tests|testFixtures|integrationTest|androidTest)/")
_SHOWN = 6


class Modules:
    """The Java files of one tree by the classes they hold. A file is found by the end of its path, as compilers do."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    @cached_property
    def _by_stem(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for path in self._tree.files:
            if path.endswith(".java") and not _ASIDE.search(path):
                found.setdefault(posixpath.basename(path)[:-5], []).append(path)
        return {stem: tuple(paths) for stem, paths in found.items()}

    def files(self, name: str) -> Iterator[tuple[str, str]]:
        """The files that may hold a class by its full name, each with the class's name inside the file ("Outer.Inner")."""
        parts = name.split(".")
        for end in range(len(parts), 0, -1):
            inner = ".".join(parts[end - 1 :])
            tail = "/" + "/".join(parts[:end]) + ".java"
            if parts[end - 1][:1].isupper() or end == len(parts):
                yield from ((path, inner) for path in self._by_stem.get(parts[end - 1], ()) if f"/{path}".endswith(tail))

    def locate(self, name: str, near: str) -> tuple[str, str] | None:
        """The file of a class that a file uses: of several the one that shares most of its path with it."""
        found = list(self.files(name))
        return max(found, key=lambda item: (_shared(item[0], near), item[0])) if found else None

    def implementing(self, name: str, near: str) -> list[tuple[str, str]]:
        """The classes beside a file that say that they implement or extend one of this short name."""
        says = re.compile(rf"\bclass\s+(\w+)[^{{;]{{0,400}}\b(?:implements|extends)\b[^{{;]{{0,400}}\b{re.escape(name)}\b")
        return [(path, match[1]) for path, text in self._beside(near) if (match := says.search(text))]

    def _beside(self, near: str) -> Iterator[tuple[str, str]]:
        """The Java files of the same project as a file, with their texts."""
        root = _project(near)
        for path in self._tree.under(root):
            if path.endswith(".java") and not _ASIDE.search(path):
                text = self._tree.text(path)
                if text is not None and len(text) <= MAX_FILE:
                    yield path, text


def find(tree: Tree, asked: Handler, folder: str) -> Located:
    """The entry of a handler `com.acme.OrderHandler::handle` or `com.acme.OrderHandler`.

    The class is looked for in the code's folder first, then from the template's folder upwards. Its name in the entry is
    that in the file, and the method's: "OrderHandler::handleRequest".
    https://docs.aws.amazon.com/lambda/latest/dg/java-handler.html
    """
    name, _, method = asked.module, None, asked.name or "handleRequest"
    modules = Modules(tree)
    found = _framework(modules, tree, asked, folder) if name.startswith(FRAMEWORKS) else list(modules.files(name))
    best = _nearest(found, asked, folder)
    if len(best) == 1:
        path, inner = best[0]
        return Entry(path=path, name=f"{inner}::{method}", roots=(_project(path),))
    what = f"code of {asked.function.address}"
    if not best:
        return Gap(what=what, why=f"no java file in the scanned tree holds its handler {name}", location=asked.location)
    shown = ", ".join(path for path, _ in best[:_SHOWN]) + (f" and {len(best) - _SHOWN} more" if len(best) > _SHOWN else "")
    return Gap(what=what, why=f"{len(best)} files fit its handler {name} equally: {shown}", location=asked.location)


def _framework(modules: Modules, tree: Tree, asked: Handler, folder: str) -> list[tuple[str, str]]:
    """The classes that a framework's own handler may call: those that implement Lambda's interface."""
    found: list[tuple[str, str]] = []
    for root in dict.fromkeys((*asked.folders, folder)):
        near = next((path for path in tree.under(root) if path.endswith(".java")), None)
        if near is not None:
            found.extend(modules.implementing("RequestHandler", near))
    return sorted(set(found))


def _nearest(found: list[tuple[str, str]], asked: Handler, folder: str) -> list[tuple[str, str]]:
    """Those in the first of the places where the code may lie that holds any; of several, those that share most words."""
    for root in _places(asked, folder):
        inside = [(path, inner) for path, inner in found if not root or path.startswith(root + "/")]
        if len(inside) > 1:
            scored = [(len(asked.words & _words(path)), (path, inner)) for path, inner in inside]
            most = max(score for score, _ in scored)
            inside = [item for score, item in scored if score == most]
        if inside:
            return inside
    return []


def _places(asked: Handler, folder: str) -> Iterator[str]:
    """Folders from the surest on: the code's own, those above an artefact that is built in place, the template's and above."""
    yield from (root for root in asked.folders if root)
    code = asked.function.get("Code")
    starts = [posixpath.normpath(posixpath.join(folder, code))] if isinstance(code, str) and "://" not in code else []
    for start in (*starts, folder):
        place = start
        while place and not place.startswith(("..", "/")):
            yield place if place != "." else ""
            place = posixpath.dirname(place)
    yield ""


def _words(path: str) -> frozenset[str]:
    return frozenset(word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", path))


def _project(path: str) -> str:
    """The folder of the project that a source file belongs to: what is above `src`."""
    parts = path.split("/")
    return "/".join(parts[: parts.index("src")]) if "src" in parts else posixpath.dirname(path)


def _shared(one: str, other: str) -> int:
    """How many leading folders two paths have in common."""
    count = 0
    for left, right in zip(one.split("/"), other.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count
