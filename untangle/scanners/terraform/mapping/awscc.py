"""The Cloud Control provider (`awscc_*`): CloudFormation's own resource types and properties, spelled with underscores.

The spelling is undone by rule; where CloudFormation's capitals follow no rule (`KinesisStreamARN`), the other tables know them.
https://registry.terraform.io/providers/hashicorp/awscc/latest/docs
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from untangle.model.value import Either, Value
from untangle.scanners.terraform.json_text import structure
from untangle.scanners.terraform.mapping.table import Fields, Many, One, Table, pascal

MAX_DEPTH = 24
PREFIX = "awscc_"
# What stands in these is the user's own: keys are left as they are, and text may be JSON.
OPAQUE = frozenset(
    (
        *("variables", "event_pattern", "filter_policy", "policy_document", "assume_role_policy_document", "redrive_policy"),
        *("definition", "definition_string", "body", "input_paths_map", "request_templates", "request_parameters", "tags"),
    )
)


class Spelling:
    """CloudFormation's spelling of what the `awscc` provider writes, learned from the tables of the `aws` provider."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self._types: dict[str, Table] = {}
        self._names: dict[str, str] = {}
        for table in tables:
            self._types.setdefault("awscc" + "".join(table.to.split("::")[1:]).lower(), table)
            for name in _names(table.fields):
                self._names.setdefault(name.lower(), name)

    def table(self, type: str) -> Table | None:
        """The table of the `aws` provider for the same CloudFormation type, which knows the type and its references."""
        return self._types.get(type.replace("_", "")) if type.startswith(PREFIX) else None

    def properties(self, value: Value, depth: int = 0) -> Value:
        """The attributes in CloudFormation's spelling; absent ones are left out."""
        if depth > MAX_DEPTH:
            return None
        if isinstance(value, tuple):
            return tuple(self.properties(item, depth + 1) for item in value)
        if isinstance(value, Either):
            return Either(tuple(self.properties(option, depth + 1) for option in value.options), value.conditions)
        if not isinstance(value, Mapping):
            return value
        return {
            self._spelled(key): structure(inner) if key in OPAQUE else self.properties(inner, depth + 1)
            for key, inner in value.items()
            if inner is not None
        }

    def moves(self, attributes: Mapping[str, Value]) -> list[tuple[tuple[str | int, ...], tuple[str | int, ...]]]:
        """Where each attribute stood and where its property stands."""
        return [((key,), (self._spelled(key),)) for key in attributes]

    def _spelled(self, key: str) -> str:
        return self._names.get(key.replace("_", ""), pascal(key))


def _names(fields: Fields) -> Iterator[str]:
    """Every property name that fields write to."""
    for field in fields.values():
        to = field if isinstance(field, str) else field.to
        yield from (name for name in to.split(".") if name)
        if isinstance(field, One | Many):
            yield from _names(field.fields)
            if isinstance(field, Many) and field.under:
                yield field.under
