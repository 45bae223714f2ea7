"""Where the two ends of a hop part: the consumer needs what the producer is never seen to write."""

from __future__ import annotations

from collections.abc import Iterator

from untangle.model.contract import Breach
from untangle.model.location import Location
from untangle.model.shape import ANY_ELEMENT, DECODED, Path, Read, Shape

Produced = tuple[Shape, Location | None]


def breaches(shapes: list[Produced], reads: list[tuple[Path, Read]]) -> Iterator[Breach]:
    """One breach per required path that a producer's call, fully known, does not write.

    A shape that is open or only partly literal proves nothing and is never held against its producer.
    """
    seen: set[Path] = set()
    for path, read in sorted(reads, key=lambda item: (item[0], str(item[1].location))):
        if not read.required or path in seen:
            continue
        for shape, place in shapes:
            missing = _missing(shape, path)
            if missing is not None:
                seen.add(path)
                written = f" at {place}" if place else ""
                message = f"{_said(path)} is required by the consumer; the producer{written} never writes {missing!r}"
                yield Breach(path=_said(path), message=message, location=read.location)
                break


def _missing(shape: Shape, path: Path) -> str | None:
    """The key of a path that a closed shape does not have; None where the path is there, or may be."""
    here = shape
    for step in path:
        if step == DECODED:
            continue
        if step == ANY_ELEMENT:
            if here.items is None:
                return None
            here = here.items
            continue
        if step in here.properties:
            here = here.properties[step]
            continue
        closed = here.kind == "object" and not here.open and here.source is None
        return step if closed and here.properties else None
    return None


def _said(path: Path) -> str:
    return ".".join(step for step in path if step != DECODED) or "the message"
