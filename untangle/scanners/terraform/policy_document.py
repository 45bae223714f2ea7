"""`aws_iam_policy_document`: the document that its blocks describe, as IAM writes it.

Source: the AWS provider's documentation of the data source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from untangle.model.value import Value
from untangle.scanners.terraform.body import attributes
from untangle.scanners.terraform.json_text import structure
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.syntax import Body

_LISTS = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource", "not_resources": "NotResource"}
_PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}


def policy_document(scope: Scope, body: Body, place: str) -> Value:
    """The document as a mapping. A source document that is not known stands among the statements."""
    said = attributes(scope, body, place, {})
    before = [*_listed(said.get("source_policy_documents")), *_listed(said.get("source_json"))]
    after = [*_listed(said.get("override_policy_documents")), *_listed(said.get("override_json"))]
    statements: list[Value] = []
    for source in before:
        statements = _overridden(statements, _statements(source))
    statements = _overridden(statements, [_statement(block) for block in _listed(said.get("statement"))])
    for source in after:
        statements = _overridden(statements, _statements(source))
    document: dict[str, Value] = {"Version": said.get("version") or "2012-10-17", "Statement": tuple(statements)}
    if said.get("policy_id"):
        document["Id"] = said["policy_id"]
    return document


def _listed(value: Value) -> tuple[Value, ...]:
    return () if value is None else value if isinstance(value, tuple) else (value,)


def _statements(source: Value) -> list[Value]:
    found = structure(source)
    if isinstance(found, Mapping):
        return list(_listed(found.get("Statement")))
    return [] if found in ("", None) else [found]


def _overridden(statements: list[Value], others: Iterable[Value]) -> list[Value]:
    """Statements with others added; one with the same Sid takes the place of the first."""
    result = list(statements)
    for other in others:
        same = [i for i, statement in enumerate(result) if _sid(other) and _sid(statement) == _sid(other)]
        if same:
            result[same[0]] = other
        else:
            result.append(other)
    return result


def _sid(statement: Value) -> Value:
    return statement.get("Sid") if isinstance(statement, Mapping) else None


def _statement(block: Value) -> Value:
    if not isinstance(block, Mapping):
        return block
    found: dict[str, Value] = {}
    if block.get("sid"):
        found["Sid"] = block["sid"]
    found["Effect"] = block.get("effect") or "Allow"
    for name, key in _LISTS.items():
        if block.get(name):
            found[key] = block[name]
    for name, key in _PRINCIPALS.items():
        if block.get(name):
            found[key] = _principals(_listed(block[name]))
    if block.get("condition"):
        found["Condition"] = _conditions(_listed(block["condition"]))
    return found


def _principals(blocks: tuple[Value, ...]) -> Value:
    found: dict[str, tuple[Value, ...]] = {}
    for block in blocks:
        if not isinstance(block, Mapping):
            continue
        kind, identifiers = block.get("type"), _listed(block.get("identifiers"))
        if kind == "*":
            return "*"
        found[str(kind)] = found.get(str(kind), ()) + identifiers
    return found


def _conditions(blocks: tuple[Value, ...]) -> Value:
    found: dict[str, dict[str, Value]] = {}
    for block in blocks:
        if isinstance(block, Mapping):
            tests = found.setdefault(str(block.get("test")), {})
            variable = str(block.get("variable"))
            tests[variable] = _listed(tests.get(variable)) + _listed(block.get("values"))
    return {test: dict(variables) for test, variables in found.items()}
