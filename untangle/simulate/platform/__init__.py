"""The channels as the simulator plays them, one file per type; see `played` for what each fills in."""

from __future__ import annotations

from untangle.simulate.platform import lambda_destination, lambda_invoke, sqs
from untangle.simulate.platform.played import LATENCY, Handed, Played, Stage

CHANNELS_PLAYED: tuple[Played, ...] = (
    lambda_destination.PLAYED,
    lambda_invoke.PLAYED,
    sqs.PLAYED,
)

__all__ = ["CHANNELS_PLAYED", "LATENCY", "Handed", "Played", "Stage"]
