"""Files in memory that the readers of code take for a tree."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path

from untangle.scanners.tree import MAX_FILE, Tree


class InMemory(Tree):
    """A `Tree` of files that lie nowhere: by their path, all in one folder; nothing is looked for on disk."""

    def __init__(self, folder: str, files: Mapping[str, bytes]) -> None:
        self.given = self.root = Path(folder)
        self.single = None
        self._claimed: set[str] = set()
        self._held = {posixpath.join(folder, path): data for path, data in files.items()}

    def _walk(self) -> Iterator[str]:
        yield from self._held

    def listed(self, path: str) -> tuple[str, ...]:
        """The files directly in a folder."""
        return self.folder(path)

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None where there is none, or where it is too large."""
        data = self._held.get(path)
        return data if data is not None and len(data) <= MAX_FILE else None

    def start(self, path: str, size: int = 65_536) -> bytes | None:
        """The first bytes of a file."""
        data = self._held.get(path)
        return None if data is None else data[:size]
