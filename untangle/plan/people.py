"""Waits for an answer from outside, by a person or a client: what a state machine would need to wait for it.

Nothing is converted: where the answer comes in, and whether it comes at all, no code of the chain says. The note names the state
that would wait, what must hand out its token, and who must answer with it.
Source: Step Functions guide, "Wait for a Callback with Task Token"; S3 guide, "Download and upload objects with presigned URLs".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from untangle.model.link import Hop
from untangle.model.workflow import Obstacle
from untangle.plan.passes import Draft, where

ANSWERS = ("approval", "callback", "task_token")  # signals of code that waits for an answer
_UPLOAD = "client upload"  # a call that a client makes later, by a presigned URL
_STATE = "arn:aws:states:::lambda:invoke.waitForTaskToken"


def note_people(draft: Draft) -> Draft:
    """The draft with a note for each function that hands out a question or a URL and does not hear of the end itself."""
    found = [note for function in draft.chain.functions for note in (*_asking(draft, function), *_uploads(draft, function))]
    return replace(draft, notes=(*draft.notes, *found))


def _asking(draft: Draft, function: str) -> Iterator[Obstacle]:
    facts = draft.graph.code.get(function)
    place = next((facts.signals[name] for name in ANSWERS if name in facts.signals), None) if facts is not None else None
    if place is None:
        return
    name = draft.address(function)
    text = (
        f"{name} waits for an answer from outside: a Task {_STATE} on it, with $states.context.Task.Token in its payload, would "
        f"wait in its place; {name} hands the token out with its question, and whoever takes the answer calls SendTaskSuccess or "
        "SendTaskFailure with it. Set TimeoutSeconds, with a Catch on States.Timeout: an answer that never comes holds the "
        "execution for up to a year"
    )
    yield Obstacle(text=text, location=place, topic="human")


def _uploads(draft: Draft, function: str) -> Iterator[Obstacle]:
    """Hops that end in what a client does with a URL which it was handed."""
    facts = draft.graph.code.get(function)
    calls = [call for call in (facts.calls if facts is not None else ()) if call.mediated == _UPLOAD]
    if not calls:
        return
    hops = {id: hop for id, hop in draft.hops.items() if hop.producer == function and hop.mediated and _by_client(hop)}
    if not hops:
        return
    name = draft.address(function)
    heard = ", ".join(sorted({draft.address(hop.consumer) for hop in hops.values()}))
    text = (
        f"{name} hands out a URL, and {heard} runs when a client has uploaded to it: a Task {_STATE} on {name} would wait for "
        f"that; {name} keeps $states.context.Task.Token of its payload by the object's key, and {heard} reads it there and calls "
        "SendTaskSuccess with it. Set TimeoutSeconds to as long as the URL is good for, with a Catch on States.Timeout for an "
        "upload that never comes"
    )
    yield Obstacle(text=text, hops=tuple(hops), location=calls[0].location or where(next(iter(hops.values()))), topic="human")


def _by_client(hop: Hop) -> bool:
    return bool(hop.passages) and hop.passages[0].type == "s3"
