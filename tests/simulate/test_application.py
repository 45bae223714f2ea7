"""Names, ARNs and URLs of an application in a local run, and the values of its functions' variables."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from untangle.config import Config
from untangle.pipeline import scan
from untangle.simulate.application import Application

APPS = Path(__file__).parent.parent / "apps"
EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def of_template(root: Path, text: str) -> Application:
    (root / "template.yaml").write_text(dedent(text))
    (root / "src").mkdir()
    (root / "src" / "app.py").write_text("def handler(event, context): pass\n")
    return Application(scan(root, config=Config()).graph, root)


TEMPLATE = """
    Parameters:
      Stage: {Type: String}
      Limit: {Type: Number, Default: 5}
    Resources:
      Orders:
        Type: AWS::SQS::Queue
        Properties: {QueueName: !Sub "${Stage}-orders", FifoQueue: true}
      Paid: {Type: AWS::SNS::Topic}
      Files:
        Type: AWS::S3::Bucket
        Properties: {BucketName: !Sub "Files-${AWS::AccountId}-${AWS::Region}"}
      Things:
        Type: AWS::DynamoDB::Table
        Properties:
          KeySchema: [{AttributeName: id, KeyType: HASH}]
          AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      Rate:
        Type: AWS::SSM::Parameter
        Properties: {Name: /shop/rate, Type: String, Value: "7"}
      F:
        Type: AWS::Lambda::Function
        Properties:
          Handler: app.handler
          Runtime: python3.12
          Code: src
          Environment:
            Variables:
              QUEUE: !Ref Orders
              QUEUE_ARN: !GetAtt Orders.Arn
              TOPIC: !Ref Paid
              BUCKET: !Ref Files
              TABLE: !Ref Things
              LIMIT: !Ref Limit
              STAGE: !Ref Stage
              RATE_NAME: !Ref Rate
              RATE: "{{resolve:ssm:/shop/rate}}"
              URL: !Sub "https://${Stage}.example.com"
"""


def test_variables_are_what_a_deployment_would_make_of_them(tmp_path: Path) -> None:
    app = of_template(tmp_path, TEMPLATE)
    seen = app.environment(app.graph.functions[0])
    assert seen == {
        "QUEUE": "https://sqs.us-east-1.amazonaws.com/123456789012/stage-orders.fifo",
        "QUEUE_ARN": "arn:aws:sqs:us-east-1:123456789012:stage-orders.fifo",
        "TOPIC": "arn:aws:sns:us-east-1:123456789012:Paid",
        "BUCKET": "files-123456789012-us-east-1",
        "TABLE": "Things",
        "LIMIT": "5",
        "STAGE": "stage",
        "RATE_NAME": "/shop/rate",
        "RATE": "7",
        "URL": "https://stage.example.com",
    }


def test_what_is_not_known_gets_a_stand_in_that_is_said(tmp_path: Path) -> None:
    app = of_template(tmp_path, TEMPLATE)
    app.environment(app.graph.functions[0])
    assert app.stand_ins == {"${Stage}": "taken as 'stage'"}


@pytest.mark.parametrize(
    ("text", "type_", "node"),
    [
        ("https://sqs.us-east-1.amazonaws.com/123456789012/stage-orders.fifo", "sqs", "template/Orders"),
        ("https://sqs.eu-west-1.amazonaws.com/999999999999/stage-orders.fifo", "sqs", "template/Orders"),
        ("arn:aws:sqs:us-east-1:123456789012:stage-orders.fifo", "sqs", "template/Orders"),
        ("Things", "dynamodb_stream", "template/Things"),
        ("arn:aws:dynamodb:us-east-1:123456789012:table/Things", "dynamodb_stream", "template/Things"),
        ("Things", "sqs", None),
        ("nowhere", "sqs", None),
    ],
)
def test_a_node_is_found_by_whatever_names_it(tmp_path: Path, text: str, type_: str, node: str | None) -> None:
    assert of_template(tmp_path, TEMPLATE).node(text, type_) == node


@pytest.mark.parametrize(
    "text", ["F", "template/F", "F:live", "arn:aws:lambda:us-east-1:123456789012:function:F", "123456789012:function:F:2"]
)
def test_a_function_is_found_with_and_without_a_qualifier(tmp_path: Path, text: str) -> None:
    found = of_template(tmp_path, TEMPLATE).function(text)
    assert found is not None and found.id == "template/F"


def test_imports_and_stores_across_stacks_are_followed() -> None:
    root = APPS / "cross-stack-exports"
    app = Application(scan(root, config=Config()).graph, root)
    assert app.environment(app.graph.function("intake/SubmitClaim")) == {"TOPIC_ARN": app.attribute("messaging/ClaimsTopic")}
    scored = app.environment(app.graph.function("scoring/CarScoring/ScoreClaim"))
    assert scored["DECISIONS_QUEUE_URL"] == app.attribute("messaging/DecisionsQueue", "QueueUrl")


@pytest.mark.parametrize("root", [EXAMPLES / "order-pipeline", *sorted(APPS.iterdir())], ids=lambda path: path.name)
def test_no_two_things_of_a_type_are_called_the_same(root: Path) -> None:
    app = Application(scan(root, config=Config()).graph, root)
    nodes = [item.id for item in (*app.graph.functions, *app.graph.channels) if "#" not in item.id]
    arns = [app.attribute(node, "Arn") for node in nodes]
    assert len(set(arns)) == len(arns)
    assert all("${" not in arn for arn in arns)
