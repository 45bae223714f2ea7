"""Located documents: YAML and JSON read into plain mappings and sequences that know their lines.

CloudFormation's short tags come out in their long form (`!Ref X` is `{"Ref": X}`), so that a reader of templates
meets one spelling only. Nothing raises on bad input: what is wrong is a `Fault` with its line.
"""

from untangle.scanners.document.node import Document, Fault, Map, Node, Seq
from untangle.scanners.document.read import read_document

__all__ = ["Document", "Fault", "Map", "Node", "Seq", "read_document"]
