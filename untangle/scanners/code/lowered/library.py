"""What a language tells the interpreter about its own packages and SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from untangle.scanners.code.lowered.syntax import Program
from untangle.scanners.code.lowered.things import Client, Native, Thing

if TYPE_CHECKING:
    from untangle.scanners.code.lowered.core import Core, Site


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

    def call(self, native: Native, arguments: list[Thing], site: Site, interpreter: Core, *, new: bool) -> Thing:
        """A call of something native."""

    def send(self, client: Client, method: str, arguments: list[Thing], site: Site, interpreter: Core) -> Thing:
        """A method of an SDK client."""
