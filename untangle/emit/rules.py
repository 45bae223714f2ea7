"""Every rule there is, for `untangle explain`, SARIF's help and the report: those of findings, and that of the chains."""

from __future__ import annotations

import re
from difflib import get_close_matches

from untangle.detect import RULES as FINDING_RULES
from untangle.model.rule import Rule

# A chain is no finding of its own, but code scanning shows nothing else: there it is a result of this rule.
WORKFLOW = Rule(
    id="implicit-workflow",
    severity="note",
    title="Functions form a workflow that is written down nowhere",
    costs="What happens after one step is known only to whoever has read every template and handler: a failure in the middle is "
    "found late, a change of a message breaks consumers that nobody lists, and no one can say how far a piece of work has come.",
    instead="Read its verdict: `untangle show CHAIN`. Where it says migrate, `untangle propose` writes the state machine; where "
    "it says keep, the drawing and the contracts of its messages are what was missing.",
)
RULES: tuple[Rule, ...] = tuple(sorted((*FINDING_RULES, WORKFLOW), key=lambda rule: rule.id))
_LEVELS = ("error", "warning", "note")


def rule(id: str) -> Rule | None:
    """The rule of this id."""
    return next((item for item in RULES if item.id == id), None)


def nearest(id: str) -> list[str]:
    """The ids of rules that a mistyped one may mean, at most three."""
    return get_close_matches(id.lower(), [item.id for item in RULES], n=3, cutoff=0.4)


def listing() -> str:
    """All rules as plain text, the gravest first, one a line."""
    width = max(len(item.id) for item in RULES)
    ordered = sorted(RULES, key=lambda item: (_LEVELS.index(item.severity), item.id))
    return "".join(f"{item.severity:<8} {item.id:<{width}}  {item.title}\n" for item in ordered)


def explanation(rule: Rule, width: int = 80) -> str:
    """One rule as plain text: what it is, what it costs, what to do instead."""
    parts = [f"{rule.id}  ({rule.severity})", rule.title + ".", "What it costs", rule.costs, "Instead", rule.instead]
    wrapped = [_wrap(part, width) for part in parts]
    return "\n\n".join([f"{wrapped[0]}\n{wrapped[1]}", f"{wrapped[2]}\n{wrapped[3]}", f"{wrapped[4]}\n{wrapped[5]}"]) + "\n"


def _wrap(text: str, width: int) -> str:
    import textwrap

    indent = "" if re.fullmatch(r"What it costs|Instead|\S+  \(\w+\)", text) else "  "
    return textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
