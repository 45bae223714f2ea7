"""How long a proof may take: what comes too late is not run, and the certificate says so."""

from __future__ import annotations

import time


class Limit:
    """`seconds` of real time from now on, None without a limit."""

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._begun = time.monotonic()

    def over(self, share: float = 1.0) -> str:
        """Why nothing more is run, once this share of the time is over; "" before."""
        if self.seconds is None or time.monotonic() - self._begun < share * self.seconds:
            return ""
        return f"not run: the limit of {self.seconds:g} s was reached"
