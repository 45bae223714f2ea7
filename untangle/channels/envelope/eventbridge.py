"""EventBridge: the event, and what a rule's Input, InputPath or InputTransformer makes of it.

Shape: EventBridge user guide, "Event structure"; `time` has whole seconds. A target without a transformer gets the
event itself; a queue or topic gets it as JSON text.
"""

from __future__ import annotations

from collections.abc import Mapping

from untangle.channels.envelope.form import ACCOUNT, REGION, Form, Names, Unsupported, Written, fill
from untangle.channels.envelope.pattern import compile_pattern
from untangle.channels.envelope.transformer import constant, path_of, template
from untangle.model.step import Stop


def _effect(stop: Stop, after: Stop | None, names: Names) -> str:
    return fill(
        """
{
  'version': '0',
  'id': $r.EventId,
  'detail-type': $p.DetailType,
  'source': $p.Source,
  'account': <<account>>,
  'time': $fromMillis($toMillis($exists($p.Time) ? $p.Time : $e.at), '[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01]Z'),
  'region': <<region>>,
  'resources': $append([], $p.Resources),
  'detail': $parse($p.Detail)
}""",
        account=ACCOUNT,
        region=REGION,
    )


def _receive(stop: Stop, before: Stop, names: Names) -> str:
    if before.type in ("eventbridge", "s3", "lambda_destination"):  # forwarded as it is, or written by the service itself
        return "$in.value"
    raise Unsupported(f"events that {before.type} puts onto a bus are not rebuilt yet")


def delivered(stop: Stop) -> str:
    """What the rule's target gets, as JSONata over `$event`."""
    delivery = stop.delivery
    if delivery.get("input") is not None:
        return constant(delivery["input"])
    if delivery.get("input_path") is not None:
        return path_of(delivery["input_path"], "$event")
    transformer = delivery.get("input_transformer")
    if isinstance(transformer, Mapping):
        return template(transformer, "$event")
    return "$event"


def _deliver(stop: Stop, names: Names) -> str:
    return delivered(stop)


def _hand(stop: Stop, after: Stop, names: Names) -> str:
    if after.type == "eventbridge":
        return "{'value': $event}"
    value = delivered(stop)
    if value == "$event":
        return "{'id': $event.id, 'text': $string($event), 'value': $event}"
    return f"($v := {value}; {{'id': $event.id, 'text': $type($v) = 'string' ? $v : $string($v), 'value': $v}})"


def _test(stop: Stop, names: Names) -> str | None:
    if not isinstance(stop.filter, Mapping) or not stop.filter:
        return None
    return compile_pattern(stop.filter, "$event")


ENVELOPE = Form(
    type="eventbridge",
    variable="$event",
    written=Written(
        service="events", operations=("PutEvents",), by=(("EventBusName", ""), ("EventBusName", "Arn")), default="default"
    ),
    effect=_effect,
    receive=_receive,
    hand=_hand,
    deliver=_deliver,
    test=_test,
)
