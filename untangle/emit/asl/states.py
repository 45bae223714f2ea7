"""The states of a definition, one maker per kind: dictionaries in the order in which people read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.channels.envelope import condition, entered, envelope, form_of, message, selection
from untangle.channels.envelope.form import fill, literal
from untangle.channels.envelope.lambda_destination import failure_record, success_effect
from untangle.emit.asl.names import Substitutions
from untangle.model.step import JOB, DeadLetter, Effects, Retry, Stop, Task

State = dict[str, Any]

# Lambda's own refusals (Step Functions guide, "Handle transient Lambda service exceptions").
_THROTTLED = (
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
)
MARGIN = 5  # seconds that Lambda gets to report its own timeout
LAMBDA = "arn:aws:states:::lambda:invoke"
FAILED = "FailedWithEffects"  # the error by which an outbox hands over what a failed run has done
RETRY_SERVICE: Mapping[str, Any] = {
    "ErrorEquals": ["States.ALL"],
    "IntervalSeconds": 1,
    "BackoffRate": 2,
    "MaxAttempts": 5,
    "JitterStrategy": "FULL",
}


def jsonata(text: str) -> str:
    """A JSONata expression as a definition holds it."""
    return f"{{% {text} %}}"


def task_state(task: Task, names: Substitutions, source: str) -> State:
    """The invocation of an unchanged handler: its event rebuilt from the effect in `source`, its effects as the output."""
    event = event_of(task, names, source)
    state: State = {
        "Type": "Task",
        "Resource": LAMBDA,
        "Arguments": {
            "FunctionName": names(task.function, "Arn"),
            "ClientContext": jsonata(f"$base64encode($string({{'custom': {{'untangle': {marker(task, names, source)}}}}}))"),
            "Payload": jsonata(event),
        },
        "Output": jsonata(_effects(task, names, event)) if task.then is not None else {},
    }
    if task.timeout:
        state["TimeoutSeconds"] = task.timeout + MARGIN
    if task.retries:
        state["Retry"] = [retrier(retry) for retry in task.retries]
    return state


def event_of(task: Task, names: Substitutions, source: str) -> str:
    """The event of a task: rebuilt from the effect in `source` or, at an entry, from what started the workflow."""
    return envelope(task.stops, names, source) if task.stops else entered(task.entry, source)


def marker(task: Task, names: Substitutions, source: str, more: str = "") -> str:
    """What asks the outbox in the consumer for effects: a JSONata object, `more` being further entries of it.

    This is the contract with the outbox. The marker stands in the client context, `custom.untangle`, or, for a function that its
    own queue runs, as JSON text in the message attribute `untangle`:

    - `capture`: the targets whose calls are held back, answered with a valid response, and reported as effects; `observe`: those
      whose calls go out and are reported too. Calls to any other target are the handler's own business. A target of two parts,
      `textract:StartDocumentAnalysis`, is every call of that operation (service as botocore names it): the start of a job, whose
      effect must hold all parameters and the service's response. A function is its name for Invoke, its ARN for CreateSchedule
      (`Target.Arn`), which is held back like an Invoke.
    - `partial`: fail where the handler answers with `batchItemFailures`, which is a success to Step Functions.
    - `claim`: `{bucket, of}`: in effects on the targets `of`, a text of more than 4,096 bytes (MessageBody, Message, Detail,
      Payload) is put into the bucket and a claim stands for it. A call that goes out keeps its text, and so does a message of
      which SNS makes one for each protocol (`MessageStructure`). The claim is the text
      `{"untangle-claim":"s3://BUCKET/KEY#SHA256"}`; it is JSON, because adapters parse a Detail. Of every event, with a
      marker or without, the outbox puts each claim back: a text that is one becomes its text, an object that is one the
      parsed text, one inside a text (a notification in a queue, an event in a queue) is replaced there, escaped as often as
      it is; and `md5OfBody` is that of the new body. The bucket must keep an object for as long as its message may wait,
      dead-letter queues included.
    - `failed`: where the run fails, its error is to hold what calls on the targets `observe` have done: see `emit.asl.failed`.
    - `tries`: how often the state was tried before, where writes to a table are told of (in a message attribute the receives of
      the record count). The run before was told of to nobody, and the next one, which writes the same, changes nothing: where
      there was a try, such a write counts all the same (a put as that of a new item, an update with two equal images). A delete
      does not: what it deleted is not known. No function that starts the workflow is told, nor any in JSONPath form.
    - `execution`: the name of the execution, the id that all runs of one workflow share.
    - `traceparent`: the W3C trace context of this state, the same for all its tries: of the message, where that brings its own,
      else one trace for the execution and one span for the state's entry. The outbox makes it the current context, where the
      handler has a library for that; it writes it into no field of the event.
    - `ready` (JSONPath form only): every effect gets `ready` too, with what paths cannot work out: `target`, the entry of
      `capture` or `observe` that it was matched with; `millis`, `at` as a text of milliseconds; for SendMessage and Publish `md5`
      of the message and `attributes`, its attributes in the form of a queue's record ({} where there are none); for SendMessage
      `system`, the record's `attributes` that not every message has (MessageGroupId, MessageDeduplicationId, AWSTraceHeader);
      for Publish `typed`, the attributes in the form of a notification, `subject` (null where there is none), and `optional`,
      the members of the notification in a queue that not every one has (Subject, MessageAttributes); for PutEvents `time`, its
      own or `at`, in whole seconds, and `resources` ([] where there are none). An Invoke without a payload reports `{}` as such.
    - `span` (JSONPath form only, in place of `traceparent`): `traceparent` is `00-`, 32 digits of the SHA-256 of the part before
      the first `|` (the execution's id), `-`, 16 digits of that of the whole, `-01`; or the one that the message brings.

    Whatever form a call names its target in (an old URL, an ARN, an alias), the effect names it in the words of the marker, which
    is what definitions look for. A write to a table is told with its images, and one that changes nothing is no effect, but for
    what `tries` says. The handler does not see the marker: before, there was no client context. The variable `UNTANGLE_CLAIMS` of
    a consumer names the buckets whose claims are opened; without it any is whose object has the digest.

    An effect is `{id, service, op, params, response, at, size}`, and `trace`: the tracing header of the producer's invocation
    (`_X_AMZN_TRACE_ID`), where the SDK would have sent it along; as SQS does with it, it becomes `AWSTraceHeader`.

    Only in a message attribute: `token`, and `receives`, the receives after which the queue parks the message. For every record
    with the attribute the outbox takes it out and asks whether it is waited for (SendTaskHeartbeat). Where it no longer is, the
    record is one without the attribute. Else the handler runs on this record alone: SendTaskSuccess with `{return, effects}`
    where it succeeds; where it fails on receive number `receives` SendTaskFailure with the error `Untangle.Parked`; and however
    it fails the record fails (`batchItemFailures` for a batch, a FIFO queue's later records with it), so that the queue tries it
    again or parks it. Records without the attribute go to the handler together, nothing of theirs held back.

    A function that stays outside and starts the workflow has no marker but a variable in its environment: see `entry`.
    """
    return f"{{{_asked(task, names)}, {_trace(task, source)}{more}}}"


def _asked(task: Task, names: Substitutions) -> str:
    """The targets, and what else is asked of a run, as entries of an object."""
    held, told = targets(task, names)
    asked = {"capture": held, "observe": told}
    entries = [f"'{key}': [{', '.join(repr(name) for name in values)}]" for key, values in asked.items()]
    if hands_over(task):
        entries.append("'failed': true")
    if task.partial:
        entries.append("'partial': true")
    if any(effects.type == "dynamodb_stream" for effects in task.captures):
        entries.append("'tries': $states.context.State.RetryCount")
    if task.claim:
        of = ", ".join(repr(target_of(effects, names)) for effects in task.claimed)
        entries.append(f"'claim': {{'bucket': {literal(task.claim)}, 'of': [{of}]}}")
    return ", ".join(entries)


def _trace(task: Task, source: str) -> str:
    """The execution's name and the trace context, as entries of an object (W3C Trace Context, "traceparent Header")."""
    context = "$states.context"
    entered = " & '|' & ".join(
        f"{context}.{name}" for name in ("Execution.Id", "State.Name", "State.EnteredTime", "Map.Item.Value.id")
    )
    made = (
        f"'00-' & $substring($hash({context}.Execution.Id, 'SHA-256'), 0, 32) & '-' & "
        f"$substring($hash({entered}, 'SHA-256'), 0, 16) & '-01'"
    )
    if task.stops and task.stops[0].type in ("sqs", "sns"):
        made = f"[{source}.params.MessageAttributes.traceparent.StringValue, {made}][0]"
    return f"'execution': {context}.Execution.Name, 'traceparent': {made}"


def hands_over(task: Task) -> bool:
    """Whether what a failed run has done is worked on: there are calls of its that go out."""
    return any(effects.sent for effects in task.captures)


def targets(task: Task, names: Substitutions) -> tuple[list[str], list[str]]:
    """The targets of calls that are held back, and of those that go out."""
    held = [target_of(effects, names) for effects in task.captures if not effects.sent]
    return held, [target_of(effects, names) for effects in task.captures if effects.sent]


def target_of(effects: Effects, names: Substitutions) -> str:
    """The target of these effects as the marker names it."""
    if effects.type == JOB:
        return effects.target
    written = form_of(effects.type).written
    return names(effects.target, written.by[0][1] if written is not None and written.by else "")


def _effects(task: Task, names: Substitutions, event: str) -> str:
    effects = "$states.result.Payload.effects"
    if not task.record:
        return effects
    record = success_effect(names(task.function, "Arn"), event, "$states.result.Payload.`return`")
    return fill("$append(<<effects>>, [<<record>>])", effects=effects, record=record)


def retrier(retry: Retry) -> State:
    """A retrier in the words of a state."""
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
        state["Output"] = jsonata(parked(task, letter, names, source))
    return state


def parked(task: Task, letter: DeadLetter, names: Substitutions, source: str, *, handed_over: bool = False) -> str:
    """`{body, attributes}` of the parked message; where effects were `handed_over`, the handler's error is the one within."""
    event = event_of(task, names, source)
    said = _WITHIN if handed_over else ""
    if letter.body == "record":
        return fill("{'body': $string(<<record>>)}", record=failure_record(names(task.function, "Arn"), event, said))
    if letter.body == "message" and task.stops:
        return message(task.stops, names, source)
    return fill(
        """
(
<<said>>
  $message := $exists($said.errorMessage) and $said.errorMessage != '' ? $said.errorMessage : <<name>>;
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
        said=said or _SAID,
        name="$said.errorType" if said else "$states.errorOutput.Error",
    )


# What Lambda said of the error, and that of an error in which an outbox has handed over effects.
_SAID = """\
  $cause := $states.errorOutput.Cause;
  $said := $contains($cause, /^\\{[\\s\\S]*\\}$/) ? $parse($cause) : {};"""
_WITHIN = """\
  $said := $parse($states.errorOutput.Cause);
  $said := $merge([$said, $sift($parse($said.errorMessage), function($v, $k) { $k != 'effects' })]);"""


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
    return {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{action}",
        "Arguments": arguments,
        "Output": {},
        "Retry": [dict(RETRY_SERVICE)],
    }


def chosen(effects: Effects, names: Substitutions, source: str, stops: tuple[Stop, ...] = ()) -> str:
    """The effects of one channel as a JSONata array; with `stops`, only those that their filters let pass."""
    found = selection(effects, names, source)
    test = condition(stops, names, "$one") if stops else None
    # The brackets keep it an array: JSONata unwraps a filtered sequence of one.
    return found if test is None else fill("[$filter(<<found>>, function($one) { <<test>> })]", found=found, test=test)
