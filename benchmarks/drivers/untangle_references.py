"""untangle's documents with a graph of references drawn over each: the work of cfn-lint's graph, to be held beside it.

What is timed of untangle is `read_document`, the decoding that every template of a scan goes through: text to mappings and
sequences with the line of every key and item, short tags in their long form, faults noted. The walk over them is **written for
this benchmark** and is no part of a scan, which evaluates references instead of drawing them. It makes what cfn-lint's
`Template.graph` makes (there a `networkx.MultiDiGraph`, here mappings): a graph per template, its nodes the resources, parameters
and outputs, its edges every Ref, Fn::GetAtt, Fn::Sub and DependsOn that names a resource of the template, each with where it
stands (here with its line too).
No intrinsic is evaluated, no SAM written out, nothing linked across templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from serve import Counts, Work, serve

from untangle.pipeline import seldom_collected
from untangle.scanners.document import Map, Seq, read_document

_PLACE = re.compile(r"\$\{([a-zA-Z0-9.]*)\}")
_FUNCTIONS = frozenset(("Ref", "Fn::GetAtt", "Fn::Sub"))
_SECTIONS = {"Resources": "", "Parameters": "Parameter-", "Outputs": "Output-"}


def prepare(task: dict[str, Any]) -> Work:
    files = [Path(file) for file in task["files"]]

    @seldom_collected()
    def work() -> tuple[Counts, Counts]:
        templates = nodes = edges = 0
        for file in files:
            document = read_document(file.read_bytes())
            if isinstance(document.root, Map):
                graph = drawn(document.root)
                templates += 1
                nodes += len(graph)
                edges += sum(len(node.edges) for node in graph.values())
        return {"templates": templates, "nodes": nodes, "edges": edges}, {}

    return work


class Drawn(NamedTuple):
    """A resource, parameter or output: where it stands, and (target, kind, path, line) of each reference that it makes."""

    section: str
    type: Any
    line: int
    edges: list[tuple[str, str, tuple[str | int, ...], int]]


def drawn(root: Map) -> dict[str, Drawn]:
    """The graph of one template's references."""
    graph = {}
    resources = root["Resources"] if isinstance(root.get("Resources"), Map) else Map()
    for section, prefix in _SECTIONS.items():
        entries = root.get(section)
        for name, entry in entries.items() if isinstance(entries, Map) else ():
            if isinstance(entry, Map):
                edges = [edge for edge in _references(section, entry) if edge[0] in resources]
                graph[prefix + name] = Drawn(section, entry.get("Type"), entries.lines[name], edges)
    return graph


def _references(section: str, entry: Map) -> Iterator[tuple[str, str, tuple[str | int, ...], int]]:
    """The name, the kind, the path and the line of everything that an entry of a section refers to."""
    depends = entry.get("DependsOn") if section == "Resources" else None
    for name in [depends] if isinstance(depends, str) else depends or ():
        if isinstance(name, str):
            yield name, "DependsOn", ("DependsOn",), entry.lines["DependsOn"]
    # A place is its last step and the place around it; only those of references are written out.
    pending: list[tuple[Any, Any]] = [(None, entry)]
    while pending:
        place, node = pending.pop()
        if type(node) is Seq:
            pending += [((i, place), inner) for i, inner in enumerate(node) if type(inner) in (Map, Seq)]
            continue
        for key, inner in node.items():
            if key in _FUNCTIONS:
                for name, label in _named(key, inner):
                    yield name, label, _path(place), node.lines.get(key, node.line)
            if type(inner) in (Map, Seq):
                pending.append(((key, place), inner))


def _path(place: Any) -> tuple[str | int, ...]:
    steps = []
    while place is not None:
        step, place = place
        steps.append(step)
    return tuple(reversed(steps))


def _named(function: str, argument: Any) -> Iterator[tuple[str, str]]:
    """The names in the argument of a function, each with the kind of reference that it is."""
    first = argument[0] if isinstance(argument, Seq) and argument else argument
    if not isinstance(first, str):
        return
    if function == "Ref":
        yield first, "Ref"
    elif function == "Fn::GetAtt":
        yield first.partition(".")[0], "GetAtt"
    else:
        given = argument[1] if isinstance(argument, Seq) and len(argument) == 2 else ()
        for name in _PLACE.findall(first):
            if name not in given:
                resource, dot, _ = name.partition(".")
                yield resource, "GetAtt" if dot else "Ref"


serve(prepare)
