"""Which function a task means: names in definitions are ARNs, names, placeholders, and rarely quite what a file is called."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ENDINGS = ("functionarn", "functionname", "lambdaarn", "lambdaname", "lambdafunction", "arn", "name", "function", "lambda", "fn")


def bare(name: str) -> str:
    """A name without case, separators and endings such as `FunctionArn`: what is left to compare."""
    short = re.sub(r"[^a-z0-9]", "", name.rsplit("/", 1)[-1].rsplit(":", 1)[-1].lower())
    while ending := next((text for text in _ENDINGS if short.endswith(text) and len(short) > len(text)), None):
        short = short.removesuffix(ending)
    return short


def choose(wanted: str, names: Iterable[str]) -> str | None:
    """The one of the names that is wanted: itself, or the only one that is the same but for its spelling; None for none."""
    known = sorted(names)
    if wanted in known:
        return wanted
    short = wanted.rsplit(":", 1)[-1]
    if short in known:
        return short
    alike = [name for name in known if bare(name) == bare(wanted)]
    return alike[0] if len(alike) == 1 else None
