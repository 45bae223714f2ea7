"""What the expansion of one stack's SAM resources yields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from untangle.model.resource import Gap, Problem, Resource
from untangle.model.value import Concat, Either, Imported, Ref, Stored, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """Canonical resources, and what could not be known or is wrong.

    `references` maps SAM's own names for generated resources (`<stack>/MyFn.Alias`, `<stack>/MyFn.DestinationQueue`) to
    resource ids; `settle` applies it to values outside the resources (outputs, exports).
    """

    resources: tuple[Resource, ...]
    gaps: tuple[Gap, ...] = ()
    problems: tuple[Problem, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)

    def settle(self, value: Value) -> Value:
        """The value with SAM's own names replaced by the ids of the resources they stand for."""
        return settle(value, self.references) if self.references else value


def settle(value: Value, references: Mapping[str, str]) -> Value:
    """`Ref("s/F.Alias")`, `Ref("s/F", "DestinationQueue.Arn")` -> the generated resource; all else as it is."""
    if value is None or isinstance(value, str):  # what most values are
        return value
    if isinstance(value, Mapping):
        return {key: settle(inner, references) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple([settle(inner, references) for inner in value])
    if isinstance(value, Ref):
        return _settled(value, references)
    if isinstance(value, Concat):
        return Concat(tuple(settle(part, references) for part in value.parts))
    if isinstance(value, Either):
        return Either(tuple(settle(option, references) for option in value.options), value.conditions)
    if isinstance(value, Imported):
        return Imported(settle(value.name, references))
    if isinstance(value, Stored):
        return Stored(value.store, settle(value.name, references))
    return value


def _settled(ref: Ref, references: Mapping[str, str]) -> Ref:
    direct = references.get(ref.resource)
    if direct is not None:
        return Ref(direct, ref.attribute)
    first, _, rest = ref.attribute.partition(".")
    inner = references.get(f"{ref.resource}.{first}") if first else None
    return ref if inner is None else Ref(inner, rest)
