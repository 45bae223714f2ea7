"""Which files of the tree a function's words are read from: its handler's module and what that imports of the repository.

Where the handler's module is not known, everything in its folder but tests counts. Sources are parsed, never run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from untangle.model.graph import EventGraph

_LARGEST = 400_000  # bytes of a source file that is worth reading
_FILES = 200
_SCRIPTS = (".ts", ".js", ".mjs", ".cjs", ".mts", ".cts")
_IMPORTED = re.compile(r"""(?:from|import|require\()\s*\(?['"](\.{1,2}/[^'"\n]+)['"]""")
_TEST = re.compile(r"(^|[/._-])(tests?|__tests__|spec|mocks?|__mocks__)([/._-]|$)")


def sources(graph: EventGraph, root: Path, function: str) -> list[Path]:
    """The files of a function's code, its handler's first."""
    facts = graph.code.get(function)
    entry = root / facts.entry.path if facts is not None and facts.entry is not None else None
    if entry is not None and entry.suffix in _SCRIPTS and _readable(entry, root):
        return list(_followed(entry, root))
    return list(_folder(root, graph.function(function).code))


def _followed(entry: Path, root: Path) -> Iterator[Path]:
    """A script and, after it, those that it imports by relative names."""
    pending, seen = [entry], {entry}
    while pending and len(seen) <= _FILES:
        path = pending.pop(0)
        yield path
        for name in _IMPORTED.findall(path.read_text("utf-8", "replace")):
            found = next((file for file in _spelled(path.parent / name) if _readable(file, root)), None)
            if found is not None and found not in seen:
                seen.add(found)
                pending.append(found)


def _spelled(stem: Path) -> Iterator[Path]:
    """The files that a relative import may mean, as Node.js and TypeScript look for them."""
    yield stem
    bare = stem.with_suffix("") if stem.suffix in (".js", ".mjs", ".cjs") else stem
    for base in (bare, stem / "index"):
        yield from (base.parent / f"{base.name}{ending}" for ending in _SCRIPTS)


def _readable(path: Path, root: Path) -> bool:
    if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
        return False
    return path.resolve().is_relative_to(root.resolve())


def _folder(root: Path, code: str | None) -> Iterator[Path]:
    if code is None:
        return
    place = (root / code).resolve()
    if not place.is_relative_to(root.resolve()):
        return
    files = [place] if place.is_file() else sorted(place.rglob("*"))
    wanted = [path for path in files if path.suffix in (".py", *_SCRIPTS) and "node_modules" not in path.parts]
    own = [path for path in wanted if path == place or not _TEST.search(path.relative_to(place).as_posix())]
    yield from (path for path in own[:_FILES] if _readable(path, root))
