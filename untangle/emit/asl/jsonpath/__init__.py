"""The JSONPath form of a definition: a second set of writers for the same steps.

It says what the JSONata form says, or refuses: a hop that paths, intrinsic functions and choice rules cannot express raises
`Unsupported` with the reason. It takes a few states more, since a path can neither pick one of several nor look into what a call
gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from untangle.channels.envelope.form import Unsupported
from untangle.emit.asl.jsonpath.flow import write_choice, write_each, write_entries, write_parallel, write_wait
from untangle.emit.asl.jsonpath.join import write_hand, write_join
from untangle.emit.asl.jsonpath.rounds import write_again, write_loop, write_one_of
from untangle.emit.asl.jsonpath.start import source_of, write_start
from untangle.emit.asl.jsonpath.task import ROOT, write_task
from untangle.emit.asl.jsonpath.way import UNKNOWN
from untangle.emit.asl.writer import StepWriter, Writer, Writing
from untangle.model.step import Again, Choice, Each, Entries, Hand, Job, Join, Loop, OneOf, Parallel, Start, Step, Task, Wait

__all__ = ["ROOT", "UNKNOWN", "WRITERS", "source_of"]

_REFUSED: Mapping[type, str] = {
    Job: "it waits for the end of a job, which is written in JSONata only",
}


def _refuse(writer: Writer, step: Step, writing: Writing) -> NoReturn:
    raise Unsupported(_REFUSED[type(step)])


WRITERS: Mapping[type, StepWriter] = {
    Again: write_again,
    Choice: write_choice,
    Each: write_each,
    Entries: write_entries,
    Hand: write_hand,
    Join: write_join,
    Loop: write_loop,
    OneOf: write_one_of,
    Parallel: write_parallel,
    Start: write_start,
    Task: write_task,
    Wait: write_wait,
    **dict.fromkeys(_REFUSED, _refuse),
}
