"""Regions: who stands before whom, what lies between, and which parts hold one another."""

from __future__ import annotations

import pytest

from tests.arrows import arrows, function_id
from untangle.plan.tree.regions import Region, Ways, overlapping

DIAMOND = "a -sqs-> {b, c}; {b, c} -sqs:Q-> d; d -sqs-> e"


def ways(text: str, *entries: str) -> Ways:
    graph = arrows(text)
    return Ways({hop.id: hop for hop in graph.hops}, [function_id(entry) for entry in entries or ("a",)])


def names(ids: object) -> str:
    return " ".join(id.rpartition("/")[2] for id in ids)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "entries", "function", "before"),
    [
        ("a -sqs-> b -sqs-> c", "a", "c", "B A"),
        (DIAMOND, "a", "d", "A"),
        (DIAMOND, "a", "e", "D A"),
        (DIAMOND, "ac", "d", ""),
        (DIAMOND, "a", "a", ""),
        ("a -sqs-> b -sqs-> a", "a", "b", "A"),
    ],
)
def test_what_every_way_passes(text: str, entries: str, function: str, before: str) -> None:
    assert names(ways(text, *entries).before(function_id(function))) == before


def test_what_lies_between_a_split_and_its_ends() -> None:
    text = "a -sqs-> {b, x}; b -sqs-> {c, d}; {c, d} -sqs:Q-> e; d -sqs-> f"
    graph = arrows(text)
    hops = {(hop.producer[-1] + hop.consumer[-1]): hop.id for hop in graph.hops}
    region = ways(text).region(function_id("a"), frozenset({function_id("c"), function_id("d")}))
    assert names(sorted(region.nodes)) == "B C D"
    assert region.entered == (hops["AB"],)
    assert region.left == tuple(sorted((hops["CE"], hops["DE"], hops["DF"])))


def region(nodes: str) -> Region:
    return Region(split="a", ends=frozenset(nodes[-1]), nodes=frozenset(nodes), entered=(), left=())


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        (("bc", "de"), {}),
        (("bcde", "bc", "de", "b"), {}),
        (("bc", "cd"), {"cd": "bc"}),
        (("bcd", "de"), {"de": "bcd"}),
        (("bcde", "bc", "cd"), {"cd": "bc"}),
        (("bc", "bc"), {}),
    ],
)
def test_parts_that_overlap(parts: tuple[str, ...], found: dict[str, str]) -> None:
    made = {part: region(part) for part in parts}
    across = overlapping([region(part) for part in parts])
    assert {one for one in parts if made[one] in across} == set(found)
    assert all(across[made[one]] in (made[other], made.get("bcde")) for one, other in found.items())
