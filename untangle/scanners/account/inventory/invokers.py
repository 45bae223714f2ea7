"""Who may invoke a function, by its own policy: the trace of triggers that no listing shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from untangle.scanners.account.call import Answer
from untangle.scanners.account.inventory.place import Found, Place, document

_INVOKING = ("lambda:invokefunction", "lambda:invoke*", "lambda:*", "*")


def permissions(place: Place, answer: Answer) -> Iterator[Found]:
    """The statements of one `GetPolicy` that let somebody invoke the function, or the alias that was asked for."""
    function, qualifier = answer.request.params["FunctionName"], answer.request.params.get("Qualifier")
    named = function if qualifier is None else f"{function}:{qualifier}"
    for page in answer.pages:
        policy = document(page.get("Policy"))
        statements = policy.get("Statement") if isinstance(policy, Mapping) else None
        for index, statement in enumerate(statements if isinstance(statements, list) else [statements] if statements else ()):
            if isinstance(statement, Mapping):
                yield from _permission(place, named, statement, index)


def _permission(place: Place, function: str, statement: Mapping[str, Any], index: int) -> Iterator[Found]:
    """One permission per principal: a service, or an account or role."""
    principals = statement.get("Principal")
    given = principals if isinstance(principals, Mapping) else {"AWS": principals}
    listed = [name for kind in ("Service", "AWS") for name in _each(given.get(kind))]
    actions = [str(action) for action in _each(statement.get("Action"))]
    if statement.get("Effect") != "Allow" or not any(action.lower() in _INVOKING for action in actions):
        return
    for place_of, principal in enumerate(listed):
        properties = {
            "FunctionName": function,
            "Action": actions[0],
            "Principal": principal,
            "SourceArn": _condition(statement, "aws:sourcearn"),
            "SourceAccount": _condition(statement, "aws:sourceaccount"),
            "PrincipalOrgID": _condition(statement, "aws:principalorgid"),
        }
        address = f"permission:{function}:{statement.get('Sid') or index}" + (f":{place_of}" if place_of else "")
        yield place.resource("AWS::Lambda::Permission", address, properties, arn=None)


def _condition(statement: Mapping[str, Any], key: str) -> Any:
    """The value that a statement's conditions demand for a key, whatever operator compares it."""
    conditions = statement.get("Condition")
    for wanted in conditions.values() if isinstance(conditions, Mapping) else ():
        for name, value in wanted.items() if isinstance(wanted, Mapping) else ():
            if name.lower() == key:
                return value
    return None


def _each(value: Any) -> list[Any]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
