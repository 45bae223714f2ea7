"""Ends of jobs: which rule on the default bus is about the jobs that a function starts, and which is an entry from outside."""

from __future__ import annotations

import pytest

from tests.assemble.inventories import call, code, function, inventory, resource
from tests.assemble.test_shared import rule
from untangle.assemble import assemble
from untangle.channels import CHANNELS
from untangle.detect.chains import chains
from untangle.model.code import Call
from untangle.model.evidence import Confidence
from untangle.model.graph import EventGraph
from untangle.model.resource import Resource
from untangle.model.value import Env, Ref, Symbol, Value

JOB = resource("shop/Job", "AWS::Glue::Job")
RUN = call("glue", "StartJobRun", JobName=Env("JOB"))


def graph(rule: Resource, *calls: Call, others: tuple[Call, ...] = (), job: Value = Ref("shop/Job")) -> EventGraph:  # noqa: B008
    """`shop/Start` makes the calls with JOB in its environment, `shop/Other` makes others, the rule starts `shop/Take`."""
    resources = (
        function("shop/Start", environment={"JOB": job}),
        function("shop/Other"),
        function("shop/Take"),
        JOB,
        rule,
    )
    facts = [code("shop/Start", *calls), code("shop/Other", *others), code("shop/Take")]
    return assemble(inventory(*resources), facts, CHANNELS)


def glue(**detail: Value) -> Resource:
    """A rule on the ends of Glue jobs that starts `shop/Take`."""
    pattern: dict[str, Value] = {"source": ("aws.glue",), "detail-type": ("Glue Job State Change",)}
    return rule("shop/Rule", "shop/Take", **pattern, **({"detail": detail} if detail else {}))


def confidence(found: EventGraph) -> Confidence | None:
    return next((hop.confidence for hop in found.hops if (hop.producer, hop.consumer) == ("shop/Start", "shop/Take")), None)


NAMED = [
    (glue(jobName=(Ref("shop/Job"),)), RUN),
    (glue(jobName=(Ref("shop/Job"),), state=("SUCCEEDED",)), RUN),
    (glue(jobName=("nightly", Ref("shop/Job"))), RUN),
    (glue(jobName=("nightly",)), call("glue", "StartJobRun", JobName="nightly")),
    (
        rule(
            "shop/Rule", "shop/Take", source=("aws.codebuild",), detail={"project-name": ("site",), "build-status": ("FAILED",)}
        ),
        call("codebuild", "StartBuild", projectName="site"),
    ),
    (
        rule("shop/Rule", "shop/Take", source=("aws.batch",), detail={"jobQueue": ("arn:q",), "status": ("FAILED",)}),
        call("batch", "SubmitJob", jobQueue="arn:q", jobName=Symbol("name")),
    ),
    (
        rule("shop/Rule", "shop/Take", source=("aws.ecs",), detail={"clusterArn": ("arn:c",), "lastStatus": ("STOPPED",)}),
        call("ecs", "RunTask", cluster="arn:c"),
    ),
    (
        rule("shop/Rule", "shop/Take", source=("aws.mediaconvert",), detail={"queue": ("arn:q",)}),
        call("mediaconvert", "CreateJob", Queue="arn:q"),
    ),
    (
        rule("shop/Rule", "shop/Take", source=("aws.emr",), detail={"clusterId": ("j-1",), "state": ("COMPLETED",)}),
        call("emr", "AddJobFlowSteps", JobFlowId="j-1"),
    ),
    (
        rule("shop/Rule", "shop/Take", source=("aws.athena",), detail={"workgroupName": ("people",)}),
        call("athena", "StartQueryExecution", WorkGroup="people"),
    ),
]


@pytest.mark.parametrize(("heard", "start"), NAMED)
def test_a_rule_that_names_the_job_of_a_call_is_about_it(heard: Resource, start: Call) -> None:
    found = graph(heard, start)
    assert confidence(found) is Confidence.LIKELY
    (hop,) = found.reported
    assert hop.mediated and [passage.type for passage in hop.passages] == ["eventbridge"]
    assert not found.triggers  # it is no entry from outside any more


ABOUT_ANY = [
    glue(),
    glue(state=("SUCCEEDED", "FAILED")),
    rule("shop/Rule", "shop/Take", source=("aws.glue",)),
]


