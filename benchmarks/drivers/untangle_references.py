"""untangle's documents with a graph of references drawn over each: the work of cfn-lint's graph, to be held beside it.

What is timed of untangle is `read_document`, the decoding that every template of a scan goes through: text to mappings and
sequences with the line of every key and item, short tags in their long form, faults noted. The walk over them is **written for
this benchmark** and is no part of a scan, which evaluates references instead of drawing them. It makes what cfn-lint's
`Template.graph` makes: a `networkx.MultiDiGraph` per template, its nodes the resources, parameters and outputs, its edges every
Ref, Fn::GetAtt, Fn::Sub and DependsOn that names a resource of the template, each with where it stands (here with its line too).
No intrinsic is evaluated, no SAM written out, nothing linked across templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx
from serve import Counts, Work, serve

from untangle.scanners.document import Map, Seq, read_document

_PLACE = re.compile(r"\$\{([a-zA-Z0-9.]*)\}")
_SECTIONS = {"Resources": "", "Parameters": "Parameter-", "Outputs": "Output-"}


def prepare(task: dict[str, Any]) -> Work:
    files = [Path(file) for file in task["files"]]

    def work() -> tuple[Counts, Counts]:
        templates = nodes = edges = 0
        for file in files:
            document = read_document(file.read_bytes())
            if isinstance(document.root, Map):
                graph = drawn(document.root)
                templates += 1
                nodes += graph.number_of_nodes()
                edges += graph.number_of_edges()
        return {"templates": templates, "nodes": nodes, "edges": edges}, {}

    return work


def drawn(root: Map) -> networkx.MultiDiGraph:
    """The graph of one template's references."""
    graph = networkx.MultiDiGraph()
    resources = root["Resources"] if isinstance(root.get("Resources"), Map) else Map()
    for section, prefix in _SECTIONS.items():
        entries = root.get(section)
        for name, entry in entries.items() if isinstance(entries, Map) else ():
            if isinstance(entry, Map):
                graph.add_node(prefix + name, type=section, resource_type=entry.get("Type"), line=entries.lines[name])
                for target, label, path, line in _references(section, entry):
                    if target in resources:
                        graph.add_edge(prefix + name, target, label=label, source_paths=path, line=line)
    return graph


def _references(section: str, entry: Map) -> Iterator[tuple[str, str, tuple[str | int, ...], int]]:
    """The name, the kind, the path and the line of everything that an entry of a section refers to."""
    depends = entry.get("DependsOn") if section == "Resources" else None
    for name in [depends] if isinstance(depends, str) else depends or ():
        if isinstance(name, str):
            yield name, "DependsOn", ("DependsOn",), entry.lines["DependsOn"]
    pending: list[tuple[tuple[str | int, ...], Any]] = [((), entry)]
    while pending:
        path, node = pending.pop()
        if isinstance(node, Seq):
            pending += [((*path, i), inner) for i, inner in enumerate(node) if isinstance(inner, list | dict)]
            continue
        for key, inner in node.items():
            if key in ("Ref", "Fn::GetAtt", "Fn::Sub"):
                for name, label in _named(key, inner):
                    yield name, label, path, node.lines.get(key, node.line)
            if isinstance(inner, list | dict):
                pending.append(((*path, key), inner))


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
