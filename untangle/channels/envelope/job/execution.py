"""An execution of another state machine: Step Functions tells the default bus when its state changes, of failures too.

The detail of the event holds what DescribeExecution answers, times in milliseconds; where input and output together are larger
than 248 KB the input is left out, and the output where it is larger alone (Step Functions guide, "Automating Step Functions event
delivery with EventBridge", https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html).
Step Functions' own `startExecution.sync` is not taken: how the fields of its result are written is not documented one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.channels.envelope.form import Names, fill
from untangle.channels.envelope.job.form import NOW, JobForm, Notice, texts_of
from untangle.model.code import Call
from untangle.model.step import Stop

ENDED = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
_LARGEST = 248 * 1024


def _effect(stop: Stop, names: Names) -> str:
    return fill(
        """
{
  'id': $e.id & '#end',
  'service': 'events',
  'op': 'PutEvents',
  'params': {
    'Source': 'aws.states',
    'DetailType': 'Step Functions Execution Status Change',
    'Time': <<now>>,
    'Resources': [$a.ExecutionArn],
    'Detail': (
      $out := $exists($a.Output) and $a.Output != null ? $length($a.Output) : 0;
      $in := $exists($a.Input) and $a.Input != null ? $length($a.Input) : 0;
      $keepsIn := $in > 0 and $in + $out <= <<largest>>;
      $keepsOut := $out > 0 and $out <= <<largest>>;
      $string({
        'executionArn': $a.ExecutionArn,
        'stateMachineArn': $a.StateMachineArn,
        'name': $a.Name,
        'status': $a.Status,
        'startDate': $toMillis($a.StartDate),
        'stopDate': $toMillis($a.StopDate),
        'input': $keepsIn ? $a.Input : null,
        'output': $keepsOut ? $a.Output : null,
        'inputDetails': $in > 0 ? {'included': $keepsIn} : null,
        'outputDetails': $out > 0 ? {'included': $keepsOut} : null,
        'error': $exists($a.Error) ? $a.Error : null,
        'cause': $exists($a.Cause) ? $a.Cause : null
      })
    )
  },
  'response': {'EventId': $hash($a.ExecutionArn & '|' & $a.Status, 'MD5')},
  'at': <<now>>
}""",
        now=NOW,
        largest=str(_LARGEST),
    )


def _refuses(way: tuple[Stop, ...], calls: tuple[Call, ...]) -> Iterator[str]:
    """The rule must name one state machine, and only states in which an execution stays."""
    pattern = way[0].filter
    detail = pattern.get("detail") if isinstance(pattern, Mapping) else None
    machines, states = (texts_of(detail.get(name)) if isinstance(detail, Mapping) else None for name in _NAMED)
    if machines is None or len(machines) != 1:
        yield "its rule hears of other state machines too"
    if states is None or not set(states) <= set(ENDED):
        yield "its rule hears of other states than those at the end, such as RUNNING"


_NAMED = ("stateMachineArn", "status")


_NOTICE = Notice(
    type="eventbridge",
    told=ENDED,
    effect=_effect,
    lost=(
        "redriveCount",
        "redriveDate",
        "redriveStatus",
        "redriveStatusReason",
        "stateMachineVersionArn",
        "stateMachineAliasArn",
    ),
    refuses=_refuses,
    differs=(
        "an execution that is redriven by hand after its end is not heard of again",
        "input and output of the execution must fit into a state's 256 KiB together",
    ),
)
JOBS: tuple[JobForm, ...] = (
    JobForm(
        service="stepfunctions",
        operation="StartExecution",
        asks="sfn:describeExecution",
        arguments={"ExecutionArn": "$e.response.executionArn"},
        answer="$states.result",
        state="$a.Status",
        ended=ENDED,
        notices=(_NOTICE,),
        page="https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html",
    ),
)
