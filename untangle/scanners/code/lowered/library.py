"""What a language tells the interpreter about its own packages and SDK."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from untangle.scanners.code.lowered.syntax import Expr, Program
from untangle.scanners.code.lowered.things import (
    Client,
    Closure,
    Factory,
    Message,
    Native,
    Record,
    Scope,
    Thing,
    Unknown,
    options,
)


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

    def by(self, *steps: Hashable) -> AbstractContextManager[None]:
        """What is followed inside was come to by these steps."""

    def get(self, thing: Thing, name: str) -> Thing:
        """A member of a thing."""

    def method(self, owner: Thing, name: str, arguments: list[Thing], site: Site, *, new: bool = False) -> Thing:
        """A method of a thing."""

    def called(self, owner: Thing, name: str) -> Thing:
        """The repository's method of this name that a thing has; None without one."""

    def value(self, expression: Expr, scope: Scope) -> Thing:
        """What an expression is worth."""

    def module(self, path: str) -> Record:
        """The exports of a module."""

    def missed(self, what: str, why: str, path: str) -> None:
        """Notes that something could not be followed."""

    def record(self, service: str, operation: str, parameters: Thing, site: Site, mediated: str | None = None) -> Thing:
        """Notes an SDK request."""

    def send(self, command: Thing, site: Site) -> Thing:
        """Sends a request object."""

    def repeated(self, site: Site, over: Thing = None) -> AbstractContextManager[None]:
        """A callback that is called for every element of what is gone over."""

    def caught(self, site: Site) -> AbstractContextManager[None]:
        """A callback that is called when something failed."""

    def shielded(self) -> AbstractContextManager[None]:
        """What is raised inside may be taken by code that is not followed."""


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

    @property
    def implicit_this(self) -> bool:
        """Whether a bare name may be a member of the instance that a method runs on."""

    @property
    def commonjs(self) -> bool:
        """Whether files have `module` and `exports`, and functions `arguments`."""

    def name(self, name: str, path: str, interpreter: Follower) -> Thing:
        """A name that nothing in the file declares."""

    def method(self, owner: Thing, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> tuple[bool, Thing]:
        """Whether a method has a meaning in this language that is not the same in all, and then what it gives."""

    def step(self, message: Message, name: str, interpreter: Follower) -> tuple[str, Thing]:
        """The key of the message that a member of it stands for, and the declared type of what lies there.

        A list has the type of its elements.
        """

    def instance(self, type: Thing, interpreter: Follower) -> Thing:
        """What a value of this declared type is, where the code that makes it is not seen."""

    def enter(self, path: str, name: str, event: Thing, interpreter: Follower) -> bool:
        """Calls the handler of this name in a module with the event; whether it is there."""


class Plain:
    """What holds in a language that says nothing else."""

    implicit_this = False
    commonjs = False

    def context(self) -> Thing:
        """What a handler gets beside its event."""
        return Unknown("context")

    def name(self, name: str, path: str, interpreter: Follower) -> Thing:
        """See `Library.name`."""
        return Unknown(name)

    def method(self, owner: Thing, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> tuple[bool, Thing]:
        """See `Library.method`."""
        return False, None

    def step(self, message: Message, name: str, interpreter: Follower) -> tuple[str, Thing]:
        """See `Library.step`."""
        return name, None

    def instance(self, type: Thing, interpreter: Follower) -> Thing:
        """See `Library.instance`."""
        return Unknown()

    def enter(self, path: str, name: str, event: Thing, interpreter: Follower) -> bool:
        """See `Library.enter`."""
        handler: Thing = interpreter.module(path)
        if not name:  # a script: its top level is all that there is
            return True
        for part in name.split("."):
            handler = interpreter.get(handler, part)
        found = any(
            isinstance(option, Closure | Factory) or (isinstance(option, Unknown) and option.closures)
            for option in options(handler)
        )
        if found:
            interpreter.apply(handler, [event, self.context()], Site(path, 1, name))
        return found
