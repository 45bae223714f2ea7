"""What the outbox costs an invocation: the same handler bare and behind it, in turns, with a transport that answers at once.

    python benchmarks/outbox.py [--rounds 2000] [--json FILE]

Calls go through all of botocore but the network: a handler of `before-send` answers them. Each turn runs the bare handler, the
handler behind the outbox without a marker, and the one with it; what counts is the difference of a turn, in milliseconds, whose
median and 99th percentile are told. A call that is held back is not signed, sent and parsed, so the difference may be negative.
Times are those of the processor: what another process takes in a turn is none of the outbox's.
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from measure import REPOSITORY, arguments, columns, finish, machine

sys.path.insert(0, str(REPOSITORY))

from untangle.runtime import outbox

os.environ |= {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_DEFAULT_REGION": "eu-west-1"}
URL = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
AIM = 3.0  # milliseconds of an invocation, at most


def answered(service: str, body: bytes) -> Any:
    """A client whose requests are answered at once with this body."""
    import boto3
    from botocore.awsrequest import AWSResponse

    class Raw:
        def stream(self, *given: Any, **named: Any) -> Any:
            return iter([body])

    client = boto3.client(service)
    headers = {"content-type": "application/x-amz-json-1.0"}
    client.meta.events.register("before-send", lambda request, **more: AWSResponse(request.url, 200, headers, Raw()))
    return client


def cases() -> dict[str, tuple[Callable[[], Any], Any, dict[str, Any]]]:
    """What a handler does, its event, and what its marker asks for."""
    sqs = answered("sqs", json.dumps({"MessageId": "m", "MD5OfMessageBody": "d"}).encode())
    dynamodb = answered("dynamodb", b"{}")
    record = {"messageId": "m", "body": json.dumps({"order": 7, "text": "x" * 500}), "attributes": {}, "messageAttributes": {}}
    small = {"Records": [record]}
    many = {"Records": [{**record, "body": json.dumps([{"sku": n} for n in range(1_500)])} for _ in range(10)]}
    nested = {"detail": {f"field {n}": {"sku": n, "words": ["a", "b"]} for n in range(4_000)}}
    body = json.dumps({"order": 7, "text": "x" * 500})
    item = {"id": {"S": "1"}, "text": {"S": "x" * 500}}

    def send(times: int) -> Callable[[], Any]:
        return lambda: [sqs.send_message(QueueUrl=URL, MessageBody=body) for _ in range(times)] and None

    asked = {"capture": [URL], "observe": ["items"]}
    return {
        "no call, a message of 1 KB": (lambda: None, small, asked),
        f"no call, ten messages, {len(json.dumps(many)) // 1024} KB": (lambda: None, many, asked),
        f"no call, an event of 20,000 values, {len(json.dumps(nested)) // 1024} KB": (lambda: None, nested, asked),
        "one message sent": (send(1), small, asked),
        "ten messages sent": (send(10), small, asked),
        "one message sent, to another queue": (send(1), small, {"capture": [f"{URL}-other"]}),
        "one item written": (lambda: dynamodb.put_item(TableName="items", Item=item) and None, small, asked),
    }


def context(asked: dict[str, Any] | None) -> SimpleNamespace:
    """An invocation's context."""
    custom = SimpleNamespace(custom={"untangle": asked}, env=None, client=None) if asked is not None else None
    return SimpleNamespace(aws_request_id="00000000-0000-4000-8000-000000000000", client_context=custom)


def measured(does: Callable[[], Any], event: Any, asked: dict[str, Any], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each way, turn by turn."""

    def bare(event: Any, context: Any) -> Any:
        return does()

    wrapped = outbox.wrap(bare)
    ways = {"bare": (bare, None), "passed": (wrapped, None), "marked": (wrapped, asked)}
    found: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 20):
        for name, (handler, marker) in ways.items():
            given = context(marker)
            start = time.process_time()
            handler(event, given)
            if turn >= 20:
                found[name].append((time.process_time() - start) * 1000)
    return found


def percentile(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> None:
    """Measures every case and prints the table."""
    given = arguments(__doc__, rounds=2000).parse_args()
    gc.disable()
    rows = [("milliseconds", "bare p50", "passed p50", "p99", "marked p50", "p99", "held")]
    figures: dict[str, Any] = {}
    for name, (does, event, asked) in cases().items():
        gc.collect()
        found = measured(does, event, asked, given.rounds)
        over = {way: [one - base for one, base in zip(found[way], found["bare"], strict=True)] for way in ("passed", "marked")}
        told = [statistics.median(found["bare"])]
        told += [value for way in over for value in (statistics.median(over[way]), percentile(over[way], 0.99))]
        figures[name] = dict(zip(("bare", "passed_p50", "passed_p99", "marked_p50", "marked_p99"), told, strict=True))
        held = "yes" if max(told[2], told[4]) <= AIM else "no"
        rows.append((name, *(f"{value:.3f}" for value in told), held))
    print(columns(rows))
    print(machine())
    finish(given.json, {"outbox": figures})


if __name__ == "__main__":
    main()
