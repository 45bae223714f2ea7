"""State machines of the step-functions plugin: `stepFunctions.stateMachines`. What they orchestrate is orchestrated already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from untangle.model.location import Location
from untangle.model.value import Ref, Value, show
from untangle.scanners.document import Map
from untangle.scanners.sam import grants
from untangle.scanners.sam.draft import Moved
from untangle.scanners.sam.part import Part
from untangle.scanners.serverless_framework import naming
from untangle.scanners.serverless_framework.draft import ServiceDraft
from untangle.scanners.serverless_framework.events import read_events
from untangle.scanners.serverless_framework.events.event import Started
from untangle.scanners.serverless_framework.service import Entry, Service


def write_state_machines(service: Service, draft: ServiceDraft) -> None:
    """Writes the plugin's state machines out, with their events."""
    for entry in service.entries("stepFunctions", "stateMachines"):
        part = service.part(entry)
        if not isinstance(part.value, Mapping):
            draft.gap(part, f"the state machine {entry.key}: {show(part.value)}", "its definition is not in the scanned tree")
            continue
        _write(service, draft, entry, part)


def _write(service: Service, draft: ServiceDraft, entry: Entry, part: Part) -> None:
    key = entry.key
    name, kind = part.get("name"), part.get("type")
    given = part.get("id")
    address = given if isinstance(given, str) else _logical_id(key, name)
    values: dict[str, Value] = {
        "StateMachineName": name,
        "StateMachineType": kind,
        "Definition": _with_functions(part.get("definition"), service, draft),
        "RoleArn": _role(service, draft, part, address),
    }
    moved: list[Moved] = [(("Definition",), ("definition",)), (("StateMachineName",), ("name",)), (("RoleArn",), ("role",))]
    made = draft.make(part, address, "AWS::StepFunctions::StateMachine", values, moved=moved)
    if (file := _file(entry)) is not None:
        draft.made[made.id] = replace(made, elsewhere={**made.elsewhere, ("Definition",): file})
    label = key if name is None else name
    started = Started(key=key, prefix=naming.normalized(key), service="states", arn=Ref(made.id), name=label)
    read_events(service, draft, part, started)


def _file(entry: Entry) -> Location | None:
    """Where a definition is written that the service takes in from another file; None where it stands in the service's own."""
    definition = entry.node.get("definition") if isinstance(entry.node, Map) else None
    path = definition.path if isinstance(definition, Map) else None
    return Location(path, definition.line) if isinstance(definition, Map) and path and path != entry.location.path else None


def _logical_id(key: str, name: Value) -> str:
    """The plugin's: made from the name where it is given as text, else from the key."""
    if isinstance(name, str):
        return naming.upper_first(name.replace("-", "Dash").replace("_", "Underscore"))
    return f"{naming.normalized(key)}StepFunctionsStateMachine"


def _role(service: Service, draft: ServiceDraft, part: Part, address: str) -> Value:
    given = part.get("role")
    if given is not None:
        return Ref(draft.id(given), "Arn") if isinstance(given, str) and not given.startswith("arn:") else given
    statements = part.get("iamRoleStatements")
    listed = [item for item in statements if isinstance(item, Mapping)] if isinstance(statements, tuple) else []
    policy: Value = {"PolicyName": f"{address}Policy", "PolicyDocument": grants.document(listed)}
    values: dict[str, Value] = {"AssumeRolePolicyDocument": grants.trust("states"), "Policies": (policy,)}
    return Ref(draft.make(part, f"{address}Role", "AWS::IAM::Role", values).id, "Arn")


def _with_functions(value: Value, service: Service, draft: ServiceDraft) -> Value:
    """A definition in which functions are named by key (`Fn::GetAtt: [hello, Arn]`) points at their logical ids."""
    if isinstance(value, Ref):
        key = value.resource.removeprefix(f"{service.id}/")
        known = key in service.function_keys and key not in draft.given
        return Ref(draft.id(naming.function(key)), value.attribute) if known else value
    if isinstance(value, Mapping):
        return {key: _with_functions(inner, service, draft) for key, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(_with_functions(inner, service, draft) for inner in value)
    return value
