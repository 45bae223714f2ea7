"""A certificate that was written before, read again: anybody may have had the file, so nothing in it is taken for granted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from untangle.emit.certificate import SCHEMA
from untangle.errors import InputError
from untangle.model.certificate import Certificate, Deviation, Mutant, Scenario


class _Wrong(Exception):
    """A member is not what it must be."""


def read_certificate(text: str, where: str) -> Certificate:
    """The certificate that `as_json` has written; `where` is the file's name. Raises InputError.

    Whether it is equal, and its score, are worked out from the scenarios and the planted faults, not read.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"is no JSON: {error}", where=where) from None
    if not isinstance(data, Mapping) or data.get("schema") != SCHEMA:
        hint = "`untangle verify … -o certificate.json` writes one"
        raise InputError(f"is no certificate ({SCHEMA})", where=where, hint=hint)
    try:
        return _certificate(data)
    except _Wrong as wrong:
        raise InputError(f"is no certificate: {wrong}", where=where) from None


def _certificate(data: Mapping[str, Any]) -> Certificate:
    return Certificate(
        chain=_get(data, "chain", str),
        fingerprint=_get(data, "fingerprint", str),
        language=_get(data, "language", str, "jsonata"),
        claim=_get(data, "claim", str, ""),
        seed=_get(data, "seed", int),
        scenarios=tuple(_scenario(one) for one in _get(data, "scenarios", list, [])),
        mutants=tuple(_mutant(one) for one in _get(data, "mutants", list, [])),
        hops={_get(one, "hop", str): _get(one, "crossed", bool) for one in _get(data, "hops", list, [])},
        unable={str(what): str(why) for what, why in _get(data, "unable", dict, {}).items()},
        differences=_texts(data, "differences"),
        seconds=float(_get(data, "seconds", int | float, 0.0)),
    )


def _scenario(data: Any) -> Scenario:
    equal = data.get("equal") if isinstance(data, Mapping) else None
    if not (equal is None or isinstance(equal, bool)):
        raise _Wrong("`equal` is neither true, false nor null")
    return Scenario(
        name=_get(data, "name", str),
        stimulus=_get(data, "stimulus", dict, {}),
        faults=_texts(data, "faults"),
        equal=equal,
        deviations=tuple(_deviation(one) for one in _get(data, "deviations", list, [])),
        unable=_get(data, "unable", str, ""),
        story=_texts(data, "story"),
    )


def _deviation(data: Any) -> Deviation:
    return Deviation(
        kind=_get(data, "kind", str),
        subject=_get(data, "subject", str),
        choreography=data.get("choreography"),
        machine=data.get("machine"),
        reason=_get(data, "reason", str, ""),
    )


def _mutant(data: Any) -> Mutant:
    return Mutant(
        change=_get(data, "change", str),
        killed_by=_get(data, "killed_by", str, ""),
        equivalent=_get(data, "equivalent", str, ""),
        unable=_get(data, "unable", str, ""),
    )


def _get(data: Any, name: str, type: Any, default: Any = None) -> Any:
    """A member of a type; the default where it is not there. Raises `_Wrong`."""
    if not isinstance(data, Mapping):
        raise _Wrong("an object is expected")
    value = data.get(name, default)
    if not isinstance(value, type) or (isinstance(value, bool) and type is not bool):
        raise _Wrong(f"`{name}` is missing" if name not in data else f"`{name}` is of another kind")
    return value


def _texts(data: Any, name: str) -> tuple[str, ...]:
    found = _get(data, name, list, [])
    if not all(isinstance(one, str) for one in found):
        raise _Wrong(f"`{name}` holds something else than texts")
    return tuple(found)
