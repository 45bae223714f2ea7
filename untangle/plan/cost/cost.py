"""What the chain costs as it is and as a workflow: the channels that a move makes superfluous against transitions.

For a million runs in which every filter and condition passes and every loop sends one message; for a month where an account was
asked for its numbers. What Lambda itself costs is the same on both sides and left out. A message that both sides send, because
others hear it too or because it is the write itself, is left out as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from untangle.channels import CHANNELS
from untangle.model.outlook import EXPRESS, Bill, Outlook
from untangle.model.step import JOB, Job, Step, Task, Wait, steps
from untangle.model.workflow import Nested, every_step
from untangle.plan.cost.month import MONTH, Month, months
from untangle.plan.cost.prices import FREE_TRANSITIONS, PRICES, REGION, SEEN, express, per_million
from untangle.plan.passes import Draft, onward, told_by
from untangle.plan.size import asking, events, seconds, transitions
from untangle.plan.tree.structure import channel_effects

NOTICED = 100.0  # dollars a month from which on a bill is worth a word
EXPRESS_SECONDS = 300
_BILLED = {channel.type: channel.billed for channel in CHANNELS if channel.billed}


def estimate(draft: Draft) -> Draft:
    """The draft with its outlook: sizes and bills, nested workflows included. As what it runs is decided by a later pass."""
    if draft.root is None:
        return draft
    size = transitions(draft.root, draft.nested)
    counted = months(draft)
    known = counted[""] if counted else None
    bills = tuple(_bills(draft, draft.root, size.usual, counted))
    outlook = Outlook(
        transitions=size,
        events=events(draft.root),
        seconds=seconds(draft.root, tries=True),
        runs=known.runs if known else None,
        bills=bills,
        savings=draft.savings,
    )
    outlook = replace(outlook, remarks=tuple(_remarks(draft, outlook)))
    nested = tuple(replace(one, outlook=_alone(draft, one, counted)) for one in draft.nested)
    return replace(draft, outlook=outlook, nested=nested)


def _alone(draft: Draft, nested: Nested, counted: Mapping[str, Month] | None) -> Outlook:
    """The outlook of one nested workflow, for itself: without what it starts."""
    size = transitions(nested.root)
    known = counted[nested.name] if counted else None
    return Outlook(
        transitions=size,
        events=events(nested.root),
        seconds=seconds(nested.root, tries=True),
        runs=known.runs if known else None,
        bills=(_standard(size.usual, known.transitions if known else None), _express(nested.root, known)),
    )


def _bills(draft: Draft, root: Step, usual: int, counted: Mapping[str, Month] | None) -> Iterator[Bill]:
    saved = tuple(_superfluous(draft))
    today = sum(per_million(item.price, item.units * item.messages) for item in saved)
    month = sum(_monthly(draft, item) * per_million(item.price, item.units) / 1e6 for item in saved)
    yield Bill(way="today", words=_today(draft, saved), million=today, month=month if counted else None)
    yield _standard(usual, sum(one.transitions for one in counted.values()) if counted else None)
    yield _express(root, counted[""] if counted else None) if not draft.nested else _each_for_itself(draft, root)
    operations = sum(isinstance(step, Job | Task | Wait) for step in every_step(root, draft.nested))
    words = f"{operations} steps and waits at $8 a million durable operations; neither the price nor what counts could be checked"
    yield Bill(way="durable", words=words, million=per_million("lambda.durable", operations), verified=False)


def _standard(usual: int, month: float | None) -> Bill:
    price = PRICES["states.transition"].dollars
    words = f"{usual:,} transitions at ${price:g} a million"
    return Bill(way="standard", words=words, million=usual * price, month=None if month is None else month * price / 1e6)


def _each_for_itself(draft: Draft, root: Step) -> Bill:
    longest = max(seconds(one, tries=False) for one in (root, *(nested.root for nested in draft.nested)))
    limit = f"not possible for all of it: one may take {longest:,} s" if longest > EXPRESS_SECONDS else "possible"
    return Bill(way="express", words=f"{limit}; each of the {1 + len(draft.nested)} workflows for itself, by its own runs")


def _express(root: Step, known: Month | None) -> Bill:
    if any(isinstance(step, Job) for step in steps(root)):
        return Bill(way="express", words="not possible: it waits for a job, which may take longer than the 300 s of a run")
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
    for id, starter in draft.starters.items():  # of the messages of runs that are joined one is sent
        hop = draft.moving[id]
        effects = channel_effects(draft, hop)
        sent = effects.sent or effects.type == JOB or id in draft.called_back
        way: tuple[str, ...] = (hop.producer,)
        for place, passage in enumerate(hop.passages):
            way = (*way, passage.channel)
            stays = sent and (place == 0 or hop.passages[:place] != told_by(hop)[:place])
            if way in seen or stays:
                continue
            seen.add(way)
            if passage.type == "eventbridge" and place and hop.passages[place - 1].type == "s3":
                continue  # whether these events are billed could not be checked
            messages = runs.get(starter, 1) // (1 if id in draft.forward else 2)
            for price, units in _BILLED.get(passage.type, ()):
                yield _Passed(channel=passage.channel, price=price, units=units, messages=messages, consumer=hop.consumer)


def _runs(draft: Draft) -> dict[str, int]:
    """How often each function runs in one run of the workflow: once for every way that leads to it, once behind a join, in a
    loop in two rounds."""
    runs = dict.fromkeys(draft.entries, 1)
    incoming: dict[str, list[str]] = {}
    for id, starter in draft.starters.items():
        incoming.setdefault(draft.moving[id].consumer, []).append(starter)
    for function in onward(draft):
        runs[function] = runs.get(function, 0) + sum(runs.get(producer, 0) for producer in incoming.get(function, ()))
        if function in draft.rounds and draft.rounds[function].head == function:
            runs[function] *= 2
    return runs


def _today(draft: Draft, saved: tuple[_Passed, ...]) -> str:
    if not saved:
        return "its channels cost nothing of their own, or are used all the same"
    told = dict.fromkeys(f"{_units(item)} for {draft.address(item.channel)}" for item in saved)
    batches = (
        "; fewer where batches fill, more where an idle queue is polled" if any(i.price == "sqs.request" for i in saved) else ""
    )
    return ", ".join(told) + batches


def _units(item: _Passed) -> str:
    noun = PRICES[item.price].words.split(" of ")[0]
    return f"{item.units} {noun.removesuffix('s') if item.units == 1 else noun}"


def _monthly(draft: Draft, item: _Passed) -> float:
    usage = draft.graph.usage.get(item.channel) or draft.graph.usage.get(item.consumer)
    return usage.per_day * MONTH if usage else 0.0


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
    if any(isinstance(step, Job) and not step.starts for step in every_step(draft.root, draft.nested)):
        yield f"how long a job takes is not known: it is counted as done when first asked for, each further time adds {asking()}"
    if outlook.transitions.further:
        further = outlook.transitions.further
        yield f"each further message of a loop adds up to {further} transition{'s'[further == 1 :]}, each try after a failure one"
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
