"""checkov: the definitions of a folder and the graph of them, as its CloudFormation runner makes both."""

from __future__ import annotations

import logging
from typing import Any

from checkov.cloudformation.cfn_utils import create_definitions
from checkov.cloudformation.graph_manager import CloudformationGraphManager
from checkov.common.graph.db_connectors.networkx.networkx_db_connector import NetworkxConnector
from checkov.runner_filter import RunnerFilter
from serve import Counts, Work, serve


def prepare(task: dict[str, Any]) -> Work:
    logging.disable()

    def work() -> tuple[Counts, Counts]:
        connector = NetworkxConnector()
        manager = CloudformationGraphManager(db_connector=connector)
        errors: dict[str, str] = {}
        definitions, _ = create_definitions(task["folder"], None, RunnerFilter(), errors)
        graph = manager.build_graph_from_definitions(definitions)
        manager.save_graph(graph)
        counts = {"templates": len(definitions), "vertices": len(graph.vertices), "edges": len(graph.edges)}
        return counts, {"errors": len(errors)}

    return work


serve(prepare)
