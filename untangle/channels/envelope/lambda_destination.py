"""Lambda destinations: the invocation record, from the producer's own state, and what a queue, topic or bus makes of it.

Shape: Lambda guide, "Invocation record". There is no API call to capture: the state that ran the producer adds an
effect `OnSuccess` (or, where it failed, `OnFailure`) whose parameters are the record.
"""

from __future__ import annotations

from untangle.channels.envelope.form import ACCOUNT, REGION, Form, Names, Written, fill
from untangle.model.step import Stop


def success_effect(function_arn: str, event: str, returned: str) -> str:
    """The effect of a successful run: `event` is the JSONata of the event it got, `returned` of what it returned.

    Evaluated in the producer's Output, where `$states.result` is Lambda's response.
    """
    return fill(
        """
{
  'id': $states.context.Execution.Name & '#' & $states.context.State.Name,
  'service': 'lambda',
  'op': 'OnSuccess',
  'at': $states.context.State.EnteredTime,
  'params': {
    'version': '1.0',
    'timestamp': $states.context.State.EnteredTime,
    'requestContext': {
      'requestId': $states.result.SdkResponseMetadata.RequestId,
      'functionArn': '<<arn>>:' & $states.result.ExecutedVersion,
      'condition': 'Success',
      'approximateInvokeCount': $states.context.State.RetryCount + 1
    },
    'requestPayload': <<event>>,
    'responseContext': {'statusCode': $states.result.StatusCode, 'executedVersion': $states.result.ExecutedVersion},
    'responsePayload': <<returned>>
  }
}""",
        arn=function_arn,
        event=event,
        returned=returned,
    )


_SAID = """\
  $cause := $states.errorOutput.Cause;
  $said := $substring($cause, 0, 1) = '{' ? $parse($cause)
    : {'errorMessage': $cause, 'errorType': $states.errorOutput.Error};"""


def failure_record(function_arn: str, event: str, said: str = "") -> str:
    """The record of a failed run, for the catcher's Output, where `$states.errorOutput` is the error; `said` are statements that
    bind `$said` to what Lambda said of it, where that is not what stands in the cause."""
    return fill(
        """
(
<<said>>
  {
    'version': '1.0',
    'timestamp': $states.context.State.EnteredTime,
    'requestContext': {
      'requestId': $exists($said.requestId) ? $said.requestId : $states.context.Execution.Name,
      'functionArn': '<<arn>>:$LATEST',
      'condition': 'RetriesExhausted',
      'approximateInvokeCount': $states.context.State.RetryCount + 1
    },
    'requestPayload': <<event>>,
    'responseContext': {'statusCode': 200, 'executedVersion': '$LATEST', 'functionError': 'Unhandled'},
    'responsePayload': $said
  }
)""",
        arn=function_arn,
        event=event,
        said=said or _SAID,
    )


def _effect(stop: Stop, after: Stop | None, names: Names) -> str:
    return "$p"


def _deliver(stop: Stop, names: Names) -> str:
    return "$record"


def _hand(stop: Stop, after: Stop, names: Names) -> str:
    if after.type != "eventbridge":
        return "{'id': $record.requestContext.requestId, 'text': $string($record), 'value': $record}"
    return fill(
        """
{'value': {
  'version': '0',
  'id': $record.requestContext.requestId,
  'detail-type': 'Lambda Function Invocation Result - ' & ($record.requestContext.condition = 'Success' ? 'Success' : 'Failure'),
  'source': 'lambda',
  'account': <<account>>,
  'time': $fromMillis($toMillis($record.timestamp), '[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01]Z'),
  'region': <<region>>,
  'resources': [$record.requestContext.functionArn],
  'detail': $record
}}""",
        account=ACCOUNT,
        region=REGION,
    )


ENVELOPE = Form(
    type="lambda_destination",
    variable="$record",
    written=Written(service="lambda", operations=("OnSuccess", "OnFailure"), by=()),
    effect=_effect,
    hand=_hand,
    deliver=_deliver,
)
