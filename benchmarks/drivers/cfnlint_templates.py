"""cfn-lint: each file decoded and made a `Template`, which builds its graph. No rule is run."""

from __future__ import annotations

import logging
from typing import Any

from cfnlint.decode import decode
from cfnlint.template import Template
from serve import Counts, Work, serve


def prepare(task: dict[str, Any]) -> Work:
    logging.disable()
    files: list[str] = task["files"]

    def work() -> tuple[Counts, Counts]:
        templates = nodes = edges = 0
        for file in files:
            decoded, _ = decode(file)
            if isinstance(decoded, dict):
                graph = Template(file, decoded).graph
                templates += 1
                if graph is not None:
                    nodes += graph.graph.number_of_nodes()
                    edges += graph.graph.number_of_edges()
        return {"templates": templates, "nodes": nodes, "edges": edges}, {}

    return work


serve(prepare)
