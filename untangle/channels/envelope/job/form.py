"""The record that one kind of job fills: how it is started, how a workflow learns of its end, and what its end was told with.

A job's end was told by a notification, an event or an object. A workflow that waits for the job itself makes the *effect* of that
anew (`{id, service, op, params, response, at}`), so that the adapters of the channels give the consumer what it got before.
All texts are JSONata over `$e` (the effect of the call that started the job), `$a` (what the service last answered about it) and,
where the end is an object, `$o` (its metadata).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from untangle.channels.envelope.form import Names, fill, literal
from untangle.model.code import Call
from untangle.model.step import Stop
from untangle.model.value import Value

NOW = "$states.context.State.EnteredTime"
# The channel as the notice passes it, the calls that start the job: conditions that are missing, in words.
Refusal: TypeAlias = Callable[[tuple[Stop, ...], tuple[Call, ...]], Iterator[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """How the end of a job is told by one type of channel.

    `told` are the states of the job that are told of. `effect` gives the effect anew. `lost` are the fields that cannot be
    rebuilt truthfully: a consumer that reads them relies on the real notice. `refuses` says which condition is missing.
    `place` is where the job leaves its object (`{'Bucket': …, 'Key': …}`), for notices of S3. `differs` says what changes.
    `unset` are properties of what the rule or the call names (a Glue job, a project) which must not be there, with the reason of
    each; `declared` the parameters that must name something of the scan for that.
    """

    type: str
    told: tuple[str, ...]
    effect: Callable[[Stop, Names], str]
    lost: tuple[str, ...] = ()
    refuses: Refusal = field(default=lambda way, calls: iter(()))
    place: str = ""
    differs: tuple[str, ...] = ()
    unset: Mapping[str, str] = field(default_factory=dict)
    declared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """The integration that starts the job and waits for its end: `arguments` from `$e`.

    Its result is what `asks` answers or, where `response` is given, the service is asked once after it: how such results are
    written is documented for few services. `response` is what the call would have answered, from `$found`: what the group of the
    regular expression `found` holds in `$t`, the text of the result, or of the cause with which a failed job fails the task; both
    hold the job as JSON. `takes` are the parameters that the integration is known to take (() where it takes all). `lost` are
    fields of the notice that differ for a job started so: for who reads them the call goes out as before; so it does where a rule
    hears of other states than those of `well` (the field and its texts), if the cause of a failure is not known to hold the job.
    `actions` are the IAM actions that it takes, without the asking.
    """

    resource: str
    arguments: str
    throttled: tuple[str, ...]
    found: str = ""
    response: str = ""
    takes: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    well: tuple[str, tuple[str, ...]] | None = None
    differs: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobForm:
    """One operation that starts a job.

    `asks` is the integration that tells its state, `arguments` are its parameters, `answer` is what is kept of its result (in
    `$states.result`), `state` the state in it. `ended` are the states that the job stays in. `page` is where AWS says all this.
    """

    service: str
    operation: str
    asks: str
    arguments: Mapping[str, str | int]
    answer: str
    state: str
    ended: tuple[str, ...]
    notices: tuple[Notice, ...]
    page: str
    sync: Sync | None = None

    def actions(self, type: str, starts: bool) -> tuple[str, ...]:
        """The IAM actions that the workflow's role needs for a notice of this type; those of the job itself are not among them.

        An integration that waits starts, asks and stops (Step Functions guide, "How Step Functions generates IAM policies").
        """
        service, _, operation = self.asks.partition(":")
        prefix = {"sfn": "states", "emr": "elasticmapreduce"}.get(service, service)
        asking = f"{prefix}:{operation[:1].upper()}{operation[1:]}"
        own: tuple[str, ...] = (asking,)
        if starts and self.sync is not None:
            stopping = (f"{prefix}:{self.operation}", f"{prefix}:{self.operation.replace('Start', 'Stop')}")
            own = (asking, *(self.sync.actions or stopping))
        notice = self.notice(type)
        return (*own, "s3:GetObject") if notice is not None and notice.place else own

    def notice(self, type: str) -> Notice | None:
        """How the end is told by a channel of this type; None where that is not known well enough."""
        return next((notice for notice in self.notices if notice.type == type), None)


def only(*missing: tuple[str, str]) -> Refusal:
    """Refuses calls that set one of these parameters, with the reason of each, and calls whose parameters are not all known."""

    def refuses(way: tuple[Stop, ...], calls: tuple[Call, ...]) -> Iterator[str]:
        for call in calls:
            if "**" in call.arguments or not call.arguments:
                yield f"not all parameters of {call.operation} are known ({call.location})"
            yield from (f"{why} ({call.location})" for name, why in missing if name in call.arguments)

    return refuses


# The start of a managed rule by which Step Functions hears of the end (Step Functions guide, "IAM policies" of each service).
HEARS = ("events:DescribeRule", "events:PutRule", "events:PutTargets")


def states_only(*ended: str, at: str, kind: str) -> Refusal:
    """Refuses a rule on the default bus that hears of more than the ends of jobs: it must name the `kind` of its events and, in
    the detail's field `at`, only states in which a job stays."""

    def refuses(way: tuple[Stop, ...], calls: tuple[Call, ...]) -> Iterator[str]:
        pattern = way[0].filter if way else None
        if not isinstance(pattern, Mapping) or "anyOf" in pattern:
            yield "several rules lead there"
            return
        if texts_of(pattern.get("detail-type")) != (kind,):
            yield f"its rule hears of other events than those of the kind {kind}"
        detail = pattern.get("detail")
        states = texts_of(detail.get(at)) if isinstance(detail, Mapping) else None
        if states is None or not set(states) <= set(ended):
            yield f"its rule hears of other states than {', '.join(ended)}"

    return refuses


