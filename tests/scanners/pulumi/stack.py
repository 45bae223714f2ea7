"""States of small stacks, in the shapes in which they are exported and kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from untangle.model.resource import Inventory, Resource
from untangle.scanners.pulumi import read
from untangle.scanners.scanner import Options
from untangle.scanners.tree import Tree

MARKER = "4dabf18193072939515e22adb298388d"
ACCOUNT = "123456789012"
SECRET = {MARKER: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "AAABAHh4c2VjcmV0"}
SHOWN = {MARKER: "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"hunter2"'}
STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"


def urn(type: str, name: str, *parents: str) -> str:
    """The URN of a resource of the stack `dev` of the project `shop`."""
    return f"urn:pulumi:dev::shop::{'$'.join((*parents, type))}::{name}"


def item(type: str, name: str, outputs: dict[str, Any], inputs: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """One resource of a state."""
    return {"urn": urn(type, name), "custom": True, "type": type, "inputs": inputs or {}, "outputs": outputs, **more}


def folder_archive(path: str) -> dict[str, Any]:
    """An archive made of a folder or file."""
    return {MARKER: "0def7320c3a5731c473e5ecbe6d01bc7", "hash": "a1b2", "path": path}


def assets(**held: dict[str, Any]) -> dict[str, Any]:
    """An archive put together from assets; `__` in a name stands for a dot."""
    return {MARKER: "0def7320c3a5731c473e5ecbe6d01bc7", "assets": {name.replace("__", "."): held[name] for name in held}}


def asset(**held: str) -> dict[str, Any]:
    """A file, by its path or with its text."""
    return {MARKER: "c44067f5952c0a294b673a41bacd8c17", "hash": "c3d4", **held}


def function(name: str, **more: Any) -> dict[str, Any]:
    """A function with its physical name and ARN."""
    physical = f"{name}-5f2b1c0"
    known = {"name": physical, "arn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{physical}", "runtime": "python3.12"}
    return item("aws:lambda/function:Function", name, {**known, "handler": "app.handler", **more}, id=physical)


def queue(name: str, **more: Any) -> dict[str, Any]:
    """A queue with its physical name, ARN and URL."""
    physical = f"{name}-77aa012"
    url = f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/{physical}"
    known = {"name": physical, "arn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:{physical}", "url": url}
    return item("aws:sqs/queue:Queue", name, {**known, **more}, id=url)


def export(*items: dict[str, Any], time: str = "2026-01-01T00:00:00Z") -> dict[str, Any]:
    """What `pulumi stack export` prints."""
    stack = {"urn": STACK, "custom": False, "type": "pulumi:pulumi:Stack"}
    return {"version": 3, "deployment": {"manifest": {"time": time, "magic": "x"}, "resources": [stack, *items]}}


def scanned(folder: Path, files: dict[str, Any]) -> Inventory:
    """The inventory of a folder with these files; what is no text is written as indented JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=4), encoding="utf-8")
    return read(Tree(folder), Options())


def at(inventory: Inventory, address: str) -> Resource:
    """The resource at an address."""
    return next(resource for resource in inventory.resources if resource.address == address)
