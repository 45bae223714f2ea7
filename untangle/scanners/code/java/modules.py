"""Which file of the tree a class is in, and which class a function's handler names."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache

from untangle.model.resource import Gap
from untangle.scanners.code.java.packages import FRAMEWORKS
from untangle.scanners.code.language import Entry, Handler, Located
from untangle.scanners.code.near import best_worded, folders_of, in_common, inside, listed, sources_of
from untangle.scanners.tree import Tree

MAX_FILE = 2_000_000
_ASIDE = re.compile(r"(^|/)(test|tests|testFixtures|integrationTest|androidTest)/")

_INTERFACES = ("RequestHandler", "RequestStreamHandler", "Function", "Consumer")
_FUNCTION_BEAN = re.compile(r"@Bean\b[^{;]{0,200}?\b(?:Function|Consumer|Supplier)<[^{;]{0,300}?>\s+(\w+)\s*\(")


class Modules:
    """The Java files of one tree by the classes they hold. A file is found by the end of its path, as compilers do."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._beside = lru_cache(maxsize=8)(self._read_beside)

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
        return max(found, key=lambda item: (in_common(item[0], near), item[0])) if found else None

    def implementing(self, name: str, near: str) -> list[tuple[str, str]]:
        """The classes beside a file that say that they implement or extend one of this short name."""
        says = re.compile(rf"\bclass\s+(\w+)[^{{;]{{0,400}}\b(?:implements|extends)\b[^{{;]{{0,400}}\b{re.escape(name)}\b")
        return [(path, match[1]) for path, text in self._beside(_project(near)) if (match := says.search(text))]

    def functions(self, near: str) -> list[tuple[str, str, str]]:
        """Beans beside a file that are functions, as Spring Cloud Function calls them: file, class and method."""
        return [
            (path, posixpath.basename(path)[:-5], match[1])
            for path, text in self._beside(_project(near))
            for match in _FUNCTION_BEAN.finditer(text)
        ]

    def _read_beside(self, project: str) -> tuple[tuple[str, str], ...]:
        """The Java files of a project, with their texts."""
        found: list[tuple[str, str]] = []
        for path in self._tree.under(project):
            if path.endswith(".java") and not _ASIDE.search(path):
                text = self._tree.text(path)
                if text is not None and len(text) <= MAX_FILE:
                    found.append((path, text))
        return tuple(found)


@lru_cache(maxsize=4)
def modules_of(tree: Tree) -> Modules:
    """The packages of a tree, indexed once."""
    return Modules(tree)


def find(tree: Tree, asked: Handler, folder: str) -> Located:
    """The entry of a handler `com.acme.OrderHandler::handle` or `com.acme.OrderHandler`.

    The class is looked for in the code's folder first, then above its artefact, then from the template's folder upwards;
    beyond that folder it must be the only one. Its name in the entry is that in the file, and the method's:
    "OrderHandler::handleRequest". https://docs.aws.amazon.com/lambda/latest/dg/java-handler.html
    """
    name, method = asked.module, asked.name or "handleRequest"
    modules = modules_of(tree)
    known = _called_by(modules, tree, asked, folder) if name.startswith(FRAMEWORKS) else dict(modules.files(name))
    best = _nearest(sorted(known), asked, folder)
    if len(best) == 1:
        inner = known[best[0]]
        return Entry(path=best[0], name=inner if "::" in inner else f"{inner}::{method}", roots=(_project(best[0]),))
    what = f"code of {asked.function.address}"
    if not best:
        return Gap(what=what, why=f"no java file in the scanned tree holds its handler {name}", location=asked.location)
    return Gap(what=what, why=f"{len(best)} files fit its handler {name} equally: {listed(best)}", location=asked.location)


def _called_by(modules: Modules, tree: Tree, asked: Handler, folder: str) -> dict[str, str]:
    """What a framework's own handler may call: a class of Lambda's interface, or the function that a variable names."""
    wanted = _setting(asked, "SPRING_CLOUD_FUNCTION_DEFINITION")
    found: dict[str, str] = {}
    for root in dict.fromkeys((*folders_of(asked, folder), *sources_of(asked, folder)[:2], folder)):
        near = next((path for path in tree.under(root) if path.endswith(".java")), None)
        if near is None:
            continue
        handlers = [item for interface in _INTERFACES for item in modules.implementing(interface, near)]
        found |= {path: name for path, name in handlers if wanted is None or name.lower() == wanted.lower()}
        beans = modules.functions(near)
        found |= {path: f"{name}::@{method}" for path, name, method in beans if wanted is None or method == wanted}
        named = _setting(asked, "QUARKUS_LAMBDA_HANDLER")
        if named is not None:
            found = {path: name for path, name in found.items() if f'@Named("{named}")' in (tree.text(path) or "")}
        if found:
            break
    return found


def _setting(asked: Handler, name: str) -> str | None:
    """A variable of the function's environment under this name or its small form, where it is literal."""
    values = [asked.function.get("Environment", "Variables", spelled) for spelled in (name, name.lower())]
    return next((value for value in values if isinstance(value, str)), None)


def _nearest(found: list[str], asked: Handler, folder: str) -> list[str]:
    """Those in the first of the places where the code may lie that holds any; of several, those that share most words."""
    for root in dict.fromkeys((*folders_of(asked, folder), *sources_of(asked, folder)[:-1], folder)):
        within = [path for path in found if inside(path, root)]
        if within:
            return best_worded(within, asked, _project)[1]
    return found


def _project(path: str) -> str:
    """The folder of the project that a source file belongs to: what is above `src`."""
    parts = path.split("/")
    return "/".join(parts[: parts.index("src")]) if "src" in parts else posixpath.dirname(path)
