"""What counts as a write: every form of the SDK and of the libraries that wrap it, and what is no write."""

from __future__ import annotations

import pytest

from tests.scanners.code.python.handlers import body, facts, only, shown
from untangle.model.shape import Shape
from untangle.model.value import Concat, Env, Received, Value
from untangle.scanners.code.operations import OWN_PART

# A handler's body, the operation it makes, and the parameters that are known of it.
ONE = [
    ("boto3.client('sqs').send_message(QueueUrl='q', MessageBody='x')", "sqs:SendMessage", {"QueueUrl": "q"}),
    ("boto3.client('sqs').send_message(**{'QueueUrl': 'q', 'MessageBody': 'x'})", "sqs:SendMessage", {"QueueUrl": "q"}),
    ("boto3.resource('sqs').Queue('q').send_message(MessageBody='x')", "sqs:SendMessage", {"QueueUrl": "q"}),
    ("boto3.resource('sqs').Queue(url='q').send_message(MessageBody='x')", "sqs:SendMessage", {"QueueUrl": "q"}),
    (
        "boto3.resource('sqs').get_queue_by_name(QueueName='q').send_message(MessageBody='x')",
        "sqs:SendMessage",
        {"QueueUrl": "q"},
    ),
    (
        "boto3.Session(region_name='x').client('sqs').send_message(QueueUrl='q', MessageBody='x')",
        "sqs:SendMessage",
        {"QueueUrl": "q"},
    ),
    ("boto3.session.Session().client(service_name='sqs').send_message(QueueUrl='q')", "sqs:SendMessage", {"QueueUrl": "q"}),
    ("boto3.client('sns').publish(TopicArn='t', Message='x')", "sns:Publish", {"TopicArn": "t"}),
    ("boto3.client('sns').publish(TargetArn='t', Message='x')", "sns:Publish", {"TopicArn": "t"}),
    ("boto3.resource('sns').Topic('t').publish(Message='x')", "sns:Publish", {"TopicArn": "t"}),
    ("boto3.resource('sns').create_topic(Name='t').publish(Message='x')", "sns:Publish", {"TopicArn": "t"}),
    ("boto3.client('kinesis').put_record(StreamName='s', Data='x', PartitionKey='k')", "kinesis:PutRecord", {"StreamName": "s"}),
    ("boto3.client('kinesis').put_record(StreamARN='s', Data='x', PartitionKey='k')", "kinesis:PutRecord", {"StreamName": "s"}),
    ("boto3.client('firehose').put_record(DeliveryStreamName='s', Record={})", "firehose:PutRecord", {"DeliveryStreamName": "s"}),
    (
        "boto3.client('lambda').invoke(FunctionName='f')",
        "lambda:Invoke",
        {"FunctionName": "f", "InvocationType": "RequestResponse"},
    ),
    ("boto3.client('lambda').invoke(FunctionName='f', InvocationType='Event')", "lambda:Invoke", {"InvocationType": "Event"}),
    ("boto3.client('lambda').invoke_async(FunctionName='f', InvokeArgs='x')", "lambda:InvokeAsync", {"FunctionName": "f"}),
    (
        "boto3.client('stepfunctions').start_execution(stateMachineArn='m')",
        "stepfunctions:StartExecution",
        {"stateMachineArn": "m"},
    ),
    (
        "boto3.client('stepfunctions').send_task_success(taskToken='t', output='x')",
        "stepfunctions:SendTaskSuccess",
        {"taskToken": "t"},
    ),
    ("boto3.client('dynamodb').put_item(TableName='t', Item={})", "dynamodb:PutItem", {"TableName": "t"}),
    ("boto3.resource('dynamodb').Table('t').put_item(Item={})", "dynamodb:PutItem", {"TableName": "t"}),
    (
        "boto3.resource('dynamodb').Table('t').update_item(Key={'k': 1})",
        "dynamodb:UpdateItem",
        {"TableName": "t", "Key": {"k": 1}},
    ),
    ("boto3.resource('dynamodb').Table('t').delete_item(Key={'k': 1})", "dynamodb:DeleteItem", {"TableName": "t"}),
    ("boto3.resource('dynamodb').meta.client.put_item(TableName='t', Item={})", "dynamodb:PutItem", {"TableName": "t"}),
    (
        "boto3.client('dynamodb').execute_statement(Statement='INSERT INTO \"t\" VALUE {}')",
        "dynamodb:ExecuteStatement",
        {"TableName": "t"},
    ),
    ("boto3.client('s3').put_object(Bucket='b', Key='k', Body='x')", "s3:PutObject", {"Bucket": "b", "Key": "k"}),
    ("boto3.client('s3').upload_file('f', 'b', 'k')", "s3:PutObject", {"Bucket": "b", "Key": "k"}),
    ("boto3.client('s3').upload_fileobj(f, Bucket='b', Key='k')", "s3:PutObject", {"Bucket": "b", "Key": "k"}),
    ("boto3.client('s3').copy({'Bucket': 'a', 'Key': 'x'}, 'b', 'k')", "s3:CopyObject", {"Bucket": "b", "Key": "k"}),
    (
        "boto3.client('s3').copy_object(Bucket='b', Key='k', CopySource='a/x')",
        "s3:CopyObject",
        {"Bucket": "b", "CopySource": "a/x"},
    ),
    ("boto3.client('s3').delete_object(Bucket='b', Key='k')", "s3:DeleteObject", {"Bucket": "b", "Key": "k"}),
    ("boto3.resource('s3').Object('b', 'k').put(Body='x')", "s3:PutObject", {"Bucket": "b", "Key": "k"}),
    ("boto3.resource('s3').Object(bucket_name='b', key='k').delete()", "s3:DeleteObject", {"Bucket": "b", "Key": "k"}),
    ("boto3.resource('s3').Object('b', 'k').copy_from(CopySource='a/x')", "s3:CopyObject", {"Bucket": "b", "Key": "k"}),
    ("boto3.resource('s3').Bucket('b').put_object(Key='k', Body='x')", "s3:PutObject", {"Bucket": "b", "Key": "k"}),
    ("boto3.resource('s3').Bucket('b').upload_file('f', 'k')", "s3:PutObject", {"Bucket": "b", "Key": "k"}),
    ("boto3.resource('s3').Bucket('b').Object('k').upload_fileobj(f)", "s3:PutObject", {"Bucket": "b", "Key": "k"}),
    ("boto3.resource('s3').meta.client.upload_file('f', 'b', 'k')", "s3:PutObject", {"Bucket": "b", "Key": "k"}),
    ("boto3.client('scheduler').create_schedule(Name='n', Target={'Arn': 'a'})", "scheduler:CreateSchedule", {"Target.Arn": "a"}),
    ("boto3.client('iot-data').publish(topic='t', payload='x')", "iot-data:Publish", {"topic": "t"}),
    (
        "boto3.client('events').put_targets(Rule='r', Targets=[{'Id': '1', 'Arn': 'a'}])",
        "events:PutTargets",
        {"Rule": "r", "Arn": "a"},
    ),
    ("boto3.client('logs').put_log_events(logGroupName='g', logEvents=[])", "logs:PutLogEvents", {"logGroupName": "g"}),
    ("import smart_open\nsmart_open.open('s3://b/k', 'w')", "s3:PutObject", {"Bucket": "b", "Key": "k"}),
    (
        "from smart_open import open\nopen(f's3://{os.environ[\"B\"]}/k', mode='wb')",
        "s3:PutObject",
        {"Bucket": Env("B"), "Key": "k"},
    ),
    ("import s3fs\ns3fs.S3FileSystem().open('b/k', 'w')", "s3:PutObject", {"Bucket": "b", "Key": "k"}),
    ("import awswrangler as wr\nwr.s3.to_parquet(df, path='s3://b/k')", "s3:PutObject", {"Bucket": "b", "Key": "k"}),
    ("import pandas as pd\npd.DataFrame({}).to_csv('s3://b/k')", "s3:PutObject", {"Bucket": "b", "Key": "k"}),
    ("some_client.publish(TopicArn='t', Message='x')", "sns:Publish", {"TopicArn": "t"}),
    ("getattr(boto3, 'client')('sns').publish(TopicArn='t')", "sns:Publish", {"TopicArn": "t"}),
    ("publish = boto3.client('sns').publish\npublish(TopicArn='t')", "sns:Publish", {"TopicArn": "t"}),
]


