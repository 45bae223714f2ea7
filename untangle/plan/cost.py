"""What the chain costs as it is and as a workflow: the channels that a move makes superfluous against transitions.

For a million runs in which every filter and condition passes and every loop sends one message; for a month where an account was
asked for its numbers. What Lambda itself costs is the same on both sides and left out. A message that both sides send, because
others hear it too or because it is the write itself, is left out as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from untangle.channels import CHANNELS
from untangle.model.outlook import EXPRESS, Bill, Outlook
from untangle.model.step import Choice, Each, Step, Task, Wait, children, gathered, steps
from untangle.plan.passes import Draft, number, order
from untangle.plan.prices import FREE_TRANSITIONS, PRICES, REGION, SEEN, express, per_million
from untangle.plan.size import events, own_seconds, seconds, transitions
from untangle.plan.structure import channel_effects

MONTH = 30.4  # days
NOTICED = 100.0  # dollars a month from which on a bill is worth a word
EXPRESS_SECONDS = 300
_BILLED = {channel.type: channel.billed for channel in CHANNELS if channel.billed}


def estimate(draft: Draft) -> Draft:
    """The draft with its outlook: sizes and bills. As what it runs is decided by a later pass."""
    if draft.root is None:
        return draft
    size = transitions(draft.root)
    known = _months(draft)
    bills = tuple(_bills(draft, draft.root, size.usual, known))
    outlook = Outlook(
        transitions=size,
        events=events(draft.root),
        seconds=seconds(draft.root, tries=True),
        runs=known.runs if known else None,
        bills=bills,
        savings=draft.savings,
    )
    return replace(draft, outlook=replace(outlook, remarks=tuple(_remarks(draft, outlook))))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Month:
    """The counts of a month: runs of the workflow, transitions (at least), seconds of a run on average where known."""

    runs: float
    transitions: float
    seconds: float | None


def _bills(draft: Draft, root: Step, usual: int, known: _Month | None) -> Iterator[Bill]:
    saved = tuple(_superfluous(draft))
    today = sum(per_million(item.price, item.units * item.messages) for item in saved)
    counted = [_monthly(draft, item) for item in saved]
    month = sum(count * per_million(item.price, item.units) / 1e6 for count, item in zip(counted, saved, strict=True))
    yield Bill(way="today", words=_today(draft, saved), million=today, month=month if known else None)
    price = PRICES["states.transition"].dollars
    words = f"{usual} transitions at ${price:g} a million"
    yield Bill(way="standard", words=words, million=usual * price, month=known.transitions * price / 1e6 if known else None)
    yield _express(root, known)
    operations = sum(isinstance(step, Task | Wait) for step in steps(root))
    words = f"{operations} steps and waits at $8 a million durable operations; neither the price nor what counts could be checked"
    yield Bill(way="durable", words=words, million=per_million("lambda.durable", operations), verified=False)


def _express(root: Step, known: _Month | None) -> Bill:
    longest = seconds(root, tries=False)
    if longest > EXPRESS_SECONDS:
        return Bill(way="express", words=f"not possible: a run may take {longest} s, an Express workflow ends after 300 s")
    each = express(1) - express(0.1) + (express(0.1) - 1)
    if known is not None and known.seconds is not None:
        dollars = express(known.seconds)
        words = f"$1 a million requests, and {known.seconds:.1f} s a run at 64 MB as the functions' mean durations add up"
        return Bill(way="express", words=words, million=dollars, month=dollars * known.runs / 1e6)
    words = (
        f"$1 a million requests, and ${each:.2f} a million for each second of a run at 64 MB; at most {longest} s if every "
        "function takes its whole timeout"
    )
    return Bill(
        way="express", words=words, million=express(longest), month=express(longest) * known.runs / 1e6 if known else None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Passed:
    """A channel that would no longer be used: `units` of `price` for each of the `messages` of a run."""

    channel: str
    price: str
    units: int
    messages: int
    consumer: str


def _superfluous(draft: Draft) -> Iterator[_Passed]:
    """Each channel once per producer and way to it: a topic is published to once, however many hear it."""
    runs = _runs(draft)
    seen: set[tuple[str, ...]] = set()
    for id, hop in draft.moving.items():
        sent = channel_effects(draft, hop).sent or id in draft.called_back
        way: tuple[str, ...] = (hop.producer,)
        for place, passage in enumerate(hop.passages):
            way = (*way, passage.channel)
            stays = place == 0 and sent
            if way in seen or stays:
                continue
            seen.add(way)
            if passage.type == "eventbridge" and place and hop.passages[place - 1].type == "s3":
                continue  # whether these events are billed could not be checked
            for price, units in _BILLED.get(passage.type, ()):
                yield _Passed(
                    channel=passage.channel, price=price, units=units, messages=runs.get(hop.producer, 1), consumer=hop.consumer
                )


def _runs(draft: Draft) -> dict[str, int]:
    """How often each function runs in one run of the workflow: once for every way that leads to it."""
    runs = dict.fromkeys(draft.entries, 1)
    incoming: dict[str, list[str]] = {}
    for hop in draft.moving.values():
        incoming.setdefault(hop.consumer, []).append(hop.producer)
    for function in order(draft.moving):
        runs[function] = runs.get(function, 0) + sum(runs.get(producer, 0) for producer in incoming.get(function, ()))
    return runs


def _today(draft: Draft, saved: tuple[_Passed, ...]) -> str:
    if not saved:
        return "its channels cost nothing of their own, or are used all the same"
    told = dict.fromkeys(f"{_units(item)} for {_called(draft, item)}" for item in saved)
    batches = (
        "; fewer where batches fill, more where an idle queue is polled" if any(i.price == "sqs.request" for i in saved) else ""
    )
    return ", ".join(told) + batches


def _units(item: _Passed) -> str:
    noun = PRICES[item.price].words.split(" of ")[0]
    return f"{item.units} {noun.removesuffix('s') if item.units == 1 else noun}"


def _called(draft: Draft, item: _Passed) -> str:
    try:
        return draft.graph.channel(item.channel).address
    except KeyError:
        return item.channel.rpartition("/")[2]


def _monthly(draft: Draft, item: _Passed) -> float:
    usage = draft.graph.usage.get(item.channel) or draft.graph.usage.get(item.consumer)
    return usage.per_day * MONTH if usage else 0.0


def _months(draft: Draft) -> _Month | None:
    """The counts of a month; None unless every function of the workflow was counted."""
    root, usage = draft.root, draft.graph.usage
    tasks = [step for step in steps(root) if isinstance(step, Task)]
    if root is None or any(task.function not in usage for task in tasks):
        return None
    copies: dict[str, int] = {}
    for task in tasks:
        copies[task.function] = copies.get(task.function, 0) + 1
    entered: dict[int, float] = {id(task): _entered(draft, task) / copies[task.function] for task in tasks}
    above: dict[int, float] = {}
    total = 0.0
    for step in steps(root):
        here = entered.get(id(step), above.get(id(step), 0.0))
        total += _counted(step, here, entered)
        for child in children(step):
            above.setdefault(id(child), here)
    runs = sum(usage[entry].per_day for entry in draft.entries) * MONTH
    return _Month(runs=runs, transitions=total, seconds=_mean(draft, root))


def _entered(draft: Draft, task: Task) -> float:
    """How often a month a task would be entered: once for each message of its queue, else once for each run of today."""
    last = task.stops[-1] if task.stops else None
    usage = draft.graph.usage[task.function]
    if last is not None and last.type == "sqs" and number(last.delivery, "batch_size", 10) > 1:
        queue = draft.graph.usage.get(last.channel)
        usage = queue if queue is not None and queue.per_day > usage.per_day else usage
    return usage.per_day * MONTH


def _counted(step: Step, here: float, entered: dict[int, float]) -> float:
    """The transitions of a month that a step makes at least: what filters hold back is not known."""
    if isinstance(step, Each) and step.multiplicity == "one":
        return 0.0
    if isinstance(step, Choice | Wait):
        below: Step = step
        while id(below) not in entered and children(below):
            below = children(below)[0]
        return entered.get(id(below), 0.0)
    return here


def _mean(draft: Draft, root: Step) -> float | None:
    """The seconds of a run on its longest way by the mean durations of its functions; None where one is not known."""
    means = {id: usage.duration_ms for id, usage in draft.graph.usage.items()}
    if any(means.get(step.function) is None for step in steps(root) if isinstance(step, Task)):
        return None

    def taken(step: Step, below: tuple[float, ...]) -> float:
        own = (means[step.function] or 0.0) / 1000 if isinstance(step, Task) else float(own_seconds(step, tries=False))
        return own + max(below, default=0.0)

    return gathered(root, taken)


def _remarks(draft: Draft, outlook: Outlook) -> Iterator[str]:
    today, standard = outlook.bill("today"), outlook.bill("standard")
    if today is None or standard is None or today.million is None or standard.million is None:
        return
    more = standard.million - today.million
    free = FREE_TRANSITIONS // max(1, outlook.transitions.usual)
    yield (
        f"a Standard workflow costs {money(more)} more for a million runs than the channels it replaces: {money(NOTICED)} a "
        f"month from about {a_day(more)} runs a day on; an account's first {FREE_TRANSITIONS:,} transitions of a month, "
        f"{free:,} such runs, are free"
    )
    if outlook.transitions.further:
        yield f"each further message of a loop adds up to {outlook.transitions.further} transitions, each try after a failure one"
    if any(passage.type == "s3" for hop in draft.moving.values() if len(hop.passages) > 1 for passage in hop.passages[:1]):
        yield "whether events that S3 sends to EventBridge are billed could not be checked; they are not counted"
    yield (
        f"prices of {REGION} as of {SEEN}, without free tiers; Lambda costs the same on both sides, except that messages no "
        "longer share a run in batches"
    )


def a_day(dollars: float) -> str:
    """The runs of a day from which on so many dollars for a million runs are `NOTICED` a month, two digits of it."""
    runs = NOTICED / max(dollars, 0.01) * 1e6 / MONTH
    digits = len(str(int(runs))) - 2
    return f"{round(runs, -max(digits, 0)):,.0f}"


def money(dollars: float) -> str:
    """`$1.20`, `$125`, `-$3.00`: cents only where they matter."""
    sign, dollars = ("-", -dollars) if dollars < 0 else ("", dollars)
    return f"{sign}${dollars:,.0f}" if dollars >= 100 else f"{sign}${dollars:,.2f}"


def surplus(outlook: Outlook) -> float | None:
    """What the workflow would cost more than today's channels a month, in dollars; None where no numbers are known."""
    today = outlook.bill("today")
    bill = outlook.bill("express" if outlook.type == EXPRESS else "standard")
    if today is None or bill is None or bill.month is None:
        return None
    return bill.month - (today.month or 0.0)
