"""A function that its own queue runs: the message with a task token, and the wait for the outbox to answer with it."""

from __future__ import annotations

from collections.abc import Mapping

from untangle.channels.envelope.form import fill
from untangle.emit.asl.failed import write_failed
from untangle.emit.asl.join import handed
from untangle.emit.asl.names import Substitutions
from untangle.emit.asl.states import FAILED, hands_over, jsonata, marker
from untangle.emit.asl.writer import INPUT, State, Writer, Writing
from untangle.model.step import Hand, Stop, Task
from untangle.plan.passes import number

PARKED = "Untangle.Parked"  # the error by which the outbox says that the queue parks the message
_MARGIN = 60  # seconds for the answer to arrive
# What the integration passes on (Step Functions guide, "Send messages to an Amazon SQS queue with Step Functions").
_PASSED = "['MessageBody', 'MessageGroupId', 'MessageDeduplicationId', 'DelaySeconds']"


def write_called_back(writer: Writer, task: Task, writing: Writing) -> list[Writing]:
    """A Task state that sends the message and waits. What the queue parks or forgets ends the branch quietly, as it did before;
    a message that cannot even be sent fails it, unless others stand beside it."""
    name = writer.place(writing, writer.called(task), _state(task, writer, writing.source), task.hops)
    state = writing.scope[name]
    given_up = writer.states.take(f"{name} gave up")
    state["Catch"] = [{"ErrorEquals": [PARKED, "States.Timeout"], "Output": writing.nothing, "Next": given_up}]
    comment = "The queue has parked the message, or forgot it, as before: nothing follows."
    writing.scope[given_up] = {"Type": "Succeed", "Comment": comment}
    if writing.guarded:
        unsent = writer.states.take(f"{name} not reached")
        state["Catch"].append({"ErrorEquals": ["States.ALL"], "Output": writing.nothing, "Next": unsent})
        comment = "The message could not be sent, with all retries: it is dropped here, and its siblings go on."
        writing.scope[unsent] = {"Type": "Succeed", "Comment": comment}
    if task.then is None:
        state |= {"Output": writing.nothing, "End": True}
        return []
    effects = "$states.result.effects"
    arrive = write_failed(writer, task, name, writing)
    if isinstance(task.then, Hand):
        state |= {"Output": handed(writer, task.then, effects), "End": True}
        return []
    state["Output"] = jsonata(effects)
    return [writing.below(task.then, arrive=arrive, source=INPUT, after=name)]


def _state(task: Task, writer: Writer, source: str) -> State:
    told = [PARKED, FAILED] if hands_over(task) else [PARKED]
    send = {"IntervalSeconds": 1, "BackoffRate": 2, "MaxDelaySeconds": 300, "MaxAttempts": 20, "JitterStrategy": "FULL"}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments": jsonata(_message(task, writer.names, source)),
        "TimeoutSeconds": (task.timeout or 0) + _MARGIN,
        "Retry": [
            {"ErrorEquals": told, "MaxAttempts": 0},
            {"ErrorEquals": ["States.TaskFailed"], **send},
        ],
    }


def _message(task: Task, names: Substitutions, source: str) -> str:
    """The producer's own message, with one attribute more."""
    (queue,) = task.stops
    receives = _receives(queue)
    more = f", 'receives': {receives}" if receives else ""
    asked = marker(task, names, "$e", f"{more}, 'token': $states.context.Task.Token")
    return fill(
        """
(
  $e := <<source>>;
  $merge([
    $sift($e.params, function($v, $k) { $k in <<passed>> }),
    {
      'QueueUrl': '<<url>>',
      'MessageAttributes': $merge([
        $e.params.MessageAttributes,
        {'untangle': {'DataType': 'String', 'StringValue': $string(<<asked>>)}}
      ])
    }
  ])
)""",
        source=source,
        passed=_PASSED,
        url=names(queue.channel, ""),
        asked=asked,
    )


def _receives(queue: Stop) -> int:
    redrive = queue.settings.get("redrive")
    return number(queue.delivery, "max_receive_count") or number(
        redrive if isinstance(redrive, Mapping) else {}, "max_receive_count"
    )
