"""Golden files: what a test holds what is made against, and how such a file is written anew."""

from __future__ import annotations

import os
from pathlib import Path


def golden(path: Path, made: str) -> str:
    """The text of a golden file; with UNTANGLE_UPDATE in the environment it becomes what was made."""
    if os.environ.get("UNTANGLE_UPDATE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(made)
    return path.read_text()
