"""EventBridge Scheduler, as code uses it: a schedule for one moment calls its target when the clock gets there.

Schedules that come back (`rate`, `cron`) are no part of one run: what they do is a stimulus. Words in angle brackets in the input
are replaced; without an input Scheduler sends an event of its own.
https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.clock import START, Due
from untangle.simulate.names import ACCOUNT, REGION
from untangle.simulate.platform.event.text import json_text, whole_seconds
from untangle.simulate.platform.passing import not_played
from untangle.simulate.platform.played import Handed, Played, Stage

_AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)\)")
_CALL = re.compile(r"arn:aws[\w-]*:scheduler:::aws-sdk:(\w+):(\w+)")
_KINDS = ("sqs", "sns", "eventbridge", "kinesis", "step_functions")
_SERVICES = {"sfn": "stepfunctions", "eventbridge": "events"}
_PLANNED = "planned"


def _heard(stage: Stage, call: ApiCall, response: Mapping[str, Any], before: Any) -> None:
    params = call.params
    name = f"{params.get('GroupName') or 'default'}/{params.get('Name')}"
    planned: dict[str, Due] = stage.memory("create_schedule").setdefault(_PLANNED, {})
    if name in planned:
        planned.pop(name).cancel()
    if call.operation == "DeleteSchedule" or params.get("State") == "DISABLED":
        return
    expression = str(params.get("ScheduleExpression"))
    at = _moment(expression, str(params.get("ScheduleExpressionTimezone") or "UTC"))
    if at is None:
        not_played(stage, f"schedule {name}", f"{expression} comes back: what it does is not part of one run")
        return
    seconds = (at - START).total_seconds() - stage.clock.now
    planned[name] = stage.clock.after(seconds, lambda: _due(stage, name, params, at))


def _moment(expression: str, zone: str) -> datetime | None:
    found = _AT.fullmatch(expression.strip())
    if found is None:
        return None
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC if zone == "UTC" else ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, KeyError, OSError):
        return None


def _due(stage: Stage, name: str, params: Mapping[str, Any], at: datetime) -> None:
    stage.memory("create_schedule")[_PLANNED].pop(name, None)
    target = params.get("Target") or {}
    arn = f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{name}"
    text = _input(stage, target.get("Input"), arn, at)
    named = str(target.get("Arn", ""))
    if (call := _CALL.fullmatch(named)) is not None:
        _call(stage, call[1], call[2], text)
        return
    function = stage.application.function(named)
    if function is not None:
        event = _decoded(text)
        stage.tell("deliver", function.id + "#schedule", to=function.id, event=event)
        stage.invoke_later(function.id, event)
        return
    node = stage.application.node(named, *_KINDS)
    if node is None:
        not_played(stage, f"schedule {name}", f"its target {named} is not played")
        return
    bus = target.get("EventBridgeParameters") or {}
    message = Handed(
        text=text,
        value=_decoded(text),
        id=stage.new_id(),
        source=arn,
        service="scheduler.amazonaws.com",
        group=(target.get("SqsParameters") or {}).get("MessageGroupId"),
        from_=str(bus.get("Source", "")),
        detail_type=str(bus.get("DetailType", "")),
    )
    stage.hand(node, message)


def _input(stage: Stage, given: Any, arn: str, at: datetime) -> str:
    """What the target gets, as text."""
    scheduled = whole_seconds(at.isoformat())
    id = stage.new_id()
    if given is None:
        own = {
            "version": "0",
            "id": id,
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": ACCOUNT,
            "time": scheduled,
            "region": REGION,
            "resources": [arn],
            "detail": "{}",
        }
        return json_text(own)
    words = {"schedule-arn": arn, "scheduled-time": scheduled, "execution-id": id, "attempt-number": "1"}
    return re.sub(r"<aws\.scheduler\.([a-z-]+)>", lambda found: words.get(found[1], found[0]), str(given))


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _call(stage: Stage, service: str, action: str, text: str) -> None:
    """A universal target: the input is what the API is called with."""
    params = _decoded(text)
    operation = action[:1].upper() + action[1:]
    params = params if isinstance(params, dict) else {}
    call = ApiCall(service=_SERVICES.get(service, service), operation=operation, params=params)
    try:
        stage.api(call)
    except ApiError as error:
        stage.tell("drop", f"aws-sdk:{service}:{action}", why=f"{error.code}: {error.message}")


PLAYED = Played(
    type="create_schedule",
    operations={"scheduler": frozenset({"CreateSchedule", "UpdateSchedule", "DeleteSchedule"})},
    heard=_heard,
)
