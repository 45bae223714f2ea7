"""Jobs of other services: which ends a workflow waits for, and that the consumer hears of them in the same words as before.

A row that moves has a definition (`golden/jobs/<name>.json`, its adapters left out), executed with answers that are written here
by hand from the services' documentation. A row that stays says which condition is missing. UNTANGLE_UPDATE=1 writes the files
anew: read the difference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.arrows import arrows, chain
from tests.cloudformation import refused
from tests.emit.asl.test_definition import Handlers, arn, definition, effect, sent
from tests.golden import golden
from tests.machines import CONTEXT, Failed, Machine
from tests.plan.test_semantics import AT, MILLIS, md5, message
from tests.plan.test_shapes import outline
from untangle.asl import validate
from untangle.channels.envelope.job import JOBS
from untangle.emit.asl import asl_definition
from untangle.model.code import Call, CodeFacts
from untangle.model.graph import EventGraph
from untangle.model.link import Link, LinkKind, Trigger
from untangle.model.location import Location
from untangle.model.node import ChannelNode
from untangle.model.outlook import STANDARD
from untangle.model.shape import Read
from untangle.model.step import Job, steps
from untangle.plan import plan
from untangle.plan.jobs.awaited import job_actions
from untangle.plan.size import transitions

GOLDEN = Path(__file__).parent / "golden" / "jobs"
PLACE = Location("scan/app.py", 7)  # where arrow notation has the call of a hop
NAMED: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "text": ("textract", "StartDocumentTextDetection", {"DocumentLocation": {}}),
    "labels": ("rekognition", "StartLabelDetection", {"Video": {}}),
    "expenses": ("textract", "StartExpenseAnalysis", {"DocumentLocation": {}}),
    "flow": ("stepfunctions", "StartExecution", {"stateMachineArn": "x"}),
    "transcript": ("transcribe", "StartTranscriptionJob", {"TranscriptionJobName": "x", "OutputBucketName": "Out"}),
    "speech": ("polly", "StartSpeechSynthesisTask", {"OutputS3BucketName": "Out"}),
    "query": ("athena", "StartQueryExecution", {"QueryString": "SELECT 1", "WorkGroup": "primary"}),
    "task": ("ssm", "SendCommand", {"DocumentName": "x"}),
}


def scan(kind: str, *others: Call, answered: bool | None = None, **arguments: Any) -> CodeFacts:
    """The code of a function that starts a job at the place of its hop."""
    service, operation, given = NAMED[kind]
    call = Call(
        service=service, operation=operation, location=PLACE, text="", arguments={**given, **arguments}, mediated="job",
        answered=answered,
    )  # fmt: skip
    return CodeFacts(function="app/Scan", readable=True, calls=(call, *others))


def store(*path: str, readable: bool = True) -> CodeFacts:
    """The code of a consumer that reads one field."""
    reads = (Read(path=path, required=True, location=Location("store/app.py", 3)),) if path else ()
    return CodeFacts(function="app/Store", readable=readable, reads=reads)


def job(text: str, code: CodeFacts, reads: CodeFacts | None = None, **given: Any) -> EventGraph:
    """A graph whose hops from `scan` are finished by a job."""
    consumers = {name for name in ("store", "mail") if name in text}
    hops = {f"scan>{name}": {"mediated": True} for name in consumers}
    facts = {name: reads or store() for name in consumers}
    return arrows(text, **{"hops": hops, "code": {"scan": code, **facts}, **given})


def started(kind: str, response: Mapping[str, Any], **params: Any) -> dict[str, Any]:
    """The effect of the call that starts a job."""
    service, operation, _ = NAMED[kind]
    return effect(service, operation, params, response)


DOCUMENT = {"S3Object": {"Bucket": "in", "Name": "a b.pdf"}}
CHANNEL = {"SNSTopicArn": arn("ScanTopic"), "RoleArn": "arn:aws:iam::111122223333:role/x"}
SCANNED = started("text", {"JobId": "j-1"}, DocumentLocation=DOCUMENT, NotificationChannel=CHANNEL, JobTag="order")
WATCHED = started("labels", {"JobId": "j-1"}, Video=DOCUMENT, NotificationChannel=CHANNEL)
FORBIDDEN = Failed("Textract.AccessDeniedException")
TEXT, LABELS = "aws-sdk:textract:getDocumentTextDetection", "aws-sdk:rekognition:getLabelDetection"


def told(state: str, media: str, api: str, **more: str) -> str:
    """The message of Textract and Rekognition (see the guides' pages on results notifications)."""
    where = {"S3ObjectName": "a b.pdf", "S3Bucket": "in"}
    said = {"JobId": "j-1", "Status": state, "API": api, **more, "Timestamp": int(MILLIS), media: where}
    return json.dumps(said, separators=(",", ":"))


def notice(text: str) -> dict[str, Any]:
    """The event of the topic's subscription."""
    body = {
        "Type": "Notification", "MessageId": "j-1#end", "TopicArn": arn("ScanTopic"), "Subject": None, "Message": text,
        "Timestamp": AT, "SignatureVersion": "1", "Signature": "untangle-not-signed", "SigningCertUrl": "", "UnsubscribeUrl": "",
        "MessageAttributes": {},
    }  # fmt: skip
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": f"{arn('ScanTopic')}:untangle",
        "Sns": body,
    }
    return {"Records": [record]}


