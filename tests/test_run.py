"""`untangle run` and `untangle test`: definitions with mocks, handlers and neither; what is said where something is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from untangle.cli import main

EXAMPLE = Path(__file__).parent.parent / "examples" / "refund-workflow"
FLOW: dict[str, Any] = {
    "StartAt": "Charge",
    "States": {
        "Charge": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "${ChargeFunctionArn}", "Payload.$": "$"},
            "OutputPath": "$.Payload",
            "Retry": [{"ErrorEquals": ["Busy"], "IntervalSeconds": 30, "MaxAttempts": 2}],
            "Next": "Rest",
        },
        "Rest": {"Type": "Wait", "Seconds": 900, "End": True},
    },
}
MOCKS: dict[str, Any] = {
    "StateMachines": {"flow": {"TestCases": {"Happy": {"Charge": "BusyOnce"}, "Broken": {"Charge": "Broken"}}}},
    "MockedResponses": {
        "BusyOnce": {"0": {"Throw": {"Error": "Busy", "Cause": "later"}}, "1": {"Return": {"Payload": {"paid": True}}}},
        "Broken": {"0": {"Throw": {"Error": "No", "Cause": "never"}}},
    },
}
PYTHON = """
import os
def lambda_handler(event, context):
    print("noise")
    return {"paid": event["cents"], "profile": os.environ.get("AWS_PROFILE"), "secret": os.environ.get("MY_SECRET")}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flow.asl.json").write_text(json.dumps(FLOW))
    (tmp_path / "mocks.json").write_text(json.dumps(MOCKS))
    return tmp_path


def untangle(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [str(item) for item in arguments], input=stdin)


def document(*arguments: object, stdin: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(untangle(*arguments, "--format", "json", stdin=stdin).stdout)
    return found


class TestMocks:
    def test_a_test_case_is_run(self, folder: Path) -> None:
        done = document("run", folder / "flow.asl.json", "--mock", folder / "mocks.json", "--test-case", "Happy")
        assert (done["status"], done["output"], done["error"], done["skipped"]) == ("SUCCEEDED", {"paid": True}, None, 930)
        kinds = [event["type"] for event in done["events"]]
        assert kinds[0] == "ExecutionStarted" and kinds[-1] == "ExecutionSucceeded" and kinds.count("TaskScheduled") == 2

    def test_the_tree_says_what_happened(self, folder: Path) -> None:
        done = untangle("run", folder / "flow.asl.json", "--mock", folder / "mocks.json", "--test-case", "Happy")
        assert done.exit_code == 0
        assert "├─ Charge  Task lambda:invoke, 2 tries  Busy  30 s skipped" in done.stdout
        assert "└─ Rest    Wait  15 min skipped" in done.stdout

    def test_a_failed_execution_ends_with_1(self, folder: Path) -> None:
        done = untangle("run", folder / "flow.asl.json", "--mock", folder / "mocks.json", "--test-case", "Broken")
        assert done.exit_code == 1
        assert "error   No\ncause   never" in done.stdout

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (("--mock", "{}/mocks.json"), "2 test cases\n  hint: say which: --test-case Happy or Broken"),
            (("--mock", "{}/mocks.json", "--test-case", "Hapy"), "no test case 'Hapy'\n  hint: did you mean Happy?"),
            (("--mock", "{}/none.json"), "the mock file cannot be read"),
            (("--test-case", "Happy"), "--test-case is one of a mock file"),
            ((), "nothing runs the function ChargeFunctionArn\n  hint: --handlers PATH names the code, --mock FILE"),
            (("--input", "{}/none.json"), "cannot be read: No such file"),
            (("--input", "[1"), "is no JSON"),
            (("--machine", "other"), "no state machine 'other'"),
        ],
    )
    def test_what_is_missing_is_said(self, folder: Path, arguments: tuple[str, ...], said: str) -> None:
        done = untangle("run", folder / "flow.asl.json", *(item.replace("{}", str(folder)) for item in arguments))
        assert done.exit_code == 2
        assert said in done.stderr


