"""An account to read: moto's server on a port of this machine, which counts the calls and throttles one of them where told.

    python moto_server.py PORT

`GET /benchmark?throttle=15` answers what came since the last time, {calls, refused, lacking}, counts anew, and from then on lets
through at most so many lambda:GetPolicy a second (0: all), as AWS does. What moto lacks it answers with a page of HTML, which no
AWS endpoint does; that becomes the error of an operation that is not there, so that no client tries it again and again.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

_POLICY = re.compile(r"/2015-03-31/functions/[^/]+/policy/?")
_JSON = [("Content-Type", "application/json")]


class Counted:
    """A WSGI application around moto's."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._seen: Counter[str] = Counter()
        self._rate, self._left, self._at = 0.0, 0.0, time.monotonic()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/benchmark":
            start("200 OK", _JSON)
            return [self._told(parse_qs(environ.get("QUERY_STRING", "")))]
        if self._is_refused(environ):
            start("429 Too Many Requests", [*_JSON, ("x-amzn-ErrorType", "TooManyRequestsException")])
            return [b'{"Type":"User","message":"Rate exceeded"}']
        return self._answered(environ, start)

    def _told(self, query: dict[str, list[str]]) -> bytes:
        with self._lock:
            told = {name: self._seen[name] for name in ("calls", "refused", "lacking")}
            self._seen.clear()
            self._rate = float(query.get("throttle", ["0"])[0])
            self._left, self._at = self._rate, time.monotonic()
        return json.dumps(told).encode()

    def _is_refused(self, environ: dict[str, Any]) -> bool:
        """A bucket of one second's worth, for the one operation."""
        with self._lock:
            self._seen["calls"] += 1
            if not self._rate or environ["REQUEST_METHOD"] != "GET" or not _POLICY.fullmatch(environ["PATH_INFO"]):
                return False
            now = time.monotonic()
            self._left, self._at = min(self._rate, self._left + (now - self._at) * self._rate), now
            if self._left < 1:
                self._seen["refused"] += 1
                return True
            self._left -= 1
            return False

    def _answered(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        head: list[Any] = []
        try:
            body = b"".join(self._inner(environ, lambda status, headers, *rest: head.append((status, headers))))
            status, headers = head[-1]
        except Exception:  # NotImplementedError and the like
            status, headers, body = "500 Internal Server Error", [], b""
        page = str(dict(headers).get("Content-Type", "")).startswith("text/html") and b"<html" in body.lower()
        if status.startswith("5") or (status.startswith("4") and page):
            with self._lock:
                self._seen["lacking"] += 1
            return _lacking(environ, start)
        start(status, headers)
        return [body]


def _lacking(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """The error of an operation that is not there, in JSON or XML as the service speaks."""
    code, says = "UnknownOperationException", "moto does not have it"
    if "form-urlencoded" in environ.get("CONTENT_TYPE", "") and "HTTP_X_AMZ_TARGET" not in environ:
        start("400 Bad Request", [("Content-Type", "text/xml")])
        return [f"<ErrorResponse><Error><Code>{code}</Code><Message>{says}</Message></Error></ErrorResponse>".encode()]
    start("400 Bad Request", [*_JSON, ("x-amzn-ErrorType", code)])
    return [json.dumps({"__type": code, "message": says}).encode()]


def main() -> None:
    import logging

    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import run_simple

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    run_simple("127.0.0.1", int(sys.argv[1]), Counted(DomainDispatcherApplication(create_backend_app)), threaded=True)


if __name__ == "__main__":
    main()
