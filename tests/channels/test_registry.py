"""The tuple of channels: complete, sorted, and each able to say what it is."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

import untangle.channels
from untangle.channels import CHANNELS, MECHANISMS
from untangle.channels.channel import Channel

FOLDER = Path(untangle.channels.__file__).parent


def test_every_file_is_a_channel_or_a_named_mechanism() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"} - set(MECHANISMS)
    registered = {name for name in modules if import_module(f"untangle.channels.{name}").CHANNEL in CHANNELS}
    assert registered == modules
    assert len(CHANNELS) == len(modules)


def test_the_list_of_mechanisms_is_not_stale() -> None:
    assert set(MECHANISMS) <= {path.stem for path in FOLDER.glob("*.py")}


def test_no_two_channels_claim_a_type_or_an_operation() -> None:
    types = [channel.type for channel in CHANNELS]
    kinds = [kind.type for channel in CHANNELS for kind in channel.kinds]
    operations = [(write.service, write.operation) for channel in CHANNELS for write in channel.writes]
    for names in (types, kinds, operations):
        assert len(set(names)) == len(names)
    assert types == sorted(types)


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.type)
def test_every_write_names_an_action_of_iam(channel: Channel) -> None:
    assert channel.title
    for write in channel.writes:
        service, _, action = write.action.partition(":")
        assert service and action and action[0].isupper()


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.type)
def test_every_operation_is_one_of_the_sdk(channel: Channel) -> None:
    loader = import_module("botocore.loaders").Loader()
    for write in channel.writes:
        if write.operation == "PostObject":  # a form upload of a browser: an event of S3, no operation of the SDK
            continue
        model = loader.load_service_model(write.service, "service-2")
        operation = model["operations"][write.operation]
        members = model["shapes"][operation["input"]["shape"]]["members"]
        nested = {"EventBusName", "TableName", ""}  # entries of a batch carry these; see the scanner of code
        assert write.target.partition(".")[0] in members or write.target in nested
