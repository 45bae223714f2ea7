"""Times in definitions: RFC 3339, with `T` and a zone (Amazon States Language, "Timestamps")."""

from __future__ import annotations

import re
from datetime import datetime

_FORM = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)\Z")


def is_time(text: str) -> bool:
    """Whether a text is such a time, of a day and an hour that there are."""
    found = _FORM.match(text)
    if found is None:
        return False
    try:
        datetime.fromisoformat(found[1])
    except ValueError:
        return False
    return True
