"""python-hcl2 of any version: each text to dictionaries, expressions left as texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hcl2
from serve import Counts, Work, serve


def prepare(task: dict[str, Any]) -> Work:
    texts = [Path(file).read_text(encoding="utf-8", errors="replace") for file in task["files"]]

    def work() -> tuple[Counts, Counts]:
        blocks = failed = 0
        for text in texts:
            try:
                read = hcl2.loads(text)
            except Exception:  # each version has errors of its own
                failed += 1
            else:
                blocks += sum(len(items) if isinstance(items, list) else 1 for items in read.values())
        return {"files": len(texts), "blocks": blocks, "failed": failed}, {}

    return work


serve(prepare)
