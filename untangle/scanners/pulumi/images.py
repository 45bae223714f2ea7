"""Container images that a program builds: which folder and Dockerfile an image's URI is made from.

https://www.pulumi.com/registry/packages/docker/api-docs/image/, https://www.pulumi.com/registry/packages/docker-build/api-docs/image/
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping

from untangle.model.value import Value
from untangle.scanners.pulumi.state import Item
from untangle.scanners.terraform.decoded import values

_TYPES = ("docker:index/image:Image", "docker-build:index:Image")
# What each provider calls the image that it made.
_NAMES = ("repoDigest", "imageName", "ref")
Build = Mapping[str, str]


def builds(items: Iterable[Item]) -> Mapping[str, Build]:
    """By the URI of each image its `context` and `dockerfile`, as far as they are local."""
    found: dict[str, Build] = {}
    for item in items:
        if item.type in _TYPES and not item.delete:
            made, asked = values(item.outputs), values(item.inputs)
            named = (made.get(name) for name in _NAMES)
            build = _from_context(dict(_build(asked)))
            found.update({uri: build for uri in named if isinstance(uri, str) and build})
    return found


def _build(asked: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    inner = asked.get("build")
    for key in ("context", "dockerfile"):
        value = inner.get(key) if isinstance(inner, Mapping) else asked.get(key)
        if isinstance(value, Mapping):
            value = value.get("location")
        if isinstance(value, str) and value and "://" not in value:
            yield key, value
    if isinstance(inner, str):
        yield "context", inner


def _from_context(build: dict[str, str]) -> Build:
    """The build with its Dockerfile as Terraform has it: from the context on, not from the program's folder."""
    if "context" in build and "dockerfile" in build:
        return {**build, "dockerfile": posixpath.relpath(build["dockerfile"], build["context"])}
    return build
