"""The way of a message through its channels, in JSONPath: from the effect to the event that the consumer's handler expects.

A path cannot look into the result of a call, and a template cannot be turned into text where it stands. So what a later stop
needs as text, or a filter needs to look into, is made by a Pass state before (`keep`), beside the effect. What takes a
condition or a loop the outbox hands over with the effect (`ready`, see `emit.asl.states`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from untangle.channels.envelope.form import Names, Unsupported
from untangle.emit.asl.jsonpath.text import Expression, of_effect, placed, template
from untangle.model.graph import EventGraph
from untangle.model.link import Link, LinkKind

UNKNOWN = "untangle-not-known"  # stands where a field is made up
AT, MILLIS = of_effect("at"), of_effect("ready", "millis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as one channel holds it. Each field is an expression or a literal.

    `attributes` are in the form of a queue's record, `typed` in that of a notification, `given` as the call gave them (None
    where there are none); `value` is the event or record as an object; `md5` and `millis` are None where they are not known.
    """

    id: Expression
    at: Expression = AT
    text: Expression | None = None
    value: Any = None
    attributes: Any = field(default_factory=dict)
    typed: Any = field(default_factory=dict)
    given: Expression | None = None
    subject: Expression | None = None
    system: Expression | None = None
    md5: Expression | None = None
    millis: Expression | None = MILLIS


@dataclass(slots=True, kw_only=True)
class Way:
    """What is known on the way of one hop: where the effect stands, and the Pass states that must come first.

    `calls` are the producer's calls into the first channel, `read` the names that the consumer's code reads from its event.
    """

    effect: str
    names: Names
    calls: tuple[Link, ...] = ()
    read: frozenset[str] = frozenset()
    passes: list[dict[str, Any]] = field(default_factory=list)
    _held: list[str] = field(default_factory=list)

    def keep(self, name: str, value: Any) -> Expression:
        """The path to a value that a Pass state makes and holds beside the effect."""
        if name not in self._held:
            made = {"effect": Expression(self.effect), **{held: Expression(f"$.{held}") for held in self._held}, name: value}
            self.passes.append(placed(template(made), self.effect))
            self._held.append(name)
            self.effect = "$.effect"
        return Expression(f"$.{name}")

    def placed(self, value: Any) -> Any:
        """A template or rule in which the effect stands where it stands now."""
        return placed(value, self.effect)

    def without(self, parameter: str) -> None:
        """Raises `Unsupported` unless every call that is seen is known to leave a parameter out."""
        if not self.calls or any(link.sent is None for link in self.calls):
            raise Unsupported(f"whether the call gives {parameter} is not known, as its code is not read")
        if any(parameter in link.sent.attributes or "**" in link.sent.attributes for link in self.calls if link.sent):
            raise Unsupported(f"the call gives {parameter}, or may, and a JSONPath cannot follow it")

    def made_up(self, name: str, words: str) -> str:
        """A field that stays unknown; raises `Unsupported` where the consumer's code reads it."""
        if name in self.read:
            raise Unsupported(f"the consumer reads {name}, and {words}")
        return UNKNOWN


def way_of(graph: EventGraph, hop_ids: tuple[str, ...], effect: str, names: Names) -> Way:
    """The way of these hops, with what is known of the producer's calls and the consumer's reads."""
    hops = [graph.hop(id) for id in hop_ids]
    calls = tuple(
        link
        for hop in hops[:1]
        for link in graph.standing_from(hop.producer)
        if link.kind is LinkKind.PUBLISH and link.target == hop.passages[0].channel
    )
    facts = [graph.code[hop.consumer] for hop in hops if hop.consumer in graph.code]
    read = frozenset(step for item in facts for found in item.reads for step in found.path)
    return Way(effect=effect, names=names, calls=calls, read=read)
