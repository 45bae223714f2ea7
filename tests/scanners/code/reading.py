"""What tests of code readers share: files laid out in a folder, and a call told in one line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from untangle.model.code import Call
from untangle.model.value import show

TARGETS = (
    *("QueueUrl", "TopicArn", "EventBusName", "TableName", "Bucket", "FunctionName", "stateMachineArn", "taskDefinition"),
    *("StreamName", "DeliveryStreamName"),
)


def lay(folder: Path, files: Mapping[str, str]) -> None:
    """Writes files by their paths."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def told(call: Call) -> str:
    """A call in one line: service:Operation target multiplicity."""
    target = next((show(call.arguments[name]) for name in TARGETS if name in call.arguments), "-")
    return f"{call.service}:{call.operation} {target} {call.multiplicity}"
