"""Standard or Express, by the documented rules, with the reasons.

Express only where a run surely ends within five minutes, tries after failures included, where nothing waits for a callback or a
job, where what starts the workflow already delivers at least once (an Express workflow may start over), and where its volume
makes it worth the loss of exactly-once runs and of their history. Standard otherwise.
Source: Step Functions guide, "Choosing workflow type" and "Service quotas".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from untangle.model.outlook import EXPRESS, STANDARD, Ground, Outlook
from untangle.model.step import Each, Hand, Job, Retry, Step, Task, gathered, steps, with_below
from untangle.model.workflow import Nested
from untangle.plan.cost.cost import EXPRESS_SECONDS, NOTICED, a_day, money
from untangle.plan.passes import Draft
from untangle.plan.people import ANSWERS
from untangle.plan.size import seconds, transitions, waits
from untangle.plan.stay import SYNCHRONOUS

WORTH = 5  # times that Standard must be dearer
EXPRESS_ATTEMPTS = 5  # while an invocation is refused: about half a minute


def choose_type(draft: Draft) -> Draft:
    """The draft with the types of its workflow and of those nested in it, and with the reasons for each."""
    if draft.root is None or draft.outlook is None:
        return draft
    nested = tuple(_typed(draft, one) for one in draft.nested)
    against = tuple(_against(draft, draft.root))
    if against:
        outlook = replace(draft.outlook, type=STANDARD, grounds=against, hybrid=_hybrid(draft, draft.root))
        return replace(draft, outlook=outlook, nested=nested)
    type, ground = _by_volume(draft.outlook)
    outlook = replace(draft.outlook, type=type, grounds=(*_for(draft, draft.root), ground))
    return replace(draft, outlook=outlook, root=_hurried(draft.root) if type == EXPRESS else draft.root, nested=nested)


def _typed(draft: Draft, nested: Nested) -> Nested:
    """A nested workflow with its own type: hops deliver more than once as well, so a second run is nothing new to it."""
    if nested.outlook is None:
        return nested
    against = (*_too_long(nested.root), *_waiting(draft, nested.root))
    if against:
        return replace(nested, outlook=replace(nested.outlook, grounds=against))
    type, ground = _by_volume(nested.outlook)
    root = _hurried(nested.root) if type == EXPRESS else nested.root
    return replace(nested, root=root, outlook=replace(nested.outlook, type=type, grounds=(ground,)))


def _against(draft: Draft, root: Step) -> Iterator[Ground]:
    """What rules an Express workflow out."""
    yield from _too_long(root)
    yield from _entries(draft)
    yield from _waiting(draft, root)


def _too_long(root: Step) -> Iterator[Ground]:
    once, all = seconds(root, tries=False), seconds(root, tries=True)
    waiting = waits(root)
    of_which = f", {waiting} s of waiting among them" if waiting else ""
    if once > EXPRESS_SECONDS:
        yield Ground(
            text=f"a run may take {once:,} s by the timeouts on its longest way{of_which}; an Express workflow ends after 300 s"
        )
    elif all > EXPRESS_SECONDS:
        yield Ground(
            text=f"with the tries after failures a run may take {all:,} s{of_which}; an Express workflow ends after 300 s, and "
            "the tries that are left with it"
        )


def _waiting(draft: Draft, root: Step) -> Iterator[Ground]:
    jobs = sorted({f"{step.service} {step.operation}" for step in steps(root) if isinstance(step, Job)})
    if jobs:
        yield Ground(text=f"it waits for a job ({', '.join(jobs)}), which may take longer than the 300 s of an Express workflow")
    called = sorted({step.function for step in steps(root) if isinstance(step, Task) and step.called_back})
    if called:
        names = ", ".join(draft.address(function) for function in called)
        yield Ground(text=f"it waits for the queue of {names} to call back; callbacks are for Standard workflows only")
    places = [
        place
        for function in sorted({step.function for step in steps(root) if isinstance(step, Task)})
        if function in draft.graph.code
        for name, place in sorted(draft.graph.code[function].signals.items())
        if name in ANSWERS
    ]
    if places:
        yield Ground(
            text="it waits for an answer from outside; callbacks are for Standard workflows only", locations=tuple(places[:3])
        )


def _entries(draft: Draft) -> Iterator[Ground]:
    for entry in draft.entries:
        triggers = draft.graph.triggers_of(entry)
        once = [trigger for trigger in triggers if trigger.type in SYNCHRONOUS]
        fed = any(hop.id in draft.kept for hop in draft.graph.reaching(entry))
        if once:
            places = tuple(trigger.location for trigger in once if trigger.location is not None)
            yield Ground(
                text=f"{draft.address(entry)} is started by {once[0].type}, once for each request; an Express workflow may start "
                "over and run it again",
                locations=places[:3],
            )
        elif not triggers and not fed:
            yield Ground(text=f"what starts {draft.address(entry)} is not known, nor whether it may be started twice")


def _for(draft: Draft, root: Step) -> Iterator[Ground]:
    yield Ground(text=f"a run takes at most {seconds(root, tries=True):,} s, tries after failures included; Express allows 300 s")
    kinds = {trigger.type for entry in draft.entries for trigger in draft.graph.triggers_of(entry)}
    sources = " and ".join(sorted(kinds)) or "the hops before it"
    yield Ground(text=f"{sources} may deliver a message more than once already, so the handlers have to bear a second run")


def _by_volume(outlook: Outlook) -> tuple[str, Ground]:
    standard, express = outlook.bill("standard"), outlook.bill("express")
    if standard is None or express is None or standard.month is None or express.month is None:
        less = (standard.million or 0) - (express.million or 0) if standard and express else 0.0
        worth = (
            f": at least {money(less)} less for a million runs, {money(NOTICED)} a month from about {a_day(less)} runs a day on"
        )
        return STANDARD, Ground(
            text="it would fit into an Express workflow, which keeps neither exactly-once runs nor a history; how often it runs "
            f"is not known{worth if less > 0 else ''}"
        )
    saved = standard.month - express.month
    told = f"at {outlook.runs or 0:,.0f} runs a month Standard costs {money(standard.month)}, Express {money(express.month)}"
    if saved >= NOTICED and standard.month > WORTH * express.month:
        return EXPRESS, Ground(text=told)
    return STANDARD, Ground(text=f"{told}: too little to give up exactly-once runs and their history")


def _hybrid(draft: Draft, root: Step) -> str | None:
    """The part for each message of a loop that would fit into a nested Express workflow, where volume makes it worth it."""
    outlook = draft.outlook
    standard = outlook.bill("standard") if outlook else None
    if standard is None or standard.month is None or standard.month < NOTICED:
        return None
    best: tuple[int, Each] | None = None
    for step in steps(root):
        if not isinstance(step, Each) or any(isinstance(below, Hand) for below in steps(step.body)):
            continue  # what is handed out has to come back
        if step.multiplicity == "many" and seconds(step.body, tries=True) <= EXPRESS_SECONDS:
            count = transitions(step.body).usual
            if count > 1 and (best is None or count > best[0]):
                best = (count, step)
    if best is None:
        return None
    count, each = best
    first = next((step.function for step in steps(each.body) if isinstance(step, Task)), "")
    return (
        f"the {count} states for each message from {draft.address(first)} on fit into an Express workflow of their own: started "
        f"from the Standard one, they are 1 transition for each message instead of {count}"
    )


def _hurried(root: Step) -> Step:
    """The tree with fewer tries while an invocation is refused, so that they end within the five minutes of a run."""

    def rewritten(step: Step, below: tuple[Step, ...]) -> Step:
        step = with_below(step, below)
        if not isinstance(step, Task):
            return step
        return replace(step, retries=tuple(_fewer(retry) for retry in step.retries))

    return gathered(root, rewritten)


def _fewer(retry: Retry) -> Retry:
    return replace(retry, attempts=min(retry.attempts, EXPRESS_ATTEMPTS)) if retry.errors == "throttle" else retry
