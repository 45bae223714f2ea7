"""The words of names and paths, by which files that fit equally are told apart."""

from __future__ import annotations

import re

from untangle.model.value import Ref, Symbol, Value, alternatives, parts_of

# Words that say nothing about which function a file belongs to.
_EMPTY = frozenset(
    {
        "lambda", "function", "functions", "fn", "func", "handler", "handlers", "zip", "py", "js", "src", "code", "aws",
        "app", "the", "a", "of", "dev", "prod", "main", "index", "package", "packages", "dist", "build", "layer", "artifact",
        "artifacts", "bucket", "key", "source", "latest", "v1", "v2", "python", "node", "service", "services", "stack",
        "deploy",
    }
)  # fmt: skip


def words_of(*texts: str) -> frozenset[str]:
    """The words of some texts in small letters, without those that every function's name may have."""
    found: set[str] = set()
    for text in texts:
        for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", text):
            found.add(word.lower())
    return frozenset(found - _EMPTY)


def names_in(value: Value) -> tuple[str, ...]:
    """The literal parts of a text, and what its unknown parts are called (`var.orders_image`, a parameter `OrdersImage`)."""
    found: list[str] = []
    for option, _ in alternatives(value):
        for part in parts_of(option):
            if isinstance(part, str | Symbol):
                found.append(part if isinstance(part, str) else part.name)
            elif isinstance(part, Ref):
                found.append(part.resource.rpartition("/")[2])
    return tuple(found)
