"""Messages that may be larger than a state carries, and that go through a bucket because somebody asked for it (a claim check).

The outbox of the producer puts the text of such a message into the bucket and reports a claim in its place; that of the consumer
takes the claim out of the event and puts the text back. Between them the text is nowhere: what looks into it on the way (a
filter on the body or detail, a transformer) would see the claim. Such hops are not claimed. Nor are those into a FIFO queue that
tells duplicates by their content, which is the text alone: a claim names its execution, so the same text is another one in each.

Source: SQS API reference, SendMessage, `MessageDeduplicationId`: where a call gives none, it is the SHA-256 hash of the body, not
of the attributes, with `ContentBasedDeduplication`; without it the call fails.
"""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.link import Hop, LinkKind, Passage
from untangle.model.value import Value
from untangle.plan.passes import Draft, settings

CARRIES = frozenset({"sqs", "sns", "eventbridge", "lambda_invoke"})  # channels whose messages may be larger than a state
_BY_TEXT = (
    "not every call gives a MessageDeduplicationId: duplicates are told by their text, and the claim for one text is another in "
    "each execution"
)
_TRANSFORMS = ("input", "input_path", "input_transformer", "input_template", "enrichment")


def claimed(draft: Draft, hop: Hop) -> bool:
    """Whether the messages of a hop go through the bucket where they are large."""
    return draft.claim is not None and unclaimable(draft, hop) is None


def unclaimable(draft: Draft, hop: Hop) -> str | None:
    """Why a claim cannot stand for the messages of a hop, in words; None where it can."""
    if not hop.passages or hop.passages[0].type not in CARRIES:
        return "its messages are not texts of the producer's"
    if hop.mediated:
        return "a service sends its messages"
    for passage in hop.passages:
        if _looks_into(passage):
            return f"a filter or transformer of {draft.address(passage.channel)} looks into the message"
        if passage.type == "sqs" and settings(draft.graph, passage.channel).get("fifo") and not _names_itself(hop):
            return f"{draft.address(passage.channel)} is FIFO, and {_BY_TEXT}"
    return None


def _names_itself(hop: Hop) -> bool:
    """Whether every call that sends is seen to give the id by which duplicates are told."""
    calls = [link.sent for link in hop.links if link.kind is LinkKind.PUBLISH]
    return all(sent is not None and sent.attributes.get("MessageDeduplicationId") is not None for sent in calls)


def _looks_into(passage: Passage) -> bool:
    if any(passage.delivery.get(name) is not None for name in _TRANSFORMS):
        return True
    if passage.type == "sns":
        return _has(passage.filter, "MessageBody")
    return _has(passage.filter, "detail") or _has(passage.filter, "body") or (passage.type == "pipe" and bool(passage.filter))


def _has(filter: Value, name: str) -> bool:
    """Whether a pattern, or one of several, speaks of a field of this name at its top, or in an alternative there."""
    patterns: list[Value] = list(filter) if isinstance(filter, tuple | list) else [filter]
    while patterns:
        pattern = patterns.pop()
        if isinstance(pattern, Mapping):
            if name in pattern:
                return True
            either = pattern.get("$or")
            patterns.extend(either if isinstance(either, tuple | list) else ())
    return False
