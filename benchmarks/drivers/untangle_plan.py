"""untangle: a folder that holds a plan in JSON, read into CloudFormation's vocabulary."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from serve import Counts, Work, serve

from untangle.pipeline import seldom_collected
from untangle.scanners.scanner import Options
from untangle.scanners.terraform import SCANNER
from untangle.scanners.tree import Tree


def prepare(task: dict[str, Any]) -> Work:
    @seldom_collected()
    def work() -> tuple[Counts, Counts]:
        inventory = SCANNER.read(Tree(Path(task["folder"])), Options())
        return {"resources": len(inventory.resources), "gaps": len(inventory.gaps)}, {}

    return work


serve(prepare)
