"""Values for the paths that a handler reads: JSON that it can work with, made of the words of its chain.

Each variant is another choice of values, the same for the same seed and number. Nothing is random that a person would have to
guess at: a text is the name of its key with a number.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from untangle.model.shape import ANY_ELEMENT, DECODED, Path
from untangle.simulate.verify.vocabulary import Vocabulary

_DEEPEST = 20
Tree = dict[str, "Tree"]
# Keys that are looked up in what the platform and the SDK give, never in a document of the user's.
_NOT_DATA = frozenset(
    (
        "Records",
        "Sns",
        "Message",
        "body",
        "Body",
        "s3",
        "object",
        "bucket",
        "dynamodb",
        "NewImage",
        "OldImage",
        "kinesis",
        "data",
        "detail",
        "Item",
        "Items",
        "Attributes",
        "Key",
        "Keys",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """Makes values. `variant` chooses among those that matter for a key; `missing` leaves out keys that are not required;
    `item` tells several messages of one variant apart; `many` is how many rows and elements there are, 0 for a few; `keys` are
    the types of tables' key attributes, by the tables' names."""

    words: Vocabulary
    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    variant: int = 0
    item: int = 0
    many: int = 0

    def leaf(self, key: str) -> Any:
        """The value of a key: one that something is compared with, in turn, else a number or a text of its name."""
        values = self.words.values.get(key, ())
        if values:
            return self._one(key, values)
        if key in self.words.numbers:
            return (2, 1, 30, 0, 1000)[self.variant % 5] + self.item
        if key in self.words.lists:
            return [f"{key}-{number + 1}" for number in range((2, 1, 0)[self.variant % 3])]
        return f"{key}-{self.variant * 10 + self.item + 1}"

    def _one(self, key: str, values: Sequence[Any]) -> Any:
        other: list[Any] = [] if key in self.words.numbers else [f"another-{key}"]
        choices = [*values, *other]
        # A stride of its own for each key, so that two keys do not only ever change together.
        stride = 1 + sum(map(ord, key)) % 3 if self.variant >= len(choices) else 1
        return choices[(self.variant * stride + self.item) % len(choices)]

    def document(self, paths: Iterable[Path], known: Mapping[str, Any] | None = None) -> Any:
        """A JSON value that holds all of these paths; `known` gives values by key."""
        return self._made(tree(paths), "", 0, known or {})

    def _made(self, node: Tree, key: str, depth: int, known: Mapping[str, Any]) -> Any:
        if key in known:
            return known[key]
        if not node or depth > _DEEPEST:
            return self.leaf(key)
        if DECODED in node:
            return json.dumps(self._made(node[DECODED], "", depth + 1, known), separators=(",", ":"))
        if ANY_ELEMENT in node:
            if not node[ANY_ELEMENT]:
                return [f"{key or 'item'}-{number + 1}" for number in range((2, 1, 3, 0)[self.variant % 4])]
            items = range(self.item, self.item + max(self.many, 1))
            return [replace(self, item=item)._made(node[ANY_ELEMENT], "", depth + 1, known) for item in items]
        return {name: self._made(inner, name, depth + 1, known) for name, inner in node.items()}

    def rows(self, function: str) -> list[dict[str, Any]]:
        """Flat rows with every key that a function's code looks up: lines of a CSV file, elements of an array."""
        keys = [key for key in self.words.keys.get(function, ()) if key not in _NOT_DATA and key not in self.words.lists]
        made = []
        for item in range(self.many or 3):
            one = Sampler(words=self.words, variant=self.variant, item=item)
            made.append({key: one.leaf(key) for key in keys})
        return made

    def file(self, name: str, functions: Sequence[str]) -> bytes:
        """The content of an object: by the ending of its name, with the keys that these functions look up."""
        rows: list[dict[str, Any]] = [{} for _ in range(self.many or 3)]
        for function in functions:
            for row, more in zip(rows, self.rows(function), strict=True):
                row.update(more)
        return content(name, rows, label=str(self.variant * 10 + self.item + 1))


def content(name: str, rows: Sequence[Mapping[str, Any]], label: str = "") -> bytes:
    """Rows in the format that the ending of a name says; JSON where it says none. `label` is in the names within an archive."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending in ("csv", "tsv"):
        between = "," if ending == "csv" else "\t"
        lines = [between.join(rows[0])] if rows else []
        lines += [between.join(str(value) for value in row.values()) for row in rows]
        return ("\n".join(lines) + "\n").encode()
    if ending in ("jsonl", "ndjson"):
        return "".join(json.dumps(row) + "\n" for row in rows).encode()
    if ending == "zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for number in range(2):
                info = zipfile.ZipInfo(f"part-{label}{number + 1}.json", (2026, 1, 1, 0, 0, 0))
                archive.writestr(info, json.dumps(rows[number:]))
        return held.getvalue()
    if ending == "txt":
        return "".join(" ".join(str(value) for value in row.values()) + "\n" for row in rows).encode()
    return json.dumps(rows).encode()


def tree(paths: Iterable[Path]) -> Tree:
    """Paths as a tree of their steps, in their order."""
    root: Tree = {}
    for path in paths:
        here = root
        for step in path[:_DEEPEST]:
            here = here.setdefault(step, {})
    return root


def below(paths: Iterable[Path], *beginning: str) -> list[Path]:
    """What follows a beginning in the paths that have it; paths that end there are left out."""
    size = len(beginning)
    return [path[size:] for path in paths if path[:size] == beginning and len(path) > size]
