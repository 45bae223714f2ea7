"""The read-only IAM policy that a scan needs: exactly the actions of the operations that may be called, and no other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from untangle.scanners.account.operations import OPERATIONS

# The parts of the policy, and what each is for. "core" is always needed, the others with the option of that name.
GROUPS = {
    "core": "UntangleRead",
    "code": "UntangleCode",
    "traces": "UntangleTraces",
    "metrics": "UntangleMetrics",
    "organization": "UntangleOrganization",
}
_API = ("/restapis", "/restapis/*", "/apis", "/apis/*")


def actions(group: str) -> tuple[str, ...]:
    """The IAM actions of one part, sorted; what the core already allows is not said again."""
    core = {action for item in OPERATIONS if item.group == "core" for action in item.actions}
    own = {action for item in OPERATIONS if item.group == group for action in item.actions}
    return tuple(sorted(core if group == "core" else own - core))


def policy(groups: Iterable[str] = ()) -> dict[str, Any]:
    """The policy document: the core, and the parts for the options that are wished."""
    chosen = {"core", *groups}
    wanted = [group for group in GROUPS if group in chosen]
    return {"Version": "2012-10-17", "Statement": [statement for group in wanted for statement in _statements(group)]}


def _statements(group: str) -> Iterator[dict[str, Any]]:
    """One statement for what cannot be said more narrowly, one for API Gateway, whose action is an HTTP method on a path."""
    plain = [action for action in actions(group) if not action.startswith("apigateway:")]
    if plain:
        yield {"Sid": GROUPS[group], "Effect": "Allow", "Action": plain, "Resource": "*"}
    if len(plain) < len(actions(group)):
        paths = [f"arn:*:apigateway:*::{path}" for path in _API]
        yield {"Sid": f"{GROUPS[group]}Apis", "Effect": "Allow", "Action": ["apigateway:GET"], "Resource": paths}


def as_text(groups: Iterable[str] = ()) -> str:
    """The policy as JSON."""
    return json.dumps(policy(groups), indent=2) + "\n"
