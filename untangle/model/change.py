"""What is to be written: new files and, later, edits by exact span."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class NewFile:
    """A file to be made; `path` is relative and `/`-separated, `text` ends in a newline."""

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Everything untangle would add for one chain. `fingerprint` is that of its definitions (see `certificate`), "" for none."""

    chain: str
    title: str
    body: str
    files: tuple[NewFile, ...]
    fingerprint: str = ""
