"""EventBridge Pipes: a function behind a pipe gets the bare array of records, without the `Records` envelope.

Source: EventBridge Pipes guide, "Batching and concurrency" and the pages of the sources. Enrichments and input
templates of a pipe are not rebuilt.
"""

from __future__ import annotations

from untangle.channels.envelope.form import Form, Names, Unsupported
from untangle.channels.envelope.pattern import criteria
from untangle.model.step import Stop


def _receive(stop: Stop, before: Stop, names: Names) -> str:
    for setting, words in (("input_template", "an input template"), ("enrichment", "an enrichment")):
        if stop.delivery.get(setting) or stop.settings.get(setting):
            raise Unsupported(f"the pipe has {words}, which is not rebuilt yet")
    return "$in.value"


def _deliver(stop: Stop, names: Names) -> str:
    return "[$piped]"


def _hand(stop: Stop, after: Stop, names: Names) -> str:
    return "{'id': $e.id, 'text': $string($piped), 'value': $piped}"


def _test(stop: Stop, names: Names) -> str | None:
    return criteria(stop.filter, "$piped")


ENVELOPE = Form(
    type="pipe", variable="$piped", written=None, effect=None, receive=_receive, hand=_hand, deliver=_deliver, test=_test
)