FLOW = "scan -step_functions:Flow/eventbridge:default-> store"
MACHINE = "arn:aws:states:eu-west-1:111122223333:stateMachine:Flow"
EXECUTION = "arn:aws:states:eu-west-1:111122223333:execution:Flow:e-1"
RUN = started("flow", {"executionArn": EXECUTION, "startDate": AT}, stateMachineArn=MACHINE, input='{"n":1}')
ENDS = "Step Functions Execution Status Change"


def ends(*states: str, machines: tuple[str, ...] = ("${app/Flow}",)) -> dict[str, Any]:
    """The pattern of a rule on ends of executions."""
    return {"source": ("aws.states",), "detail-type": (ENDS,), "detail": {"stateMachineArn": machines, "status": states}}


def described(state: str, **more: Any) -> dict[str, Any]:
    """What DescribeExecution answers to Step Functions, which spells all names with a capital letter."""
    return {
        "ExecutionArn": EXECUTION, "StateMachineArn": MACHINE, "Name": "e-1", "Status": state, "StartDate": AT,
        "StopDate": "2026-01-01T00:00:01.500Z", "Input": '{"n":1}', "InputDetails": {"Included": True}, **more,
    }  # fmt: skip


def ended(state: str, **more: Any) -> dict[str, Any]:
    """The event of an execution's end (Step Functions guide, "EventBridge payloads")."""
    detail = {
        "executionArn": EXECUTION, "stateMachineArn": MACHINE, "name": "e-1", "status": state, "startDate": int(MILLIS),
        "stopDate": int(MILLIS) + 1500, "input": '{"n":1}', "output": None, "inputDetails": {"included": True},
        "outputDetails": None, "error": None, "cause": None, **more,
    }  # fmt: skip
    return {
        "version": "0", "id": md5(f"{EXECUTION}|{state}"), "detail-type": ENDS, "source": "aws.states", "account": "111122223333",
        "time": "2026-01-01T00:00:00Z", "region": "eu-west-1", "resources": [EXECUTION], "detail": detail,
    }  # fmt: skip


def written(bucket: str, key: str) -> dict[str, Any]:
    """The event of an object that was put."""
    seed = md5(f"{CONTEXT['Execution']['Id']}|r#0#end").upper()
    return {
        "Records": [
            {
                "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1", "eventTime": AT,
                "eventName": "ObjectCreated:Put", "userIdentity": {"principalId": "AWS:untangle"},
                "requestParameters": {"sourceIPAddress": "127.0.0.1"},
                "responseElements": {"x-amz-request-id": seed[:16], "x-amz-id-2": "untangle"},
                "s3": {
                    "s3SchemaVersion": "1.0", "configurationId": "untangle",
                    "bucket": {"name": bucket, "ownerIdentity": {"principalId": "untangle"}, "arn": f"arn:aws:s3:::{bucket}"},
                    "object": {"key": key, "size": 12, "eTag": "abc", "versionId": "v1", "sequencer": seed[:18]},
                },
            }
        ]
    }  # fmt: skip


