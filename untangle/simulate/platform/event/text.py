"""How events write bytes, JSON and times."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any


def base64_text(data: Any) -> str:
    """Bytes as events hold them; a text is taken for one that is encoded already, as machines and Node pass it."""
    return base64.b64encode(bytes(data)).decode() if isinstance(data, bytes | bytearray | memoryview) else str(data)


def raw_bytes(data: Any) -> bytes:
    """Bytes of a parameter: bytes as they are, a text in UTF-8, as the SDK sends it."""
    return bytes(data) if isinstance(data, bytes | bytearray | memoryview) else str(data).encode()


def json_text(value: Any) -> str:
    """A value as the platform writes it where a text is wanted: a text as it is, all else as JSON without blanks."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def whole_seconds(at: str) -> str:
    """A time without its fraction: `2026-01-01T00:00:00Z`."""
    return moment(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(at: Any) -> datetime:
    """A point in time, from a time, the seconds of one, or its text."""
    if isinstance(at, datetime):
        return at if at.tzinfo else at.replace(tzinfo=UTC)
    if isinstance(at, int | float):
        return datetime.fromtimestamp(at, UTC)
    found = datetime.fromisoformat(str(at).replace("Z", "+00:00"))
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
