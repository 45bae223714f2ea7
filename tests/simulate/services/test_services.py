"""The other services: what is sent, what comes back and how it is spelled, and what errors are called."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulate.services.desk import Calls, calls
from untangle.errors import UsageError
from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.machine.task import TaskFailure
from untangle.simulate.services.failures import exception, pascal
from untangle.simulate.services.shapes import member


class TestOptimized:
    def test_messages_are_sent_and_objects_become_text(self) -> None:
        with calls() as desk:
            sent = desk.call("sqs:sendMessage", {"QueueUrl": "Orders", "MessageBody": {"a": 1}})
            assert sent["MessageId"] and sent["MD5OfMessageBody"] == "bb6cb5c68df4652941caf652a366f2d8"
            url = "https://sqs.us-east-1.amazonaws.com/123456789012/Orders"
            got = desk.account(ApiCall(service="sqs", operation="ReceiveMessage", params={"QueueUrl": url}))
            assert [message["Body"] for message in got["Messages"]] == ['{"a":1}']
            assert desk.integrations.desk.notes == ["S: there was no queue Orders; an empty one was made"]

    def test_topics_and_buses_that_are_not_there_are_made(self) -> None:
        with calls() as desk:
            assert desk.call("sns:publish", {"TopicArn": "arn:aws:sns:eu-west-1:1:Paid", "Message": "m"})["MessageId"]
            entry = {"Source": "a", "DetailType": "b", "Detail": {"c": 1}, "EventBusName": "Orders"}
            assert desk.call("events:putEvents", {"Entries": [entry]})["FailedEntryCount"] == 0

    def test_an_event_names_the_machine_and_the_execution(self) -> None:
        seen: list[ApiCall] = []

        def api(call: ApiCall) -> dict[str, Any]:
            seen.append(call)
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "InternalFailure"}]}

        desk = Calls()
        desk.integrations.through = api
        failure = desk.call("events:putEvents", {"Entries": [{"Source": "a", "Detail": {"b": 1}, "Resources": ["mine"]}]})
        (entry,) = seen[0].params["Entries"]
        assert entry == {"Source": "a", "Detail": '{"b":1}', "Resources": ["mine", "arn:machine", "arn:execution"]}
        assert failure.error == "EventBridge.FailedEntry"

    def test_conditions_of_tables_fail_by_name(self) -> None:
        key = {"id": {"S": "1"}}
        with calls() as desk:
            assert "Item" not in desk.call("dynamodb:getItem", {"TableName": "T", "Key": key})
            failure = desk.call(
                "dynamodb:putItem", {"TableName": "T", "Item": key, "ConditionExpression": "attribute_exists(id)"}
            )
            assert failure.error == "DynamoDB.ConditionalCheckFailedException"
            assert "Service: AmazonDynamoDBv2; Status Code: 400" in failure.cause
            desk.call("dynamodb:putItem", {"TableName": "T", "Item": {**key, "paid": {"BOOL": True}}})
            assert desk.call("dynamodb:getItem", {"TableName": "T", "Key": key})["Item"]["paid"] == {"BOOL": True}

    @pytest.mark.parametrize(
        ("resource", "arguments", "error"),
        [
            ("dynamodb:putItem", {"TableName": "T"}, "DynamoDB.AmazonDynamoDBException"),
            ("dynamodb:getItem", {"TableName": "T", "Key": {"other": {"S": "1"}}}, "DynamoDB.AmazonDynamoDBException"),
            ("sqs:sendMessage", {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q"}, "SQS.AmazonSQSException"),
        ],
    )
    def test_an_error_that_the_model_does_not_name_is_that_of_the_service(
        self, resource: str, arguments: dict[str, Any], error: str
    ) -> None:
        with calls() as desk:
            desk.call("dynamodb:getItem", {"TableName": "T", "Key": {"id": {"S": "1"}}})
            assert desk.call(resource, arguments).error == error

    def test_a_field_that_does_not_exist_is_named(self) -> None:
        failure = Calls().call("sqs:sendMessage", {"QueueUrl": "q", "Body": "m"})
        assert failure.error == "States.Runtime" and "'Body'" in failure.cause

    def test_the_network_is_not_called(self) -> None:
        failure = Calls().call("http:invoke", {"ApiEndpoint": "https://example.com", "Method": "GET"})
        assert "would call https://example.com of the network" in failure.cause

    def test_what_does_not_exist(self) -> None:
        assert Calls().call("nothing:invoke", {}).error == "States.Runtime"


class TestJobs:
    @pytest.mark.parametrize(
        ("resource", "arguments", "part"),
        [
            ("ecs:runTask.sync", {"TaskDefinition": "t", "Cluster": "c"}, {"LastStatus": "STOPPED"}),
            (
                "batch:submitJob.sync",
                {"JobName": "j", "JobQueue": "q", "JobDefinition": "d"},
                {"Status": "SUCCEEDED", "JobName": "j"},
            ),
            ("glue:startJobRun.sync", {"JobName": "j"}, {"JobRunState": "SUCCEEDED", "JobName": "j"}),
        ],
    )
    def test_a_job_takes_time_and_succeeds(self, resource: str, arguments: dict[str, Any], part: dict[str, Any]) -> None:
        with calls() as desk:
            answer = desk.call(resource, arguments)
            assert part.items() <= answer.items()
            assert desk.submitted and desk.clock.now == 60
            assert any("made up" in note for note in desk.integrations.desk.notes)

    def test_a_job_that_nobody_waits_for_any_more_is_forgotten(self) -> None:
        desk = Calls()
        assert desk.begin("glue:startJobRun.sync", {"JobName": "j"}) == []


class TestSdk:
    def test_fields_are_spelled_as_the_sdk_does(self) -> None:
        item = {"id": {"S": "1"}, "paid": {"Bool": True}, "none": {"Nul": True}}
        with calls() as desk:
            desk.call("aws-sdk:dynamodb:getItem", {"TableName": "T", "Key": {"id": {"S": "1"}}})
            assert desk.call("aws-sdk:dynamodb:putItem", {"TableName": "T", "Item": item}) == {}
            assert desk.call("aws-sdk:dynamodb:getItem", {"TableName": "T", "Key": {"id": {"S": "1"}}}) == {"Item": item}

    @pytest.mark.parametrize(
        ("body", "text"), [({"b": 1}, '{"b":1}'), ("b", '"b"'), (0, "0"), (False, "false"), (["é"], '["é"]'), (b"b\n", "b\n")]
    )
    def test_bodies_are_texts_of_json(self, body: Any, text: str) -> None:
        with calls() as desk:
            desk.call("aws-sdk:s3:putObject", {"Bucket": "orders", "Key": "a", "Body": body})
            found = desk.call("aws-sdk:s3:getObject", {"Bucket": "orders", "Key": "a"})
            assert (found["Body"], found["ContentType"]) == (text, "text/plain; charset=UTF-8")

    @pytest.mark.parametrize(
        ("name", "spelled"),
        [
            ("ETag", "ETag"), ("DBInstances", "DbInstances"), ("SSEKMSKeyId", "SsekmsKeyId"), ("ARN", "Arn"), ("BOOL", "Bool"),
            ("ChecksumCRC32", "ChecksumCRC32"), ("VPCId", "VpcId"), ("S3Key", "S3Key"), ("anArn", "AnArn"), ("S", "S"),
        ],
    )  # fmt: skip
    def test_an_acronym_is_a_word_at_the_beginning_only(self, name: str, spelled: str) -> None:
        assert member(name) == spelled

    @pytest.mark.parametrize(("asked", "told"), [({}, False), ({"ReturnConsumedCapacity": "TOTAL"}, True)])
    def test_capacity_is_told_to_those_who_ask(self, asked: dict[str, str], told: bool) -> None:
        item = {"TableName": "T", "Key": {"id": {"S": "1"}}}
        change = {"UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"N": "1"}}}
        with calls() as desk:
            desk.call("dynamodb:getItem", item)
            assert ("ConsumedCapacity" in desk.call("dynamodb:updateItem", {**item, **change, **asked})) is told

    @pytest.mark.parametrize(
        ("resource", "arguments", "error", "cause"),
        [
            ("s3:getObject", {"Bucket": "orders", "Key": "?"}, "S3.NoSuchKeyException", "Service: S3, Status Code: 404"),
            ("secretsmanager:getSecretValue", {"SecretId": "x"}, "SecretsManager.ResourceNotFoundException", "SecretsManager"),
            ("sfn:describeExecution", {"ExecutionArn": "x"}, "Sfn.ExecutionDoesNotExistException", "Service: Sfn"),
            ("dynamodb:noSuchAction", {}, "States.Runtime", "no action"),
            ("nothing:act", {}, "States.Runtime", "no AWS SDK integration"),
        ],
    )
    def test_how_errors_are_called(self, resource: str, arguments: dict[str, Any], error: str, cause: str) -> None:
        with calls() as desk:
            failure = desk.call(f"aws-sdk:{resource}", arguments)
            assert isinstance(failure, TaskFailure)
            assert failure.error == error and cause in failure.cause

    def test_an_error_that_the_model_does_not_name(self) -> None:
        def api(call: ApiCall) -> dict[str, Any]:
            raise ApiError("SlowDown", "please", status=503)

        desk = Calls()
        desk.integrations.through = api
        assert desk.call("aws-sdk:s3:getObject", {"Bucket": "b", "Key": "k"}).error == "S3.S3Exception"

    @pytest.mark.parametrize(
        ("service", "prefix"),
        [
            ("DynamoDB", "DynamoDb"), ("S3", "S3"), ("SFN", "Sfn"), ("EC2", "Ec2"), ("SESv2", "SesV2"), ("RDS Data", "RdsData"),
            ("CloudWatch Logs", "CloudWatchLogs"), ("Bedrock Runtime", "BedrockRuntime"), ("API Gateway", "ApiGateway"),
        ],
    )  # fmt: skip
    def test_prefixes_of_errors(self, service: str, prefix: str) -> None:
        assert pascal(service) == prefix

    @pytest.mark.parametrize(
        ("shape", "name"),
        [
            ("NoSuchKey", "NoSuchKeyException"),
            ("DBInstanceNotFoundFault", "DBInstanceNotFoundException"),
            ("AException", "AException"),
        ],
    )
    def test_names_of_errors(self, shape: str, name: str) -> None:
        assert exception(shape) == name


def test_the_same_seed_gives_the_same_ids() -> None:
    def once() -> Any:
        with calls() as desk:
            return desk.call("sqs:sendMessage", {"QueueUrl": "Orders", "MessageBody": "m"})

    assert once() == once()


def test_what_moto_does_not_know_is_no_error_of_the_service() -> None:
    with calls() as desk, pytest.raises(UsageError, match="moto does not know bedrock-agent:CreateDataSource"):
        source = {"KnowledgeBaseId": "ABCDEFGHIJ", "Name": "n", "DataSourceConfiguration": {"Type": "S3"}}
        desk.call("aws-sdk:bedrockagent:createDataSource", source)


def test_the_users_own_account_is_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "prod")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "mine")
    import os

    with calls() as desk:
        desk.call("sqs:sendMessage", {"QueueUrl": "Orders", "MessageBody": "m"})
        assert "AWS_PROFILE" not in os.environ and os.environ["AWS_ACCESS_KEY_ID"] != "mine"
    assert (os.environ["AWS_PROFILE"], os.environ["AWS_ACCESS_KEY_ID"]) == ("prod", "mine")