HEAD = {"aws-sdk:s3:headObject": [{"ContentLength": 12, "ETag": '"abc"', "VersionId": "v1"}]}
GET_SPEECH, GET_TRANSCRIPT = "aws-sdk:polly:getSpeechSynthesisTask", "aws-sdk:transcribe:getTranscriptionJob"
SPEECH = {"TaskId": "t-1", "TaskStatus": "completed", "OutputUri": "https://s3.eu-west-1.amazonaws.com/Out/talk/x.t-1.mp3"}
SPOKEN = started("speech", {"SynthesisTask": {"TaskId": "t-1"}}, OutputS3BucketName="Out", OutputS3KeyPrefix="talk/x")
RESULT = {"QueryExecution": {"Status": {"State": "SUCCEEDED"}, "ResultConfiguration": {"OutputLocation": "s3://Out/q/q-1.csv"}}}
ASKED = started("query", {"QueryExecutionId": "q-1"}, QueryString="SELECT 1", WorkGroup="primary")
CSV = {"Out": {"events": ("s3:ObjectCreated:*",), "suffix": ".csv"}}
EVERY = {"Out": {"events": ("s3:ObjectCreated:*",)}}


def transcribed(**params: str) -> dict[str, Any]:
    return started("transcript", {"TranscriptionJob": {}}, TranscriptionJobName="t", OutputBucketName="Out", **params)


