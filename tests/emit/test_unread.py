"""What an account would not tell is told by every format that people read: where, which permission, what may hide there."""

from __future__ import annotations

import pytest

from tests.emit.scans import order_graph, order_scan
from untangle.emit import EMITTERS, View
from untangle.emit.unread import all_hidden, hidden, permissions, unread
from untangle.model.resource import Coverage

REGIONS = ("eu-central-1", "eu-west-1", "us-east-1", "us-west-2")


def row(source: str, operation: str = "sqs.ListQueues", outcome: str = "denied", note: str = "", **more: str) -> Coverage:
    unseen = tuple(more.get("unseen", "sqs sns").split())
    permission = more.get("permission", "sqs:ListQueues" if outcome == "denied" else "") or None
    return Coverage(source=source, operation=operation, outcome=outcome, unseen=unseen, permission=permission, note=note)


def shown(*rows: Coverage, format: str = "text", verbosity: int = 0) -> str:
    (emitter,) = [item for item in EMITTERS if item.format == format]
    return emitter.render(order_scan(graph=order_graph(coverage=rows)), View(width=120, verbosity=verbosity))


def test_a_refusal_in_several_regions_is_one_line() -> None:
    (item,) = unread(row(f"aws/111122223333/{region}", note="AccessDenied: 1 of 1") for region in REGIONS)
    assert item.where() == "eu-central-1, eu-west-1, us-east-1 and 1 more"
    assert item.reason == "AccessDenied" and item.hidden == "hops over sqs, sns"


def test_accounts_are_named_where_there_are_several() -> None:
    (item,) = unread((row("aws/111122223333/eu-west-1"), row("aws/444455556666/eu-west-1")))
    assert item.where() == "111122223333/eu-west-1, 444455556666/eu-west-1"


def test_how_many_of_the_calls_were_refused_is_told() -> None:
    (item,) = unread((row("aws/1/a", note="AccessDenied: 2 of 20"), row("aws/1/b", note="AccessDenied: 1 of 10")))
    assert item.reason == "AccessDenied, 3 of 30 calls"


@pytest.mark.parametrize(
    ("unseen", "told"),
    [
        (("sqs",), "hops over sqs"),
        (("producers", "s3"), "hops over s3; grants, and hops that rest on them"),
        (("everything", "sqs"), "anything"),
        ((), ""),
    ],
)
def test_what_may_hide_is_told_in_words(unseen: tuple[str, ...], told: str) -> None:
    assert hidden(unseen) == told


def test_what_was_read_and_what_concerns_files_is_no_refusal() -> None:
    assert unread((row("aws/1/a", outcome="read"), row("a.json", outcome="skipped"), row("a.tf", outcome="joined"))) == []


def test_denials_come_first_and_missing_permissions_together() -> None:
    found = unread(
        (
            row("aws/1/a", "sns.ListTopics", "incomplete", unseen="sns"),
            row("aws/1/a", permission="sqs:ListQueues sqs:GetQueueUrl"),
            row("aws/1/a", "iot.ListTopicRules", "unavailable", unseen="iot"),
        )
    )
    assert [item.outcome for item in found] == ["denied", "unavailable", "incomplete"]
    assert permissions(found) == ["sqs:GetQueueUrl", "sqs:ListQueues"]
    assert all_hidden(found) == "hops over iot, sns, sqs"


@pytest.mark.parametrize("format", ["text", "markdown", "html"])
def test_every_format_for_people_shows_it(format: str) -> None:
    page = shown(row("aws/111122223333/eu-west-1", note="AccessDenied: 1 of 1"), format=format)
    for said in ("Not read", "sqs.ListQueues", "eu-west-1", "AccessDenied", "sqs:ListQueues", "hops over sqs, sns"):
        assert said in page
    assert "Not read" not in shown(row("aws/111122223333/eu-west-1", outcome="read"), format=format)


def test_the_terminal_shows_a_few_and_all_of_them_when_asked() -> None:
    rows = [row(f"aws/1/{region}", f"x.List{number}") for number in range(9) for region in REGIONS]
    assert "and 3 more (-v)" in shown(*rows) and "x.List8" not in shown(*rows)
    assert "x.List8" in shown(*rows, verbosity=1) and "us-west-2" in shown(*rows, verbosity=1)


@pytest.mark.parametrize(("format", "never"), [("text", "\x1b"), ("markdown", "\n[y](z)"), ("html", "<b>")])
def test_no_text_of_a_recording_leaves_its_place(format: str, never: str) -> None:
    nasty = "\x1b[2J<b>|`x`\n[y](z)"
    rows = (row(f"aws/1/{nasty}", nasty, note=nasty, permission=nasty, unseen=nasty), row(nasty, nasty, "withheld"))
    assert never not in shown(*rows, format=format)
