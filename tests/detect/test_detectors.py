"""Every detector: what it reports, and what it must leave alone."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import replace
from typing import Any

import pytest

import untangle.detect
from tests.detect.graphs import bus, coded, function, graph, hop, link, mapped, node, queue
from untangle.detect import DETECTORS, RULES, chains, findings
from untangle.model.chain import SEVERITIES, Finding
from untangle.model.code import CodeFacts, Guard
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, LinkKind, Sent
from untangle.model.location import Location
from untangle.model.resource import Gap
from untangle.model.value import Ref

HERE = Location("template.yaml", 7)
OWN = Evidence(kind=Witness.PERMITTED, note="sqs:SendMessage (own role, Policies)", location=HERE)
WILD = Evidence(kind=Witness.PERMITTED, note="sqs:SendMessage (wildcard, Policies)", location=HERE, shared=True)
AGAINST = Evidence(kind=Witness.DECLARED, note="kind is 'paid', the filter wants 'refunded'", location=HERE, against=True)


def found(given: EventGraph, rule: str) -> list[Finding]:
    """The findings of one rule."""
    return [item for item in findings(given, chains(given)) if item.rule == rule]


def read(given: EventGraph, **facts: Any) -> EventGraph:
    """The same graph, every function's code read to its end."""
    code = {
        item.id: CodeFacts(**({"function": item.id, "readable": True, "language": "python"} | facts)) for item in given.functions
    }
    return replace(given, code=code)


def through(
    kind: str, *, settings: dict[str, Any] | None = None, delivery: dict[str, Any] | None = None, **fields: Any
) -> EventGraph:
    """A -> a channel of this kind -> B."""
    channel = queue("C", type=kind, settings=settings or {})
    consumer = function("B", **fields)
    return graph(hops=(hop("A", "B", channel, deliveries=(delivery or {},)),), channels=(channel,), functions=(consumer,))


REDRIVE = {"redrive": {"dead_letter": "app/Dlq", "max_receive_count": 5}}


class TestHouse:
    def test_every_file_with_a_detector_is_registered(self) -> None:
        modules = [
            importlib.import_module(f"untangle.detect.{item.name}") for item in pkgutil.iter_modules(untangle.detect.__path__)
        ]
        assert {module.DETECTOR.name for module in modules if hasattr(module, "DETECTOR")} == {item.name for item in DETECTORS}

    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
    def test_every_rule_says_what_it_costs_and_what_to_do_instead(self, rule: Any) -> None:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
        assert rule.severity in SEVERITIES
        assert rule.title and len(rule.title) < 80 and not rule.title.endswith(".")
        assert rule.costs.endswith(".") and rule.instead.endswith(".")
        assert "**" not in rule.costs + rule.instead

    def test_rule_ids_are_unique(self) -> None:
        assert len({rule.id for rule in RULES}) == len(RULES)


class TestSelfTrigger:
    def test_a_function_that_writes_to_the_bucket_that_triggers_it(self) -> None:
        (item,) = found(graph(hops=(hop("Resize", "Resize", queue("Images", type="s3")),)), "self-trigger")
        assert item.message == "Resize writes to the bucket Images that triggers it, under no condition that was seen"
        assert item.locations == (Location("src/app.py", 12), Location("template.yaml", 50))

    def test_the_condition_around_an_invocation_of_itself_is_named(self) -> None:
        guard = Guard(kind="if", text="cursor is not None", location=HERE)
        given = graph(hops=(hop("Page", "Page", queue("Page#invoke", type="lambda_invoke"), guards=(guard,)),))
        assert [item.message for item in found(given, "self-trigger")] == [
            "Page invokes itself under the condition `cursor is not None`"
        ]

    @pytest.mark.parametrize(
        "harmless",
        [
            hop("A", "B"),
            hop("A", "A", confidence=Confidence.CONTRADICTED),
            hop("A", "A", reason="redrive"),
        ],
    )
    def test_what_is_none(self, harmless: Hop) -> None:
        assert found(graph(hops=(harmless,)), "self-trigger") == []


class TestLoop:
    def test_functions_that_reach_one_another(self) -> None:
        (item,) = found(graph("A>B B>C C>A C>D"), "loop")
        assert item.message == "A, B and C reach one another in a circle of 3 hops; no condition was seen around any of its calls"

    @pytest.mark.parametrize("arrows", ["A>B B>C A>C", "A>A"])
    def test_what_is_none(self, arrows: str) -> None:
        assert found(graph(arrows), "loop") == []