def transcript(state: str) -> dict[str, Any]:
    return {"TranscriptionJob": {"TranscriptionJobStatus": state}}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A chain, the effects of `Scan`, what the services answer, and what must come of it: the events of each consumer, the
    seconds waited, the integrations that were called."""

    graph: EventGraph
    does: tuple[Any, ...]
    answers: Mapping[str, list[Any]]
    events: Mapping[str, list[Any]] = field(default_factory=dict)
    waits: tuple[int, ...] = (30,)
    calls: tuple[str, ...] = ()


ROWS: dict[str, Row] = {
    "notification": Row(
        graph=job("scan -sns-> store", scan("text"), store("Records", "*", "Sns", "Message", "()", "JobId")),
        does=(SCANNED,),
        answers={TEXT: [{"JobStatus": "IN_PROGRESS"}, {"JobStatus": "SUCCEEDED"}]},
        events={"Store": [notice(told("SUCCEEDED", "DocumentLocation", "StartDocumentTextDetection", JobTag="order"))]},
        waits=(30, 30),
        calls=(TEXT, TEXT),
    ),
    "notification-of-a-failure": Row(
        graph=job("scan -sns-> store", scan("labels")),
        does=(WATCHED,),
        answers={LABELS: [{"JobStatus": "FAILED", "StatusMessage": "no video"}]},
        events={"Store": [notice(told("FAILED", "Video", "StartLabelDetection"))]},
        calls=(LABELS,),
    ),
    "notification-through-a-queue": Row(
        graph=job("scan -sns/sqs-> store", scan("text"), delivery={"ScanTopic": {"raw_message_delivery": True}}),
        does=(SCANNED,),
        answers={TEXT: [{"JobStatus": "SUCCEEDED"}]},
        events={
            "Store": [
                message(
                    "StoreQueue",
                    told("SUCCEEDED", "DocumentLocation", "StartDocumentTextDetection", JobTag="order"),
                    id="j-1#end",
                    handle="j-1#end",
                )
            ]
        },
        calls=(TEXT,),
    ),
    "several-jobs-and-subscribers": Row(
        graph=job("scan -sns*-> {mail, store}", scan("text")),
        does=(SCANNED, SCANNED),
        answers={TEXT: [{"JobStatus": "SUCCEEDED"}, {"JobStatus": "FAILED"}]},
        events={
            name: [
                notice(told(state, "DocumentLocation", "StartDocumentTextDetection", JobTag="order"))
                for state in ("SUCCEEDED", "FAILED")
            ]
            for name in ("Mail", "Store")
        },
        waits=(30, 30),
        calls=(TEXT, TEXT),
    ),
    "a-job-that-may-be-started": Row(graph=job("scan -sns?-> store", scan("text")), does=(), answers={}, waits=()),
    "a-job-that-cannot-be-asked-for": Row(
        graph=job("scan -sns*-> store", scan("text")),
        does=(SCANNED, SCANNED),
        answers={TEXT: [FORBIDDEN, {"JobStatus": "SUCCEEDED"}, *[FORBIDDEN] * 8]},  # the first job is tried again in vain
        events={"Store": [notice(told("SUCCEEDED", "DocumentLocation", "StartDocumentTextDetection", JobTag="order"))]},
        waits=(30, 30),
        calls=(TEXT,) * 10,
    ),
    "execution": Row(
        graph=job(FLOW, scan("flow"), store("detail", "status"), filters={"default>Store": ends("SUCCEEDED", "FAILED")}),
        does=(RUN,),
        answers={"aws-sdk:sfn:describeExecution": [described("RUNNING"), described("SUCCEEDED", Output='"x"')]},
        events={"Store": [ended("SUCCEEDED", output='"x"', outputDetails={"included": True})]},
        waits=(30, 30),
        calls=("aws-sdk:sfn:describeExecution",) * 2,
    ),
    "execution-that-fails": Row(
        graph=job(FLOW, scan("flow"), filters={"default>Store": ends("FAILED")}),
        does=(RUN,),
        answers={"aws-sdk:sfn:describeExecution": [described("FAILED", Error="E", Cause="c")]},
        events={"Store": [ended("FAILED", error="E", cause="c")]},
        calls=("aws-sdk:sfn:describeExecution",),
    ),
    "execution-that-ends-otherwise": Row(
        graph=job(FLOW, scan("flow"), filters={"default>Store": ends("FAILED")}),
        does=(RUN,),
        answers={"aws-sdk:sfn:describeExecution": [described("ABORTED")]},
        calls=("aws-sdk:sfn:describeExecution",),
    ),
    "execution-with-a-large-input": Row(
        graph=job(FLOW, scan("flow"), filters={"default>Store": ends("FAILED")}),
        does=(RUN,),
        answers={"aws-sdk:sfn:describeExecution": [described("FAILED", Input="x" * 254_000)]},
        events={"Store": [ended("FAILED", input=None, inputDetails={"included": False})]},
        calls=("aws-sdk:sfn:describeExecution",),
    ),
    "transcript": Row(
        graph=job("scan -s3:Out-> store", scan("transcript", OutputKey="x"), filters=EVERY),
        does=(transcribed(OutputKey="texts/"),),
        answers={GET_TRANSCRIPT: [transcript("IN_PROGRESS"), transcript("COMPLETED")], **HEAD},
        events={"Store": [written("Out", "texts/t.json")]},
        waits=(30, 30),
        calls=(GET_TRANSCRIPT, GET_TRANSCRIPT, "aws-sdk:s3:headObject"),
    ),
    "transcript-under-its-own-name": Row(
        graph=job("scan -s3:Out-> store", scan("transcript"), filters=EVERY),
        does=(transcribed(),),
        answers={GET_TRANSCRIPT: [transcript("COMPLETED")], **HEAD},
        events={"Store": [written("Out", "t.json")]},
        calls=(GET_TRANSCRIPT, "aws-sdk:s3:headObject"),
    ),
    "transcript-that-fails": Row(
        graph=job("scan -s3:Out-> store", scan("transcript"), filters=EVERY),
        does=(transcribed(),),
        answers={GET_TRANSCRIPT: [transcript("FAILED")]},
        calls=(GET_TRANSCRIPT,),
    ),
    "transcript-that-the-notification-does-not-ask-for": Row(
        graph=job("scan -s3:Out-> store", scan("transcript"), filters={"Out": {"suffix": ".txt"}}),
        does=(transcribed(),),
        answers={GET_TRANSCRIPT: [transcript("COMPLETED")], **HEAD},
        calls=(GET_TRANSCRIPT, "aws-sdk:s3:headObject"),
    ),
    "speech": Row(
        graph=job("scan -s3:Out-> store", scan("speech"), filters=EVERY),
        does=(SPOKEN,),
        answers={GET_SPEECH: [{"SynthesisTask": SPEECH}], **HEAD},
        events={"Store": [written("Out", "talk/x.t-1.mp3")]},
        calls=(GET_SPEECH, "aws-sdk:s3:headObject"),
    ),
    "query": Row(
        graph=job("scan -s3:Out-> store", scan("query"), filters=CSV),
        does=(ASKED,),
        answers={"aws-sdk:athena:getQueryExecution": [RESULT], **HEAD},
        events={"Store": [written("Out", "q/q-1.csv")]},
        calls=("aws-sdk:athena:getQueryExecution", "aws-sdk:s3:headObject"),
    ),
    "query-of-a-workgroup-with-a-bucket-of-its-own": Row(
        graph=job("scan -s3:Out-> store", scan("query"), filters=CSV),
        does=(ASKED,),
        answers={
            "aws-sdk:athena:getQueryExecution": [
                {"QueryExecution": {**RESULT["QueryExecution"], "ResultConfiguration": {"OutputLocation": "s3://other/q-1.csv"}}}
            ]
        },
        calls=("aws-sdk:athena:getQueryExecution",),
    ),
    "query-whose-answer-nobody-takes": Row(
        graph=job("scan -s3:Out-> store", scan("query", answered=False), filters=CSV),
        does=(ASKED,),
        answers={"athena:startQueryExecution.sync": [RESULT], **HEAD},
        events={"Store": [written("Out", "q/q-1.csv")]},
        waits=(),
        calls=("athena:startQueryExecution.sync", "aws-sdk:s3:headObject"),
    ),
    "queries-one-of-which-fails": Row(
        graph=job("scan -s3*:Out-> store".replace("s3*:Out", "s3:Out*"), scan("query", answered=False), filters=CSV),
        does=(ASKED, ASKED),
        answers={"athena:startQueryExecution.sync": [Failed("States.TaskFailed"), RESULT], **HEAD},
        events={"Store": [written("Out", "q/q-1.csv")]},
        waits=(),
        calls=("athena:startQueryExecution.sync",) * 2 + ("aws-sdk:s3:headObject",),
    ),
}

ELSEWHERE = replace(scan("text").calls[0], location=Location("scan/app.py", 30))
OTHER = ChannelNode(id="app/Other", type="sns", address="Other", stack="app")
RULED = {"filters": {"default>Store": ends("FAILED")}}
SNS = "scan -sns-> store"


def link(graph: EventGraph, **changes: Any) -> Link:
    """The call of a graph's first hop, changed."""
    publish = next(item for item in graph.links if item.kind is LinkKind.PUBLISH)
    return replace(publish, **changes)


