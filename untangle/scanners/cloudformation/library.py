"""The templates of a tree, and the search for the one that a nested stack means."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from functools import cached_property

from untangle.model.value import Value, alternatives, parts_of, scalar_text
from untangle.scanners.cloudformation.copies import without_copies
from untangle.scanners.cloudformation.notes import Notes
from untangle.scanners.cloudformation.parameters import declared, required
from untangle.scanners.cloudformation.template import Template, read_template
from untangle.scanners.tree import Tree


class Library:
    """Reads each template once."""

    def __init__(self, tree: Tree, notes: Notes) -> None:
        self.tree = tree
        self._notes = notes
        self._read: dict[str, Template | None] = {}

    @cached_property
    def given(self) -> tuple[Template, ...]:
        """The templates among the files in which templates are looked for, without generated copies."""
        return without_copies(self._among(self.tree.templates))

    @cached_property
    def all(self) -> tuple[Template, ...]:
        """Every template of the tree, also where the user named one file."""
        return self.given if self.tree.single is None else without_copies(self._among(self.tree.files))

    def get(self, path: str) -> Template | None:
        """The template in this file; None where there is none."""
        if path not in self._read:
            template, problems = read_template(self.tree, path)
            self._notes.problems.update(dict.fromkeys(problems))
            self._read[path] = template
        return self._read[path]

    def find(self, folder: str, location: Value, passed: frozenset[str], barred: frozenset[str]) -> Template | None:
        """The template that a nested stack of a template in `folder` means.

        The file at the path `location`; else the one file of its base name (the one whose folders agree best with the
        URL's, whose parameters fit, then the nearest: a copy of all templates elsewhere has its own); else the only template
        whose parameters fit those passed. `barred` are the paths of the stacks around it.
        """
        for option, _ in alternatives(location):
            found = self._at(folder, option) or self._named(folder, option, passed, barred)
            if found is not None:
                return found
        base_known = any(_tail(option) for option, _ in alternatives(location))
        return self._fitting(passed, barred, least=2 if base_known else 1)

    def _at(self, folder: str, location: Value) -> Template | None:
        path = scalar_text(location)
        if not path or "://" in path:
            return None
        resolved = self.tree.resolve(folder, path)
        return self.get(resolved) if resolved and self.tree.has(resolved) else None

    def _named(self, folder: str, location: Value, passed: frozenset[str], barred: frozenset[str]) -> Template | None:
        tail = _tail(location)
        if not tail:
            return None
        wanted = tail.split("/")
        ranked: dict[tuple[int, bool, bool, int], list[Template]] = {}
        for template in self._by_name.get(wanted[-1], ()):
            have = template.path.split("/")
            if template.path not in barred:
                near = _shared_tail(have[::-1], folder.split("/")[::-1])
                rank = (_shared_tail(have, wanted), _fits(template, passed), template.folder == folder, near)
                ranked.setdefault(rank, []).append(template)
        best = ranked[max(ranked)] if ranked else []
        return best[0] if len(best) == 1 else None

    @cached_property
    def _by_name(self) -> Mapping[str, list[Template]]:
        names: dict[str, list[Template]] = {}
        for template in self.all:
            names.setdefault(posixpath.basename(template.path), []).append(template)
        return names

    def _fitting(self, passed: frozenset[str], barred: frozenset[str], least: int) -> Template | None:
        if len(passed) < least:
            return None
        fitting = [template for template in self.all if template.path not in barred and _fits(template, passed)]
        return fitting[0] if len(fitting) == 1 else None

    def _among(self, paths: Iterable[str]) -> tuple[Template, ...]:
        return tuple(template for path in paths if (template := self.get(path)) is not None)


def _fits(template: Template, passed: frozenset[str]) -> bool:
    section = template.section("Parameters")
    return passed <= declared(section).keys() and required(section) <= passed


def _tail(location: Value) -> str:
    """The literal end of a URL: folders and base name, as far as they are known (`{Prefix}/core/vpc.yaml` -> `core/vpc.yaml`)."""
    parts = parts_of(location)
    last = parts[-1]
    if not isinstance(last, str):
        return ""
    text = last.partition("?")[0]
    if len(parts) > 1:  # what stands before the first slash continues an unknown
        text = text.partition("/")[2] or text
    stem = posixpath.basename(text).partition(".")[0]
    return text if stem else ""


def _shared_tail(left: list[str], right: list[str]) -> int:
    count = 0
    for a, b in zip(reversed(left), reversed(right), strict=False):
        if a != b:
            break
        count += 1
    return count