class TestMissingDlq:
    def test_a_queue_without_a_redrive_policy(self) -> None:
        (item,) = found(through("sqs"), "missing-dlq")
        assert item.message.startswith("B consumes C, which has no redrive policy")

    def test_an_asynchronous_consumer_without_a_dead_letter_queue(self) -> None:
        (item,) = found(through("sns"), "missing-dlq")
        assert item.message == "B, reached asynchronously from A, has no dead-letter queue and no on-failure destination"

    def test_a_stream_that_gives_up_without_keeping_the_record(self) -> None:
        (item,) = found(through("kinesis", delivery={"maximum_retry_attempts": 2}), "missing-dlq")
        assert "gives up on records of C" in item.message

    @pytest.mark.parametrize(
        "given",
        [
            through("sqs", settings=REDRIVE),
            through("sns", asynchronous={"dead_letter": "app/Dlq"}),
            through("kinesis", delivery={"maximum_retry_attempts": 2, "on_failure": "app/Dlq"}),
            through("kinesis", delivery={"maximum_retry_attempts": -1}),
            graph(
                hops=(
                    hop("A", "B", queue("C", type="sns")),
                    hop("B", "F", queue("B#on_failure", type="lambda_destination"), reason="on_failure"),
                )
            ),
            graph(
                hops=(hop("A", "B", bus("Foreign", external=True), queue("C"), reason="redrive"),),
                channels=(queue("C", settings=REDRIVE),),
            ),
        ],
        ids=["redrive", "async dlq", "stream destination", "endless retries", "on-failure destination", "redrive hop"],
    )
    def test_what_is_none(self, given: EventGraph) -> None:
        assert [item for item in found(given, "missing-dlq") if "app/B" in item.subject or "app/C" in item.subject] == []

    def test_a_dead_letter_queue_of_a_destination_needs_none_either(self) -> None:
        parked = link("app/A#on_failure", "app/C", LinkKind.ROUTE)
        given = graph(hops=(hop("A", "B", queue("C")),), links=(parked,))
        assert found(given, "missing-dlq") == []

    def test_a_dead_letter_queue_needs_none_of_its_own(self) -> None:
        channels = (queue("C", settings={"redrive": {"dead_letter": "app/Dlq", "max_receive_count": 5}}), queue("Dlq"))
        given = graph(hops=(hop("A", "B", channels[0]), hop("B", "Repair", channels[1])), channels=channels)
        assert found(given, "missing-dlq") == []

    def test_a_synchronous_invocation_fails_at_its_caller(self) -> None:
        assert found(invoking("RequestResponse"), "missing-dlq") == []
        assert len(found(invoking("Event"), "missing-dlq")) == 1


class TestVisibilityTimeout:
    @pytest.mark.parametrize(
        ("visibility", "timeout", "window", "severity"),
        [
            (30, 60, None, "error"),
            (60, 60, None, "warning"),
            (359, 60, None, "warning"),
            (360, 60, None, None),
            (360, 60, 20, "warning"),
            ("380", 60, 20, None),
            (None, 60, None, None),
            (30, None, None, None),
        ],
    )
    def test_six_times_the_function_timeout(
        self, visibility: Any, timeout: int | None, window: int | None, severity: str | None
    ) -> None:
        given = through("sqs", settings={"visibility_timeout": visibility}, delivery={"batch_window": window}, timeout=timeout)
        assert [item.severity for item in found(given, "visibility-timeout")] == [severity] * (severity is not None)

    def test_what_is_not_known_is_not_judged(self) -> None:
        assert found(through("sqs", timeout=60), "visibility-timeout") == []


class TestRetryMismatch:
    def test_a_queue_that_receives_once(self) -> None:
        given = through("sqs", settings={"redrive": {"dead_letter": "app/Dlq", "max_receive_count": 1}})
        assert len(found(given, "retry-mismatch")) == 1

    @pytest.mark.parametrize("delivery", [{}, {"maximum_retry_attempts": -1}, {"bisect_on_error": True}])
    def test_a_stream_that_retries_for_ever(self, delivery: dict[str, Any]) -> None:
        assert len(found(through("dynamodb_stream", delivery=delivery), "retry-mismatch")) == 1

    @pytest.mark.parametrize(
        "given",
        [
            through("sqs", settings=REDRIVE),
            through("sqs"),
            through("dynamodb_stream", delivery={"maximum_retry_attempts": 3}),
            through("kinesis", delivery={"maximum_record_age": 3600}),
        ],
    )
    def test_what_is_none(self, given: EventGraph) -> None:
        assert found(given, "retry-mismatch") == []


