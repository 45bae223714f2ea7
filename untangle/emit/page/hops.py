"""Hops as rows of a table on the audit page: both ends, the way, how sure it is, when it happens, and every witness."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from untangle.emit.json import plain
from untangle.emit.markup import Html, join, tag
from untangle.emit.page.svg import family
from untangle.emit.wording import LEVEL_MEANS, conditions, count, name
from untangle.model.evidence import Confidence, Evidence, Witness
from untangle.model.link import Hop, Passage
from untangle.model.location import Location
from untangle.model.value import Value

HEADS = ("From → to", "By way of", "Confidence", "When", "Evidence")


def hop_table(hops: Iterable[Hop], called: Mapping[str, str], *, anchors: bool = True) -> Html:
    """The table; `anchors` gives each row the id `hop-<id>`, which may stand once on a page."""
    head = tag("tr", join(tag("th", text, scope="col") for text in HEADS))
    body = join(_row(hop, called, anchors) for hop in hops)
    return tag("div", tag("table", tag("thead", head), tag("tbody", body)), class_="scroll")


def level(confidence: Confidence) -> Html:
    """A confidence as a word with its line style before it."""
    return tag("span", confidence.value, class_=f"level {confidence.value}", title=LEVEL_MEANS[confidence])


def place(location: Location | None) -> Html:
    """A file and line; empty where none is known."""
    return Html("") if location is None else tag("span", tag("bdi", location), class_="place")


def _row(hop: Hop, called: Mapping[str, str], anchors: bool) -> Html:
    ends = join(
        [
            _breakable(name(called, hop.producer)),
            tag("span", tag("span", "→ ", class_="arrow"), _breakable(name(called, hop.consumer)), class_="to"),
        ]
    )
    return tag(
        "tr",
        tag("td", ends, class_="ends"),
        tag("td", join(_passage(item, called) for item in hop.passages), class_="way"),
        tag("td", level(hop.confidence)),
        tag("td", join(tag("p", text, class_="fine") for text in _when(hop))),
        tag("td", _evidence(hop.evidence), class_="evidence"),
        class_="hop",
        id=f"hop-{hop.id}" if anchors else None,
        data_hop=hop.id,
    )


def _breakable(text: str) -> Html:
    """A name that may break between its words: `Order`|`Placed`|`Fn`."""
    return tag("bdi", join(re.split(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[-_./])", text), tag("wbr")))


def _when(hop: Hop) -> list[str]:
    """How often and under which conditions; without a call seen nothing is said of how often. Filters stand in the way."""
    once = {"one": "once per run", "maybe": "perhaps once per run", "many": "any number of times per run"}
    said = [text for text in conditions(hop) if text not in ("filtered", "many messages")]
    seen = any(item.kind is Witness.CODED for item in hop.evidence)
    return [once.get(hop.multiplicity, hop.multiplicity), *said] if seen else said


def _passage(item: Passage, called: Mapping[str, str]) -> Html:
    label = "" if "#" in item.channel else name(called, item.channel)
    kind = item.type.replace("_", " ")
    chip = tag("span", tag("small", kind), *((" ", tag("bdi", label)) if label else ()), class_=f"chip {family(item.type)}")
    filter_ = tag("p", "only ", tag("code", _compact(item.filter)), class_="fine") if item.filter is not None else None
    settings = ", ".join(
        f"{key.replace('_', ' ')} {_setting(value, called)}" for key, value in sorted(item.delivery.items()) if value is not None
    )
    return tag("div", chip, filter_, tag("p", settings, class_="fine") if settings else None)


def _setting(value: Value, called: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return called.get(value, value)
    return _compact(value)


def _compact(value: Value) -> str:
    """A value of a template as JSON on one line."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(", ", ": "))


def _evidence(evidence: tuple[Evidence, ...]) -> Html:
    if not evidence:
        return tag("span", "none", class_="fine")
    lead = next((item for item in evidence if item.location is not None), evidence[0])
    kinds = ", ".join(dict.fromkeys(item.kind.value for item in evidence))
    witnesses = tag("ul", join(tag("li", _witness(item)) for item in evidence), class_="witnesses")
    summary = tag("summary", f"{count(len(evidence), 'witness', 'witnesses')}: {kinds} ", place(lead.location))
    return tag("details", summary, witnesses)


def _witness(item: Evidence) -> Html:
    against = tag("span", " speaks against it", class_="against") if item.against else None
    shared = tag("span", " (shared)", class_="fine") if item.shared else None
    return join(
        [
            tag("span", item.kind.value, class_="witness"),
            against or "",
            shared or "",
            " ",
            tag("bdi", item.note),
            " ",
            place(item.location),
        ]
    )
