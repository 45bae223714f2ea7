"""CloudFormation's short tags and their long form, and the types of plain scalars."""

from __future__ import annotations

import re

from untangle.scanners.document.node import Map, Node, Seq

# Source: the intrinsic function, rule function and condition function references of the CloudFormation user guide.
_FUNCTIONS = frozenset(
    (
        *(
            "Base64",
            "Cidr",
            "FindInMap",
            "ForEach",
            "GetAtt",
            "GetAZs",
            "GetStackOutput",
            "ImportValue",
            "Join",
            "Length",
            "Select",
        ),
        *("Split", "Sub", "ToJsonString", "Transform", "If", "And", "Or", "Not", "Equals"),
        *("Contains", "EachMemberEquals", "EachMemberIn", "RefAll", "ValueOf", "ValueOfAll"),
    )
)
SHORT_TAGS = {f"!{name}": f"Fn::{name}" for name in _FUNCTIONS} | {"!Ref": "Ref", "!Condition": "Condition"}

_BOOLEANS = {
    spelling: truth
    for truth, words in ((True, ("yes", "true", "on")), (False, ("no", "false", "off")))
    for word in words
    for spelling in (word, word.capitalize(), word.upper())
}
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\Z")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})\.[0-9]{0,17}\Z")
_NUMERIC_START = frozenset("+-0123456789")


def plain(text: str, *, core: bool = False) -> Node:
    """The value of an unquoted scalar: booleans, null and decimal numbers; all else is text.

    CloudFormation reads YAML 1.1, in which `yes` and `off` are booleans too; `core` is YAML 1.2, in which they are texts.
    Dates stay text (`Version: 2012-10-17`), and so does what has leading zeros: an account id is never octal.
    """
    if text in _NULLS:
        return None
    if text[0] in _NUMERIC_START:
        if _INTEGER.match(text):
            return int(text)
        return float(text) if _FLOAT.match(text) else text
    return text if core and text[0] not in "tTfF" else _BOOLEANS.get(text, text)


def long_form(tag: str, value: Node, line: int) -> Node | None:
    """The long form of a short tag around a value, None for a tag that is not CloudFormation's."""
    name = SHORT_TAGS.get(tag)
    if name is None:
        return None
    if name == "Fn::GetAtt" and isinstance(value, str):
        logical_id, _, attribute = value.partition(".")
        value = Seq((logical_id, attribute), line=line, lines=[line, line])
    return Map(((name, value),), line=line, lines={name: line})
