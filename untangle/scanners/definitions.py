"""State machine definitions wherever they stand: alone in a file, or as a resource of a template or configuration.

What a template leaves open in a definition (a function's ARN, a substitution) stands in it as `${Name}`, which the checks of
`asl` know for a text that is filled in later.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from untangle.asl import Document, parse
from untangle.asl.diagnostic import BAD_JSON, Diagnostic, pointer
from untangle.model.resource import Inventory, Resource, Stack
from untangle.model.value import Concat, Either, Value, show
from untangle.scanners.definition_text import text_of
from untangle.scanners.document import Map, Seq, read_document
from untangle.scanners.tree import Tree

_MACHINE = "AWS::StepFunctions::StateMachine"
_SUFFIXES = (".json", ".yaml", ".yml", ".asl", ".json5")
_FILLED = (".tpl", ".tftpl", ".tmpl")  # whose directives are read by whoever fills them in
_DEEPEST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One definition: its file, relative to the root, what it says, and the address of its resource in a template.

    `resource` is the id of the resource that it belongs to, also where it stands in a file of its own.
    """

    path: str
    document: Document
    address: str | None = None
    resource: str | None = None


def definitions(tree: Tree, inventory: Inventory) -> tuple[Definition, ...]:
    """Every definition in a file or below a folder, sorted by file and place; `inventory` is what the scanners found there.

    A file that was named is taken for a definition where it is no template, so that one that is broken is told of.
    """
    found = list(_of_resources(tree, inventory))
    seen = {item.path for item in found if item.address is None}
    held = {item.path for item in found} | {source.path for source in inventory.sources}
    for path in tree.templates:
        if (path.endswith((*_SUFFIXES, *_FILLED)) or tree.single) and path not in seen | held:
            alone = _alone(tree, path, named=tree.single is not None)
            found += [alone] if alone else []
    once = {(item.path, item.address, repr(item.document.value)): item for item in found}  # a module may be used many times
    return tuple(sorted(once.values(), key=lambda item: (item.path, item.address or "")))


def _alone(tree: Tree, path: str, *, named: bool) -> Definition | None:
    """A file that is a definition; one that was named, or whose name says so, may also be no more than meant as one."""
    data = tree.read(path)
    meant = data is not None and b"StartAt" in data and b"States" in data
    if data is None or not (meant or (named and path.endswith(_SUFFIXES))):
        return None
    named = named or path.endswith(".asl") or (".asl." in path and not path.endswith(_FILLED))
    document = _written(tree.text(path) or "", path)
    value = document.value
    if named or (isinstance(value, Mapping) and "StartAt" in value and "States" in value):
        return Definition(path=path, document=document)
    return None


def _written(text: str, path: str) -> Document:
    """A definition's text: JSON, or YAML where the file says so or the text is no JSON object."""
    if path.endswith((".json", ".asl", ".json5")) or text.lstrip()[:1] == "{":
        return parse(text)
    return _yaml(text)


def _uploaded(text: str, path: str) -> Document:
    """A file that a template names: CloudFormation's resource reads as YAML what is no JSON, so a comma too many does no harm.

    Source: DefinitionProcessor in aws-cloudformation-resource-providers-stepfunctions.
    """
    document = _written(text, path)
    if document.value is not None or not document.problems:
        return document
    read = _yaml(text)
    if read.problems or not (isinstance(read.value, Mapping) and "States" in read.value):
        return document
    faults = (replace(fault, severity="warning", message=f"no JSON: {fault.message}") for fault in document.problems)
    return replace(read, problems=tuple(faults))


def _yaml(text: str) -> Document:
    read = read_document(text.encode(), core=True)  # YAML 1.2, as CloudFormation's resource and the editors' toolkits read it
    lines: dict[str, int] = {}
    value = _located(read.root, (), read.root.line if isinstance(read.root, Map | Seq) else 1, lines)
    faults = tuple(Diagnostic(code=BAD_JSON, message=fault.message, line=fault.line) for fault in read.faults)
    return Document(value=value, lines=lines, problems=faults)