@pytest.mark.parametrize(("code", "operation", "known"), ONE)
def test_a_write_is_recorded_as_the_api_call_that_it_makes(code: str, operation: str, known: dict[str, object]) -> None:
    call = only(body(code))
    assert f"{call.service}:{call.operation}" == operation
    assert {name: call.arguments[name] for name in known} == known


NONE = [
    "boto3.client('sqs').receive_message(QueueUrl='q')",
    "boto3.client('sqs').delete_message(QueueUrl='q', ReceiptHandle='h')",
    "boto3.client('sqs').get_queue_attributes(QueueUrl='q')",
    "boto3.client('s3').get_object(Bucket='b', Key='k')",
    "boto3.client('s3').download_file('b', 'k', 'f')",
    "boto3.client('s3').generate_presigned_url('get_object', Params={'Bucket': 'b'})",
    "boto3.client('s3').get_paginator('list_objects_v2').paginate(Bucket='b')",
    "boto3.client('dynamodb').query(TableName='t')",
    "boto3.resource('dynamodb').Table('t').get_item(Key={})",
    "boto3.client('dynamodb').execute_statement(Statement='SELECT * FROM t')",
    "boto3.client('sns').publish(PhoneNumber='+1', Message='x')",
    "boto3.client('sns').list_topics()",
    "boto3.client('stepfunctions').describe_execution(executionArn='e')",
    "boto3.client('pinpoint').send_messages(ApplicationId='a')",
    "import smart_open\nsmart_open.open('s3://b/k')",
    "import requests\nrequests.put('https://x', data='y')",
    "print('sns.publish')",
    "event.copy()",
]


