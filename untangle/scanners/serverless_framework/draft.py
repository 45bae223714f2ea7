"""One service while it is written out: what `resources` declares and what the framework generates beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from untangle.model.location import Location
from untangle.model.resource import Problem, Resource, Route
from untangle.model.value import Value
from untangle.scanners.sam.draft import Draft, Moved
from untangle.scanners.sam.part import Part

ORIGIN = "serverless framework"


@dataclass(kw_only=True)
class ServiceDraft(Draft):
    """Collects the resources of one service by the logical ids that CloudFormation sees.

    What is generated under a logical id that `resources` declares too is merged with it, the declared properties winning, as
    the framework does. `functions` are the keys of the functions by their logical ids.
    """

    functions: dict[str, str] = field(default_factory=dict)

    def make(
        self,
        part: Part,
        address: str,
        type: str,
        values: Mapping[str, Value],
        *,
        origin: str = ORIGIN,
        moved: Iterable[Moved] = (),
        lines: Mapping[Route, int] | None = None,
        metadata: Mapping[str, Value] | None = None,
    ) -> Resource:
        """See `Draft.make`."""
        given = self.made.get(self.id(address))
        if given is None or given.origin is not None or given.type != type:
            return super().make(part, address, type, values, origin=origin, moved=moved, lines=lines, metadata=metadata)
        del self.made[given.id]
        made = super().make(part, address, type, values, origin=origin, moved=moved, lines=lines, metadata=metadata)
        here = made.location is not None and given.location is not None and made.location.path == given.location.path
        merged = replace(
            made,
            properties=merge(made.properties, given.properties),
            lines={**made.lines, **given.lines} if here else made.lines,
            condition=given.condition or made.condition,
            origin=None,
        )
        self.made[made.id] = merged
        return merged

    def problem(self, part: Part, message: str) -> None:
        """See `Draft.problem`."""
        location = part.location or Location(self.stack.path)
        self.problems.append(Problem(rule="template-shape", message=message, location=location))


def merge(base: Mapping[str, Value], over: Mapping[str, Value]) -> dict[str, Value]:
    """Two mappings as one: mappings in both are merged, lists put together, all else is that of `over`."""
    result = dict(base)
    for key, value in over.items():
        known = result.get(key)
        if isinstance(known, Mapping) and isinstance(value, Mapping):
            result[key] = merge(known, value)
        elif isinstance(known, tuple) and isinstance(value, tuple):
            result[key] = known + tuple(item for item in value if item not in known)
        else:
            result[key] = value
    return result
