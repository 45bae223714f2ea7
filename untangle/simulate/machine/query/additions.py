"""The functions that Step Functions adds to JSONata, and those that must not ask the real clock or the real dice.

Source: Step Functions guide, "Transforming data with JSONata", "JSONata functions provided by Step Functions".
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol

from untangle.simulate.machine.query.functions import Misuse, Random, digest, uuid


class Source(Protocol):
    """Where chance and time come from."""

    random: Random

    @property
    def millis(self) -> int:
        """The time of day, in milliseconds since 1970."""
        ...


@lru_cache(maxsize=1)
def additions() -> Mapping[str, Callable[[Source], Any]]:
    """Functions by name, each made for the source that it draws from."""
    from jsonata import Jsonata
    from jsonata.functions import Functions
    from jsonata.utils import Utils

    null = Utils.NULL_VALUE

    def nulls(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: nulls(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [nulls(inner) for inner in value]
        return null if value is None else value

    def parse(text: Any = None) -> Any:
        return None if text is None else nulls(json.loads(text))

    def partition(items: Any = None, size: Any = None) -> Any:
        if items is None or size is None:
            return None
        if not isinstance(size, int | float) or int(size) < 1:
            raise Misuse("$partition: the chunk size must be a positive number")
        step = int(size)
        return [list(items[at : at + step]) for at in range(0, len(items), step)]

    def spread(first: Any = None, last: Any = None, step: Any = None) -> Any:
        if first is None or last is None or step is None:
            return None
        if step == 0:
            raise Misuse("$range: the step cannot be 0")
        count = int((last - first) / step + 1e-9) + 1
        if count > 10_000_000:
            raise Misuse("$range: too many entries")
        made = [first + index * step for index in range(max(0, count))]
        return made[0] if len(made) == 1 else made  # a sequence of one is what is in it, as everywhere in JSONata

    def hashed(value: Any = None, algorithm: Any = None) -> Any:
        return None if value is None else digest(value, algorithm)

    def drawn(source: Source) -> Callable[..., float]:
        return lambda seed=None: source.random.random() if seed is None else random.Random(seed).random()  # noqa: S311

    def shuffled(source: Source) -> Callable[..., Any]:
        return lambda items=None: None if items is None else source.random.sample(list(items), len(items))

    def now(source: Source) -> Callable[..., Any]:
        return lambda picture=None, zone=None: Functions.datetime_from_millis(source.millis, picture, zone)

    made: dict[str, Callable[[Source], Callable[..., Any]]] = {
        "parse": lambda source: parse,
        "partition": lambda source: partition,
        "range": lambda source: spread,
        "hash": lambda source: hashed,
        "random": drawn,
        "uuid": lambda source: lambda: uuid(source.random),
        "shuffle": shuffled,
        "millis": lambda source: lambda: source.millis,
        "now": now,
    }

    def wrapped(make: Callable[[Source], Callable[..., Any]]) -> Callable[[Source], Any]:
        return lambda source: Jsonata.JLambda(make(source))

    return {name: wrapped(make) for name, make in made.items()}
