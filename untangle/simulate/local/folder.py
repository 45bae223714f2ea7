"""The functions of a folder without a template: a file `<name>.py`, `<name>.js` or `<name>.mjs` with a handler is one.

A folder `<name>` with `index`, `app`, `main`, `handler` or `lambda_function` in it is a function as well. The handler is what is
called `lambda_handler` or `handler` there. Nothing is executed to find them.
"""

from __future__ import annotations

import re
from pathlib import Path

from untangle.model.graph import EventGraph
from untangle.model.node import Function
from untangle.scanners.tree import Tree

_RUNTIMES = {".py": "python3.12", ".js": "nodejs22.x", ".mjs": "nodejs22.x", ".cjs": "nodejs22.x"}
_MAIN = frozenset(("index", "app", "main", "handler", "lambda_function"))
_PYTHON = re.compile(r"^(?:async\s+)?def\s+(lambda_handler|handler)\s*\(|^(lambda_handler|handler)\s*=", re.MULTILINE)
_NODE = re.compile(
    r"\bexports\.(lambda_handler|lambdaHandler|handler)\b|\bexport\s+(?:async\s+)?(?:const|let|function)\s+(lambdaHandler|handler)\b"
)


def functions_in(path: Path) -> EventGraph:
    """A graph with the functions of a folder, or of one file, and nothing else."""
    tree = Tree(path)
    files = (tree.single,) if tree.single else tree.files
    found = [function for file in files if (function := _function(file, tree.text(file) if _runtime(file) else None))]
    once = {function.id: function for function in reversed(found)}
    return EventGraph(functions=tuple(sorted(once.values(), key=lambda item: item.id)))


def _runtime(file: str) -> str | None:
    return _RUNTIMES.get(Path(file).suffix)


def _function(file: str, text: str | None) -> Function | None:
    if text is None:
        return None
    runtime = _runtime(file) or ""
    found = (_PYTHON if runtime.startswith("python") else _NODE).search(text)
    if found is None:
        return None
    path = Path(file)
    name = path.parent.name if path.stem in _MAIN and path.parent.name else path.stem
    handler = next(group for group in found.groups() if group)
    return Function(id=name, address=name, stack="", name=name, runtime=runtime, handler=f"{path.stem}.{handler}", code=file)
