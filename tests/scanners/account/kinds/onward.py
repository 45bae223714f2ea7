"""Functions that call, and what Lambda, pipes, schedules, machines, brokers and delivery streams hand on."""

from __future__ import annotations

from tests.scanners.account.kinds.case import Case

_QUEUE = """
Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: KIND-orders}}
Poll: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref Take, EventSourceArn: !GetAtt Orders.Arn}}
"""
_ROLE = """
Role:
  Type: AWS::IAM::Role
  Properties:
    RoleName: KIND-service
    AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: KIND.amazonaws.com}, Action: "sts:AssumeRole"}]}
"""
_TRIES = "{MaximumRetryAttempts: 5, MaximumEventAgeInSeconds: 60}"  # AWS would tell what it is by default
_SQL = "SELECT * FROM 'shop/orders'"

ONWARD: tuple[Case, ...] = (
    Case(
        kind="invoke",
        hops="send -lambda_invoke-> take likely",
        functions={"send": "lambda:InvokeFunction !GetAtt Take.Arn", "take": ""},
    ),
    Case(
        kind="invoke-alias",
        hops="send -sqs-> take likely",
        functions={"send": "sqs:SendMessage !GetAtt Orders.Arn", "take": ""},
        resources="""
        Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Take, Name: live, FunctionVersion: $LATEST}}
        Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: KIND-orders}}
        Poll: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref Live, EventSourceArn: !GetAtt Orders.Arn}}
        """,
    ),
    Case(
        kind="destination",
        hops="""
        send -lambda_invoke-> work likely
        work -lambda_destination-> after declared
        work -lambda_destination/sqs?-> take declared
        """,
        functions={"send": "lambda:InvokeFunction !GetAtt Work.Arn", "work": "", "after": "", "take": ""},
        resources=_QUEUE
        + """
Config:
  Type: AWS::Lambda::EventInvokeConfig
  Properties:
    FunctionName: !Ref Work
    Qualifier: $LATEST
    MaximumRetryAttempts: 1
    DestinationConfig: {OnSuccess: {Destination: !GetAtt After.Arn}, OnFailure: {Destination: !GetAtt Orders.Arn}}
""",
    ),
    Case(
        kind="dead-letter",
        hops="""
        send -lambda_invoke-> work likely
        work -lambda_destination/sqs?-> take declared
        """,
        functions={"send": "lambda:InvokeFunction !GetAtt Work.Arn", "work": "", "take": ""},
        settings={"work": "DeadLetterConfig: {TargetArn: !GetAtt Orders.Arn}"},
        resources=_QUEUE,
        faked="the dead-letter queue of a function",
    ),
    Case(
        kind="pipe",
        hops="send -sqs/pipe-> take likely",
        functions={"send": "sqs:SendMessage !GetAtt Orders.Arn", "take": ""},
        resources=_ROLE
        + """
Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: KIND-orders}}
Pipe:
  Type: AWS::Pipes::Pipe
  Properties:
    Name: KIND-pipe
    RoleArn: !GetAtt Role.Arn
    Source: !GetAtt Orders.Arn
    SourceParameters: {FilterCriteria: {Filters: [{Pattern: '{"body": {"kind": ["parcel"]}}'}]}}
    Target: !GetAtt Take.Arn
    TargetParameters: {LambdaFunctionParameters: {InvocationType: FIRE_AND_FORGET}}
""",
    ),
    Case(
        kind="schedule",
        hops="""
        schedule -> tick
        sqs -> take
        """,
        functions={"tick": "", "take": ""},
        resources=_ROLE
        + _QUEUE
        + """
One:
  Type: AWS::Scheduler::Schedule
  Properties:
    Name: KIND-one
    ScheduleExpression: rate(1 hour)
    FlexibleTimeWindow: {Mode: "OFF"}
    Target: {Arn: !GetAtt Tick.Arn, RoleArn: !GetAtt Role.Arn, Input: '{"a":1}', RetryPolicy: TRIES}
Two:
  Type: AWS::Scheduler::Schedule
  Properties:
    Name: KIND-two
    ScheduleExpression: cron(0 8 * * ? *)
    FlexibleTimeWindow: {Mode: "OFF"}
    Target: {Arn: !GetAtt Orders.Arn, RoleArn: !GetAtt Role.Arn, RetryPolicy: TRIES}
""".replace("TRIES", _TRIES),
    ),
    Case(
        kind="rule-schedule",
        hops="schedule -> tick",
        functions={"tick": ""},
        resources="""
        Rule:
          Type: AWS::Events::Rule
          Properties: {Name: KIND-rule, ScheduleExpression: rate(1 day), Targets: [{Id: one, Arn: !GetAtt Tick.Arn}]}
        """,
    ),
    Case(
        kind="step-functions",
        default_bus=True,
        hops="""
        sqs -> take
        Machine: work
        """,
        functions={"send": "states:StartExecution !Ref Machine", "work": "", "take": ""},
        resources=_ROLE
        + _QUEUE
        + """
Machine:
  Type: AWS::StepFunctions::StateMachine
  Properties:
    StateMachineName: KIND-machine
    RoleArn: !GetAtt Role.Arn
    DefinitionString: !Sub >-
      {"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": "${Work.Arn}", "Next": "Tell"},
       "Tell": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true,
       "Parameters": {"QueueUrl": "${Orders}", "MessageBody.$": "$"}}}}
""",
    ),
    Case(
        kind="iot",
        hops="""
        iot -> take
        sqs -> pack
        """,
        functions={"take": "", "pack": ""},
        resources=_QUEUE.replace("Take", "Pack")
        + _ROLE
        + """
Rule:
  Type: AWS::IoT::TopicRule
  Properties:
    RuleName: KIND_rule
    TopicRulePayload:
      Sql: STATEMENT
      Actions:
        - Lambda: {FunctionArn: !GetAtt Take.Arn}
        - Sqs: {QueueUrl: !Ref Orders, RoleArn: !GetAtt Role.Arn, UseBase64: false}
""".replace("STATEMENT", _SQL),
    ),
    Case(
        kind="firehose",
        hops="""
        send -firehose-> change likely
        send -firehose/s3-> take likely
        """,
        functions={
            "send": 'firehose:PutRecord !Sub "arn:aws:firehose:${AWS::Region}:${AWS::AccountId}:deliverystream/KIND-delivery"',
            "change": "",
            "take": "",
        },
        resources=_ROLE
        + """
Files:
  Type: AWS::S3::Bucket
  Properties:
    BucketName: KIND-files
    NotificationConfiguration: {LambdaConfigurations: [{Event: "s3:ObjectCreated:*", Function: !GetAtt Take.Arn}]}
Delivery:
  Type: AWS::KinesisFirehose::DeliveryStream
  Properties:
    DeliveryStreamName: KIND-delivery
    DeliveryStreamType: DirectPut
    ExtendedS3DestinationConfiguration:
      BucketARN: !GetAtt Files.Arn
      RoleARN: !GetAtt Role.Arn
      ProcessingConfiguration:
        Enabled: true
        Processors: [{Type: Lambda, Parameters: [{ParameterName: LambdaArn, ParameterValue: !GetAtt Change.Arn}]}]
""",
    ),
)
