"""Filters that name what only the template knows, and hops that several filters lead to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.machines import effect_event
from untangle.channels.envelope import Unsupported, condition
from untangle.model.step import Stop


def compiled(pattern: Any) -> str | None:
    """The condition of an event of a bucket by way of the default bus."""
    way = (Stop(channel="s/Bucket", type="s3"), Stop(channel="bus", type="eventbridge", filter=pattern))
    return condition(way, lambda node, attribute: f"${{{node.rpartition('/')[2]}Name}}")


def test_a_channel_on_the_way_has_its_substitution() -> None:
    text = compiled({"detail": {"bucket": {"name": ("${s/Bucket}",)}}})
    assert text is not None and "'${BucketName}'" in text and "s/Bucket" not in text


@pytest.mark.parametrize(
    "pattern", [{"region": ("${AWS::Region}",)}, {"account": ("${AWS::AccountId}",), "region": ("${AWS::Region}",)}]
)
def test_the_own_account_and_region_need_no_test(pattern: Any) -> None:
    assert compiled(pattern) is None


@pytest.mark.parametrize(
    "pattern",
    [
        {"detail": {"bucket": {"name": ("${s/Other}",)}}},
        {"detail": {"object": {"key": ({"prefix": "${Stage}/"},)}}},
        {"detail": {"region": ("${AWS::Region}",)}},
    ],
)
def test_anything_else_is_known_at_deployment_only(pattern: Any) -> None:
    with pytest.raises(Unsupported, match="known only when it is deployed"):
        compiled(pattern)


MP3, WAV = {"suffix": ".mp3"}, {"suffix": ".wav"}


@pytest.mark.parametrize(("key", "passes"), [("a.mp3", True), ("a.wav", True), ("a.flac", True), ("a.txt", False)])
def test_any_notification_of_a_bucket_may_pass(key: str, passes: bool) -> None:
    way = (Stop(channel="b", type="s3", filter={"anyOf": ({"anyOf": (MP3, WAV)}, {"suffix": ".flac"})}),)
    effect = {"id": "1", "op": "PutObject", "params": {"Bucket": "b", "Key": key}, "response": {}}
    assert effect_event(condition(way, lambda node, attribute: node) or "", effect) is passes


def test_several_rules_may_deliver_a_message_twice() -> None:
    with pytest.raises(Unsupported, match="arrives twice"):
        compiled({"anyOf": ({"source": ("a",)}, {"source": ("b",)})})
