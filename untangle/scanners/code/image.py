"""Container images: which folders and which handler a Dockerfile puts into a function's image."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from untangle.model.resource import Resource
from untangle.scanners.code.cdk import Built
from untangle.scanners.code.dockerfile import parse
from untangle.scanners.code.wording import names_in, words_of
from untangle.scanners.tree import Tree


@dataclass(frozen=True, slots=True)
class Image:
    """`folders` are where the code that goes into the image lies; `command` is the handler, where it is known."""

    folders: tuple[str, ...]
    command: str | None


def read_image(tree: Tree, function: Resource, folder: str, built: Built | None = None) -> Image | None:
    """The image of a function: what its CDK source builds, what its build hints name, or the one Dockerfile near the template."""
    configured = function.get("ImageConfig", "Command")
    command = next((item for item in configured if isinstance(item, str)), None) if isinstance(configured, tuple) else None
    if built is not None:
        return _image(tree, built.file, built.context, command or _handler(built.command))
    context = function.metadata.get("DockerContext")
    name = function.metadata.get("Dockerfile")
    base = tree.resolve(folder, context if isinstance(context, str) else ".")
    if base is None:
        return None
    file = posixpath.join(base, name if isinstance(name, str) else "Dockerfile")
    if not tree.has(file) and not isinstance(context, str):
        file = _only(tree, folder) or _named(tree, function) or file
        base = posixpath.dirname(file)
    if not tree.has(file):
        return Image((base,), command) if command is not None or isinstance(context, str) else None
    return _image(tree, file, base, command)


def _image(tree: Tree, file: str, base: str, command: str | None) -> Image:
    parsed = parse(tree.text(file) or "", base)
    copied = [source for stage in parsed.stages for source, _, origin in stage.copies if origin is None and "$" not in source]
    folders = [posixpath.normpath(posixpath.join(base, path)) for path in copied]
    kept = [path for path in folders if path != "." and tree.has_folder(path)]
    folders = list(dict.fromkeys((base, *kept, posixpath.dirname(file))))
    return Image(tuple(folders), command or _handler(parsed.argv()))


def _handler(words: tuple[str, ...]) -> str | None:
    return words[-1] if words and "." in words[-1] else None


def _only(tree: Tree, folder: str) -> str | None:
    """The one Dockerfile under a folder."""
    found = [path for path in tree.under(folder) if posixpath.basename(path).startswith("Dockerfile")]
    return found[0] if len(found) == 1 else None


def _named(tree: Tree, function: Resource) -> str | None:
    """The one Dockerfile whose folder bears the name of the function's image, or else the function's own name.

    The words of the folder's name must all stand in that; of several such folders the one with most words is meant.
    """
    for asked in (function.get("Code", "ImageUri"), function.get("FunctionName"), function.address.rpartition(".")[2]):
        wanted = words_of(*names_in(asked))
        fitting: dict[int, list[str]] = {}
        for name in ("Dockerfile", "dockerfile"):
            for path in tree.named(name):
                words = words_of(posixpath.basename(posixpath.dirname(path)))
                if words and words <= wanted:
                    fitting.setdefault(len(words), []).append(path)
        best = fitting[max(fitting)] if fitting else []
        if len(best) == 1:
            return best[0]
    return None
