"""checkov: the definitions of a plan in JSON and the graph of them, as its plan runner makes both. No check is run."""

from __future__ import annotations

import logging
from typing import Any

from checkov.common.graph.db_connectors.networkx.networkx_db_connector import NetworkxConnector
from checkov.runner_filter import RunnerFilter
from checkov.terraform.graph_manager import TerraformGraphManager
from checkov.terraform.plan_utils import create_definitions
from serve import Counts, Work, serve


def prepare(task: dict[str, Any]) -> Work:
    logging.disable()

    def work() -> tuple[Counts, Counts]:
        errors: dict[str, str] = {}
        manager = TerraformGraphManager(db_connector=NetworkxConnector())
        definitions, _ = create_definitions(task["folder"], None, RunnerFilter(), errors)
        graph = manager.build_graph_from_definitions(definitions, render_variables=False)
        manager.save_graph(graph)
        return {"vertices": len(graph.vertices), "edges": len(graph.edges), "errors": len(errors)}, {}

    return work


serve(prepare)
