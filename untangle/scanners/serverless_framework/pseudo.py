"""CloudFormation's pseudo parameters in plain texts of a service.

`#{AWS::Region}` and `#{Queue.Arn}` are the pseudo-parameters plugin's; `${AWS::Region}` outside of Fn::Sub is its later spelling.
"""

from __future__ import annotations

import re

from untangle.model.value import ACCOUNT, PARTITION, REGION, Ref, Symbol, Value, concat

_MARK = re.compile(r"#\{([A-Za-z][\w.:]*)\}|\$\{(AWS::\w+)\}")
_KNOWN = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": PARTITION}


def pseudo(text: str, stack: str) -> Value:
    """The text with what is marked in it replaced."""
    if "#{" not in text and "${AWS::" not in text:
        return text
    parts: list[Value] = []
    at = 0
    for match in _MARK.finditer(text):
        parts += [text[at : match.start()], _named(match[1] or match[2], stack)]
        at = match.end()
    return concat([*parts, text[at:]])


def _named(name: str, stack: str) -> Value:
    if name.startswith("AWS::"):
        return "amazonaws.com" if name == "AWS::URLSuffix" else _KNOWN.get(name, Symbol(name, stack))
    resource, _, attribute = name.partition(".")
    return Ref(f"{stack}/{resource}", attribute)
