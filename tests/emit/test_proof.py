"""Certificates where people read them: in a proposal, on the page; and files that are none, or belong to something else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from untangle.emit.certificate import as_json, as_text
from untangle.emit.certified import read_certificate
from untangle.emit.page.proof import proof
from untangle.emit.proof import CERTIFICATE, attached, proof_section
from untangle.errors import InputError
from untangle.model.certificate import Certificate, Deviation, Mutant, Scenario, fingerprint
from untangle.model.change import NewFile, Proposal

DEFINITIONS = {"Machine": {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}}
PROPOSAL = Proposal(
    chain="orders",
    title="Orchestrate orders",
    body="Verdict: **migrate**.\n\n## The workflow\n\nA chart.\n",
    files=(NewFile(path="state-machine.asl.json", text="{}\n"),),
    fingerprint=fingerprint(DEFINITIONS),
)
EXPLAINED = Deviation(kind="tries", subject="app/Pay", reason="a message that a channel delivers twice is handled once")
CERTIFICATE_OF_IT = Certificate(
    chain="orders",
    fingerprint=fingerprint(DEFINITIONS),
    seed=7,
    scenarios=(
        Scenario(name="one order", stimulus={"stimuli": []}, equal=True),
        Scenario(name="one order, twice", stimulus={}, faults=("Queue delivers twice",), equal=True, deviations=(EXPLAINED,)),
        Scenario(name="late", stimulus={}, unable="not run: the limit of 5 s was reached"),
    ),
    mutants=(
        Mutant(change="Pay: no catcher", killed_by="one order"),
        Mutant(change="Pay: rule 1 always true"),
        Mutant(change="Park: parks no attributes", equivalent="nobody sets any"),
        Mutant(change="Pay: no filter", unable="not run: the limit of 5 s was reached"),
    ),
    unable={"app/Image": "its code is a container image"},
    differences=("a message that a channel delivers twice is handled once",),
    seconds=12.5,
)
DIFFERENT = Scenario(
    name="a `bad` <one>",
    stimulus={},
    equal=False,
    deviations=(Deviation(kind="state", subject="app/Table", choreography=[1], machine=[]),),
    story=("choreography  1.0 s  Pay is invoked with {}", "machine  1.0 s  ```", "<script>alert(1)</script>"),
)
UNEQUAL = replace(CERTIFICATE_OF_IT, scenarios=(DIFFERENT,))


def test_what_is_written_is_read_again() -> None:
    for certificate in (CERTIFICATE_OF_IT, UNEQUAL, replace(CERTIFICATE_OF_IT, language="jsonpath", claim="bucket")):
        assert read_certificate(as_json(certificate), "x.json") == certificate


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": "untangle.scan/1"}, "is no certificate"),
        ({"chain": 3}, "`chain` is of another kind"),
        ({"seed": True}, "`seed` is of another kind"),
        ({"scenarios": [3]}, "an object is expected"),
        ({"scenarios": [{"name": "a", "equal": "yes"}]}, "`equal` is neither"),
        ({"mutants": [{}]}, "`change` is missing"),
        ({"differences": [1]}, "something else than texts"),
        ({"unable": []}, "`unable` is of another kind"),
    ],
)
def test_a_file_that_is_no_certificate_is_refused(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read_certificate(json.dumps(json.loads(as_json(CERTIFICATE_OF_IT)) | change), "x.json")
    assert caught.value.where == "x.json"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000])
def test_nor_is_anything_else(text: str) -> None:
    with pytest.raises(InputError):
        read_certificate(text, "x.json")


def test_that_it_is_equal_is_not_taken_from_the_file() -> None:
    written = json.loads(as_json(UNEQUAL)) | {"equal": True, "score": 1.0}
    assert not read_certificate(json.dumps(written), "x.json").equal


def test_a_proposal_gets_its_file_and_its_section_before_all_others() -> None:
    made = attached(PROPOSAL, CERTIFICATE_OF_IT)
    assert [item.path for item in made.files] == [CERTIFICATE, "state-machine.asl.json"]
    headings = [line for line in made.body.splitlines() if line.startswith("#")]
    assert headings == ["## Proof", "## The workflow"]
    assert made.body.startswith("Verdict: **migrate**.\n\n## Proof\n")
    assert "\n\n## The workflow\n\nA chart.\n" in made.body


def test_the_section_says_how_it_came_out_and_what_speaks_against_it() -> None:
    text = "\n".join(proof_section(CERTIFICATE_OF_IT))
    for said in (
        "The workflow does what the choreography does (2 of 2 scenarios equal, 1 not run)",
        "`untangle verify . --chain orders --seed 7 -o certificate.json`",
        "app/Image: its code is a container image",
        "1 of 4 were told apart (mutation score 0.50; 1 not run)",
        "survived: Pay: rule 1 always true",
        "changes nothing: nobody sets any",
        "a message that a channel delivers twice is handled once (1 scenario)",
    ):
        assert said in text


def test_a_difference_is_told_and_cannot_leave_its_fence() -> None:
    text = "\n".join(proof_section(UNEQUAL))
    assert "The workflow does NOT do what it did" in text
    assert "state of `app/Table`" in text
    assert text.count("```") == 2
    assert "a \\`bad\\` \\<one\\>" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"chain": "other"}, "the certificate is one of other, not of orders"),
        ({"fingerprint": "0123456789abcdef"}, "proves definition 0123456789abcdef of orders, and the definition is"),
    ],
)
def test_a_certificate_of_something_else_is_refused(change: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        attached(PROPOSAL, replace(CERTIFICATE_OF_IT, **change))  # type: ignore[arg-type]


def test_a_proposal_without_a_definition_takes_none() -> None:
    with pytest.raises(InputError, match="there is no definition any more"):
        attached(replace(PROPOSAL, fingerprint=""), CERTIFICATE_OF_IT)


def test_the_fingerprint_is_that_of_every_definition() -> None:
    other = {**DEFINITIONS, "Inner": DEFINITIONS["Machine"]}
    changed = {"Machine": {"StartAt": "A", "States": {"A": {"Type": "Fail"}}}}
    assert len({fingerprint(DEFINITIONS), fingerprint(other), fingerprint(changed)}) == 3
    assert fingerprint(dict(reversed(other.items()))) == fingerprint(other)


def test_the_page_has_every_scenario_and_opens_where_something_differs() -> None:
    equal, different = str(proof(CERTIFICATE_OF_IT)), str(proof(UNEQUAL))
    assert "one order, twice" in equal and '<details class="outlook">' in equal
    assert "open>" in different.partition("</summary>")[0]
    assert "<script>" not in different and "&lt;script&gt;" in different
    assert proof(None) is None


def test_the_terminal_says_what_was_not_run() -> None:
    text = as_text(CERTIFICATE_OF_IT, width=200)
    assert "orders: the workflow does what the choreography does (2 of 2 scenarios equal, 1 not run)" in text
    assert "survived: Pay: no filter (not run: the limit of 5 s was reached)" in text
