"""A message on its way out of a channel: how long it takes, what the planted faults of the channel do to it, and what is said of
links that are not played."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from untangle.model.link import Link
from untangle.simulate.names import ACCOUNT, REGION
from untangle.simulate.platform.matching import UnreadableFilter, in_criteria
from untangle.simulate.platform.played import LATENCY, Stage

HELD_BACK = 5.0  # seconds after which a message that is held back for the next one goes, when none comes
_NAMED = re.compile(r"\$\{([^{}]+)\}")
_PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}


def pass_on(stage: Stage, channel: str, act: Callable[[], None], *, latency: float = LATENCY) -> None:
    """Have a delivery of a channel happen: once, after its latency, unless a fault doubles it, delays it or holds it back."""
    faults = stage.faults_of(channel)
    for fault in faults:
        stage.tell("fault", channel, what=fault.words)
    wait = latency + sum(fault.seconds for fault in faults if fault.kind == "delay")
    kinds = {fault.kind for fault in faults}
    held: dict[str, list[Callable[[], None]]] = stage.memory("passing").setdefault("held", {})
    times = 2 if "duplicate" in kinds else 1
    if "reorder" in kinds:
        held.setdefault(channel, []).extend([act] * times)
        stage.clock.after(HELD_BACK, lambda: _release(held, channel))
        return
    for _ in range(times):
        stage.clock.after(wait, act)
    if held.get(channel):
        stage.clock.after(wait + LATENCY, lambda: _release(held, channel))


def _release(held: dict[str, list[Callable[[], None]]], channel: str) -> None:
    for act in held.pop(channel, ()):
        act()


def not_played(stage: Stage, who: str, why: str) -> None:
    """Say, once, what the simulation leaves out: `who` is the node id of what is not played."""
    said: list[tuple[str, str]] = stage.memory("unplayed").setdefault("said", [])
    if (who, why) not in said:
        said.append((who, why))
        stage.tell("unplayed", who, why=why)


def takes(stage: Stage, link: Link, seen: Mapping[str, Any]) -> bool:
    """Whether the filter criteria of a mapping or pipe take a record; none that cannot be read takes anything, and it is said."""
    try:
        return in_criteria(resolved(stage, link.filter), seen)
    except UnreadableFilter as error:
        not_played(stage, link.source, f"the filter of its mapping for {link.target} is not readable: {error}")
        return False


def resolved(stage: Stage, value: Any) -> Any:
    """A filter or setting of a link with what it names of the template (`${stack/Bucket}`, `${stack/Topic.Arn}`) as deployed."""
    if isinstance(value, dict):
        return {key: resolved(stage, inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [resolved(stage, inner) for inner in value]
    return _NAMED.sub(lambda found: _deployed(stage, found), value) if isinstance(value, str) and "${" in value else value


def _deployed(stage: Stage, found: re.Match[str]) -> str:
    name = found[1]
    if name in _PSEUDO:
        return _PSEUDO[name]
    for node, attribute in ((name, ""), (name.rpartition(".")[0], name.rpartition(".")[2])):
        if node and stage.application.type_of(node):
            return stage.application.attribute(node, attribute)
    return found[0]