@pytest.mark.parametrize("heard", ABOUT_ANY)
def test_a_rule_that_names_no_job_may_be_about_the_only_function_that_starts_one(heard: Resource) -> None:
    found = graph(heard, RUN)
    assert confidence(found) is Confidence.POSSIBLE
    assert not found.reported and [trigger.function for trigger in found.triggers] == ["shop/Take"]


@pytest.mark.parametrize("heard", ABOUT_ANY)
def test_where_two_functions_start_jobs_it_is_about_neither(heard: Resource) -> None:
    assert confidence(graph(heard, RUN, others=(call("glue", "StartJobRun", JobName="nightly"),))) is None


OTHERS = [
    (glue(jobName=("nightly",)), RUN),
    (glue(jobName=("nightly",)), call("glue", "StartJobRun", JobName="weekly")),
    (glue(jobName=("nightly",)), call("glue", "StartJobRun", JobName=Symbol("?"))),
    (glue(jobName=("nightly",)), call("glue", "StartJobRun")),
    (glue(jobName=({"prefix": "night"},)), call("glue", "StartJobRun", JobName="nightly")),
    (glue(jobName=({"anything-but": "weekly"},)), call("glue", "StartJobRun", JobName="nightly")),
    (glue(jobName=("nightly",), jobRunId=("one",)), call("glue", "StartJobRun", JobName="nightly")),
    (glue(jobName=("nightly",)), call("glue", "StartCrawler", Name="nightly")),
    (rule("shop/Rule", "shop/Take", source=("aws.glue",), resources=("arn:x",)), RUN),
    (rule("shop/Rule", "shop/Take", **{"source": ("aws.glue",), "detail-type": ("Glue Crawler State Change",)}), RUN),
    (
        rule("shop/Rule", "shop/Take", source=("aws.batch",), detail={"jobQueue": ("q",), "jobName": ("a",)}),
        call("batch", "SubmitJob", jobQueue="q", jobName="b"),
    ),
    (
        rule("shop/Rule", "shop/Take", source=("aws.ecs",), detail={"clusterArn": ("c",), "group": ("family:other",)}),
        call("ecs", "RunTask", cluster="c", taskDefinition="mine"),
    ),
]


@pytest.mark.parametrize(("heard", "start"), OTHERS)
def test_a_rule_that_may_be_about_other_jobs_is_an_entry_from_outside(heard: Resource, start: Call) -> None:
    found = graph(heard, start)
    assert confidence(found) is None
    assert [trigger.function for trigger in found.triggers] == ["shop/Take"]


def test_a_name_that_is_not_known_is_the_same_within_one_stack_only() -> None:
    unknown = Symbol("JobName", "parameter")
    mine = glue(jobName=(unknown,))
    assert confidence(graph(mine, RUN, job=unknown)) is Confidence.LIKELY
    pattern: dict[str, Value] = {"source": ("aws.glue",), "detail": {"jobName": (unknown,)}}
    assert confidence(graph(rule("bill/Rule", "shop/Take", **pattern), RUN, job=unknown)) is None


def test_another_rule_on_the_same_service_stays_an_entry() -> None:
    crawler: dict[str, Value] = {"source": ("aws.glue",), "detail-type": ("Glue Crawler State Change",)}
    resources = (
        function("shop/Start", environment={"JOB": Ref("shop/Job")}),
        function("shop/Take"),
        JOB,
        glue(jobName=(Ref("shop/Job"),)),
        rule("shop/Crawled", "shop/Take", **crawler),
    )
    found = assemble(inventory(*resources), [code("shop/Start", RUN), code("shop/Take")], CHANNELS)
    (hop,) = found.reported
    assert len(hop.links) == 2 and hop.passages[0].filter["detail"]["jobName"]  # type: ignore[index, call-overload]


def test_the_end_of_a_job_joins_two_functions_to_a_chain_unless_somebody_cuts_there() -> None:
    found = graph(glue(jobName=(Ref("shop/Job"),)), RUN)
    assert [chain.functions for chain in chains(found) if chain.hops] == [("shop/Start", "shop/Take")]
    assert [chain.functions for chain in chains(found, boundaries=("aws.glue",)) if chain.hops] == []
