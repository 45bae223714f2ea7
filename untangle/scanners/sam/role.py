"""The execution role that SAM generates for a function or state machine, and the policies that go into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from untangle.model.resource import Route
from untangle.model.value import Concat, Imported, Ref, Stored, Symbol, Value, show
from untangle.scanners.sam import grants
from untangle.scanners.sam.draft import Draft
from untangle.scanners.sam.part import Part, options
from untangle.scanners.sam.policy_templates import TEMPLATES

Document = Mapping[str, Value]


@dataclass(kw_only=True)
class Grants:
    """What an execution role holds: ARNs of managed policies and policy documents, each with the part that asked for it."""

    managed: list[tuple[Value, Part]] = field(default_factory=list)
    documents: list[tuple[str | None, Document, Part]] = field(default_factory=list)

    def manage(self, arn: Value, part: Part) -> None:
        """Attaches a managed policy, once."""
        if all(known != arn for known, _ in self.managed):
            self.managed.append((arn, part))

    def attach(self, document: Document, part: Part, name: str | None = None) -> None:
        """Adds a policy document, once."""
        if all(known != document or by.condition != part.condition for _, known, by in self.documents):
            self.documents.append((name, document, part))

    def under(self, general: str | None, condition: str | None) -> Grants:
        """The same for a role that exists only under a condition of its own: what held in general holds there."""
        if general == condition:
            return self
        moved = [
            (name, document, replace(by, condition=condition) if by.condition == general else by)
            for name, document, by in self.documents
        ]
        return Grants(managed=self.managed, documents=moved)


def read_policies(draft: Draft, part: Part, into: Grants) -> None:
    """Reads a `Policies` property: managed policies by name or ARN, inline documents, SAM policy templates, in any mixture."""
    for policies in part.below("Policies"):
        for policy in policies.elements():
            _read_policy(draft, policy, into)


def _read_policy(draft: Draft, policy: Part, into: Grants) -> None:
    value = policy.value
    if isinstance(value, str):
        into.manage(grants.managed(value), policy)
    elif isinstance(value, Ref | Symbol | Concat | Imported | Stored):
        into.manage(value, policy)
    elif isinstance(value, Mapping) and "Statement" in value:
        into.attach(value, policy)
    elif isinstance(value, Mapping) and value:
        for name in value:
            _read_template(draft, str(name), policy, into)
    else:
        draft.problem(
            policy, f"{show(value) or 'an empty value'} is no policy: a name, an ARN, a document or a policy template is"
        )


def _read_template(draft: Draft, name: str, policy: Part, into: Grants) -> None:
    lines = TEMPLATES.get(name)
    if lines is None:
        draft.problem(policy, f"SAM has no policy template {name}")
        draft.gap(policy, f"what {name} grants to {policy.owner.address}", "it is no policy template that SAM knows")
        return
    given = list(policy.below(name)) or [Part(owner=policy.owner, value={}, route=policy.route, condition=policy.condition)]
    for parameters in given:
        values = parameters.value if isinstance(parameters.value, Mapping) else {}
        missing = sorted(hole for hole in grants.holes(lines) if values.get(hole) is None)
        if missing:
            draft.problem(parameters, f"policy template {name} needs {', '.join(missing)}")
        else:
            at = Part(owner=policy.owner, value=values, route=policy.route, condition=parameters.condition)
            into.attach(grants.document(grants.statement(line, values) for line in lines), at)


def make_role(draft: Draft, part: Part, address: str, service: str, held: Grants) -> None:
    """Makes the role `address` that `service` may assume, at `part` (the property that asks for it, or the whole resource).

    A document that holds only under a condition of its own becomes an AWS::IAM::Policy of that role, so that the
    condition is kept.
    """
    own = [entry for entry in held.documents if entry[2].condition == part.condition]
    rest = [entry for entry in held.documents if entry[2].condition != part.condition]
    lines: dict[Route, int] = {("ManagedPolicyArns", index): by.line for index, (_, by) in enumerate(held.managed)}
    lines |= {("Policies", index): by.line for index, (_, _, by) in enumerate(own)}
    moved = [
        (("Policies", index, "PolicyDocument"), by.route) for index, (_, document, by) in enumerate(own) if by.value is document
    ]
    trust = next((value for value, _ in options(part.owner.get("AssumeRolePolicyDocument"))), None)
    role = draft.make(
        part,
        address,
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": trust or grants.trust(service),
            "ManagedPolicyArns": tuple(arn for arn, _ in held.managed) or None,
            "Policies": tuple(_named(name, document, f"{address}Policy{i}") for i, (name, document, _) in enumerate(own)) or None,
            "PermissionsBoundary": part.owner.get("PermissionsBoundary"),
            "Path": part.owner.get("RolePath"),
        },
        origin="sam role",
        moved=moved,
        lines={route: line for route, line in lines.items() if line},
    )
    for index, (name, document, by) in enumerate(rest, start=len(own)):
        draft.make(
            by,
            f"{role.address}Policy{index}",
            "AWS::IAM::Policy",
            {**_named(name, document, f"{address}Policy{index}"), "Roles": (Ref(role.id),)},
            origin="sam policy",
            moved=[(("PolicyDocument",), by.route)],
        )


def _named(name: str | None, document: Document, otherwise: str) -> Mapping[str, Value]:
    return {"PolicyName": name or otherwise, "PolicyDocument": document}


def written(part: Part, key: str) -> Part:
    """The part at `key` where something is written there, for a line to point at; else `part` itself."""
    here = (*part.route, key)
    return Part(owner=part.owner, value=part.value, route=here, condition=part.condition) if here in part.owner.lines else part
