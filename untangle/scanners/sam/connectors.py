"""Connectors, as resources of their own and embedded in others: the grants and resource policies that they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from untangle.model.resource import Resource
from untangle.model.value import ACCOUNT, PARTITION, REGION, Ref, Value, concat
from untangle.scanners.sam import grants
from untangle.scanners.sam.connector_profiles import PROFILES, QUEUE, REF_IS_ARN, ROLES, RULE, Profile
from untangle.scanners.sam.draft import Draft
from untangle.scanners.sam.part import Part, options, properties

_ORIGIN = "sam connector"
_SAM_TYPES = {
    "AWS::Serverless::Function": "AWS::Lambda::Function",
    "AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
    "AWS::Serverless::Api": "AWS::ApiGateway::RestApi",
    "AWS::Serverless::HttpApi": "AWS::ApiGatewayV2::Api",
    "AWS::Serverless::SimpleTable": "AWS::DynamoDB::Table",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Source or destination of a connector: its CloudFormation type and what names it, as far as is known."""

    type: str
    resource: Resource | None = None
    arn: Value = None
    role: Value = None
    url: Value = None
    id: Value = None
    name: Value = None


def embedded(draft: Draft, resource: Resource) -> None:
    """Writes the connectors out that stand in a resource's `Connectors`, the resource being their source."""
    holder = Part(owner=resource, value={"Connectors": resource.metadata.get("Connectors")}, condition=resource.condition)
    for connectors in holder.below("Connectors"):
        for name, connector in connectors.entries():
            for given in connector.below("Properties"):
                source: dict[str, Value] = {"Id": resource.address}
                for reference in given.below("SourceReference"):
                    source |= reference.value if isinstance(reference.value, Mapping) else {}
                value = given.value if isinstance(given.value, Mapping) else {}
                part = replace(given, value={**value, "Source": source})
                _connect(draft, part, f"{resource.address}{name}")


def expand_connector(draft: Draft, resource: Resource) -> None:
    """Writes one AWS::Serverless::Connector out."""
    _connect(draft, properties(resource), resource.address)


def _connect(draft: Draft, part: Part, address: str) -> None:
    wanted = {item.value for given in part.below("Permissions") for item in given.elements() if isinstance(item.value, str)}
    several = isinstance(part.get("Destination"), tuple)
    for sources in part.below("Source"):
        for destinations in part.below("Destination"):
            for index, destination in enumerate(destinations.elements()):
                suffix = f"Destination{index}" if several else ""
                source, end = _end(draft, sources, destination), _end(draft, destination, sources)
                if source is not None and end is not None:
                    _wire(draft, destination, address, suffix, source, end, wanted)


def _wire(draft: Draft, part: Part, address: str, suffix: str, source: End, destination: End, wanted: set[str]) -> None:
    profile = PROFILES.get((source.type, destination.type))
    if profile is None:
        draft.problem(part, f"connector {address}: SAM connects no {source.type} with {destination.type}")
        return
    if not wanted:
        draft.problem(part, f"connector {address} names no Permissions")
    _MAKERS[profile.kind](draft, part, address, suffix, source, destination, profile, wanted)


def _grant(
    draft: Draft, part: Part, address: str, suffix: str, source: End, destination: End, profile: Profile, wanted: set[str]
) -> None:
    holder = source if profile.holder == "source" else destination
    roles = [role for role, _ in options(holder.role)]
    if not roles:
        draft.gap(part, f"whose role connector {address} grants to", "its source or destination names no role")
        return
    lines = (profile.read if "Read" in wanted else ()) + (profile.write if "Write" in wanted else ())
    values = {
        "Source.Arn": source.arn,
        "Destination.Arn": destination.arn,
        "Destination.Name": destination.name,
    }
    known = [line for line in lines if all(values[hole] is not None for hole in grants.holes((line,)))]
    if len(known) < len(lines):
        draft.gap(part, f"all that connector {address} grants", "an end of it names no ARN or name")
    document = grants.document(grants.statement(line, values) for line in known)
    made: dict[str, Value] = {"PolicyDocument": document, "Roles": tuple(roles)}
    draft.make(part, f"{address}Policy{suffix}", "AWS::IAM::ManagedPolicy", made, origin=_ORIGIN)


