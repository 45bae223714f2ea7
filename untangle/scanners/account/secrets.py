"""What looks like a secret: the patterns that redact free text, and the last sweep over what is about to be written.

Both err on the side of a secret, but an ARN is never one: its parts are names, however random they look.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

REDACTED = "[redacted]"
DEPTH = 60  # deeper than any answer of AWS; below it nothing is looked at, so nothing is kept

ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(?:\d{12}|aws)?:[^\s\"'<>\\,{}]+")

# What it looks like, what every such text holds (most texts hold none of it, and are not searched), and how it is found.
_PATTERNS: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = (
    (
        "an AWS access key",
        ("AKIA", "ASIA", "ABIA", "ACCA"),
        re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    ),
    (
        "a private key",
        ("PRIVATE KEY-----",),
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:.*?-----END [A-Z ]*PRIVATE KEY-----|.*)", re.DOTALL),
    ),
    ("a JSON web token", ("eyJ",), re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")),
    (
        "a presigned URL",
        ("=",),
        re.compile(r"X-Amz-(?:Signature|Credential|Security-Token)=[^\s\"']*", re.IGNORECASE),
    ),
    (
        "a password in a URL",
        ("@",),
        re.compile(r"://[^/\s:@\"']{0,100}:[^/\s@\"']{1,200}@[^\s\"']*"),
    ),
    (
        "a GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        re.compile(r"\b(?:gh[pousr]_\w{30,}|github_pat_\w{30,})"),
    ),
    ("a GitLab token", ("glpat-",), re.compile(r"\bglpat-[\w-]{18,}")),
    ("a Slack token", ("xox", "hooks.slack.com"), re.compile(r"\bxox[a-z]-[\w-]{10,}|hooks\.slack\.com/services/\S+")),
    ("a payment key", ("k_live_", "k_test_"), re.compile(r"\b[sr]k_(?:live|test)_\w{10,}")),
    ("a Google API key", ("AIza",), re.compile(r"\bAIza[\w-]{35}")),
    ("a mail service's key", ("SG.",), re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{16,}")),
    ("a package registry's token", ("npm_", "pypi-"), re.compile(r"\b(?:npm_[A-Za-z0-9]{30,}|pypi-[\w-]{40,})")),
    ("an API key", ("sk-",), re.compile(r"\bsk-(?:[a-z]+-)*[\w-]{20,}")),
)
_RANDOM = re.compile(r"[A-Za-z0-9+/=]{32,}")
_HEX = re.compile(r"(?<![A-Za-z0-9])[0-9a-fA-F]{32,}(?![A-Za-z0-9])")
_LONG = 32  # letters that these two have at least
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


_SUFFIX = re.compile(r"[0-9A-F]{8}$")  # what the CDK puts behind its names
_WORD = re.compile(r"[a-z]{4,}")


def _is_random(token: str) -> bool:
    """Whether text changes between capitals, small letters and digits as often as only keys do; names have words in them."""
    token = _SUFFIX.sub("", token[:1000])
    kinds = ["A" if c.isupper() else "a" if c.islower() else "0" if c.isdigit() else "+" for c in token]
    if not {"A", "a", "0"} <= set(kinds) or len(_WORD.findall(token)) > 2:
        return False
    return sum(one != other for one, other in pairwise(kinds)) / len(kinds) >= 0.4


def found(text: str) -> Iterator[tuple[str, int, int]]:
    """What in a text looks like a secret wherever it stands: (what it looks like, start, end)."""
    for kind, held, pattern in _PATTERNS:
        for part in held:
            if part in text:
                yield from ((kind, *match.span()) for match in pattern.finditer(text))
                break
    if len(text) < _LONG:
        return
    names: list[tuple[int, int]] | None = None
    for match in _RANDOM.finditer(text):
        names = _names(text) if names is None else names
        if not _within(match.span(), names) and _is_random(match[0]):
            yield "a random token", match.start(), match.end()


def _in_prose(text: str) -> Iterator[tuple[int, int]]:
    """What is a secret in free text, but may be a part of a name: what a password is set to, long hexadecimal numbers."""
    matches = [(match.span(2), match[2]) for match in _ASSIGNED.finditer(text)] if ":" in text or "=" in text else []
    numbers = [match.span() for match in _HEX.finditer(text)] if len(text) >= _LONG else []
    names = _names(text) if matches or numbers else []
    yield from (span for span, said in matches if not _within(span, names) and not _is_reference(said))
    yield from (span for span in numbers if not _within(span, names))


def _names(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in ARN.finditer(text)]


def _within(span: tuple[int, int], spans: list[tuple[int, int]]) -> bool:
    at = bisect_right(spans, (span[0], sys.maxsize)) - 1  # spans are in order and do not overlap
    return at >= 0 and span[1] <= spans[at][1]


def is_secret(text: str) -> bool:
    """Whether anything in a text looks like a secret, written-out passwords and long hexadecimal numbers included."""
    return any(True for _ in found(text)) or any(True for _ in _in_prose(text))


def redact(text: str) -> str:
    """The text with everything that looks like a secret replaced."""
    spans = sorted({(start, end) for _, start, end in found(text)} | set(_in_prose(text)))
    if not spans:
        return text
    parts, done = [], 0
    for start, end in spans:
        if end > done:  # what overlaps is taken out once
            parts += [text[done : max(start, done)], REDACTED if start >= done else ""]
            done = end
    return "".join([*parts, text[done:]])


def _is_reference(text: str) -> bool:
    return text.startswith(("$", "{%", "arn:", "<", REDACTED, "{{resolve"))


def is_named_secret(key: str, value: object) -> bool:
    """Whether a key says that its text is a secret: `Password`, `api_key`; references (`$.password`, ARNs) are none."""
    return isinstance(value, str) and bool(value) and _says_secret(key) and not _is_reference(value)


@lru_cache(maxsize=4096)  # answers have few keys, over and over
def _says_secret(key: str) -> bool:
    return SECRET_KEY.search(key) is not None


@lru_cache(maxsize=4096)
def _is_clean_key(key: str) -> bool:
    return next(found(key), None) is None


def _is_clean(value: Any, depth: int = 0) -> bool:
    """Whether `sweep` finds nothing in a value; where it stands is not kept in mind, as nearly all values are clean."""
    if depth > DEPTH:
        return False
    if isinstance(value, str):
        return next(found(value), None) is None
    if isinstance(value, Mapping):
        return all(_is_clean_key(str(key)) and (key in DIGESTS or _is_clean(item, depth + 1)) for key, item in value.items())
    return all(_is_clean(item, depth + 1) for item in value) if isinstance(value, (list, tuple)) else True


def sweep(value: Any) -> Iterator[tuple[str, str]]:
    """What in a row about to be written still looks like a secret: (where, what it looks like)."""
    if not _is_clean(value):
        yield from _swept(value, "", 0)


def _swept(value: Any, at: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > DEPTH:
        yield at, "nesting that is too deep to be looked at"
    elif isinstance(value, str):
        yield from ((at, kind) for kind, _, _ in found(value))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            place = f"{at}.{redact(str(key))}".lstrip(".")
            yield from ((place, kind) for kind, _, _ in found(str(key)))
            if key not in DIGESTS:
                yield from _swept(item, place, depth + 1)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _swept(item, f"{at}[{index}]", depth + 1)
