"""What is taken over must be taken away: a subscription that a hop that stays needs too cannot be.

A write to a bucket or table is made whoever reads it, and a publication goes out while others listen: the consumer that the
workflow runs must lose its subscription then, or it runs twice. Where the same subscription brings it what somebody else
sends, who stays choreographed, that somebody's messages would be lost. So both stay. And a function whose on-success destination
tells somebody who stays must go on being invoked asynchronously: no destination speaks for the invocations of a workflow (Lambda
guide, "Capturing records of Lambda asynchronous invocations").
"""

from __future__ import annotations

from typing import TypeAlias

from untangle.model.link import Hop
from untangle.plan.callbacks import run_outside
from untangle.plan.passes import Draft, drawn, told_by
from untangle.plan.reach import keep_unreached
from untangle.plan.stay import NOT_ASYNCHRONOUS

_BROADCAST = frozenset({"sns", "eventbridge", "s3", "dynamodb_stream", "kinesis"})
_Subscription: TypeAlias = tuple[str, str, str]


def keep_shared_subscriptions(draft: Draft) -> Draft:
    """Keep each hop whose subscription or whose consumer's destination a hop that stays needs too, and what is no longer reached
    then, until nothing changes."""
    while True:
        staying = _staying(draft)
        shared = {id: staying[key] for id, hop in draft.moving.items() if (key := _subscription(hop)) in staying}
        for id, (other, *_) in shared.items():
            mine, theirs = drawn(draft, draft.hops[id]), drawn(draft, other)
            text = f"{mine}: its subscription also serves {theirs}, which stays: without it that is lost, with it this runs twice"
            draft = draft.keep((id,), text)
        outside = run_outside(draft) | _silenced(draft)
        for id, text in outside.items():
            draft = draft.keep((id,), f"{drawn(draft, draft.hops[id])}: {text}")
        if draft.entries:
            before = len(draft.kept)
            draft = keep_unreached(draft)
            if len(draft.kept) > before:
                continue
        if not shared and not outside:
            return draft


def _silenced(draft: Draft) -> dict[str, str]:
    """The hops that would take a function's destination its voice, each with why it stays."""
    return {
        id: text
        for id, hop in draft.moving.items()
        if hop.passages and hop.passages[-1].type not in NOT_ASYNCHRONOUS and (text := unspoken(draft, hop.consumer))
    }


def unspoken(draft: Draft, function: str) -> str:
    """That a function's on-success destination tells somebody whom the workflow does not run; "" where it does not."""
    node = f"{function}#on_success"
    told = [hop for hop in draft.graph.leaving(function) if hop.passages and hop.passages[0].channel == node]
    heard = {hop.passages[1].channel if len(hop.passages) > 1 else hop.consumer for hop in told}
    missing = [drawn(draft, hop) for hop in told if hop.id not in draft.moving]
    missing += [draft.address(link.target) for link in draft.graph.standing_from(node) if link.target not in heard]
    if not missing:
        return ""
    return (
        f"the on-success destination of {draft.address(function)} speaks for asynchronous invocations only, and not for those of "
        f"a workflow, which does not carry on with it ({missing[0]})"
    )


def _staying(draft: Draft) -> dict[_Subscription | None, list[Hop]]:
    """The hops that stay, by subscription: those of the chain, and those of others to its functions."""
    others = (hop for function in draft.chain.functions for hop in draft.graph.reaching(function) if hop.id not in draft.hops)
    found: dict[_Subscription | None, list[Hop]] = {}
    for hop in (*(draft.hops[id] for id in draft.kept), *others):
        key = _subscription(hop)
        if key is not None:
            found.setdefault(key, []).append(hop)
    return found


def _subscription(hop: Hop) -> _Subscription | None:
    """The way out of a hop's first channel: whom it goes to, through which filter; None where a call can be held back alone."""
    passages = told_by(hop)
    if not passages or passages[0].type not in _BROADCAST or hop.reason in ("redrive", "on_failure"):
        return None
    first, *rest = passages
    return first.channel, rest[0].channel if rest else hop.consumer, repr(first.filter)
