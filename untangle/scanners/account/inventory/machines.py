"""Step Functions: the state machines that exist already, with their definitions."""

from __future__ import annotations

from collections.abc import Iterator

from untangle.model.resource import Gap
from untangle.scanners.account.inventory.place import Found, Place, Reader, document, single


def read(place: Place) -> Iterator[Found]:
    """Every state machine; one that may not be described is there without its definition."""
    listed = sorted(
        place.ask("stepfunctions", "ListStateMachines").items("stateMachines"), key=lambda item: str(item.get("name"))
    )
    asked = [{"stateMachineArn": item["stateMachineArn"]} for item in listed]
    for item, answer in zip(listed, place.each("stepfunctions", "DescribeStateMachine", asked), strict=True):
        found = {**item, **single(answer)}
        name, arn = str(found["name"]), str(found["stateMachineArn"])
        properties = {
            "StateMachineName": name,
            "StateMachineType": found.get("type"),
            "RoleArn": found.get("roleArn"),
            "Definition": document(found.get("definition")),
        }
        yield place.resource("AWS::StepFunctions::StateMachine", name, properties, arn=arn, ref=arn, Name=name)
        if not answer.outcome.known:
            yield Gap(
                what=f"definition of state machine {name}", why=f"it could not be read: {answer.code or answer.outcome.value}"
            )


READER = Reader(title="state machines", read=read)
