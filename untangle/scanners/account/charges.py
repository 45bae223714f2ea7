"""What AWS charges for what a scan asks beside listings, said before it is asked.

Prices are those of AWS's price lists for most regions in 2025: https://aws.amazon.com/xray/pricing and
https://aws.amazon.com/cloudwatch/pricing. What the lists do not say is said to be open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from untangle.scanners.account.call import Scope
from untangle.scanners.account.windows import told, turns

_TRACES = (
    "traces of {span}: {calls:,} calls of X-Ray at least. It charges for traces that are retrieved or scanned: $0.50 a million, "
    "the first million of a month free (2025); whether a service graph counts as such is not published"
)
_METRICS = (
    "metrics of {span}: 4 of each function, 1 of each queue, topic, rule, stream and state machine, 500 a call. "
    "CloudWatch charges $0.01 for 1,000 metrics (2025): $0.05 for 1,000 functions and 1,000 others"
)


def charges(scopes: Sequence[Scope]) -> Iterator[str]:
    """One line for each kind of question that may cost money; none where only listings are read."""
    traced = [
        (scope.traces, len(turns(scope.until, scope.traces)) * len(scope.regions))
        for scope in scopes
        if scope.traces is not None and scope.until is not None
    ]
    if traced:
        yield _TRACES.format(span=told(traced[0][0]), calls=sum(calls for _, calls in traced))
    counted = [scope.metrics for scope in scopes if scope.metrics is not None]
    if counted:
        yield _METRICS.format(span=told(counted[0]))