def with_link(graph: EventGraph, **changes: Any) -> EventGraph:
    return replace(graph, links=(*graph.links, link(graph, **changes)))


FLOWING = job(FLOW, scan("flow"), **RULED)
STAYING: dict[str, tuple[EventGraph, str]] = {
    "client": (
        job(SNS, replace(scan("task"), calls=(replace(scan("task").calls[0], mediated="client upload"),))),
        "a client makes the call whenever it likes",
    ),
    "no-call": (job(SNS, CodeFacts(function="app/Scan", readable=True)), "which call starts it is not seen"),
    "no-form": (job("scan -sns-> store", scan("task")), "how the end of it (job) is told is not known well enough"),
    "pages-that-may-be-too-large": (job(SNS, scan("expenses")), "how the end of it (job) is told is not known well enough"),
    "another-way-to-tell": (
        job("scan -s3:Out-> store", scan("text")),
        "what a textract job (StartDocumentTextDetection) tells by s3",
    ),
    "code-that-was-not-read": (job(SNS, scan("text"), store(readable=False)), "its code could not be read"),
    "the-time-of-the-end": (
        job(SNS, scan("text"), store("Records", "*", "Sns", "Message", "()", "Timestamp")),
        "its consumer reads Records.*.Sns.Message.().Timestamp (store/app.py:3), which only the real notice can give",
    ),
    "the-api-of-a-video": (
        job(SNS, scan("labels"), store("Records", "*", "Sns", "Message", "()", "API")),
        "which only the real notice can give",
    ),
    "another-call": (job(SNS, scan("text", ELSEWHERE)), "StartDocumentTextDetection is called for something else too"),
    "another-topic": (
        with_link(job(SNS, scan("text"), extra=(OTHER,)), target="app/Other"),
        "the job may tell Other instead",
    ),
    "a-call-of-its-own-too": (
        arrows(
            SNS,
            hops={
                "scan>store": {
                    "mediated": True,
                    "links": (link(job(SNS, scan("text"))), link(job(SNS, scan("text")), evidence=())),
                }
            },
            code={"scan": scan("text"), "store": store()},
        ),
        "not only the job sends it",
    ),
    "who-else-publishes-and-stays": (
        job(f"{SNS}; other -sns:ScanTopic-> store", scan("text"), functions={"other": {"kind": "state_machine"}}),
        "its subscription also serves Other -sns-> Store, which stays",
    ),
    "start-of-the-execution": (
        job(FLOW, scan("flow"), filters={"default>Store": ends("RUNNING", "FAILED")}),
        "its rule hears of other states than those at the end",
    ),
    "any-state": (
        job(FLOW, scan("flow"), filters={"default>Store": {"source": ("aws.states",), "detail": {"stateMachineArn": ("x",)}}}),
        "its rule hears of other states than those at the end",
    ),
    "any-machine": (
        job(FLOW, scan("flow"), filters={"default>Store": {"source": ("aws.states",), "detail": {"status": ("FAILED",)}}}),
        "its rule hears of other state machines too",
    ),
    "two-machines": (
        job(FLOW, scan("flow"), filters={"default>Store": ends("FAILED", machines=("a", "b"))}),
        "its rule hears of other state machines too",
    ),
    "somebody-else-starts-it": (with_link(FLOWING, source="app/Other"), "Other starts Flow too"),
    "an-api-starts-it": (
        replace(FLOWING, triggers=(*FLOWING.triggers, Trigger(type="apigateway", function="app/Scan", channel="app/Flow"))),
        "apigateway starts Flow too",
    ),
    "subtitles": (
        job("scan -s3:Out-> store", scan("transcript", Subtitles={}), filters=EVERY),
        "the job writes several objects",
    ),
    "parameters-that-are-not-all-seen": (
        job("scan -s3:Out-> store", scan("transcript", **{"**": "…"}), filters=EVERY),
        "not all parameters of StartTranscriptionJob are known",
    ),
    "how-it-was-written": (
        job("scan -s3:Out-> store", scan("transcript"), store("Records", "*", "eventName"), filters=EVERY),
        "its consumer reads Records.*.eventName",
    ),
    "one-way-to-write": (
        job("scan -s3:Out-> store", scan("transcript"), filters={"Out": {"events": ("s3:ObjectCreated:Put",)}}),
        "which one the job takes is not known",
    ),
    "metadata-of-a-query": (job("scan -s3:Out-> store", scan("query"), filters=EVERY), "it also hears of the metadata"),
    "manifest-of-an-insert": (
        job("scan -s3:Out-> store", scan("query", QueryString="INSERT INTO t SELECT 1"), filters=CSV),
        "that the query is a SELECT, which writes one result, is not seen",
    ),
}