PASS: dict[str, Any] = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}


class TestDefinitions:
    def test_yaml_and_standard_input(self, tmp_path: Path) -> None:
        (tmp_path / "flow.yaml").write_text("StartAt: A\nStates:\n  A:\n    Type: Pass\n    End: true\n")
        assert document("run", tmp_path / "flow.yaml", "--input", "-", stdin='{"a": 1}')["output"] == {"a": 1}

    def test_one_of_a_template(self, tmp_path: Path) -> None:
        machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": PASS}}
        (tmp_path / "template.json").write_text(json.dumps({"Resources": {"One": machine, "Two": machine}}))
        template = tmp_path / "template.json"
        assert "say which: --machine One or Two" in untangle("run", template).stderr
        assert document("run", template, "--machine", "Two")["machine"] == "Two"

    def test_one_that_aws_would_not_take(self, tmp_path: Path) -> None:
        (tmp_path / "flow.asl.json").write_text('{\n"StartAt": "A",\n"States": {"A": {"Type": "Pass", "Next": "B"}}}')
        done = untangle("run", tmp_path / "flow.asl.json")
        assert done.exit_code == 2
        assert "flow.asl.json:3: AWS would not take this definition: " in done.stderr
        assert "(/States/A/Next)" in done.stderr
        assert "hint: untangle lint" in done.stderr

    def test_placeholders_are_filled(self, tmp_path: Path) -> None:
        flow = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": "${Pause}", "End": True}}}
        (tmp_path / "flow.asl.json").write_text(json.dumps(flow).replace('"${Pause}"', "${Pause}"))
        assert document("run", tmp_path / "flow.asl.json", "--parameter", "Pause=7")["skipped"] == 7

    def test_one_that_waits_for_ever(self, tmp_path: Path) -> None:
        state = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": "${Queue}", "MessageBody.$": "$$.Task.Token"},
            "End": True,
        }
        (tmp_path / "flow.asl.json").write_text(json.dumps({"StartAt": "Ask", "States": {"Ask": state}}))
        done = untangle("run", tmp_path / "flow.asl.json")
        assert done.exit_code == 1
        assert "Ask waits for its task token to come back, and nobody sends it" in " ".join(done.stdout.split())

    def test_no_such_file(self) -> None:
        assert "there is no file flow.asl.json" in untangle("run", "flow.asl.json").stderr

    def test_the_same_run_gives_the_same_bytes(self) -> None:
        run = ("run", EXAMPLE / "refund.asl.json", "--mock", EXAMPLE / "MockConfigFile.json", "--test-case", "NobodyAnswers")
        assert untangle(*run, "--format", "json").stdout == untangle(*run, "--format", "json").stdout


