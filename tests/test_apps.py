"""Small real applications: the hops that a person finds in each, and the whole scan document.

`HOPS` is written by hand from the applications. `expected/scan.json` is what a scan prints; UNTANGLE_UPDATE_GOLDEN=1
rewrites it, to be read line by line before it is committed.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from untangle import pipeline
from untangle.config import Config
from untangle.emit.asl import asl_definition
from untangle.emit.emitter import View
from untangle.emit.json import render
from untangle.model.evidence import Confidence
from untangle.model.scan import Scan
from untangle.model.step import Job, Task, steps
from untangle.model.workflow import Workflow
from untangle.plan import plan

APPS = Path(__file__).parent / "apps"
NAMES = sorted(folder.name for folder in APPS.iterdir() if folder.is_dir())
EVERYTHING = View(minimum=Confidence.CONTRADICTED)

# Per application: producer -channels-> consumer, and how sure it is. What is not here must not be found at all.
HOPS = {
    "fanout-with-filters": {
        "CreateAccount -sns-> SendWelcome": "likely",
        "CreateAccount -sns-> GrantQuota": "likely",
        "CreateAccount -sns sqs-> WriteAudit": "likely",
        "CreateAccount -eventbridge-> OpenBilling": "likely",
        "CreateAccount -sns-> PurgeData": "contradicted",  # publishes kind=created, the filter wants deleted
        "CreateAccount -eventbridge-> SyncLegacy": "contradicted",  # sends AccountOpened, the rule wants AccountClosed
    },
    "delayed-retry-loop": {
        "ReceiveWebhook -sqs-> DeliverWebhook": "likely",
        "DeliverWebhook -sqs-> DeliverWebhook": "likely",
        "DeliverWebhook -sqs-> ParkWebhook": "declared",  # the redrive policy of the queue that it consumes
    },
    "s3-stages-in-one-bucket": {
        "Extract -s3-> Clean": "likely",
        "Clean -s3-> Load": "likely",
        # The bucket is one, the keys are not: each of these writes where no notification of the other looks.
        "Extract -s3-> Extract": "contradicted",
        "Extract -s3-> Load": "contradicted",
        "Clean -s3-> Extract": "contradicted",
        "Clean -s3-> Clean": "contradicted",
        "Report -s3-> Extract": "contradicted",
        "Report -s3-> Clean": "contradicted",
        "Report -s3-> Load": "contradicted",
    },
    "splitter-with-hidden-join": {
        "SplitReport -sqs-> RenderPart": "likely",
        "RenderPart -sns-> PublishReport": "likely",
    },
    "jobs-with-ends": {
        "PlaceOrder -step_functions eventbridge-> TellCustomer": "likely",
        "PackParcel -sqs-> PrintLabel": "likely",  # a step of the state machine
        "TellCustomer -sns-> SendLetter": "likely",
        "AskForSales -s3-> MailSales": "likely",
    },
    "cross-stack-exports": {
        "SubmitClaim -sns-> CarScoring/ScoreClaim": "likely",
        "SubmitClaim -sns-> HomeScoring/ScoreClaim": "likely",
        "CarScoring/ScoreClaim -sqs-> TellCustomer": "likely",
        "HomeScoring/ScoreClaim -sqs-> TellCustomer": "likely",
    },
}


@cache
def scanned(name: str) -> Scan:
    return pipeline.scan(APPS / name, config=Config(), exclude=("expected/",))


def arrows(scan: Scan) -> dict[str, str]:
    """The hops as in `HOPS`; a function of a nested stack bears its stack's name."""
    return {
        f"{_short(hop.producer)} -{' '.join(item.type for item in hop.passages)}-> {_short(hop.consumer)}": hop.confidence.value
        for hop in scan.graph.hops
    }


def _short(function: str) -> str:
    return "/".join(part for part in function.split("/")[-2:] if part[0].isupper())


