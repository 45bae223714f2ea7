"""What a function itself declares: its entry, its destinations and its dead-letter queue; tasks that are run on demand."""

from __future__ import annotations

from tests.channels.world import BUS, FN, QUEUE, arrows, gaps, link, links, nodes, ref, world
from untangle.channels.channel import Verdict
from untangle.channels.ecs_run_task import CHANNEL as ECS
from untangle.channels.eventbridge import CHANNEL as EVENTBRIDGE
from untangle.channels.lambda_destination import CHANNEL as DESTINATION
from untangle.channels.lambda_invoke import CHANNEL as INVOKE
from untangle.model.value import Symbol, Value


def config(**destinations: Value) -> dict[str, Value]:
    return {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "FunctionName": ref("Work"),
        "Qualifier": "$LATEST",
        "DestinationConfig": {name: {"Destination": value} for name, value in destinations.items()},
    }


def test_every_function_has_an_entry() -> None:
    made = world(Work=FN, Config={**config(), "MaximumRetryAttempts": 0})
    assert arrows(INVOKE, made) == {"Work#invoke -> Work"}
    assert nodes(INVOKE, made)["s/Work#invoke"].type == "lambda_invoke"
    assert link(INVOKE, made).delivery == {"maximum_retry_attempts": 0}


def test_destinations_are_declared_writes() -> None:
    made = world(Work=FN, Next=FN, Failed=QUEUE, Config=config(OnSuccess=ref("Next", "Arn"), OnFailure=ref("Failed", "Arn")))
    assert arrows(DESTINATION, made) == {
        "Work ~> Work#on_success",
        "Work#on_success -> Next",
        "Work ~> Work#on_failure",
        "Work#on_failure => Failed",
    }
    reasons = {item.target: (item.reason, item.multiplicity) for item in links(DESTINATION, made) if item.reason}
    assert reasons == {"s/Work#on_success": ("on_success", "one"), "s/Work#on_failure": ("on_failure", "maybe")}


def test_a_dead_letter_queue() -> None:
    made = world(Work={**FN, "DeadLetterConfig": {"TargetArn": ref("Dead", "Arn")}}, Dead=QUEUE)
    assert arrows(DESTINATION, made) == {"Work ~> Work#dead_letter", "Work#dead_letter => Dead"}
    assert next(item.reason for item in links(DESTINATION, made) if item.reason) == "on_failure"
    wrote, went = sorted(links(DESTINATION, made), key=lambda item: item.source)
    assert DESTINATION.onward is not None and wrote.sent is not None
    assert DESTINATION.onward(wrote.sent, went) is None, "the queue holds the event itself, not a record of it"


def test_on_a_bus_the_record_has_source_and_detail_type_of_lambda() -> None:
    made = world(Work=FN, Bus=BUS, Config=config(OnSuccess=ref("Bus", "Arn")))
    wrote, went = sorted(links(DESTINATION, made), key=lambda item: item.source)
    assert DESTINATION.onward is not None and EVENTBRIDGE.accepts is not None and wrote.sent is not None
    event = DESTINATION.onward(wrote.sent, went)
    assert event is not None
    taken = {"source": ("lambda",), "detail-type": ("Lambda Function Invocation Result - Success",)}
    assert EVENTBRIDGE.accepts(event, taken).verdict is Verdict.PASSES
    failures = {"detail-type": ("Lambda Function Invocation Result - Failure",)}
    assert EVENTBRIDGE.accepts(event, failures).verdict is Verdict.EXCLUDED


def test_a_destination_that_is_not_known_is_said() -> None:
    made = world(Work=FN, Config=config(OnFailure=Symbol("Arn")))
    assert [gap.what for gap in gaps(DESTINATION, made)] == ["on-failure destination of Config"]


def test_tasks_that_no_service_keeps_running_have_an_entry() -> None:
    made = world(
        Job={"Type": "AWS::ECS::TaskDefinition"},
        Web={"Type": "AWS::ECS::TaskDefinition"},
        Service={"Type": "AWS::ECS::Service", "TaskDefinition": ref("Web")},
    )
    assert arrows(ECS, made) == {"Job#run -> Job"}
