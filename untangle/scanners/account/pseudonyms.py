"""Account ids mapped to others, the same one always to the same, for recordings that are handed over.

The map lies beside the recording, not in it: whoever has only the recording cannot undo it, and a scan that is resumed can.
"""

from __future__ import annotations

import hmac
import json
import os
import re
import secrets
import threading
from pathlib import Path

from untangle.errors import InputError

_ID = re.compile(r"(?<!\d)\d{12}(?!\d)")


def map_beside(recording: Path) -> Path:
    """Where the map of a recording is kept."""
    return recording.with_name(f"{recording.name}.accounts.json")


class Pseudonyms:
    """The map of one recording. Every number of twelve digits is taken for an account id: rather one too many than too few."""

    def __init__(self, file: Path) -> None:
        self._file, self._lock = file, threading.Lock()
        self._key, self._given = secrets.token_hex(16), dict[str, str]()
        if file.exists():
            try:
                said = json.loads(file.read_text("utf-8"))
                self._key = str(said["key"])
                self._given = {str(real): str(given) for real, given in said["accounts"].items()}
            except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise InputError("no map of account ids", where=str(file), hint="delete it to begin a new one") from error
        self._real = {given: real for real, given in self._given.items()}

    def hide(self, text: str) -> str:
        """The text with every account id replaced."""
        return _ID.sub(lambda match: self._pseudonym(match[0]), text)

    def restore(self, text: str) -> str:
        """The text as it was before `hide`."""
        return _ID.sub(lambda match: self._real.get(match[0], match[0]), text)

    def _pseudonym(self, real: str) -> str:
        with self._lock:
            if real in self._real:  # hidden already
                return real
            if real not in self._given:
                digest = hmac.digest(self._key.encode(), real.encode(), "sha256")
                given = f"99{int.from_bytes(digest[:8]) % 10**10:010d}"  # no leading zero: it may stand where a number stood
                self._given[real], self._real[given] = given, real
                self._save()
            return self._given[real]

    def _save(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_name(self._file.name + ".new")
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
            json.dump({"key": self._key, "accounts": self._given}, stream, indent=2, sort_keys=True)
        beside.replace(self._file)
