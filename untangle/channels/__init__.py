"""AWS channels, one file each. `CHANNELS` is the list that every stage asks."""

from __future__ import annotations

from untangle.channels import dynamodb_stream, eventbridge, lambda_destination, lambda_invoke, s3, sns, sqs
from untangle.channels.channel import Channel

CHANNELS: tuple[Channel, ...] = (
    dynamodb_stream.CHANNEL,
    eventbridge.CHANNEL,
    lambda_destination.CHANNEL,
    lambda_invoke.CHANNEL,
    s3.CHANNEL,
    sns.CHANNEL,
    sqs.CHANNEL,
)
