"""The tree: moving hops become tasks, fan-out becomes parallel branches, filters choices, several messages a map.

Built from the last functions to the first, so that the subtree of a function that several hops reach is made once and
shared; nothing here recurses.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from untangle.channels.envelope import condition
from untangle.model.entry import EFFECTS
from untangle.model.link import Hop, LinkKind
from untangle.model.step import (
    JOB,
    Choice,
    Each,
    Effects,
    Entries,
    Hand,
    Join,
    Loop,
    Parallel,
    Step,
    Stop,
    Task,
    Wait,
    children,
    with_below,
)
from untangle.plan.callbacks import longest_wait, one_by_one
from untangle.plan.claims import claimed
from untangle.plan.jobs.awaited import awaited, waiting_for
from untangle.plan.jobs.schedules import EXPRESSION
from untangle.plan.passes import STRENGTH, Draft, Joined, Rounds, goes_out, how_many, number, onward, stops
from untangle.plan.retry import Failing, asynchronous, failing, reports_failures
from untangle.plan.tree.loops import loop_differences
from untangle.plan.tree.rounds import alike, laps
from untangle.plan.ways import ways
from untangle.plan.words import filter_words

POLLED = frozenset({"sqs", "dynamodb_stream"})  # entries that a pipe takes over with the retries of the mapping


def build_tree(draft: Draft) -> Draft:
    """The draft with its tree and with what differs from the choreography, in words."""
    then: dict[str, Step | None] = {}
    differences: list[str] = []
    beside: dict[str, Step | None] = {}
    for function in reversed(onward(draft)):
        loop = draft.rounds.get(function)
        found = _follow(draft, function, then, differences)
        if loop is None:
            then[function] = found
            continue
        beside[function] = found
        if function == loop.head:  # the last of its functions that is come to
            then.update(_laps(draft, loop, beside, differences))
    tasks = [(draft.full(entry), _entry(draft, entry, then[entry], differences)) for entry in draft.entries]
    root: Step | None = None
    if len(tasks) == 1:
        root = tasks[0][1]
    elif tasks:
        root = Entries(entries=tuple(tasks))
    return replace(draft, root=root, differences=(*draft.differences, *dict.fromkeys(sorted(differences))))


def channel_effects(draft: Draft, hop: Hop) -> Effects:
    """The producer's effects that a hop is about. A call into a channel that others read too still goes out."""
    if hop.mediated and not isinstance(job := awaited(draft.graph, hop), str):
        return job.effects
    first = hop.passages[0]
    target = hop.consumer if first.type in ("lambda_invoke", "create_schedule") else first.channel
    return Effects(type=first.type, target=target, sent=goes_out(draft, hop))


def _at_hand(draft: Draft, hop: Hop, beside: Mapping[str, bool]) -> str:
    """How many effects of a hop there may be where the workflow goes on. It goes on after a failed run too, with the effects of
    calls that went out: `beside` others (see `_beside`), one that a good run always has may be missing then."""
    found = how_many(draft, hop)
    return "maybe" if found == "one" and beside[hop.producer] else found


def _beside(draft: Draft, hops: Iterable[Hop]) -> dict[str, bool]:
    """Whether each producer of these hops has several effects and calls that go out among them."""
    found = {}
    for function in {hop.producer for hop in hops}:
        effects = {channel_effects(draft, hop) for _, hop in draft.leaving.get(function, ())}
        found[function] = len(effects) > 1 and any(one.sent for one in effects)
    return found


def _follow(draft: Draft, function: str, then: dict[str, Step | None], differences: list[str]) -> Step | None:
    """What follows a function: one branch per channel it writes to, those that a join waits for within it."""
    joins = sorted((join for join in draft.joins if join.split == function), key=lambda join: len(join.entered))
    within: dict[str, Joined] = {}
    for join in joins:  # the innermost first
        for id in join.entered:
            within.setdefault(id, join)
    groups: dict[Joined | None, list[tuple[str, Hop]]] = {}
    round = draft.rounds[function].way if function in draft.rounds else ()
    for id, hop in draft.leaving.get(function, ()):
        if id not in draft.handed and id not in round:
            groups.setdefault(within.get(id), []).append((id, hop))
    joined: list[tuple[str, Step, Joined]] = []
    for join in joins:
        inner = [item for item in joined if item[2].entered <= join.entered]
        body = _branches(draft, groups.get(join, []), then, differences)
        name, made = _join(draft, join, [*body, *((name, step) for name, step, _ in inner)], then, differences)
        joined = [*(item for item in joined if item not in inner), (name, made, join)]
    branches = _branches(draft, groups.get(None, []), then, differences)
    branches.extend((name, step) for name, step, _ in joined)
    handed = [(id, hop) for id, hop in draft.leaving.get(function, ()) if id in draft.handed]
    if handed:
        effects = tuple(dict.fromkeys(channel_effects(draft, hop) for _, hop in handed))
        branches.append(("", Hand(effects=effects, hops=tuple(id for id, _ in handed))))
    return _side_by_side(branches) if branches else None


