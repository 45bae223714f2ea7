"""CDK applications in Java, C# and Go: the literal ids, handlers and asset folders in their source, by a light look at the text.

What is taken for a construct is an id in quotes after a construct's class, and the first asset after it, before the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from untangle.model.location import Location
from untangle.scanners.code.cdk.construct import Construct, Source, placed
from untangle.scanners.tree import Tree

_MARKS = {".java": b"awscdk", ".kt": b"awscdk", ".cs": b"Amazon.CDK", ".go": b"aws-cdk-go"}
_QUOTED = r'(?:jsii\.String\(\s*)?"([^"\n]*)"'
_STARTS = (
    re.compile(rf"new\s+[\w.]*?(\w*Function)\s*\(\s*\w+\s*,\s*{_QUOTED}"),  # new Function(this, "Id", …
    re.compile(rf"(\w*Function)\.Builder\s*\.create\s*\(\s*\w+\s*,\s*{_QUOTED}"),  # Function.Builder.create(this, "Id")
    re.compile(rf"\w+\.New(\w*Function)\s*\(\s*\w+\s*,\s*{_QUOTED}"),  # awslambda.NewFunction(stack, jsii.String("Id"), …
)
_ID = re.compile(rf"\(\s*\w+\s*,\s*{_QUOTED}")
_ASSET = re.compile(rf"Code[._][fF]romAsset\s*\(\s*{_QUOTED}")
_ENTRY = re.compile(rf"\b(?:entry|Entry)\s*[(:=]\s*{_QUOTED}")
_HANDLER = re.compile(rf"\b[hH]andler\s*[(:=]\s*{_QUOTED}")


def constructs(tree: Tree) -> Source:
    """What every Java, Kotlin, C# or Go file of a tree that imports the CDK makes."""
    found: list[Construct] = []
    ids: set[str] = set()
    for path in tree.files:
        mark = next((mark for suffix, mark in _MARKS.items() if path.endswith(suffix)), None)
        data = tree.read(path) if mark is not None else None
        if data is not None and mark is not None and mark in data and len(data) < 1_000_000:
            text = data.decode(errors="replace")
            found.extend(_of_text(tree, path, text))
            ids.update(_ID.findall(text))
    return Source(tuple(found), frozenset(ids))


def _of_text(tree: Tree, path: str, text: str) -> Iterator[Construct]:
    found = sorted((match.start(), match) for pattern in _STARTS for match in pattern.finditer(text))
    for i, (start, match) in enumerate(found):
        end = found[i + 1][0] if i + 1 < len(found) else len(text)
        body = text[match.end() : min(end, match.end() + 3000)]
        asset, entry, handler = _ASSET.search(body), _ENTRY.search(body), _HANDLER.search(body)
        if asset is None and entry is None:
            continue
        yield Construct(
            kind=match[1],
            id=match[2],
            place=Location(path, text.count("\n", 0, start) + 1),
            handler=handler[1] if handler is not None else None,
            code=tuple(placed(tree, asset[1], path)) if asset is not None else (),
            entry=tuple(placed(tree, entry[1], path)) if entry is not None else (),
        )
