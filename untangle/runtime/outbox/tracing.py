"""The trace of the execution as the current one, where the handler has OpenTelemetry; without it nothing happens.

A library that nobody has loaded traces nothing, so none is loaded here.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


def traceparent_of(asked: Mapping[str, Any], event: Any) -> str | None:
    """The W3C trace context that a marker gives; that of `span` is made here, unless the message brings its own."""
    given = asked.get("traceparent")
    if isinstance(given, str):
        return given
    span = asked.get("span")
    if not isinstance(span, str):
        return None
    brought = _brought(event)
    if brought:
        return brought
    whole, execution = (hashlib.sha256(text.encode()).hexdigest() for text in (span, span.partition("|")[0]))
    return f"00-{execution[:32]}-{whole[:16]}-01"


def _brought(event: Any) -> str | None:
    """The attribute `traceparent` of a message or notification that stands alone in its event."""
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, list) or len(records) != 1 or not isinstance(records[0], Mapping):
        return None
    found: Any = (records[0].get("messageAttributes") or {}).get("traceparent") or {}
    if isinstance(records[0].get("Sns"), Mapping):
        found = (records[0]["Sns"].get("MessageAttributes") or {}).get("traceparent") or {}
    text = found.get("stringValue", found.get("Value")) if isinstance(found, Mapping) else None
    return text if isinstance(text, str) else None


@contextmanager
def traced(traceparent: str | None) -> Iterator[None]:
    """Within, spans belong to this trace."""
    if traceparent is None or "opentelemetry.trace" not in sys.modules:
        yield
        return
    try:
        from opentelemetry import context
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
    except ImportError:
        yield
        return
    token = context.attach(TraceContextTextMapPropagator().extract({"traceparent": traceparent}))
    try:
        yield
    finally:
        context.detach(token)