def _laps(draft: Draft, loop: Rounds, beside: dict[str, Step | None], differences: list[str]) -> dict[str, Step]:
    """What follows each function of a loop; the loop itself stands under the hop that goes back."""

    def each(id: str, body: Step) -> Each:
        hop = draft.hops[id]
        effects = channel_effects(draft, hop)
        if effects.type == JOB:
            body = waiting_for(draft.graph, hop, body, (id,))
        return Each(effects=effects, multiplicity=_at_hand(draft, hop, _beside(draft, [hop])), body=body, hops=(id,))

    def hop(id: str, then: Step) -> Step:
        return _hop(draft, id, draft.hops[id], then, differences)

    made = laps(draft, loop, beside, hop, each)
    differences.extend(loop_differences(draft, loop, made))
    return {**made.first, loop.back: made.loop}


def _reached(draft: Draft, id: str, hop: Hop, then: dict[str, Step | None], differences: list[str]) -> Step:
    """A hop and what follows; into a loop by the way that its rounds take, it is the first of them."""
    loop = draft.rounds.get(hop.consumer)
    round = then.get(loop.back) if loop is not None else None
    if loop is not None and isinstance(round, Loop):
        first, back = _hop(draft, id, hop, None, []), _hop(draft, loop.back, draft.hops[loop.back], None, [])
        if alike(first, back):
            return replace(round, hops=(id, *round.hops))
    return _hop(draft, id, hop, then[hop.consumer], differences)


def _join(
    draft: Draft, join: Joined, body: list[tuple[str, Step]], then: dict[str, Step | None], differences: list[str]
) -> tuple[str, Step]:
    """The branches of a join, and behind it its consumers for each of the messages: whatever the count, two runs may send one."""
    ways: dict[tuple[Effects, str], list[str]] = {}
    for id in join.handed:
        hop = draft.hops[id]
        ways.setdefault((channel_effects(draft, hop), hop.consumer), []).append(id)
    first = {ids[0]: tuple(ids) for ids in ways.values()}
    after = _branches(draft, [(id, draft.hops[id]) for id in first], then, differences, many=True)
    branches = _side_by_side(body)
    behind = _with_all(_side_by_side(after), first)
    made: Step = Join(body=branches, then=behind, hops=join.handed)
    if isinstance(branches, Each) and branches.multiplicity != "many":
        made = replace(branches, body=Join(body=branches.body, then=behind, hops=join.handed))
    return min(name for name, _ in body), made


def _with_all(step: Step, ids: Mapping[str, tuple[str, ...]]) -> Step:
    """The steps of hops, up to their consumers' tasks (a few), with all the hops that the first of them stands for."""
    if not isinstance(step, Task):
        step = with_below(step, tuple(_with_all(child, ids) for child in children(step)))
    hops = tuple(every for id in step.hops for every in ids.get(id, (id,)))
    return step if hops == step.hops else replace(step, hops=hops)


def _side_by_side(branches: list[tuple[str, Step]]) -> Step:
    """The only branch, or a Parallel of them in the order of their names."""
    branches.sort(key=lambda pair: pair[0])
    if len(branches) == 1:
        return branches[0][1]
    return Parallel(branches=tuple(step for _, step in branches), hops=tuple(id for _, step in branches for id in step.hops))


def _branches(
    draft: Draft, hops: list[tuple[str, Hop]], then: dict[str, Step | None], differences: list[str], *, many: bool = False
) -> list[tuple[str, Step]]:
    """One branch, with a name to sort it by, for each channel of these hops; `many` where a channel's effects may be several."""
    beside = _beside(draft, (hop for _, hop in hops))
    groups: dict[tuple[Effects, str], list[tuple[str, Hop]]] = {}
    for id, hop in hops:
        effects = channel_effects(draft, hop)
        groups.setdefault((effects, hop.passages[0].channel if effects.type == JOB else ""), []).append((id, hop))
    branches: list[tuple[str, Step]] = []
    for (effects, _), hops in groups.items():
        multiplicity = "many" if many else max((_at_hand(draft, hop, beside) for _, hop in hops), key=STRENGTH.index)
        made = [(draft.full(hop.consumer), id, _reached(draft, id, hop, then, differences)) for id, hop in hops]
        made.sort(key=lambda item: item[:2])
        if effects.type == JOB:
            ids, body = tuple(id for _, id, _ in made), _side_by_side([(name, step) for name, _, step in made])
            job = waiting_for(draft.graph, hops[0][1], body, ids)
            branches.append((made[0][0], Each(effects=effects, multiplicity=multiplicity, body=job, hops=ids)))
            continue
        if multiplicity == "one" or len(made) == 1:  # no state of their own: the branches stand side by side
            branches.extend(
                (
                    name,
                    Each(
                        effects=effects,
                        multiplicity=multiplicity,
                        body=body,
                        hops=(id,),
                        concurrency=one_by_one(draft, id, multiplicity),
                    ),
                )
                for name, id, body in made
            )
            continue
        ids = tuple(id for _, id, _ in made)
        body = Parallel(branches=tuple(step for *_, step in made), hops=ids)
        branches.append((made[0][0], Each(effects=effects, multiplicity=multiplicity, body=body, hops=ids)))
    return branches


