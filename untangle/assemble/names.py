"""Names across stacks that are deployed apart: what a name with unknown parts can only mean.

`${Stage}` of one root stack need not be `${Stage}` of another one, and a parameter that a pipeline fills in says nothing by
itself. Yet where exactly one declaration of the whole scan fits, it is the one that is meant: people pass one stage to all
their stacks, the output `OrdersQueueArn` of one into the parameter `OrdersQueueArn` of the other. Such an answer is an
inference, is told as one, and is given only where there is no second candidate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias, TypeVar

from untangle.channels.channel import Verdict
from untangle.channels.text import like
from untangle.model.value import Symbol, Value, parts_of

T = TypeVar("T")
Outline: TypeAlias = tuple[str | None, ...]
BY_SHAPE = "by the shape of its name"
BY_OUTPUT = "by the output of that name"
BY_WORDS = "by the words of its name"

STACK_NAME = "AWS::StackName"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_TELLING = re.compile(r"[A-Za-z]{3}")
# Words that say in which form a thing is named, not which thing.
_FORMS = frozenset(
    {"arn", "arns", "name", "names", "url", "uri", "id", "ids", "parameter", "param", "ssm", "path", "key", "value"}
)


def same_by_name(asked: Value, declared: Value) -> bool:
    """Whether two partly unknown texts are one where parameters of one name are taken to have one value.

    The name of a stack is its own, so that two `${AWS::StackName}` of different stacks differ; a parameter that is named
    after a stack (`TargetStackName`) may be the name of the one that declares. Texts without any telling word are not compared.
    """
    mine, theirs = parts_of(asked), parts_of(declared)
    if len(mine) != len(theirs) or not is_telling(mine):
        return False
    return all(_same_part(a, b) for a, b in zip(mine, theirs, strict=True))


def outline(name: Value) -> Outline:
    """The literal parts of a text, None for each that is not known: texts that are the same by name have one outline."""
    return tuple(part if isinstance(part, str) else None for part in parts_of(name))


def may_be(asked: Value, declared: Value) -> bool:
    """Whether two texts can be one where every unknown part may be anything; they must share a word that is known."""
    pattern = "".join(part.replace("*", "\\*") if isinstance(part, str) else "*" for part in parts_of(declared))
    return bool(_literal_words(asked) & _literal_words(declared)) and like(asked, pattern) is not Verdict.EXCLUDED


def only(found: Iterable[T]) -> T | None:
    """What all of these are; None where there is nothing, or where they differ."""
    listed = list(found)
    return listed[0] if listed and all(item == listed[0] for item in listed[1:]) else None


def words(name: Value) -> frozenset[str]:
    """The words of a name as people read it, in lower case: `EventBusName`, `/shop/event-bus/name`; unknown parts left out."""
    literal = [part for part in parts_of(name) if isinstance(part, str)]
    return frozenset(word.lower() for part in literal for word in _WORD.findall(part))


def is_spelled_out(parameter: str, name: Value) -> bool:
    """Whether every word of a parameter's name stands in this name: `OrdersQueueUrl` in `/shop/${Stage}/orders/queue/url`."""
    wanted = words(parameter) - _FORMS
    return bool(wanted) and wanted <= words(name)


def _same_part(asked: Value, declared: Value) -> bool:
    if asked == declared or not (isinstance(asked, Symbol) and isinstance(declared, Symbol)):
        return asked == declared
    if declared.name == STACK_NAME:
        return "::" not in asked.name and asked.name.lower().endswith(("stack", "stackname"))
    # what a function computes keeps its scope: equal operands in two stacks are not seen to be equal
    return asked.name == declared.name and asked.name != STACK_NAME and "#" not in asked.scope + declared.scope


def is_telling(parts: tuple[Value, ...]) -> bool:
    """Whether any known part of a text has a word in it."""
    return any(isinstance(part, str) and _TELLING.search(part) for part in parts)


def _literal_words(name: Value) -> frozenset[str]:
    return frozenset(word for word in words(name) - _FORMS if len(word) > 2)
