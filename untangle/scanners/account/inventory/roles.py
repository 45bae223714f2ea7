"""IAM: every role with its own and its attached policies, in one bulk call for the whole account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from untangle.model.resource import Resource
from untangle.model.value import Ref, Value
from untangle.scanners.account.inventory.place import Found, Place, Reader, document

_WANTED = ["Role", "LocalManagedPolicy", "AWSManagedPolicy"]


def read(place: Place) -> Iterator[Found]:
    """The roles, and the managed policies that are attached to one of them or bound what it may."""
    answer = place.ask("iam", "GetAccountAuthorizationDetails", Filter=_WANTED)
    roles = sorted(answer.items("RoleDetailList"), key=lambda role: str(role.get("RoleName")))
    attached = {str(policy.get("PolicyArn")) for role in roles for policy in role.get("AttachedManagedPolicies") or ()}
    attached |= {_boundary(role) for role in roles}
    policies: dict[str, Resource] = {}
    for policy in answer.items("Policies"):
        made = _policy(place, policy) if policy.get("Arn") in attached else None
        if made is not None:
            policies[str(policy["Arn"])] = made
    yield from (policies[arn] for arn in sorted(policies))
    for role in roles:
        yield _role(place, role, policies)


def _policy(place: Place, found: Mapping[str, Any]) -> Resource | None:
    """The default version is the one that counts."""
    versions = found.get("PolicyVersionList") or ()
    current = next((version for version in versions if version.get("IsDefaultVersion")), None)
    written = document(current.get("Document")) if current else None
    if written is None:
        return None
    arn = str(found["Arn"])
    owner = "aws:" if ":iam::aws:" in arn else ""
    properties = {"ManagedPolicyName": found.get("PolicyName"), "PolicyDocument": written}
    return place.resource("AWS::IAM::ManagedPolicy", f"policy:{owner}{found.get('PolicyName')}", properties, arn=arn, ref=arn)


def _role(place: Place, found: Mapping[str, Any], policies: Mapping[str, Resource]) -> Resource:
    """What is attached is pointed at where it was read, else named by its ARN: a path is part of that, and not of the name."""
    name = str(found["RoleName"])
    own = [
        {"PolicyName": policy.get("PolicyName"), "PolicyDocument": document(policy.get("PolicyDocument"))}
        for policy in found.get("RolePolicyList") or ()
    ]
    made = place.resource(
        "AWS::IAM::Role",
        f"role:{name}",
        {
            "RoleName": name,
            "AssumeRolePolicyDocument": document(found.get("AssumeRolePolicyDocument")),
            "Policies": own or None,
        },
        arn=found.get("Arn"),
        ref=name,
    )
    arns = sorted(str(policy.get("PolicyArn")) for policy in found.get("AttachedManagedPolicies") or ())
    named: dict[str, Value] = {"ManagedPolicyArns": tuple(_named(arn, policies) for arn in arns)} if arns else {}
    boundary = _boundary(found)
    if boundary:
        named["PermissionsBoundary"] = _named(boundary, policies)
    return replace(made, properties={**made.properties, **named})


def _boundary(role: Mapping[str, Any]) -> str:
    return str((role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn") or "")


def _named(arn: str, policies: Mapping[str, Resource]) -> Value:
    return Ref(policies[arn].id, "Arn") if arn in policies else arn


READER = Reader(title="IAM roles", read=read, everywhere=True)
