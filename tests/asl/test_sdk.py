"""AWS SDK integrations: services and actions as the SDK's own models have them, with the right spelling where one is close."""

from __future__ import annotations

import botocore.session
import pytest

from tests.asl.test_validate import machine, task
from untangle.asl import validate
from untangle.asl.sdk import SDK, actions_of, read_actions, service_id

_ALL = 0.99  # of the actions of a model that may be newer than the table


def sdk(call: str) -> list[tuple[str, str | None]]:
    resource = f"arn:aws:states:::aws-sdk:{call}"
    return [
        (item.severity, item.hint) for item in validate(machine(task(Resource=resource, Parameters={"A.$": "$$.Task.Token"})))
    ]


@pytest.mark.parametrize(
    "call",
    [
        "s3:listObjectsV2",
        "dynamodb:query",
        "rds:createDBInstance",
        "rds:createDbInstance",
        "sfn:startExecution",
        "cloudwatchlogs:createExportTask",
        "cognitoidentityprovider:adminCreateUser",
        "applicationdiscovery:describeAgents",
        "sqs:sendMessage.waitForTaskToken",
        "qldb:listLedgers",  # of a service that the SDK has dropped: nothing is known of its actions
        "${Service}:${Action}",
        "s3:get${Thing}",
    ],
)
def test_what_there_is_passes(call: str) -> None:
    assert sdk(call) == []


@pytest.mark.parametrize(
    ("call", "hint"),
    [
        ("s3:getObjct", "getObject"),
        ("s3:GetObject", "getObject"),
        ("dynamodb:putitem", "putItem"),
        ("dynamodb:fly", None),
        ("dynamo:putItem", "dynamodb"),
        ("stepfunctions:startExecution", "sfn"),
        ("secrets-manager:getSecretValue", "secretsmanager"),
        ("logs:putLogEvents", "cloudwatchlogs"),
        ("secretmanager:getSecretValue", "secretsmanager"),
        ("sqs:sendMesage.waitForTaskToken", "sendMessage"),
    ],
)
def test_what_there_is_not_is_an_error_with_the_right_spelling(call: str, hint: str | None) -> None:
    assert sdk(call) == [("error", hint)]


def test_the_table_is_that_of_the_sdk() -> None:
    """Where this fails, the SDK has grown: run scripts/sdk_actions.py."""
    session = botocore.session.Session()
    table = read_actions()
    assert set(table) <= SDK
    for name in ("s3", "dynamodb", "lambda", "sqs", "sns", "stepfunctions", "logs", "glue", "events", "athena"):
        model = session.get_service_model(name)
        actions = set(model.operation_names)
        service = service_id(model.metadata["serviceId"])
        assert len(actions & set(table[service])) >= _ALL * len(actions), name
    known = [service_id(name) for name in session.get_available_services()]
    assert len(SDK.intersection(known)) > len(known) / 2


def test_every_service_of_the_table_has_actions_in_small_letters() -> None:
    assert all(actions_of(service) for service in read_actions())
    assert all(written[:1].islower() for written in actions_of("s3"))
