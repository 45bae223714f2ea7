"""AWS::Serverless::StateMachine: the machine, its role, its alias and what starts it."""

from __future__ import annotations

from dataclasses import replace

from untangle.model.resource import Resource
from untangle.model.value import Ref, Value
from untangle.scanners.sam import grants
from untangle.scanners.sam.draft import Draft, Moved
from untangle.scanners.sam.events import read_events
from untangle.scanners.sam.events.event import Target
from untangle.scanners.sam.function import or_else, tags
from untangle.scanners.sam.part import Part, absences, each, options, properties
from untangle.scanners.sam.role import Grants, make_role, read_policies, written

# What a state machine is called in SAM and in CloudFormation.
_RENAMED = {
    "Definition": "Definition",
    "DefinitionSubstitutions": "DefinitionSubstitutions",
    "DefinitionUri": "DefinitionS3Location",
    "Logging": "LoggingConfiguration",
    "Name": "StateMachineName",
    "Tags": "Tags",
    "Tracing": "TracingConfiguration",
    "Type": "StateMachineType",
}


def expand_state_machine(draft: Draft, resource: Resource) -> None:
    """Writes one state machine out. A local DefinitionUri stays a path, relative to the stack's folder."""
    part = properties(resource)
    values: dict[str, Value] = {name: resource.get(given) for given, name in _RENAMED.items()}
    values["DefinitionS3Location"] = each(values["DefinitionS3Location"], _place)
    values["Tags"] = each(values["Tags"], tags)
    values["RoleArn"] = or_else(resource.get("Role"), draft.ref(f"{resource.address}Role", "Arn"))
    moved: list[Moved] = [((name,), (given,)) for given, name in _RENAMED.items()]
    machine = draft.keep(resource, "AWS::StepFunctions::StateMachine", values, [*moved, (("RoleArn",), ("Role",))])
    held = Grants()
    if any(enabled is True for tracing in part.below("Tracing") for enabled, _ in options(tracing.get("Enabled"))):
        held.manage(grants.managed("AWSXrayWriteOnlyAccess"), part)
    read_policies(draft, part, held)
    read_events(draft, part, _target(draft, part, machine, held))
    for condition in absences(resource.get("Role"), resource.condition):
        at = replace(written(part, "Policies"), condition=condition)
        make_role(draft, at, f"{resource.address}Role", "states", held.under(resource.condition, condition))


def _place(uri: Value) -> Value:
    """A DefinitionUri: an S3 address as `{Bucket, Key}`, a local path as text."""
    if not isinstance(uri, str) or not uri.startswith("s3://"):
        return uri
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


def _target(draft: Draft, part: Part, machine: Resource, held: Grants) -> Target:
    """What events start: the machine, or its alias where `UseAliasAsEventTarget` says so."""
    target = Ref(machine.id)
    for alias in part.below("AutoPublishAlias"):
        letters = "".join(letter for letter in alias.value if letter.isalnum()) if isinstance(alias.value, str) else ""
        version = draft.make(
            alias,
            f"{machine.address}Version",
            "AWS::StepFunctions::StateMachineVersion",
            {"StateMachineArn": Ref(machine.id)},
            origin="sam alias",
        )
        route: Value = {"StateMachineVersionArn": Ref(version.id)}
        made = draft.make(
            alias,
            f"{machine.address}Alias{letters}",
            "AWS::StepFunctions::StateMachineAlias",
            {"Name": alias.value, "DeploymentPreference": route},
            origin="sam alias",
        )
        if part.get("UseAliasAsEventTarget") is True and alias.condition == part.condition:
            target = Ref(made.id)
    return Target(address=machine.address, service="states", arn=target, name=target, grants=held)
