"""A bus with many senders and many rules: what is sure is found, what is doubtful is counted, and findings stay the same."""

from __future__ import annotations

import pytest

from untangle.assemble import crowds
from untangle.assemble.hops import Hops
from untangle.channels import CHANNELS
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.link import Hop, Link, LinkKind, Sent

BUS = "s/Bus"
TYPES = {BUS: "eventbridge"}
SIZE = 12
Ends = tuple[str, str]


def sender(i: int, *, coded: bool) -> Link:
    """A function that may write to the bus; where its code was read, what it sends."""
    sent = Sent(service="events", operation="PutEvents", attributes={"Source": f"app.{i}", "DetailType": "made"})
    return Link(
        source=f"s/Sender{i}",
        target=BUS,
        kind=LinkKind.PUBLISH,
        confidence=Confidence.LIKELY,
        evidence=(Evidence(kind=Witness.CODED if coded else Witness.PERMITTED, note="writes"),),
        sent=sent if coded else None,
    )


def receiver(i: int) -> Link:
    """A rule that takes what one of the senders sends."""
    return Link(
        source=BUS,
        target=f"s/Receiver{i}",
        kind=LinkKind.DELIVER,
        confidence=Confidence.DECLARED,
        evidence=(Evidence(kind=Witness.DECLARED, note="rule"),),
        filter={"source": (f"app.{i}",)},
    )


def joined(*, coded: bool, asked: tuple[Ends, ...] = ()) -> Hops:
    """As many senders as receivers on one bus."""
    links = [*(sender(i, coded=coded) for i in range(SIZE)), *(receiver(i) for i in range(SIZE))]
    return Hops(links, CHANNELS, TYPES, asked=asked)


def ends(hops: tuple[Hop, ...]) -> set[Ends]:
    """Producer and consumer of each."""
    return {(hop.producer, hop.consumer) for hop in hops}


@pytest.mark.parametrize("coded", [True, False])
def test_a_few_doubtful_hops_are_all_listed(coded: bool) -> None:
    found = joined(coded=coded)
    assert len(found.all()) == SIZE * SIZE
    assert found.gaps == ()


def test_in_a_crowd_what_is_sure_is_found_and_what_is_doubtful_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    every = joined(coded=True).all()
    monkeypatch.setattr(crowds, "LISTED", SIZE)
    found = joined(coded=True)
    hops = found.all()
    assert [hop for hop in hops if hop.confidence.reported] == [hop for hop in every if hop.confidence.reported]
    assert len(hops) < len(every) / 2
    [gap] = found.gaps
    assert gap.what == "s/Bus: 120 of 132 doubtful hops, of 12 functions to 12"
    assert gap.why == crowds.UNLISTED


def test_in_a_crowd_of_grants_each_receiver_keeps_one_hop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowds, "LISTED", SIZE)
    found = joined(coded=False)
    hops = found.all()
    assert sorted(hop.consumer for hop in hops) == sorted(f"s/Receiver{i}" for i in range(SIZE))
    assert {hop.confidence for hop in hops} == {Confidence.POSSIBLE}
    [gap] = found.gaps
    assert gap.what == "s/Bus: 132 of 144 doubtful hops, of 12 functions to 12"


@pytest.mark.parametrize("coded", [True, False])
def test_what_is_asked_for_is_listed_however_doubtful(coded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowds, "LISTED", SIZE)
    wanted = ("s/Sender5", "s/Receiver7")
    assert wanted in ends(joined(coded=coded, asked=(wanted,)).all())


def test_a_hop_that_nothing_speaks_against_stands_for_those_that_are_excluded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowds, "LISTED", 1)
    links = [sender(0, coded=True), sender(1, coded=False), receiver(0), receiver(3)]
    hops = Hops(links, CHANNELS, TYPES).all()
    [third] = [hop for hop in hops if hop.consumer == "s/Receiver3"]
    assert not any(item.against for item in third.evidence)


def test_large_crowds_are_told_one_by_one_and_the_rest_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowds, "TOLD", 1)
    found = [crowds.Crowd(name, {}) for name in ("s/A", "s/B", "s/C")]
    for crowd, count in zip(found, (2, 9, 3), strict=True):
        crowd.count("s/Sender", count)
    assert [gap.what for gap in crowds.unlisted(found)] == [
        "s/B: 9 of 9 doubtful hops, of 1 functions to 0",
        "2 further channels: 5 doubtful hops",
    ]
