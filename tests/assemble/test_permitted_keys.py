"""A role that names the keys it may write tells which notifications a write can reach."""

from __future__ import annotations

import pytest

from tests.assemble.inventories import allow, call, code, function, inventory, resource, role
from untangle.assemble import assemble
from untangle.channels import CHANNELS
from untangle.model.value import Concat, Ref, Symbol, Value

NOTIFIED: dict[str, Value] = {
    "LambdaConfigurations": (
        {
            "Event": "s3:ObjectCreated:*",
            "Function": Ref("shop/Consume", "Arn"),
            "Filter": {"S3Key": {"Rules": ({"Name": "suffix", "Value": "/raw.csv"},)}},
        },
    )
}
BUCKET = resource("shop/Bucket", "AWS::S3::Bucket", BucketName="files", NotificationConfiguration=NOTIFIED)
ARN = Ref("shop/Bucket", "Arn")


@pytest.mark.parametrize(
    ("resources", "reached"),
    [
        pytest.param(Concat((ARN, "/*")), True, id="any key"),
        pytest.param(Concat((ARN, "/in/*/raw.csv")), True, id="the key that is taken"),
        pytest.param(Concat((ARN, "/in/*/done.csv")), False, id="another key"),
        pytest.param("arn:aws:s3:::files/in/done.csv", False, id="another key, by the bucket's name"),
        pytest.param(Concat((ARN, "/", Symbol("prefix"), "/done.csv")), False, id="another key, partly unknown"),
        pytest.param((Concat((ARN, "/in/done.csv")), Concat((ARN, "/*"))), True, id="another key and any key"),
        pytest.param("arn:aws:s3:::files*", True, id="a wildcard that reaches into the keys"),
    ],
)
def test_the_hop_is_there_where_the_role_permits_the_key(resources: Value, reached: bool) -> None:
    produce = function("shop/Produce", role=Ref("shop/Role", "Arn"))
    found = assemble(
        inventory(BUCKET, produce, function("shop/Consume"), role("shop/Role", allow("s3:PutObject", resources))),
        [code("shop/Produce", call("s3", "PutObject", Bucket=Ref("shop/Bucket"), Key=Symbol("key"))), code("shop/Consume")],
        CHANNELS,
    )
    hops = {(hop.producer, hop.consumer) for hop in found.hops if hop.confidence.value == "likely"}
    assert (("shop/Produce", "shop/Consume") in hops) is reached
