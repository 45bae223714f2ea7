"""The jobs of one world: whoever starts one and whoever asks for it sees the same, on the virtual clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from untangle.simulate.call import ApiCall, ApiError
from untangle.simulate.clock import Clock
from untangle.simulate.jobs.job import LONGER, SECONDS, Job, Play, Told

Place = tuple[str, str]


@dataclass(slots=True, kw_only=True)
class Book:
    """Jobs by what they are known by.

    `new_id` gives UUIDs, `tell` is told of each job what it tells of itself. `strikes` gives the kinds of faults that strike the
    next job of a service and operation ("fails", "slow"), `output` where a job writes whose call does not say.
    """

    plays: Sequence[Play]
    clock: Clock
    new_id: Callable[[], str]
    tell: Callable[[Play, Job, Told], None] = field(default=lambda play, job, told: None)
    strikes: Callable[[str], frozenset[str]] = field(default=lambda operation: frozenset())
    output: Callable[[Play, Mapping[str, Any]], str] = field(default=lambda play, params: "")
    _jobs: dict[Place, dict[str, Job]] = field(default_factory=dict)
    _waiting: dict[str, list[Callable[[], None]]] = field(default_factory=dict)
    _had: dict[tuple[str, str, str], Sequence[Job]] = field(default_factory=dict)

    def answer(self, call: ApiCall) -> Mapping[str, Any] | None:
        """The response to a call that starts a job or asks for one; None for any other. Raises ApiError."""
        for play in self.plays:
            if play.service == call.service:
                if play.operation == call.operation:
                    return play.response(self._started(play, call.params))
                if play.asks == call.operation:
                    return play.answer(self._found(play, call.params))
        return None

    def _started(self, play: Play, params: Mapping[str, Any]) -> Sequence[Job]:
        token = str(params.get(play.token) or "")
        if token and (play.service, play.operation, token) in self._had:
            return self._had[play.service, play.operation, token]
        place = (play.service, play.asks)
        jobs = [
            Job(
                params=params,
                id=self.new_id().replace("-", ""),
                begun=self.clock.moment,
                number=number,
                output=self.output(play, params),
            )
            for number in range(play.several(params))
        ]
        known = self._jobs.setdefault(place, {})
        for job in jobs:
            if play.taken and any(name in known for name in play.named(job)):
                raise ApiError(play.taken, "The requested job name already exists.", service=play.service)
            known |= dict.fromkeys(play.named(job), job)
        for job in jobs:
            self._begin(play, job)
        if token:
            self._had[play.service, play.operation, token] = jobs
        return jobs

    def _begin(self, play: Play, job: Job) -> None:
        kinds = self.strikes(f"{play.service}:{play.operation}")
        self._tell(play, job)
        seconds = SECONDS + (LONGER if "slow" in kinds else 0.0)
        self.clock.after(seconds, lambda: self._end(play, job, well="fails" not in kinds))

    def _end(self, play: Play, job: Job, *, well: bool) -> None:
        job.over, job.well = self.clock.moment, well
        self._tell(play, job)
        for tell in self._waiting.pop(job.id, ()):
            tell()

    def _tell(self, play: Play, job: Job) -> None:
        for told in play.told(job):
            self.tell(play, job, told)

    def meant(self, play: Play, response: str) -> Job | None:
        """The job that the text of a response names; None for none."""
        known = self._jobs.get((play.service, play.asks), {})
        return next((job for name, job in known.items() if name in response), None)

    def when_ended(self, job: Job, tell: Callable[[], None]) -> None:
        """Have somebody told of a job's end."""
        if job.ended:
            tell()
        else:
            self._waiting.setdefault(job.id, []).append(tell)

    def _found(self, play: Play, params: Mapping[str, Any]) -> list[Job]:
        """The jobs that a question is about, each once; those that are not known are left out, where others are asked for too."""
        known = self._jobs.get((play.service, play.asks), {})
        asked = play.asked(params)
        found = {id(known[name]): known[name] for name in asked if name in known}
        if not found:
            raise ApiError(play.missing, f"There is no such job: {', '.join(asked)}", service=play.service)
        return list(found.values())
