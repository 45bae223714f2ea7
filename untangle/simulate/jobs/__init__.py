"""Jobs of other services, played: one file per way in which they tell of their end. `Book` holds those of one world.

Both who starts a job and who asks for it are answered here, and not by moto: its jobs need resources around them, go on with each
question instead of with the clock, write no results and tell nobody of their ends.
"""

from __future__ import annotations

from untangle.simulate.jobs import analysis, batch, codebuild, ecs, emr, glue, mediaconvert, output
from untangle.simulate.jobs.book import Book
from untangle.simulate.jobs.job import SECONDS, Event, Job, Message, Object, Play, Told

PLAYS: tuple[Play, ...] = (
    *analysis.PLAYS,
    *batch.PLAYS,
    *codebuild.PLAYS,
    *ecs.PLAYS,
    *emr.PLAYS,
    *glue.PLAYS,
    *mediaconvert.PLAYS,
    *output.PLAYS,
)
_BY_OPERATION = {(play.service, play.operation): play for play in PLAYS}

__all__ = ["PLAYS", "SECONDS", "Book", "Event", "Job", "Message", "Object", "Play", "Told", "is_played", "play_of"]


def play_of(service: str, operation: str) -> Play | None:
    """How the jobs that an operation starts are played; None where they are not."""
    return _BY_OPERATION.get((service, operation))


def is_played(service: str, operation: str) -> bool:
    """Whether the jobs that an operation starts run here: those that are played, and executions of the application's machines."""
    return (service, operation) in _BY_OPERATION or (service, operation) == ("stepfunctions", "StartExecution")
