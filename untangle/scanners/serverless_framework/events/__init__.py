"""The `events` of functions and state machines: one reader per event type, registered in `EVENTS`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from untangle.model.value import show
from untangle.scanners.sam.part import Part
from untangle.scanners.serverless_framework.draft import ServiceDraft
from untangle.scanners.serverless_framework.events.event import Event, EventSource, Started
from untangle.scanners.serverless_framework.events.mappings import MAPPINGS
from untangle.scanners.serverless_framework.events.notifications import NOTIFICATIONS
from untangle.scanners.serverless_framework.events.pushes import PUSHES
from untangle.scanners.serverless_framework.events.routes import ROUTES
from untangle.scanners.serverless_framework.events.rules import RULES
from untangle.scanners.serverless_framework.service import Service

EVENTS: tuple[EventSource, ...] = (*MAPPINGS, *NOTIFICATIONS, *PUSHES, *ROUTES, *RULES)
_BY_TYPE: Mapping[str, EventSource] = {source.type: source for source in EVENTS}


def read_events(service: Service, draft: ServiceDraft, part: Part, started: Started) -> None:
    """Writes out the `events` of a function or state machine; `part` is its entry."""
    counts: Counter[str] = Counter()
    for events in part.below("events"):
        for index, element in enumerate(events.elements(), start=1):
            for kind, below in _typed(element):
                source = _BY_TYPE.get(kind)
                if source is None or (started.service == "states" and not source.machines):
                    why = "untangle does not know this type of event; a plugin may"
                    draft.gap(below, f"the event {kind} of {started.key}", why)
                    continue
                counts[kind] += 1
                event = Event(
                    owner=service, draft=draft, started=started, type=kind, index=index, number=counts[kind], part=below
                )
                _read(source, event)


def _read(source: EventSource, event: Event) -> None:
    if source.required and event.own(source.required) is None:
        event.draft.problem(event.part, f"the event {event.type} of {event.started.key} lacks {source.required}")
        return
    source.read(event)


def _typed(element: Part) -> Iterator[tuple[str, Part]]:
    """Type and content of one event: `- sqs: …`, or a mere `- alexaSkill`. A mapping with several types is several events."""
    if isinstance(element.value, str):
        yield element.value, element
    elif isinstance(element.value, Mapping):
        entries = list(element.entries())
        yield from entries
        found = {name for name, _ in entries}
        yield from ((name, element) for name in element.value if name not in found and name in _BY_TYPE)
    else:
        yield show(element.value), element