def _hop(draft: Draft, id: str, hop: Hop, then: Step | None, differences: list[str]) -> Step:
    """One hop: the consumer's task behind the delays and filters of the way."""
    way = stops(draft.graph, hop)
    step: Step
    if id in draft.called_back:  # the queue delays, tries again and parks, as before
        task = _task(draft, hop.consumer, way, Failing(retries=()), then, (id,))
        step = replace(task, called_back=True, timeout=longest_wait(way[0]))
    else:
        target = draft.failure_targets.get(hop.consumer)
        fails = failing(draft.graph, draft.graph.function(hop.consumer), way, target)
        differences.extend(fails.differences)
        step = _delayed(way, hop, _task(draft, hop.consumer, way, fails, then, (id,)), id)
    if condition(way, lambda node, attribute: node) is not None:
        step = Choice(stops=way, words=filter_words(way), body=step, hops=(id,))
    return step


def _task(draft: Draft, function: str, way: tuple[Stop, ...], fails: Failing, then: Step | None, hops: tuple[str, ...]) -> Task:
    leaving = [hop for _, hop in draft.leaving.get(function, ())]
    captured = dict.fromkeys(channel_effects(draft, hop) for hop in leaving)
    records = any(effects.type == "lambda_destination" for effects in captured)
    kinds = tuple(effects for effects in captured if effects.type != "lambda_destination")
    through = {channel_effects(draft, hop) for hop in leaving} - {
        channel_effects(draft, hop) for hop in leaving if not claimed(draft, hop)
    }
    return Task(
        function=function,
        stops=way,
        retries=fails.retries,
        dead_letter=fails.dead_letter,
        timeout=draft.graph.function(function).timeout,
        captures=kinds,
        claim=(draft.claim or "") if through else "",
        claimed=tuple(effects for effects in kinds if effects in through),
        record=records,
        partial=reports_failures(way),
        then=then,
        hops=hops,
    )


def _delayed(way: tuple[Stop, ...], hop: Hop, step: Step, id: str) -> Step:
    """Delivery delays of queues, those that the producer sets per message, and the time of a schedule."""
    if way[0].type == "create_schedule":
        return Wait(seconds=0, until=EXPRESSION, body=step, hops=(id,))
    seconds = sum(number(stop.settings, "delay_seconds") for stop in way if stop.type == "sqs")
    calls = [link.sent for link in hop.links if link.kind is LinkKind.PUBLISH and link.sent is not None]
    own = way[0].type == "sqs" and any("DelaySeconds" in sent.attributes or "**" in sent.attributes for sent in calls)
    if not seconds and not own:
        return step
    return Wait(seconds=seconds, parameter="DelaySeconds" if own else None, body=step, hops=(id,))


def _entry(draft: Draft, function: str, then: Step | None, differences: list[str]) -> Task:
    """The first function, tried again as what starts it did; one that stays outside is only where the effects come from.

    Where nothing in the scan starts it, the workflow stands in for callers who do not wait, and what they invoke is tried again
    as every asynchronous invocation is (Lambda guide, "Asynchronous invocation").
    """
    entry = draft.started[function]
    if entry.form == EFFECTS:
        outside = _task(draft, function, (), Failing(retries=()), then, ())
        return replace(outside, entry=EFFECTS, timeout=None)
    found = ways(draft, function)
    partial = False
    if found and entry.form in POLLED:
        polled = found[0].stop(draft)
        fails = failing(draft.graph, draft.graph.function(function), (polled,))
        partial = reports_failures((polled,))
    else:
        fails = asynchronous(draft.graph, draft.graph.function(function), draft.failure_targets.get(function))
    differences.extend(fails.differences)
    return replace(_task(draft, function, (), fails, then, ()), partial=partial, entry=entry.form)
