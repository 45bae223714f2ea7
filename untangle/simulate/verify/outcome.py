"""What one side did, as far as it can be compared: read from the log of its world and from what is left in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from untangle.simulate.call import ApiCall
from untangle.simulate.faults import is_effect
from untangle.simulate.happening import Happening
from untangle.simulate.normal import key, messages, normal


@dataclass(slots=True)
class Run:
    """One invocation: the `envelopes` of its messages (one each, in normal form, as text), whether it `succeeded`, and when."""

    function: str
    envelopes: tuple[str, ...]
    time: float
    succeeded: bool | None = None
    error: str = ""
    failed_items: frozenset[int] = frozenset()
    ids: tuple[str, ...] = ()
    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`effects` are the calls of handlers that change something, by (function, call), `state` what is left, by node, `status` the
    ends of the executions of machines, `trail` the states they entered, with whether something failed there (see `trail`)."""

    runs: tuple[Run, ...] = ()
    effects: Counter[tuple[str, str]] = field(default_factory=Counter)
    state: Mapping[str, Any] = field(default_factory=dict)
    status: tuple[str, ...] = ()
    log: tuple[Happening, ...] = ()
    seconds: float = 0.0
    finished: bool = True
    trail: Mapping[tuple[str, str], bool] = field(default_factory=dict)

    def handled(self) -> dict[str, Counter[str]]:
        """The envelopes that each function has handled with success, with how often."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for run in self.runs:
            for number, envelope in enumerate(run.envelopes):
                if run.succeeded and number not in run.failed_items:
                    found[run.function][envelope] += 1
        return found

    def tries(self) -> dict[str, Counter[str]]:
        """How often each function was given each envelope."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for run in self.runs:
            found[run.function].update(run.envelopes)
        return found

    def first_times(self) -> dict[tuple[str, str], float]:
        """When each function was given each envelope first."""
        found: dict[tuple[str, str], float] = {}
        for run in self.runs:
            for envelope in run.envelopes:
                found.setdefault((run.function, envelope), run.time)
        return found

    def last_failed(self, function: str) -> bool:
        """Whether some envelope was never handled by a function that got it, or a message of several alike was dropped."""
        if any(item.kind == "drop" and item.who == function for item in self.log):
            return True
        handled, tries = self.handled().get(function, Counter()), self.tries().get(function, Counter())
        return any(envelope not in handled for envelope in tries)


def outcome(
    log: Sequence[Happening], state: Mapping[str, Any], counts: Callable[[ApiCall, bool], bool], *, finished: bool = True
) -> Outcome:
    """The outcome of a world; `counts` says which calls that change something are compared, by the call and whether a workflow
    asked for the run that makes it."""
    runs: list[Run] = []
    effects: Counter[tuple[str, str]] = Counter()
    status: list[str] = []
    open_runs: dict[str, list[Run]] = defaultdict(list)
    for item in log:
        if item.kind == "invoke":
            event = item.detail.get("event")
            envelopes = tuple(key(one) for one in messages(event))
            run = Run(item.who, envelopes, item.time, ids=_ids(event), marked=item.detail.get("marker") is not None)
            open_runs[item.who].append(run)
            runs.append(run)
        elif item.kind in ("answer", "error") and open_runs[item.who]:
            _end(open_runs[item.who].pop(), item)
        elif item.kind == "call":
            call = call_of(item)
            if is_effect(call) and counts(call, bool(open_runs[item.who]) and open_runs[item.who][-1].marked):
                effects[item.who, call_key(call)] += 1
        elif item.kind == "end":
            status.append(str((item.detail.get("result") or {}).get("status", "")))
    return Outcome(
        runs=tuple(runs),
        effects=effects,
        state={
            f"{type} {node}": _sorted(normal(_plainer(left), envelope=True))
            for type, nodes in sorted(state.items())
            for node, left in sorted(_nodes(nodes).items())
        },
        status=tuple(status),
        log=tuple(log),
        seconds=log[-1].time if log else 0.0,
        finished=finished,
    )


def _nodes(held: Any) -> Mapping[str, Any]:
    return held if isinstance(held, Mapping) else {"": held}


def _plainer(left: Any) -> Any:
    """Objects whose text is known by their text, without the digest: ids and times in it are told apart from the rest."""
    if isinstance(left, Mapping):
        if left.get("text") is not None and "sha256" in left:
            return left["text"]
        return {name: _plainer(inner) for name, inner in left.items()}
    return left


def call_of(item: Happening) -> ApiCall:
    """The API call of a happening."""
    detail = item.detail
    return ApiCall(
        service=str(detail.get("service", "")),
        operation=str(detail.get("operation", "")),
        params=detail.get("params") or {},
        caller=item.who,
    )


# What an outbox asks for besides, to know the old image of an item: it changes what comes back, and nothing that is there.
_ASKED_BACK = frozenset({"ReturnValues", "ReturnValuesOnConditionCheckFailure", "ReturnConsumedCapacity"})


def call_key(call: ApiCall) -> str:
    """A call as text, without what no two runs share."""
    asked = {name: value for name, value in call.params.items() if name not in _ASKED_BACK}
    return f"{call.service}.{call.operation} {key(normal(asked))}"


def _end(run: Run, item: Happening) -> None:
    run.succeeded = item.kind == "answer"
    run.error = str(item.detail.get("type", "")) if item.kind == "error" else ""
    payload = item.detail.get("payload")
    failures = payload.get("batchItemFailures") if isinstance(payload, Mapping) else None
    if isinstance(failures, list):
        named = {item.get("itemIdentifier") for item in failures if isinstance(item, Mapping)}
        run.failed_items = frozenset(number for number, id in enumerate(run.ids) if id in named)


def _ids(event: Any) -> tuple[str, ...]:
    """The ids of the records of an event, as an answer names those that failed."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    return tuple(_id(record) for record in records) if isinstance(records, list) else ()


def _id(record: Any) -> str:
    inner = record if isinstance(record, Mapping) else {}
    for place in (inner, inner.get("kinesis"), inner.get("dynamodb")):
        if isinstance(place, Mapping):
            for name in ("messageId", "sequenceNumber", "SequenceNumber"):
                if name in place:
                    return str(place[name])
    return ""


def _sorted(value: Any) -> Any:
    """Lists in an order of their own: queues, tables and buckets have none that counts."""
    if isinstance(value, list):
        return sorted((_sorted(item) for item in value), key=key)
    if isinstance(value, dict):
        return {name: _sorted(inner) for name, inner in value.items()}
    return value


def without_repeats(counts: Mapping[Any, int]) -> frozenset[Any]:
    """What happened, however often."""
    return frozenset(item for item, count in counts.items() if count > 0)


def functions_of(outcomes: Iterable[Outcome]) -> list[str]:
    """The functions that ran in any of these, sorted."""
    return sorted({run.function for one in outcomes for run in one.runs})
