"""Where a check stands: the route into the definition, the query language there, and the making of diagnostics."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from untangle.asl.diagnostic import SCHEMA, Diagnostic, closest, pointer


def is_open(value: object) -> bool:
    """Whether a text holds a placeholder: `${Name}` of a substitution, or an expression of Terraform's templates."""
    return isinstance(value, str) and "}" in value.partition("${")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A place in a definition. `variables` are the names that are visible here; `express` machines have no waiting tasks."""

    route: tuple[str | int, ...] = ()
    language: str = "JSONPath"
    variables: frozenset[str] = frozenset()
    express: bool = False

    def at(self, *steps: str | int) -> Scope:
        """The scope further down."""
        route = (*self.route, *steps)  # written out: `replace` would take half of all the time
        return Scope(route=route, language=self.language, variables=self.variables, express=self.express)

    def problem(
        self,
        code: str,
        message: str,
        *steps: str | int,
        hint: str | None = None,
        severity: str = "error",
        misplaced: bool = False,
    ) -> Diagnostic:
        """A diagnostic about this place or one below it; a hint is told in the message too."""
        text = f"{message}; write {hint}" if hint else message
        place = pointer(*self.route, *steps)
        return Diagnostic(code=code, message=text, pointer=place, hint=hint, severity=severity, misplaced=misplaced)

    def unknown(self, value: Mapping[str, Any], allowed: Collection[str], what: str) -> Iterator[Diagnostic]:
        """Fields that do not belong here, each with the one that is spelled like it."""
        for name in value:
            if name not in allowed:
                hint = closest(name, set(allowed) - set(value))
                yield self.problem(SCHEMA, f"{what} has no field {name!r}", str(name), hint=hint, misplaced=True)
