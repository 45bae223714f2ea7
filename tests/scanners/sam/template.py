"""A template as the CloudFormation reader would hand it over, for tests of the SAM expansion alone.

Knows just enough of YAML's short tags: `!Ref`, `!GetAtt`, `!Sub` of one name, `!If`; parameters are `Symbol`s, and the
lines are those of the text.
"""

from __future__ import annotations

from typing import Any

import yaml

from untangle.model.location import Location
from untangle.model.resource import Resource, Stack
from untangle.model.value import Concat, Either, Ref, Symbol, Value
from untangle.scanners.sam import Expanded, expand

STACK = Stack(id="app", path="app/template.yaml", folder="app", kind="sam")


def scan(text: str) -> Expanded:
    """The expansion of a template's text."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    sections = {key.value: value for key, value in root.value}
    parameters = {key.value for key, _ in sections["Parameters"].value} if "Parameters" in sections else set()
    resources = []
    for key, node in sections["Resources"].value:
        resources.append(_resource(key, {name.value: value for name, value in node.value}, parameters))
    general, lines = _read(sections["Globals"], (), parameters) if "Globals" in sections else ({}, {})
    return expand(tuple(resources), general, STACK, lines)


def _resource(key: Any, attributes: dict[str, Any], parameters: set[str]) -> Resource:
    properties: Value = {}
    lines: dict[Any, int] = {}
    metadata: dict[str, Value] = {}
    if "Properties" in attributes:
        properties, lines = _read(attributes["Properties"], (), parameters)
    if "Metadata" in attributes:
        metadata.update(_read(attributes["Metadata"], (), parameters)[0])
    for name in ("Connectors", "IgnoreGlobals"):
        if name in attributes:
            metadata[name], more = _read(attributes[name], (name,), parameters)
            lines |= more
    return Resource(
        id=f"{STACK.id}/{key.value}",
        type=attributes["Type"].value,
        stack=STACK.id,
        address=key.value,
        properties=properties,
        location=Location(STACK.path, key.start_mark.line + 1),
        lines=lines,
        condition=attributes["Condition"].value if "Condition" in attributes else None,
        metadata=metadata,
    )


def _read(node: Any, route: tuple[Any, ...], parameters: set[str]) -> tuple[Any, dict[Any, int]]:
    lines: dict[Any, int] = {}
    return _value(node, route, parameters, lines), lines


def _value(node: Any, route: tuple[Any, ...], parameters: set[str], lines: dict[Any, int]) -> Value:
    if node.tag == "!If":
        condition, *sides = node.value
        values = tuple(_value(side, route, parameters, lines) for side in sides)
        return Either(values, (condition.value, f"not {condition.value}"))
    if node.tag == "!Ref":
        return _ref(node.value, parameters)
    if node.tag == "!GetAtt":
        name, _, attribute = node.value.partition(".")
        return Ref(f"{STACK.id}/{name}", attribute)
    if node.tag == "!Sub":
        before, _, rest = node.value.partition("${")
        name, _, after = rest.partition("}")
        return Concat(tuple(part for part in (before, _ref(name, parameters), after) if part != ""))
    if isinstance(node, yaml.MappingNode):
        made = {}
        for key, value in node.value:
            here = (*route, key.value)
            lines.setdefault(here, key.start_mark.line + 1)
            made[key.value] = _value(value, here, parameters, lines)
        return made
    if isinstance(node, yaml.SequenceNode):
        items = []
        for index, item in enumerate(node.value):
            lines.setdefault((*route, index), item.start_mark.line + 1)
            items.append(_value(item, (*route, index), parameters, lines))
        return tuple(items)
    loader = yaml.SafeLoader("")
    return loader.construct_object(node)


def _ref(name: str, parameters: set[str]) -> Value:
    if name == "AWS::NoValue":
        return None
    if name.startswith("AWS::"):
        return Symbol(name)
    return Symbol(name, STACK.id) if name in parameters else Ref(f"{STACK.id}/{name}")


def resource(expanded: Expanded, address: str, type: str | None = None) -> Resource:
    """The resource of this logical id, of this type where one is given."""
    found = {item.address: item for item in expanded.resources}
    assert address in found, f"{address} is none of {sorted(found)}"
    assert type in (None, found[address].type)
    return found[address]


def statements(expanded: Expanded, role: str) -> list[Any]:
    """The statements of a role's own policies."""
    policies: Any = resource(expanded, role, "AWS::IAM::Role").get("Policies") or ()
    return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
