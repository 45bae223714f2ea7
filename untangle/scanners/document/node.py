"""What a located document is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias


class Map(dict[str, Any]):
    """A mapping that knows the line of its start (`line`) and of every key (`lines`).

    `path` is set where it was put into a document from another file, whose lines these then are.
    """

    __slots__ = ("line", "lines", "path")

    def __init__(
        self,
        items: Iterable[tuple[str, Any]] = (),
        line: int = 1,
        lines: dict[str, int] | None = None,
        path: str | None = None,
    ) -> None:
        if items:
            super().__init__(items)
        self.line = line
        self.lines: dict[str, int] = {} if lines is None else lines
        self.path = path


class Seq(list[Any]):
    """A sequence that knows the line of its start (`line`) and of every item (`lines`)."""

    __slots__ = ("line", "lines")

    def __init__(self, items: Iterable[Any] = (), line: int = 1, lines: list[int] | None = None) -> None:
        if items:
            super().__init__(items)
        self.line = line
        self.lines: list[int] = [] if lines is None else lines


Node: TypeAlias = Map | Seq | str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong in a document; `line` counts from 1."""

    rule: str
    message: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document as far as it could be read. `broken` says that it could not be read to its end; `root` is then None."""

    root: Node
    faults: tuple[Fault, ...] = ()
    broken: bool = False


# A template nests some twenty levels deep; what goes beyond this is made to hurt the reader.
MAX_DEPTH = 100


def broken(message: str, line: int, rule: str = "template-syntax") -> Document:
    """A document that could not be read, with the reason."""
    return Document(root=None, faults=(Fault(rule=rule, message=message, line=line),), broken=True)
