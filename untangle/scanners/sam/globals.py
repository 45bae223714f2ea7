"""The `Globals` section: what every resource of a kind inherits.

Mappings are merged key by key, lists are the global one followed by the resource's own, anything else is overridden by
the resource (docs.aws.amazon.com, "Globals section of the AWS SAM template"). An Fn::If counts as a scalar.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from untangle.model.resource import Resource, Route
from untangle.model.value import Value
from untangle.scanners.sam.part import options

PREFIX = "AWS::Serverless::"

# Lists that a resource replaces instead of extending.
_REPLACED = frozenset({("Function", "Architectures")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Globals:
    """The evaluated section with the line of each of its routes; `path` is the template's file, which they count in."""

    values: Mapping[str, Value]
    lines: Mapping[Route, int]
    path: str

    def inherit(self, resource: Resource) -> Resource:
        """The resource with what it inherits; its lines then point into the section where a value is written there."""
        if not resource.type.startswith(PREFIX):
            return resource
        section = resource.type.removeprefix(PREFIX)
        inherited = self.values.get(section)
        if not isinstance(inherited, Mapping):
            return resource
        ignored = _ignored(resource.metadata.get("IgnoreGlobals"))
        wanted = {key: value for key, value in inherited.items() if ignored is not None and key not in ignored}
        merge = _Merge(section)
        properties = merge.values(wanted, resource.properties, ())
        if not isinstance(properties, Mapping):
            return resource
        return replace(resource, properties=properties, lines=self._lines(section, resource, merge))

    def _lines(self, section: str, resource: Resource, merge: _Merge) -> Mapping[Route, int]:
        lines: dict[Route, int] = {}
        for route, line in resource.lines.items():
            lines[merge.shifted(route)] = line
        included = resource.location is not None and resource.location.path != self.path
        for route, line in () if included else self.lines.items():
            inner = route[1:]
            if route[:1] == (section,) and any(inner[:end] in merge.inherited for end in range(1, len(inner) + 1)):
                lines.setdefault(inner, line)
        return lines


class _Merge:
    """One merge: remembers what came from the section and by how much the resource's own list items moved."""

    def __init__(self, section: str) -> None:
        self.section = section
        self.inherited: set[Route] = set()
        self.shifts: dict[Route, int] = {}

    def values(self, general: Value, own: Value, route: Route) -> Value:
        if isinstance(general, Mapping) and isinstance(own, Mapping):
            return {key: self._entry(general, own, key, route) for key in [*general, *(key for key in own if key not in general)]}
        both = isinstance(general, tuple) and isinstance(own, tuple)
        if both and (self.section, *route) not in _REPLACED and isinstance(general, tuple) and isinstance(own, tuple):
            self.shifts[route] = len(general)
            self.inherited.update((*route, index) for index in range(len(general)))
            return general + own
        return own

    def _entry(self, general: Mapping[str, Value], own: Mapping[str, Value], key: str, route: Route) -> Value:
        if key not in own:
            self.inherited.add((*route, key))
            return general[key]
        return self.values(general[key], own[key], (*route, key)) if key in general else own[key]

    def shifted(self, route: Route) -> Route:
        for length in range(len(route)):
            index = route[length]
            if isinstance(index, int) and route[:length] in self.shifts:
                return (*route[:length], index + self.shifts[route[:length]], *route[length + 1 :])
        return route


def _ignored(value: Value) -> frozenset[str] | None:
    """The names of the properties that are not inherited; None where none is."""
    names: set[str] = set()
    for option, _ in options(value):
        if option == "*":
            return None
        if isinstance(option, tuple):
            names.update(item for item in option if isinstance(item, str))
    return frozenset(names)
