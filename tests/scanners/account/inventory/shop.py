"""A shop in an account: functions over queues, topics, rules, a bucket and a table, each with a role of its own."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import Any

import boto3

ACCOUNT, REGION = "123456789012", "eu-west-1"
_TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


def arn(service: str, rest: str) -> str:
    """An ARN of the account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


class Shop:
    """Makes things in an account by short calls; `client` gives the service's client (in memory or of a server)."""

    def __init__(self, endpoint: str | None = None, region: str = REGION) -> None:
        self._endpoint, self._region = endpoint, region
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """A client of the region."""
        if service not in self._clients:
            self._clients[service] = boto3.client(service, region_name=self._region, endpoint_url=self._endpoint)
        return self._clients[service]

    def function(self, name: str, *grants: tuple[str, str], path: str = "/", **settings: Any) -> None:
        """A function and its role, which may do each (action, resource)."""
        iam, body = self.client("iam"), BytesIO()
        made = iam.create_role(RoleName=f"{name}-role", Path=path, AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]["Arn"]
        statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in grants]
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": statements})
            iam.put_role_policy(RoleName=f"{name}-role", PolicyName="own", PolicyDocument=document)
        with zipfile.ZipFile(body, "w") as archive:
            archive.writestr("app.py", "def handler(event, context): ...")
        self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=made,
            Handler="app.handler",
            Code={"ZipFile": body.getvalue()},
            **settings,
        )

    def polls(self, name: str, source: str, **settings: Any) -> None:
        """An event source mapping."""
        self.client("lambda").create_event_source_mapping(FunctionName=name, EventSourceArn=source, **settings)

    def queue(self, name: str, **attributes: str) -> str:
        """A queue; its URL."""
        return str(self.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])

    def subscribe(self, topic: str, protocol: str, endpoint: str, **attributes: str) -> None:
        """A subscription of what an ARN names."""
        self.client("sns").subscribe(TopicArn=arn("sns", topic), Protocol=protocol, Endpoint=endpoint, Attributes=attributes)

    def rule(self, name: str, pattern: dict[str, Any], target: str, bus: str = "default") -> None:
        """A rule of a bus with one target."""
        events = self.client("events")
        events.put_rule(Name=name, EventPattern=json.dumps(pattern), EventBusName=bus)
        events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "1", "Arn": target}])


def build(endpoint: str | None = None) -> Shop:
    """The whole shop: intake -> orders (sqs) -> charge -> table stream -> ship -> topic -> notify, and more beside it."""
    shop = Shop(endpoint)
    shop.queue("failed")
    redrive = json.dumps({"deadLetterTargetArn": arn("sqs", "failed"), "maxReceiveCount": 3})
    url = shop.queue("orders", RedrivePolicy=redrive, VisibilityTimeout="90")
    shop.queue("mail")
    shop.client("sns").create_topic(Name="shipped")
    shop.client("events").create_event_bus(Name="shop")
    shop.client("dynamodb").create_table(
        TableName="payments",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    stream = shop.client("dynamodb").describe_table(TableName="payments")["Table"]["LatestStreamArn"]
    shop.client("s3").create_bucket(Bucket="shop-labels", CreateBucketConfiguration={"LocationConstraint": REGION})
    shop.function("intake", ("sqs:SendMessage", arn("sqs", "orders")), Environment={"Variables": {"QUEUE_URL": url}})
    shop.function("charge", ("dynamodb:PutItem", arn("dynamodb", "table/payments")), path="/shop/", Timeout=20)
    shop.function("ship", ("sns:Publish", arn("sns", "shipped")), ("s3:PutObject", "arn:aws:s3:::shop-labels/*"))
    shop.function("notify", ("events:PutEvents", arn("events", "event-bus/shop")))
    shop.function("mailer")
    shop.function("print-label")
    shop.function("audit")
    shop.polls("charge", arn("sqs", "orders"), BatchSize=5)
    shop.polls("mailer", arn("sqs", "mail"))
    shop.polls("ship", stream, StartingPosition="LATEST")
    shop.subscribe("shipped", "lambda", arn("lambda", "function:notify"))
    policy = json.dumps({"kind": ["parcel"]})
    shop.subscribe("shipped", "sqs", arn("sqs", "mail"), RawMessageDelivery="true", FilterPolicy=policy)
    shop.rule("audited", {"source": ["shop"]}, arn("lambda", "function:audit"), bus="shop")
    shop.client("lambda").add_permission(
        FunctionName="print-label", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::shop-labels",
    )  # fmt: skip
    notified = {"LambdaFunctionArn": arn("lambda", "function:print-label"), "Events": ["s3:ObjectCreated:*"]}
    suffix = {"Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": ".pdf"}]}}}
    shop.client("s3").put_bucket_notification_configuration(
        Bucket="shop-labels", NotificationConfiguration={"LambdaFunctionConfigurations": [notified | suffix]}
    )
    return shop
