"""Container images: which folders and which handler a Dockerfile puts into a function's image."""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass

from untangle.model.resource import Resource
from untangle.scanners.tree import Tree

_INSTRUCTION = re.compile(r"^\s*(CMD|COPY|ADD)\s+(.*)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Image:
    """`folders` are where the code that goes into the image lies; `command` is the handler, where it is known."""

    folders: tuple[str, ...]
    command: str | None


def read_dockerfile(tree: Tree, function: Resource, folder: str) -> Image | None:
    """The image of a function, from its build hints or the only Dockerfile in the template's folder; None without one."""
    configured = function.get("ImageConfig", "Command")
    command = next((item for item in configured if isinstance(item, str)), None) if isinstance(configured, tuple) else None
    context = function.metadata.get("DockerContext")
    name = function.metadata.get("Dockerfile")
    base = tree.resolve(folder, context if isinstance(context, str) else ".")
    if base is None:
        return None
    file = posixpath.join(base, name if isinstance(name, str) else "Dockerfile")
    text = tree.text(file) if tree.has(file) else None
    if text is None and not isinstance(context, str):
        file = _only(tree, folder) or file
        base, text = posixpath.dirname(file), tree.text(file) if tree.has(file) else None
    if text is None:
        return Image((base,), command) if command is not None or isinstance(context, str) else None
    copied, written = _instructions(text)
    folders = [posixpath.normpath(posixpath.join(base, path)) for path in copied]
    kept = [path for path in folders if path != "." and tree.has_folder(path)]
    return Image(tuple(dict.fromkeys((base, *kept, posixpath.dirname(file)))), command or written)


def _only(tree: Tree, folder: str) -> str | None:
    """The one Dockerfile under a folder."""
    found = [path for path in tree.under(folder) if posixpath.basename(path).startswith("Dockerfile")]
    return found[0] if len(found) == 1 else None


def _instructions(text: str) -> tuple[list[str], str | None]:
    """The paths copied into the image, and the last CMD's handler."""
    copied: list[str] = []
    command: str | None = None
    for line in text.replace("\\\n", " ").splitlines():
        match = _INSTRUCTION.match(line)
        if match is None:
            continue
        if match[1].upper() == "CMD":
            command = _command(match[2])
        else:
            words = [word for word in match[2].split() if not word.startswith("--")]
            copied.extend(word.strip("/").removeprefix("./") or "." for word in words[:-1] if "$" not in word)
    return copied, command


def _command(text: str) -> str | None:
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = text.split()
    words = [word for word in parsed if isinstance(word, str)] if isinstance(parsed, list) else []
    return words[-1] if words and "." in words[-1] else None