class TestFans:
    @pytest.mark.parametrize(("consumers", "severities"), [(2, []), (3, ["note"]), (9, ["note"]), (10, ["warning"])])
    def test_fan_out_grows_from_a_note_to_a_warning(self, consumers: int, severities: list[str]) -> None:
        topic = queue("Topic", type="sns")
        given = graph(hops=tuple(hop("A", f"B{number}", topic) for number in range(consumers)))
        assert [item.severity for item in found(given, "fan-out")] == severities

    def test_one_more_listener_is_not_a_new_finding(self) -> None:
        topic = queue("Topic", type="sns")
        one, other = (graph(hops=tuple(hop("A", f"B{number}", topic) for number in range(size))) for size in (3, 4))
        assert found(one, "fan-out")[0].fingerprint == found(other, "fan-out")[0].fingerprint

    def test_fan_in_is_said_to_be_no_join(self) -> None:
        (item,) = found(graph("A>B A>C B>D C>D"), "fan-in")
        assert item.message == "D runs once for each message of B and C; it does not wait for all of them"

    @pytest.mark.parametrize("arrows", ["A>B", "A>B B>B"])
    def test_one_producer_is_no_fan_in(self, arrows: str) -> None:
        assert found(graph(arrows), "fan-in") == []


class TestLongChain:
    @pytest.mark.parametrize(
        ("arrows", "path"),
        [
            ("A>B B>C", None),
            ("A>B B>C C>D", "A → B → C → D"),
            ("A>B B>C C>D A>D B>D", "A → B → C → D"),
            ("A>B B>C C>D D>B", "A → B → C → D"),
            ("A>B A>C A>D A>E", None),
        ],
    )
    def test_the_longest_way_is_named(self, arrows: str, path: str | None) -> None:
        items = found(graph(arrows), "long-chain")
        assert [item.message.partition(": ")[2] for item in items] == ([path] if path else [])

    def test_a_very_deep_chain_is_walked_and_shortened(self) -> None:
        (item,) = found(graph(" ".join(f"F{number:05}>F{number + 1:05}" for number in range(3000))), "long-chain")
        assert item.message.startswith("3001 functions stand one behind the other: F00000 → F00001")
        assert item.message.endswith("→ … → F03000")


def invoking(kind: str | None) -> EventGraph:
    """A invokes B."""
    made = hop("A", "B", queue("B#invoke", type="lambda_invoke"))
    attributes = {} if kind is None else {"InvocationType": kind}
    publish = replace(made.links[0], sent=Sent(service="lambda", operation="Invoke", attributes=attributes))
    return graph(hops=(replace(made, links=(publish, *made.links[1:])),))


@pytest.mark.parametrize(("kind", "count"), [(None, 1), ("RequestResponse", 1), ("Event", 0), (Ref("x"), 0)])
def test_a_function_that_waits_for_another(kind: Any, count: int) -> None:
    assert len(found(invoking(kind), "sync-invoke-chain")) == count


class TestDeadGrant:
    def granted(self, *evidence: Evidence, **fields: Any) -> EventGraph:
        made = link(node("A"), node("Q"), LinkKind.PUBLISH, confidence=Confidence.CONTRADICTED, evidence=evidence)
        return graph(functions=(function("A"),), channels=(queue("Q"),), links=(made,), **fields)

    def test_a_grant_without_a_call_in_code_that_was_read(self) -> None:
        (item,) = found(read(self.granted(OWN)), "dead-grant")
        assert item.message == "A may write to Q (sqs:SendMessage (own role, Policies)), but its code never does"

    @pytest.mark.parametrize(
        "given",
        [
            lambda self: self.granted(OWN),
            lambda self: read(self.granted(OWN), readable=False),
            lambda self: read(self.granted(WILD)),
            lambda self: read(self.granted(OWN, coded())),
            lambda self: read(self.granted(OWN, AGAINST)),
        ],
        ids=["code absent", "code unread", "wildcard", "called", "contradicted by a filter"],
    )
    def test_what_is_none(self, given: Any) -> None:
        assert found(given(self), "dead-grant") == []

    def test_a_role_must_let_lambda_write_to_the_functions_own_destinations(self) -> None:
        given = read(self.granted(OWN))
        routed = replace(given, links=(*given.links, link("app/A#on_success", "app/Q", LinkKind.ROUTE)))
        parked = replace(given, functions=(function("A", asynchronous={"dead_letter": "app/Q"}),))
        assert found(routed, "dead-grant") == found(parked, "dead-grant") == []


