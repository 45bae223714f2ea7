"""Which folder of the tree a package is in, and which package a function's program is made of."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache

from untangle.model.resource import Gap
from untangle.model.value import alternatives, parts_of
from untangle.scanners.code.language import Entry, Handler, Located
from untangle.scanners.code.near import best_worded, folders_of, in_common, inside, listed, sources_of
from untangle.scanners.tree import Tree

MAX_FILE = 2_000_000
_MODULE = re.compile(r"^\s*module\s+(\S+)", re.MULTILINE)
_PACKAGE = re.compile(r"^\s*package\s+(\w+)", re.MULTILINE)
_MAIN = re.compile(r"^func\s+main\s*\(\s*\)", re.MULTILINE)
_LAMBDA = re.compile(r'"github\.com/aws/aws-lambda-go/|"github\.com/akrylysov/algnhsa"')
_IGNORED = re.compile(r"^//\s*(?:go:build|\+build)\s+ignore", re.MULTILINE)
_PROGRAM = re.compile(r"[\w./-]*\Z")
_SHORTEST = 5  # letters that a folder's name must have to name a function
_OTHERS = ("Cargo.toml", "Package.swift", "CMakeLists.txt", "pom.xml", "build.gradle", "build.gradle.kts", "composer.json")
_ASIDE = re.compile(r"(^|/)(vendor|testdata|_examples?)/")


class Modules:
    """The Go packages of one tree, by module paths where there is a go.mod."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.sources = lru_cache(maxsize=None)(self._sources)

    def _sources(self, folder: str) -> dict[str, bytes]:
        """The files of the package in a folder, tests and build-time programs left out."""
        found: dict[str, bytes] = {}
        for path in self._tree.folder(folder):
            if path.endswith(".go") and not path.endswith("_test.go"):
                data = self._tree.read(path)
                if data is not None and len(data) <= MAX_FILE and not _IGNORED.search(data[:2000].decode("utf-8", "replace")):
                    found[path] = data
        return found

    @cached_property
    def _modules(self) -> Mapping[str, str]:
        """The folder of each go.mod, with the module's path."""
        found: dict[str, str] = {}
        for path in self._tree.named("go.mod"):
            match = _MODULE.search(self._tree.text(path) or "")
            if match is not None:
                found[posixpath.dirname(path)] = match[1].strip('"')
        return found

    def locate(self, source: str, path: str) -> str | None:
        """The folder of the package that an import path names in a file; None for what is not in the tree."""
        found: list[str] = []
        for folder, module in self._modules.items():
            if source == module or source.startswith(module + "/"):
                inner = (
                    posixpath.normpath(posixpath.join(folder, source[len(module) :].strip("/"))) if source != module else folder
                )
                if self.sources(inner):
                    found.append(inner)
        if not found:
            found = list(self._by_tail(source, path))
        return max(found, key=lambda folder: (in_common(folder, path), folder)) if found else None

    def _by_tail(self, source: str, path: str) -> Iterator[str]:
        """Without a go.mod: the folders above a file in which the import path's end is a folder of Go files."""
        if source.startswith(("github.com/aws/", "golang.org/", "google.golang.org/", "gopkg.in/")) or "/" not in source:
            return
        parts = source.split("/")
        above = posixpath.dirname(path)
        while True:
            if not any(folder == above or not folder or above.startswith(folder + "/") for folder in self._modules):
                for start in range(1, len(parts)):
                    inner = posixpath.join(above, *parts[start:])
                    if (len(parts) - start > 1 or "." not in parts[0]) and self.sources(inner):
                        yield inner
                        return
            if not above:
                return
            above = posixpath.dirname(above)

    def package_name(self, source: str, path: str) -> str | None:
        """The name that a package of the tree gives itself."""
        folder = self.locate(source, path)
        for data in self.sources(folder).values() if folder is not None else ():
            match = _PACKAGE.search(data.decode("utf-8", "replace"))
            if match is not None:
                return match[1]
        return None

    @cached_property
    def programs(self) -> Mapping[str, str]:
        """The folders of programs that are Lambda functions, each with the file that holds `main`."""
        found: dict[str, str] = {}
        for path in self._tree.files:
            if not path.endswith(".go") or path.endswith("_test.go") or _ASIDE.search(path):
                continue
            text = self._tree.text(path) or ""
            if len(text) <= MAX_FILE and _MAIN.search(text):
                folder = posixpath.dirname(path)
                if any(_LAMBDA.search(data.decode("utf-8", "replace")) for data in self.sources(folder).values()):
                    found[folder] = path
        return found


@lru_cache(maxsize=4)
def modules_of(tree: Tree) -> Modules:
    """The packages of a tree, indexed once."""
    return Modules(tree)


def find(tree: Tree, asked: Handler, folder: str) -> Located:
    """The program of a function: a `package main` in the code's folder, in one above its artefact, or of its name.

    A Go function's handler is the program's name, "bootstrap" as a rule, and says nothing; nor does a custom runtime say
    that it is Go. So outside the code's folder a program counts only if words of its folder are the function's, and
    outside the template's folder only if the folder has the function's name.
    https://docs.aws.amazon.com/lambda/latest/dg/golang-package.html
    """
    programs = modules_of(tree).programs if _PROGRAM.match(asked.module) else {}
    what = f"code of {asked.function.address}"
    best = _fitting(tree, programs, asked, folder)
    if len(best) == 1:
        return Entry(path=programs[best[0]], name="main", roots=(best[0],))
    if best:
        shown = listed([programs[place] for place in best])
        return Gap(what=what, why=f"{len(best)} Go programs fit it equally: {shown}", location=asked.location)
    why = "no Go program in the scanned tree fits it; other custom runtimes are not read"
    return Gap(what=what, why=why, location=asked.location)


def _fitting(tree: Tree, programs: Mapping[str, str], asked: Handler, folder: str) -> list[str]:
    """The folders of the programs that fit best: none where nothing says that one does."""
    runtime = str(asked.function.get("Runtime") or "")
    above = [root for root in sources_of(asked, folder) if root and inside(root, folder)] if runtime else []
    own = folders_of(asked, folder)
    for root in (*own, *above):
        if root in programs:
            return [root]
    if any(_of_others(tree, root) for root in own if root):
        return []
    for root in own:
        score, best = best_worded([place for place in programs if inside(place, root)], asked)
        if best and (score or runtime.startswith("go") or not _of_others(tree, root)):
            return best
    if not runtime:
        return []
    score, best = best_worded([place for place in programs if inside(place, folder)], asked)
    if best and (score or runtime.startswith("go")):
        return best
    names = {_plain(text) for text in _names(asked)} - {""}
    return sorted(place for place in programs if _plain(posixpath.basename(place)) in names)


def _of_others(tree: Tree, folder: str) -> bool:
    """Whether a folder is that of a program in another compiled language."""
    return any(tree.has(posixpath.join(folder, name)) for name in _OTHERS)


def _names(asked: Handler) -> Iterator[str]:
    """What the function is called, as far as it is literal, and its artefact without its ending."""
    yield asked.function.address
    for value in (asked.function.get("FunctionName"), asked.function.get("Code"), asked.function.get("Code", "S3Key")):
        for option, _ in alternatives(value):
            yield from (posixpath.splitext(part)[0] for part in parts_of(option) if isinstance(part, str))


def _plain(text: str) -> str:
    """A name as letters and figures, without what every function's name may end in; "" where nothing else is left."""
    plain = re.sub(r"[^a-z0-9]", "", text.lower())
    for end in ("function", "lambda", "handler"):
        plain = plain.removesuffix(end)
    return plain if len(plain) >= _SHORTEST else ""
