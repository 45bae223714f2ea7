"""What a proof is worth: over which hops messages went, and what is said of a proof in which none did."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulate.verify.test_verify import PAID, TAKE, TEMPLATE, proof
from untangle.emit.certificate import as_json, as_text
from untangle.model.certificate import Certificate, Scenario

HOP = "Take -sns-> Paid"


def application(folder: Path, take: str = TAKE, paid: str = PAID) -> Path:
    for name, text in (("template.yaml", TEMPLATE), ("take/app.py", take), ("paid/app.py", paid)):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_a_hop_over_which_messages_went_is_proved(tmp_path: Path) -> None:
    certificate = proof(application(tmp_path), budget=3)
    assert certificate.hops == {HOP: True}
    assert certificate.proves
    assert "messages went over 1 of 1 hop" in as_text(certificate)


@pytest.mark.parametrize(
    ("take", "paid", "why"),
    (
        (TAKE.replace("sns.publish(", "int('no')\n        sns.publish("), PAID, "Take failed with every input: ValueError"),
        (TAKE.replace('for record in event["Records"]:', 'for record in event["Records"] * 0:'), PAID, "sent nothing this way"),
        (TAKE, f"import unheard_of\n{PAID}", "Paid cannot be run here"),
    ),
    ids=("it fails", "it sends nothing", "it lacks a package"),
)
def test_one_over_which_none_went_says_why(tmp_path: Path, take: str, paid: str, why: str) -> None:
    certificate = proof(application(tmp_path, take, paid), budget=3)
    assert certificate.hops == {HOP: False}
    assert not certificate.proves
    assert why in certificate.unable[HOP]


def test_a_proof_without_any_message_says_that_it_proves_nothing() -> None:
    equal = (Scenario(name="one", stimulus={}, equal=True),)
    empty = Certificate(chain="orders", fingerprint="f", seed=0, scenarios=equal, hops={HOP: False})
    assert empty.equal and not empty.proves
    assert "this proves NOTHING" in as_text(empty)
    assert '"proves": false' in as_json(empty)


def test_packages_of_the_user_are_found_where_they_are_named(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    (packages / "unheard_of.py").write_text("NAME = 'here'\n")
    (tmp_path / "app").mkdir()
    certificate = proof(application(tmp_path / "app", paid=f"import unheard_of\n{PAID}"), budget=2, packages=(packages,))
    assert certificate.proves
