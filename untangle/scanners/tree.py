"""The files of one scan: walked once, read on demand, nothing outside the root.

What is generated, vendored or ignored by git is left out, so that a template is not read twice and a
dependency's code is never taken for the user's own.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from untangle.errors import InputError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

# Folders that hold copies or other people's code. `cdk.out` is read by its own scanner, not as plain templates.
SKIPPED_FOLDERS = frozenset(
    (".git .hg .svn node_modules bower_components .aws-sam .serverless .venv venv .tox .nox __pycache__ .mypy_cache .pytest_cache "
     ".terragrunt-cache .idea .vscode site-packages .next .nuxt .gradle").split()
)  # fmt: skip
MAX_FILE = 32 * 1024 * 1024


class Tree:
    """The files under a root.

    Paths are relative to the root and `/`-separated. Symbolic links to folders are not followed and nothing
    that resolves to a place outside the root is read. Raises InputError where the root does not exist.
    """

    def __init__(self, root: Path, *, exclude: Iterable[str] = ()) -> None:
        if not root.exists():
            raise InputError("no such file or folder", where=str(root), hint="name a folder or a template file")
        self.given = root
        self.single = root.name if root.is_file() else None
        self.root = (root.parent if root.is_file() else root).resolve()
        self._exclude = tuple(exclude)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every file that may be read, sorted."""
        return tuple(sorted(self._walk()))

    @cached_property
    def templates(self) -> tuple[str, ...]:
        """The files in which templates are looked for: all, or the one that was named."""
        return (self.single,) if self.single else self.files

    @cached_property
    def _set(self) -> frozenset[str]:
        return frozenset(self.files)

    def has(self, path: str) -> bool:
        """Whether this file is part of the scan."""
        return path in self._set

    def has_folder(self, path: str) -> bool:
        """Whether any file of the scan lies under this folder; "" is the root."""
        return path in self._folders

    def folder(self, path: str) -> tuple[str, ...]:
        """The files directly in a folder; "" is the root."""
        return self._folders.get(path, ())

    def under(self, path: str) -> tuple[str, ...]:
        """All files under a folder, at any depth."""
        prefix = path.rstrip("/") + "/" if path else ""
        return tuple(name for name in self.files if name.startswith(prefix))

    @cached_property
    def _folders(self) -> Mapping[str, tuple[str, ...]]:
        folders: dict[str, list[str]] = {"": []}
        for name in self.files:
            parent = posixpath.dirname(name)
            folders.setdefault(parent, []).append(name)
            while parent:
                parent = posixpath.dirname(parent)
                folders.setdefault(parent, [])
        return {folder: tuple(names) for folder, names in folders.items()}

    def resolve(self, folder: str, path: str) -> str | None:
        """A path as written in a file of `folder`, relative to the root; None where it leaves the root."""
        joined = posixpath.normpath(posixpath.join(folder, path))
        if joined == ".":
            return ""
        return None if joined.startswith(("../", "/")) or joined == ".." else joined

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None where it cannot be read, is too large or resolves outside the root."""
        full = self.root / path
        try:
            if not full.resolve().is_relative_to(self.root) or full.stat().st_size > MAX_FILE:
                return None
            return full.read_bytes()
        except OSError:
            return None

    def text(self, path: str) -> str | None:
        """The text of a file, a byte-order mark and undecodable bytes tolerated."""
        data = self.read(path)
        return None if data is None else data.decode("utf-8-sig", errors="replace")

    def _walk(self) -> Iterator[str]:
        pending = [""]
        specs: dict[str, GitIgnoreSpec | None] = {}
        while pending:
            folder = pending.pop()
            try:
                entries = sorted(os.scandir(self.root / folder), key=lambda entry: entry.name)
            except OSError:
                continue
            specs[folder] = _ignore_spec(entries, folder)
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                is_folder = entry.is_dir(follow_symlinks=False)
                if (is_folder and entry.name in SKIPPED_FOLDERS) or self._ignored(path, is_folder, specs):
                    continue
                if is_folder:
                    pending.append(path)
                elif entry.is_file():
                    yield path

    def _ignored(self, path: str, is_folder: bool, specs: Mapping[str, GitIgnoreSpec | None]) -> bool:
        probe = path + "/" if is_folder else path
        if self._exclude and _spec(self._exclude).match_file(probe):
            return True
        folder = posixpath.dirname(path)
        while True:
            spec = specs.get(folder)
            if spec is not None:
                inner = probe[len(folder) + 1 :] if folder else probe
                verdict = spec.check_file(inner).include
                if verdict is not None:
                    return verdict
            if not folder:
                return False
            folder = posixpath.dirname(folder)


def _ignore_spec(entries: list[os.DirEntry[str]], folder: str) -> GitIgnoreSpec | None:
    for entry in entries:
        if entry.name == ".gitignore" and entry.is_file():
            try:
                lines = Path(entry.path).read_text(encoding="utf-8", errors="replace").splitlines()
            except OSError:
                return None
            return _spec(tuple(lines))
    return None


@lru_cache(maxsize=256)
def _spec(lines: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)