@pytest.mark.parametrize("code", NONE)
def test_reads_and_look_alikes_are_no_writes(code: str) -> None:
    found = body(code)
    assert found.readable
    assert [call.text for call in found.calls] == []


MAKING = {
    "client in a helper": "def sqs():\n    return boto3.client('sqs')\ndef handler(event, context):\n    sqs().SEND",
    "client as argument": "def send(c):\n    c.SEND\ndef handler(event, context):\n    send(boto3.client('sqs'))",
    "client in self": (
        "class P:\n    def __init__(self):\n        self.sqs = boto3.client('sqs')\n    def send(self):\n        self.sqs.SEND\n"
        "p = P()\ndef handler(event, context):\n    p.send()"
    ),
    "cached getter": (
        "from functools import lru_cache\n@lru_cache(maxsize=None)\ndef client(name):\n    return boto3.client(name)\n"
        "def handler(event, context):\n    client('sqs').SEND"
    ),
    "dictionary of clients": "C = {'sqs': boto3.client('sqs')}\ndef handler(event, context):\n    C['sqs'].SEND",
    "class attribute": "class P:\n    sqs = boto3.client('sqs')\ndef handler(event, context):\n    P.sqs.SEND",
    "imported function": "from boto3 import client\nsqs = client('sqs')\ndef handler(event, context):\n    sqs.SEND",
    "renamed module": "import boto3 as aws\nsqs = aws.client('sqs')\ndef handler(event, context):\n    sqs.SEND",
    "typed parameter": (
        "from mypy_boto3_sqs import SQSClient\ndef send(c: SQSClient):\n    c.SEND\n"
        "def handler(event, context):\n    send(unknown())"
    ),
    "aioboto3": (
        "import aioboto3\nasync def send():\n    async with aioboto3.Session().client('sqs') as c:\n        await c.SEND\n"
        "def handler(event, context):\n    import asyncio\n    asyncio.run(send())"
    ),
    "aiobotocore": (
        "from aiobotocore.session import get_session\nasync def send():\n"
        "    async with get_session().create_client('sqs') as c:\n"
        "        await c.SEND\nasync def handler(event, context):\n    await send()"
    ),
    "conditional client": (
        "if os.environ.get('LOCAL'):\n    sqs = boto3.client('sqs', endpoint_url='x')\nelse:\n    sqs = boto3.client('sqs')\n"
        "def handler(event, context):\n    sqs.SEND"
    ),
    "patched session": (
        "from aws_xray_sdk.core import patch_all\npatch_all()\nsession = boto3.session.Session()\nsqs = session.client('sqs')\n"
        "def handler(event, context):\n    sqs.SEND"
    ),
}


