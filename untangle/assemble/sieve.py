"""What a value cannot name: asked once, before every channel looks for its own things in every variable of every function.

Most variables name one thing or none ("info", a table's Ref). A sieve lets through whatever may name something; what it
holds back, `Atlas.resolve` would answer with nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from untangle.assemble.identify import STANDS_FOR, identify
from untangle.assemble.world import Atlas
from untangle.model.value import Ref, Value


class Sieve:
    """Which resource types a value may name, as far as that can be told without looking for them."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas
        self._names = atlas.names()

    def passes(self, value: Value, types: Collection[str]) -> bool:
        """Whether a value may name something of these types."""
        if isinstance(value, Ref):
            resource = self._atlas.resource(value.resource)
            return resource is not None and (resource.type in types or resource.type in STANDS_FOR)
        if not isinstance(value, str):
            return True
        if not value.startswith(("arn:", "http")):
            return value in self._names or value.partition(":")[0] in self._names
        named = identify(value, self._atlas.kinds)
        return named is None or named.type in types
