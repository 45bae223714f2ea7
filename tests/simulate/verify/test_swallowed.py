"""A handler that swallows its error sends nothing and ends well: so does the workflow, without failing for want of a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulate.verify.test_crossing import HOP, application
from tests.simulate.verify.test_verify import proof

TAKE = """
import json, os, boto3
sns = boto3.client("sns")
def handler(event, context):
    record = event["Records"][0]
    try:
        order = json.loads(record["body"])
        WORK
        sns.publish(
            TopicArn=os.environ["TOPIC"],
            Message=json.dumps({"id": order["id"]}),
            MessageAttributes={"kind": {"DataType": "String", "StringValue": order["kind"]}},
        )
    except Exception as error:
        print(error)
"""


@pytest.mark.parametrize(("work", "sent"), [("int('no')", False), ("int('1')", True)], ids=["fails", "works"])
def test_the_workflow_ends_well_where_the_error_is_swallowed(tmp_path: Path, work: str, sent: bool) -> None:
    certificate = proof(application(tmp_path, TAKE.replace("WORK", work)), budget=4)
    assert certificate.equal
    assert certificate.hops == {HOP: sent}
