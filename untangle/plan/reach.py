"""What lies behind a hop that stays is not reached by the workflow and stays too."""

from __future__ import annotations

from dataclasses import replace

from untangle.plan.passes import Draft, drawn, order
from untangle.plan.words import named


def keep_unreached(draft: Draft) -> Draft:
    """Keep what lies behind hops that stay, and let entries go that start nothing."""
    reached = set(draft.entries)
    staying: dict[str, str] = {}  # function -> the first hop that stays before it
    for id in sorted(draft.kept):
        staying.setdefault(draft.hops[id].consumer, id)
    for function in order(draft.forward):
        consumers = [hop.consumer for _, hop in draft.leaving.get(function, ())]
        if function in reached:
            reached.update(consumers)
        elif function in staying:
            for consumer in consumers:
                staying.setdefault(consumer, staying[function])
    behind: dict[str, list[str]] = {}
    for id, hop in draft.moving.items():
        if hop.producer not in reached:
            behind.setdefault(staying.get(hop.producer, ""), []).append(id)
    for cause, ids in sorted(behind.items()):
        which = f"{drawn(draft, draft.hops[cause])}, which stays" if cause else "a hop that stays"
        mine = named(drawn(draft, draft.hops[id]) for id in ids)
        draft = draft.keep(ids, f"{mine}: behind {which}, and nothing else reaches it")
    return replace(draft, entries=tuple(entry for entry in draft.entries if entry in draft.leaving))
