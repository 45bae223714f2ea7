"""Events of every type: the resource that each is written out as."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.scanners.serverless_framework.services import HELLO, scan_events, scan_files
from untangle.model.value import ACCOUNT, PARTITION, REGION, Concat, Imported, Ref, Symbol

MAPPING = "AWS::Lambda::EventSourceMapping"
RULE = "AWS::Events::Rule"
QUEUE = Ref("shop/Queue", "Arn")


def _topic(name: str) -> Concat:
    return Concat(("arn:", PARTITION, ":sns:", REGION, ":", ACCOUNT, f":{name}"))


CASES: list[tuple[str, str, str, Mapping[str, Any]]] = [
    (
        "sqs by ARN",
        "- sqs: arn:aws:sqs:eu-west-1:1:orders",
        "shop/HelloEventSourceMappingSQSOrders",
        {"EventSourceArn": "arn:aws:sqs:eu-west-1:1:orders", "BatchSize": 10, "FunctionName": HELLO},
    ),
    (
        "sqs with everything",
        """
        - sqs:
            arn: !GetAtt Queue.Arn
            batchSize: 5
            enabled: false
            maximumBatchingWindow: 30
            functionResponseType: ReportBatchItemFailures
            maximumConcurrency: 4
            filterPatterns:
              - body: {kind: [order]}
        """,
        "shop/HelloEventSourceMappingSQSQueue",
        {
            "EventSourceArn": QUEUE,
            "BatchSize": 5,
            "Enabled": False,
            "MaximumBatchingWindowInSeconds": 30,
            "FunctionResponseTypes": ("ReportBatchItemFailures",),
            "ScalingConfig": {"MaximumConcurrency": 4},
            "FilterCriteria": {"Filters": ({"Pattern": '{"body":{"kind":["order"]}}'},)},
        },
    ),
    (
        "sqs of another stack",
        "- sqs: {arn: {'Fn::ImportValue': orders-queue}}",
        "shop/HelloEventSourceMappingSQS",
        {"EventSourceArn": Imported("orders-queue")},
    ),
    (
        "a table's stream",
        """
        - stream:
            type: dynamodb
            arn: !GetAtt Table.StreamArn
            batchWindow: 2
            bisectBatchOnFunctionError: true
            maximumRetryAttempts: 3
            parallelizationFactor: 2
            destinations: {onFailure: {type: sqs, arn: !GetAtt Queue.Arn}}
        """,
        "shop/HelloEventSourceMappingDynamodbTable",
        {
            "EventSourceArn": Ref("shop/Table", "StreamArn"),
            "StartingPosition": "TRIM_HORIZON",
            "MaximumBatchingWindowInSeconds": 2,
            "BisectBatchOnFunctionError": True,
            "MaximumRetryAttempts": 3,
            "ParallelizationFactor": 2,
            "DestinationConfig": {"OnFailure": {"Destination": QUEUE}},
        },
    ),
    (
        "a table's stream by ARN",
        "- stream: arn:aws:dynamodb:eu-west-1:1:table/orders/stream/2020",
        "shop/HelloEventSourceMappingDynamodbOrders",
        {"BatchSize": 10},
    ),
    (
        "kinesis",
        "- stream: {arn: 'arn:aws:kinesis:eu-west-1:1:stream/clicks', startingPosition: LATEST}",
        "shop/HelloEventSourceMappingKinesisClicks",
        {"StartingPosition": "LATEST"},
    ),
    (
        "kinesis with a consumer",
        "- stream: {type: kinesis, arn: !GetAtt Clicks.Arn, consumer: true}",
        "shop/HelloEventSourceMappingKinesisClicks",
        {"EventSourceArn": Ref("shop/HelloClicksConsumerStreamConsumer")},
    ),
    (
        "msk",
        "- msk: {arn: !Ref Cluster, topic: orders, consumerGroupId: g}",
        "shop/HelloEventSourceMappingMSKClusterOrders",
        {"Topics": ("orders",), "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "g"}},
    ),
    (
        "kafka",
        "- kafka: {topic: orders, bootstrapServers: ['b:1'], accessConfigurations: {saslPlainAuth: arn:s, vpcSubnet: subnet-1}}",
        "shop/HelloEventSourceMappingKafkaOrders",
        {
            "SelfManagedEventSource": {"Endpoints": {"KafkaBootstrapServers": ("b:1",)}},
            "SourceAccessConfigurations": (
                {"Type": "BASIC_AUTH", "URI": "arn:s"},
                {"Type": "VPC_SUBNET", "URI": "subnet:subnet-1"},
            ),
        },
    ),
    (
        "rabbitmq",
        "- rabbitmq: {arn: !Ref Broker, queue: orders, basicAuthArn: arn:s, virtualHost: v}",
        "shop/HelloEventSourceMappingRabbitMQOrders",
        {"Queues": ("orders",), "EventSourceArn": Ref("shop/Broker")},
    ),
    (
        "activemq",
        "- activemq: {arn: !Ref Broker, queue: orders, basicAuthArn: arn:s}",
        "shop/HelloEventSourceMappingActiveMQOrders",
        {"Queues": ("orders",)},
    ),
    ("sns by name makes the topic", "- sns: orders", "shop/SNSTopicOrders", {"TopicName": "orders"}),
    (
        "sns by name",
        "- sns: orders",
        "shop/HelloSnsSubscriptionOrders",
        {"Protocol": "lambda", "Endpoint": HELLO, "TopicArn": _topic("orders")},
    ),
    (
        "sns by ARN",
        "- sns: arn:aws:sns:eu-west-1:1:orders",
        "shop/HelloSnsSubscriptionOrders",
        {"TopicArn": "arn:aws:sns:eu-west-1:1:orders"},
    ),
    (
        "sns with a filter and a dead-letter queue",
        """
        - sns:
            arn: !Ref Topic
            topicName: orders
            filterPolicy: {kind: [order]}
            filterPolicyScope: MessageBody
            redrivePolicy: {deadLetterTargetRef: Queue}
        """,
        "shop/HelloSnsSubscriptionOrders",
        {
            "TopicArn": Ref("shop/Topic"),
            "FilterPolicy": {"kind": ("order",)},
            "FilterPolicyScope": "MessageBody",
            "RedrivePolicy": {"deadLetterTargetArn": QUEUE},
        },
    ),
    (
        "sns that a plugin subscribes",
        "- externalSNS: orders",
        "shop/HelloSnsSubscriptionOrders",
        {"TopicArn": _topic("orders")},
    ),
    (
        "s3 makes the bucket",
        """
        - s3:
            bucket: my-photos
            event: s3:ObjectCreated:Put
            rules: [{prefix: in/}, {suffix: .jpg}]
        """,
        "shop/S3BucketMyphotos",
        {
            "BucketName": "my-photos",
            "NotificationConfiguration": {
                "LambdaConfigurations": (
                    {
                        "Event": "s3:ObjectCreated:Put",
                        "Function": HELLO,
                        "Filter": {"S3Key": {"Rules": ({"Name": "prefix", "Value": "in/"}, {"Name": "suffix", "Value": ".jpg"})}},
                    },
                )
            },
        },
    ),
    (
        "s3 by a mere name takes all that is created",
        "- s3: photos",
        "shop/S3BucketPhotos",
        {"NotificationConfiguration": {"LambdaConfigurations": ({"Event": "s3:ObjectCreated:*", "Function": HELLO},)}},
    ),
    (
        "s3 that exists",
        "- s3: {bucket: photos, existing: true, rules: [{prefix: in/}]}",
        "shop/HelloCustomS31",
        {
            "BucketName": Concat(("arn:", PARTITION, ":s3:::photos")),
            "NotificationConfiguration": {
                "LambdaFunctionConfigurations": (
                    {
                        "Events": ("s3:ObjectCreated:*",),
                        "LambdaFunctionArn": HELLO,
                        "Filter": {"Key": {"FilterRules": ({"Name": "prefix", "Value": "in/"},)}},
                    },
                )
            },
        },
    ),
    (
        "s3 of this service that is said to exist",
        "- s3: {bucket: !Ref Photos, existing: true}",
        "shop/HelloCustomS31",
        {"BucketName": Ref("shop/Photos")},
    ),
    (
        "schedule",
        "- schedule: rate(1 hour)",
        "shop/HelloEventsRuleSchedule1",
        {"ScheduleExpression": "rate(1 hour)", "State": "ENABLED"},
    ),
    (
        "schedule that is off, with input",
        "- schedule: {rate: cron(0 1 * * ? *), enabled: false, input: {a: 1}, name: nightly}",
        "shop/HelloEventsRuleSchedule1",
        {
            "State": "DISABLED",
            "Name": "nightly",
            "Targets": ({"Arn": HELLO, "Id": "hello-target", "Input": '{"a":1}'},),
        },
    ),
    (
        "schedule of EventBridge Scheduler",
        "- schedule: {rate: rate(1 day), method: scheduler, timezone: Europe/Paris}",
        "shop/HelloSchedulerSchedule1",
        {
            "ScheduleExpression": "rate(1 day)",
            "ScheduleExpressionTimezone": "Europe/Paris",
            "Target": {"Arn": HELLO, "RoleArn": Ref("shop/HelloSchedule1Role", "Arn")},
        },
    ),
    (
        "eventBridge on the default bus",
        "- eventBridge: {pattern: {source: [shop]}}",
        "shop/Shopdevhellorule1EventBridgeRule",
        {"EventPattern": {"source": ("shop",)}, "Name": "shop-dev-hello-rule-1"},
    ),
    (
        "eventBridge on a bus by name makes it",
        "- eventBridge: {eventBus: orders-bus, pattern: {source: [shop]}}",
        "shop/OrdersDashbusEventBridgeEventBus",
        {"Name": "orders-bus"},
    ),
    (
        "eventBridge with everything",
        """
        - eventBridge:
            eventBus: arn:aws:events:eu-west-1:1:event-bus/orders
            pattern: {detail-type: [paid]}
            inputTransformer: {inputTemplate: '<a>', inputPathsMap: {a: $.detail.a}}
            deadLetterQueueArn: !GetAtt Queue.Arn
            retryPolicy: {maximumEventAge: 60, maximumRetryAttempts: 2}
        """,
        "shop/Shopdevhellorule1EventBridgeRule",
        {
            "EventBusName": "arn:aws:events:eu-west-1:1:event-bus/orders",
            "Targets": (
                {
                    "Arn": HELLO,
                    "Id": "hello-target",
                    "InputTransformer": {"InputTemplate": "<a>", "InputPathsMap": {"a": "$.detail.a"}},
                    "RetryPolicy": {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 2},
                    "DeadLetterConfig": {"Arn": QUEUE},
                },
            ),
        },
    ),
    (
        "cloudwatchEvent",
        "- cloudwatchEvent: {event: {source: [aws.ec2]}}",
        "shop/HelloEventsRuleCloudWatchEvent1",
        {"EventPattern": {"source": ("aws.ec2",)}},
    ),
    (
        "cloudwatchLog",
        "- cloudwatchLog: {logGroup: /aws/lambda/other, filter: ERROR}",
        "shop/HelloLogsSubscriptionFilterCloudWatchLog1",
        {"LogGroupName": "/aws/lambda/other", "FilterPattern": "ERROR", "DestinationArn": HELLO},
    ),
    (
        "iot",
        "- iot: {sql: \"SELECT * FROM 'a'\", name: rule}",
        "shop/HelloIotTopicRule1",
        {"RuleName": "rule"},
    ),
    ("alexaSkill", "- alexaSkill", "shop/HelloLambdaPermissionAlexaSkill1", {"Principal": "alexa-appkit.amazon.com"}),
    ("alexaSkill by id", "- alexaSkill: amzn1", "shop/HelloLambdaPermissionAlexaSkill1", {"EventSourceToken": "amzn1"}),
    (
        "cognitoUserPool",
        "- cognitoUserPool: {pool: people, trigger: PostConfirmation}",
        "shop/CognitoUserPoolPeople",
        {"UserPoolName": "people", "LambdaConfig": {"PostConfirmation": HELLO}},
    ),
    (
        "cloudFront",
        "- cloudFront: {eventType: viewer-request, origin: 'https://x'}",
        "shop/CloudFrontDistribution",
        {},
    ),
    (
        "alb",
        "- alb: {listenerArn: !Ref Listener, priority: 1, conditions: {path: /}}",
        "shop/HelloAlbTargetGroup1",
        {"TargetType": "lambda", "Targets": ({"Id": HELLO},)},
    ),
    ("http", "- http: GET users/{id}", "shop/ApiGatewayMethodUsersIdVarGet", {"HttpMethod": "GET"}),
    ("http in long", "- http: {path: /users, method: post}", "shop/ApiGatewayMethodUsersPost", {"HttpMethod": "POST"}),
    ("http at the root", "- http: ANY /", "shop/ApiGatewayMethodAny", {"HttpMethod": "ANY"}),
    ("httpApi", "- httpApi: 'GET /users'", "shop/HttpApiRouteGetUsers", {"RouteKey": "GET /users"}),
    ("httpApi for all", "- httpApi: '*'", "shop/HttpApiRouteDefault", {"RouteKey": "$default"}),
    ("websocket", "- websocket: $connect", "shop/SconnectWebsocketsRoute", {"RouteKey": "$connect"}),
    ("websocket in long", "- websocket: {route: sendOrder}", "shop/sendOrderWebsocketsRoute", {"RouteKey": "sendOrder"}),
    (
        "documentDb",
        "- documentDb: {cluster: arn:c, database: d}",
        "shop/HelloEventSourceMappingDocumentDBC",
        {"EventSourceArn": "arn:c"},
    ),
]


@pytest.mark.parametrize(("event", "id", "properties"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_event_is_written_out(tmp_path: Path, event: str, id: str, properties: Mapping[str, Any]) -> None:
    scanned = scan_events(tmp_path, event)

    assert id in scanned.ids
    found = scanned.get(id).properties
    assert {key: found.get(key) for key in properties} == properties
    assert scanned.get(id).location is not None
    assert not scanned.inventory.problems


def test_a_property_is_found_where_it_is_written(tmp_path: Path) -> None:
    mapping = scan_events(tmp_path, "- sqs:\n    arn: !GetAtt Queue.Arn\n    batchSize: 5\n").one(MAPPING)

    lines = (tmp_path / "serverless.yml").read_text().splitlines()
    at = [mapping.at("EventSourceArn"), mapping.at("BatchSize")]
    assert [lines[(place.line or 0) - 1].strip() for place in at if place] == ["arn: !GetAtt Queue.Arn", "batchSize: 5"]


def test_events_of_two_functions_share_bucket_and_topic(tmp_path: Path) -> None:
    text = """
    service: shop
    provider: {name: aws}
    functions:
      one: {handler: a.b, events: [{s3: photos}, {sns: orders}]}
      two: {handler: a.c, events: [{s3: {bucket: photos, event: 's3:ObjectRemoved:*'}}, {sns: orders}]}
    """
    scanned = scan_files(tmp_path, {"serverless.yml": text})

    notified = scanned.one("AWS::S3::Bucket").get("NotificationConfiguration", "LambdaConfigurations")
    assert notified == (
        {"Event": "s3:ObjectCreated:*", "Function": Ref("shop/one", "Arn")},
        {"Event": "s3:ObjectRemoved:*", "Function": Ref("shop/two", "Arn")},
    )
    assert scanned.one("AWS::SNS::Topic").get("TopicName") == "orders"
    assert len(scanned.all("AWS::SNS::Subscription")) == 2


def test_two_services_that_name_one_topic_mean_the_same(tmp_path: Path) -> None:
    service = "service: {name}\nprovider: {{name: aws}}\nfunctions: {{hello: {{handler: a.b, events: [{{sns: orders}}]}}}}\n"
    scanned = scan_files(tmp_path, {f"{name}/serverless.yml": service.format(name=name) for name in ("one", "two")})

    assert [topic.id for topic in scanned.all("AWS::SNS::Topic")] == ["one/SNSTopicOrders"]


def test_a_bucket_of_the_provider_keeps_its_settings(tmp_path: Path) -> None:
    more = "  s3:\n    photos: {name: shop-photos, versioningConfiguration: {Status: Enabled}}\n"
    bucket = scan_events(tmp_path, "- s3: photos", more=more).get("shop/S3BucketPhotos")

    assert bucket.get("BucketName") == "shop-photos"
    assert bucket.get("VersioningConfiguration") == {"Status": "Enabled"}


def test_a_custom_authorizer_is_started_by_the_api(tmp_path: Path) -> None:
    scanned = scan_events(tmp_path, "- http: {path: a, method: get, authorizer: hello}")

    uri = scanned.get("shop/HelloApiGatewayAuthorizer").get("AuthorizerUri")
    assert isinstance(uri, Concat)
    assert HELLO in uri.parts


def test_an_api_that_exists_is_not_made(tmp_path: Path) -> None:
    scanned = scan_events(tmp_path, "- httpApi: GET /a", more="  httpApi: {id: !Ref Api}\n")

    assert not scanned.all("AWS::ApiGatewayV2::Api")
    assert scanned.one("AWS::ApiGatewayV2::Route").get("ApiId") == Ref("shop/Api")


def test_an_unknown_event_is_a_gap_and_a_known_one_without_its_source_a_problem(tmp_path: Path) -> None:
    scanned = scan_events(tmp_path, "- carrierPigeon: {loft: 1}\n- sqs: {batchSize: 1}\n")

    assert [gap.what for gap in scanned.inventory.gaps] == ["the event carrierPigeon of hello"]
    assert [problem.message for problem in scanned.inventory.problems] == ["the event sqs of hello lacks arn"]
    assert [problem.location.line for problem in scanned.inventory.problems] == [10]


def test_an_unknown_name_stays_a_symbol(tmp_path: Path) -> None:
    mapping = scan_events(tmp_path, "- sqs: ${env:QUEUE_ARN}").one(MAPPING)

    assert mapping.get("EventSourceArn") == Symbol("env:QUEUE_ARN")