@pytest.mark.parametrize("code", MAKING.values(), ids=MAKING.keys())
def test_a_client_is_known_however_it_is_made(code: str) -> None:
    call = only(facts(code.replace("SEND", "send_message(QueueUrl='q', MessageBody='x')") + "\n"))
    assert (call.service, call.arguments["QueueUrl"], call.multiplicity) == ("sqs", "q", "one")


# Batches


def test_each_literal_event_is_a_call_of_its_own() -> None:
    found = body(
        """
        boto3.client('events').put_events(Entries=[
            {'Source': 'shop', 'DetailType': 'paid', 'EventBusName': 'bus',
             'Detail': json.dumps({'id': event['id'], 'kind': 'x'})},
            {'Source': 'shop', 'DetailType': 'sent', 'Detail': '{}'},
        ])
        """
    )
    paid, sent = found.calls
    assert (shown(paid, "Source", "DetailType", "EventBusName"), paid.multiplicity) == (("shop", "paid", "bus"), "one")
    assert shown(sent, "Source", "DetailType", "EventBusName") == ("shop", "sent", "")
    assert paid.payload is not None
    assert paid.payload.encoded
    assert paid.payload.properties["kind"] == Shape(kind="string", constant="x")
    assert paid.payload.properties["id"].source == Received("event['id']", ("id",))


@pytest.mark.parametrize(
    "entries",
    [
        "Entries=[{'Source': 'shop', 'DetailType': 'paid', 'Detail': json.dumps(r)} for r in event['rows']]",
        "Entries=rows",
    ],
)
def test_entries_made_in_a_loop_are_many(entries: str) -> None:
    found = body(
        "rows = []\nfor r in event['rows']:\n    rows.append({'Source': 'shop', 'DetailType': 'paid', 'Detail': json.dumps(r)})\n"
        f"boto3.client('events').put_events({entries})"
    )
    call = only(found)
    assert (shown(call, "Source", "DetailType"), call.multiplicity) == (("shop", "paid"), "many")