class TestHandlers:
    def test_a_handler_is_found_by_its_name_and_knows_nothing_of_the_user(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_PROFILE", "prod")
        monkeypatch.setenv("MY_SECRET", "hidden")
        (folder / "charge.py").write_text(PYTHON)
        done = document("run", folder / "flow.asl.json", "--handlers", folder, "--input", '{"cents": 5}')
        assert done["output"] == {"paid": 5, "profile": None, "secret": None}

    def test_what_handlers_print_is_shown(self, folder: Path) -> None:
        (folder / "ChargeFunction.py").write_text(PYTHON)
        given = ("run", folder / "flow.asl.json", "--input", '{"cents": 5}', "--handlers", folder)
        assert "ChargeFunction prints  noise\n" in untangle(*given).stdout
        assert document(*given)["said"] == [["ChargeFunction", "noise"]]

    def test_what_it_raises_is_the_error(self, folder: Path) -> None:
        (folder / "charge.py").write_text(PYTHON)
        done = document("run", folder / "flow.asl.json", "--handlers", folder)
        assert (done["status"], done["error"]) == ("FAILED", "KeyError")
        assert json.loads(done["cause"])["errorMessage"] == "'cents'"

    def test_a_template_gives_variables_and_names(self, tmp_path: Path) -> None:
        template = {
            "Transform": "AWS::Serverless-2016-10-31",
            "Resources": {
                "Work": {
                    "Type": "AWS::Serverless::Function",
                    "Properties": {
                        "Runtime": "python3.12", "Handler": "app.handler", "CodeUri": "src",
                        "Environment": {"Variables": {"QUEUE": {"Ref": "Jobs"}}},
                    },
                },
                "Jobs": {"Type": "AWS::SQS::Queue"},
                "Flow": {
                    "Type": "AWS::Serverless::StateMachine",
                    "Properties": {
                        "DefinitionUri": "flow.asl.json",
                        "DefinitionSubstitutions": {"Do": {"Fn::GetAtt": ["Work", "Arn"]}},
                    },
                },
            },
        }  # fmt: skip
        (tmp_path / "src").mkdir()
        (tmp_path / "src" / "app.py").write_text("import os\ndef handler(event, context):\n    return os.environ['QUEUE']\n")
        (tmp_path / "template.json").write_text(json.dumps(template))
        flow = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Do}", "End": True}}}
        (tmp_path / "flow.asl.json").write_text(json.dumps(flow))
        done = document("run", tmp_path / "template.json", "--handlers", tmp_path)
        assert done["output"] == "https://sqs.us-east-1.amazonaws.com/123456789012/Jobs"

    def test_a_function_that_nobody_has(self, folder: Path) -> None:
        (folder / "other.py").write_text(PYTHON)
        done = untangle("run", folder / "flow.asl.json", "--handlers", folder)
        assert done.exit_code == 2
        assert "no handler is called ChargeFunctionArn; there is other" in done.stderr

    def test_a_folder_without_handlers(self, folder: Path) -> None:
        done = untangle("run", folder / "flow.asl.json", "--handlers", folder)
        assert done.exit_code == 2 and "no handler is there" in done.stderr


class TestTests:
    def test_the_example_passes(self) -> None:
        done = untangle("test", EXAMPLE)
        assert done.exit_code == 0, done.output
        assert done.stdout.endswith("4 test cases passed\n")

    def test_a_mock_file_may_be_named_itself(self, folder: Path) -> None:
        (folder / "more.json").write_text((folder / "mocks.json").read_text().replace("Happy", "Merry"))
        said = untangle("test", folder / "mocks.json").stdout
        assert "passed  flow Happy" in said and "Merry" not in said
        refused = untangle("test", folder / "flow.asl.json")
        assert refused.exit_code == 3 and "no test case was found" in refused.stderr

    def test_without_expectations_a_case_has_to_succeed(self, folder: Path) -> None:
        done = untangle("test", folder)
        assert done.exit_code == 1
        assert "passed  flow Happy" in done.stdout
        assert "FAILED, expected SUCCEEDED; if it should, add Expectations: No: never" in " ".join(done.stdout.split())
        assert done.stdout.endswith("2 test cases, 1 failed\n")

    @pytest.mark.parametrize(
        ("expected", "wrong"),
        [
            ({"Status": "FAILED", "Error": "No"}, ""),
            ({"Error": "Other"}, "error is No, expected Other"),
            ({"Cause": "never"}, ""),
            ({"Status": "SUCCEEDED"}, "FAILED, expected SUCCEEDED: No: never"),
        ],
    )
    def test_what_is_expected(self, folder: Path, expected: dict[str, Any], wrong: str) -> None:
        (folder / "mocks.json").write_text(json.dumps({**MOCKS, "Expectations": {"flow": {"Broken": expected}}}))
        (row,) = json.loads(untangle("test", folder, "--test-case", "Broken", "--format", "json").stdout)
        assert (row["passed"], row["wrong"]) == (not wrong, wrong)

    def test_outputs_are_compared(self, folder: Path) -> None:
        (folder / "mocks.json").write_text(json.dumps({**MOCKS, "Expectations": {"flow": {"Happy": {"Output": {"paid": 1}}}}}))
        assert 'output is {"paid":true}, expected {"paid":1}' in " ".join(untangle("test", folder).stdout.split())

    def test_junit(self, folder: Path) -> None:
        untangle("test", folder, "--junit", folder / "out.xml")
        suite = ElementTree.parse(folder / "out.xml").getroot()[0]  # noqa: S314
        assert suite.attrib == {"name": f"{folder}/mocks.json", "tests": "2", "failures": "1", "errors": "0"}
        assert [(case.attrib["name"], len(case)) for case in suite] == [("Happy", 0), ("Broken", 1)]

    def test_a_machine_that_is_not_there(self, folder: Path) -> None:
        other = {"StateMachines": {"nowhere": {"TestCases": {"C": {}}}}, "MockedResponses": {}}
        (folder / "mocks.json").write_text(json.dumps(other))
        (folder / "second.asl.json").write_text(json.dumps(PASS))
        done = untangle("test", folder)
        assert done.exit_code == 1 and "no definition is called nowhere" in done.stdout

    def test_nothing_to_test(self, tmp_path: Path) -> None:
        (tmp_path / "flow.asl.json").write_text(json.dumps(FLOW))
        done = untangle("test", tmp_path)
        assert done.exit_code == 3 and "no test case was found" in done.stderr

    def test_a_broken_mock_file(self, folder: Path) -> None:
        (folder / "mocks.json").write_text('{"StateMachines": {"flow": []}, "MockedResponses": {}}')
        done = untangle("test", folder)
        assert done.exit_code == 2 and "StateMachines.flow: an object is expected" in done.stderr


