"""The programs of a tree: where the paths in a state start, and what to run where a program has no state in it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from untangle.model.location import Location
from untangle.model.resource import Gap
from untangle.scanners.code.near import in_common
from untangle.scanners.tree import Tree

PROJECTS = ("Pulumi.yaml", "Pulumi.yml")
SST = "sst.config.ts"
_NAME = re.compile(r"""^name:[ \t]*["']?([^\s"'#]+)""", re.MULTILINE)
_MAIN = re.compile(r"""^main:[ \t]*["']?([^\s"'#]+)""", re.MULTILINE)
_SST_NAME = re.compile(r"""\bname:\s*["'`]([\w-]+)["'`]""")
# The third version of SST, which stands on Pulumi; the second is a CDK application.
_SST_STANDS_ON_PULUMI = re.compile(r"\$config\s*\(")
_MANIFESTS = ("package.json", "requirements.txt", "pyproject.toml", "go.mod", "pom.xml", "build.gradle", "Pulumi.yaml")
_AWS = re.compile(r"pulumi[/._-]+aws|\baws:", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program: its file, the name of its project, and the folder in which it runs."""

    path: str
    project: str
    folder: str


class Programs:
    """The Pulumi and SST programs of one tree."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._all = tuple(sorted(_programs(tree), key=lambda program: program.path))

    def folder_of(self, project: str, near: str) -> str:
        """The folder at which the paths in a project's state start; that of the state where its program is not in the tree."""
        found = self._of(project, near)
        return found.folder if found is not None else near

    def _of(self, project: str, near: str) -> Program | None:
        named = [program for program in self._all if program.project == project]
        around = [program for program in self._all if not program.project and _within(near, posixpath.dirname(program.path))]
        return max(named or around, key=lambda program: in_common(program.path, near + "/"), default=None)

    def unread(self, stated: Collection[tuple[str, str]]) -> Iterator[Gap]:
        """A gap for each program that no state of the tree (a project and the folder of its file) is of."""
        read = {self._of(project, near) for project, near in stated}
        for program in self._all:
            if program not in read and self._is_on_aws(program):
                yield _gap(program)

    def _is_on_aws(self, program: Program) -> bool:
        if posixpath.basename(program.path) == SST:
            return True
        folders = (posixpath.dirname(program.path), program.folder)
        texts = (self._tree.text(posixpath.join(folder, name)) for folder in folders for name in _MANIFESTS)
        return any(text is not None and _AWS.search(text) for text in texts)


def _within(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(folder + "/")


def _programs(tree: Tree) -> Iterator[Program]:
    for name in PROJECTS:
        for path in tree.named(name):
            text = tree.text(path) or ""
            project = _NAME.search(text)
            if project:
                yield Program(path=path, project=project[1], folder=_runs_in(tree, path, _MAIN.search(text)))
    for path in tree.named(SST):
        text = tree.text(path) or ""
        if _SST_STANDS_ON_PULUMI.search(text):
            named = _SST_NAME.search(text)
            yield Program(path=path, project=named[1] if named else "", folder=posixpath.dirname(path))


def _runs_in(tree: Tree, path: str, main: re.Match[str] | None) -> str:
    """The folder of a project, or that which its `main` leads to."""
    folder = posixpath.dirname(path)
    inner = tree.resolve(folder, main[1]) if main else None
    if inner is None:
        return folder
    return inner if tree.has_folder(inner) else posixpath.dirname(inner) if tree.has(inner) else folder


def _gap(program: Program) -> Gap:
    folder = posixpath.dirname(program.path) or "this folder"
    is_sst = posixpath.basename(program.path) == SST
    what = f"{'SST' if is_sst else 'Pulumi'} program {program.path}"
    command = "npx sst state export --stage STAGE > sst-state.json" if is_sst else "pulumi stack export --file stack.json"
    why = f"a program is not run: what it makes is read from its state; run `{command}` in {folder} and scan again"
    return Gap(what=what, why=why, location=Location(program.path, 1))
