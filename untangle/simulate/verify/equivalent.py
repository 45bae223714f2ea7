"""Mutants that change nothing that could be seen, where that follows from the code and the templates: why, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.channels.envelope.job.form import texts_of
from untangle.channels.job_event import POINTER
from untangle.model.graph import EventGraph
from untangle.model.link import Hop, LinkKind, Sent
from untangle.model.value import Concat
from untangle.plan.jobs.awaited import awaited
from untangle.simulate.migrated import Migrated
from untangle.simulate.verify.mutants import Planted


def equivalent(mutant: Planted, graph: EventGraph, migrated: Migrated) -> str:
    """Why a mutant changes nothing; "" where that is not known."""
    node = migrated.substitutions.get(mutant.function, ("", ""))[0]
    moved = [graph.hop(id) for id in migrated.workflow.migrated]
    hops = [hop for hop in moved if hop.consumer == node]
    entries = {entry.function for entry in migrated.workflow.entries}
    if mutant.change.endswith("parks no attributes") and node not in entries and _no_attributes(hops):
        return "no call that sends these messages sets attributes"
    # Whether anything was sent at all is another question, with another answer where a run fails before it sends.
    filters = not mutant.change.startswith("Anything for ") and mutant.change.endswith(("always true", "no filter"))
    if filters and hops and all(map(_always_passes, hops)):
        return "what the code sends always passes this filter"
    filters = mutant.change.startswith("Is it for ") and mutant.change.endswith("always true")
    if filters and hops and all(_hears_every_end(graph, hop) for hop in hops):
        return "the rule hears of every end that is told of this job"
    if mutant.change.startswith("Park ") and mutant.change.endswith("only the first item") and _one_by_one(graph, entries):
        return "one message at a time starts the workflow"
    return ""


def _sent(hop: Hop) -> list[Sent | None]:
    return [link.sent for link in hop.links if link.kind is LinkKind.PUBLISH]


def _no_attributes(hops: list[Hop]) -> bool:
    sent = [one for hop in hops for one in _sent(hop)]
    return bool(sent) and all(one is not None and "MessageAttributes" not in one.attributes for one in sent)


def _one_by_one(graph: EventGraph, entries: set[str]) -> bool:
    triggers = [trigger for function in entries for trigger in graph.triggers_of(function)]
    return bool(triggers) and all(trigger.delivery.get("batch_size") == 1 for trigger in triggers)


def _hears_every_end(graph: EventGraph, hop: Hop) -> bool:
    """Whether a rule about the end of a hop's job names all its last states, and beside them what the hop is about."""
    job = awaited(graph, hop) if hop.mediated else ""
    filter = job.way[0].filter if not isinstance(job, str) and job.notice.type == "eventbridge" else None
    detail = filter.get("detail", {}) if isinstance(filter, Mapping) else None
    if isinstance(job, str) or not isinstance(detail, Mapping):
        return False
    texts = [texts_of(wanted) for wanted in detail.values()]
    return all(one is not None and (set(job.notice.told) <= set(one) or all(map(POINTER.match, one))) for one in texts)


def _always_passes(hop: Hop) -> bool:
    """Whether every call that the code makes sends literal values, and each filter on the way lists them."""
    sent = _sent(hop)
    filters = [passage.filter for passage in hop.passages if passage.filter is not None]
    return bool(sent) and bool(filters) and all(one is not None and all(_fits(one, wanted) for wanted in filters) for one in sent)


_FIELDS = {"source": "Source", "detail-type": "DetailType"}


def _fits(sent: Sent, wanted: Any) -> bool:
    if not isinstance(wanted, Mapping):
        return False
    if sent.service == "s3":
        return _object_fits(sent, wanted)
    for name, values in wanted.items():
        if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
            return False
        if _value(sent, name) not in values:
            return False
    return True


# What S3 calls the event of an operation (S3 user guide, "Supported event types for SQS, SNS, and Lambda").
_EVENTS = {"PutObject": "s3:ObjectCreated:Put", "CopyObject": "s3:ObjectCreated:Copy"}


def _object_fits(sent: Sent, wanted: Mapping[str, Any]) -> bool:
    """Whether an object is written by an operation that a notification asks for, to a key that begins and ends as it must."""
    if not wanted.keys() <= {"events", "prefix", "suffix"}:
        return False
    event, key = _EVENTS.get(sent.operation), sent.attributes.get("Key")
    parts = (key,) if isinstance(key, str) else key.parts if isinstance(key, Concat) else ()
    if event is None or not parts or event not in _each(wanted.get("events")):
        return False
    ends = ((wanted.get("prefix", ""), parts[0], str.startswith), (wanted.get("suffix", ""), parts[-1], str.endswith))
    return all(text == "" or (isinstance(part, str) and holds(part, text)) for text, part, holds in ends)


def _each(events: Any) -> frozenset[str]:
    """The types of events of a notification, those that a pattern stands for among them."""
    asked = [str(event) for event in events] if isinstance(events, list | tuple) else []
    created = _EVENTS.values() if "s3:ObjectCreated:*" in asked else ()
    return frozenset((*asked, *created))


def _value(sent: Sent, name: str) -> Any:
    """The literal that is sent for a key of a filter; None where it is not known."""
    if name in _FIELDS:
        return sent.attributes.get(_FIELDS[name])
    named = sent.attributes.get("MessageAttributes")
    one = named.get(name) if isinstance(named, Mapping) else None
    return one.get("StringValue") if isinstance(one, Mapping) else None
