"""What stands around the chains on the audit page: the summary, findings, gaps, coverage, doubtful hops, the legend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from untangle.emit.emitter import View
from untangle.emit.markup import Html, join, tag
from untangle.emit.page.hops import hop_table, level, place
from untangle.emit.page.unread import refusals
from untangle.emit.rules import rule as rule_of
from untangle.emit.wording import LEVEL_MEANS, by_severity, count, decision, entries, name
from untangle.model.chain import Finding
from untangle.model.evidence import Confidence
from untangle.model.scan import Scan

MOST_DOUBTFUL = 300
MOST_PLACES = 4
_KEYS = (
    ("/", "search"),
    ("j k", "next chain, previous chain"),
    ("m", "copy the chain as a Mermaid diagram"),
    ("e", "unfold all evidence, fold it again"),
    ("Esc", "clear search and focus"),
    ("?", "this list"),
    ("click", "on a node of a drawing: its hops only"),
)


def summary(scan: Scan, view: View) -> Html:
    """The figures on top."""
    hops = view.hops(scan)
    by_level = {item: sum(hop.confidence is item for hop in hops) for item in Confidence}
    said = [decision(chain) for chain in scan.chains]
    verdicts = [
        f"{said.count(key)} {word}"
        for key, word in (("migrate", "migrate"), ("partial", "in part"), ("keep", "keep"))
        if said.count(key)
    ]
    grave = [
        f"{number} {word}"
        for word in ("error", "warning", "note")
        if (number := sum(item.severity == word for item in scan.findings))
    ]
    functions = [function for function in scan.graph.functions if not function.internal]
    within = {function for chain in scan.chains for function in chain.functions}
    tiles = (
        ("Functions", len(functions), [f"{sum(item.id in within for item in functions)} in a chain"]),
        ("Chains", len(scan.chains), verdicts),
        ("Hops", len(hops), [_bar(by_level), ", ".join(f"{number} {item.value}" for item, number in by_level.items() if number)]),
        ("Findings", len(scan.findings), grave),
        ("Gaps", len(scan.graph.gaps), ["what could not be known"]),
    )
    return tag("dl", join(_tile(*tile) for tile in tiles), class_="tiles")


def _tile(title: str, number: int, notes: list[Html | str]) -> Html:
    words = [note for note in notes if note and not isinstance(note, Html)]
    drawn = [note for note in notes if isinstance(note, Html)]
    return tag(
        "div", tag("dt", title), tag("dd", f"{number:,}", *drawn, tag("p", ", ".join(words)) if words else None), class_="tile"
    )


def _bar(by_level: Mapping[Confidence, int]) -> Html:
    """How the hops divide into levels, as one line."""
    total = sum(by_level.values())
    parts, at = [], 0.0
    for item, number in by_level.items():
        width = 100 * number / total if total else 0
        if width:
            parts.append(tag("rect", x=f"{at:.2f}", y="0", width=f"{width:.2f}", height="6", class_=item.value))
        at += width
    return tag("svg", join(parts), class_="bar", viewBox="0 0 100 6", preserveAspectRatio="none", aria_hidden="true")


def findings(scan: Scan, view: View) -> Html:
    """All findings by rule, the gravest first, with what each costs and what to do instead."""
    groups: dict[str, list[Finding]] = {}
    for item in by_severity(scan.findings):
        groups.setdefault(item.rule, []).append(item)
    body = join(_rule(rule, items, view) for rule, items in groups.items()) if groups else tag("p", "None.", class_="fine")
    return tag("section", tag("h2", "Findings"), body, id="findings")


def _rule(id: str, items: list[Finding], view: View) -> Html:
    rule = rule_of(id)
    title = rule.title if rule else id
    said = tag("ul", join(_finding(item, view) for item in items))
    told = (
        tag(
            "details",
            tag("summary", "What it costs, and what to do instead"),
            tag("p", rule.costs),
            tag("p", tag("strong", "Instead: "), rule.instead),
        )
        if rule
        else None
    )
    badge = tag("span", f"{items[0].severity} × {len(items)}", class_=f"badge {items[0].severity}")
    return tag("div", tag("h3", title, " ", badge, " ", tag("code", id)), said, told, class_="rule", id=f"rule-{id}")


def _finding(item: Finding, view: View) -> Html:
    places = join((place(location) for location in item.locations[:MOST_PLACES]), ", ")
    more = f" and {len(item.locations) - MOST_PLACES} more places" if len(item.locations) > MOST_PLACES else ""
    known = tag("span", " in the baseline", class_="fine") if item.fingerprint in view.known else None
    return tag("li", item.message, " ", places, more, known)


def hops_apart(scan: Scan, view: View, called: Mapping[str, str]) -> Html | None:
    """Sure hops that no chain holds: they cross a boundary, enter what is orchestrated already, or are switched off."""
    within = {id for chain in scan.chains for id in chain.hops}
    apart = [hop for hop in view.hops(scan) if hop.confidence.reported and hop.id not in within]
    if not apart:
        return None
    why = "They cross a channel that nobody in the scan declares, another account, a state machine or a configured boundary"
    return tag(
        "section",
        tag("h2", "Hops outside every chain"),
        tag("p", f"{why}, or are switched off.", class_="fine"),
        hop_table(apart, called),
        id="apart",
    )


def others(scan: Scan, called: Mapping[str, str]) -> Html:
    """State machines that are there already, and functions that no chain holds."""
    within = {function for chain in scan.chains for function in chain.functions}
    machines = join(
        tag(
            "li",
            tag("bdi", machine.address),
            f": {', '.join(name(called, id) for id in machine.functions) or 'no function'} ",
            place(machine.location),
        )
        for machine in scan.graph.state_machines
    )
    alone = [function for function in scan.graph.functions if function.id not in within and not function.internal]
    rows = join(
        tag(
            "tr",
            tag("td", tag("bdi", name(called, item.id))),
            tag("td", ", ".join(entries(called, scan.graph.triggers_of(item.id))) or "nothing that was found"),
            tag("td", place(item.location)),
        )
        for item in alone
    )
    return tag(
        "section",
        tag("h2", "Other functions"),
        join([tag("h3", "Orchestrated already"), tag("ul", machines)]) if scan.graph.state_machines else None,
        tag("h3", "In no chain"),
        folded(
            f"{count(len(alone), 'function')} without a hop that is sure",
            table(("Function", "Started by", "Declared"), rows),
            len(alone),
        ),
        id="others",
    )


def gaps(scan: Scan) -> Html:
    """What could not be known, and how each source was read."""
    missing = join(
        tag("tr", tag("td", tag("bdi", item.what)), tag("td", tag("bdi", item.why)), tag("td", place(item.location)))
        for item in scan.graph.gaps
    )
    rows = join(
        tag(
            "tr",
            *(tag("td", text) for text in (item.source, item.operation, item.outcome)),
            tag("td", ", ".join(item.unseen), f" needs {item.permission}" if item.permission else ""),
        )
        for item in scan.graph.coverage
    )
    return tag(
        "section",
        tag("h2", "Gaps and coverage"),
        tag("p", "What could not be known is listed, not left out. A hop may hide behind each of these.", class_="fine"),
        refusals(scan),
        folded(count(len(scan.graph.gaps), "gap"), table(("What", "Why", "Where"), missing), len(scan.graph.gaps)),
        folded(
            f"{count(len(scan.graph.coverage), 'operation')} of reading",
            table(("Source", "Operation", "Outcome", "Not seen"), rows),
            len(scan.graph.coverage),
        )
        if scan.graph.coverage
        else None,
        id="gaps",
    )


def doubtful(scan: Scan, view: View, called: Mapping[str, str]) -> Html:
    """The hops that are not sure enough to be shown among the chains, so that nothing is dropped in silence."""
    shown = {hop.id for hop in view.hops(scan)}
    rest = sorted(
        (hop for hop in scan.graph.hops if hop.id not in shown),
        key=lambda hop: (-hop.confidence.rank, hop.producer, hop.consumer, hop.id),
    )
    cut = f" The surest {MOST_DOUBTFUL} are listed; the JSON output has all." if len(rest) > MOST_DOUBTFUL else ""
    return tag(
        "section",
        tag("h2", "Doubtful hops"),
        tag("p", f"Not counted above, in no chain and in no proposal.{cut}", class_="fine"),
        folded(count(len(rest), "hop"), hop_table(rest[:MOST_DOUBTFUL], called), len(rest), most=0),
        id="doubtful",
    )


def legend() -> Html:
    """What the levels of confidence mean."""
    levels = ((level(item), text) for item, text in LEVEL_MEANS.items())
    return tag("section", tag("h2", "Legend"), _list(levels), id="legend")


def shortcuts() -> Html:
    """The keys, shown by `?`."""
    keys = ((join((tag("kbd", key) for key in keys.split()), " "), text) for keys, text in _KEYS)
    return tag("dialog", tag("h2", "Shortcuts"), _list(keys), id="shortcuts", aria_label="Keyboard shortcuts")


def _list(pairs: Iterable[tuple[Html, str]]) -> Html:
    return tag("dl", join(join([tag("dt", term), tag("dd", text)]) for term, text in pairs), class_="legend")


def table(heads: tuple[str, ...], rows: Html) -> Html:
    """A table that scrolls where it is too wide."""
    head = tag("thead", tag("tr", join(tag("th", text, scope="col") for text in heads)))
    return tag("div", tag("table", head, tag("tbody", rows)), class_="scroll")


def folded(title: str, body: Html, size: int, most: int = 25) -> Html:
    """A long table is folded, a short one stands open, an empty one is a sentence."""
    if not size:
        return tag("p", "None.", class_="fine")
    return tag("details", tag("summary", title), body, open=size <= most)
