"""One new channel of a local run is one new file and one line in the tuple; every type is played, or said not to be."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from untangle.channels import CHANNELS
from untangle.simulate import platform
from untangle.simulate.call import ApiCall
from untangle.simulate.platform import CHANNELS_PLAYED
from untangle.simulate.platform.played import Played

# What several channels share.
MECHANISMS = {
    "event", "mapping", "matching", "passing", "played", "polling", "queue", "queue_calls", "queues", "shards", "unheard",
}  # fmt: skip


def test_every_file_is_in_the_tuple() -> None:
    names = {module.name for module in iter_modules(platform.__path__)}
    assert names >= MECHANISMS
    for name in sorted(names - MECHANISMS):
        held = vars(import_module(f"untangle.simulate.platform.{name}")).get("PLAYED")
        assert isinstance(held, Played) and held in CHANNELS_PLAYED, f"{name}.py is not in CHANNELS_PLAYED"


def test_types_are_unique_and_those_of_channels() -> None:
    types = [played.type for played in CHANNELS_PLAYED]
    assert sorted(set(types)) == sorted(types)
    assert set(types) <= {channel.type for channel in CHANNELS} | {"jobs", "unheard"}


def test_every_call_that_writes_to_a_channel_is_heard_by_somebody() -> None:
    for channel in CHANNELS:
        for write in channel.writes:
            call = ApiCall(service=write.service, operation=write.operation)
            assert any(played.concerns(call) for played in CHANNELS_PLAYED), f"{write.service}:{write.operation}"
