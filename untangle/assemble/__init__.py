"""Facts to graph: resolve what values name, link producers to channels to consumers, join links into hops."""

from untangle.assemble.graph import assemble

__all__ = ["assemble"]