class Moments(Handlers):
    """Handlers that note the moment at which they are called as `AT`: rows need not add up what was waited for until then."""

    machine: Machine

    def __missing__(self, function: str) -> Callable[[Any, Any], Any]:
        handler = super().__missing__(function)

        def called(event: Any, marker: Any) -> Any:
            clock = self.machine.clock
            text = json.dumps(event).replace(clock.text, AT).replace(f"{clock.text[:19]}Z", f"{AT[:19]}Z")
            told = json.loads(text.replace(str(round(clock.moment.timestamp() * 1000)), MILLIS))
            for before, after in zip(event.get("Records", ()), told.get("Records", ()), strict=True):
                if "md5OfBody" in before:
                    assert before["md5OfBody"] == md5(before["body"])
                    after["md5OfBody"] = md5(after["body"])
            return handler(told, marker)

        return called


def execution(graph: EventGraph, handlers: Moments, answers: Mapping[str, list[Any]]) -> Machine:
    handlers.machine = Machine(definition(graph), handlers, answers=answers)
    handlers.machine.run({})
    return handlers.machine


def executed(row: Row) -> tuple[Machine, Handlers]:
    handlers = Moments(Scan=list(row.does))
    return execution(row.graph, handlers, row.answers), handlers


@pytest.mark.parametrize("name", ROWS)
def test_definition(name: str) -> None:
    graph = ROWS[name].graph
    made = asl_definition(plan(graph, chain(graph)), graph)
    assert [found for found in validate(made) if found.severity == "error"] == []
    path = GOLDEN / f"{name}.json"
    text = json.dumps(outline(made), indent=2, ensure_ascii=False) + "\n"
    assert text == golden(path, text)


