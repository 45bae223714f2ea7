"""A schedule that code makes: a hop from who makes it to the function that it names, and nothing where it names none."""

from __future__ import annotations

from pathlib import Path

import pytest

from untangle.config import Config
from untangle.model.chain import Chain
from untangle.model.graph import EventGraph
from untangle.pipeline import scan
from untangle.plan import plan

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Intake:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: app.handler
      CodeUri: intake
      Environment:
        Variables:
          REMIND: !GetAtt Remind.Arn
      Policies:
        - Statement:
            - {Effect: Allow, Action: "scheduler:CreateSchedule", Resource: "*"}
  Remind:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.12, Handler: app.handler, CodeUri: remind}
"""
CALL = """
import boto3, os
scheduler = boto3.client("scheduler")
def handler(event, context):
    scheduler.create_schedule(
        Name=event["id"],
        ScheduleExpression=f"at({event['when']})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": TARGET, "RoleArn": "r", "Input": event["text"]},
    )
"""


def graph(root: Path, code: str) -> EventGraph:
    for name, text in (("intake", code), ("remind", "def handler(event, context):\n    pass\n")):
        (root / name).mkdir()
        (root / name / "app.py").write_text(text)
    (root / "template.yaml").write_text(TEMPLATE)
    return scan(root, config=Config()).graph


def test_the_function_that_its_target_names(tmp_path: Path) -> None:
    found = graph(tmp_path, CALL.replace("TARGET", 'os.environ["REMIND"]'))
    (hop,) = found.reported
    assert (hop.producer.rpartition("/")[2], hop.consumer.rpartition("/")[2]) == ("Intake", "Remind")
    assert [passage.type for passage in hop.passages] == ["create_schedule"]
    assert str(hop.evidence[0].location) == "intake/app.py:5"


def test_it_can_be_planned_from_what_is_read(tmp_path: Path) -> None:
    found = graph(tmp_path, CALL.replace("TARGET", 'os.environ["REMIND"]'))
    chain = Chain(
        id="c",
        functions=tuple(one.id for one in found.functions),
        hops=(found.reported[0].id,),
        entries=(found.hops[0].producer,),
    )
    assert plan(found, chain).migrated == chain.hops


def test_one_that_code_takes_back_is_not_planned(tmp_path: Path) -> None:
    code = CALL.replace("TARGET", 'os.environ["REMIND"]') + "    scheduler.delete_schedule(Name=event['old'])\n"
    found = graph(tmp_path, code)
    chain = Chain(
        id="c",
        functions=tuple(one.id for one in found.functions),
        hops=(found.reported[0].id,),
        entries=(found.hops[0].producer,),
    )
    (obstacle,) = (item for item in plan(found, chain).obstacles if item.blocking)
    assert "Intake may take a schedule back or change it (DeleteSchedule, intake/app.py:11)" in obstacle.text


@pytest.mark.parametrize(
    "target",
    [
        pytest.param('"arn:aws:scheduler:::aws-sdk:ses:sendEmail"', id="another service's call"),
        pytest.param('"arn:aws:sqs:eu-west-1:111122223333:later"', id="a queue"),
    ],
)
def test_a_target_that_is_no_function(tmp_path: Path, target: str) -> None:
    """Not even where a variable names a function: that may be what the other service is told."""
    found = graph(tmp_path, CALL.replace("TARGET", target))
    assert found.reported == () and found.gaps == ()


def test_a_target_that_is_not_known(tmp_path: Path) -> None:
    found = graph(tmp_path, CALL.replace("TARGET", 'event["target"]'))
    assert found.reported == ()
    (gap,) = found.gaps
    assert gap.what == "scheduler:CreateSchedule in Intake" and "is not known" in gap.why


def test_nothing_is_there_for_functions_that_nobody_schedules(tmp_path: Path) -> None:
    found = graph(tmp_path, "def handler(event, context):\n    pass\n")
    assert not any(hop.confidence.reported for hop in found.hops)
    assert not any(trigger.type == "create_schedule" for trigger in found.triggers)
