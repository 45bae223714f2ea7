"""What a handler reads of its message: the paths, which of them must be there, and what it gives back."""

from __future__ import annotations

import pytest

from tests.scanners.code.python.handlers import body, facts

# A body, and the paths it reads ("!" where a missing key would raise).
READS = [
    ("event['a']", ["a!"]),
    ("event.get('a')", ["a"]),
    ("event.get('a', {}).get('b')", ["a/b"]),
    ("event['a']['b']", ["a/b!"]),
    ("x = event['a']\nx['b']\nx.get('c')", ["a/b!", "a/c"]),
    ("event['Records'][0]['body']", ["Records/*/body!"]),
    ("for r in event['Records']:\n    r['body']", ["Records/*/body!"]),
    ("for r in event.get('Records', []):\n    r['body']", ["Records/*/body!"]),
    ("[r['body'] for r in event['Records']]", ["Records/*/body!"]),
    ("json.loads(event['Records'][0]['body'])['id']", ["Records/*/body/()/id!"]),
    ("json.loads(json.loads(event['Records'][0]['body'])['Message'])['id']", ["Records/*/body/()/Message/()/id!"]),
    (
        "import base64\njson.loads(base64.b64decode(event['Records'][0]['kinesis']['data']))['id']",
        ["Records/*/kinesis/data/()/id!"],
    ),
    ("from urllib.parse import unquote_plus\nunquote_plus(event['key'])", ["key!"]),
    ("try:\n    event['a']\nexcept KeyError:\n    pass", ["a"]),
    ("if 'a' in event:\n    event['a']", ["a"]),
    ("a, b = event['a'], event['b']", ["a!", "b!"]),
    ("f\"{event['a']}\"", ["a!"]),
    ("event['detail']['id'] if event['x'] else None", ["detail/id!", "x!"]),
    ("event.pop('a')", ["a!"]),
    ("event.pop('a', None)", ["a"]),
    ("event['a'] = 1\nevent['b']", ["b!"]),
    ("dict(event)['a']", ["a!"]),
    ("{**event}['a']", ["a!"]),
    ("context.function_name", []),
]


@pytest.mark.parametrize(("code", "paths"), READS)
def test_the_paths_read_are_told(code: str, paths: list[str]) -> None:
    found = body(code)
    assert sorted("/".join(read.path) + ("!" if read.required else "") for read in found.reads) == paths


def test_reads_in_helpers_count() -> None:
    code = """
        def name(record):
            return record['detail']['name']
        def handler(event, context):
            name(event)
    """
    (read,) = facts(code).reads
    assert (read.path, read.required) == (("detail", "name"), True)
    assert read.location is not None
    assert (read.location.path, read.location.line) == ("src/app.py", 6)


DATA_CLASSES = [
    ("SQSEvent", "for record in event.records:\n    record.json_body['id']", ["Records/*/body/()/id!"]),
    ("SNSEvent", "event.record.sns.message", ["Records/*/Sns/Message"]),
    ("S3Event", "for record in event.records:\n    record.s3.get_object.key", ["Records/*/s3/object/key"]),
    ("EventBridgeEvent", "event.detail['id']\nevent.detail_type", ["detail-type", "detail/id!"]),
    ("DynamoDBStreamEvent", "for r in event.records:\n    r.dynamodb.new_image", ["Records/*/dynamodb/NewImage"]),
    ("KinesisStreamEvent", "for r in event.records:\n    r.kinesis.data_as_json()['id']", ["Records/*/kinesis/data/()/id!"]),
    ("APIGatewayProxyEvent", "event.path_parameters['id']", ["pathParameters/id!"]),
]


@pytest.mark.parametrize(("kind", "code", "paths"), DATA_CLASSES)
def test_data_classes_read_the_keys_they_stand_for(kind: str, code: str, paths: list[str]) -> None:
    lines = "\n".join("    " + line for line in code.splitlines())
    found = facts(
        f"from aws_lambda_powertools.utilities.data_classes import {kind}, event_source\n"
        f"@event_source(data_class={kind})\ndef handler(event, context):\n{lines}\n"
    )
    assert sorted("/".join(read.path) + ("!" if read.required else "") for read in found.reads) == paths


def test_a_record_handler_reads_one_record() -> None:
    code = """
        from aws_lambda_powertools.utilities.batch import BatchProcessor, process_partial_response
        def record_handler(record):
            return json.loads(record['body'])['id']
        def handler(event, context):
            return process_partial_response(event=event, record_handler=record_handler, processor=BatchProcessor())
    """
    assert [read.path for read in facts(code).reads] == [("Records", "*", "body", "()", "id")]


def test_the_variables_read_are_told() -> None:
    found = body("os.environ['B']\nos.getenv('A')\nif event['x']:\n    os.environ.get('C', 'd')")
    assert found.variables == ("A", "B", "C")


def test_the_answer_has_a_shape() -> None:
    returns = body("return {'statusCode': 200, 'id': event['id']}").returns
    assert returns is not None
    assert returns.properties["statusCode"].constant == 200
    assert sorted(returns.properties) == ["id", "statusCode"]
