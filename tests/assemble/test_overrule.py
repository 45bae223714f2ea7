"""People may overrule what was read: each time with a reason that every output shows, and never silently stale."""

from __future__ import annotations

import pytest

from tests.assemble.inventories import call, code, function, inventory, resource
from untangle.assemble import assemble
from untangle.assemble.overrule import unused_ignores
from untangle.channels import CHANNELS
from untangle.config import Binding, Boundary, Config, Ignored, Owner, Rejected, StatedHop
from untangle.model.chain import Finding
from untangle.model.evidence import Witness
from untangle.model.graph import EventGraph
from untangle.model.value import Ref, Symbol

WORLD = inventory(
    resource("shop/Queue", "AWS::SQS::Queue"),
    resource(
        "shop/Mapping", "AWS::Lambda::EventSourceMapping", EventSourceArn=Ref("shop/Queue", "Arn"), FunctionName=Ref("shop/Ship")
    ),
    function("shop/Order"),
    function("shop/Ship"),
)
SILENT = (code("shop/Order"), code("shop/Ship"))


def seen(config: Config, *facts: object) -> EventGraph:
    return assemble(WORLD, facts or SILENT, CHANNELS, config)  # type: ignore[arg-type]


def test_a_stated_hop_is_a_hop_and_says_who_said_so() -> None:
    config = Config(
        path="untangle.toml",
        hops=(
            StatedHop(
                producer="shop/Order", consumer="shop/Ship", channel="shop/Queue", reason="sent by the vendor's library", line=3
            ),
        ),
    )
    (hop,) = seen(config).reported
    assert (hop.producer, hop.consumer) == ("shop/Order", "shop/Ship")
    (said,) = [item for item in hop.evidence if item.kind is Witness.STATED]
    assert said.note == "sent by the vendor's library"
    assert str(said.location) == "untangle.toml:3"


def test_a_dynamic_target_is_bound_to_a_channel() -> None:
    sends = code("shop/Order", call("sqs", "SendMessage", QueueUrl=Symbol("tenant.queue")))
    config = Config(
        bindings=(Binding(function="shop/Order", target="${tenant.queue}", channel="shop/Queue", reason="one tenant only"),)
    )
    (hop,) = seen(config, sends, SILENT[1]).reported
    assert {item.kind for item in hop.evidence} >= {Witness.CODED, Witness.STATED}


def test_a_rejected_hop_is_contradicted_not_lost() -> None:
    sends = code("shop/Order", call("sqs", "SendMessage", QueueUrl=Ref("shop/Queue")))
    config = Config(rejected=(Rejected(producer="shop/Order", consumer="shop/Ship", reason="only in the old region"),))
    found = seen(config, sends, SILENT[1])
    assert found.reported == ()
    (hop,) = found.hops
    assert hop.evidence[-1].note == "only in the old region"
    assert hop.evidence[-1].against


def test_an_owner_is_named() -> None:
    found = seen(Config(owners=(Owner(pattern="shop/Sh*", owner="logistics", reason="CODEOWNERS"),)))
    assert [item.owner for item in found.functions] == [None, "logistics"]


def test_a_boundary_names_the_channels_at_which_chains_are_cut() -> None:
    assert seen(Config(boundaries=(Boundary(channel="shop/Q*", reason="another team's"),))).boundaries == ("shop/Queue",)


def test_what_fits_nothing_any_more_is_a_finding() -> None:
    config = Config(
        hops=(StatedHop(producer="shop/Gone", consumer="shop/Ship", channel="shop/Queue", reason="old"),),
        rejected=(Rejected(hop="123456789abc", reason="older"),),
    )
    assert sorted(finding.subject for finding in seen(config).findings if finding.rule == "config-stale-entry") == [
        "hop old",
        "reject older",
    ]


LOOP = Finding(rule="loop", severity="error", message="round and round", subject="shop/Order")
IGNORES = {
    "its rule": (Ignored(rule="loop", reason="r"),),
    "its fingerprint": (Ignored(fingerprint=LOOP.fingerprint, reason="r"),),
    "another rule": (Ignored(rule="fan-out", reason="r"),),
    "another finding of its rule": (Ignored(rule="loop", fingerprint="0" * 16, reason="r"),),
    "one of two": (Ignored(rule="loop", reason="r"), Ignored(rule="fan-in", reason="s")),
    "what is said of another entry": (Ignored(rule="fan-out", reason="r"), Ignored(rule="config-stale-entry", reason="s")),
    "what is said of itself": (Ignored(rule="config-stale-entry", reason="s"),),
}


@pytest.mark.parametrize(
    ("entries", "stale"),
    [
        ("its rule", []),
        ("its fingerprint", []),
        ("another rule", ["ignore r"]),
        ("another finding of its rule", ["ignore r"]),
        ("one of two", ["ignore s"]),
        ("what is said of another entry", ["ignore r"]),
        ("what is said of itself", ["ignore s"]),
    ],
)
def test_an_ignore_that_fits_no_finding_is_a_finding(entries: str, stale: list[str]) -> None:
    config = Config(path="untangle.toml", ignored=IGNORES[entries])
    found = unused_ignores(config, [LOOP])
    assert [item.subject for item in found] == stale
    assert {item.rule for item in found} <= {"config-stale-entry"}
