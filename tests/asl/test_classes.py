"""The classes of mistakes that validators of the States Language find between them, and their good neighbours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.asl.test_validate import FUNCTION, PASS, choice, inner, machine, one, task
from untangle.asl import validate

DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
TOKEN = {"t.$": "$$.Task.Token"}


def call(action: str, **parameters: Any) -> dict[str, Any]:
    return machine({"Type": "Task", "Resource": f"arn:aws:states:::{action}", "Parameters": parameters, "End": True})


def given(text: str) -> dict[str, Any]:
    """A Pass with one computed parameter."""
    return one("Pass", Parameters={"x.$": text})


def out(text: str) -> dict[str, Any]:
    """A JSONata Pass with one output."""
    return machine({**PASS, "Output": text}, jsonata=True)


def rule(**fields: Any) -> dict[str, Any]:
    return choice({"Next": "B", **fields})


def map_(**fields: Any) -> dict[str, Any]:
    return one("Map", ItemProcessor=inner(ProcessorConfig=DISTRIBUTED), **fields)


BAD: list[tuple[str, Any, str]] = [
    # flow
    (
        "a loop that nothing enters",
        machine(PASS, B={"Type": "Pass", "Next": "C"}, C={"Type": "Pass", "Next": "B"}),
        "never reached",
    ),
    ("a state that leads to itself", machine({"Type": "Pass", "Next": "A"}), "ends the machine"),
    ("Next that is null", machine({"Type": "Pass", "Next": None}), "must name a state"),
    ("End as a text", machine({"Type": "Pass", "End": "true"}), "End must be true"),
    ("into a branch from outside", machine({"Type": "Parallel", "Branches": [inner()], "Next": "X"}), "another branch"),
    (
        "from branch to branch",
        one("Parallel", Branches=[inner({"Type": "Pass", "Next": "Y"}), inner(name="Y")]),
        "another branch",
    ),
    ("a name used in two branches", one("Parallel", Branches=[inner(), inner()]), "unique"),
    ("a branch that is a list", one("Parallel", Branches=[[inner()]]), "a branch must be an object"),
    ("a catcher into nothing", machine(task(Catch=[{"ErrorEquals": ["X"], "Next": "Gone"}])), "no state 'Gone'"),
    # fields
    ("a comment that is no text", one("Pass", Comment=1), "Comment must be a text"),
    ("Result on a Task", machine(task(Result=1)), "no field 'Result'"),
    ("ResultSelector on a Pass", one("Pass", ResultSelector={}), "no field 'ResultSelector'"),
    ("End on a Succeed", machine({"Type": "Succeed", "End": True}), "no field 'End'"),
    ("Next on a Fail", machine({"Type": "Fail", "Next": "B"}, B=PASS), "no field 'Next'"),
    ("Assign on a Succeed", machine({"Type": "Succeed", "Assign": {"a": 1}}), "no field 'Assign'"),
    ("two causes", machine({"Type": "Fail", "Cause": "x", "CausePath": "$.c"}), "exclude"),
    ("a cause that is no text", machine({"Type": "Fail", "CausePath": "States.MathAdd(1, 2)"}), "gives no text"),
    ("a timeout in two ways", machine(task(TimeoutSeconds=1, TimeoutSecondsPath="$.t")), "exclude"),
    ("a heartbeat above the timeout", machine(task(TimeoutSeconds=5, HeartbeatSeconds=10)), "smaller"),
    ("a day that there is not", one("Wait", Timestamp="2026-13-05T21:29:29Z"), "ISO 8601"),
    ("an hour that there is not", one("Wait", Timestamp="2026-12-05T25:29:29Z"), "ISO 8601"),
    ("a time without zone", one("Wait", Timestamp="2026-12-05T21:29:29"), "ISO 8601"),
    ("one name in two spellings", one("Pass", Parameters={"a": [{"x": 1, "x.$": "$.x"}]}), "set the same field"),
    # retriers, catchers, choices
    ("an interval of nothing", machine(task(Retry=[{"ErrorEquals": ["X"], "IntervalSeconds": 0}])), "at least 1"),
    ("a longest delay below the first", machine(task(Retry=[{"ErrorEquals": ["X"], "MaxDelaySeconds": 1}])), "greater"),
    ("a jitter that there is not", machine(task(Retry=[{"ErrorEquals": ["X"], "JitterStrategy": "HALF"}])), "FULL or NONE"),
    (
        "a catcher that writes to many places",
        machine(task(Catch=[{"ErrorEquals": ["X"], "Next": "B", "ResultPath": "$.a[*]"}]), B=PASS),
        "exactly one",
    ),
    ("a number as text", rule(Variable="$.a", NumericEquals="1"), "a number"),
    ("true as text", rule(Variable="$.a", BooleanEquals="true"), "true or false"),
    ("And without rules", rule(And=[]), "at least one rule"),
    ("Not of a list", rule(Not=[{"Variable": "$.a", "IsNull": True}]), "Not takes one rule"),
    ("a rule without a test", rule(Variable="$.a"), "here: none"),
    # paths, intrinsic functions, the context object
    ("a path that goes nowhere", one("Pass", OutputPath="$.a.."), "not a valid path"),
    ("a text where a path belongs", given("order"), "neither a path nor"),
    ("an intrinsic in small letters", given("states.format('{}', $.a)"), "neither a path nor"),
    ("an argument in double quotes", given('States.Format("{}", $.a)'), "no argument"),
    ("an escape that there is not", given("States.Format('a \\\" b')"), "is no escape"),
    ("a sum of texts", given("States.MathAdd(1, '2')"), "takes numbers"),
    ("a hash that there is not", given("States.Hash($.a, 'CRC32')"), "SHA-256"),
    ("a deep merge", given("States.JsonMerge($.a, $.b, true)"), "shallowly"),
    ("a step of nothing", given("States.ArrayRange(1, 9, 0)"), "cannot be 0"),
    ("no such field of the execution", given("$$.Execution.Nmae"), "write Name"),
    ("no such part of the context", rule(Variable="$$.Job.Id", IsPresent=True), "context object has no 'Job'"),
    ("the same in brackets", given("$$['Execution']['Nope']"), "no 'Nope'"),
    ("a variable of JSONPath never assigned", given("$total.sum"), "never assigned"),
    # JSONata
    ("an error outside of a catcher", out("{% $states.errorOutput %}"), "only Assign and Output of a catcher"),
    (
        "the result before there is one",
        machine(task(Arguments={"a": "{% $states.result %}"}), jsonata=True),
        "only Assign and Output of a Task",
    ),
    ("no such field of $states", out("{% $states.inputs %}"), "write $states.input"),
    ("no such field of the context, in JSONata", out("{% $states.context.State.Nope %}"), "no 'Nope'"),
    (
        "a variable of a nested machine",
        machine(
            {"Type": "Map", "Items": [1], "ItemProcessor": inner({**PASS, "Assign": {"k": 1}}), "Next": "B"},
            jsonata=True,
            B={**PASS, "Output": "{% $k %}"},
        ),
        "never assigned",
    ),
    ("an operator without its second half", out("{% $states.input.a + %}"), "missing after"),
    ("no expression", out("{% %}"), "empty"),
    ("arguments that are a number", machine(task(Arguments=5), jsonata=True), "Arguments must be"),
    ("items that are a path", one("Map", QueryLanguage="JSONata", Items="$.x", ItemProcessor=inner()), "Items must be"),
    ("a dash in the name of a variable", one("Pass", Assign={"a-b": 1}), "no name of a variable"),
    # resources
    ("no such service", call("mail:send"), "no optimized integration with mail"),
    ("no such action", call("dynamodb:query", TableName="t"), "no action query"),
    ("an action in capitals", call("sqs:SendMessage", QueueUrl="q", MessageBody="m"), "write sendMessage"),
    ("a topic that is not named", call("sns:publish", Message="m"), "TopicArn"),
    ("a machine that is not named", call("states:startExecution", Input={}), "StateMachineArn"),
    ("a job of an action that has none", call("sagemaker:createEndpoint.sync"), "cannot wait for a job"),
    ("a second form of waiting for a job", call("glue:startJobRun.sync:2", JobName="j"), "write glue:startJobRun.sync"),
    ("a callback of a job", call("batch:submitJob.waitForTaskToken", JobName=TOKEN, JobQueue="q", JobDefinition="d"), "callback"),
    ("a callback that there is not", call("dynamodb:putItem.waitForTaskToken", TableName="t", Item=TOKEN), "cannot wait"),
    ("a callback of the SDK without its token", call("aws-sdk:sqs:sendMessage.waitForTaskToken", QueueUrl="q"), "task token"),
    ("no such service of the SDK", call("aws-sdk:s4:getObject", Bucket="b"), "no AWS SDK integration with s4"),
    ("an alias that is empty", machine(task(Resource=f"{FUNCTION}:")), "version or alias"),
    ("a bucket for a task", machine(task(Resource="arn:aws:s3:::b")), "cannot call s3"),
    ("an ARN that stops", machine(task(Resource="arn:aws:lambda")), "is not an ARN"),
    ("a placeholder that is not closed", machine(task(Resource="${Charge")), "not closed"),
    ("credentials without a role", machine(task(Credentials={})), "need a RoleArn"),
    ("no credentials", machine(task(Credentials=None)), "must be an object"),
    ("a colon too few", machine(task(Resource="arn:aws:states::lambda:invoke")), "no integration"),
    ("a service without action", machine(task(Resource="arn:aws:states:::sqs")), "no integration"),
    ("another machine by its ARN", machine(task(Resource="arn:aws:states:eu-west-1:1:stateMachine:m")), "no optimized"),
    ("an ARN misspelled before a placeholder", machine(task(Resource="ar:${P}:states:::sqs:sendMessage")), "is not an ARN"),
    (
        "an error written into the context",
        machine(task(Catch=[{"ErrorEquals": ["X"], "Next": "B", "ResultPath": "$$.e"}]), B=PASS),
        "own data",
    ),
    ("a result written into a variable", one("Pass", ResultPath="$x"), "own data"),
    ("no query language", one("Pass", QueryLanguage=None), "JSONPath or JSONata"),
    ("items selected by a path", map_(ItemSelector="$.a"), "must be an object"),
    ("parameters that are a number", one("Pass", Parameters=1), "must be an object"),
    # data sets
    ("items limited in two ways", map_(ItemBatcher={"MaxItemsPerBatch": 1, "MaxItemsPerBatchPath": "$.n"}), "exclude"),
    ("a batch of nothing", map_(ItemBatcher={"MaxItemsPerBatch": 0}), "at least 1"),
    ("a reader without resource", map_(ItemReader={"Parameters": {}}), "needs a Resource"),
    ("a reader that writes", map_(ItemReader={"Resource": "arn:aws:states:::s3:putObject"}), "getObject or"),
    (
        "an input that there is not",
        map_(ItemReader={"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "CVS"}}),
        "must be one of CSV",
    ),
    ("a writer without anything", map_(ResultWriter={}), "needs a Resource"),
    ("a writer without type", map_(ResultWriter={"WriterConfig": {"Transformation": "FLATTEN"}}), "needs an OutputType"),
    ("a label without letters", map_(Label=""), "no label"),
    ("a label with a sign", map_(Label="a?b"), "no label"),
]


@pytest.mark.parametrize(("what", "definition", "words"), BAD, ids=[row[0] for row in BAD])
def test_each_class_is_found(what: str, definition: Any, words: str) -> None:
    found = [item for item in validate(definition) if item.severity == "error"]
    assert any(words in item.message for item in found), found


GOOD: list[tuple[str, Any]] = [
    ("escapes of a match", rule(Variable="$.a", StringMatches="a\\*b\\\\c*")),
    ("from the end of a list", one("Pass", OutputPath="$[(@.length-1)].bar")),
    ("white space after a path", given("$$.Execution.Name ")),
    ("fields of the input in the context", given("$$.Execution.Input.a.b")),
    ("an item's source", given("$$.Map.Item.Source")),
    ("escapes that there are", given("States.Format('\\'{}\\' \\{\\} \\\\', $.a)")),
    ("JSON in an intrinsic", given("States.StringToJson('{\"a\": 1}')")),
    ("parts of a second", one("Wait", Timestamp="2016-03-05T21:29:29.243167252Z")),
    (
        "the error in a catcher, the result in an output",
        machine(
            task(
                Output="{% $states.result %}",
                Catch=[{"ErrorEquals": ["X"], "Next": "B", "Assign": {"e": "{% $states.errorOutput.Error %}"}}],
            ),
            jsonata=True,
            B={**PASS, "Output": "{% $e %}"},
        ),
    ),
    (
        "a variable of the outer machine in a branch",
        machine(
            {"Type": "Pass", "Assign": {"k": 1}, "Next": "B"},
            B={"Type": "Parallel", "Branches": [inner({**PASS, "Parameters": {"x.$": "$k"}})], "End": True},
        ),
    ),
    ("a function of CloudFormation", machine(task(Resource={"Fn::GetAtt": ["Charge", "Arn"]}))),
    ("a version of a function", machine(task(Resource=f"{FUNCTION}:$LATEST"))),
    ("another partition", machine(task(Resource="arn:aws-us-gov:lambda:us-gov-west-1:111122223333:function:f"))),
    ("a role for the call", machine(task(Credentials={"RoleArn.$": "$.role"}))),
    ("a computed role", machine(task(Credentials={"RoleArn": "{% $states.input.role %}"}), jsonata=True)),
    (
        "a whole data set",
        map_(
            ItemReader={
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"], "MaxItems": 10},
                "Parameters": {"Bucket": "b", "Key.$": "$.k"},
            },
            ItemBatcher={"MaxInputBytesPerBatch": 1000, "BatchInput": {"x.$": "$.x"}},
            ResultWriter={"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}},
            Label="Rows",
            ToleratedFailurePercentage=5,
        ),
    ),
]


@pytest.mark.parametrize(("what", "definition"), GOOD, ids=[row[0] for row in GOOD])
def test_their_neighbours_pass(what: str, definition: Any) -> None:
    assert validate(definition) == ()


ODD: list[tuple[str, Any, str | None]] = [
    # what the service takes at creation and what then does something else than is meant
    ("white space around JSONata", out(" {% 1 %} "), "{% 1 %}"),
    ("an escape that matches nothing", rule(Variable="$.a", StringMatches="a\\.b"), None),
    ("a parameter that the call does not take", call("lambda:invoke", FunctionName="f", Paylod={}), "Payload"),
    (
        "a reader in an inline Map",
        one("Map", ItemReader={"Resource": "arn:aws:states:::s3:getObject"}, ItemProcessor=inner()),
        '"Mode": "DISTRIBUTED"',
    ),
]


@pytest.mark.parametrize(("what", "definition", "hint"), ODD, ids=[row[0] for row in ODD])
def test_what_is_only_odd_is_a_warning(what: str, definition: Any, hint: str | None) -> None:
    assert [(item.severity, item.hint) for item in validate(definition)] == [("warning", hint)]
