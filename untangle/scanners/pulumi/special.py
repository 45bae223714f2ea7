"""What a state holds beside plain JSON: secrets, assets and archives, references to resources, values not known yet.

Each is an object with the same marker key. A secret is never read, whether it stands there encrypted or, in a state that was
exported with its secrets shown, in plain text: it becomes an unknown with an identity.
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from untangle.model.value import Symbol, Value

MARKER = "4dabf18193072939515e22adb298388d"
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: in which stack, and the words that name it."""

    scope: str
    name: str

    def inside(self, key: str | int) -> Place:
        """The place of a part."""
        return Place(self.scope, f"{self.name}.{key}")

    @property
    def unknown(self) -> Symbol:
        """The unknown that stands there."""
        return Symbol(self.name, self.scope)


def marked(value: Value) -> str | None:
    """What kind of thing an object is; None for plain ones."""
    kind = value.get(MARKER) if isinstance(value, Mapping) else None
    return None if kind is None else kind if isinstance(kind, str) else ""


def plain(value: Value, place: Place, depth: int = 0) -> Value:
    """The value without anything special in it: what is secret or not known yet is an unknown, a resource is its id."""
    if value == UNKNOWN or depth > MAX_DEPTH:
        return place.unknown
    if isinstance(value, tuple):
        return tuple(plain(item, place.inside(i), depth + 1) for i, item in enumerate(value))
    if not isinstance(value, Mapping):
        return value
    kind = marked(value)
    if kind is None:
        return {key: plain(item, place.inside(key), depth + 1) for key, item in value.items()}
    if kind in (ASSET, ARCHIVE):
        return None
    id = value.get("id") if kind == REFERENCE else None
    return id if isinstance(id, str) and id != UNKNOWN else place.unknown


def secrets(value: Value, name: str, depth: int = 0) -> Iterator[str]:
    """The dotted names of all that is secret in a value of this name."""
    if isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from secrets(item, f"{name}.{i}", depth + 1) if depth < MAX_DEPTH else ()
    elif isinstance(value, Mapping) and marked(value) is None:
        for key, item in value.items():
            yield from secrets(item, f"{name}.{key}", depth + 1) if depth < MAX_DEPTH else ()
    elif isinstance(value, Mapping) and marked(value) not in (ASSET, ARCHIVE, REFERENCE):
        yield name
