"""The Amazon States Language as a thing of its own: parse a definition, check it. Usable without the rest of untangle.

from untangle.asl import parse, validate
for found in validate(parse(text)):
    print(found.code, found.pointer, found.message)
"""

from __future__ import annotations

from untangle.asl.diagnostic import Diagnostic
from untangle.asl.document import Document, parse
from untangle.asl.validate import validate

__all__ = ["Diagnostic", "Document", "parse", "validate"]
