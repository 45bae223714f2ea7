"""Draws the files that people label, before any tool is run: a seeded random sample of handler files of a tree.

    python benchmarks/sample.py TREE [--seed 20] > sample.json

A handler file imports an AWS SDK and holds what looks like a Lambda entry point. Files with the same bytes count once. The answer
holds a file's relative path and the sha256 of its bytes, never its text.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

SKIPPED = frozenset({".git", "node_modules", ".aws-sam", "cdk.out", "dist", "site-packages"})


@dataclass(frozen=True, slots=True)
class Kind:
    """One language: its endings, how a file of it imports an SDK, what an entry point looks like, how many are drawn."""

    name: str
    suffixes: tuple[str, ...]
    sdk: re.Pattern[str]
    entry: re.Pattern[str]
    count: int


_JS_SDK = re.compile(r"""["'](?:aws-sdk|@aws-sdk)(?:/|["'])""")
_JS_ENTRY = re.compile(r"\bexports\.\w+\s*=|\bexport\s+(?:const|let|var|default|async\s+function|function)\b")
KINDS = (
    Kind(
        "python",
        (".py",),
        re.compile(r"^\s*(?:import|from)\s+(?:boto3|aioboto3)\b", re.MULTILINE),
        re.compile(r"^(?:async\s+)?def\s+\w+\(\s*_?event\b", re.MULTILINE),
        20,
    ),
    Kind("javascript", (".js", ".mjs"), _JS_SDK, _JS_ENTRY, 14),
    Kind("typescript", (".ts",), _JS_SDK, _JS_ENTRY, 8),
    Kind(
        "java",
        (".java",),
        re.compile(r"\b(?:software\.amazon\.awssdk|com\.amazonaws\.services\.(?!lambda\.runtime))"),
        re.compile(r"\bhandleRequest\b"),
        5,
    ),
    Kind("go", (".go",), re.compile(r"\baws-sdk-go"), re.compile(r"\blambda\.Start"), 3),
)


def handlers(root: Path, kind: Kind) -> dict[str, str]:
    """sha256 -> relative path of every handler file of a kind, sorted by path, the first of equal files kept."""
    found: dict[str, str] = {}
    for path in sorted(item for suffix in kind.suffixes for item in root.rglob(f"*{suffix}")):
        relative = path.relative_to(root)
        if SKIPPED.intersection(relative.parts) or not path.is_file() or path.name.endswith(".d.ts"):
            continue
        data = path.read_bytes()
        text = data.decode("utf-8", errors="replace")
        if kind.sdk.search(text) and kind.entry.search(text):
            found.setdefault(hashlib.sha256(data).hexdigest(), relative.as_posix())
    return found


def draw(root: Path, seed: int) -> list[dict[str, str]]:
    """The sample: per language `count` files (or all there are), the same for the same tree and seed."""
    chosen: list[dict[str, str]] = []
    for kind in KINDS:
        found = handlers(root, kind)
        picked = random.Random(seed).sample(sorted(found), min(kind.count, len(found)))  # noqa: S311 (no secret is drawn)
        chosen.extend({"sha256": item, "path": found[item], "language": kind.name} for item in picked)
    return sorted(chosen, key=lambda item: (item["language"], item["path"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--seed", type=int, default=20)
    given = parser.parse_args()
    print(json.dumps(draw(given.tree, given.seed), indent=1))


if __name__ == "__main__":
    main()