def event(source: str, kind: str, resource: str, ended: str, detail: str) -> str:
    """The effect of an event that a service puts onto the default bus, about the ARN `resource` ("" for none).

    `ended` is when the service says that the job ended, which is when it tells of it; where it says nothing, it is now.
    """
    return fill(
        """
(
  $detail := <<detail>>;
  $ended := <<ended>>;
  $at := $exists($ended) ? $ended : <<now>>;
  {
    'id': $e.id & '#end',
    'service': 'events',
    'op': 'PutEvents',
    'params': {
      'Source': <<source>>,
      'DetailType': <<kind>>,
      'Time': $at,
      'Resources': [<<resource>>],
      'Detail': $string($detail)
    },
    'response': {'EventId': $hash($string($detail), 'MD5')},
    'at': $at
  }
)""",
        detail=detail,
        source=literal(source),
        kind=literal(kind),
        resource=resource,
        ended=ended,
        now=NOW,
    )


def recased(value: str, case: str, maps: tuple[str, ...] = ()) -> str:
    """A value with the first letter of every name in another `case` ("upper", "lower"): Step Functions writes all of them with a
    capital letter. The names within `maps` are people's own and stay."""
    return fill(
        """
(
  $own := <<maps>>;
  $cased := function($v) {
    $type($v) = 'object'
      ? $merge($append([{}], $each($v, function($x, $k) {
          {$<<case>>case($substring($k, 0, 1)) & $substring($k, 1): $k in $own ? $x : $cased($x)}
        })))
      : $type($v) = 'array' ? [$map($v, function($x) { $cased($x) })] : $v
  };
  $cased(<<value>>)
)""",
        maps=literal(maps),
        case=case,
        value=value,
    )


def without(value: str, lost: tuple[str, ...]) -> str:
    """An answer without the fields that a notice calls `lost`: Step Functions writes all names with a capital letter."""
    left = literal(tuple(name[:1].upper() + name[1:] for name in lost))
    return f"$sift({value}, function($v, $k) {{ $not($k in {left}) }})"


def texts_of(wanted: Value) -> tuple[str, ...] | None:
    """The texts of a pattern's field; None where it has other tests or is not there."""
    listed = wanted if isinstance(wanted, tuple) else (wanted,)
    texts = tuple(item for item in listed if isinstance(item, str))
    return texts if texts and len(texts) == len(listed) else None


def every(*refusals: Refusal) -> Refusal:
    """Refuses where any of these does."""

    def refuses(way: tuple[Stop, ...], calls: tuple[Call, ...]) -> Iterator[str]:
        for refusal in refusals:
            yield from refusal(way, calls)

    return refuses
