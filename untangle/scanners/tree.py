"""The files of one scan: walked once, read on demand, nothing outside the root.

What is generated, vendored or ignored by git is left out, so that a template is not read twice and a
dependency's code is never taken for the user's own.
"""

from __future__ import annotations

import os
import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from untangle.errors import InputError
from untangle.scanners.ignore import Ignore, ignore

# Folders that hold copies, build results or other people's code.
SKIPPED_FOLDERS = frozenset(
    (
        *(".git", ".hg", ".svn", "node_modules", "bower_components", "site-packages", ".venv", "venv", ".tox", ".nox"),
        *("__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".idea", ".vscode", ".next", ".nuxt", ".gradle"),
        *(".aws-sam", ".serverless", ".terragrunt-cache", ".terraform"),
    )
)
# What the AWS CDK synthesizes is in .gitignore as a rule, and yet it is the only template that such a project has.
SYNTHESIZED = "cdk.out"
_ASSET = re.compile(r"asset\.[0-9a-f]{32,64}\Z")
MAX_FILE = 32 * 1024 * 1024

# The patterns that hold in a folder, the nearest first, each with the length of its own folder's prefix.
_Rules = tuple[tuple[int, Ignore], ...]


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
        self._exclude = ignore(tuple(exclude))
        # Who names an assembly itself has no other source in the scan than the copies that were made for it.
        self._is_assembly = SYNTHESIZED in self.root.parts
        self._links: set[str] = set()
        self._claimed: set[str] = set()

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every file that may be read, sorted."""
        return tuple(sorted(self._walk()))

    @property
    def templates(self) -> tuple[str, ...]:
        """The files in which templates are looked for: all, or the one that was named, but for those that are claimed."""
        listed = (self.single,) if self.single else self.files
        return tuple(path for path in listed if path not in self._claimed) if self._claimed else listed

    def claim(self, paths: Iterable[str]) -> None:
        """Says that these files are parts of a source that one reader has read: later readers take none of them for a source."""
        self._claimed.update(paths)

    @cached_property
    def _set(self) -> frozenset[str]:
        return frozenset(self.files)

    def has(self, path: str) -> bool:
        """Whether this file is part of the scan."""
        return path in self._set

    def named(self, name: str) -> tuple[str, ...]:
        """Every file with this base name, wherever it lies."""
        return tuple(self._by_name.get(name, ()))

    @cached_property
    def _by_name(self) -> Mapping[str, list[str]]:
        names: dict[str, list[str]] = {}
        for path in self.files:
            names.setdefault(posixpath.basename(path), []).append(path)
        return names

    def has_folder(self, path: str) -> bool:
        """Whether any file of the scan lies under this folder; "" is the root."""
        return path in self._folders

    def folder(self, path: str) -> tuple[str, ...]:
        """The files directly in a folder; "" is the root."""
        return self._folders.get(path, ())

    def listed(self, path: str) -> tuple[str, ...]:
        """The files directly in a folder, also in one that the walk leaves out; nothing outside the root."""
        if path in self._folders:
            return self._folders[path]
        full = self.root / path
        try:
            if not full.resolve().is_relative_to(self.root):
                return ()
            with os.scandir(full) as entries:
                return tuple(sorted(posixpath.join(path, entry.name) for entry in entries if entry.is_file()))
        except (OSError, ValueError):
            return ()

    def under(self, path: str) -> tuple[str, ...]:
        """All files under a folder, at any depth."""
        if not path:
            return self.files
        folder = path.rstrip("/")
        # "0" follows "/": what lies between the two is what starts with the folder's name and a slash.
        return self.files[bisect_left(self.files, folder + "/") : bisect_left(self.files, folder + "0")]

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
        data = self.start(path, MAX_FILE + 1)
        return data if data is not None and len(data) <= MAX_FILE else None

    def start(self, path: str, size: int = 65_536) -> bytes | None:
        """The first bytes of a file, however large it is; None where it cannot be read or resolves outside the root."""
        full = self.root / path
        try:
            if not self._inside(path) and not full.resolve().is_relative_to(self.root):
                return None
            with full.open("rb") as file:
                # A buffer as large as what may be read would be made, and cut down to what was read.
                return file.read(min(size, os.fstat(file.fileno()).st_size + 1))
        except (OSError, ValueError):  # ValueError: a NUL in the path
            return None

    def _inside(self, path: str) -> bool:
        """Whether the user named this path or the walk met it, through no link: it cannot lead out of the root."""
        return path == self.single or (path in self._set and path not in self._links)

    def text(self, path: str) -> str | None:
        """The text of a file, a byte-order mark and undecodable bytes tolerated."""
        data = self.read(path)
        return None if data is None else data.decode("utf-8-sig", errors="replace")

    def _walk(self) -> Iterator[str]:
        pending: list[tuple[str, _Rules]] = [("", ())]
        root = str(self.root)
        while pending:
            folder, rules = pending.pop()
            try:
                with os.scandir(posixpath.join(root, folder)) as listed:
                    entries = list(listed)
            except OSError:
                continue
            prefix = folder + "/" if folder else ""
            rules = self._rules(entries, len(prefix)) + rules
            for entry in entries:
                path = prefix + entry.name
                is_folder = entry.is_dir(follow_symlinks=False)
                if self._left_out(entry.name, path, is_folder, rules):
                    continue
                if is_folder:
                    pending.append((path, rules))
                elif entry.is_file():
                    if entry.is_symlink():
                        self._links.add(path)
                    yield path

    def _rules(self, entries: list[os.DirEntry[str]], start: int) -> _Rules:
        for entry in entries:
            if entry.name == ".gitignore" and entry.is_file():
                try:
                    text = Path(entry.path).read_text(encoding="utf-8", errors="replace")
                except OSError:
                    return ()
                return ((start, ignore(tuple(text.splitlines()))),)
        return ()

    def _left_out(self, name: str, path: str, is_folder: bool, rules: _Rules) -> bool:
        if is_folder and (name in SKIPPED_FOLDERS or (_ASSET.match(name) and not self._is_assembly)):
            return True
        if self._exclude.verdict(path, is_folder=is_folder) or _unspeakable(name):
            return True
        for start, rule in rules:
            verdict = rule.verdict(path[start:], is_folder=is_folder)
            if verdict is not None:
                return verdict and SYNTHESIZED not in path.split("/")
        return False


def _unspeakable(name: str) -> bool:
    """Whether a name is not valid UTF-8: no report could name it."""
    return not name.isascii() and any("\ud800" <= character <= "\udfff" for character in name)
