"""What lies behind a hop that stays is not reached by the workflow and stays too."""

from __future__ import annotations

from dataclasses import replace

from untangle.plan.passes import Draft, order


def keep_unreached(draft: Draft) -> Draft:
    """Keep what lies behind hops that stay, and let entries go that start nothing."""
    reached = set(draft.entries)
    for function in order(draft.forward):
        if function in reached:
            reached.update(hop.consumer for _, hop in draft.leaving.get(function, ()))
    behind = [id for id, hop in draft.moving.items() if hop.producer not in reached]
    draft = draft.keep(behind, "it lies behind a hop that stays")
    return replace(draft, entries=tuple(entry for entry in draft.entries if entry in draft.leaving))