BATCHES = [
    (
        "boto3.client('sqs').send_message_batch(QueueUrl='q', Entries=[{'Id': '1', 'MessageBody': 'x', 'DelaySeconds': 5}])",
        "SendMessageBatch",
        {"QueueUrl": "q", "DelaySeconds": 5},
        "one",
    ),
    ("boto3.resource('sqs').Queue('q').send_messages(Entries=event['x'])", "SendMessageBatch", {"QueueUrl": "q"}, "many"),
    (
        "boto3.client('sns').publish_batch(TopicArn='t', PublishBatchRequestEntries=[{'Id': '1', 'Message': 'x'}])",
        "PublishBatch",
        {"TopicArn": "t", "Id": "1"},
        "one",
    ),
    ("boto3.client('kinesis').put_records(StreamName='s', Records=event['x'])", "PutRecords", {"StreamName": "s"}, "many"),
    (
        "boto3.client('dynamodb').batch_write_item(RequestItems={'t': [{'PutRequest': {'Item': {'k': 'v'}}}]})",
        "BatchWriteItem",
        {"TableName": "t", "PutRequest": {"Item": {"k": "v"}}},
        "one",
    ),
    (
        "boto3.client('dynamodb').batch_write_item(RequestItems={os.environ['T']: [{'DeleteRequest': {'Key': {'k': 'v'}}}]})",
        "BatchWriteItem",
        {"TableName": Env("T"), "DeleteRequest": {"Key": {"k": "v"}}},
        "one",
    ),
    (
        "boto3.client('dynamodb').transact_write_items(TransactItems=[{'Put': {'TableName': 't', 'Item': {}}}])",
        "TransactWriteItems",
        {"TableName": "t"},
        "one",
    ),
    (
        "with boto3.resource('dynamodb').Table(os.environ['T']).batch_writer() as batch:\n"
        "    for row in event['rows']:\n        batch.put_item(Item={'k': row})",
        "BatchWriteItem",
        {"TableName": Env("T")},
        "many",
    ),
    (
        "boto3.client('s3').delete_objects(Bucket='b', Delete={'Objects': [{'Key': 'k'}]})",
        "DeleteObjects",
        {"Bucket": "b", "Key": "k"},
        "one",
    ),
    ("boto3.resource('s3').Bucket('b').objects.filter(Prefix='p').delete()", "DeleteObjects", {"Bucket": "b"}, "many"),
]


@pytest.mark.parametrize(("code", "operation", "known", "multiplicity"), BATCHES)
def test_a_batch_is_told_by_its_entries(code: str, operation: str, known: dict[str, object], multiplicity: str) -> None:
    call = only(body(code))
    assert (call.operation, call.multiplicity) == (operation, multiplicity)
    assert {name: call.arguments[name] for name in known} == known


def test_the_entries_of_two_tables_are_told_apart() -> None:
    found = body(
        "boto3.client('dynamodb').batch_write_item("
        "RequestItems={'a': [{'PutRequest': {'Item': {}}}], 'b': [{'DeleteRequest': {}}]})"
    )
    assert [shown(call, "TableName") for call in found.calls] == [("a",), ("b",)]


# What somebody else finishes

MEDIATED = [
    ("boto3.client('s3').generate_presigned_url('put_object', Params={'Bucket': 'b', 'Key': 'k'})", "client upload"),
    ("boto3.client('s3').generate_presigned_post('b', 'k')", "client upload"),
    ("boto3.client('ecs').run_task(cluster='c', taskDefinition='t')", "ecs task"),
    ("boto3.client('batch').submit_job(jobName='n', jobQueue='q', jobDefinition='d')", "batch job"),
]


@pytest.mark.parametrize(("code", "mediated"), MEDIATED)
def test_what_an_outside_service_finishes_names_it(code: str, mediated: str) -> None:
    assert only(body(code)).mediated == mediated


def test_a_job_ends_in_its_notification_and_its_output() -> None:
    found = body(
        """
        boto3.client('textract').start_document_analysis(
            DocumentLocation={},
            NotificationChannel={'SNSTopicArn': os.environ['TOPIC'], 'RoleArn': 'r'},
            OutputConfig={'S3Bucket': 'out'},
        )
        """
    )
    told = {f"{call.service}:{call.operation}": call for call in found.calls}
    assert told["sns:Publish"].arguments["TopicArn"] == Env("TOPIC")
    assert told["s3:PutObject"].arguments["Bucket"] == "out"
    assert {call.mediated for call in found.calls} == {"textract job"}


def test_a_query_writes_to_its_output_location() -> None:
    code = (
        "boto3.client('athena').start_query_execution(QueryString='q', ResultConfiguration={'OutputLocation': 's3://b/results/'})"
    )
    put = next(call for call in body(code).calls if call.service == "s3")
    assert (put.arguments, put.mediated) == ({"Bucket": "b", "Key": Concat(("results/", OWN_PART))}, "athena query")


