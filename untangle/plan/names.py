"""What a workflow and the workflows nested in it are called.

A state machine's name has at most 80 characters, without white space, brackets, wildcards and other special characters (Step
Functions API reference, CreateStateMachine, `name`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import count

from untangle.model.chain import Chain
from untangle.model.graph import EventGraph
from untangle.model.naming import spoken

LIMIT = 80
_KINDS = ("", "Function", "Lambda", "Handler", "Fn", "LambdaFunction")
_KIND = re.compile(r"(?:-(?:function|lambda|handler|fn|func))+(?=(?:-\d+)?$)")


def workflow_name(graph: EventGraph, chain: Chain) -> str:
    """`order-intake-function` -> `OrderIntake`: letters and digits only, as CloudFormation and Step Functions both allow.

    That it is a function stays in the name only where another function would be called the same without it.
    """
    address = graph.function(chain.entries[0]).address if chain.entries and graph.is_function(chain.entries[0]) else ""
    bare = spoken(address).replace(" ", "")
    alike = {one for kind in _KINDS for one in graph.called(f"{bare}{kind}")} - graph.called(address)
    led = "lambda-" if address.lower().startswith("lambda") else ""
    name = chain.id if alike else _KIND.sub("", chain.id).removeprefix(led)
    return _joined(name)[:70] or _joined(chain.id)[:70] or "Workflow"


def nested_name(workflow: str, subject: str, used: Collection[str]) -> str:
    """`OrderIntake-Ship`: a name that is not used yet, by the function that it begins with."""
    wanted = f"{workflow}-{_joined(subject) or 'Tail'}"
    for number in count(1):
        end = "" if number == 1 else f"-{number}"
        if (name := f"{wanted[: LIMIT - len(end)]}{end}") not in used:
            return name
    raise AssertionError


def _joined(text: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", text)
    return "".join(word[:1].upper() + word[1:] for word in words)
