"""What a language tells the interpreter about its own packages and SDK."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from untangle.scanners.code.lowered.syntax import Program
from untangle.scanners.code.lowered.things import Client, Native, Thing


@dataclass(frozen=True, slots=True)
class Site:
    """The place of a call in the source."""

    path: str
    line: int
    text: str


class Follower(Protocol):
    """What a library may ask of the interpreter."""

    def apply(self, callee: Thing, arguments: list[Thing], site: Site, *, new: bool = False) -> Thing:
        """Calls a thing."""

    def get(self, thing: Thing, name: str) -> Thing:
        """A member of a thing."""

    def record(self, service: str, operation: str, parameters: Thing, site: Site, mediated: str | None = None) -> Thing:
        """Notes an SDK request."""

    def send(self, command: Thing, site: Site) -> Thing:
        """Sends a request object."""

    def repeated(self, site: Site) -> AbstractContextManager[None]:
        """A callback that is called for every element."""

    def caught(self, site: Site) -> AbstractContextManager[None]:
        """A callback that is called when something failed."""


class Library(Protocol):
    """The knowledge of one language."""

    def program(self, path: str) -> Program | None:
        """The lowered file; None where it cannot be read."""

    def locate(self, source: str, path: str) -> str | None:
        """The file of the repository that an import in `path` names; None for a package."""

    def package(self, source: str) -> Thing:
        """What importing a package gives."""

    def globals(self) -> dict[str, Thing]:
        """The names that are there without an import."""

    def member(self, native: Native, name: str) -> Thing:
        """A member of something native."""

    def call(self, native: Native, arguments: list[Thing], site: Site, interpreter: Follower, *, new: bool) -> Thing:
        """A call of something native."""

    def send(self, client: Client, method: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
        """A method of an SDK client."""
