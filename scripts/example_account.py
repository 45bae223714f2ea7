"""The account of an insurer, made in memory: some thirty functions that handle claims, and all that stands between them.

Everything is invented, and stands in the tables below: what each function does first, then what starts it. A function's source,
its variables and its role follow from what it does, so that code, settings and grants agree, as they do in an account that works.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Any, NamedTuple

import boto3

ACCOUNT, REGION, ARCHIVE = "111122223333", "eu-west-1", "eu-central-1"
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "*"}, "Action": "sts:AssumeRole"}]}

# How a handler gets at its message, by what starts it.
UNWRAP = {
    "direct": ["item = event"],
    "http": ["item = json.loads(event['body'])"],
    "eventbridge": ["item = event['detail']"],
    "sqs": ["for record in event['Records']:", "    item = json.loads(record['body'])"],
    "sns": ["for record in event['Records']:", "    item = json.loads(record['Sns']['Message'])"],
    "s3": ["for record in event['Records']:", "    item = {'key': record['s3']['object']['key']}"],
    "stream": ["for record in event['Records']:", "    item = {'id': record['dynamodb']['NewImage']['id']['S']}"],
    "kinesis": ["for record in event['Records']:", "    item = json.loads(base64.b64decode(record['kinesis']['data']))"],
}


class Send(NamedTuple):
    """What a function does to another service: its call, the variable that names the target, and what its role may do."""

    call: str
    variable: str
    value: str
    action: str
    resource: str


def arn(service: str, rest: str, region: str = REGION) -> str:
    """An ARN of the account."""
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"


def _variable(name: str, end: str) -> str:
    return f"{name.partition('.')[0].replace('-', '_').upper()}_{end}"


def queue(name: str) -> Send:
    """Sends to a queue."""
    variable, url = _variable(name, "QUEUE_URL"), f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
    group = ", MessageGroupId=item['id'], MessageDeduplicationId=item['id']" if name.endswith(".fifo") else ""
    call = f"boto3.client('sqs').send_message(QueueUrl=os.environ['{variable}'], MessageBody=json.dumps(item){group})"
    return Send(call, variable, url, "sqs:SendMessage", arn("sqs", name))


def topic(name: str, kind: str) -> Send:
    """Publishes to a topic, with the attribute by which its subscriptions filter."""
    variable = _variable(name, "TOPIC_ARN")
    told = f"{{'kind': {{'DataType': 'String', 'StringValue': {kind}}}}}"
    call = f"boto3.client('sns').publish(TopicArn=os.environ['{variable}'], Message=json.dumps(item), MessageAttributes={told})"
    return Send(call, variable, arn("sns", name), "sns:Publish", arn("sns", name))


def event(kind: str) -> Send:
    """Puts an event on the bus."""
    entry = (
        f"{{'EventBusName': os.environ['CLAIMS_BUS'], 'Source': 'claims', 'DetailType': '{kind}', 'Detail': json.dumps(item)}}"
    )
    return Send(f"boto3.client('events').put_events(Entries=[{entry}])", "CLAIMS_BUS", "claims", "events:PutEvents",
                arn("events", "event-bus/claims"))  # fmt: skip


def put(table: str, status: str) -> Send:
    """Writes a row."""
    variable = _variable(table, "TABLE")
    row = f"{{'id': {{'S': item['id']}}, 'status': {{'S': '{status}'}}}}"
    call = f"boto3.client('dynamodb').put_item(TableName=os.environ['{variable}'], Item={row})"
    return Send(call, variable, table, "dynamodb:PutItem", arn("dynamodb", f"table/{table}"))


def store(bucket: str, prefix: str, end: str) -> Send:
    """Writes an object."""
    variable = _variable(bucket.removeprefix("insurer-"), "BUCKET")
    key = f"'{prefix}' + item.get('id', 'x') + '{end}'"
    call = f"boto3.client('s3').put_object(Bucket=os.environ['{variable}'], Key={key}, Body=json.dumps(item))"
    return Send(call, variable, bucket, "s3:PutObject", f"arn:aws:s3:::{bucket}/*")


def stream(name: str) -> Send:
    """Writes to a Kinesis stream."""
    variable = _variable(name, "STREAM")
    call = (
        f"boto3.client('kinesis').put_record(StreamName=os.environ['{variable}'], Data=json.dumps(item), PartitionKey=item['id'])"
    )
    return Send(call, variable, name, "kinesis:PutRecord", arn("kinesis", f"stream/{name}"))


def machine(name: str) -> Send:
    """Starts a state machine."""
    target = arn("states", f"stateMachine:{name}")
    call = "boto3.client('stepfunctions').start_execution(stateMachineArn=os.environ['MACHINE_ARN'], input=json.dumps(item))"
    return Send(call, "MACHINE_ARN", target, "states:StartExecution", target)


# Every function: what starts it, and what it sends.
FUNCTIONS: Mapping[str, tuple[str, tuple[Send, ...]]] = {
    # a claim, from the form to the payment
    "receive-claim": ("http", (topic("claims-registered", "item['kind']"),)),
    "acknowledge-claim": ("sns", ()),
    "check-cover": ("sqs", (put("covers", "CHECKED"),)),
    "triage-claim": ("sqs", (event("ClaimTriaged"),)),
    "assess-motor": ("eventbridge", (put("claims", "ASSESSED"),)),
    "assess-home": ("sqs", (put("claims", "ASSESSED"),)),
    "check-fraud": ("eventbridge", ()),
    "score-fraud": ("direct", (put("fraud-scores", "SCORED"),)),
    "decide-claim": ("stream", (queue("payments.fifo"),)),
    "pay-claim": ("sqs", (event("ClaimPaid"),)),
    "tell-customer": ("eventbridge", ()),
    # documents, from a scan to what is known of it
    "split-scan": ("s3", (store("insurer-pages", "pages/", ".png"),)),
    "read-page": ("s3", (store("insurer-texts", "texts/", ".json"),)),
    "classify-text": ("s3", (topic("documents-classified", "'invoice'"),)),
    "attach-document": ("sqs", (put("documents", "ATTACHED"),)),
    "request-missing": ("sns", ()),
    # cars that report crashes
    "ingest-telemetry": ("http", (stream("telemetry"),)),
    "detect-crash": ("kinesis", (queue("crashes"),)),
    "draft-claim": ("sqs", (put("drafts", "DRAFT"),)),
    "notify-driver": ("stream", ()),
    # what customers think
    "receive-survey": ("http", (queue("surveys"),)),
    "enrich-survey": ("direct", ()),
    "store-survey": ("direct", (put("surveys", "STORED"),)),
    # reminders, every night
    "find-overdue": ("direct", (queue("reminders"),)),
    "send-reminder": ("sqs", (event("ReminderSent"),)),
    "escalate": ("eventbridge", (queue("letters"),)),
    "print-letter": ("sqs", ()),
    # what is paid is kept in another region
    "archive-claim": ("eventbridge", ()),
    # disputes: a state machine has them already
    "open-dispute": ("http", (machine("settle-dispute"),)),
    "gather-evidence": ("direct", ()),
    "call-mediator": ("direct", ()),
    "close-dispute": ("direct", ()),
}
TABLES = ("claims", "covers", "documents", "drafts", "fraud-scores", "surveys")
STREAMED = {"claims": "2025-03-01T08:00:00.000", "drafts": "2025-03-01T08:05:00.000"}  # tables with a stream, and its label
QUEUES = {"triage": "triage-claim", "covers": "check-cover", "home-assessments": "assess-home", "payments.fifo": "pay-claim",
          "documents": "attach-document", "crashes": "draft-claim", "surveys": None, "reminders": "send-reminder",
          "letters": "print-letter",
          "failed": None, "fraud-failed": None}  # fmt: skip
REDRIVEN = ("triage", "home-assessments", "documents", "crashes")  # queues with a dead-letter queue
SUBSCRIPTIONS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("claims-registered", "sqs", "triage", {}),
    ("claims-registered", "sqs", "covers", {"kind": ["motor", "home"]}),
    ("claims-registered", "lambda", "acknowledge-claim", {}),
    ("documents-classified", "sqs", "documents", {"kind": ["invoice", "report"]}),
    ("documents-classified", "lambda", "request-missing", {"kind": ["unreadable"]}),
)
RULES: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("motor-claims", "ClaimTriaged", {"kind": ["motor"]}, arn("lambda", "function:assess-motor")),
    ("home-claims", "ClaimTriaged", {"kind": ["home"]}, arn("sqs", "home-assessments")),
    ("large-claims", "ClaimTriaged", {"amount": [{"numeric": [">", 5000]}]}, arn("lambda", "function:check-fraud")),
    ("paid-claims", "ClaimPaid", {}, arn("lambda", "function:tell-customer")),
    ("third-reminders", "ReminderSent", {"times": [{"numeric": [">=", 3]}]}, arn("lambda", "function:escalate")),
    ("to-archive", "ClaimPaid", {}, arn("events", "event-bus/archive", ARCHIVE)),
)
BUCKETS = {"insurer-scans": ("split-scan", "incoming/", ".pdf"), "insurer-pages": ("read-page", "pages/", ".png"),
           "insurer-texts": ("classify-text", "texts/", ".json")}  # fmt: skip
DISPUTE = {
    "StartAt": "Evidence",
    "States": {
        "Evidence": {"Type": "Task", "Resource": arn("lambda", "function:gather-evidence"), "Next": "Mediation"},
        "Mediation": {"Type": "Task", "Resource": arn("lambda", "function:call-mediator"), "Next": "Close"},
        "Close": {"Type": "Task", "Resource": arn("lambda", "function:close-dispute"), "End": True},
    },
}


def source(name: str) -> str:
    """A function's source."""
    kind, sends = FUNCTIONS[name]
    lines = UNWRAP[kind]
    indent = "    " if lines[0].startswith("for ") else ""
    body = [*lines, *(indent + send.call for send in sends), *([] if sends else [f"{indent}print(item['id'])"])]
    imports = ["import base64"] * (kind == "kinesis") + ["import json", "import os", "", "import boto3"]
    done = (
        "return {'statusCode': 202}" if kind == "http" else "return item" if kind in ("direct", "eventbridge") else "return None"
    )
    return "\n".join([*imports, "", "", "def handler(event, context):", *(f"    {line}" for line in (*body, done)), ""])


