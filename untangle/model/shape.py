"""The shape of a message as far as code shows it: what is put in, what is read out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from untangle.model.location import Location
from untangle.model.value import Value

# A step of a path into a message: a key, "*" for every element of an array, "()" for JSON text decoded.
ANY_ELEMENT = "*"
DECODED = "()"
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A JSON value as far as it is literal in the code.

    `kind` is a JSON Schema type name or "any". `source` is where a value that is not literal comes from (an `Env`, a
    `Received`, a partly known `Concat`). `open` says that more properties may be there (a `**spread`, a variable).
    `encoded` marks JSON text: the shape is that of the decoded value.
    """

    kind: str = "any"
    properties: Mapping[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    constant: str | int | float | bool | None = None
    source: Value = None
    open: bool = False
    encoded: bool = False


ANYTHING = Shape()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One path that a handler reads from its event. `required` where a missing key would raise."""

    path: Path
    required: bool
    location: Location | None = None
