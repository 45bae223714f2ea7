"""What looks like a secret: the patterns that redact free text, and the last sweep over what is about to be written.

Both err on the side of a secret, but an ARN is never one: its parts are names, however random they look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

REDACTED = "[redacted]"
DEPTH = 60  # deeper than any answer of AWS; below it nothing is looked at, so nothing is kept

ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12}|aws)?:[^\s\"'<>\\,{}]+")

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("an AWS access key", re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:.*?-----END [A-Z ]*PRIVATE KEY-----|.*)", re.DOTALL)),
    ("a JSON web token", re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")),
    ("a presigned URL", re.compile(r"https?://\S*X-Amz-(?:Signature|Credential|Security-Token)=\S*", re.IGNORECASE)),
    (
        "a password in a URL",
        re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^/\s:@\"']{0,100}:[^/\s@\"']{1,200}@[^\s\"']*", re.IGNORECASE),
    ),
    ("a GitHub token", re.compile(r"\b(?:gh[pousr]_\w{30,}|github_pat_\w{30,})")),
    ("a GitLab token", re.compile(r"\bglpat-[\w-]{18,}")),
    ("a Slack token", re.compile(r"\bxox[a-z]-[\w-]{10,}|hooks\.slack\.com/services/\S+")),
    ("a payment key", re.compile(r"\b[sr]k_(?:live|test)_\w{10,}")),
    ("a Google API key", re.compile(r"\bAIza[\w-]{35}")),
    ("a mail service's key", re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{16,}")),
    ("a package registry's token", re.compile(r"\b(?:npm_[A-Za-z0-9]{30,}|pypi-[\w-]{40,})")),
    ("an API key", re.compile(r"\bsk-(?:[a-z]+-)*[\w-]{20,}")),
)
_RANDOM = re.compile(r"[A-Za-z0-9+/=]{32,}")
_HEX = re.compile(r"(?<![A-Za-z0-9])[0-9a-fA-F]{32,}(?![A-Za-z0-9])")
_ASSIGNED = re.compile(
    r"((?:password|passwd|pwd|secret|api[_-]?key|access[_-]?key|token|bearer|authorization)[\"']?\s*[=:]\s*[\"']?)([^\s\"'&;,}]{4,})",
    re.IGNORECASE,
)
SECRET_KEY = re.compile(
    r"passw|passphrase|secret(?!s?manager|.*arn$)|credential|api[_-]?key|access[_-]?key|private[_-]?key|bearer|authorization$"
    r"|(?<!task)(?<!next)(?<!task_)[_-]?token$",
    re.IGNORECASE,
)
DIGESTS = {"CodeSha256"}  # random by nature, and public


def _is_random(token: str) -> bool:
    """Whether text changes between capitals, small letters and digits as often as only keys do (words and hashes do not)."""
    kinds = ["A" if c.isupper() else "a" if c.islower() else "0" if c.isdigit() else "+" for c in token]
    if not {"A", "a", "0"} <= set(kinds):
        return False
    return sum(one != other for one, other in pairwise(kinds)) / len(kinds) > 0.4


def found(text: str) -> Iterator[tuple[str, int, int]]:
    """What in a text looks like a secret: (what it looks like, start, end)."""
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            yield kind, match.start(), match.end()
    names = [match.span() for match in ARN.finditer(text)]
    for match in _RANDOM.finditer(text):
        inside = any(start <= match.start() and match.end() <= end for start, end in names)
        if not inside and _is_random(match[0]):
            yield "a random token", match.start(), match.end()


def is_secret(text: str) -> bool:
    """Whether anything in a text looks like a secret, written-out passwords and long hexadecimal numbers included."""
    return any(True for _ in found(text)) or bool(_ASSIGNED.search(text)) or bool(_HEX.search(ARN.sub("", text)))


def redact(text: str) -> str:
    """The text with everything that looks like a secret replaced; text that is one ARN stays."""
    for start, end in sorted({(start, end) for _, start, end in found(text)}, reverse=True):
        text = text[:start] + REDACTED + text[end:]
    text = _ASSIGNED.sub(lambda match: match[0] if _is_reference(match[2]) else match[1] + REDACTED, text)
    names = {match[0] for match in ARN.finditer(text)}
    return _HEX.sub(lambda match: match[0] if any(match[0] in name for name in names) else REDACTED, text)


def _is_reference(text: str) -> bool:
    return text.startswith(("$", "{%", "arn:", "<", REDACTED, "{{resolve"))


def is_named_secret(key: str, value: object) -> bool:
    """Whether a key says that its text is a secret: `Password`, `api_key`; references (`$.password`, ARNs) are none."""
    return isinstance(value, str) and bool(value) and bool(SECRET_KEY.search(key)) and not _is_reference(value)


def sweep(value: Any, at: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """What in a row about to be written still looks like a secret: (where, what it looks like)."""
    if depth > DEPTH:
        yield at, "nesting that is too deep to be looked at"
    elif isinstance(value, str):
        yield from ((at, kind) for kind, _, _ in found(value))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            place = f"{at}.{redact(str(key))}".lstrip(".")
            yield from ((place, kind) for kind, _, _ in found(str(key)))
            if key not in DIGESTS:
                yield from sweep(item, place, depth + 1)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from sweep(item, f"{at}[{index}]", depth + 1)
