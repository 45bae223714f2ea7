"""Where a function's code lies: the archive that a program made for it, or the handler that an SST component names."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from untangle.model.value import Value
from untangle.scanners.pulumi.special import ARCHIVE, ASSET, marked
from untangle.scanners.tree import Tree

# Components of SST whose handler is what the user wrote; that of the function inside is its bundle's.
SST_FUNCTION = "sst:aws:Function"
MAX_DEPTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A path relative to the program's folder (or to the root) or inline text, with the handler in it where that differs."""

    path: str | None = None
    text: str | None = None
    handler: str | None = None


def of_component(tree: Tree, folder: str, outputs: Mapping[str, Value]) -> Code | None:
    """The source of a function of SST, from what its component says; the paths of handlers start at the program's folder."""
    metadata = outputs.get("_metadata")
    handler = metadata.get("handler") if isinstance(metadata, Mapping) else None
    if not isinstance(handler, str) or not handler:
        return None
    handler = posixpath.normpath(handler)
    at = tree.resolve(folder, handler)
    # Go and Rust are named by a folder, which the compiled handler says nothing of.
    return Code(path=handler) if at is not None and tree.has_folder(at) else Code(path=".", handler=handler)


def of_archive(tree: Tree, folder: str, archive: Value, handler: Value) -> Code | None:
    """What goes into an archive: a folder, a file, or texts that the state itself holds."""
    module, _, name = handler.rpartition(".") if isinstance(handler, str) else ("", "", "")
    for inside, asset in _contents(archive, "", 0):
        path, text = asset.get("path"), asset.get("text")
        if marked(asset) == ARCHIVE and isinstance(path, str) and (not inside or module.startswith(inside + "/")):
            within = f"{module[len(inside) + 1 :]}.{name}" if inside else None
            return Code(path=_local(tree, folder, path), handler=within)
        if marked(asset) == ASSET and posixpath.splitext(inside)[0] in (module, module.replace(".", "/")):
            if isinstance(path, str) and path:
                local = _local(tree, folder, path)
                stem = posixpath.splitext(posixpath.basename(local))[0]
                return Code(path=posixpath.dirname(local) or ".", handler=f"{stem}.{name}")
            if isinstance(text, str) and text:
                return Code(text=text)
    return None


def _contents(archive: Value, inside: str, depth: int) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """The archives and assets that an archive consists of, each with its path in it."""
    if depth > MAX_DEPTH or not isinstance(archive, Mapping):
        return
    if marked(archive) in (ARCHIVE, ASSET):
        yield inside, archive
    assets = archive.get("assets")
    for name, asset in sorted(assets.items(), key=lambda entry: entry[0]) if isinstance(assets, Mapping) else ():
        yield from _contents(asset, posixpath.normpath(posixpath.join(inside, name)).strip("/.") or "", depth + 1)


def _local(tree: Tree, folder: str, path: str) -> str:
    """A path as a program gave it. One of another machine's is looked for in the tree by its end, two names of it at least."""
    path = path.replace("\\", "/")
    if not path.startswith("/") and path[1:2] != ":":
        return path
    parts = path.strip("/").split("/")
    for start in range(len(parts) - 1):
        end = "/".join(parts[start:])
        if tree.has(end) or tree.has_folder(end):
            return posixpath.relpath(end, folder) if folder else end
    return path
