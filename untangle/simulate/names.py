"""How things are called in a local run: one account, one region, and what a placeholder of a definition stands for."""

from __future__ import annotations

import re

REGION, ACCOUNT = "us-east-1", "123456789012"  # those of in-process moto

_PLACEHOLDER = re.compile(r"\$\{([^{}]+)\}")


def of_placeholder(text: str) -> str | None:
    """The bare name in what is one placeholder: `${CheckFunction.Arn}` and `${CheckFunction}` are CheckFunction."""
    found = _PLACEHOLDER.fullmatch(text)
    if found is None:
        return None
    name = found[1].strip().split(".")
    return ".".join(name[:-1]) if len(name) > 1 and name[-1].lower() in ("arn", "name", "url", "queueurl") else found[1].strip()
