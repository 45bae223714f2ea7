"""What was seen at run time: how much a function or channel was used, and which hops were taken."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """How much one function or channel was used over `days`, as `source` ("cloudwatch") counted it.

    `count` is invocations of a function, messages sent to a queue, published to a topic, put on a stream, matched by a rule.
    `errors` and `throttles` are counted for functions alone; `duration_ms` is their mean duration. What was not counted is None.
    """

    days: float
    count: int
    errors: int | None = None
    throttles: int | None = None
    duration_ms: float | None = None
    source: str = "cloudwatch"

    @property
    def per_day(self) -> float:
        """The mean count of a day; 0 where no time was looked at."""
        return self.count / self.days if self.days > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Observation:
    """One hop, or a part of one, that was seen at run time: `count` times over `hours`, as `source` ("x-ray") tells.

    `producer` and `consumer` are names or ARNs of what the source saw, functions and channels alike, in the stack `stack`
    (`<account>/<region>`). That something was not seen says nothing: traces are samples.
    """

    stack: str
    producer: str
    consumer: str
    count: int
    hours: float
    source: str = "x-ray"
