"""The channels as the simulator plays them, one file per type; see `played` for what each fills in."""

from __future__ import annotations

from untangle.simulate.platform import (
    create_schedule,
    dynamodb_stream,
    eventbridge,
    jobs,
    kinesis,
    lambda_destination,
    lambda_invoke,
    logs,
    pipe,
    s3,
    sns,
    sqs,
    step_functions,
)
from untangle.simulate.platform.played import LATENCY, Handed, Played, Stage
from untangle.simulate.platform.unheard import unheard

_PLAYED: tuple[Played, ...] = (
    create_schedule.PLAYED,
    dynamodb_stream.PLAYED,
    eventbridge.PLAYED,
    jobs.PLAYED,
    kinesis.PLAYED,
    lambda_destination.PLAYED,
    lambda_invoke.PLAYED,
    logs.PLAYED,
    pipe.PLAYED,
    s3.PLAYED,
    sns.PLAYED,
    sqs.PLAYED,
    step_functions.PLAYED,
)
CHANNELS_PLAYED = (*_PLAYED, unheard(_PLAYED))

__all__ = ["CHANNELS_PLAYED", "LATENCY", "Handed", "Played", "Stage"]
