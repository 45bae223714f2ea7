"""Lambda invoke: the payload of an asynchronous invocation is the event, as it is; without one it is `{}`."""

from __future__ import annotations

from untangle.channels.envelope.form import Form, Names, Written
from untangle.model.step import Stop


def _effect(stop: Stop, after: Stop | None, names: Names) -> str:
    return "$exists($p.Payload) ? $p.Payload : {}"


def _deliver(stop: Stop, names: Names) -> str:
    return "$payload"


ENVELOPE = Form(
    type="lambda_invoke",
    variable="$payload",
    written=Written(service="lambda", operations=("Invoke",), by=(("FunctionName", ""), ("FunctionName", "Arn"))),
    effect=_effect,
    deliver=_deliver,
)
