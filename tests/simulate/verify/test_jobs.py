"""A proposal that waits for jobs of services which nothing plays here: the proof is refused, and not failed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from untangle.cli import main

_TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Job:
    Type: AWS::Glue::Job
    Properties: {Role: r, Command: {Name: glueetl}}
  Start:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: start.handler
      CodeUri: .
      Environment: {Variables: {JOB: !Ref Job}}
  Take:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: take.handler
      CodeUri: .
      Events:
        Ended:
          Type: EventBridgeRule
          Properties:
            Pattern: {source: [aws.glue], detail-type: [Glue Job State Change], detail: {jobName: [!Ref Job], state: [SUCCEEDED]}}
"""
_START = """
import os

import boto3

glue = boto3.client("glue")


def handler(event, context):
    glue.start_job_run(JobName=os.environ["JOB"])
"""


@pytest.fixture
def application(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(_TEMPLATE)
    (tmp_path / "start.py").write_text(_START)
    (tmp_path / "take.py").write_text("def handler(event, context):\n    print(event['detail']['jobRunId'])\n")
    return tmp_path


def test_a_proof_of_what_waits_for_such_a_job_is_refused(application: Path) -> None:
    done = CliRunner().invoke(main, ["verify", str(application), "--chain", "start"])
    assert done.exit_code == 2
    assert "nothing on this machine runs jobs of glue and tells of their ends" in " ".join(done.output.split())


def test_the_proposal_is_there_all_the_same(application: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["propose", str(application), "--chain", "start", "-o", str(tmp_path / "out")])
    assert done.exit_code == 0
    assert "glue:startJobRun.sync" in (tmp_path / "out" / "start" / "state-machine.asl.json").read_text()
