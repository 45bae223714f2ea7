"""Connectors, as resources of their own and embedded in others: the grants and resource policies that they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from untangle.model.resource import Resource
from untangle.model.value import ACCOUNT, PARTITION, REGION, Ref, Value, concat, show
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One source and one destination of a connector; `suffix` tells several destinations apart, `wanted` are its Permissions."""

    part: Part
    address: str
    suffix: str
    source: End
    destination: End
    wanted: frozenset[str]

    @property
    def profile(self) -> Profile | None:
        """What SAM makes of this pair of types; None where it connects no such pair."""
        return PROFILES.get((self.source.type, self.destination.type))

    def make(self, draft: Draft, noun: str, type: str, values: Mapping[str, Value]) -> None:
        """Makes a resource under the logical id that SAM gives it."""
        draft.make(self.part, f"{self.address}{noun}{self.suffix}", type, values, origin=_ORIGIN)


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
    permissions = (item.value for given in part.below("Permissions") for item in given.elements())
    wanted = frozenset(name for name in permissions if isinstance(name, str))
    several = isinstance(part.get("Destination"), tuple)
    for sources in part.below("Source"):
        for destinations in part.below("Destination"):
            for index, destination in enumerate(destinations.elements()):
                suffix = f"Destination{index}" if several else ""
                source, end = _end(draft, sources, destination), _end(draft, destination, sources)
                if source is not None and end is not None:
                    wire = Wire(part=destination, address=address, suffix=suffix, source=source, destination=end, wanted=wanted)
                    _write(draft, wire)


def _write(draft: Draft, wire: Wire) -> None:
    profile = wire.profile
    if profile is None:
        what = f"SAM connects no {wire.source.type} with {wire.destination.type}"
        draft.problem(wire.part, f"connector {wire.address}: {what}")
        return
    if not wire.wanted:
        draft.problem(wire.part, f"connector {wire.address} names no Permissions")
    _MAKERS[profile.kind](draft, wire, profile)


def _grant(draft: Draft, wire: Wire, profile: Profile) -> None:
    holder = wire.source if profile.holder == "source" else wire.destination
    roles = [role for role, _ in options(holder.role)]
    if not roles:
        draft.gap(wire.part, f"whose role connector {wire.address} grants to", "its source or destination names no role")
        return
    lines = (profile.read if "Read" in wire.wanted else ()) + (profile.write if "Write" in wire.wanted else ())
    values = {
        "Source.Arn": wire.source.arn,
        "Destination.Arn": wire.destination.arn,
        "Destination.Name": wire.destination.name,
    }
    known = [line for line in lines if all(values[hole] is not None for hole in grants.holes((line,)))]
    if len(known) < len(lines):
        draft.gap(wire.part, f"all that connector {wire.address} grants", "an end of it names no ARN or name")
    document = grants.document(grants.statement(line, values) for line in known)
    wire.make(draft, "Policy", "AWS::IAM::ManagedPolicy", {"PolicyDocument": document, "Roles": tuple(roles)})


def _queue_policy(draft: Draft, wire: Wire, profile: Profile) -> None:
    document = grants.delivery(profile.service, wire.destination.arn, wire.source.arn)
    values: dict[str, Value] = {"PolicyDocument": document, "Queues": (wire.destination.url,)}
    wire.make(draft, "QueuePolicy", "AWS::SQS::QueuePolicy", values)


def _topic_policy(draft: Draft, wire: Wire, profile: Profile) -> None:
    document = grants.delivery(profile.service, wire.destination.arn, wire.source.arn, action="sns:Publish")
    values: dict[str, Value] = {"PolicyDocument": document, "Topics": (wire.destination.arn,)}
    wire.make(draft, "TopicPolicy", "AWS::SNS::TopicPolicy", values)


def _permission(draft: Draft, wire: Wire, profile: Profile) -> None:
    origin = wire.source.arn
    if profile.service == "apigateway":
        origin = concat(("arn:", PARTITION, ":execute-api:", REGION, ":", ACCOUNT, ":", wire.source.id, "/*"))
    values: dict[str, Value] = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": wire.destination.arn,
        "Principal": f"{profile.service}.amazonaws.com",
        "SourceArn": origin,
        "SourceAccount": ACCOUNT if profile.service == "s3" else None,
    }
    wire.make(draft, "WriteLambdaPermission", "AWS::Lambda::Permission", values)


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
        draft.problem(part, f"a connector names the resource {show(address)}, which this template does not have")
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
