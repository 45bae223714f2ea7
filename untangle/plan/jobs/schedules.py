"""One-off schedules that a function makes for another: a wait until their time, then the function with their input.

A schedule that may be changed or taken back while it waits is not one: nobody finds a running execution by the schedule's name.
Sources: EventBridge Scheduler user guide, "Schedule types" (one-time schedules, their time zone) and "Configuring flexible time
windows"; API reference, CreateSchedule; Step Functions guide, "Wait workflow state".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.model.link import Hop, LinkKind, Sent
from untangle.model.shape import Shape
from untangle.model.value import Concat, Value
from untangle.plan.passes import Draft

EXPRESSION = "ScheduleExpression"
_CHANGES = ("DeleteSchedule", "UpdateSchedule")
_UTC = frozenset({"UTC", "Etc/UTC"})
_CONTEXT = "<aws.scheduler."
_DEPTH = 12


def schedule_reasons(draft: Draft, hop: Hop) -> Iterator[str]:
    """Why a hop that begins with a schedule must stay, in words; nothing where it can be a wait."""
    if not hop.passages or hop.passages[0].type != "create_schedule":
        return
    for link in (link for link in hop.links if link.kind is LinkKind.PUBLISH):
        if link.sent is None:
            yield "the call that makes the schedule was not seen"
        else:
            yield from _call(link.sent)
    for function in sorted(draft.graph.code):
        for call in draft.graph.code[function].calls:
            if call.service == "scheduler" and call.operation in _CHANGES:
                yield f"{draft.address(function)} may take a schedule back or change it ({call.operation}, {call.location})"
    for function in draft.chain.functions:
        facts = draft.graph.code.get(function)
        if facts is None or not facts.readable:
            yield f"whether {draft.address(function)} takes a schedule back is not known: its code was not read"
    if any(other.passages and other.passages[0].type == "lambda_invoke" for other in _between(draft, hop)):
        yield f"{draft.address(hop.producer)} also invokes {draft.address(hop.consumer)}, by the same ARN"


def schedule_remarks(hop: Hop) -> Iterator[str]:
    """What a wait changes, in words."""
    if not hop.passages or hop.passages[0].type != "create_schedule":
        return
    yield (
        "the schedule is not made: it cannot be listed, and one whose name is taken is not refused; a time that is past starts "
        "the function at once, and one more than a year ahead ends the execution before it comes"
    )
    sent = [link.sent.attributes for link in hop.links if link.kind is LinkKind.PUBLISH and link.sent is not None]
    if any(_mode(attributes) != "OFF" for attributes in sent):
        yield "its flexible time window no longer spreads the starts: the function starts at the beginning of the window"
    if any("RetryPolicy" in target or "DeadLetterConfig" in target for target in map(_target, sent)):
        yield "the retry policy and dead-letter queue of the schedule no longer act: there is no delivery that can fail"


def _between(draft: Draft, hop: Hop) -> Iterator[Hop]:
    return (other for other in draft.graph.leaving(hop.producer) if other.consumer == hop.consumer)


def _call(sent: Sent) -> Iterator[str]:
    """What keeps one CreateSchedule from being a wait."""
    given = sent.attributes
    if sent.operation != "CreateSchedule" or "**" in given:
        yield "not all parameters of the schedule are known"
    if not _begins(given.get(EXPRESSION), "at("):
        yield "it is not seen to be a one-off schedule, at(…)"
    zone = given.get("ScheduleExpressionTimezone", "UTC")
    known = zone if isinstance(zone, str) else "not known"
    if known not in _UTC:
        yield f"its time is not seen to be in UTC, and a wait takes no time zone ({known})"
    if given.get("State", "ENABLED") != "ENABLED":
        yield "it may be made switched off"
    if isinstance(given.get("Name"), str):
        yield f"its name is always {given['Name']}, of which there is one at a time"
    if "Input" not in _target(given):
        yield "it is not seen to have an input, and what Scheduler sends without one is not rebuilt"
    if _CONTEXT in _texts(sent.body) or _CONTEXT in str(_target(given).get("Input")):
        yield "its input has words that Scheduler replaces (<aws.scheduler.…>)"


def _target(given: Mapping[str, Value]) -> Mapping[str, Value]:
    target = given.get("Target")
    return target if isinstance(target, Mapping) else {}


def _mode(given: Mapping[str, Value]) -> Value:
    window = given.get("FlexibleTimeWindow")
    return window.get("Mode") if isinstance(window, Mapping) else None


def _begins(value: Value, start: str) -> bool:
    lead = value.parts[0] if isinstance(value, Concat) else value
    return isinstance(lead, str) and lead.startswith(start)


def _texts(shape: Shape | None, depth: int = 0) -> str:
    """The constants of a shape, as deep as one looks."""
    if shape is None or depth > _DEPTH:
        return ""
    own = str(shape.constant) if shape.constant is not None else ""
    return " ".join([own, _texts(shape.items, depth + 1), *(_texts(inner, depth + 1) for inner in shape.properties.values())])
