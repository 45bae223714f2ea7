"""Pictures of chains: nothing that is not there, nothing over anything else."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from tests.detect.graphs import bus, graph, hop, queue
from untangle.emit.page.drawing import Picture, picture
from untangle.emit.page.layout import Box, layout
from untangle.emit.wording import names
from untangle.model.graph import EventGraph
from untangle.model.link import Trigger
from untangle.model.scan import Scan


def drawn(given: EventGraph) -> Picture:
    """The picture of a whole graph."""
    functions = tuple(function.id for function in given.functions)
    return picture(Scan(graph=given), given.hops, functions, functions[:1], names(given))


def reached(found: Picture) -> set[tuple[str, str]]:
    """Producer and consumer of everything that the arrows say, channels passed through."""
    onward: dict[str, list[str]] = {}
    for edge in found.edges:
        onward.setdefault(edge.source, []).append(edge.target)
    pairs = set()
    for node in found.nodes:
        waiting = list(onward.get(node.id, ())) if node.kind == "function" else []
        for at in waiting:
            if at.startswith("f|"):
                pairs.add((node.id[2:], at[2:]))
            else:
                waiting.extend(onward.get(at, ()))
    return pairs


def test_a_channel_is_one_pill_for_producers_who_share_every_way_onward() -> None:
    topic = queue("Topic", type="sns")
    found = drawn(graph(hops=tuple(hop(one, two, topic) for one in "AB" for two in "XY")))
    assert [node.label for node in found.nodes if node.kind == "channel"] == ["Topic"]


def test_a_bus_is_drawn_apart_for_messages_that_go_apart() -> None:
    shared = bus("Bus")
    given = graph(hops=(hop("A", "X", shared), hop("B", "Y", shared)))
    found = drawn(given)
    assert [node.label for node in found.nodes if node.kind == "channel"] == ["Bus", "Bus"]
    assert reached(found) == {("app/A", "app/X"), ("app/B", "app/Y")}


def test_ways_of_several_channels_share_their_beginning() -> None:
    topic = queue("Topic", type="sns")
    found = drawn(graph(hops=(hop("A", "X", topic, queue("QX")), hop("A", "Y", topic, queue("QY")), hop("A", "Z", topic))))
    assert sorted(node.label for node in found.nodes if node.kind == "channel") == ["QX", "QY", "Topic"]


@pytest.mark.parametrize("seed", range(12))
def test_the_arrows_say_the_hops_and_no_other(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    nodes = [queue(f"C{number}", type="sns") for number in range(4)]
    hops = {
        made.id: made
        for made in (
            hop(dice.choice("ABCDEF"), dice.choice("ABCDEF"), *dice.sample(nodes, dice.choice([1, 1, 2])))
            for _ in range(dice.randrange(2, 14))
        )
    }
    given = graph(hops=tuple(hops.values()))
    assert reached(drawn(given)) == {(made.producer, made.consumer) for made in given.hops}


def test_entries_are_discs_before_their_functions() -> None:
    triggers = (
        Trigger(type="s3", function="app/A"),
        Trigger(type="s3", function="app/A", channel="app/X"),
        Trigger(type="sns", function="app/B"),
    )
    found = drawn(graph("A>B", triggers=triggers))
    assert [
        (node.label, edge.target) for node, edge in zip(found.nodes, found.edges, strict=False) if node.kind == "trigger"
    ] == [
        ("s3 ×2", "f|app/A"),
        ("sns", "f|app/B"),
    ]


def test_a_destination_has_no_name_of_its_own() -> None:
    found = drawn(graph(hops=(hop("A", "B", queue("A#on_success", type="lambda_destination")),)))
    assert [(node.label, node.type) for node in found.nodes if node.kind == "channel"] == [("", "lambda_destination")]


@pytest.mark.parametrize("size", [100, 400])
def test_large_chains_lose_detail_and_no_hop(size: int) -> None:
    dice = random.Random(size)  # noqa: S311
    hops = {
        made.id: made for made in (hop(f"F{dice.randrange(size // 4)}", f"F{dice.randrange(size // 4)}") for _ in range(size))
    }
    given = graph(hops=tuple(hops.values()))
    found = drawn(given)
    assert found.level != "full"
    assert len(found.edges) < 150
    assert {key for node in found.nodes for key in node.keys if not key.startswith("@")} == set(hops)


class TestLayout:
    @pytest.mark.parametrize("seed", range(12))
    def test_boxes_do_not_overlap_and_edges_begin_and_end_at_theirs(self, seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311
        boxes = [
            Box(id=str(number), width=dice.randrange(40, 200), height=dice.choice([26, 40]))
            for number in range(dice.randrange(2, 25))
        ]
        pairs = {(dice.choice(boxes).id, dice.choice(boxes).id) for _ in range(40)}
        edges = sorted((a, b) for a, b in pairs if a != b)
        found = layout(boxes, edges)
        for one, two in combinations(boxes, 2):
            a, b = found.places[one.id], found.places[two.id]
            assert abs(a.x - b.x) >= (one.width + two.width) / 2 or abs(a.y - b.y) >= (one.height + two.height) / 2
        sizes = {box.id: box for box in boxes}
        for edge, points in zip(edges, found.routes, strict=True):
            for id, (x, y) in zip(edge, (points[0], points[-1]), strict=True):
                assert abs(x - found.places[id].x) <= sizes[id].width / 2
                assert abs(abs(y - found.places[id].y) - sizes[id].height / 2) < 0.01
        for place in found.places.values():
            assert 0 <= place.x <= found.width and 0 <= place.y <= found.height

    def test_who_comes_later_stands_lower(self) -> None:
        boxes = [Box(id=name, width=80, height=40) for name in "abcd"]
        found = layout(boxes, [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d")])
        assert [found.places[name].layer for name in "abcd"] == [0, 1, 2, 3]

    def test_a_row_in_single_file_is_one_upright_line(self) -> None:
        boxes = [Box(id=name, width=width, height=40) for name, width in zip("abcd", (90, 140, 60, 200), strict=True)]
        found = layout(boxes, [("a", "b"), ("b", "c"), ("c", "d")])
        assert len({round(place.x, 3) for place in found.places.values()}) == 1

    def test_an_edge_that_closes_a_circle_keeps_its_direction(self) -> None:
        boxes = [Box(id=name, width=80, height=40) for name in "ab"]
        found = layout(boxes, [("a", "b"), ("b", "a")])
        assert found.backward == {1}
        assert found.routes[1][0][1] > found.routes[1][-1][1]

    def test_nothing_is_a_picture_too(self) -> None:
        assert layout([], []).places == {}