@pytest.mark.parametrize("name", ROWS)
def test_consumers_hear_of_the_end_as_before(name: str) -> None:
    row = ROWS[name]
    machine, handlers = executed(row)
    assert {function: events for function, events in handlers.events.items() if function != "Scan"} == dict(row.events)
    assert tuple(machine.waits) == row.waits
    assert tuple(resource.removeprefix("arn:aws:states:::") for resource, _ in machine.calls) == row.calls


def test_the_outbox_lets_the_call_out_or_holds_it_back() -> None:
    _, asked = executed(ROWS["notification"])
    _, held = executed(ROWS["query-whose-answer-nobody-takes"])
    assert asked.markers["Scan"]["observe"] == ["textract:StartDocumentTextDetection"]
    assert held.markers["Scan"]["capture"] == ["athena:StartQueryExecution"]


def test_the_integration_gets_the_parameters_of_the_call() -> None:
    machine, _ = executed(ROWS["query-whose-answer-nobody-takes"])
    assert machine.calls[0][1] == ASKED["params"]
    machine, _ = executed(ROWS["notification"])
    assert machine.calls[0][1] == {"JobId": "j-1", "MaxResults": 1}


def test_a_job_that_fails_alone_is_seen() -> None:
    row = replace(
        ROWS["query-whose-answer-nobody-takes"], answers={"athena:startQueryExecution.sync": [Failed("States.TaskFailed")]}
    )
    with pytest.raises(Failed):
        executed(row)


@pytest.mark.parametrize("name", STAYING)
def test_staying(name: str) -> None:
    graph, words = STAYING[name]
    workflow = plan(graph, chain(graph))
    assert workflow.root is None
    assert words in " | ".join(obstacle.text for obstacle in workflow.obstacles if obstacle.blocking)


@pytest.mark.parametrize("name", ROWS)
def test_its_outlook(name: str) -> None:
    """A Standard workflow; the transitions of a job that is done when it is first asked for are those that are counted."""
    row = ROWS[name]
    workflow = plan(row.graph, chain(row.graph))
    assert workflow.outlook is not None and workflow.outlook.type == STANDARD
    assert any("it waits for a job" in ground.text for ground in workflow.outlook.grounds)
    bill = workflow.outlook.bill("express")
    assert bill is not None and bill.million is None
    once = row.answers.keys() and row.events and not any(isinstance(item, Failed) for all in row.answers.values() for item in all)
    if once and len(row.does) == 1 and workflow.root is not None:
        machine, _ = executed(row)
        again = max(len(row.waits) - 1, 0)
        assert transitions(workflow.root).usual == len(machine.visited) - 3 * again


def test_what_changes_is_said() -> None:
    said = {name: " | ".join(item.text for item in plan(row.graph, chain(row.graph)).obstacles) for name, row in ROWS.items()}
    assert "Store must no longer get it when the workflow takes over" in said["notification"]
    assert "the end of the job is asked for every 30 s" in said["notification"]
    assert "makes 9 of them each time, which is enough for one that takes 23 hours" in said["notification"]
    assert "is redriven by hand" in said["execution"]
    assert "by hand, from another stack), Store hears no more" in said["execution"]
    assert "hears no more" not in said["notification"]
    assert "tries whether it may write" in said["transcript"]
    assert "athena:startQueryExecution.sync makes it" in said["query-whose-answer-nobody-takes"]
    assert "starts a job" not in said["notification"]