@pytest.mark.parametrize(
    ("job", "key"),
    [
        ("client('transcribe').start_transcription_job(OutputBucketName='out')", Concat((OWN_PART, ".json"))),
        (
            "client('transcribe').start_transcription_job(OutputBucketName='out', OutputKey='a/')",
            Concat(("a/", OWN_PART, ".json")),
        ),
        ("client('transcribe').start_transcription_job(OutputBucketName='out', OutputKey='a/b.json')", "a/b.json"),
        ("client('transcribe').start_transcription_job(OutputBucketName='out', Subtitles={'Formats': ['vtt']})", OWN_PART),
        ("client('polly').start_speech_synthesis_task(OutputS3BucketName='out', OutputFormat='mp3')", Concat((OWN_PART, ".mp3"))),
        ("client('polly').start_speech_synthesis_task(OutputS3BucketName='out', OutputFormat=event['f'])", OWN_PART),
    ],
)
def test_what_a_job_calls_its_output(job: str, key: Value) -> None:
    put = next(call for call in body(f"boto3.{job}").calls if call.service == "s3")
    assert put.arguments["Key"] == key


# Messages

PAYLOADS = [
    ("json.dumps({'a': 1, 'b': [True, 'x'], 'c': None})", {"a": "integer", "b": "array", "c": "null"}, False),
    ("json.dumps({**event, 'a': 's'})", {"a": "string"}, True),
    ("json.dumps(dict(a='s', **event))", {"a": "string"}, True),
    ("json.dumps({'a': {'b': os.environ['X']}})", {"a": "object"}, False),
]


@pytest.mark.parametrize(("expression", "kinds", "more"), PAYLOADS)
def test_the_shape_of_a_message_is_kept(expression: str, kinds: dict[str, str], more: bool) -> None:
    payload = only(body(f"boto3.client('sqs').send_message(QueueUrl='q', MessageBody={expression})")).payload
    assert payload is not None
    assert payload.encoded
    assert {name: shape.kind for name, shape in payload.properties.items()} == kinds
    assert payload.open is more


def test_a_message_put_together_in_steps_has_all_its_keys() -> None:
    found = body(
        """
        message = {'id': event['id']}
        message['kind'] = 'order'
        if event.get('note'):
            message['note'] = event['note']
        message.update(total=3)
        boto3.client('sns').publish(TopicArn='t', Message=json.dumps(message), MessageAttributes={
            'kind': {'DataType': 'String', 'StringValue': 'order'}})
        """
    )
    call = only(found)
    assert call.payload is not None
    assert sorted(call.payload.properties) == ["id", "kind", "note", "total"]
    assert call.payload.open
    assert call.arguments["MessageAttributes"] == {"kind": {"DataType": "String", "StringValue": "order"}}


def test_a_message_that_is_handed_on_says_where_it_is_from() -> None:
    payload = only(body("boto3.client('lambda').invoke(FunctionName='f', Payload=json.dumps(event['detail']))")).payload
    assert payload is not None
    assert payload.source == Received("event['detail']", ("detail",))


def test_the_message_of_a_structured_publish_is_its_default() -> None:
    code = (
        "boto3.client('sns').publish(TopicArn='t', MessageStructure='json', "
        "Message=json.dumps({'default': json.dumps({'id': 1})}))"
    )
    payload = only(body(code)).payload
    assert payload is not None
    assert sorted(payload.properties) == ["id"]


def test_a_pynamodb_model_is_its_table() -> None:
    code = """
        from pynamodb.models import Model
        from pynamodb.attributes import UnicodeAttribute
        class Order(Model):
            class Meta:
                table_name = os.environ['TABLE']
            id = UnicodeAttribute(hash_key=True)
        def handler(event, context):
            Order(id='x').save()
    """
    call = only(facts(code))
    assert (call.operation, call.arguments["TableName"]) == ("PutItem", Env("TABLE"))


def test_a_call_says_in_few_words_what_it_does() -> None:
    assert only(body("boto3.client('sns').publish(TopicArn=os.environ['TOPIC'])")).text == "sns.publish(TopicArn=env TOPIC)"
