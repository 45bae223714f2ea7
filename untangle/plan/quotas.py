"""The service's quotas, checked before anything is written. Each remark holds the number.

Source: Step Functions guide, "Step Functions service quotas"
(https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html)
and "Using Map state in Inline mode"; message sizes: SQS, SNS, EventBridge and Lambda guides (1 MiB each). A state machine's name
is cut to 70 of 80 characters where it is made, state names where they are made; the size of a definition bounds the growth of the
tree and is checked again when it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from untangle.model.link import Hop
from untangle.model.outlook import EXPRESS, Outlook
from untangle.model.shape import Shape
from untangle.model.step import Each, Job, Step, Task, steps
from untangle.model.workflow import Obstacle, every_step
from untangle.plan.claims import CARRIES, claimed, unclaimable
from untangle.plan.passes import Draft, drawn, number, own_calls, settings, where
from untangle.plan.size import INLINE_CONCURRENCY, asking

PAYLOAD = 262_144  # bytes of UTF-8: input and output of a state, a task and an execution; a hard quota
HISTORY = 25_000  # events of a Standard execution; a hard quota
STARTS = 300  # StartExecution a second for Standard workflows in three large regions; 150 elsewhere; may be raised
DAY = 86_400
_IMAGES = "an item may have 400 KB, a state carries 256 KiB with both images: larger items fail the run"
_DEPTH = 12


def keep_what_is_too_large(draft: Draft) -> Draft:
    """Keep the hops whose message is, by what the code writes into it literally, too large for a state."""
    for id, hop in draft.moving.items():
        if claimed(draft, hop):
            continue
        size = max((_least(link.sent.body) for link in hop.links if link.sent is not None), default=0)
        if size > PAYLOAD:
            text = f"{drawn(draft, hop)}: its message has at least {size:,} bytes, and a state carries {PAYLOAD:,} (256 KiB)"
            why = unclaimable(draft, hop)
            text += f"; no claim check helps: {why}" if why else "; with --claim-check BUCKET it goes through a bucket"
            draft = draft.keep([id], text)
    return draft


def check_quotas(draft: Draft) -> Draft:
    """The draft with a note for each quota that a run may reach."""
    if draft.root is None or draft.outlook is None:
        return draft
    images = [
        Obstacle(text=f"{drawn(draft, hop)}: {_IMAGES}", hops=(id,), location=where(hop))
        for id, hop in draft.moving.items()
        if hop.passages[0].type == "dynamodb_stream"
    ]
    sizes = [*images, *(found for many in (True, False) for found in _unbounded(draft, many))]
    histories = chain(_history(draft.root, draft.outlook, "an execution's history"), _jobs(draft.root, "an execution's history"))
    for nested in draft.nested:
        if nested.outlook is not None:
            whose = f"the history of an execution of {nested.name}"
            histories = chain(histories, _history(nested.root, nested.outlook, whose), _jobs(nested.root, whose))
    runs = [Obstacle(text=text) for text in (*histories, *_maps(draft), *_starts(draft, draft.outlook))]
    return replace(draft, notes=(*draft.notes, *sizes, *runs))


def _unbounded(draft: Draft, many: bool) -> Iterator[Obstacle]:
    """Notes about the hops whose messages may be larger than a state can carry: those in loops, or the others. One for all that
    a claim check would help, one for each reason why none does."""
    several = draft.handed | {id for id, hop in draft.moving.items() if own_calls(draft, hop) == "many"}
    free = {id: hop for id, hop in draft.moving.items() if not claimed(draft, hop)}
    alike: dict[str, list[str]] = {}
    for id in (id for id, hop in free.items() if (id in several) is many and not _bounded(draft, hop)):
        alike.setdefault(unclaimable(draft, free[id]) or "", []).append(id)
    for why, ids in sorted(alike.items()):
        handed = ", or a join hands on," if draft.handed.intersection(ids) else ""
        together = f"all messages that one run sends{handed} must fit together" if many else "a message must fit"
        advice = f"keep the hop; no claim check helps: {why}" if why else "propose it with --claim-check BUCKET, or keep the hop"
        text = (
            f"{together} into a state's 256 KiB, while the channel takes 1 MiB for each; the code does not bound their size: "
            f"where more is possible, {advice}. This is so for {', '.join(sorted(drawn(draft, draft.hops[id]) for id in ids))}"
        )
        yield Obstacle(text=text, hops=tuple(ids), location=where(draft.hops[ids[0]]))


def _bounded(draft: Draft, hop: Hop) -> bool:
    """Whether no message of a hop can outgrow a state. A notification of S3 is a claim check already."""
    first = hop.passages[0]
    if first.type not in CARRIES or hop.mediated:  # what a service tells of a job is small
        return True
    if own_calls(draft, hop) == "many" or hop.id in draft.handed:
        return False
    largest = number(settings(draft.graph, first.channel), "maximum_message_size")
    bounds = [_most(link.sent.body) for link in hop.links if link.sent is not None]
    return 0 < largest <= PAYLOAD or (bool(bounds) and all(bound is not None and bound <= PAYLOAD for bound in bounds))


def _history(root: Step, outlook: Outlook, whose: str) -> Iterator[str]:
    """The history of a Standard execution ends it when it is full; the tries after failures add three events each."""
    size = outlook.events
    tries = sum(retry.attempts for step in steps(root) if isinstance(step, Task) for retry in step.retries)
    if outlook.type == EXPRESS:
        return
    if size.further:
        fit = max(0, (HISTORY - size.usual) // size.further + 1)
        yield (
            f"{whose} holds {HISTORY:,} events: with up to {size.further} events for each message of a loop that "
            f"is enough for {fit:,} messages in one run; for more, a Distributed Map or an execution for each is needed"
        )
    elif size.usual + 3 * tries > HISTORY:
        most = size.usual + 3 * tries
        yield f"{whose} holds {HISTORY:,} events: a run in which every try fails would make {most:,}"


def _jobs(root: Step, whose: str) -> Iterator[str]:
    """How long a job may take until asking for it has filled the history."""
    asked = [step for step in steps(root) if isinstance(step, Job) and not step.starts]
    if asked:
        each = asking(events=True)
        hours = HISTORY // each * min(step.seconds for step in asked) // 3600
        yield (
            f"{whose} holds {HISTORY:,} events: asking for a job every {asked[0].seconds} s makes {each} of them each time, "
            f"which is enough for one that takes {hours} hours, and for less where a run waits for several"
        )


def _maps(draft: Draft) -> Iterator[str]:
    if any(isinstance(step, Each) and step.multiplicity == "many" for step in every_step(draft.root, draft.nested)):
        yield f"a Map runs up to {INLINE_CONCURRENCY} iterations at a time; before, as many ran as Lambda's concurrency allowed"


def _starts(draft: Draft, outlook: Outlook) -> Iterator[str]:
    usage = [draft.graph.usage[entry] for entry in draft.entries if entry in draft.graph.usage]
    second = sum(item.per_day for item in usage) / DAY
    if outlook.type != EXPRESS and second > STARTS / 2:
        yield (
            f"the workflow would start {second:,.0f} times a second on average; a Standard workflow starts {STARTS} times a "
            f"second in the three largest regions and {STARTS // 2} elsewhere, until the quota is raised"
        )


def _least(shape: Shape | None) -> int:
    """The bytes that a message has at least: the constants in it."""
    return sum(len(str(part.constant).encode(errors="replace")) for part in _parts(shape) if part.constant is not None)


def _most(shape: Shape | None) -> int | None:
    """The bytes that a message has at most, as escaped JSON; None where a part of it is not bounded."""
    total = 0
    for part in _parts(shape):
        if part.constant is not None:
            total += 2 * len(str(part.constant).encode(errors="replace")) + 2
        elif part.kind in ("integer", "number", "boolean", "null"):
            total += 32
        elif part.kind == "object" and not part.open and part.properties:
            total += sum(len(name.encode(errors="replace")) + 8 for name in part.properties)
        else:
            return None
    return total


def _parts(shape: Shape | None) -> Iterator[Shape]:
    """A shape and the shapes of its properties, as deep as one looks; what lies deeper or in an array counts as unbounded."""
    pending = [(shape or Shape(), 0)]
    while pending:
        part, depth = pending.pop()
        if depth > _DEPTH:
            yield Shape()
            continue
        yield part
        pending.extend((inner, depth + 1) for inner in part.properties.values())
