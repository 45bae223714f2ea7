"""The applications, one for every kind of channel. Nothing but roles says who sends: `likely` is one named target."""

from __future__ import annotations

from tests.scanners.account.kinds.case import Case
from tests.scanners.account.kinds.entries import ENTRIES
from tests.scanners.account.kinds.onward import ONWARD

_SEND = "sqs:SendMessage !GetAtt Orders.Arn"
_PUBLISH = "sns:Publish !Ref Told"
_QUEUE = """
Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: KIND-orders}}
Poll: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref Take, EventSourceArn: !GetAtt Orders.Arn}}
"""
_TOPIC = "Told: {Type: AWS::SNS::Topic, Properties: {TopicName: KIND-told}}\n"
_BUS = "Bus: {Type: AWS::Events::EventBus, Properties: {Name: KIND-bus}}\n"
_TABLE = """
Items:
  Type: AWS::DynamoDB::Table
  Properties:
    TableName: KIND-items
    BillingMode: PAY_PER_REQUEST
    KeySchema: [{AttributeName: id, KeyType: HASH}]
    AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
"""
_STREAM = "Stream: {Type: AWS::Kinesis::Stream, Properties: {Name: KIND-stream, ShardCount: 1}}\n"

CHANNELS: tuple[Case, ...] = (
    Case(
        kind="sqs",
        hops="send -sqs-> take likely",
        functions={"send": _SEND, "take": ""},
        resources="""
        Failed: {Type: AWS::SQS::Queue, Properties: {QueueName: KIND-failed}}
        Orders:
          Type: AWS::SQS::Queue
          Properties:
            QueueName: KIND-orders
            VisibilityTimeout: 90
            RedrivePolicy: {deadLetterTargetArn: !GetAtt Failed.Arn, maxReceiveCount: 3}
        Poll:
          Type: AWS::Lambda::EventSourceMapping
          Properties:
            FunctionName: !Ref Take
            EventSourceArn: !GetAtt Orders.Arn
            BatchSize: 5
            MaximumBatchingWindowInSeconds: 10
            FilterCriteria: {Filters: [{Pattern: '{"body": {"kind": ["parcel"]}}'}]}
            ScalingConfig: {MaximumConcurrency: 4}
            FunctionResponseTypes: [ReportBatchItemFailures]
        """,
        faked="filters, windows and concurrency of event source mappings",
    ),
    Case(
        kind="sqs-fifo",
        hops="send -sqs-> take likely",
        functions={"send": _SEND, "take": ""},
        resources="""
        Orders:
          Type: AWS::SQS::Queue
          Properties: {QueueName: KIND-orders.fifo, FifoQueue: true, ContentBasedDeduplication: true}
        Poll:
          Type: AWS::Lambda::EventSourceMapping
          Properties: {FunctionName: !Ref Take, EventSourceArn: !GetAtt Orders.Arn}
        """,
    ),
    Case(
        kind="sns",
        hops="send -sns-> take likely",
        functions={"send": _PUBLISH, "take": ""},
        resources=_TOPIC
        + """
Listen:
  Type: AWS::SNS::Subscription
  Properties: {TopicArn: !Ref Told, Protocol: lambda, Endpoint: !GetAtt Take.Arn, FilterPolicy: {kind: [parcel]}}
""",
    ),
    Case(
        kind="sns-sqs-raw",
        hops="send -sns/sqs-> take likely",
        functions={"send": _PUBLISH, "take": ""},
        resources=_TOPIC
        + _QUEUE
        + """
Listen:
  Type: AWS::SNS::Subscription
  Properties: {TopicArn: !Ref Told, Protocol: sqs, Endpoint: !GetAtt Orders.Arn, RawMessageDelivery: true}
""",
    ),
    Case(
        kind="sns-sqs-body",
        hops="send -sns/sqs-> take likely",
        functions={"send": _PUBLISH, "take": ""},
        resources=_TOPIC
        + _QUEUE
        + """
Listen:
  Type: AWS::SNS::Subscription
  Properties:
    TopicArn: !Ref Told
    Protocol: sqs
    Endpoint: !GetAtt Orders.Arn
    FilterPolicyScope: MessageBody
    FilterPolicy: {order: {total: [{numeric: [">", 100]}]}}
""",
    ),
    Case(
        kind="eventbridge-default",
        default_bus=True,
        hops="""
        eventbridge -> take
        send -eventbridge-> take possible
        """,
        functions={
            "send": 'events:PutEvents !Sub "arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"',
            "take": "",
        },
        resources="""
        Rule:
          Type: AWS::Events::Rule
          Properties:
            Name: KIND-rule
            EventPattern: {source: [shop], detail: {total: [{numeric: [">", 100]}]}}
            Targets: [{Id: one, Arn: !GetAtt Take.Arn}]
        """,
    ),
    Case(
        kind="eventbridge-bus",
        hops="""
        send -eventbridge-> take likely
        send -eventbridge/sqs-> pack likely
        """,
        functions={"send": "events:PutEvents !GetAtt Bus.Arn", "take": "", "pack": ""},
        resources=_BUS
        + _QUEUE.replace("Take", "Pack")
        + """
Rule:
  Type: AWS::Events::Rule
  Properties:
    Name: KIND-rule
    EventBusName: !Ref Bus
    EventPattern: {source: [shop], detail-type: [{prefix: order}]}
    Targets:
      - Id: one
        Arn: !GetAtt Take.Arn
        InputTransformer:
          InputPathsMap: {id: $.detail.id}
          InputTemplate: '{"id": <id>}'
      - {Id: two, Arn: !GetAtt Orders.Arn, InputPath: $.detail}
""",
    ),
    Case(
        kind="eventbridge-off",
        hops="send -eventbridge-> take likely",
        functions={"send": "events:PutEvents !GetAtt Bus.Arn", "take": ""},
        resources=_BUS
        + """
Rule:
  Type: AWS::Events::Rule
  Properties:
    Name: KIND-rule
    EventBusName: !Ref Bus
    State: DISABLED
    EventPattern: {source: [shop]}
    Targets: [{Id: one, Arn: !GetAtt Take.Arn}]
""",
    ),
    Case(
        kind="eventbridge-forwarded",
        hops="send -eventbridge/eventbridge-> take likely",
        functions={"send": "events:PutEvents !GetAtt Bus.Arn", "take": ""},
        resources=_BUS
        + """
Far: {Type: AWS::Events::EventBus, Properties: {Name: KIND-far}}
On:
  Type: AWS::Events::Rule
  Properties:
    Name: KIND-on
    EventBusName: !Ref Bus
    EventPattern: {source: [shop]}
    Targets: [{Id: one, Arn: !GetAtt Far.Arn}]
Rule:
  Type: AWS::Events::Rule
  Properties:
    Name: KIND-rule
    EventBusName: !Ref Far
    EventPattern: {detail-type: [paid]}
    Targets: [{Id: one, Arn: !GetAtt Take.Arn}]
""",
    ),
    Case(
        kind="s3-targets",
        hops="""
        s3 -> take
        send -s3-> take possible
        send -s3/sqs-> pack likely
        send -s3/sns-> tell likely
        """,
        functions={"send": 's3:PutObject !Sub "${Files.Arn}/*"', "take": "", "pack": "", "tell": ""},
        resources=_TOPIC
        + _QUEUE.replace("Take", "Pack")
        + """
Listen:
  Type: AWS::SNS::Subscription
  Properties: {TopicArn: !Ref Told, Protocol: lambda, Endpoint: !GetAtt Tell.Arn}
Files:
  Type: AWS::S3::Bucket
  Properties:
    BucketName: KIND-files
    NotificationConfiguration:
      LambdaConfigurations:
        - Event: s3:ObjectCreated:*
          Function: !GetAtt Take.Arn
          Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}, {Name: suffix, Value: .pdf}]}}
      QueueConfigurations: [{Event: "s3:ObjectCreated:Put", Queue: !GetAtt Orders.Arn}]
      TopicConfigurations: [{Event: "s3:ObjectCreated:*", Topic: !Ref Told}]
""",
    ),
    Case(
        kind="s3-eventbridge",
        default_bus=True,
        hops="send -s3/eventbridge-> take likely",
        functions={"send": 's3:PutObject !Sub "${Files.Arn}/*"', "take": ""},
        resources="""
        Files:
          Type: AWS::S3::Bucket
          Properties:
            BucketName: KIND-files
            NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}
        Rule:
          Type: AWS::Events::Rule
          Properties:
            Name: KIND-rule
            EventPattern: {source: [aws.s3], detail-type: [Object Created], detail: {bucket: {name: [KIND-files]}}}
            Targets: [{Id: one, Arn: !GetAtt Take.Arn}]
        """,
        faked="that a bucket tells EventBridge",
    ),
    Case(
        kind="dynamodb-stream",
        hops="send -dynamodb_stream-> take likely",
        functions={"send": "dynamodb:PutItem !GetAtt Items.Arn", "take": ""},
        resources=_TABLE
        + """
    StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
Poll:
  Type: AWS::Lambda::EventSourceMapping
  Properties:
    FunctionName: !Ref Take
    EventSourceArn: !GetAtt Items.StreamArn
    StartingPosition: LATEST
    FilterCriteria: {Filters: [{Pattern: '{"eventName": ["INSERT"]}'}]}
    BisectBatchOnFunctionError: true
    MaximumRetryAttempts: 2
""",
        faked="filters and retries of event source mappings",
    ),
    Case(
        kind="dynamodb-kinesis",
        hops="send -dynamodb_stream/kinesis-> take likely",
        functions={"send": "dynamodb:PutItem !GetAtt Items.Arn", "take": ""},
        resources=_TABLE
        + """
    KinesisStreamSpecification: {StreamArn: !GetAtt Stream.Arn}
"""
        + _STREAM
        + """
Poll:
  Type: AWS::Lambda::EventSourceMapping
  Properties: {FunctionName: !Ref Take, EventSourceArn: !GetAtt Stream.Arn, StartingPosition: LATEST}
""",
        faked="where a table's changes are sent",
    ),
    Case(
        kind="kinesis",
        hops="send -kinesis-> take likely",
        functions={"send": "kinesis:PutRecord !GetAtt Stream.Arn", "take": ""},
        resources=_STREAM
        + """
Poll:
  Type: AWS::Lambda::EventSourceMapping
  Properties: {FunctionName: !Ref Take, EventSourceArn: !GetAtt Stream.Arn, StartingPosition: TRIM_HORIZON, BatchSize: 50}
""",
    ),
)

CASES: tuple[Case, ...] = (*CHANNELS, *ONWARD, *ENTRIES)
