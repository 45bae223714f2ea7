"""What was proved of a chain's workflow, on the audit page: how it came out, then every scenario and every planted fault."""

from __future__ import annotations

from untangle.emit.certificate import explained, headline, made_of, planted_line, result_of, survivors
from untangle.emit.markup import Html, join, tag
from untangle.emit.page.parts import table
from untangle.emit.wording import count
from untangle.model.certificate import Certificate, Scenario


def proof(certificate: Certificate | None) -> Html | None:
    """The section, open where something differs; nothing where no certificate was given."""
    if certificate is None:
        return None
    rows = (tag("tr", tag("td", one.name), tag("td", result_of(one)), tag("td", explained(one))) for one in certificate.scenarios)
    remarks = [f"not proved: {what}: {why}" for what, why in sorted(certificate.unable.items())]
    if certificate.mutants:
        remarks += [planted_line(certificate), *survivors(certificate)]
    return tag(
        "details",
        tag("summary", f"Proof: {headline(certificate)}"),
        tag("p", made_of(certificate), class_="fine"),
        tag("ul", join(tag("li", text) for text in remarks), class_="findings") if remarks else None,
        join(_story(one) for one in certificate.scenarios if one.equal is False and one.story),
        tag(
            "details",
            tag("summary", count(len(certificate.scenarios), "scenario")),
            table(("Scenario", "Result", "Explained"), join(rows)),
        ),
        class_="outlook",
        open=not certificate.proves,
    )


def _story(one: Scenario) -> Html:
    return join([tag("p", f"DIFFERENT: {one.name}"), tag("pre", "\n".join(one.story))])
