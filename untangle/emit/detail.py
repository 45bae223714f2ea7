"""One chain or one hop with everything that speaks for it, for `untangle show`: each witness, and what would raise confidence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from untangle.emit.emitter import View
from untangle.emit.json import plain
from untangle.emit.sheet import Sheet, styled
from untangle.emit.terminal import chain_part, heading
from untangle.emit.tree import witness
from untangle.emit.wording import LEVEL_MEANS, along, by_severity, clean, conditions, name, names, way
from untangle.model.chain import Chain
from untangle.model.evidence import Confidence, Witness
from untangle.model.link import Hop, Passage
from untangle.model.resource import Gap
from untangle.model.scan import Scan


def chain_detail(scan: Scan, chain: Chain, view: View) -> str:
    """A chain with all its evidence, the findings and gaps that touch it, and what would raise each hop's confidence."""
    sheet = Sheet(view.width, view.color)
    chain_part(sheet, scan, chain, view)
    called = names(scan.graph)
    hops = along(chain, (scan.graph.hop(id) for id in chain.hops))
    unsure = [hop for hop in hops if hop.confidence.rank < Confidence.DECLARED.rank]
    if unsure:
        heading(sheet, "What would raise confidence")
    same: dict[tuple[str, ...], list[Hop]] = {}
    for hop in unsure:
        same.setdefault(tuple(raising(scan, hop)), []).append(hop)
    for sentences, alike in same.items():
        for hop in alike:
            ends = f"{name(called, hop.producer)} → {name(called, hop.consumer)}"
            sheet.add(styled((ends, "function"), (f"  hop {hop.id}", "quiet")), first="  ")
        _list(sheet, sentences, "    - ")
    _touching(sheet, scan, chain, hops)
    return sheet.render()


def hop_detail(scan: Scan, hop: Hop, view: View) -> str:
    """A hop with its ends, the channels it passes, each witness, and what would raise its confidence."""
    sheet = Sheet(view.width, view.color)
    called = names(scan.graph)
    level = hop.confidence.value
    sheet.add(styled(("hop ", "quiet"), (hop.id, "title")), right=styled((level, level)))
    sheet.blank()
    sheet.add(_end(scan, hop.producer), first="  ")
    sheet.add(styled((way(called, hop), "channel")), first="  │  ")
    sheet.add(styled(("; ".join(conditions(hop)), "quiet")), first="  ▼  ", rest="     ")
    sheet.add(_end(scan, hop.consumer), first="  ")
    heading(sheet, f"Why it is {level}", LEVEL_MEANS[hop.confidence])
    for item in hop.evidence:
        sheet.add(witness(item, kind=True), first="  ", rest="    ")
    heading(sheet, "On the way")
    for passage in hop.passages:
        _passage(sheet, scan, passage)
    heading(sheet, "What would raise confidence")
    _list(sheet, raising(scan, hop), "  - ")
    return sheet.render()


def raising(scan: Scan, hop: Hop) -> Iterator[str]:
    """What would make a hop surer, in sentences."""
    called = names(scan.graph)
    producer = name(called, hop.producer)
    channel = name(called, hop.passages[0].channel) if hop.passages else "its consumer"
    if hop.confidence is Confidence.CONFIRMED:
        yield "nothing: it was seen to happen"
        return
    if hop.confidence is Confidence.CONTRADICTED:
        yield from (f"if this were not so: {item.note}" for item in hop.evidence if item.against)
    calls = any(item.kind is Witness.CODED and not item.against for item in hop.evidence)
    if hop.confidence.rank < Confidence.DECLARED.rank and not calls:
        facts = scan.graph.code.get(hop.producer)
        if facts is None or not facts.readable:
            yield f"the source of {producer}, read to its end: a call that reaches {channel}"
        else:
            yield f"a call in the source of {producer} that reaches {channel}; none was seen"
    if hop.confidence is Confidence.WEAK:
        yield f"a grant that names {channel} and belongs to {producer} alone"
    if hop.confidence.rank < Confidence.DECLARED.rank:
        yield "a [[hop]] entry in untangle.toml, by somebody who knows, with the reason"
    yield "an observation at run time: a trace or a recorded message"


def _end(scan: Scan, id: str) -> Text:
    """A function by its id, with its place."""
    place = scan.graph.function(id).location if scan.graph.is_function(id) else None
    return styled((id, "function"), *([(f"  {place}", "place")] if place else []))


def _passage(sheet: Sheet, scan: Scan, passage: Passage) -> None:
    """A channel with its filter and its delivery settings."""
    location = next((node.location for node in scan.graph.channels if node.id == passage.channel), None)
    place = [(f"  {location}", "place")] if location else []
    sheet.add(styled((f"{passage.type} {passage.channel}", "channel"), *place), first="  ", rest="    ")
    if passage.filter is not None:
        sheet.add(styled(("filter  ", "quiet"), _compact(plain(passage.filter))), first="    ", rest="      ")
    for key, value in sorted(passage.delivery.items()):
        if value is not None:
            sheet.add(styled((f"{key.replace('_', ' ')}  ", "quiet"), _compact(plain(value))), first="    ", rest="      ")


def _compact(value: object) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _list(sheet: Sheet, items: Iterable[str], bullet: str) -> None:
    for item in items:
        sheet.add(styled(item), first=bullet, rest=" " * len(bullet))


def _touching(sheet: Sheet, scan: Scan, chain: Chain, hops: list[Hop]) -> None:
    """Findings about the chain's functions and channels, and gaps in the source of its functions."""
    ids = {chain.id, *chain.functions, *(passage.channel for hop in hops for passage in hop.passages)}
    findings = [item for item in by_severity(scan.findings) if ids & set(item.subject.split())]
    if findings:
        heading(sheet, "Findings")
    for item in findings:
        told = styled((f"{item.severity:<8}", item.severity), (f"{item.rule}  ", "title"), item.message)
        sheet.add(told, first="  ", rest=" " * 10)
        _list(sheet, map(str, item.locations), " " * 10)
    gaps = list(_gaps(scan, chain))
    if gaps:
        heading(sheet, "Not known", "in the source of these functions")
    for gap in gaps:
        place = [(f"{gap.location}  ", "place")] if gap.location else []
        sheet.add(styled(*place, f"{clean(gap.what)}: {clean(gap.why)}"), first="  ", rest="    ")


def _gaps(scan: Scan, chain: Chain) -> Iterator[Gap]:
    functions = {item.id: item for item in scan.graph.functions}
    roots = tuple(code for id in chain.functions if id in functions and (code := functions[id].code))
    for gap in scan.graph.gaps:
        path = gap.location.path if gap.location else ""
        if any(path == root or path.startswith(root.rstrip("/") + "/") for root in roots):
            yield gap
