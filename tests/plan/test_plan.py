"""The planner: what moves, what stays and why, in arrow notation."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.arrows import arrows, chain, function_id
from untangle.emit.asl import asl_definition
from untangle.model.code import CodeFacts, Guard
from untangle.model.graph import EventGraph
from untangle.model.link import Link, LinkKind, Sent
from untangle.model.location import Location
from untangle.model.node import ChannelNode, StateMachine
from untangle.model.shape import Read
from untangle.model.step import Choice, Each, Entries, Parallel, Retry, Task, Wait, steps
from untangle.model.workflow import Workflow
from untangle.plan import plan, verdict

HERE = Location("app.py", 3)


def planned(graph: EventGraph) -> Workflow:
    return plan(graph, chain(graph))


def moved(graph: EventGraph, workflow: Workflow) -> set[str]:
    """The hops that move, as `Producer>Consumer`."""
    hops = (graph.hop(id) for id in workflow.migrated)
    return {f"{graph.function(hop.producer).address}>{graph.function(hop.consumer).address}" for hop in hops}


def blocking(workflow: Workflow) -> str:
    return " | ".join(obstacle.text for obstacle in workflow.obstacles if obstacle.blocking)


class TestStaying:
    """Each reason to stay is seen on the hop, told in words, and only that hop stays."""

    @pytest.mark.parametrize(
        ("text", "given", "words"),
        [
            ("a -sqs:q-> b", {"settings": {"q": {"fifo": True}}}, "FIFO"),
            ("a -sns:t-> b", {"settings": {"t": {"fifo": True}}}, "FIFO"),
            ("a -kinesis-> b", {}, "order of its records"),
            ("a -dynamodb_stream:t-> b", {"delivery": {"t": {"tumbling_window": 60}}}, "tumbling window"),
            ("a -sqs:q-> b", {"delivery": {"q": {"batch_window": 5}}}, "batches over a window"),
            ("a -sqs:q-> b", {"delivery": {"q": {"batch_size": 1000}}}, "batches of up to 1000"),
            ("a -sqs:q-> b", {"delivery": {"q": {"maximum_concurrency": 2}}}, "limits the function to 2"),
            ("a -sqs-> b", {"functions": {"b": {"kind": "ecs_task"}}}, "B is not a Lambda function"),
            ("a -sqs-> b", {"hops": {"a>b": {"mediated": True}}}, "outside service"),
            ("a -sqs-> b", {"hops": {"a>b": {"reason": "redrive"}}}, "carries what failed"),
            (
                "a -sqs-> b",
                {"machines": (StateMachine(id="m", address="M", stack="app", functions=("app/B",)),)},
                "state machine M",
            ),
            ("a -lambda_invoke-> b", {"hops": {"a>b": {"sent": {"InvocationType": "RequestResponse"}}}}, "waits for the answer"),
            (
                "a -sqs-> b",
                {"hops": {"a>b": {"guards": (Guard(kind="except", text="except E", location=HERE),)}}},
                "exception handler",
            ),
            ("a -dynamodb_stream:t-> b", {"settings": {"t": {"key_names": ()}}}, "key names"),
            ("a -sns:t-> b", {"filters": {"t": {"ip": ({"cidr": "nowhere"},)}}}, "address range"),
            ("a -eventbridge:e-> b", {"delivery": {"e": {"input_path": "$..x"}}}, "not a plain one"),
            ("a -iot-> b", {}, "no envelope adapter"),
            ("a -lambda_destination-> b", {"triggers": {"a": "apigateway"}}, "not only invoked asynchronously"),
        ],
    )
    def test_a_hop_stays(self, text: str, given: Mapping[str, Any], words: str) -> None:
        graph = arrows(f"{text}; b -sqs-> c -sns-> d", **given)
        workflow = planned(graph)
        assert words in blocking(workflow)
        assert "A>B" not in moved(graph, workflow)

    def test_a_field_that_only_the_transport_can_give(self) -> None:
        reads = (Read(path=("Records", "*", "receiptHandle"), required=True, location=HERE),)
        graph = arrows("a -sqs-> b -sqs-> c", code={"b": CodeFacts(function="b", readable=True, reads=reads)})
        assert "Records.*.receiptHandle (app.py:3)" in blocking(planned(graph))

    def test_competing_consumers(self) -> None:
        assert "compete" in blocking(planned(arrows("a -sqs:q-> {b, c}")))

    def test_a_channel_of_somebody_else(self) -> None:
        graph = arrows("a -sns:t-> b -sqs-> c -sqs-> d")
        channels = tuple(replace(node, external=True) if node.address == "t" else node for node in graph.channels)
        workflow = planned(replace(graph, channels=channels))
        assert "belongs to somebody else" in blocking(workflow)
        assert moved(graph, workflow) == {"B>C", "C>D"}

    def test_a_loop_stays_and_the_rest_moves(self) -> None:
        graph = arrows("a -sqs-> b -sqs-> c -sqs-> b; a -sns-> d -sns-> e")
        workflow = planned(graph)
        assert "form a loop" in blocking(workflow)
        assert {"A>D", "D>E", "A>B"} == moved(graph, workflow)

    def test_a_function_that_calls_itself(self) -> None:
        assert "form a loop" in blocking(planned(arrows("a -sqs-> a", triggers={"a": "s3"})))

    def test_the_largest_part_moves(self) -> None:
        graph = arrows("a -sqs-> b -sqs:q-> c -sns-> d -sns-> e", settings={"q": {"fifo": True}})
        workflow = planned(graph)
        assert moved(graph, workflow) == {"C>D", "D>E"}
        assert "a workflow of its own" in blocking(workflow)

    def test_nothing_moves(self) -> None:
        workflow = planned(arrows("a -kinesis-> b -kinesis-> c"))
        assert workflow.root is None
        assert len(workflow.kept) == 2
        assert workflow.verdict is not None and workflow.verdict.decision == "keep"


class TestTree:
    def test_every_moving_hop_stands_in_the_tree(self) -> None:
        graph = arrows("a -sqs*-> b -sns-> {c, d}; c -dynamodb_stream?-> e; {a, d} -eventbridge:bus-> f")
        workflow = planned(graph)
        found = {hop for step in steps(workflow.root) for hop in step.hops if isinstance(step, Task)}
        assert found == set(workflow.migrated) == {hop.id for hop in graph.hops}

    def test_one_maybe_and_many(self) -> None:
        for mark, wanted in (("", "one"), ("?", "maybe"), ("*", "many")):
            workflow = planned(arrows(f"a -sqs{mark}-> b"))
            (each,) = (step for step in steps(workflow.root) if isinstance(step, Each))
            assert each.multiplicity == wanted

    def test_two_calls_into_one_channel_are_many(self) -> None:
        graph = arrows("a -eventbridge-> {b, c}", filters={"ABus>B": {"source": ("x",)}})
        more = Link(
            source="app/A",
            target="app/ABus",
            kind=LinkKind.PUBLISH,
            confidence=graph.links[0].confidence,
            evidence=(replace(graph.links[0].evidence[0], location=HERE),),
            sent=Sent(service="events", operation="PutEvents"),
        )
        workflow = planned(replace(graph, links=(*graph.links, more)))
        assert {step.multiplicity for step in steps(workflow.root) if isinstance(step, Each)} == {"many"}

    def test_a_call_that_nobody_saw_may_be_made_any_number_of_times(self) -> None:
        graph = arrows("a -sqs-> b")
        unseen = tuple(replace(link, sent=None) for link in graph.links)
        workflow = planned(replace(graph, links=unseen))
        assert {step.multiplicity for step in steps(workflow.root) if isinstance(step, Each)} == {"many"}

    def test_filters_are_choices_and_delays_waits(self) -> None:
        workflow = planned(arrows("a -sns/sqs-> b", filters={"ATopic": {"k": ("v",)}}, settings={"BQueue": {"delay_seconds": 5}}))
        kinds = [type(step) for step in steps(workflow.root)]
        assert kinds == [Task, Each, Choice, Wait, Task]

    def test_several_entries(self) -> None:
        workflow = planned(arrows("{a, b} -sqs:q-> c"))
        assert isinstance(workflow.root, Entries)
        assert [name for name, _ in workflow.root.entries] == ["A", "B"]
        assert any("several entries" in text for text in workflow.differences)

    def test_subtrees_are_shared_and_not_copied(self) -> None:
        workflow = planned(arrows("a -sns-> {b, c}; {b, c} -sqs:q-> d -sqs-> e"))
        tails = [step for step in steps(workflow.root) if isinstance(step, Task) and step.function == function_id("e")]
        assert len(tails) == 1
        assert any("D is reached by 2 hops" in text for text in workflow.differences)

    def test_a_topic_that_others_hear_is_still_published_to(self) -> None:
        graph = arrows("a -sns:t-> b -sqs-> c; a -sns:t/sqs:slow-> d", settings={"slow": {"fifo": True}})
        workflow = planned(graph)
        assert isinstance(workflow.root, Task)
        (effects,) = workflow.root.captures
        assert effects.sent
        assert any("must be removed" in text for text in workflow.differences)


class TestRetries:
    def task(self, text: str, **given: Any) -> Task:
        workflow = planned(arrows(text, **given))
        return next(step for step in steps(workflow.root) if isinstance(step, Task) and step.function == function_id("b"))

    def any_error(self, task: Task) -> Retry | None:
        return next((retry for retry in task.retries if retry.errors == "any"), None)

    @pytest.mark.parametrize(
        ("text", "given", "wanted"),
        [
            ("a -sns-> b", {}, (60, 2, 2)),
            ("a -sns-> b", {"functions": {"b": {"asynchronous": {"maximum_retry_attempts": 1}}}}, (60, 2, 1)),
            (
                "a -sqs:q-> b",
                {"settings": {"q": {"visibility_timeout": 90}}, "delivery": {"q": {"max_receive_count": 4}}},
                (90, 1, 3),
            ),
            ("a -sqs:q-> b", {"settings": {"q": {"redrive": {"max_receive_count": 2}}}}, (30, 1, 1)),
            ("a -dynamodb_stream:t-> b", {"delivery": {"t": {"maximum_retry_attempts": 3}}}, (1, 2, 3)),
        ],
    )
    def test_failed_runs_are_repeated_as_the_channel_did(
        self, text: str, given: Mapping[str, Any], wanted: tuple[int, int, int]
    ) -> None:
        retry = self.any_error(self.task(text, **given))
        assert retry is not None
        assert (retry.interval, retry.rate, retry.attempts) == wanted

    @pytest.mark.parametrize(
        ("text", "given"),
        [
            ("a -sns-> b", {"functions": {"b": {"asynchronous": {"maximum_retry_attempts": 0}}}}),
            ("a -sqs:q-> b", {"delivery": {"q": {"max_receive_count": 1}}}),
        ],
    )
    def test_none_is_none(self, text: str, given: Mapping[str, Any]) -> None:
        assert self.any_error(self.task(text, **given)) is None

    @pytest.mark.parametrize(("target", "said"), [("app/Dead", True), (None, False)])
    def test_what_is_parked_is_not_moved_back_by_itself(self, target: str | None, said: bool) -> None:
        redrive = {"max_receive_count": 2, **({"dead_letter": target} if target else {})}
        dead = ChannelNode(id="app/Dead", type="sqs", address="Dead", stack="app")
        workflow = planned(arrows("a -sqs:q-> b", settings={"q": {"redrive": redrive}}, extra=(dead,)))
        words = "what the workflow parks in Dead is a new message there, without DeadLetterQueueSourceArn"
        assert any(words in text for text in workflow.differences) is said

    def test_a_queue_without_redrive_policy_is_clamped_and_says_so(self) -> None:
        workflow = planned(arrows("a -sqs-> b"))
        assert any("no redrive policy" in text for text in workflow.differences)

    def test_an_entry_behind_a_hop_that_stays_is_tried_as_its_queue_did(self) -> None:
        graph = arrows(
            "a -sqs:q-> b -sns-> c -sns-> d",
            delivery={"q": {"batch_window": 5, "max_receive_count": 4}},
        )
        workflow = planned(graph)
        assert isinstance(workflow.root, Task) and workflow.root.function == function_id("b")
        retry = self.any_error(workflow.root)
        assert retry is not None and retry.attempts == 3
        assert any("messages leave the queue when the workflow starts" in text for text in workflow.differences)

    def test_an_entry_behind_an_api_is_not_run_again(self) -> None:
        for trigger, again in (("apigateway", False), ("s3", True)):
            root = planned(arrows("a -sns-> b", triggers={"a": trigger})).root
            assert isinstance(root, Task)
            assert (self.any_error(root) is not None) is again


class TestVerdict:
    def test_two_functions_are_left_alone(self) -> None:
        graph = arrows("a -sqs-> b")
        found = verdict(graph, chain(graph))
        assert (found.decision, found.reasons[0].toward) == ("keep", "keep")

    def test_a_private_chain_that_waits_is_migrated(self) -> None:
        graph = arrows("a -sqs:q-> b -sns-> c -sns-> d -sns-> e", settings={"q": {"delay_seconds": 600}})
        found = verdict(graph, chain(graph))
        assert (found.decision, found.score) == ("migrate", 55)

    def test_independent_subscribers_speak_against_it(self) -> None:
        graph = arrows("a -sns-> {b, c, d}")
        found = verdict(graph, chain(graph))
        assert found.decision == "keep"
        assert any("independent subscribers" in reason.text for reason in found.reasons if reason.toward == "keep")

    def test_hops_that_stay_make_it_partial(self) -> None:
        graph = arrows("a -sqs:q-> b -sns-> c -sns-> d -sqs:f-> e", settings={"q": {"delay_seconds": 600}, "f": {"fifo": True}})
        assert verdict(graph, chain(graph)).decision == "partial"

    def test_a_chain_for_which_too_little_speaks_is_kept_and_says_so(self) -> None:
        graph = arrows("a -sns-> b -sns-> c -sns-> d")
        found = verdict(graph, chain(graph))
        assert found.decision == "keep" and 25 <= found.score < 50
        assert found.reasons[-1].text.endswith("50 are asked for")

    def test_reasons_are_sorted_by_weight(self) -> None:
        graph = arrows("a -sqs:q-> b -sns-> c -sns-> d", settings={"q": {"delay_seconds": 600}})
        weights = [reason.weight for reason in verdict(graph, chain(graph)).reasons]
        assert weights == sorted(weights, reverse=True)


class TestSize:
    """Plans take time in proportion to the chain, whatever its shape, and never outgrow a definition."""

    @pytest.mark.parametrize(
        "text",
        [
            "; ".join(f"f{n} -eventbridge-> f{n + 1}" for n in range(1000)),
            "; ".join(f"f{n} -sns-> {{a{n}, b{n}}}; {{a{n}, b{n}}} -sqs:q{n}-> f{n + 1}" for n in range(330)),
            "; ".join(f"f{n} -sqs*-> f{n + 1}" for n in range(1000)),
            "f -sns-> {" + ", ".join(f"c{n}" for n in range(999)) + "}",
        ],
        ids=["row", "diamonds", "maps in maps", "star"],
    )
    def test_a_thousand_functions(self, text: str) -> None:
        graph = arrows(text)
        started = time.process_time()
        workflow = planned(graph)
        asl_definition(workflow, graph)
        assert time.process_time() - started < 10
        assert workflow.migrated

    def test_the_same_graph_gives_the_same_plan(self) -> None:
        texts = {repr(planned(arrows("a -sns-> {b, c}; {b, c} -sqs:q-> d"))) for _ in range(2)}
        assert len(texts) == 1


def test_parallel_branches_are_sorted_by_name() -> None:
    root = planned(arrows("a -sns-> {zoe, bob, mia}")).root
    assert isinstance(root, Task) and isinstance(root.then, Parallel)
    names = [step.function for branch in root.then.branches for step in steps(branch) if isinstance(step, Task)]
    assert names == ["app/Bob", "app/Mia", "app/Zoe"]