def package(name: str) -> bytes:
    """A function's package, the same bytes each time."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("app.py", (2025, 3, 1, 0, 0, 0)), source(name))
    return buffer.getvalue()


def build() -> None:
    """Makes all of it, in the account that boto3 leads to."""
    buses = boto3.client("events", ARCHIVE)
    buses.create_event_bus(Name="archive")
    boto3.client("events", REGION).create_event_bus(Name="claims")
    _functions()
    _queues()
    _topics()
    _rules()
    _tables()
    _buckets()
    _streams()
    _orchestrated()
    _api()
    _archive()


def _functions() -> None:
    for name, (_, sends) in FUNCTIONS.items():
        _function(name, sends, ARCHIVE if name == "archive-claim" else REGION)


def _role(name: str, grants: list[tuple[str, str]]) -> str:
    iam = boto3.client("iam")
    made = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"])
    if grants:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": a, "Resource": r} for a, r in grants]}
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(document))
    return made


def _function(name: str, sends: tuple[Send, ...], region: str) -> None:
    variables = {send.variable: send.value for send in sends}
    if name == "pay-claim":  # what must never be recorded
        variables |= {"BANK_API_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "BANK_URL": "https://bank.example/pay"}
    boto3.client("lambda", region).create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=_role(f"{name}-role", [(send.action, send.resource) for send in sends]),
        Handler="app.handler",
        Timeout=30,
        Code={"ZipFile": package(name)},
        Environment={"Variables": variables},
    )


def _invoked(function: str, by: str, arn_: str, region: str = REGION) -> None:
    boto3.client("lambda", region).add_permission(
        FunctionName=function, StatementId=by, Action="lambda:InvokeFunction", Principal=f"{by}.amazonaws.com", SourceArn=arn_
    )


def _polls(function: str, source_arn: str, **settings: Any) -> None:
    boto3.client("lambda", REGION).create_event_source_mapping(FunctionName=function, EventSourceArn=source_arn, **settings)


def _queues() -> None:
    sqs = boto3.client("sqs", REGION)
    for name in sorted(QUEUES, key=lambda name: name not in ("failed", "fraud-failed")):
        attributes = {"VisibilityTimeout": "180", **({"DelaySeconds": "900"} if name == "reminders" else {})}
        if name in REDRIVEN:
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": arn("sqs", "failed"), "maxReceiveCount": 3})
        if name.endswith(".fifo"):
            attributes["FifoQueue"] = "true"
        sqs.create_queue(QueueName=name, Attributes=attributes)
        if reader := QUEUES[name]:
            _polls(reader, arn("sqs", name), BatchSize=10)


def _topics() -> None:
    sns = boto3.client("sns", REGION)
    for name in sorted({name for name, *_ in SUBSCRIPTIONS}):
        sns.create_topic(Name=name)
    for name, protocol, target, policy in SUBSCRIPTIONS:
        attributes = {"FilterPolicy": json.dumps(policy)} if policy else {}
        attributes |= {"RawMessageDelivery": "true"} if protocol == "sqs" else {}
        endpoint = arn("sqs", target) if protocol == "sqs" else arn("lambda", f"function:{target}")
        sns.subscribe(TopicArn=arn("sns", name), Protocol=protocol, Endpoint=endpoint, Attributes=attributes)
        if protocol == "lambda":
            _invoked(target, "sns", arn("sns", name))


def _rules() -> None:
    events = boto3.client("events", REGION)
    for name, kind, detail, target in RULES:
        pattern = {"source": ["claims"], "detail-type": [kind], **({"detail": detail} if detail else {})}
        events.put_rule(Name=name, EventBusName="claims", EventPattern=json.dumps(pattern))
        role = {"RoleArn": _role("to-archive-role", [("events:PutEvents", target)])} if ":events:" in target else {}
        events.put_targets(Rule=name, EventBusName="claims", Targets=[{"Id": "1", "Arn": target, **role}])
        if ":lambda:" in target:
            _invoked(target.rpartition(":")[2], "events", arn("events", f"rule/claims/{name}"))
    boto3.client("lambda", REGION).put_function_event_invoke_config(
        FunctionName="check-fraud",
        MaximumRetryAttempts=1,
        DestinationConfig={
            "OnSuccess": {"Destination": arn("lambda", "function:score-fraud")},
            "OnFailure": {"Destination": arn("sqs", "fraud-failed")},
        },
    )


def _tables() -> None:
    from moto.backends import get_backend

    client = boto3.client("dynamodb", REGION)
    for name in TABLES:
        streamed = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}} if name in STREAMED else {}
        client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **streamed,
        )
    for name, label in STREAMED.items():  # a stream is called after the moment of its making
        get_backend("dynamodb")[ACCOUNT][REGION].tables[name].latest_stream_label = label
    status = {"Pattern": json.dumps({"dynamodb": {"NewImage": {"status": {"S": ["ASSESSED"]}}}})}
    of_claims = client.describe_table(TableName="claims")["Table"]["LatestStreamArn"]
    _polls("decide-claim", of_claims, StartingPosition="LATEST", FilterCriteria={"Filters": [status]}, MaximumRetryAttempts=5)
    _polls("notify-driver", client.describe_table(TableName="drafts")["Table"]["LatestStreamArn"], StartingPosition="LATEST")


def _buckets() -> None:
    s3 = boto3.client("s3", REGION)
    for name, (function, prefix, suffix) in BUCKETS.items():
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        _invoked(function, "s3", f"arn:aws:s3:::{name}")
        rules = [{"Name": "prefix", "Value": prefix}, {"Name": "suffix", "Value": suffix}]
        told = {"LambdaFunctionArn": arn("lambda", f"function:{function}"), "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": rules}}}  # fmt: skip
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"LambdaFunctionConfigurations": [told]})


def _streams() -> None:
    boto3.client("kinesis", REGION).create_stream(StreamName="telemetry", ShardCount=2)
    _polls("detect-crash", arn("kinesis", "stream/telemetry"), StartingPosition="LATEST", BatchSize=100,
           BisectBatchOnFunctionError=True)  # fmt: skip


def _orchestrated() -> None:
    """A state machine, a pipe with an enrichment, and a schedule."""
    invoke = [("lambda:InvokeFunction", arn("lambda", "function:*"))]
    role = _role("orchestration-role", [*invoke, ("sqs:ReceiveMessage", arn("sqs", "surveys"))])
    boto3.client("stepfunctions", REGION).create_state_machine(
        name="settle-dispute", definition=json.dumps(DISPUTE), roleArn=role
    )
    boto3.client("pipes", REGION).create_pipe(
        Name="surveys",
        Source=arn("sqs", "surveys"),
        Enrichment=arn("lambda", "function:enrich-survey"),
        Target=arn("lambda", "function:store-survey"),
        TargetParameters={"LambdaFunctionParameters": {"InvocationType": "FIRE_AND_FORGET"}},
        RoleArn=role,
    )
    boto3.client("scheduler", REGION).create_schedule(
        Name="every-night",
        ScheduleExpression="cron(0 3 * * ? *)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": arn("lambda", "function:find-overdue"), "RoleArn": role},
    )


def _api() -> None:
    api = boto3.client("apigatewayv2", REGION)
    made = api.create_api(Name="insurer", ProtocolType="HTTP")["ApiId"]
    for name, (kind, _) in FUNCTIONS.items():
        if kind == "http":
            integration = api.create_integration(
                ApiId=made,
                IntegrationType="AWS_PROXY",
                PayloadFormatVersion="2.0",
                IntegrationUri=arn("lambda", f"function:{name}"),
            )["IntegrationId"]
            api.create_route(ApiId=made, RouteKey=f"POST /{name.partition('-')[2]}s", Target=f"integrations/{integration}")
            _invoked(name, "apigateway", arn("execute-api", f"{made}/*/*"))


def _archive() -> None:
    """What the archive's bus hands on."""
    events, name = boto3.client("events", ARCHIVE), "archived-claims"
    pattern = {"source": ["claims"], "detail-type": ["ClaimPaid"]}
    events.put_rule(Name=name, EventBusName="archive", EventPattern=json.dumps(pattern))
    target = arn("lambda", "function:archive-claim", ARCHIVE)
    events.put_targets(Rule=name, EventBusName="archive", Targets=[{"Id": "1", "Arn": target}])
    _invoked("archive-claim", "events", arn("events", f"rule/archive/{name}", ARCHIVE), ARCHIVE)
