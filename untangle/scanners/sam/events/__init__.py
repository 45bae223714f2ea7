"""The `Events` of functions and state machines: one reader per event type, registered in `EVENTS`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from untangle.model.value import show
from untangle.scanners.sam.draft import Draft
from untangle.scanners.sam.events.event import Event, EventSource, Target
from untangle.scanners.sam.events.mappings import MAPPINGS
from untangle.scanners.sam.events.notifications import NOTIFICATIONS
from untangle.scanners.sam.events.pushes import PUSHES
from untangle.scanners.sam.events.routes import ROUTES
from untangle.scanners.sam.events.rules import RULES
from untangle.scanners.sam.part import Part

EVENTS: tuple[EventSource, ...] = (*MAPPINGS, *NOTIFICATIONS, *PUSHES, *ROUTES, *RULES)
_BY_TYPE: Mapping[str, EventSource] = {source.type: source for source in EVENTS}

# What a state machine may be started by; everything else starts functions only.
_STARTING = frozenset({"Api", "CloudWatchEvent", "EventBridgeRule", "Schedule", "ScheduleV2"})


def read_events(draft: Draft, part: Part, target: Target) -> None:
    """Writes out the `Events` of a function or state machine; `part` holds its properties."""
    for events in part.below("Events"):
        if not isinstance(events.value, Mapping):
            draft.problem(events, f"the Events of {part.owner.address} are no mapping")
        for name, head in events.entries():
            for event in _events(draft, name, head, target):
                _BY_TYPE[event.type].read(draft, event)


def _events(draft: Draft, name: str, head: Part, target: Target) -> Iterator[Event]:
    """Each form that one entry of `Events` may have; a problem for what is none."""
    address = target.address + "".join(letter for letter in name if letter.isalnum())
    for kind in head.below("Type"):
        source = _BY_TYPE.get(kind.value) if isinstance(kind.value, str) else None
        if source is None or (target.service == "states" and source.type not in _STARTING):
            draft.problem(head, f"event {name} of {target.address} has the type {show(kind.value)}, which SAM does not know")
            draft.gap(head, f"event {name} of {target.address}", "its type is unknown, so nobody knows what starts it")
            continue
        for part in _properties(head, kind.condition):
            missing = [key for key in source.required if part.get(key) is None]
            if missing:
                draft.problem(head, f"event {name} of {target.address} ({source.type}) lacks {', '.join(missing)}")
            else:
                here = Part(owner=head.owner, value=head.value, route=head.route, condition=part.condition)
                yield Event(address=address, name=name, type=source.type, head=here, part=part, target=target)
    if head.get("Type") is None:
        draft.problem(head, f"event {name} of {target.address} has no Type")


def _properties(head: Part, condition: str | None) -> Iterator[Part]:
    under = Part(owner=head.owner, value=head.value, route=head.route, condition=condition)
    forms = [part for part in under.below("Properties") if isinstance(part.value, Mapping)]
    yield from forms or [Part(owner=head.owner, value={}, route=head.route, condition=condition)]
