"""Bytes to a located document: the encoding, then JSON or YAML by a look at the first character."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace

from untangle.scanners.document.json_reader import read_json
from untangle.scanners.document.node import Document, Fault, broken

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What YAML allows of the control characters is tab, line feed, carriage return and next line.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# The bytes of plain text in ASCII, none of which is such a character.
_PLAIN = bytes((0x09, 0x0A, 0x0D, *range(0x20, 0x7F)))


def read_document(data: bytes, *, core: bool = False) -> Document:
    """A YAML or JSON text with the line of every key and item.

    YAML is read as CloudFormation reads it, which is 1.1; with `core` as 1.2, whose booleans are `true` and `false` only.

    Never raises on what it is given. Undecodable bytes become replacement characters and a fault; a JSON text
    that is none (a trailing comma, a comment) is tried as YAML, as CloudFormation does.
    """
    text, faults = _decode(data)
    document = read_json(text) if text.lstrip()[:1] in ("{", "[") else None
    if document is None:
        document = _read_yaml(text, core)
    return replace(document, faults=faults + document.faults) if faults else document


def _read_yaml(text: str, core: bool) -> Document:
    from untangle.scanners.document.yaml_reader import read_yaml

    try:
        return read_yaml(text, core=core)
    except RecursionError:
        return broken("nested too deep to be read", 1, "template-too-deep")


def _decode(data: bytes) -> tuple[str, tuple[Fault, ...]]:
    faults: list[Fault] = []
    encoding = "utf-16" if data.startswith(_UTF16) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.append(Fault(rule="template-encoding", message=f"not {encoding.removesuffix('-sig')}: {error.reason}", line=line))
        text = data.decode(encoding, errors="replace")
    if data.translate(None, _PLAIN) and (control := _CONTROL.search(text)):
        line = text.count("\n", 0, control.start()) + 1
        faults.append(Fault(rule="template-encoding", message=f"control character U+{ord(control[0]):04X}", line=line))
        text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    return text, tuple(faults)
