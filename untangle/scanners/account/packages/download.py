"""A deployment package on its way into memory: only from AWS, only over TLS, and never more than a package may have.

The URL that Lambda gives for one is signed: whoever has it has the code. It is told to nobody.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from untangle.scanners.account.call import Unfinished

LARGEST = 50 * 1024 * 1024  # zipped
PATIENCE = 300  # seconds for one package
TRIES = 2
_HOSTS = (".amazonaws.com", ".amazonaws.com.cn")
_PIECE = 1 << 16

Opener = Callable[[str], bytes]


def download(url: str) -> bytes:
    """What lies at an address of AWS; raises Unfinished, with a reason that does not tell the address."""
    check(url)
    for attempt in range(TRIES):
        try:
            return _whole(url)
        except Unfinished:
            raise
        except Exception as error:  # botocore's and urllib3's, whose words would tell the address
            if attempt == TRIES - 1:
                raise Unfinished(f"download failed: {type(error).__name__}") from None
    raise AssertionError("unreachable")


def check(url: str) -> None:
    """Raises Unfinished where an address is not one of AWS's own, over TLS."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Unfinished("download failed: no address") from None
    if parts.scheme != "https" or not host.endswith(_HOSTS) or port not in (None, 443) or "@" in parts.netloc:
        raise Unfinished("download refused: not an https address of AWS")


def _whole(url: str) -> bytes:
    from botocore.awsrequest import AWSRequest
    from botocore.httpsession import URLLib3Session
    from botocore.utils import get_environ_proxies

    verify: Any = os.environ.get("AWS_CA_BUNDLE") or True
    session = URLLib3Session(verify=verify, proxies=get_environ_proxies(url), timeout=(5, 30))
    try:
        response = session.send(AWSRequest("GET", url, stream_output=True).prepare())  # follows no redirects
        if response.status_code != 200:
            raise Unfinished(f"download failed: HTTP {response.status_code}")
        whole = _limited(response.raw)
        if str(response.headers.get("Content-Length") or len(whole)) != str(len(whole)):
            raise Unfinished("download broken off: not all of it came")
        return whole
    finally:
        session.close()


def _limited(raw: Any, clock: Callable[[], float] = time.monotonic) -> bytes:
    """All of a stream; raises Unfinished where it is longer than a package may be, or takes too long."""
    begun, pieces, size = clock(), [], 0
    for piece in raw.stream(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            raise Unfinished(f"download broken off: more than {LARGEST // 2**20} MB")
        if clock() - begun > PATIENCE:
            raise Unfinished(f"download broken off: not done in {PATIENCE} seconds")
    return b"".join(pieces)
