"""Faults planted into a proposal: each is there, and each changes what it says and nothing else."""

from __future__ import annotations

import json
from typing import Any

from untangle.model.workflow import Workflow
from untangle.simulate.migrated import Migrated
from untangle.simulate.verify.mutants import fields, planted

LAMBDA = "arn:aws:states:::lambda:invoke"


def invoke(name: str, **more: Any) -> dict[str, Any]:
    """A state that invokes a function."""
    marker = (
        "{% $base64encode($string({'custom': {'untangle': {'capture': ['${QueueUrl}'], 'observe': [], 'partial': true}}})) %}"
    )
    arguments = {"FunctionName": f"${{{name}Arn}}", "ClientContext": marker, "Payload": "{% {'Records': [{'body': 'x'}]} %}"}
    return {"Type": "Task", "Resource": LAMBDA, "Arguments": arguments, **more}


DEFINITION = {
    "StartAt": "First",
    "States": {
        "First": invoke(
            "First",
            Output="{% $states.result.Payload.effects %}",
            Retry=[
                {"ErrorEquals": ["Lambda.TooManyRequestsException"], "MaxAttempts": 20},
                {"ErrorEquals": ["States.ALL"], "MaxAttempts": 2},
            ],
            Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Park"}],
            Next="Both",
        ),
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Second", "States": {"Second": invoke("Second", End=True)}},
                {"StartAt": "Pause", "States": {"Pause": {"Type": "Wait", "Seconds": 5, "End": True}}},
            ],
            "Next": "Whether",
        },
        "Whether": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.a = 1 %}", "Next": "Each"}],
            "Default": "Done",
        },
        "Each": {
            "Type": "Map",
            "Items": "{% [$filter([1], function($one) { (\n  $passes0 := true;\n  $passes0\n) })] %}",
            "ItemProcessor": {"StartAt": "Third", "States": {"Third": {"Type": "Pass", "End": True}}},
            "Next": "Done",
        },
        "Park": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Arguments": "{% $merge([{'QueueUrl': '${DeadUrl}', 'MessageBody': $states.input.body}, "
            "$exists($states.input.attributes) ? {'MessageAttributes': $states.input.attributes} : {}]) %}",
            "End": True,
        },
        "Done": {"Type": "Succeed"},
    },
}
MIGRATED = Migrated(
    definitions={"Machine": DEFINITION},
    workflow=Workflow(chain="c", name="Machine", root=None),
    substitutions={
        "FirstArn": ("app/First", "Arn"),
        "SecondArn": ("app/Second", "Arn"),
        "DeadUrl": ("app/Dead", ""),
        "OtherUrl": ("app/Other", ""),
    },
)


def made() -> dict[str, Migrated]:
    """The mutants by what they change."""
    reads = {"app/First": (("Records", "*", "body", "()", "id"), ("Records", "*", "body", "()", "name"))}
    return {mutant.change: mutant.migrated for mutant in planted(MIGRATED, lambda function: reads.get(function, ()))}


def test_every_kind_of_fault_is_planted() -> None:
    assert sorted(made()) == [
        "Both: goes past Whether",
        "Both: without the branch Pause",
        "Both: without the branch Second",
        "Each: no filter",
        "Each: only the first item",
        "Each: the filter negated",
        "First: Records.body is not in the event",
        "First: an answer with failed items counts as a success",
        "First: does not capture '${QueueUrl}'",
        "First: goes past Both",
        "First: invokes SecondArn in place of FirstArn",
        "First: its effects are lost",
        "First: no catcher",
        "First: no retry of failures",
        "First: no retry of refusals",
        "First: retries 1 times in place of 2",
        "First: retries 3 times in place of 2",
        "Park: does nothing",
        "Park: parks an empty body",
        "Park: parks in OtherUrl",
        "Park: parks no attributes",
        "Pause: does not wait",
        "Second: an answer with failed items counts as a success",
        "Second: does not capture '${QueueUrl}'",
        "Second: invokes FirstArn in place of SecondArn",
        "Whether: rule 1 always true",
        "Whether: rule 1 negated",
        "Whether: rule 1 never true",
    ]


def test_no_two_are_the_same_and_none_is_the_proposal_itself() -> None:
    texts = [json.dumps(mutant.definitions, sort_keys=True) for mutant in made().values()]
    assert len({*texts, json.dumps(dict(MIGRATED.definitions), sort_keys=True)}) == len(texts) + 1


def test_the_proposal_stays_as_it_is() -> None:
    before = json.dumps(DEFINITION)
    made()
    assert json.dumps(DEFINITION) == before


def test_what_code_calls_on_a_text_is_no_field() -> None:
    assert fields((("Records", "*", "s3", "object", "key", "removeprefix"), ("body", "()", "a"))) == [
        ("Records", "s3", "object", "key"),
        ("body",),
    ]
