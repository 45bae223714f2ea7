"""The functions that Step Functions adds to JSONata, and those that must not ask the real clock or the real dice.

Source: Step Functions guide, "Transforming data with JSONata", "JSONata functions provided by Step Functions".
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from untangle.simulate.machine.query.functions import Misuse, Random, digest, uuid

_MOST = 10_000_000  # entries of a range


class Source(Protocol):
    """Where chance and time come from."""

    random: Random

    @property
    def millis(self) -> int:
        """The time of day, in milliseconds since 1970."""
        ...


def _nulls(value: Any) -> Any:
    """JSON with its nulls as jsonata-python has them."""
    from jsonata.utils import Utils

    if isinstance(value, dict):
        return {key: _nulls(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_nulls(inner) for inner in value]
    return Utils.NULL_VALUE if value is None else value


def _parse(text: Any = None) -> Any:
    return None if text is None else _nulls(json.loads(text))


def _partition(items: Any = None, size: Any = None) -> Any:
    if items is None or size is None:
        return None
    if not isinstance(size, int | float) or int(size) < 1:
        raise Misuse("$partition: the chunk size must be a positive number")
    step = int(size)
    return [list(items[at : at + step]) for at in range(0, len(items), step)]


def _range(first: Any = None, last: Any = None, step: Any = None) -> Any:
    if first is None or last is None or step is None:
        return None
    if step == 0:
        raise Misuse("$range: the step cannot be 0")
    count = int((last - first) / step + 1e-9) + 1
    if count > _MOST:
        raise Misuse("$range: too many entries")
    made = [first + index * step for index in range(max(0, count))]
    return made[0] if len(made) == 1 else made  # a sequence of one is what is in it, as everywhere in JSONata


def _hash(value: Any = None, algorithm: Any = None) -> Any:
    return None if value is None else digest(value, algorithm)


def _random(source: Source) -> Callable[..., float]:
    return lambda seed=None: source.random.random() if seed is None else random.Random(seed).random()  # noqa: S311


def _shuffle(source: Source) -> Callable[..., Any]:
    return lambda items=None: None if items is None else source.random.sample(list(items), len(items))


def _now(source: Source) -> Callable[..., Any]:
    from jsonata.functions import Functions

    return lambda picture=None, zone=None: Functions.datetime_from_millis(source.millis, picture, zone)


_MADE: Mapping[str, Callable[[Source], Callable[..., Any]]] = {
    "parse": lambda source: _parse,
    "partition": lambda source: _partition,
    "range": lambda source: _range,
    "hash": lambda source: _hash,
    "random": _random,
    "uuid": lambda source: lambda: uuid(source.random),
    "shuffle": _shuffle,
    "millis": lambda source: lambda: source.millis,
    "now": _now,
}
NAMES = frozenset(_MADE)


def addition(name: str, source: Source) -> Any:
    """One of `NAMES`, as jsonata-python takes functions, made for the source that it draws from."""
    from jsonata import Jsonata

    return Jsonata.JLambda(_MADE[name](source))