def _located(node: Any, route: tuple[str | int, ...], line: int, lines: dict[str, int]) -> Any:
    """A YAML node as plain data; the line of every value goes into `lines`. (Depth is bounded by the reader.)"""
    lines[pointer(*route)] = line
    if isinstance(node, Map):
        return {key: _located(inner, (*route, key), node.lines.get(key, line), lines) for key, inner in node.items()}
    if isinstance(node, Seq):
        return [_located(inner, (*route, i), at, lines) for i, (inner, at) in enumerate(zip(node, node.lines, strict=False))]
    return node


def _of_resources(tree: Tree, inventory: Inventory) -> Iterator[Definition]:
    stacks = {stack.id: stack for stack in inventory.stacks}
    files: set[str] = set()
    for resource in inventory.resources:
        if resource.type != _MACHINE or resource.location is None:
            continue
        document = _of_properties(resource)
        if document is not None:
            document = replace(document, express=_express(resource))
            place = resource.at("Definition") or resource.location
            path = place.path
            if path != resource.location.path and (text := tree.text(path)) is not None:
                document = replace(document, lines=_written(text, path).lines)
            elif len(set(document.lines.values())) <= 1 and (written := text_of(tree, place)) is not None:
                path = written.path
                document = replace(document, lines=written.lines)
            yield Definition(path=path, document=document, address=resource.address, resource=resource.id)
            continue
        file = _file_of(resource, stacks.get(resource.stack))
        text = tree.text(file) if file and file not in files else None
        if file and text is not None:
            files.add(file)
            document = replace(_uploaded(text, file), express=_express(resource))
            yield Definition(path=file, document=document, resource=resource.id)


def _express(resource: Resource) -> bool:
    return any(resource.get(name) == "EXPRESS" for name in ("StateMachineType", "Type"))


def _of_properties(resource: Resource) -> Document | None:
    """The definition among a resource's properties: as a structure, or as one text of JSON."""
    for name in ("Definition", "DefinitionString"):
        value = resource.get(name)
        if isinstance(value, Mapping):
            lines: dict[str, int] = {}
            plain = _plain(value, (name,), (), resource, lines)
            return Document(value=plain, lines=lines)
        text = value if isinstance(value, str) else show(value) if isinstance(value, Concat) else None
        if text is not None and (text.lstrip().startswith("{") or (isinstance(value, str) and "StartAt" in text)):
            return _inside(parse(text), resource, name, text)
    return None


def _inside(document: Document, resource: Resource, name: str, text: str) -> Document:
    """A text within a template: its lines are those of the template where the text is written in several, else the property's."""
    place = resource.at(name)
    first = place.line if place and place.line else 1
    several = "\n" in text.strip()
    start = first + (text[: len(text) - len(text.lstrip())].count("\n") + 1 if several else 0)
    lines = {key: start + line - 1 if several else first for key, line in document.lines.items()}
    problems = tuple(replace(item, line=start + item.line - 1 if several and item.line else first) for item in document.problems)
    return Document(value=document.value, lines=lines, problems=problems)


def _plain(
    value: Value, route: tuple[str | int, ...], place: tuple[str | int, ...], resource: Resource, lines: dict[str, int]
) -> Any:
    """A value of a template as JSON has it, what is open as `${Name}`; the line of every part goes into `lines`."""
    written = resource.at(*route)
    if written is not None and written.line is not None:
        lines[pointer(*place)] = written.line
    if len(place) > _DEEPEST:
        return None
    if isinstance(value, Either):
        value = next((option for option in value.options if option is not None), None)
    if isinstance(value, Mapping):
        return {key: _plain(inner, (*route, key), (*place, key), resource, lines) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner, (*route, i), (*place, i), resource, lines) for i, inner in enumerate(value)]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    text = show(value)
    return text if "${" in text else f"${{{text}}}"


def _file_of(resource: Resource, stack: Stack | None) -> str | None:
    """The local file that a resource takes its definition from, relative to the root."""
    for name in ("DefinitionS3Location", "DefinitionUri"):
        value = resource.get(name)
        if isinstance(value, str) and stack is not None and not value.startswith(("s3://", "https://")):
            return posixpath.normpath(posixpath.join(stack.folder, value))
    return None
