"""What CloudFormation would have against definitions, as far as cfn-lint knows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any


def refused(definitions: Iterable[Mapping[str, Any]]) -> list[str]:
    """All that cfn-lint finds, its rule for state machines (E3601) first of all, in one template with every definition."""
    from cfnlint.api import ManualArgs, lint

    role = "arn:aws:iam::111122223333:role/r"
    machines = {
        f"M{number}": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"RoleArn": role, "Definition": definition}}
        for number, definition in enumerate(definitions)
    }
    found = lint(json.dumps({"Resources": machines}), config=ManualArgs(regions=["us-east-1"]))
    return [f"{match.rule.id} {match.path} {match.message}" for match in found]
