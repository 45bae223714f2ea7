"""Jobs of other services in a proof: who starts one, who asks for it and who hears of its end see the same job on both sides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from untangle import pipeline
from untangle.config import Config
from untangle.errors import UntangleError
from untangle.model.certificate import Certificate

_STARTED = """
import json, os
import boto3
client = boto3.client("{service}")
def handler(event, context):
    order = json.loads(event["Records"][0]["body"])
    {call}
"""
_TAKEN = """
import os
import boto3
table = boto3.resource("dynamodb").Table(os.environ["ENDS"])
def handler(event, context):
    table.put_item(Item={{"id": {id}, "state": {state}}})
"""
# Per application: the resources of the job, the variables, the rule's pattern, the call, what is read of the event.
_GLUE: dict[str, Any] = {
    "resources": {"Job": {"Type": "AWS::Glue::Job", "Properties": {"Role": "r", "Command": {"Name": "glueetl"}}}},
    "variables": {"JOB": {"Ref": "Job"}},
    "pattern": {
        "source": ["aws.glue"],
        "detail-type": ["Glue Job State Change"],
        "detail": {"jobName": [{"Ref": "Job"}], "state": ["SUCCEEDED", "FAILED"]},
    },
    "service": "glue",
    "call": 'client.start_job_run(JobName=os.environ["JOB"], Arguments={"--order": str(order["id"])})',
    "id": 'event["detail"]["jobName"]',
    "state": 'event["detail"]["state"] + event["detail"]["severity"]',
}
_ASKED = {**_GLUE, "call": 'print(client.start_job_run(JobName=os.environ["JOB"])["JobRunId"], order["id"])'}
_UNTOLD = {**_GLUE, "pattern": {**_GLUE["pattern"], "detail": {"jobName": [{"Ref": "Job"}], "state": ["SUCCEEDED"]}}}
_ECS: dict[str, Any] = {
    "resources": {
        "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {}},
        "Definition": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {"ContainerDefinitions": [{"Name": "work", "Image": "work"}]},
        },
    },
    "variables": {"CLUSTER": {"Fn::GetAtt": ["Cluster", "Arn"]}, "TASK": {"Ref": "Definition"}},
    "pattern": {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Task State Change"],
        "detail": {"clusterArn": [{"Fn::GetAtt": ["Cluster", "Arn"]}], "lastStatus": ["STOPPED"]},
    },
    "service": "ecs",
    "call": """client.run_task(
        cluster=os.environ["CLUSTER"], taskDefinition=os.environ["TASK"], launchType="FARGATE",
        overrides={"containerOverrides": [{"name": "work", "environment": [{"name": "ORDER", "value": str(order["id"])}]}]},
    )""",
    "id": 'event["detail"]["overrides"]["containerOverrides"][0]["environment"][0]["value"]',
    "state": 'str(event["detail"]["containers"][0]["exitCode"]) + event["detail"]["stopCode"]',
}
_BATCH: dict[str, Any] = {
    "resources": {
        "Queue": {"Type": "AWS::Batch::JobQueue", "Properties": {"Priority": 1, "ComputeEnvironmentOrder": []}},
        "Definition": {"Type": "AWS::Batch::JobDefinition", "Properties": {"Type": "container"}},
    },
    "variables": {"QUEUE": {"Ref": "Queue"}, "DEFINITION": {"Ref": "Definition"}},
    "pattern": {
        "source": ["aws.batch"],
        "detail-type": ["Batch Job State Change"],
        "detail": {"jobQueue": [{"Ref": "Queue"}], "status": ["SUCCEEDED", "FAILED"]},
    },
    "service": "batch",
    "call": """client.submit_job(
        jobName="order", jobQueue=os.environ["QUEUE"], jobDefinition=os.environ["DEFINITION"],
        parameters={"order": str(order["id"])},
    )""",
    "id": 'event["detail"]["parameters"]["order"]',
    "state": 'event["detail"]["status"]',
}
APPLICATIONS = {"glue": _GLUE, "glue-asked": _ASKED, "glue-whose-failures-are-untold": _UNTOLD, "ecs": _ECS, "batch": _BATCH}


def _function(handler: str, variables: dict[str, Any], events: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.12",
            "Handler": handler,
            "CodeUri": ".",
            "Environment": {"Variables": variables},
            "Events": events,
        },
    }


def _application(folder: Path, of: dict[str, Any]) -> Path:
    orders = {"Type": "SQS", "Properties": {"Queue": {"Fn::GetAtt": ["Orders", "Arn"]}, "BatchSize": 1}}
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["Refused", "Arn"]}, "maxReceiveCount": 2}
    table = {
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    }
    resources = {
        **of["resources"],
        "Orders": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 60, "RedrivePolicy": redrive}},
        "Refused": {"Type": "AWS::SQS::Queue"},
        "Ends": {"Type": "AWS::DynamoDB::Table", "Properties": table},
        "Start": _function("start.handler", of["variables"], {"Orders": orders}),
        "Take": _function(
            "take.handler",
            {"ENDS": {"Ref": "Ends"}},
            {"Ended": {"Type": "EventBridgeRule", "Properties": {"Pattern": of["pattern"]}}},
        ),
    }
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    (folder / "template.json").write_text(json.dumps(template))
    (folder / "start.py").write_text(_STARTED.format(**of))
    (folder / "take.py").write_text(_TAKEN.format(**of))
    return folder


def _proof(folder: Path, **options: Any) -> Certificate:
    return pipeline.verify(pipeline.scan(folder, config=Config()), "start", folder, budget=16, **options)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_both_sides_do_the_same(name: str, tmp_path: Path) -> None:
    found = _proof(_application(tmp_path, APPLICATIONS[name]), mutants=False)
    assert [(one.name, one.deviations) for one in found.scenarios if not one.equal] == []
    assert not found.unable
    assert any("a job fails" in fault for one in found.scenarios for fault in one.faults)


def test_a_job_that_nothing_plays_refuses_the_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("untangle.simulate.jobs.is_played", lambda service, operation: False)
    with pytest.raises(UntangleError, match="plays jobs of glue"):
        _proof(_application(tmp_path, _GLUE))
