"""Filters that name what only the template knows: by the substitution of a channel on the way, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

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