def test_what_waiting_takes_of_a_role() -> None:
    found = {name: job_actions(plan(row.graph, chain(row.graph)).root) for name, row in ROWS.items()}
    assert found["notification"] == ("textract:GetDocumentTextDetection",)
    assert found["execution"] == ("states:DescribeExecution",)
    assert found["transcript"] == ("s3:GetObject", "transcribe:GetTranscriptionJob")
    queried = ("athena:GetQueryExecution", "athena:StartQueryExecution", "athena:StopQueryExecution", "s3:GetObject")
    assert found["query-whose-answer-nobody-takes"] == queried
    phases = plan(ROWS["transcript"].graph, chain(ROWS["transcript"].graph)).phases
    said = " ".join(step.text for phase in phases for step in phase.steps)
    assert "and call s3:GetObject, transcribe:GetTranscriptionJob" in said


def test_each_round_of_a_loop_waits_for_its_job() -> None:
    again, rounds = sent("ScanQueue", "again"), iter((True, False))
    hops = {"scan>store": {"mediated": True}}
    graph = job("intake -sqs-> scan -sns?-> store -sqs?-> scan", scan("text"), hops=hops)
    handlers = Moments(Intake=[sent("ScanQueue", "x")], Scan=lambda _: [SCANNED], Store=lambda _: [again] if next(rounds) else [])
    machine = execution(graph, handlers, {TEXT: [{"JobStatus": "SUCCEEDED"}, {"JobStatus": "FAILED"}]})
    assert handlers.events["Store"] == [
        notice(told(state, "DocumentLocation", "StartDocumentTextDetection", JobTag="order")) for state in ("SUCCEEDED", "FAILED")
    ]
    assert machine.waits == [30, 30]


@pytest.mark.parametrize("name", ["notification", "transcript", "query-whose-answer-nobody-takes"])
def test_who_heard_of_the_end_is_switched_over(name: str) -> None:
    """The service goes on telling of it, whoever makes the call: without that the consumer would run twice."""
    workflow = plan(ROWS[name].graph, chain(ROWS[name].graph))
    assert [switch.hops for switch in workflow.removals] == [workflow.migrated]


def test_what_a_service_tells_goes_through_no_bucket() -> None:
    graph = ROWS["notification"].graph
    assert plan(graph, chain(graph), claim="large").root == plan(graph, chain(graph)).root


def test_an_id_that_is_made_up_is_noted() -> None:
    graph = job(SNS, scan("text"), store("Records", "*", "Sns", "MessageId"))
    said = " | ".join(item.text for item in plan(graph, chain(graph)).obstacles)
    assert "Store reads Records.*.Sns.MessageId, which will be there but is made up" in said


@pytest.mark.parametrize("form", JOBS, ids=lambda form: f"{form.service}-{form.operation}")
def test_every_integration_exists(form: Any) -> None:
    """What is asked, and the parameters, are held against the service's own model."""
    import botocore.session

    service, _, operation = form.asks.partition(":")
    model = botocore.session.get_session().get_service_model({"sfn": "stepfunctions"}.get(service, service))
    asked = model.operation_model(operation[:1].upper() + operation[1:])
    names = {name[:1].upper() + name[1:] for name in asked.input_shape.members}
    assert set(form.arguments) <= names
    assert form.operation in model.operation_names
    shape, path = asked.output_shape, form.state.removeprefix("$a.").split(".")
    for name in path:
        wanted = name.removesuffix("[0]")
        shape = next(inner for key, inner in shape.members.items() if key[:1].upper() + key[1:] == wanted)
        shape = shape.member if wanted != name else shape
    assert set(form.ended) <= set(shape.enum) or not shape.enum  # a task of ECS may say anything


def test_jobs_are_found_in_the_tree() -> None:
    graph = ROWS["notification"].graph
    [found] = [step for step in steps(plan(graph, chain(graph)).root) if isinstance(step, Job)]
    assert (found.service, found.operation, found.starts) == ("textract", "StartDocumentTextDetection", False)


def test_cloudformation_takes_them_all() -> None:
    assert refused(definition(row.graph) for row in ROWS.values()) == []


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(ROWS)