class TestDeadVariable:
    given = graph(functions=(function("A", environment={"QUEUE": Ref("app/Q"), "STAGE": "dev"}),), channels=(queue("Q"),))

    def test_a_variable_that_the_code_never_reads(self) -> None:
        (item,) = found(read(self.given, variables=("STAGE",)), "dead-variable")
        assert item.message == "A is given Q as QUEUE, which its code never reads"

    @pytest.mark.parametrize(
        "facts",
        [
            {"variables": ("QUEUE",)},
            {"variables": ()},
            {"variables": ("STAGE",), "language": "javascript"},
            {"variables": ("STAGE",), "readable": False},
            {"variables": ("STAGE",), "gaps": (Gap(what="environment", why="read by a computed name"),)},
        ],
    )
    def test_what_is_none(self, facts: dict[str, Any]) -> None:
        assert found(read(self.given, **facts), "dead-variable") == []


class TestFilterNeverMatches:
    def excluded(self, kind: str = "sns", filter: Any = None, *others: Hop, **fields: Any) -> EventGraph:
        channel = queue("Topic", type=kind, **fields)
        evidence = (coded(), mapped(), AGAINST)
        out = hop(
            "A", "B", channel, filters=(filter or {"kind": ("refunded",)},), confidence=Confidence.CONTRADICTED, evidence=evidence
        )
        return graph(hops=(out, *others), channels=(channel,))

    def test_every_producer_is_excluded(self) -> None:
        (item,) = found(self.excluded(), "filter-never-matches")
        assert item.message.endswith("passes the filter of B: kind is 'paid', the filter wants 'refunded'")

    def test_what_is_none(self) -> None:
        other = hop("Z", "B", queue("Topic", type="sns"))
        assert found(self.excluded("sns", None, other), "filter-never-matches") == []
        assert found(self.excluded("s3"), "filter-never-matches") == []
        assert found(self.excluded(external=True), "filter-never-matches") == []
        assert found(self.excluded("eventbridge", {"source": ("aws.s3",)}), "filter-never-matches") == []
        assert found(self.excluded("eventbridge", {"source": ({"prefix": "aws."},)}), "filter-never-matches") == []


def test_unread_code_is_one_finding() -> None:
    (item,) = found(graph("A>B B>C"), "unread-code")
    assert item.message == "the code of 3 of 3 functions was not read to its end: A, B and C"
    assert found(read(graph("A>B B>C")), "unread-code") == []


def test_wildcard_grants_are_counted_by_function() -> None:
    links = tuple(
        link(node("A"), node(name), LinkKind.PUBLISH, confidence=Confidence.WEAK, evidence=(WILD,)) for name in ("Q", "R")
    )
    given = graph(functions=(function("A"),), channels=(queue("Q"), queue("R")), links=links)
    assert [item.message for item in found(given, "wildcard-grant")] == [
        "A may write to Q and R by a wildcard (sqs:SendMessage (wildcard, Policies))"
    ]


@pytest.mark.parametrize(("enabled", "count"), [(False, 1), (True, 0), (None, 0)])
def test_a_mapping_that_is_switched_off(enabled: bool | None, count: int) -> None:
    assert len(found(through("sqs", delivery={"enabled": enabled}), "disabled-mapping")) == count


@pytest.mark.parametrize(("signal", "count"), [("counter", 1), ("listing", 1), ("sleep", 0)])
def test_a_handler_that_counts_may_be_a_join(signal: str, count: int) -> None:
    given = read(graph("A>B"), signals={signal: HERE})
    assert len(found(given, "hidden-join")) == 2 * count


def test_findings_hold_those_of_reading_and_stand_in_order_of_gravity() -> None:
    syntax = Finding(rule="template-syntax", severity="error", message="not YAML", subject="x", locations=(HERE,))
    given = graph("A>B B>C C>A", findings=(syntax,))
    items = findings(given, chains(given))
    assert items[0] == syntax
    ranks = [SEVERITIES.index(item.severity) for item in items]
    assert ranks == sorted(ranks, reverse=True)
    assert items == findings(given, chains(given))


def test_fingerprints_hold_no_line_numbers() -> None:
    one = graph(hops=(hop("A", "A", queue("Q"), evidence=(coded(1),)),))
    other = graph(hops=(hop("A", "A", queue("Q"), evidence=(coded(99),)),))
    assert found(one, "self-trigger")[0].fingerprint == found(other, "self-trigger")[0].fingerprint
