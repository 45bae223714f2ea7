"""Fills an account of moto with a company's worth of things, in parallel: functions with roles of their own, and what joins them.

Stands on boto3 alone. `size` functions; half as many queues, each read by a function; an eighth as many topics; half as many
rules, half of them on one bus that a quarter of all functions write to; and so on. One role in fifty has
wildcards.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ACCOUNT, REGION = "123456789012", "eu-west-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "benchmark", "AWS_SECRET_ACCESS_KEY": "benchmark", "AWS_DEFAULT_REGION": REGION}
_TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
THREADS = 4  # more make moto slower


def arn(service: str, rest: str) -> str:
    """An ARN of the account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


class Account:
    """What is seeded; `writes` counts the calls that it took."""

    def __init__(self, endpoint: str, size: int) -> None:
        session, config = boto3.Session(region_name=REGION), Config(max_pool_connections=32)
        services = ("iam", "lambda", "sqs", "sns", "events", "s3", "dynamodb", "stepfunctions")
        self._clients = {name: session.client(name, endpoint_url=endpoint, config=config) for name in services}
        self._size, self.writes = size, 0
        self._topics, self._buckets, self._tables = max(1, size // 8), max(1, size // 8), max(1, size // 20)
        self._package = _package()

    def seed(self) -> None:
        """All of it; each step needs those before it."""
        half, quarter = self._size // 2, max(1, self._size // 4)
        for name in ("shop", "audit"):
            self._call("events", "create_event_bus", Name=name)
        for step, count in (
            (self._queue, half),
            (self._topic, self._topics),
            (self._table, self._tables),
            (self._function, self._size),
            (self._mapping, half),
            (self._subscription, half),
            (self._rule, half),
            (self._permission, half),
            (self._invoke_config, quarter),
            (self._bucket, self._buckets),
            (self._machine, max(1, self._size // 100)),
        ):
            self._each(step, range(count))

    def _each(self, step: Callable[[int], None], numbers: Iterable[int]) -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(step, numbers))

    def _call(self, service: str, method: str, **params: Any) -> Any:
        """One write. Where several are made at a time moto now and then fails at one: that is made again."""
        for attempt in range(4):
            self.writes += 1
            try:
                return getattr(self._clients[service], method)(**params)
            except ClientError as error:
                code = str(error.response["Error"].get("Code"))
                if attempt and code in ("ResourceConflictException", "EntityAlreadyExists", "ResourceInUseException"):
                    return None  # made in spite of the failure
                if code not in ("UnknownOperationException", "400") or attempt == 3:
                    raise
        raise AssertionError("unreachable")

    def _queue(self, i: int) -> None:
        self._call("sqs", "create_queue", QueueName=f"queue-{i}", Attributes={"VisibilityTimeout": "90"})

    def _topic(self, i: int) -> None:
        self._call("sns", "create_topic", Name=f"topic-{i}")

    def _table(self, i: int) -> None:
        self._call(
            "dynamodb",
            "create_table",
            TableName=f"table-{i}",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )

    def _function(self, i: int) -> None:
        role = f"function-{i}-role"
        made = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        self._call("iam", "create_role", RoleName=role, AssumeRolePolicyDocument=json.dumps(_TRUST))
        grants, variables = self._means(i)
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": a, "Resource": r} for a, r in grants]}
        self._call("iam", "put_role_policy", RoleName=role, PolicyName="own", PolicyDocument=json.dumps(document))
        self._call(
            "lambda",
            "create_function",
            FunctionName=f"function-{i}",
            Runtime="python3.12",
            Role=made,
            Handler="app.handler",
            Code={"ZipFile": self._package},
            Environment={"Variables": variables},
            Timeout=30,
        )

    def _means(self, i: int) -> tuple[list[tuple[str, str]], dict[str, str]]:
        """What a function may write to, and the variables that name it."""
        logs = ("logs:PutLogEvents", arn("logs", "*"))
        if i % 50 == 49:
            return [logs, ("sqs:SendMessage", "*"), ("sns:Publish", "*")], {"STAGE": "prod"}
        queue, topic = i % max(1, self._size // 2), i % self._topics
        kinds: tuple[tuple[str, str, dict[str, str]], ...] = (
            (
                "sqs:SendMessage",
                arn("sqs", f"queue-{queue}"),
                {"QUEUE_URL": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/queue-{queue}"},
            ),
            ("sns:Publish", arn("sns", f"topic-{topic}"), {"TOPIC_ARN": arn("sns", f"topic-{topic}")}),
            ("events:PutEvents", arn("events", "event-bus/shop"), {"BUS": "shop"}),
            ("s3:PutObject", f"arn:aws:s3:::bucket-{i % self._buckets}/*", {"BUCKET": f"bucket-{i % self._buckets}"}),
        )
        action, resource, variables = kinds[i % 4]
        return [logs, (action, resource)], {"STAGE": "prod", **variables}

    def _mapping(self, i: int) -> None:
        to = f"function-{(i * 7 + 1) % self._size}"
        self._call(
            "lambda", "create_event_source_mapping", FunctionName=to, EventSourceArn=arn("sqs", f"queue-{i}"), BatchSize=10
        )

    def _subscription(self, i: int) -> None:
        to = arn("lambda", f"function:function-{(i * 3 + 2) % self._size}") if i % 2 else arn("sqs", f"queue-{i}")
        policy = {"FilterPolicy": json.dumps({"kind": [f"kind-{i % 5}"]})} if i % 3 == 0 else {}
        self._call(
            "sns",
            "subscribe",
            TopicArn=arn("sns", f"topic-{i % self._topics}"),
            Protocol="lambda" if i % 2 else "sqs",
            Endpoint=to,
            Attributes=policy,
        )

    def _rule(self, i: int) -> None:
        name, bus = f"rule-{i}", "shop" if i % 2 else "audit"
        pattern = {"source": [f"shop.part-{i}"], "detail-type": [f"Happened {i}"]}
        self._call("events", "put_rule", Name=name, EventPattern=json.dumps(pattern), EventBusName=bus)
        to = arn("lambda", f"function:function-{(i * 5 + 3) % self._size}")
        self._call("events", "put_targets", Rule=name, EventBusName=bus, Targets=[{"Id": "1", "Arn": to}])

    def _permission(self, i: int) -> None:
        bus = "shop" if i % 2 else "audit"
        self._call(
            "lambda",
            "add_permission",
            FunctionName=f"function-{(i * 5 + 3) % self._size}",
            StatementId=f"rule-{i}",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=arn("events", f"rule/{bus}/rule-{i}"),
        )

    def _invoke_config(self, i: int) -> None:
        self._call("lambda", "put_function_event_invoke_config", FunctionName=f"function-{i}", MaximumRetryAttempts=1)

    def _bucket(self, i: int) -> None:
        name = f"bucket-{i}"
        self._call("s3", "create_bucket", Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        told = {
            "LambdaFunctionArn": arn("lambda", f"function:function-{(i * 11 + 4) % self._size}"),
            "Events": ["s3:ObjectCreated:*"],
        }
        self._call(
            "s3",
            "put_bucket_notification_configuration",
            Bucket=name,
            NotificationConfiguration={"LambdaFunctionConfigurations": [told]},
        )

    def _machine(self, i: int) -> None:
        task = {"Type": "Task", "Resource": arn("lambda", f"function:function-{i}"), "End": True}
        definition = json.dumps({"StartAt": "Do", "States": {"Do": task}})
        self._call(
            "stepfunctions",
            "create_state_machine",
            name=f"machine-{i}",
            definition=definition,
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/function-{i}-role",
        )


def _package() -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): ...")
    return body.getvalue()


def main() -> None:
    import sys
    import time

    os.environ.update(CREDENTIALS)
    account, start = Account(sys.argv[1], int(sys.argv[2])), time.perf_counter()
    account.seed()
    print(json.dumps({"writes": account.writes, "seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main()
