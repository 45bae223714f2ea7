"""untangle's HCL parser: each text to blocks, attributes and expression trees with their lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from serve import Counts, Work, serve

from untangle.pipeline import seldom_collected
from untangle.scanners.terraform.hcl import read_hcl


def prepare(task: dict[str, Any]) -> Work:
    texts = [Path(file).read_text(encoding="utf-8", errors="replace") for file in task["files"]]

    @seldom_collected()
    def work() -> tuple[Counts, Counts]:
        files = [read_hcl(text) for text in texts]
        blocks = sum(len(file.body.blocks) for file in files)
        return {"files": len(files), "blocks": blocks, "with faults": sum(bool(file.faults) for file in files)}, {}

    return work


serve(prepare)
