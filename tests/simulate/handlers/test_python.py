"""Python handlers as Lambda's runtime would run them: real code in a folder of its own, real SDK calls, virtual time."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from untangle.config import Config
from untangle.pipeline import scan
from untangle.simulate.application import Application
from untangle.simulate.call import Answer, ApiCall, ApiError
from untangle.simulate.faults import Fault
from untangle.simulate.handlers import Host, Unable
from untangle.simulate.world import World

FUNCTION = {"Type": "AWS::Lambda::Function"}


class App:
    """An application of one folder per function, in a world of its own."""

    def __init__(self, root: Path, handlers: dict[str, str], *, more: dict[str, Any] | None = None, **world: Any) -> None:
        resources: dict[str, Any] = dict(more or {})
        properties = resources.pop("properties", {})
        for name, text in handlers.items():
            (root / name).mkdir(exist_ok=True)
            (root / name / "app.py").write_text(dedent(text))
            known = {"Handler": "app.handler", "Runtime": "python3.12", "Code": f"./{name}", "Timeout": 10, **properties}
            resources[name] = FUNCTION | {"Properties": known}
        (root / "template.json").write_text(json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}))
        self.root = root
        self.application = Application(scan(root, config=Config()).graph, root)
        self.world = World(self.application, Host(self.application), **world)

    def run(self, event: Any = None, name: str = "F", **more: Any) -> Answer:
        return self.world.invoke(f"template/{name}", {} if event is None else event, **more)


def returned(root: Path, text: str, event: Any = None, **more: Any) -> Any:
    answer = App(root, {"F": text}, **more).run(event)
    assert answer.error is None, answer.error
    return answer.payload


def test_a_planted_error_is_the_handlers_own(tmp_path: Path) -> None:
    """It is raised below an outbox, once the handler is through; one that fails by itself keeps its own error."""
    fault = Fault(kind="error", subject="template/F")
    for text, told in (("return 7", "PlantedError"), ("raise KeyError('x')", "KeyError")):
        for lead in ("", "async "):
            app = App(tmp_path, {"F": f"{lead}def handler(event, context):\n    {text}\n"}, faults=(fault,))
            error = app.run().error
            assert error is not None and error.type == told


class TestTheAnswer:
    @pytest.mark.parametrize(
        ("expression", "payload"),
        [
            ("{'a': (1, 2)}", {"a": [1, 2]}),
            ("Decimal('2.5')", 2.5),
            ("Decimal('3')", 3),
            ("None", None),
            ("{1: 'x'}", {"1": "x"}),
        ],
    )
    def test_is_json_as_lambda_writes_it(self, tmp_path: Path, expression: str, payload: Any) -> None:
        text = f"from decimal import Decimal\ndef handler(event, context):\n    return {expression}\n"
        assert returned(tmp_path, text) == payload

    def test_that_is_no_json_is_a_failure(self, tmp_path: Path) -> None:
        app = App(tmp_path, {"F": "def handler(event, context):\n    return {1, 2}\n"})
        error = app.run().error
        assert error is not None
        assert (error.type, error.message) == (
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
        )

    def test_an_exception_tells_its_type_its_message_and_where(self, tmp_path: Path) -> None:
        app = App(
            tmp_path, {"F": "class NoStock(Exception): pass\ndef handler(event, context):\n    raise NoStock('none left')\n"}
        )
        error = app.run().error
        assert error is not None
        assert (error.type, error.message) == ("NoStock", "none left")
        assert error.trace == ("  File \"/var/task/F/app.py\", line 3, in handler\n    raise NoStock('none left')\n",)

    def test_a_handler_that_is_awaited(self, tmp_path: Path) -> None:
        assert returned(tmp_path, "async def handler(event, context):\n    return 7\n") == 7

    def test_the_event_is_the_handlers_own_copy(self, tmp_path: Path) -> None:
        event = {"list": [1]}
        assert returned(tmp_path, "def handler(event, context):\n    event['list'].append(2)\n    return event\n", event) == {
            "list": [1, 2]
        }
        assert event == {"list": [1]}


class TestLoading:
    @pytest.mark.parametrize(
        ("text", "type_", "part"),
        [
            ("def other(event, context): pass\n", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
            ("def handler(:\n", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
            ("import os\nos.environ['NOT_SET']\n", "KeyError", "NOT_SET"),
            (
                "from json import nothing_of_that_name\n",
                "Runtime.ImportModuleError",
                "Unable to import module 'app': cannot import name",
            ),
        ],
    )
    def test_that_fails_is_reported_as_lambda_does(self, tmp_path: Path, text: str, type_: str, part: str) -> None:
        error = App(tmp_path, {"F": text}).run().error
        assert error is not None
        assert error.type == type_
        assert part in error.message

    def test_what_is_not_installed_is_named(self, tmp_path: Path) -> None:
        app = App(tmp_path, {"F": "import a_library_nobody_has\ndef handler(event, context): pass\n"})
        with pytest.raises(Unable, match=r"imports a_library_nobody_has, .*--python"):
            app.run()

    def test_libraries_that_only_watch_are_stood_in_for(self, tmp_path: Path) -> None:
        text = """
            from aws_xray_sdk.core import patch_all, xray_recorder
            from aws_lambda_powertools import Logger, Metrics, Tracer
            from aws_lambda_powertools.utilities.typing import LambdaContext
            patch_all()
            logger, tracer, metrics = Logger(service="shop"), Tracer(), Metrics(namespace="shop")
            @xray_recorder.capture("step")
            def step(n):
                with xray_recorder.in_subsegment("inner") as segment:
                    segment.put_annotation("n", n)
                return n + 1
            @logger.inject_lambda_context(log_event=True)
            @tracer.capture_lambda_handler
            @metrics.log_metrics(capture_cold_start_metric=True)
            def handler(event, context: LambdaContext):
                logger.append_keys(a=1)
                logger.info("hello", extra={"b": 2})
                metrics.add_metric(name="x", unit="Count", value=1)
                return step(1)
        """
        assert returned(tmp_path, text) == 2

    def test_parts_that_work_on_events_are_not(self, tmp_path: Path) -> None:
        text = "from aws_lambda_powertools.utilities.batch import BatchProcessor\ndef handler(event, context): pass\n"
        with pytest.raises(Unable, match="imports aws_lambda_powertools"):
            App(tmp_path, {"F": text}).run()

    def test_what_a_build_would_copy_is_taken_from_the_tree_and_it_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "shared" / "rules").mkdir(parents=True)
        (tmp_path / "shared" / "rules" / "__init__.py").write_text("from rules.limits import LIMIT\n")
        (tmp_path / "shared" / "rules" / "limits.py").write_text("LIMIT = 6\n")
        app = App(tmp_path, {"F": "import rules\ndef handler(event, context):\n    return rules.LIMIT\n"})
        assert app.run().payload == 6
        assert app.application.stand_ins["module rules"] == "taken from shared, as a build would have it"

    def test_of_two_places_none_is_taken(self, tmp_path: Path) -> None:
        for place in ("one", "two"):
            (tmp_path / place / "rules").mkdir(parents=True)
            (tmp_path / place / "rules" / "__init__.py").write_text("")
        with pytest.raises(Unable, match="imports rules"):
            App(tmp_path, {"F": "import rules\ndef handler(event, context): pass\n"}).run()

    def test_a_layer_of_the_template_is_on_the_path(self, tmp_path: Path) -> None:
        (tmp_path / "layer" / "python").mkdir(parents=True)
        (tmp_path / "layer" / "python" / "shop_rules.py").write_text("LIMIT = 5\n")
        layer = {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": "./layer"}}
        text = "from shop_rules import LIMIT\ndef handler(event, context):\n    return LIMIT\n"
        assert returned(tmp_path, text, more={"Rules": layer, "properties": {"Layers": [{"Ref": "Rules"}]}}) == 5

    def test_functions_with_modules_of_the_same_name_do_not_meet(self, tmp_path: Path) -> None:
        handlers = dict.fromkeys(("F", "G"), "import part\ndef handler(event, context):\n    return part.NAME\n")
        app = App(tmp_path, handlers)
        for name in handlers:
            (tmp_path / name / "part.py").write_text(f"NAME = {name!r}\n")
        assert [app.run(name=name).payload for name in ("F", "G", "F")] == ["F", "G", "F"]

    def test_an_environment_stays_warm_and_a_new_world_is_cold(self, tmp_path: Path) -> None:
        text = "seen = []\ndef handler(event, context):\n    seen.append(1)\n    return len(seen)\n"
        app = App(tmp_path, {"F": text})
        assert [app.run().payload, app.run().payload] == [1, 2]
        app.world = World(app.application, app.world.host)
        assert app.run().payload == 1


class TestWhatIsAround:
    def test_the_environment_is_that_of_the_template_and_of_lambda(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SECRET_OF_THE_USER", "x")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the user's own")
        text = "import os\ndef handler(event, context):\n    os.environ['LEFT'] = '1'\n    return dict(os.environ)\n"
        seen = returned(tmp_path, text, more={"properties": {"Environment": {"Variables": {"STAGE": "test"}}}})
        assert seen["STAGE"] == "test"
        assert (seen["AWS_LAMBDA_FUNCTION_NAME"], seen["_HANDLER"], seen["AWS_REGION"]) == ("F", "app.handler", "us-east-1")
        assert "SECRET_OF_THE_USER" not in seen
        assert seen["AWS_SECRET_ACCESS_KEY"] == "simulated"  # noqa: S105

    def test_the_context_has_what_lambda_gives(self, tmp_path: Path) -> None:
        text = """
            def handler(event, context):
                return [context.function_name, context.invoked_function_arn, context.memory_limit_in_mb, context.function_version,
                        context.get_remaining_time_in_millis(), context.log_group_name, context.client_context.custom["a"],
                        len(context.aws_request_id)]
        """
        app = App(tmp_path, {"F": text})
        arn = "arn:aws:lambda:us-east-1:123456789012:function:F"
        answer = app.run(client_context={"custom": {"a": 1}})
        assert answer.payload == ["F", arn, "128", "$LATEST", 10000, "/aws/lambda/F", 1, 36]

    def test_sleep_passes_virtual_time_only(self, tmp_path: Path) -> None:
        text = """
            import time
            def handler(event, context):
                before = time.time()
                time.sleep(4)
                return [time.time() - before, context.get_remaining_time_in_millis()]
        """
        answer = App(tmp_path, {"F": text}).run()
        assert (answer.payload, answer.seconds) == ([4.0, 6000], 4.0)

    def test_who_sleeps_too_long_times_out(self, tmp_path: Path) -> None:
        answer = App(tmp_path, {"F": "import time\ndef handler(event, context):\n    time.sleep(11)\n"}).run()
        assert answer.error is not None and answer.error.timed_out
        assert (answer.error.type, answer.seconds) == ("Sandbox.Timedout", 10.0)

    def test_a_handler_that_hangs_is_ended(self, tmp_path: Path) -> None:
        answer = App(tmp_path, {"F": "def handler(event, context):\n    while True: pass\n"}, wall=0.2).run()
        assert answer.error is not None
        assert "more than 0.2 real seconds" in answer.error.message

    def test_the_present_is_that_of_the_clock(self, tmp_path: Path) -> None:
        text = """
            import datetime, time
            from datetime import datetime as moment, timezone
            def handler(event, context):
                return [moment.now(timezone.utc).isoformat(), datetime.date.today().isoformat(), time.time(),
                        isinstance(datetime.datetime.now(), moment)]
        """
        app = App(tmp_path, {"F": text})
        app.world.clock.after(90, lambda: None)
        app.world.run()
        assert app.run().payload == ["2026-01-01T00:01:30+00:00", "2026-01-01", 1767225690.0, True]

    def test_chance_comes_from_the_seed(self, tmp_path: Path) -> None:
        text = "import random, uuid\ndef handler(event, context):\n    return [str(uuid.uuid4()), random.random()]\n"
        app = App(tmp_path, {"F": text}, seed=3)
        first, second = app.run().payload, app.run().payload
        again = World(app.application, app.world.host, seed=3).invoke("template/F", {}).payload
        other = World(app.application, app.world.host, seed=4).invoke("template/F", {}).payload
        assert first == again
        assert first[0] != second[0] and first[0] != other[0]

    def test_tmp_is_a_folder_of_the_functions_own(self, tmp_path: Path) -> None:
        text = """
            import os, pathlib
            def handler(event, context):
                os.makedirs("/tmp/untangle-test/a", exist_ok=True)
                with open("/tmp/untangle-test/a/x", "a") as file:
                    file.write("1")
                return pathlib.Path("/tmp/untangle-test/a/x").read_text()
        """
        app = App(tmp_path, {"F": text, "G": text})
        assert [app.run(name=name).payload for name in ("F", "F", "G")] == ["1", "11", "1"]
        assert not Path("/tmp/untangle-test").exists()

    def test_there_is_no_network(self, tmp_path: Path) -> None:
        text = (
            "import urllib.request\ndef handler(event, context):\n    urllib.request.urlopen('http://example.com', timeout=1)\n"
        )
        error = App(tmp_path, {"F": text}).run().error
        assert error is not None
        assert "does not look up example.com" in error.message

    def test_no_program_is_started(self, tmp_path: Path) -> None:
        text = "import subprocess\ndef handler(event, context):\n    subprocess.run(['/bin/true'])\n"
        error = App(tmp_path, {"F": text}).run().error
        assert error is not None
        assert "does not start /bin/true" in error.message

    def test_what_is_printed_is_in_the_log(self, tmp_path: Path) -> None:
        app = App(tmp_path, {"F": "def handler(event, context):\n    print('hello', end='')\n"})
        app.run()
        assert [item.detail["text"] for item in app.world.log if item.kind == "said"] == ["hello"]


TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "TableName": "things",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
    },
}


BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "files"}}


class TestCalls:
    def test_clients_and_resources_of_modules_reach_the_services(self, tmp_path: Path) -> None:
        text = """
            import boto3
            from boto3.dynamodb.conditions import Key
            table = boto3.resource("dynamodb").Table("things")
            client = boto3.client("dynamodb")
            def handler(event, context):
                table.put_item(Item={"id": 1, "tags": {"a", "b"}})
                found = table.query(KeyConditionExpression=Key("id").eq(1))["Items"]
                return [sorted(found[0]["tags"]), client.scan(TableName="things")["Count"]]
        """
        assert returned(tmp_path, text, more={"Table": TABLE}) == [["a", "b"], 1]

    def test_errors_are_those_of_the_sdk(self, tmp_path: Path) -> None:
        text = """
            import boto3
            client = boto3.client("dynamodb")
            def handler(event, context):
                try:
                    client.put_item(TableName="things", Item={"id": {"N": "1"}}, ConditionExpression="attribute_exists(id)")
                except client.exceptions.ConditionalCheckFailedException as error:
                    return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
        """
        assert returned(tmp_path, text, more={"Table": TABLE}) == ["ConditionalCheckFailedException", 400]

    def test_parameters_are_checked(self, tmp_path: Path) -> None:
        text = "import boto3\ndef handler(event, context):\n    boto3.client('sqs').send_message(QueueUrl='x')\n"
        error = App(tmp_path, {"F": text}).run().error
        assert error is not None
        assert error.type == "ParamValidationError"

    def test_bodies_are_streams(self, tmp_path: Path) -> None:
        text = """
            import io, boto3
            s3 = boto3.client("s3")
            def handler(event, context):
                s3.put_object(Bucket="files", Key="a", Body=io.BytesIO(b"one"))
                s3.upload_fileobj(io.BytesIO(b"two"), "files", "b")
                taken = io.BytesIO()
                s3.download_fileobj("files", "b", taken)
                return [s3.get_object(Bucket="files", Key="a")["Body"].read().decode(), taken.getvalue().decode()]
        """
        assert returned(tmp_path, text, more={"Files": BUCKET}) == ["one", "two"]

    def test_pages_and_threads(self, tmp_path: Path) -> None:
        text = """
            from concurrent.futures import ThreadPoolExecutor
            import boto3
            s3 = boto3.client("s3")
            def handler(event, context):
                with ThreadPoolExecutor() as pool:
                    list(pool.map(lambda key: s3.put_object(Bucket="files", Key=str(key), Body=b""), range(5)))
                pages = s3.get_paginator("list_objects_v2").paginate(Bucket="files", PaginationConfig={"PageSize": 2})
                return [item["Key"] for page in pages for item in page["Contents"]]
        """
        app = App(tmp_path, {"F": text}, more={"Files": BUCKET})
        assert app.run().payload == ["0", "1", "2", "3", "4"]
        assert {item.who for item in app.world.log if item.kind == "call"} == {"template/F"}

    def test_a_function_waits_for_another_one(self, tmp_path: Path) -> None:
        caller = """
            import boto3, json
            lambda_ = boto3.client("lambda")
            def handler(event, context):
                answer = lambda_.invoke(FunctionName="G", Payload=json.dumps({"n": 2}))
                return [json.loads(answer["Payload"].read()), answer.get("FunctionError")]
        """
        called = "def handler(event, context):\n    return event['n'] * 2\n"
        app = App(tmp_path, {"F": caller, "G": called})
        assert app.run().payload == [4, None]

    def test_the_error_of_another_one_is_its_payload(self, tmp_path: Path) -> None:
        caller = """
            import boto3, json
            def handler(event, context):
                answer = boto3.client("lambda").invoke(FunctionName="G")
                return [json.loads(answer["Payload"].read())["errorType"], answer["FunctionError"]]
        """
        app = App(tmp_path, {"F": caller, "G": "def handler(event, context):\n    raise ValueError('no')\n"})
        assert app.run().payload == ["ValueError", "Unhandled"]


class TestFaults:
    TWO = """
        import boto3
        s3 = boto3.client("s3")
        def handler(event, context):
            try:
                s3.list_objects_v2(Bucket="files")
                s3.put_object(Bucket="files", Key="1", Body=b"")
                s3.put_object(Bucket="files", Key="2", Body=b"")
            except Exception:
                return "swallowed"
    """

    @pytest.mark.parametrize(
        ("kind", "effect", "keys", "type_"),
        [
            ("throttle", 1, [], "TooManyRequestsException"),
            ("crash_before", 1, [], "Runtime.ExitError"),
            ("crash_after", 1, ["1"], "Runtime.ExitError"),
            ("crash_before", 2, ["1"], "Runtime.ExitError"),
            ("crash_after", 2, ["1", "2"], "Runtime.ExitError"),
            ("crash_before", 3, ["1", "2"], "PlantedError"),
            ("timeout", 1, ["1", "2"], "Sandbox.Timedout"),
            ("error", 1, ["1", "2"], "PlantedError"),
        ],
    )
    def test_strike_where_they_are_planted(self, tmp_path: Path, kind: Any, effect: int, keys: list[str], type_: str) -> None:
        fault = Fault(kind=kind, subject="template/F", effect=effect)
        app = App(tmp_path, {"F": self.TWO}, more={"Files": BUCKET}, faults=(fault,))
        first, second = app.run({"id": "1"}), app.run({"id": "1"})
        assert first.error is not None and first.error.type == type_
        assert second.error is None
        log = app.world.log
        end = next(index for index, item in enumerate(log) if item.kind == "error" or kind == "throttle")
        puts = [
            item.detail["params"]["Key"]
            for item in log[: end + 1]
            if item.kind == "call" and item.detail["operation"] == "PutObject"
        ]
        assert puts == keys


def test_a_refused_effect_is_the_handlers_own_business(tmp_path: Path) -> None:
    """The client raises what it raises where a service refuses; what was done before stands, and the call is none."""
    code = """
        import boto3
        from botocore.exceptions import ClientError
        s3 = boto3.client("s3")
        def handler(event, context):
            s3.put_object(Bucket="files", Key="1", Body=b"")
            try:
                s3.put_object(Bucket="files", Key="2", Body=b"")
            except ClientError as error:
                return error.response["Error"]["Code"]
    """
    fault = Fault(kind="refused", subject="template/F", effect=2)
    app = App(tmp_path, {"F": code}, more={"Files": BUCKET}, faults=(fault,))
    assert app.run({"id": "1"}).payload == "InternalServerError"
    puts = [item for item in app.world.log if item.kind == "call" and item.detail["operation"] == "PutObject"]
    assert [item.detail["params"]["Key"] for item in puts] == ["1"]


def test_what_moto_does_not_know_is_an_error_and_no_call(tmp_path: Path) -> None:
    app = App(tmp_path, {"F": "def handler(event, context): pass\n"})
    with pytest.raises(ApiError):
        app.world.api(
            ApiCall(service="sqs", operation="SendMessage", params={"QueueUrl": "https://x/1/nowhere", "MessageBody": "a"})
        )
