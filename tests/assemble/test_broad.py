"""Broad grants: what anything else speaks for is always linked, what only they speak for is counted once it is too much."""

from __future__ import annotations

import pytest

from tests.assemble.inventories import allow, call, code, function, inventory, resource, role
from untangle.assemble import assemble, broad
from untangle.assemble.broad import leading
from untangle.channels import CHANNELS
from untangle.detect import findings
from untangle.model.evidence import Confidence
from untangle.model.graph import EventGraph
from untangle.model.link import LinkKind
from untangle.model.resource import Inventory, Resource
from untangle.model.usage import Observation
from untangle.model.value import Ref, Value

SIZE = 6
EVERYTHING = allow("*", "*")
SENDING = allow("sqs:SendMessage", "*")
NAMED = allow("sqs:SendMessage", tuple(f"arn:aws:sqs:*:*:queue-{i}" for i in range(SIZE)))
ARN = "arn:aws:{}:eu-west-1:111122223333:{}"
CODED = (code("shop/Fn1", call("sqs", "SendMessage", QueueUrl=Ref("shop/Queue2"))),)


def parts(*roles: Resource, of: str, environment: dict[str, Value] | None = None) -> Inventory:
    """Functions with a role each or with one, and as many queues, each with a consumer."""
    resources = list(roles)
    for i in range(SIZE):
        resources += [
            resource(f"shop/Queue{i}", "AWS::SQS::Queue", QueueName=f"queue-{i}"),
            function(f"shop/Take{i}"),
            resource(
                f"shop/Map{i}",
                "AWS::Lambda::EventSourceMapping",
                EventSourceArn=Ref(f"shop/Queue{i}", "Arn"),
                FunctionName=Ref(f"shop/Take{i}"),
            ),
            function(f"shop/Fn{i}", role=Ref(of.format(i), "Arn"), environment=environment),
        ]
    return inventory(*resources)


def each_its_own(*statements: object) -> Inventory:
    return parts(*(role(f"shop/Role{i}", *statements) for i in range(SIZE)), of="shop/Role{}")  # type: ignore[arg-type]


SCANS = {
    "one role by wildcard": parts(role("shop/Role", SENDING), of="shop/Role"),
    "one role by name": parts(role("shop/Role", NAMED), of="shop/Role"),
    "a wildcard each": each_its_own(SENDING),
    "a variable": parts(role("shop/Role", SENDING), of="shop/Role", environment={"QUEUE": Ref("shop/Queue4")}),
}


def weak(graph: EventGraph) -> list[tuple[str, str]]:
    """The links that no more than a broad grant speaks for."""
    return [(link.source, link.target) for link in graph.links if link.confidence is Confidence.WEAK]


def told(graph: EventGraph) -> list[str]:
    return [gap.what for gap in graph.gaps if gap.why == broad.UNLISTED]


@pytest.mark.parametrize("scan", SCANS.values(), ids=SCANS)
def test_what_is_more_than_weak_stays_and_every_channel_keeps_a_link(scan: Inventory, monkeypatch: pytest.MonkeyPatch) -> None:
    every = assemble(scan, CODED, CHANNELS)
    monkeypatch.setattr(broad, "LISTED", 3)
    few = assemble(scan, CODED, CHANNELS)
    assert every.reported
    assert few.reported == every.reported
    assert few.channels == every.channels
    assert few.triggers == every.triggers
    assert len(few.links) < len(every.links)
    assert all(link in every.links for link in few.links)
    assert [link for link in few.links if link.confidence is not Confidence.WEAK] == [
        link for link in every.links if link.confidence is not Confidence.WEAK
    ]
    assert {target for _, target in weak(few)} == {target for _, target in weak(every)}
    assert told(every) == []


def test_weak_links_of_one_role_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    every = len(weak(assemble(SCANS["one role by wildcard"], CODED, CHANNELS)))
    monkeypatch.setattr(broad, "LISTED", SIZE)
    graph = assemble(SCANS["one role by wildcard"], CODED, CHANNELS)
    assert (every, len(weak(graph))) == (SIZE * SIZE - 1, SIZE)
    assert told(graph) == ["shop/Role: 29 of 35 weak links, of 6 functions to 6 channels (sqs)"]


def test_the_broadest_are_counted_first_and_the_rest_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broad, "LISTED", SIZE)
    monkeypatch.setattr(broad, "TOLD", 1)
    graph = assemble(SCANS["a wildcard each"], CODED, CHANNELS)
    # the last role is listed whole; the first stands for all that are counted, and Fn1's own call is no weak link
    assert weak(graph) == [(f"shop/Fn{i}", f"shop/Queue{j}") for i in (0, 5) for j in range(SIZE)]
    assert told(graph) == [
        "3 further roles: 17 weak links, of 3 functions",
        "shop/Role2: 6 of 6 weak links, of 1 functions to 6 channels (sqs)",
    ]


@pytest.mark.parametrize("statements", [(SENDING,), (EVERYTHING,), (allow("sqs:*", "arn:aws:sqs:*:*:queue-*"),)])
def test_wildcard_grants_are_reported_as_if_every_link_were_listed(
    statements: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> list[str]:
        graph = assemble(each_its_own(*statements), CODED, CHANNELS)
        return [item.message for item in findings(graph, ()) if item.rule == "wildcard-grant"]

    every = found()
    monkeypatch.setattr(broad, "LISTED", 1)
    assert len(every) == SIZE
    assert found() == every


def test_what_was_seen_at_run_time_is_linked(monkeypatch: pytest.MonkeyPatch) -> None:
    topics = [
        Resource(
            id=f"shop/{kind}{i}",
            type=type_,
            stack="shop",
            address=f"{kind}{i}",
            properties={"Role": Ref("shop/Role", "Arn")} if kind == "Fn" else {},
            deployed=ARN.format(service, f"{kind}{i}"),
        )
        for i in range(SIZE)
        for kind, type_, service in (("Fn", "AWS::Lambda::Function", "lambda"), ("Topic", "AWS::SNS::Topic", "sns"))
    ]
    seen = Observation(
        producer=ARN.format("lambda", "Fn3"), consumer=ARN.format("sns", "Topic4"), stack="shop", source="x-ray", count=1, hours=1
    )
    scan = inventory(*topics, role("shop/Role", allow("sns:Publish", "*")))
    scan = Inventory(stacks=scan.stacks, resources=scan.resources, observations=(seen,))
    every = assemble(scan, (), CHANNELS)
    monkeypatch.setattr(broad, "LISTED", 1)
    few = assemble(scan, (), CHANNELS)

    def confirmed(graph: EventGraph) -> list[object]:
        return [link for link in graph.links if link.confidence is Confidence.CONFIRMED and link.kind is LinkKind.PUBLISH]

    assert len(few.links) < len(every.links)
    assert confirmed(few) == confirmed(every) != []


def test_what_leads_to_where_somebody_asks() -> None:
    edges = [("Topic", "Queue"), ("Queue", "Take"), ("Bus", "Other"), ("Queue", "Topic")]
    assert leading(edges, [("Fn", "Take"), ("Fn", "Bus")]) == {"Fn": {"Take", "Queue", "Topic", "Bus"}}
