"""What a proof found: JSON for programs, a table for people."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from untangle.emit.wording import clean, count
from untangle.model.certificate import Certificate, Scenario

if TYPE_CHECKING:
    from rich.table import Table

SCHEMA = "untangle.certificate/1"
_LONG = 300  # letters of a deviation's side


def as_json(certificate: Certificate) -> str:
    """The whole certificate as one JSON document."""
    document = {
        "schema": SCHEMA,
        "chain": certificate.chain,
        "fingerprint": certificate.fingerprint,
        "language": certificate.language,
        "claim": certificate.claim,
        "seed": certificate.seed,
        "equal": certificate.equal,
        "proves": certificate.proves,
        "score": certificate.score,
        "scenarios": [_scenario(one) for one in certificate.scenarios],
        "mutants": [
            {
                "change": mutant.change,
                "killed_by": mutant.killed_by,
                "equivalent": mutant.equivalent,
                **({"unable": mutant.unable} if mutant.unable else {}),
            }
            for mutant in certificate.mutants
        ],
        "hops": [{"hop": hop, "crossed": went} for hop, went in certificate.hops.items()],
        "unable": dict(certificate.unable),
        "differences": list(certificate.differences),
        "seconds": certificate.seconds,
    }
    return json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"


def _scenario(one: Scenario) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": one.name,
        "stimulus": one.stimulus,
        "faults": list(one.faults),
        "equal": one.equal,
        "deviations": [
            {
                "kind": item.kind,
                "subject": item.subject,
                "choreography": item.choreography,
                "machine": item.machine,
                "reason": item.reason,
            }
            for item in one.deviations
        ],
    }
    if one.unable:
        made["unable"] = one.unable
    if one.story:
        made["story"] = list(one.story)
    return made


def as_text(certificate: Certificate, *, width: int = 120, color: bool = False) -> str:
    """The certificate for a terminal: what was run and how it came out, the failing cases as stories, the mutants."""
    from rich.console import Console, Group
    from rich.text import Text

    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=color, no_color=not color, highlight=False, markup=False, emoji=False)
    lines = [Text(clean(line)) for line in _below(certificate)]
    title = f"{certificate.chain}: {headline(certificate)}"
    console.print(Group(Text(clean(title), style="bold"), _table(certificate), *lines))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def headline(certificate: Certificate) -> str:
    """How it came out, in a line."""
    run = [one for one in certificate.scenarios if one.equal is not None]
    if not run:
        return "nothing could be run"
    same = sum(bool(one.equal) for one in run)
    left = len(certificate.scenarios) - len(run)
    rest = f", {left} not run" if left else ""
    went = sum(certificate.hops.values())
    if certificate.equal and not certificate.proves:
        said = "this proves NOTHING of the workflow, as no message went over any hop that moves"
    else:
        said = "the workflow does what the choreography does" if certificate.equal else "the workflow does NOT do what it did"
    over = f"; messages went over {went} of {count(len(certificate.hops), 'hop')}" if certificate.hops else ""
    return f"{said} ({same} of {count(len(run), 'scenario')} equal{rest}{over})"


def _table(certificate: Certificate) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("scenario", overflow="fold")
    table.add_column("result", no_wrap=True)
    table.add_column("explained", overflow="fold", ratio=1)
    for one in certificate.scenarios:
        result = result_of(one)
        table.add_row(clean(one.name), result, clean(explained(one)))
    return table


def result_of(one: Scenario) -> str:
    """How a scenario came out, in a word or two."""
    return "equal" if one.equal else "not run" if one.equal is None else "DIFFERENT"


def explained(one: Scenario) -> str:
    """What differs in a scenario and no listed difference explains, then the differences that explain the rest."""
    if one.unable:
        return one.unable
    reasons = Counter(item.reason for item in one.deviations if item.reason)
    left = [f"{item.kind} of {item.subject}" for item in one.deviations if not item.reason]
    return "; ".join([*left[:3], *(f"{len(left) - 3} more" for _ in left[3:4]), *sorted(reasons)])


def _below(certificate: Certificate) -> Iterator[str]:
    for one in certificate.scenarios:
        if one.equal is False:
            yield from _failed(one)
    if certificate.unable:
        yield ""
        yield "not proved:"
        yield from (f"  {what}: {why}" for what, why in certificate.unable.items())
    if certificate.mutants:
        yield ""
        yield planted_line(certificate)
        yield from (f"  {text}" for text in survivors(certificate))
    yield ""
    yield made_of(certificate)


def planted_line(certificate: Certificate) -> str:
    """How many of the planted faults were told apart."""
    killed = sum(bool(mutant.killed_by) for mutant in certificate.mutants)
    score = f"{certificate.score:.2f}" if certificate.score is not None else "-"
    left = sum(bool(mutant.unable) for mutant in certificate.mutants)
    rest = f"; {left} not run" if left else ""
    return (
        f"faults planted into the proposal: {killed} of {len(certificate.mutants)} were told apart (mutation score {score}{rest})"
    )


def survivors(certificate: Certificate) -> Iterator[str]:
    """The planted faults that were not told apart, each with why."""
    for mutant in certificate.mutants:
        if not mutant.killed_by:
            why = f"changes nothing: {mutant.equivalent}" if mutant.equivalent else mutant.unable
            yield f"survived: {mutant.change}" + (f" ({why})" if why else "")


def made_of(certificate: Certificate) -> str:
    """What was run and compared."""
    return (
        f"definition {certificate.fingerprint}, seed {certificate.seed}, {certificate.seconds:,.0f} s of virtual time; "
        "compared: what is left in queues, tables and buckets, what each function handled and called, how often, and how "
        "executions ended"
    )


def _failed(one: Scenario) -> Iterator[str]:
    yield ""
    yield f"DIFFERENT: {one.name}"
    if one.faults:
        yield f"  with: {'; '.join(one.faults)}"
    for item in one.deviations:
        if not item.reason:
            yield f"  {item.kind} of {item.subject}"
            yield f"    choreography: {_side(item.choreography)}"
            yield f"    machine:      {_side(item.machine)}"
    if one.story:
        yield "  what happened, with the smallest input that shows it:"
        yield from (f"    {line}" for line in one.story)


def _side(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
