"""Definitions in JSONPath, run in tests. The outbox is played too: where the marker asks for it, effects get the members that its
contract names (`emit.asl.states.marker`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tests.machines import Machine

_TEXTS = re.compile(r"(States\.Format\()?'((?:[^'\\]|\\.)*)'")


class PathMachine(Machine):
    """Executes one definition in JSONPath."""

    def run(self, value: Any) -> Any:
        for call in _calls(self.definition):
            braces = [text for template, text in _TEXTS.findall(call) if not template and re.search(r"(?<!\\)[{}]", text)]
            assert not braces, f"a brace of {braces} in {call} does not stand behind a backslash"
        return super().run(value)

    def _task(self, state: Mapping[str, Any], arguments: Any) -> Any:
        answer = super()._task(state, arguments)
        if not isinstance(arguments, dict) or "ClientContext" not in arguments or "effects" not in answer.get("Payload", {}):
            return answer
        marker = json.loads(base64.b64decode(arguments["ClientContext"]))["custom"]["untangle"]
        assert marker["ready"] is True and marker["execution"] == "run-1" and marker["span"].count("|") in (2, 3)
        effects = [{**effect, "ready": ready(effect, marker)} for effect in answer["Payload"]["effects"]]
        for effect in effects:
            if effect["op"] == "Invoke":
                effect["params"] = {"Payload": {}, **effect["params"]}
        return {**answer, "Payload": {**answer["Payload"], "effects": effects}}


def _calls(value: Any) -> Iterator[str]:
    """The calls of intrinsic functions in a definition."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, str) and key.endswith((".$", "Path")) and inner.startswith("States."):
                yield inner
            yield from _calls(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _calls(inner)


def ready(effect: Mapping[str, Any], marker: Mapping[str, Any]) -> dict[str, Any]:
    """What paths cannot work out, as the outbox hands it over."""
    params, at = effect["params"], datetime.fromisoformat(effect["at"])
    named = {*(value for value in params.values() if isinstance(value, str)), params.get("Target", {}).get("Arn"), "default"}
    found: dict[str, Any] = {
        "target": next((target for target in (*marker["capture"], *marker["observe"]) if target in named), ""),
        "millis": str(round(at.timestamp() * 1000)),
    }
    given = params.get("MessageAttributes", {})
    if effect["op"] in ("SendMessage", "Publish"):
        text = params.get("MessageBody", params.get("Message"))
        found["md5"] = hashlib.md5(text.encode()).hexdigest()  # noqa: S324
        found["attributes"] = {
            name: {
                "stringValue": value["StringValue"],
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value["DataType"],
            }
            for name, value in given.items()
        }
    if effect["op"] == "SendMessage":
        found["system"] = {name: params[name] for name in ("MessageGroupId", "MessageDeduplicationId") if name in params}
    if effect["op"] == "Publish":
        found["typed"] = {name: {"Type": value["DataType"], "Value": value["StringValue"]} for name, value in given.items()}
        found["subject"] = params.get("Subject")
        found["optional"] = {"Subject": params["Subject"]} if "Subject" in params else {}
        found["optional"] |= {"MessageAttributes": found["typed"]} if given else {}
    if effect["op"] == "PutEvents":
        found["time"] = f"{params.get('Time', effect['at'])[:19]}Z"
        found["resources"] = params.get("Resources", [])
    return found
