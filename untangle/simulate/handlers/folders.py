"""Where a function's code lies: the folder that would be /var/task, and those of its layers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from untangle.model.node import Function
from untangle.model.value import Ref
from untangle.simulate.application import Application

_SKIPPED = {"node_modules", "__pycache__", "venv", "tests", "test", "dist", "build", "site-packages"}
_OF_VENV = "lib/python3*/site-packages"
_LAYERS = ("AWS::Lambda::LayerVersion", "AWS::Serverless::LayerVersion")


def folders_of(application: Application, function: Function) -> tuple[Path, ...]:
    """The folders in which a Python function finds its modules, nearest first.

    A handler that is written relative to the service (`src/app.handler`) is looked for where its first part is.
    """
    root = application.root if application.root.is_dir() else application.root.parent
    module = (function.handler or "").rpartition(".")[0].replace(".", "/").lstrip("/")
    start = root / (function.code or ".")
    start = start.parent if start.is_file() else start
    candidates = [start, *_above(start, root), *_read(application, function, module, root)]
    home = next((folder for folder in candidates if module and _has(folder, module)), None)
    found = [home] if home is not None else []
    found += [folder for folder in (start,) if folder not in found]
    layers = [inner for folder in layers_of(application, function) for inner in (folder / "python", folder)]
    layers += [inner for folder in application.packages for inner in (*sorted(folder.glob(_OF_VENV)), folder)]
    return tuple(dict.fromkeys([*found, *(folder for folder in layers if folder.is_dir())]))


def elsewhere(root: Path, module: str) -> Path | None:
    """The one folder of the tree that holds a module which a build would have copied beside the handler; None where there is
    none, or several; test code does not count."""
    first = module.partition(".")[0]
    return _holders(root).get(first)


@cache
def _holders(root: Path) -> Mapping[str, Path]:
    """By the name of a module or package: the only folder that holds it. A package counts before a module of that name, and that
    before a folder of modules."""
    tiers: tuple[dict[str, set[Path]], ...] = ({}, {}, {})
    for place, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED and not name.startswith("."))
        here, modules = Path(place), [name[:-3] for name in files if name.endswith(".py")]
        if "__init__.py" in files:
            tiers[0].setdefault(here.name, set()).add(here.parent)
            continue
        for name in modules:
            tiers[1].setdefault(name, set()).add(here)
        if modules and here != root:
            tiers[2].setdefault(here.name, set()).add(here.parent)
    found: dict[str, Path] = {}
    for tier in reversed(tiers):
        for name, places in tier.items():
            found.pop(name, None)
            if len(places) == 1:
                found[name] = next(iter(places))
    return found


def _has(folder: Path, module: str) -> bool:
    return (folder / f"{module}.py").is_file() or (folder / module / "__init__.py").is_file()


def _read(application: Application, function: Function, module: str, root: Path) -> list[Path]:
    """Where the scan has found the handler, for code that only a build brings to where the template says."""
    facts = application.graph.code.get(function.id)
    path = facts.entry.path if facts is not None and facts.entry is not None else ""
    for ending in (f"{module}.py", f"{module}/__init__.py"):
        if module and (path == ending or path.endswith(f"/{ending}")):
            return [root / path[: -len(ending)].rstrip("/")]
    return []


def _above(folder: Path, root: Path) -> list[Path]:
    return [parent for parent in folder.parents if parent == root or root in parent.parents]


def layers_of(application: Application, function: Function) -> tuple[Path, ...]:
    """The folders of those layers of a function whose content lies in the tree."""
    root = application.root if application.root.is_dir() else application.root.parent
    resource = application.resource(function.id)
    listed = resource.get("Layers") if resource is not None else None
    found: list[Path] = []
    for item in listed if isinstance(listed, tuple | list) else ():
        layer = application.resource(item.resource) if isinstance(item, Ref) else None
        if layer is None or layer.type not in _LAYERS:
            continue
        for key in ("ContentUri", "Content"):
            written = layer.get(key)
            if isinstance(written, str):
                bases = (root / base / written for base in _bases(application, layer.stack))
                found += [folder for folder in (next((base for base in bases if base.is_dir()), None),) if folder is not None]
    return tuple(found)


def _bases(application: Application, stack: str) -> list[str]:
    folders = [item.folder for item in application.inventory.stacks if item.id == stack]
    return [*folders, "."]
