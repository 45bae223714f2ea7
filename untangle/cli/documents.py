"""Files that a command is given beside what it scans, read with errors that name them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from untangle.errors import InputError


def text_in(file: Path) -> str:
    """What a file holds, as UTF-8; `-` is standard input. Raises InputError."""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {getattr(error, 'strerror', None) or error}", where=str(file)) from None


def json_of(text: str, where: str) -> Any:
    """The value that JSON text stands for; `where` is what errors name. Raises InputError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"is no JSON: {error}", where=where) from None
