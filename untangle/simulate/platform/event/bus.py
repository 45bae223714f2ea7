"""EventBridge: the event on a bus, and what a rule hands to its target.

A target gets the event, a constant, a part of it, or what a template makes of it. `time` has whole seconds.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from untangle.simulate.platform.event.text import whole_seconds
from untangle.simulate.platform.event.transformer import filled, found_at


def event(
    entry: Mapping[str, Any], *, id: str, at: str, account: str, region: str, resources: Sequence[str] = ()
) -> dict[str, Any]:
    """The event of an entry of PutEvents (`Source`, `DetailType`, `Detail`, perhaps `Time` and `Resources`).

    Raises ValueError where the detail is no JSON object: EventBridge refuses such an entry.
    """
    detail = json.loads(entry["Detail"])
    if not isinstance(detail, dict):
        raise ValueError("Detail is malformed.")
    return {
        "version": "0",
        "id": id,
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": account,
        "time": whole_seconds(entry["Time"] if entry.get("Time") is not None else at),
        "region": region,
        "resources": list(entry.get("Resources") or resources),
        "detail": detail,
    }


def handed(delivery: Mapping[str, Any], event: Mapping[str, Any], *, rule: str, rule_arn: str) -> Any:
    """What the target of a rule gets (JSON; text where a template makes text); `delivery` are the settings of the link.

    None where a path finds nothing, for which no target is called with anything.
    """
    if delivery.get("input") is not None:
        constant = delivery["input"]
        return _decoded(constant) if isinstance(constant, str) else constant
    if delivery.get("input_path") is not None:
        found = found_at(str(delivery["input_path"]), event)
        return found[0] if found else None
    transformer = delivery.get("input_transformer")
    if isinstance(transformer, Mapping):
        paths, template = transformer.get("InputPathsMap"), transformer.get("InputTemplate", "")
        words = {name: str(path) for name, path in paths.items()} if isinstance(paths, Mapping) else {}
        return filled(str(template), words, event, rule=rule, rule_arn=rule_arn)
    return dict(event)


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
