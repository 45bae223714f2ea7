"""What is taken away when the workflow takes over, what is no longer needed then, and all steps of the change in their order.

Each phase can be gone back from: nothing of the old way is deleted before the last. A call that still goes out (a write to
a bucket or table, a publication that others hear too) reaches its old consumer until its subscription is gone; a call that the
outbox holds back does not, so what was behind it may stay until the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from untangle.model.entry import EFFECTS, Entry, Phase, Switch
from untangle.model.link import Hop, Link, LinkKind
from untangle.model.outlook import STANDARD, Outlook
from untangle.model.step import JOB, Start, Step, Task, steps
from untangle.model.workflow import every_step
from untangle.plan.callbacks import ever_outside
from untangle.plan.jobs.awaited import job_actions
from untangle.plan.passes import Draft, told_by
from untangle.plan.tree.structure import channel_effects

# Nothing is subscribed: the call, or the function's own setting.
_KEPT_BY = frozenset({"lambda_invoke", "lambda_destination", "create_schedule"})


def plan_takeover(draft: Draft) -> Draft:
    """The draft with what goes at once, what goes later, and the phases."""
    if draft.root is None:
        return draft
    removals = tuple(_merged(_taken(draft, sent=True)))
    leftovers = tuple(_merged(_taken(draft, sent=False)))
    draft = replace(draft, removals=removals, leftovers=leftovers)
    return replace(draft, phases=tuple(phase for phase in _phases(draft) if phase.steps))


def _taken(draft: Draft, *, sent: bool) -> Iterator[Switch]:
    """The way out of each moving hop's first channel, where its call goes out (`sent`) or is held back.

    Of a hop by a state machine's end it is that of the bus: that machines tell the bus cannot be taken away.
    """
    outsiders = {} if sent else _outsiders(draft)
    for id, hop in draft.moving.items():
        effects = channel_effects(draft, hop)
        goes_out = effects.sent or effects.type == JOB  # what tells of the end of a job does, whoever starts it
        first = told_by(hop)[0]
        if first.type in _KEPT_BY or id in draft.called_back or goes_out is not sent:
            continue
        link = next((item for item in hop.links if item.source == first.channel), None)
        others = sorted(outsiders.get(first.channel, ()))
        needed = f", which {' and '.join(others)} still {'need' if len(others) > 1 else 'needs'}: it stays" if others else ""
        place = link.evidence[0].location if link is not None and link.evidence else None
        yield Switch(text=f"{_named(draft, hop, link)}{needed}", location=place, hops=(id,), stays=bool(others))


def _named(draft: Draft, hop: Hop, link: Link | None) -> str:
    """A subscription by what declares it: `subscription (sqs): OrdersTopic to ReservationQueue`."""
    first, *rest = told_by(hop)
    target = rest[0].channel if rest else hop.consumer
    called = next((item.note for item in link.evidence if item.note), "") if link is not None else ""
    return f"{called or first.type}: {draft.full(first.channel)} to {draft.full(target)}"


def _outsiders(draft: Draft) -> dict[str, set[str]]:
    """The functions that send into each channel without the workflow, as people call them: those that are no part of it, and
    those of it that also run outside, whose calls nothing holds back then."""
    inside = {item.producer for item in draft.moving.values()} - ever_outside(draft)
    found: dict[str, set[str]] = {}
    for link in draft.graph.standing_links:
        sent = link.kind is LinkKind.PUBLISH and link.confidence.reported and link.reason is None
        if sent and link.source not in inside and draft.graph.is_function(link.source):
            found.setdefault(link.target, set()).add(draft.address(link.source))
    return found


def _merged(found: Iterable[Switch]) -> Iterator[Switch]:
    """Each subscription once, with all hops that it served."""
    by: dict[tuple[str, str], Switch] = {}
    for switch in found:
        key = (switch.text, str(switch.location))
        by[key] = replace(switch, hops=(*by[key].hops, *switch.hops)) if key in by else switch
    yield from (by[key] for key in sorted(by))


def _phases(draft: Draft) -> Iterator[Phase]:
    entries = [draft.started[entry] for entry in draft.entries]
    outside = [entry for entry in entries if entry.form == EFFECTS]
    inside = [entry for entry in entries if entry.form != EFFECTS]
    yield Phase(name="observe", steps=tuple(_observe(draft)))
    yield Phase(name="deploy", steps=tuple(_deploy(draft, entries)))
    yield Phase(name="canary", steps=tuple(_canary(draft, entries)))
    yield Phase(name="cutover", steps=tuple(_cutover(draft, inside, outside)))
    yield Phase(name="roll back", steps=tuple(_back(draft, inside, outside)))
    yield Phase(name="clean up", steps=tuple(_clean(draft)))


def _observe(draft: Draft) -> Iterator[Switch]:
    functions = sorted({draft.address(step.function) for step in every_step(draft.root, draft.nested) if isinstance(step, Task)})
    yield Switch(
        text=f"put the outbox around the handlers of {', '.join(functions)}: it passes everything through until a workflow "
        f"asks for "
        "effects, so nothing changes yet"
    )
    yield Switch(
        text="compare what it sees with the contracts and with the multiplicities of the hops, for as long as a rare one takes"
    )


def _deploy(draft: Draft, entries: list[Entry]) -> Iterator[Switch]:
    for one in draft.nested:
        yield Switch(text=f"create {one.name} with type {_type(one.outlook)}; {_role(draft, one.root)}")
    yield Switch(
        text=f"create the state machine with type {_type(draft.outlook)}; {_role(draft, draft.root)}. Nothing starts it yet"
    )
    for entry in entries:
        held = {EFFECTS: "the effects that the outbox recorded", "": "a recorded event"}.get(entry.form, "what would start it")
        wrapped = '{"entry": "' + entry.name + '", ' + ('"effects": […]}' if entry.form == EFFECTS else '"event": …}')
        named = f" as {wrapped}" if len(entries) > 1 or entry.form == EFFECTS else ""
        who = draft.address(entry.function)
        yield Switch(text=f"start it by hand for {who}, with {held}{named}, where its effects do no harm, and compare")


def _type(outlook: Outlook | None) -> str:
    return outlook.type if outlook is not None else STANDARD


def _role(draft: Draft, root: Step | None) -> str:
    """What the role of a state machine must be allowed to do."""
    tasks = [step for step in steps(root) if isinstance(step, Task) and step.entry != EFFECTS]
    written = {task.dead_letter.target for task in tasks if task.dead_letter is not None}
    written |= {task.stops[0].channel for task in tasks if task.called_back}
    started = sorted({step.workflow for step in steps(root) if isinstance(step, Start)})
    may = {
        "invoke": sorted({draft.address(task.function) for task in tasks if not task.called_back}),
        "send to": sorted(draft.address(node) for node in written),
        "start": started,
        "call": list(job_actions(root)),
    }
    allowed = [f"{verb} {', '.join(names)}" for verb, names in may.items() if names]
    return f"its role may {', and '.join(allowed) or 'do nothing'}"


def _canary(draft: Draft, entries: list[Entry]) -> Iterator[Switch]:
    if draft.removals:
        count = len(draft.removals)
        yield Switch(
            text=f"no part can go first by itself: {count} of the subscriptions below {'hears' if count == 1 else 'hear'} "
            f"calls that go "
            "out on either way, so what the workflow handles would run twice until they are gone. Switch all at once, in a "
            "quiet hour"
        )
        return
    for entry in entries:
        if entry.form == EFFECTS:
            yield Switch(
                text=f"{entry.name}: set the variable on a version of it, and send an alias's share of the invocations there"
            )
        elif entry.canary:
            yield Switch(text=f"{entry.name}: {entry.canary}")


def _cutover(draft: Draft, inside: list[Entry], outside: list[Entry]) -> Iterator[Switch]:
    """A queue waits, so its mapping goes before its pipe comes; everything else is switched in one deployment."""
    going = list(draft.removals)
    queues = [entry for entry in inside if entry.form == "sqs"]
    others = [entry for entry in inside if entry.form != "sqs"]
    if going or any(entry.remove for entry in others):
        yield Switch(
            text="make all of this in one deployment: between two steps of it some messages start both, or neither; write "
            "down when it "
            "began and ended"
        )
    for entry in queues:
        yield from (replace(switch, text=f"take away {switch.text}") for switch in entry.remove)
        yield from (replace(switch, text=f"add {switch.text}") for switch in entry.add)
    for entry in others:
        yield from (replace(switch, text=f"add {switch.text}") for switch in entry.add)
        yield from (replace(switch, text=f"take away {switch.text}") for switch in entry.remove)
    yield from (_variable(entry) for entry in outside)
    yield from (replace(switch, text=f"take away {switch.text}") for switch in going)


def _variable(entry: Entry) -> Switch:
    return Switch(
        text=f"set the variable UNTANGLE_START of {entry.name} to what migration.json holds for it: its outbox then starts "
        f"the workflow. "
        "What starts the function stays as it is. It needs states:StartExecution"
    )


def _back(draft: Draft, inside: list[Entry], outside: list[Entry]) -> Iterator[Switch]:
    added = any(entry.add for entry in inside)
    removed = any(entry.remove for entry in inside) or bool(draft.removals)
    if added:
        yield Switch(
            text="stop what was added at the cutover from starting the workflow: disable the rule or pipe, take the target away"
        )
    if outside:
        yield Switch(text=f"take UNTANGLE_START away from {', '.join(entry.name for entry in outside)}")
    if removed:
        yield Switch(text="put back what was taken away at the cutover; the outbox passes everything through again")
    yield Switch(text="let the executions that run come to their end: they hold messages that nobody else has")


def _clean(draft: Draft) -> Iterator[Switch]:
    yield from (replace(switch, text=f"take away {switch.text}") for switch in draft.leftovers if not switch.stays)
    yield from (switch for switch in draft.leftovers if switch.stays)
    for name in sorted(_queues(draft)):
        yield Switch(
            text=f"delete {name} once its mapping is gone and it is empty (messages are kept for 4 days unless set otherwise)"
        )


def _queues(draft: Draft) -> set[str]:
    """Queues that only the workflow's own hops used; a dead-letter queue stays what it is."""
    staying = draft.called_back.union(*(switch.hops for switch in draft.leftovers if switch.stays))
    last = {hop.passages[-1].channel for id, hop in draft.moving.items() if hop.passages[-1].type == "sqs" and id not in staying}
    last -= {draft.moving[id].passages[-1].channel for id in staying & draft.moving.keys()}
    return {draft.full(queue) for queue in last - draft.graph.dead_letters - _used(draft)}


def _used(draft: Draft) -> set[str]:
    """The nodes that something else puts messages into, or takes them out of."""
    ours = {(link.source, link.target) for hop in draft.moving.values() for link in hop.links}
    links = [link for link in draft.graph.standing_links if link.reason is None and (link.source, link.target) not in ours]
    return {node for link in links for node in (link.source, link.target)}
