"""What comes from outside the code: environment variables, and JSON text in literals and in the template's values."""

from __future__ import annotations

import ast
import json

from untangle.model.value import REGION, Concat, Env, Symbol, Value
from untangle.scanners.code.python.attributes import Attributes
from untangle.scanners.code.python.domain import Abstract, DictOf, ListOf, OneOf, Scope, either, unknown


class Outside(Attributes):
    """Reads variables and JSON."""

    def noted(self, name: str) -> Env:
        """The environment variable of this name, noted as read."""
        self.variables.setdefault(name, self.location)
        return Env(name)

    def variable(self, name: Abstract, default: Abstract, node: ast.AST, scope: Scope, *, has_default: bool = False) -> Abstract:
        """The value of an environment variable; its default where the template is seen not to set it."""
        if isinstance(name, OneOf):
            return either(self.variable(option, default, node, scope, has_default=has_default) for option in name.options)
        if not isinstance(name, str):
            return unknown(scope.source, node)
        if name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            return REGION
        self.variables.setdefault(name, scope.source.at(node))
        if not has_default or default is None or name.startswith("AWS_"):
            return Env(name)
        if self.environment is not None:
            return Env(name) if name in self.environment else default
        return either([Env(name), default])

    def from_json(self, text: str) -> Abstract:
        """A JSON text as containers."""
        try:
            return self._contained(json.loads(text), {})
        except (ValueError, RecursionError):
            return Symbol("JSON")

    def from_template(self, value: Value) -> Abstract:
        """JSON text that a template put together, as containers; None where it is not that."""
        parts = value.parts if isinstance(value, Concat) else (value,)
        marks: dict[str, Value] = {}
        text = ""
        for i, part in enumerate(parts):
            if not isinstance(part, str):
                marks[f"\ue000{i}\ue001"] = part
            text += part if isinstance(part, str) else f"\ue000{i}\ue001"
        try:
            return self._contained(json.loads(text), marks)
        except (ValueError, RecursionError):
            return None

    def _contained(self, value: object, marks: dict[str, Value], depth: int = 0) -> Abstract:
        if depth > 12:
            return Symbol("JSON")
        if isinstance(value, dict):
            return DictOf({key: self._contained(inner, marks, depth + 1) for key, inner in value.items()})
        if isinstance(value, list):
            return ListOf([self._contained(inner, marks, depth + 1) for inner in value])
        if isinstance(value, str) and marks:
            return _restored(value, marks)
        return value


def _restored(text: str, marks: dict[str, Value]) -> Abstract:
    if text in marks:
        return marks[text]
    parts: list[Value] = [text]
    for mark, known in marks.items():
        split: list[Value] = []
        for part in parts:
            pieces = part.split(mark) if isinstance(part, str) else [part]
            for i, piece in enumerate(pieces):
                split.extend([known, piece] if i else [piece])
        parts = [part for part in split if part != ""]
    return parts[0] if len(parts) == 1 else Concat(tuple(parts))
