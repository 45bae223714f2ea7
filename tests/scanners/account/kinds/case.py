"""One application as the text of a template: the functions by what their roles allow, the rest as a template would say it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import yaml

_FUNCTION = """\
{id}:
  Type: AWS::Lambda::Function
  Properties:
    FunctionName: KIND_{name}
    Runtime: python3.12
    Handler: app.handler
    Code: {{S3Bucket: artifacts, S3Key: app.zip}}
    Role: !GetAtt {id}Role.Arn{more}
{id}Role:
  Type: AWS::IAM::Role
  Properties:
    RoleName: KIND_{name}
    AssumeRolePolicyDocument:
      Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: "sts:AssumeRole"}}]
{policies}"""
_POLICIES = """\
    Policies:
      - PolicyName: own
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An application: `functions` by name with what each may do (`sqs:SendMessage !GetAtt Orders.Arn`, one a line), further
    `resources` as YAML, and the `hops` and triggers expected, one a line. `KIND` stands for its name everywhere, so
    that many of them live in one account; those that hear of what is on the `default_bus` have one of their own. `faked` says
    what moto cannot hold and is laid over its answers.
    """

    kind: str
    hops: str
    functions: dict[str, str]
    resources: str = ""
    settings: dict[str, str] | None = None
    faked: str = ""
    default_bus: bool = False

    @property
    def expected(self) -> list[str]:
        """The hops and triggers, sorted."""
        return sorted(line.strip() for line in self.hops.strip().splitlines())

    @property
    def text(self) -> str:
        """The template."""
        functions = "".join(self._function(name, grants) for name, grants in self.functions.items())
        body = textwrap.indent(functions + textwrap.dedent(self.resources), "  ")
        return f"AWSTemplateFormatVersion: '2010-09-09'\nResources:\n{body}".replace("KIND", self.kind)

    def _function(self, name: str, grants: str) -> str:
        allowed = [line.strip().partition(" ") for line in grants.strip().splitlines()]
        lines = (
            f'            - {{Effect: Allow, Action: "{action}", Resource: {resource}}}\n' for action, _, resource in allowed
        )
        more = (self.settings or {}).get(name)
        return _FUNCTION.format(
            id=logical(name),
            name=name,
            more=f"\n    {more}" if more else "",
            policies=_POLICIES + "".join(lines) if allowed else "",
        )


def logical(name: str) -> str:
    """The logical id of a function: `on-mail` -> `OnMail`."""
    return "".join(part.capitalize() for part in name.split("-"))


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short tags."""


def _tagged(loader: yaml.CSafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any = loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None
    if suffix == "GetAtt":
        value = value.split(".", 1)
    return {"Ref" if suffix == "Ref" else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tagged)


def parsed(text: str) -> dict[str, Any]:
    """The resources of a template by logical id."""
    resources: dict[str, Any] = yaml.load(text, _Loader)["Resources"]  # noqa: S506  it is a safe one
    return resources