class TestChains:
    ORDERS = EXAMPLE.parent / "order-pipeline"

    @pytest.mark.parametrize("role", ["choreography", "machine"])
    def test_both_forms_leave_the_same_orders(self, role: str) -> None:
        done = document("run", "import-orders", self.ORDERS, "--as", role)
        assert done["status"] == "SUCCEEDED"
        shipped = done["state"]["dynamodb"]["template/ShipmentsTable"]
        assert sorted(item["order_id"]["S"] for item in shipped) == ["A-1001", "A-1002"]
        assert bool(done["events"]) is (role == "machine")

    def test_an_unknown_chain(self) -> None:
        done = untangle("run", "import-order", self.ORDERS)
        assert done.exit_code == 2 and "did you mean import-orders?" in done.stderr

    @pytest.mark.parametrize(
        "given",
        [("--mock", "mocks.json"), ("--test-case", "Happy"), ("--handlers", "src"), ("--machine", "Flow"), ("--name", "mine")],
        ids=lambda given: given[0],
    )
    def test_what_says_nothing_of_a_chain_is_refused(self, given: tuple[str, str]) -> None:
        done = untangle("run", "import-orders", self.ORDERS, *given)
        assert done.exit_code == 2 and f"{given[0]}: for a FILE, not for a CHAIN" in done.stderr

    def test_a_definition_is_no_choreography(self, folder: Path) -> None:
        done = untangle("run", folder / "flow.asl.json", "--as", "choreography")
        assert done.exit_code == 2 and "--as choreography is for a chain" in done.stderr


def test_a_loop_without_end_ends_where_the_history_is_full(tmp_path: Path) -> None:
    sent = {"QueueUrl": "q", "MessageBody": "m"}
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": sent, "Next": "Loop"}
    loop = {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "Done"}], "Default": "Again"}
    states = {"Again": {**task, "ResultPath": None}, "Loop": loop, "Done": {"Type": "Succeed"}}
    (tmp_path / "flow.asl.json").write_text(json.dumps({"StartAt": "Again", "States": states}))
    mocks = {"StateMachines": {"flow": {"TestCases": {"C": {"Again": "R"}}}}, "MockedResponses": {"R": {"0": {"Return": {}}}}}
    (tmp_path / "mocks.json").write_text(json.dumps(mocks))
    (row,) = json.loads(untangle("test", tmp_path, "--format", "json").stdout)
    assert row["status"] == "FAILED", row["wrong"]
    assert "maximum number of history events" in row["cause"]