def _queue_policy(
    draft: Draft, part: Part, address: str, suffix: str, source: End, destination: End, profile: Profile, wanted: set[str]
) -> None:
    document = grants.delivery(profile.service, destination.arn, source.arn)
    values: dict[str, Value] = {"PolicyDocument": document, "Queues": (destination.url,)}
    draft.make(part, f"{address}QueuePolicy{suffix}", "AWS::SQS::QueuePolicy", values, origin=_ORIGIN)


def _topic_policy(
    draft: Draft, part: Part, address: str, suffix: str, source: End, destination: End, profile: Profile, wanted: set[str]
) -> None:
    document = grants.delivery(profile.service, destination.arn, source.arn, action="sns:Publish")
    values: dict[str, Value] = {"PolicyDocument": document, "Topics": (destination.arn,)}
    draft.make(part, f"{address}TopicPolicy{suffix}", "AWS::SNS::TopicPolicy", values, origin=_ORIGIN)


def _permission(
    draft: Draft, part: Part, address: str, suffix: str, source: End, destination: End, profile: Profile, wanted: set[str]
) -> None:
    if profile.service == "apigateway":
        origin = concat(("arn:", PARTITION, ":execute-api:", REGION, ":", ACCOUNT, ":", source.id, "/*"))
    else:
        origin = source.arn
    values: dict[str, Value] = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": destination.arn,
        "Principal": f"{profile.service}.amazonaws.com",
        "SourceArn": origin,
    }
    draft.make(part, f"{address}WriteLambdaPermission{suffix}", "AWS::Lambda::Permission", values, origin=_ORIGIN)


_MAKERS = {"grant": _grant, "queue": _queue_policy, "topic": _topic_policy, "invoke": _permission}


def _end(draft: Draft, part: Part, other: Part) -> End | None:
    """An end as it is written: by `Id` of a resource of this template, or by its type and physical names."""
    address = part.get("Id")
    if address is None:
        kind = part.get("Type")
        if not isinstance(kind, str):
            draft.problem(part, "an end of a connector needs an Id or a Type")
            return None
        return End(
            type=_SAM_TYPES.get(kind, kind),
            arn=part.get("Arn"),
            role=part.get("RoleName"),
            url=part.get("QueueUrl"),
            id=part.get("ResourceId"),
            name=part.get("Name"),
        )
    found = draft.made.get(draft.id(address)) if isinstance(address, str) else None
    if found is None:
        draft.problem(part, f"a connector names the resource {address}, which this template does not have")
        return None
    arn = Ref(found.id) if found.type in REF_IS_ARN else Ref(found.id, "Arn")
    url = Ref(found.id) if found.type == QUEUE else None
    return End(
        type=found.type, resource=found, arn=arn, role=_role(found, other), url=url, id=Ref(found.id), name=Ref(found.id, "Name")
    )


def _role(resource: Resource, other: Part) -> Value:
    """The role that a resource assumes; the one in the target that names the other end, for a rule."""
    values: list[Value] = []
    if resource.type == RULE:
        for target in _targets(resource):
            arn = target.get("Arn")
            named = isinstance(arn, Ref) and arn.resource.rpartition("/")[2] == other.get("Id")
            if named or (arn is not None and arn == other.get("Arn")):
                values.append(target.get("RoleArn"))
    else:
        values.append(resource.get(ROLES.get(resource.type, "")))
    roles = [Ref(role.resource) for value in values for role, _ in options(value) if isinstance(role, Ref)]
    return roles[0] if roles else None


def _targets(rule: Resource) -> Iterator[Part]:
    for targets in properties(rule).below("Targets"):
        yield from targets.elements()
