"""tfparse (the Go evaluator of Trivy's ancestors) on the same root folders. Details: each root's addresses."""

from __future__ import annotations

from typing import Any

import tfparse
from serve import Counts, Work, serve


def prepare(task: dict[str, Any]) -> Work:
    def work() -> tuple[Counts, Counts]:
        found: dict[str, list[str]] = {}
        failed = 0
        for folder in task["folders"]:
            try:
                found[folder] = _addresses(tfparse.load_from_path(folder))
            except tfparse.ParseError:
                failed += 1
        counts = {"roots": len(found), "addresses": sum(len(items) for items in found.values()), "failed": failed}
        return counts, {"addresses": found} if task["details"] else {}

    return work


def _addresses(blocks: dict[str, list[dict[str, Any]]]) -> list[str]:
    metas = [item["__tfmeta"] for items in blocks.values() for item in items if "__tfmeta" in item]
    return sorted(meta["path"] for meta in metas if meta.get("type") in ("resource", "data"))


serve(prepare)
