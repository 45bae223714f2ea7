"""Where a producer's message stands in the event that the consumer gets: the path of the hop's envelope."""

from __future__ import annotations

from untangle.channels import CHANNELS
from untangle.model.link import Passage
from untangle.model.shape import DECODED, Path

_MESSAGE = {channel.type: channel.message for channel in CHANNELS}
# Channels whose message is JSON that the producer wrote itself; those of the others are made by the service.
WRITTEN = frozenset({"sqs", "sns", "eventbridge", "kinesis", "lambda_invoke"})
_REPLACED = ("input", "input_path", "input_transformer", "input_template")


def message_path(passages: tuple[Passage, ...]) -> Path | None:
    """The path of the producer's message in the consumer's event; None where it is not there, or not known.

    `sns/sqs` gives `Records * body () Message ()`, with raw delivery `Records * body ()`.
    """
    if not passages or passages[-1].type not in _MESSAGE:
        return None
    path = _MESSAGE[passages[-1].type]
    for passage in reversed(passages[:-1]):
        inner = _within(passage)
        if inner is None:
            return None
        path += inner
    if any(passage.delivery.get(key) is not None for passage in passages for key in _REPLACED):
        return None
    return path


def _within(passage: Passage) -> Path | None:
    """Where the message of a channel stands in what the channel hands on to a further one."""
    if passage.type == "sns":
        return () if passage.delivery.get("raw_message_delivery") is True else ("Message", DECODED)
    if passage.type == "eventbridge":
        return ("detail",)
    return None


def below(path: Path, prefix: Path) -> Path | None:
    """The rest of a path after a prefix; None where the path lies elsewhere. A decoding step may be missing at the end."""
    if path[: len(prefix)] == prefix:
        return path[len(prefix) :]
    return None
