"""Execution roles: the one that a service's functions share, and those of functions with statements of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.model.resource import Route
from untangle.model.value import Ref, Value
from untangle.scanners.sam import grants
from untangle.scanners.sam.draft import moved_lines
from untangle.scanners.sam.part import Part
from untangle.scanners.serverless_framework import naming
from untangle.scanners.serverless_framework.draft import ServiceDraft
from untangle.scanners.serverless_framework.service import Service

# A statement, with the part that it is written in.
Needed = tuple[Value, Part]
_PLUGIN = "serverless-iam-roles-per-function"
_EXISTING = (("iam", "role"), ("role",))


def existing(service: Service) -> Value:
    """The role that exists already and that all functions take, if the provider names one."""
    for route in _EXISTING:
        found = service.provider.get(*route)
        if found is not None and not _describes(found):
            return reference(service, found)
    return None


def _describes(role: Value) -> bool:
    """Whether a role is described, not named."""
    return isinstance(role, Mapping) and not any(key == "Ref" or key.startswith("Fn::") for key in role)


def reference(service: Service, role: Value) -> Value:
    """A role as it is named: an ARN, or the logical id of a role in `resources`."""
    if isinstance(role, str) and not role.startswith("arn:"):
        return Ref(f"{service.id}/{role}", "Arn")
    return role


def own_statements(service: Service, part: Part) -> list[Needed] | None:
    """The statements of a function that has a role of its own; None for one that takes the service's."""
    has_own = any(part.get(*route) is not None for route in (("iamRoleStatements",), ("iam", "role", "statements")))
    managed = part.get("iam", "role", "managedPolicies")
    per_function = service.provider.get("iam", "role", "mode") == "perFunction"
    if not (has_own or managed or per_function) or part.get("role") is not None:
        return None
    found = [*_listed(part, ("iamRoleStatements",)), *_listed(part, ("iam", "role", "statements"))]
    return found + (list(shared_statements(service)) if _inherits(service, part, per_function) else [])


def _inherits(service: Service, part: Part, per_function: bool) -> bool:
    for route in (("iam", "inheritStatements"), ("iamRoleStatementsInherit",)):
        given = part.get(*route)
        if given is not None:
            return given in (True, "true")
    default = service.get("custom", _PLUGIN, "defaultInherit")
    return per_function if default is None else default in (True, "true")


def shared_statements(service: Service) -> Iterator[Needed]:
    """The statements of the provider."""
    for route in (("iam", "role", "statements"), ("iamRoleStatements",)):
        yield from _listed(service.provider, route)


def _listed(part: Part, route: tuple[str, ...]) -> Iterator[Needed]:
    parts = [part]
    for key in route:
        parts = [below for outer in parts for below in outer.below(key)]
    for below in parts:
        for item in below.elements():
            # a list in the list is what a file put there
            yield from ((inner.value, inner) for inner in item.elements() if isinstance(inner.value, Mapping))


def managed_policies(part: Part) -> tuple[Value, ...]:
    """The managed policies that a provider or function names."""
    found: list[Value] = []
    for route in (("iam", "role", "managedPolicies"), ("iamManagedPolicies",)):
        value = part.get(*route)
        found += list(value) if isinstance(value, tuple) else [] if value is None else [value]
    return tuple(found)


def make_role(draft: ServiceDraft, address: str, part: Part, needed: list[Needed], managed: tuple[Value, ...]) -> None:
    """Makes the role `address` at `part`, each statement with its line where it stands in the same file."""
    lines: dict[Route, int] = {}
    kept = [item for i, item in enumerate(needed) if all(item[0] != other[0] for other in needed[:i])]
    for i, (statement, by) in enumerate(kept):
        route: Route = ("Policies", 0, "PolicyDocument", "Statement", i)
        if by.location is not None and part.location is not None and by.location.path == part.location.path and by.line:
            lines[route] = by.line
            if statement is by.value:
                lines |= moved_lines(by.owner.lines, [(route, by.route)])
    policy: Value = {"PolicyName": address, "PolicyDocument": grants.document(tuple(item for item, _ in kept))}  # type: ignore[misc]
    values: dict[str, Value] = {
        "AssumeRolePolicyDocument": grants.trust("lambda"),
        "ManagedPolicyArns": managed or None,
        "Policies": (policy,),
        "PermissionsBoundary": part.get("iam", "role", "permissionsBoundary") or part.get("rolePermissionsBoundary"),
    }
    draft.make(part, address, "AWS::IAM::Role", values, lines=lines)


def role_address(key: str | None) -> str:
    """The logical id of a function's own role, or (None) of the shared one."""
    return naming.ROLE if key is None else naming.function_role(key)
