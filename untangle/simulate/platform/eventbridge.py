"""EventBridge: a bus gives each event to the targets of the rules whose pattern it passes, as it is or transformed.

Functions are invoked asynchronously. An event that an application sends must not bear a source of AWS. What cannot be delivered
goes to the target's dead-letter queue. Archives change nothing and are passed over.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from untangle.model.link import Link, LinkKind
from untangle.simulate.call import ApiCall
from untangle.simulate.names import ACCOUNT, REGION
from untangle.simulate.platform.event.bus import event, handed
from untangle.simulate.platform.event.text import json_text
from untangle.simulate.platform.event.transformer import UnreadablePath
from untangle.simulate.platform.matching import UnreadableFilter, matches
from untangle.simulate.platform.passing import not_played, pass_on, resolved
from untangle.simulate.platform.played import Handed, Played, Stage

MOST_BUSES = 16  # that one event goes through: rules between buses may form a ring
_SERVICE = "events.amazonaws.com"
_ROUTED = ("sqs", "sns", "eventbridge", "step_functions", "kinesis")
_REQUIRED = ("Source", "DetailType", "Detail")


def _claims(stage: Stage, call: ApiCall) -> Mapping[str, Any] | None:
    entries = call.params.get("Entries") or ()
    buses = [_bus(stage, entry) for entry in entries]
    if not entries or not all(buses):
        return None
    answers = [_put(stage, str(bus), entry) for bus, entry in zip(buses, entries, strict=True)]
    return {"FailedEntryCount": sum("ErrorCode" in answer for answer in answers), "Entries": answers}


def _bus(stage: Stage, entry: Mapping[str, Any]) -> str | None:
    """The node of the bus that an entry names; the default one is always there."""
    named = str(entry.get("EventBusName") or "default")
    node = stage.application.node(named, "eventbridge")
    return "eventbridge/default" if node is None and named.endswith("default") else node


def _put(stage: Stage, bus: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    missing = next((name for name in _REQUIRED if not entry.get(name)), None)
    if missing is not None:
        message = f"Parameter {missing} is not valid. Reason: {missing} is a required argument."
        return {"ErrorCode": "InvalidArgument", "ErrorMessage": message}
    if str(entry["Source"]).startswith("aws."):
        return {"ErrorCode": "NotAuthorizedForSource", "ErrorMessage": "Not authorized for the source."}
    id = stage.new_id()
    try:
        made = event(entry, id=id, at=stage.clock.text, account=ACCOUNT, region=REGION)
    except (ValueError, RecursionError):
        return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    _spread(stage, bus, made, 0)
    return {"EventId": id}


def _receive(stage: Stage, bus: str, message: Handed) -> None:
    """An event as it is (of another bus, or of a service), or the detail of a new one."""
    value = message.value
    if not message.from_ and isinstance(value, Mapping) and {"source", "detail-type", "detail"} <= value.keys():
        _spread(stage, bus, value, int(message.group or 0))
        return
    entry = {
        "Source": message.from_,
        "DetailType": message.detail_type,
        "Detail": json.dumps(value) if isinstance(value, Mapping) else message.text,
        "Resources": message.resources,
    }
    try:
        made = event(entry, id=message.id or stage.new_id(), at=stage.clock.text, account=ACCOUNT, region=REGION)
    except (ValueError, RecursionError):
        stage.tell("drop", bus, why="what was handed to the bus is no JSON object", text=message.text)
        return
    _spread(stage, bus, made, 0)


def _spread(stage: Stage, bus: str, made: Mapping[str, Any], buses: int) -> None:
    for link in stage.links(bus):
        try:
            passes = not link.filter or matches(resolved(stage, link.filter), made)
        except UnreadableFilter as error:
            not_played(stage, bus, f"the pattern of its rule for {link.target} is not readable: {error}")
            continue
        if passes and link.delivery.get("enabled") is not False:
            pass_on(stage, bus, partial(_deliver, stage, bus, link, made, buses))


def _deliver(stage: Stage, bus: str, link: Link, made: Mapping[str, Any], buses: int) -> None:
    rule = str(link.delivery.get("rule", ""))
    name = stage.application.name(rule) if rule else "rule"
    arn = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}"
    try:
        value = handed(resolved(stage, dict(link.delivery)), made, rule=name, rule_arn=arn)
    except UnreadablePath as error:
        not_played(stage, bus, f"what rule {name} makes of an event for {link.target} cannot be read: {error}")
        return
    if link.kind is LinkKind.DELIVER:
        stage.tell("deliver", bus, to=link.target, event=value)
        stage.invoke_later(link.target, value)
        return
    kind = stage.application.type_of(link.target)
    if kind == "eventbridge" and buses >= MOST_BUSES:
        not_played(stage, link.target, f"an event went through {MOST_BUSES} buses")
        return
    if kind not in _ROUTED:
        not_played(stage, link.target, f"rule {name} delivers to it, which is not played ({kind or 'not declared'})")
        _park(stage, link, made, arn)
        return
    group = str(buses + 1) if kind == "eventbridge" else link.delivery.get("message_group_id")
    message = Handed(
        text=json_text(value),
        value=value,
        id=str(made["id"]),
        source=arn,
        service=_SERVICE,
        group=group if isinstance(group, str) else None,
    )
    stage.hand(link.target, message)


def _park(stage: Stage, link: Link, made: Mapping[str, Any], rule: str) -> None:
    """An event whose target is not there goes to the target's dead-letter queue."""
    parked = link.delivery.get("dead_letter")
    if isinstance(parked, str) and not stage.application.type_of(link.target):
        stage.tell("park", parked, id=made["id"], why=f"{link.target} cannot be reached")
        text, id = json_text(dict(made)), str(made["id"])
        stage.hand(parked, Handed(text=text, id=id, source=rule, service=_SERVICE, attributes=_why(rule, link)))


def _why(rule: str, link: Link) -> dict[str, dict[str, str]]:
    """The attributes that EventBridge gives a message in a dead-letter queue."""
    told = {
        "RULE_ARN": rule,
        "TARGET_ARN": link.target,
        "ERROR_CODE": "NO_RESOURCE",
        "ERROR_MESSAGE": "The target does not exist.",
    }
    return {name: {"DataType": "String", "StringValue": text} for name, text in told.items()}


PLAYED = Played(type="eventbridge", operations={"events": frozenset({"PutEvents"})}, claims=_claims, receive=_receive)
