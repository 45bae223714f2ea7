"""The `resources` of a service as a template of CloudFormation."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from untangle.model.location import Location
from untangle.model.value import Either, show
from untangle.scanners.cloudformation.notes import Notes
from untangle.scanners.cloudformation.template import Template
from untangle.scanners.document import Map, Seq

KIND = "serverless_framework"
SECTIONS = ("Parameters", "Mappings", "Conditions", "Resources", "Outputs")
_MACROS = ("Fn::ForEach::", "Fn::Transform")


def template(path: str, resources: Any, notes: Notes) -> Template:
    """One mapping, or a list of them, as one template; entries from other files know which."""
    root = Map()
    for block in blocks(resources, path, notes):
        for name in SECTIONS:
            section = block.get(name)
            if section is not None and not isinstance(section, Map | Seq | Either):
                notes.gap(f"{name} of {path}: {show(section)}", "it is known only when it is deployed", _at(path, block))
            for part in flat(section):
                if isinstance(part, Map):
                    _add(root, name, part, part.path or block.path, path)
    macros = any(key.startswith(_MACROS) for section in root.values() for key in section)
    digest = hashlib.sha256(path.encode("utf-8", "surrogatepass")).digest()
    return Template(path=path, root=root, kind=KIND, macros=macros, digest=digest)


def blocks(resources: Any, path: str, notes: Notes) -> Iterator[Map]:
    """The mappings that `resources` consists of."""
    for block in flat(resources):
        if isinstance(block, Map):
            yield block
        elif block is not None:
            why = "it is not in the scanned tree, or known only when it is deployed"
            notes.gap(f"resources of {path}: {show(block)}", why, Location(path, getattr(resources, "line", 1)))


def flat(node: Any) -> Iterator[Any]:
    """The items of a list, of lists in it, and of whatever a choice is between; anything else is itself the one item."""
    pending = [node]
    while pending:
        here = pending.pop()
        if isinstance(here, Seq):
            pending.extend(reversed(here))
        elif isinstance(here, Either):
            pending.extend(reversed(here.options))
        else:
            yield here


def _add(root: Map, name: str, part: Map, origin: str | None, path: str) -> None:
    section = root.setdefault(name, Map(line=part.line))
    for key, entry in part.items():
        line = part.lines.get(key, part.line)
        known = section.get(key)
        if isinstance(entry, Map):
            source = entry.path or origin
            here = None if source == path else source
            entry = Map(entry.items(), line=entry.line if entry.path else line, lines=entry.lines, path=here)
            if isinstance(known, Map):
                entry = Map({**known, **entry}.items(), line=known.line, lines={**known.lines, **entry.lines}, path=here)
        section[key] = entry
        section.lines[key] = line


def _at(path: str, block: Map) -> Location:
    return Location(block.path or path, block.line)
