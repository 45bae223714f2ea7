"""What `sam build` leaves: no second application beside its template, and one of its own where it is scanned."""

from __future__ import annotations

from pathlib import Path

import pytest

from untangle import pipeline
from untangle.config import Config

TEMPLATE = """Transform: AWS::Serverless-2016-10-31
Resources:
  Orders: {{Type: AWS::SQS::Queue}}
  PlaceFn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: {place}
      Handler: app.handler
      Runtime: python3.12
      Environment: {{Variables: {{QUEUE_URL: !Ref Orders}}}}
      Policies: [{{SQSSendMessagePolicy: {{QueueName: !GetAtt Orders.QueueName}}}}]
    Metadata: {{SamResourceId: PlaceFn}}
  PayFn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: {pay}
      Handler: app.handler
      Runtime: python3.12
      Events: {{Orders: {{Type: SQS, Properties: {{Queue: !GetAtt Orders.Arn}}}}}}
    Metadata: {{SamResourceId: PayFn}}
"""
PLACE = """import boto3, os
sqs = boto3.client("sqs")
def handler(event, context):
    sqs.send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody="{}")
"""
PAY = "def handler(event, context):\n    pass\n"


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """An application and what `sam build` makes of it."""
    files = {
        "template.yaml": TEMPLATE.format(place="src/place/", pay="src/pay/"),
        "src/place/app.py": PLACE,
        "src/pay/app.py": PAY,
        ".aws-sam/build.toml": "",
        ".aws-sam/build/template.yaml": TEMPLATE.format(place="PlaceFn", pay="PayFn"),
        ".aws-sam/build/PlaceFn/app.py": PLACE,
        ".aws-sam/build/PayFn/app.py": PAY,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("scanned", "template", "codes"),
    [
        (".", "template.yaml", ["src/pay", "src/place"]),
        (".aws-sam", "build/template.yaml", ["build/PayFn", "build/PlaceFn"]),
        (".aws-sam/build", "template.yaml", ["PayFn", "PlaceFn"]),
        (".aws-sam/build/template.yaml", "template.yaml", ["PayFn", "PlaceFn"]),
    ],
)
def test_each_function_is_there_once_with_its_handler(built: Path, scanned: str, template: str, codes: list[str]) -> None:
    graph = pipeline.scan(built / scanned, config=Config()).graph
    assert [source.path for source in graph.sources] == [template]
    assert sorted(function.code or "" for function in graph.functions) == codes
    assert [hop.confidence.name for hop in graph.hops] == ["LIKELY"]
    assert graph.gaps == ()
