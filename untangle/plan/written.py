"""What a function has written before it fails, in words: whoever hears of the write heard of it at once, and now when it is known
that no further try follows.
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.model.entry import EFFECTS
from untangle.model.link import Hop
from untangle.plan.passes import Draft
from untangle.plan.tree.structure import channel_effects

_GOES_ON = (
    "where all tries of {} fail, the workflow goes on with what went out of the last one, once that has failed, and does not "
    "fail for it; nothing follows where the last try timed out, was ended from outside or failed before it wrote, or where its "
    "error and effects have more than 32,768 characters"
)
_AGAIN = (
    "a try of {} that fails after its write is not told of, though the item stands: the next one counts as the write, a put as "
    "that of a new item (of a changed one where it writes another), an update with two equal images; a delete, or a condition "
    "that the item written before does not meet, sends nothing then"
)
_OUTSIDE = (
    "{}: each try that fails starts the workflow with what has gone out of it; nothing follows that where the try times out or "
    "is ended from outside, or where the workflow cannot be started"
)


def after_failures(draft: Draft) -> Iterator[str]:
    """What follows where a function fails for good after calls of it went out."""
    writers = {hop.producer for hop in draft.moving.values() if channel_effects(draft, hop).sent}
    if names := sorted(draft.address(function) for function in writers if not _outside(draft, function)):
        yield _GOES_ON.format(", ".join(names))
    for name in sorted(draft.address(function) for function in writers if _outside(draft, function)):
        yield _OUTSIDE.format(name)


def after_a_failure(draft: Draft, hop: Hop, type: str) -> Iterator[str]:
    """What a try of a hop's producer that fails after a write to a channel of this type has told, where another one follows."""
    who = draft.address(hop.producer)
    if _outside(draft, hop.producer):
        return
    if type == "dynamodb_stream":
        yield _AGAIN.format(who)
    elif type == "s3":
        yield f"a try of {who} that fails after the object is written is not told of: the next one that writes it is"


def _outside(draft: Draft, function: str) -> bool:
    """Whether a function runs outside of the workflow, which it starts."""
    return function in draft.started and draft.started[function].form == EFFECTS
