"""Where a definition that Terraform reads from a text is written: in a heredoc of its block, or in a file beside it.

The scanner hands on what the text says, not where; here its place is found again, so that a mistake has its own line.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from untangle.asl import parse
from untangle.model.location import Location
from untangle.scanners.tree import Tree

_HEREDOC = re.compile(r"=\s*<<[-~]?\s*\"?(?P<tag>\w+)\"?\s*$")
_FILE = re.compile(r"\b(?:templatefile|file)\(\s*\"(?P<path>[^\"$]*(?:\$\{path\.(?:module|root)\}/?)?[^\"$]+)\"")
_NEAR = 4  # lines after that of the property in which the call of a file may stand
_MODULE = re.compile(r"\$\{path\.(?:module|root)\}/?")


@dataclass(frozen=True, slots=True)
class Text:
    """The file of a definition's text, relative to the root, and the line of each of its values by JSON pointer."""

    path: str
    lines: Mapping[str, int] = field(default_factory=dict)


def text_of(tree: Tree, place: Location) -> Text | None:
    """The text that a property of Terraform is read from; None where the property holds no text, or none that is found.

    `place` is that of the property, or of the block that it stands in.
    """
    source = tree.text(place.path) if place.path.endswith(".tf") and place.line else None
    if source is None or place.line is None:
        return None
    rows = source.splitlines()[place.line - 1 :]
    if rows and (begun := _HEREDOC.search(rows[0])):
        return Text(place.path, _heredoc(rows[1:], begun["tag"], place.line))
    called = _FILE.search("\n".join(rows[:_NEAR]))
    if called is None:
        return None
    path = tree.resolve(posixpath.dirname(place.path), _MODULE.sub("", called["path"]))
    text = tree.text(path) if path is not None and tree.has(path) else None
    return None if path is None or text is None else Text(path, parse(text).lines)


def _heredoc(rows: list[str], tag: str, above: int) -> dict[str, int]:
    """The lines of a text between the line `above` and its tag."""
    end = next((index for index, row in enumerate(rows) if row.strip() == tag), len(rows))
    return {key: above + line for key, line in parse("\n".join(rows[:end])).lines.items()}
