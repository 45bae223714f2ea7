"""What stays because of other hops that stay says which hops these are."""

from __future__ import annotations

from typing import Any

import pytest

from tests.arrows import arrows, chain
from untangle.plan import plan
from untangle.plan.passes import Draft
from untangle.plan.reach import keep_unreached

WINDOW: dict[str, Any] = {"delivery": {"slow": {"batch_window": 30}}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "a -sqs-> b -sqs:slow-> c -sns-> d; b -sns-> e",
            "C -sns-> D: cut off by what stays (B -sqs-> C) from the part that moves; it can be a workflow of its own",
        ),
        (
            "a -sqs-> b -sqs:slow-> c -sns-> {d, e, f, g}; b -sns-> {h, i, j, k, l}",
            "and 1 more: cut off by what stays (B -sqs-> C) from the part that moves",
        ),
    ],
)
def test_a_part_that_is_cut_off_names_its_hops_and_what_cuts_it_off(text: str, said: str) -> None:
    graph = arrows(text, **WINDOW)
    blocking = [obstacle.text for obstacle in plan(graph, chain(graph)).obstacles if obstacle.blocking]
    assert any(said in each for each in blocking), blocking


def test_what_lies_behind_a_hop_that_stays_names_it() -> None:
    graph = arrows("a -sqs-> b -sqs-> c -sns-> d -sns-> e; a -sqs-> f")
    hops = {hop.id: hop for hop in graph.hops}
    draft = Draft(graph=graph, chain=chain(graph), hops=hops, entries=("app/A",))
    stays = next(hop.id for hop in graph.hops if hop.consumer == "app/C")
    found = keep_unreached(draft.keep([stays], "it is slow"))
    said = {obstacle.text for obstacle in found.kept.values()} - {"it is slow"}
    names = ["C -sns-> D", "D -sns-> E"]
    assert said & {
        f"{', '.join(order)}: behind B -sqs-> C, which stays, and nothing else reaches it" for order in (names, names[::-1])
    }
    assert len(found.moving) == 2
