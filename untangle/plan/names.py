"""What a workflow and the workflows nested in it are called.

A state machine's name has at most 80 characters, without white space, brackets, wildcards and other special characters (Step
Functions API reference, CreateStateMachine, `name`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import count

LIMIT = 80


def workflow_name(chain: str) -> str:
    """`order-intake` -> `OrderIntake`: letters and digits only, as CloudFormation and Step Functions both allow."""
    return _joined(chain)[:70] or "Workflow"


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
