"""The states of a definition, one maker per kind: dictionaries in the order in which people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.channels.envelope import condition, envelope, form_of, message, selection
from untangle.channels.envelope.form import fill
from untangle.channels.envelope.lambda_destination import failure_record, success_effect
from untangle.emit.asl.names import Substitutions
from untangle.model.step import DeadLetter, Effects, Retry, Stop, Task

State = dict[str, Any]

# Lambda's own refusals (Step Functions guide, "Handle transient Lambda service exceptions").
_THROTTLED = (
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
)
_MARGIN = 5  # seconds that Lambda gets to report its own timeout


def jsonata(text: str) -> str:
    """A JSONata expression as a definition holds it."""
    return f"{{% {text} %}}"


def task_state(task: Task, names: Substitutions, source: str) -> State:
    """The invocation of an unchanged handler: its event rebuilt from the effect in `source`, its effects as the output."""
    event = envelope(task.stops, names, source) if task.stops else source
    state: State = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {
            "FunctionName": names(task.function, "Arn"),
            "ClientContext": jsonata(_marker(task, names)),
            "Payload": jsonata(event),
        },
        "Output": jsonata(_effects(task, names, event)) if task.then is not None else {},
    }
    if task.timeout:
        state["TimeoutSeconds"] = task.timeout + _MARGIN
    if task.retries:
        state["Retry"] = [_retrier(retry) for retry in task.retries]
    return state


def _marker(task: Task, names: Substitutions) -> str:
    """The client context that asks the outbox for effects: the targets whose calls it holds back, and those it lets out too.

    `partial` asks it to fail where the handler answers with `batchItemFailures`, which is a success to Step Functions.
    """
    held = [names(effects.target, _attribute(effects)) for effects in task.captures if not effects.sent]
    told = [names(effects.target, _attribute(effects)) for effects in task.captures if effects.sent]
    asked = {"capture": held, "observe": told}
    lists = ", ".join(f"'{key}': [{', '.join(repr(name) for name in values)}]" for key, values in asked.items())
    partial = ", 'partial': true" if task.partial else ""
    return f"$base64encode($string({{'custom': {{'untangle': {{{lists}{partial}}}}}}}))"


def _attribute(effects: Effects) -> str:
    written = form_of(effects.type).written
    return written.by[0][1] if written is not None and written.by else ""


def _effects(task: Task, names: Substitutions, event: str) -> str:
    effects = "$states.result.Payload.effects"
    if not task.record:
        return effects
    record = success_effect(names(task.function, "Arn"), event, "$states.result.Payload.`return`")
    return fill("$append(<<effects>>, [<<record>>])", effects=effects, record=record)


def _retrier(retry: Retry) -> State:
    state: State = {
        "ErrorEquals": list(_THROTTLED) if retry.errors == "throttle" else ["States.ALL"],
        "IntervalSeconds": retry.interval,
        "BackoffRate": retry.rate,
        "MaxAttempts": retry.attempts,
    }
    if retry.max_delay is not None and retry.rate > 1:
        state["MaxDelaySeconds"] = retry.max_delay
    if retry.jitter:
        state["JitterStrategy"] = "FULL"
    return state


def catcher(task: Task, names: Substitutions, source: str, next: str) -> State:
    """The catcher of a task: what is parked, in the form in which it would have arrived at the dead-letter target."""
    state: State = {"ErrorEquals": ["States.ALL"], "Output": {}, "Next": next}
    letter = task.dead_letter
    if letter is not None:
        state["Output"] = jsonata(_parked(task, letter, names, source))
    return state


def _parked(task: Task, letter: DeadLetter, names: Substitutions, source: str) -> str:
    """`{body, attributes}` of the parked message."""
    event = envelope(task.stops, names, source) if task.stops else source
    if letter.body == "record":
        return fill("{'body': $string(<<record>>)}", record=failure_record(names(task.function, "Arn"), event))
    if letter.body == "message" and task.stops:
        return message(task.stops, names, source)
    return fill(
        """
(
  $cause := $states.errorOutput.Cause;
  $said := $contains($cause, /^\\{[\\s\\S]*\\}$/) ? $parse($cause) : {};
  $message := $exists($said.errorMessage) and $said.errorMessage != '' ? $said.errorMessage : $states.errorOutput.Error;
  {
    'body': $string(<<event>>),
    'attributes': {
      'RequestID': {
        'DataType': 'String', 'StringValue': $exists($said.requestId) ? $said.requestId : $states.context.Execution.Name
      },
      'ErrorCode': {'DataType': 'Number', 'StringValue': '200'},
      'ErrorMessage': {'DataType': 'String', 'StringValue': $substring($message, 0, 1024)}
    }
  }
)""",
        event=event,
    )


def parking_state(letter: DeadLetter, names: Substitutions) -> State:
    """The state that sends what a catcher handed over to the dead-letter target."""
    attributes = "$exists($states.input.attributes) and $count($keys($states.input.attributes)) > 0"
    if letter.type == "eventbridge":
        entry = {
            "Source": "lambda",
            "DetailType": "Lambda Function Invocation Result - Failure",
            "EventBusName": names(letter.target, ""),
            "Detail": jsonata("$states.input.body"),
        }
        return _service("events:putEvents", {"Entries": [entry]})
    if letter.type == "lambda":
        call = {
            "FunctionName": names(letter.target, "Arn"),
            "InvocationType": "Event",
            "Payload": jsonata("$parse($states.input.body)"),
        }
        return _service("lambda:invoke", call)
    service, target, attribute, body = (
        ("sns:publish", "TopicArn", "Arn", "Message")
        if letter.type == "sns"
        else ("sqs:sendMessage", "QueueUrl", "", "MessageBody")
    )
    return _service(
        service,
        jsonata(
            f"$merge([{{'{target}': '{names(letter.target, attribute)}', '{body}': $states.input.body}}, "
            f"{attributes} ? {{'MessageAttributes': $states.input.attributes}} : {{}}])"
        ),
    )


def _service(action: str, arguments: Mapping[str, Any] | str) -> State:
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 2, "MaxAttempts": 5, "JitterStrategy": "FULL"}
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{action}",
        "Arguments": arguments,
        "Output": {},
        "Retry": [retry],
    }


def chosen(effects: Effects, names: Substitutions, source: str, stops: tuple[Stop, ...] = ()) -> str:
    """The effects of one channel as a JSONata array; with `stops`, only those that their filters let pass."""
    found = selection(effects, names, source)
    test = condition(stops, names, "$one") if stops else None
    # The brackets keep it an array: JSONata unwraps a filtered sequence of one.
    return found if test is None else fill("[$filter(<<found>>, function($one) { <<test>> })]", found=found, test=test)
