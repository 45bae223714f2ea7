"""What a scenario begins with: what is there before, and what comes from outside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from untangle.simulate.call import ApiCall
from untangle.simulate.stimulus import Invoked, Stimulus


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """`stimuli` arrive in this order, at once; `before` puts things into tables and buckets that handlers look for.

    `name` says what it is in words, unique among those of a proof.
    """

    name: str
    stimuli: tuple[Invoked | ApiCall, ...]
    before: tuple[ApiCall, ...] = ()

    def stimuli_of(self) -> tuple[Stimulus, ...]:
        """As the world takes them: what is there before, then what arrives, a tenth of a second apart."""
        before = [Stimulus(what=call, setup=True) for call in self.before]
        return (*before, *(Stimulus(what=what, at=1 + number / 10) for number, what in enumerate(self.stimuli)))

    def json(self) -> Mapping[str, Any]:
        """For the certificate: plain JSON, from which a person can make the same input."""
        shown: dict[str, Any] = {"stimuli": [stimulus_json(stimulus) for stimulus in self.stimuli]}
        if self.before:
            shown["before"] = [stimulus_json(call) for call in self.before]
        return shown


def stimulus_json(stimulus: Invoked | ApiCall) -> Mapping[str, Any]:
    """One stimulus as plain JSON; bytes as text where they are, else by their length."""
    if isinstance(stimulus, ApiCall):
        return {"service": stimulus.service, "operation": stimulus.operation, "params": plain(stimulus.params)}
    return {"function": stimulus.function, "event": plain(stimulus.event), "how": stimulus.how}


def plain(value: Any) -> Any:
    """A value as plain JSON."""
    if isinstance(value, bytes | bytearray):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return f"{len(value)} bytes"
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return json.loads(json.dumps(value, default=str))
