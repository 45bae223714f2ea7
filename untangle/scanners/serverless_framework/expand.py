"""A service written out as canonical resources.

Everything is made under the logical ids that CloudFormation sees, so that `resources` and the framework's own parts can refer to
one another; at the end functions get their key as address (`hello`, not `HelloLambdaFunction`), as people and reports call them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from untangle.model.location import Location
from untangle.model.resource import Gap, Problem, Resource, Stack
from untangle.model.value import Ref, Value, concat
from untangle.scanners.sam.expanded import settle
from untangle.scanners.sam.part import Part
from untangle.scanners.serverless_framework import naming, roles
from untangle.scanners.serverless_framework.constructs import write_constructs
from untangle.scanners.serverless_framework.draft import ORIGIN, ServiceDraft, merge
from untangle.scanners.serverless_framework.events.event import Started
from untangle.scanners.serverless_framework.function import write_function
from untangle.scanners.serverless_framework.resources import KIND, blocks
from untangle.scanners.serverless_framework.service import Service
from untangle.scanners.serverless_framework.state_machines import write_state_machines


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one service yields: its stack, those nested in it, and all their resources."""

    stacks: tuple[Stack, ...]
    resources: tuple[Resource, ...]
    gaps: tuple[Gap, ...]
    problems: tuple[Problem, ...]


def write(service: Service) -> Written:
    """Writes a service out. Raises RecursionError where it is nested deeper than any person writes."""
    own, *nested = list(service.instance.family())
    draft = ServiceDraft(stack=own.stack)
    for resource in own.expansion.resources:
        draft.given[resource.address] = draft.made[resource.id] = resource
    _write_parts(service, draft)
    renamed = _renamed(draft)
    resources = [_finished(resource, renamed) for resource in draft.made.values()]
    resources += [resource for stack in nested for resource in stack.expansion.resources]
    return Written(
        stacks=(_stack(service, own.stack, draft, renamed), *(stack.stack for stack in nested)),
        resources=tuple(resources),
        gaps=(*draft.gaps, *(gap for stack in (own, *nested) for gap in stack.expansion.gaps)),
        problems=(*draft.problems, *(problem for stack in (own, *nested) for problem in stack.expansion.problems)),
    )


def _write_parts(service: Service, draft: ServiceDraft) -> None:
    for entry in service.entries("layers"):
        _write_layer(draft, service.part(entry))
    sharing: list[Started] = []
    managed: list[Value] = []
    write_constructs(service, draft, sharing)
    for entry in service.functions:
        part = service.part(entry)
        if not isinstance(part.value, Mapping):
            draft.gap(part, f"the function {entry.key} of {service.id}", "its configuration is not in the scanned tree")
            continue
        started = write_function(service, draft, entry.key, part)
        sharing += [started] if started is not None else []
    if any(started.service == "lambda" for started in sharing):
        needed = [*roles.shared_statements(service), *(item for started in sharing for item in started.needs)]
        managed += roles.managed_policies(service.provider)
        roles.make_role(draft, naming.ROLE, service.provider, needed, tuple(managed))
    write_state_machines(service, draft)
    if service.is_written(naming.DEPLOYMENT_BUCKET.encode()) and draft.id(naming.DEPLOYMENT_BUCKET) not in draft.made:
        draft.make(service.provider, naming.DEPLOYMENT_BUCKET, "AWS::S3::Bucket", {})
    _extend(service, draft)


def _write_layer(draft: ServiceDraft, part: Part) -> None:
    """A layer of the service: its folder is the content."""
    key = part.owner.address
    values: dict[str, Value] = {"LayerName": part.get("name") or key, "Content": part.get("path")}
    draft.make(part, naming.layer(key), "AWS::Lambda::LayerVersion", values, moved=[(("Content",), ("path",))])


def _extend(service: Service, draft: ServiceDraft) -> None:
    """`resources.extensions`: what is put into resources that the framework generates."""
    given = service.variables.node(service.root.get("resources"))
    for block in blocks(given, service.path, service.notes):
        value = service.instance.evaluate(block.get("extensions"))
        for name, extension in value.items() if isinstance(value, Mapping) else ():
            resource = draft.made.get(draft.id(name))
            properties = extension.get("Properties") if isinstance(extension, Mapping) else None
            if resource is None:
                at = Location(block.path or service.path, block.lines.get("extensions", block.line))
                service.notes.gap(f"the extension of {name}", "the service has no resource of this logical id", at)
            elif isinstance(properties, Mapping):
                draft.made[resource.id] = replace(resource, properties=merge(resource.properties, properties))


def _renamed(draft: ServiceDraft) -> dict[str, str]:
    """The final ids of what is not called by its logical id: functions, and resources that are called like one."""
    renamed: dict[str, str] = {}
    for logical, key in sorted(draft.functions.items()):
        renamed[logical] = draft.id(key)
        if draft.id(key) in draft.made and draft.id(key) != logical:
            renamed[draft.id(key)] = draft.id(f"{key}#2")
    return renamed


def _finished(resource: Resource, renamed: Mapping[str, str]) -> Resource:
    id = renamed.get(resource.id, resource.id)
    properties = settle(resource.properties, renamed) if renamed else resource.properties
    is_function = resource.type == "AWS::Lambda::Function"
    return replace(
        resource,
        id=id,
        address=id[len(resource.stack) + 1 :],
        properties=properties if isinstance(properties, Mapping) else {},
        origin=None if is_function and id != resource.id and resource.origin == ORIGIN else resource.origin,
    )


def _stack(service: Service, stack: Stack, draft: ServiceDraft, renamed: Mapping[str, str]) -> Stack:
    """The stack with the outputs that the framework adds. What other services take by `${cf:stack.Output}` counts as exported."""
    outputs = dict(stack.outputs)
    for key in sorted(service.function_keys):
        outputs.setdefault(f"{naming.function(key)}QualifiedArn", Ref(draft.id(naming.function(key)), "Arn"))
    if draft.id(naming.HTTP_API) in draft.made:
        outputs.setdefault("HttpApiId", Ref(draft.id(naming.HTTP_API)))
    outputs = {name: settle(value, renamed) for name, value in outputs.items()}
    exports = [(name, settle(value, renamed)) for name, value in stack.exports]
    for name, value in outputs.items():
        exports.append((concat(("cf:", service.stack_name, ".", name)), value))
        exports.append((f"compose:{service.folder}.{name}", value))
    return replace(stack, kind=KIND, outputs=outputs, exports=tuple(exports))