def test_every_application_has_its_hops_written_down() -> None:
    assert sorted(HOPS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_hops_are_those_that_a_person_finds(name: str) -> None:
    assert arrows(scanned(name)) == HOPS[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_scan_document_is_the_expected_one(name: str) -> None:
    text, golden = render(scanned(name), EVERYTHING), APPS / name / "expected" / "scan.json"
    if os.environ.get("UNTANGLE_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_second_scan_gives_the_same_bytes(name: str) -> None:
    again = pipeline.scan(APPS / name, config=Config(), exclude=("expected/",))
    assert render(again, EVERYTHING) == render(scanned(name), EVERYTHING)


class TestChains:
    """What the hops add up to."""

    def test_a_retry_through_a_delay_queue_is_a_cycle(self) -> None:
        (chain,) = scanned("delayed-retry-loop").chains
        assert chain.cyclic and chain.entries == ("template/ReceiveWebhook",)

    def test_stages_in_one_bucket_are_one_chain_without_the_report(self) -> None:
        (chain,) = scanned("s3-stages-in-one-bucket").chains
        assert not chain.cyclic
        assert [_short(function) for function in chain.functions] == ["Clean", "Extract", "Load"]

    def test_a_chain_crosses_stacks(self) -> None:
        (chain,) = scanned("cross-stack-exports").chains
        assert [_short(function) for function in chain.functions] == [
            "SubmitClaim",
            "TellCustomer",
            "CarScoring/ScoreClaim",
            "HomeScoring/ScoreClaim",
        ]

    def test_a_state_machine_is_passed_by_who_starts_it_and_who_hears_of_its_end(self) -> None:
        chains = {chain.id: [_short(function) for function in chain.functions] for chain in scanned("jobs-with-ends").chains}
        assert chains == {
            "place-order": ["PlaceOrder", "SendLetter", "TellCustomer"],
            "pack-parcel": ["PackParcel", "PrintLabel"],
            "ask-for-sales": ["AskForSales", "MailSales"],
        }


class TestJobs:
    """What a function starts and another hears the end of is waited for by the workflow."""

    def planned(self, chain: str) -> Workflow:
        """The workflow of a chain, all of whose hops move."""
        scan = scanned("jobs-with-ends")
        (found,) = [one for one in scan.chains if one.id == chain]
        workflow = plan(scan.graph, found)
        assert not workflow.kept
        return workflow

    def resources(self, workflow: Workflow) -> list[str]:
        """The integrations of the definition, in the order of the states."""
        states = asl_definition(workflow, scanned("jobs-with-ends").graph)["States"]
        return [state["Resource"].removeprefix("arn:aws:states:::") for state in states.values() if "Resource" in state]

    def test_a_state_machine_that_is_there_stays_as_it_is_and_its_end_is_asked_for(self) -> None:
        workflow = self.planned("place-order")
        (job,) = [step for step in steps(workflow.root) if isinstance(step, Job)]
        assert (job.service, job.operation, job.starts) == ("stepfunctions", "StartExecution", False)
        assert "aws-sdk:sfn:describeExecution" in self.resources(workflow)
        called = {_short(step.function) for step in steps(workflow.root) if isinstance(step, Task)}
        assert called == {"PlaceOrder", "TellCustomer", "SendLetter"}  # not PickGoods and PackParcel

    def test_the_rule_is_taken_away_and_not_that_machines_tell_the_bus(self) -> None:
        assert [switch.text for switch in self.planned("place-order").removals] == [
            "rule TellCustomerEnded: default to TellCustomer"
        ]

    def test_a_query_whose_answer_the_code_throws_away_is_started_by_the_workflow(self) -> None:
        workflow = self.planned("ask-for-sales")
        assert "athena:startQueryExecution.sync" in self.resources(workflow)


def test_a_queue_outside_the_scan_is_named() -> None:
    outside = [channel.id for channel in scanned("cross-stack-exports").graph.channels if channel.location is None]
    assert outside == ["external/sqs/letters"]


def test_what_no_function_writes_is_an_entry_from_outside() -> None:
    triggers = {(item.type, _short(item.function)) for item in scanned("s3-stages-in-one-bucket").graph.triggers}
    assert triggers == {("s3", "Extract"), ("schedule", "Report")}


def test_a_grant_for_a_queue_outside_is_not_dead_when_the_code_sends_there() -> None:
    assert "dead-grant" not in {finding.rule for finding in scanned("cross-stack-exports").findings}
