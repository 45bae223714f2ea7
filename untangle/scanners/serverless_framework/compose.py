"""serverless-compose.yml: what one service hands to another as a parameter.

`services: {orders: {path: orders, params: {queueUrl: ${billing.QueueUrl}}}}` gives the service in `orders` the parameter
`queueUrl`, the output `QueueUrl` of the service in `billing`'s folder.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from untangle.model.value import Imported, concat
from untangle.scanners.document import Map
from untangle.scanners.serverless_framework.files import Files

COMPOSE = frozenset({"serverless-compose.yml", "serverless-compose.yaml", "serverless-compose.json"})
_OUTPUT = re.compile(r"\$\{([\w-]+)\.([\w-]+)\}")


def compose_params(files: Files, paths: tuple[str, ...]) -> dict[str, Mapping[str, Any]]:
    """The parameters that compose files pass, by the folder of the service that gets them."""
    found: dict[str, Mapping[str, Any]] = {}
    for path in paths:
        if posixpath.basename(path) in COMPOSE:
            root = files.content(path, posixpath.dirname(path))
            services = root.get("services") if isinstance(root, Map) else None
            if isinstance(services, Map):
                found.update(_of_services(files, posixpath.dirname(path), services))
    return found


def _of_services(files: Files, folder: str, services: Map) -> dict[str, Mapping[str, Any]]:
    folders: dict[str, str] = {}
    for name, entry in services.items():
        written = entry.get("path") if isinstance(entry, Map) else None
        resolved = files.tree.resolve(folder, written) if isinstance(written, str) else None
        if resolved is not None:
            folders[name] = resolved
    found: dict[str, Mapping[str, Any]] = {}
    for name, place in folders.items():
        params = services[name].get("params")
        if isinstance(params, Map):
            found[place] = {key: _passed(value, folders) for key, value in params.items()}
    return found


def _passed(value: Any, folders: Mapping[str, str]) -> Any:
    """A parameter with the outputs in it as what those services export; see `expand`."""
    if not isinstance(value, str):
        return value
    parts: list[Any] = []
    at = 0
    for match in _OUTPUT.finditer(value):
        if match[1] in folders:
            parts += [value[at : match.start()], Imported(f"compose:{folders[match[1]]}.{match[2]}")]
            at = match.end()
    return concat([*parts, value[at:]])
