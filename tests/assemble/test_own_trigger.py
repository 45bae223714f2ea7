"""Keys that are taken from the message: the function's own trigger says how they begin and end."""

from __future__ import annotations

import pytest

from tests.assemble.inventories import call, code, function, inventory, resource
from untangle.assemble import assemble
from untangle.channels import CHANNELS
from untangle.model.resource import Resource
from untangle.model.value import Concat, Received, Ref, Value

KEY = Received("event.Records[*].s3.object.key")
FROM_PYTHON = Received("event['Records'][*]['s3']['object']['key']")


def bucket(id: str, consumer: str, *wanted: tuple[str, str]) -> Resource:
    rules = tuple({"Name": name, "Value": value} for name, value in wanted)
    told: dict[str, Value] = {
        "Event": "s3:ObjectCreated:*",
        "Function": Ref(consumer, "Arn"),
        "Filter": {"S3Key": {"Rules": rules}},
    }
    return resource(id, "AWS::S3::Bucket", NotificationConfiguration={"LambdaConfigurations": (told,)})


@pytest.mark.parametrize(
    ("trigger", "key", "wanted", "expected"),
    [
        pytest.param(("prefix", "in/"), KEY, ("prefix", "done/"), "contradicted", id="another prefix"),
        pytest.param(("prefix", "in/"), KEY, ("prefix", "in/"), "likely", id="the same prefix"),
        pytest.param(("prefix", "in/"), FROM_PYTHON, ("prefix", "done/"), "contradicted", id="as Python writes the path"),
        pytest.param(("prefix", "in/"), Concat(("done/", KEY)), ("prefix", "done/in/"), "likely", id="put behind another"),
        pytest.param(
            ("prefix", "in/"), Concat(("done/", KEY)), ("prefix", "done/out/"), "contradicted", id="and not what is wanted"
        ),
        pytest.param(("suffix", ".csv"), KEY, ("suffix", ".json"), "contradicted", id="another suffix"),
        pytest.param(("prefix", "a b/"), KEY, ("prefix", "done/"), "likely", id="a prefix that is encoded in the event"),
        pytest.param(("prefix", "in/"), Received("event.key"), ("prefix", "done/"), "likely", id="another part of the message"),
    ],
)
def test_what_a_key_that_is_handed_on_can_meet(
    trigger: tuple[str, str], key: Value, wanted: tuple[str, str], expected: str
) -> None:
    found = assemble(
        inventory(bucket("s/In", "s/Copy", trigger), bucket("s/Out", "s/Load", wanted), function("s/Copy"), function("s/Load")),
        [code("s/Copy", call("s3", "PutObject", Bucket=Ref("s/Out"), Key=key)), code("s/Load")],
        CHANNELS,
    )
    assert [hop.confidence.value for hop in found.hops if hop.consumer == "s/Load"] == [expected]


def test_a_function_that_others_call_may_be_handed_any_key() -> None:
    found = assemble(
        inventory(
            bucket("s/In", "s/Copy", ("prefix", "in/")),
            bucket("s/Out", "s/Load", ("prefix", "done/")),
            *(function(id) for id in ("s/Copy", "s/Load", "s/Again")),
        ),
        [
            code("s/Copy", call("s3", "PutObject", Bucket=Ref("s/Out"), Key=KEY)),
            code("s/Again", call("lambda", "Invoke", FunctionName=Ref("s/Copy"))),
            code("s/Load"),
        ],
        CHANNELS,
    )
    assert [hop.confidence.value for hop in found.hops if hop.consumer == "s/Load"] == ["likely"]


@pytest.mark.parametrize(
    ("name", "key", "expected"),
    [
        pytest.param("event.Records[*].s3.bucket.name", "again/1", ["s/Copy"], id="its own bucket, back to itself"),
        pytest.param("event['Records'][*]['s3']['bucket']['name']", "again/1", ["s/Copy"], id="as Python writes the path"),
        pytest.param("event.Records[*].s3.bucket.name", "done/1", [], id="a key that its notification does not take"),
        pytest.param("event.bucket", "again/1", [], id="another part of the message"),
    ],
)
def test_the_bucket_of_a_notification_is_the_one_that_notifies(name: str, key: str, expected: list[str]) -> None:
    found = assemble(
        inventory(bucket("s/In", "s/Copy", ("prefix", "again/")), function("s/Copy")),
        [code("s/Copy", call("s3", "PutObject", Bucket=Received(name), Key=key))],
        CHANNELS,
    )
    assert [hop.consumer for hop in found.reported] == expected
    assert any("PutObject" in gap.what for gap in found.gaps) is (name == "event.bucket")
