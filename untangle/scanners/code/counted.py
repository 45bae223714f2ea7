"""Whether code counts in a table, ticks itself off in one, or counts a listing, to find out whether it is the last: signals.

Read from the calls that were recorded, so that no language has to look for it: an item is changed and comes back changed, by a
number (`counter`), or by a part of it while something is then sent only if all parts are there (`flags`). Where something is
listed, what is sent only under a comparison of the listing's length with another number is a `listing`; whether anything is
there at all (a comparison with 0 or 1) is not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from untangle.model.code import Call
from untangle.model.location import Location

_COUNTS = re.compile(r"\bADD\b|[+-]\s*:")
_EACH = re.compile(r"\ball\s*\(|\.every\s*\(|\bnot\s+any\s*\(|!\s*[\w.]+\.some\s*\(|\.allMatch\s*\(|\.noneMatch\s*\(")
# What asks how much is there, by botocore's service and the API's name.
LISTINGS = frozenset(
    {
        ("s3", "ListObjectsV2"),
        ("s3", "ListObjects"),
        ("dynamodb", "Query"),
        ("dynamodb", "Scan"),
        ("sqs", "GetQueueAttributes"),
    }
)
_LENGTH = (
    r"(?:\blen\(.{0,80}?\b(?:Contents|Items)\b|\b(?:Contents|Items)\b[^=<>!]{0,12}\.length\b"
    r"|\bKeyCount\b|\bCount\b|\bApproximateNumberOfMessages)"
)
_LISTED = re.compile(r"[\"'](?:Contents|Items)[\"'](?:\]|\s*(?:,\s*(?:\[\]|\(\))\s*)?\))(?:\s*or\s*\[\])?$")
_OPERATOR = r"(?:[=!]==?|[<>]=?)"
_NUMBER = r"\s*(?![01]\b)[\w(\[]"
_LONGEST = 400  # characters of a guard that are read


def is_length(text: str) -> bool:
    """Whether an expression is the length of a listing."""
    return re.search(_LENGTH, text[:_LONGEST]) is not None


def is_listed(text: str) -> bool:
    """Whether an expression is what a listing holds: `page["Contents"]`, `found.get("Items", [])`."""
    return _LISTED.search(text[:_LONGEST]) is not None


def _compares(text: str, names: Collection[str]) -> bool:
    """Whether a condition holds a listing's length, or one of these names of it, against a number that is not known."""
    called = "|".join(map(re.escape, sorted(names)))
    length = rf"(?:{_LENGTH}|\b(?:{called})\b)" if called else _LENGTH
    after = rf"{length}[^=<>!]{{0,40}}{_OPERATOR}{_NUMBER}"
    before = rf"[A-Za-z_)\]\"']\s*{_OPERATOR}[^=<>!]{{0,60}}{length}"
    return re.search(after, text) is not None or re.search(before, text) is not None


def listed(calls: Iterable[Call], names: Collection[str] = ()) -> dict[str, Location]:
    """The place of the first condition on a listing's length under which something is sent, by signal.

    Only to be asked where code lists. `names` are variables that hold such a length.
    """
    guards = (guard for call in calls for guard in call.guards if guard.kind in ("if", "early-return"))
    place = next((guard.location for guard in guards if _compares(guard.text[:_LONGEST], names)), None)
    return {} if place is None else {"listing": place}


def counted(calls: Iterable[Call]) -> dict[str, Location]:
    """The place of the first count, and of the first flag, by signal."""
    found: dict[str, Location] = {}
    flagged: Location | None = None
    asked = False
    for call in calls:
        returned = call.arguments.get("ReturnValues")
        if (call.service, call.operation) == ("dynamodb", "UpdateItem") and returned not in (None, "NONE"):
            expression = call.arguments.get("UpdateExpression")
            if isinstance(expression, str) and _COUNTS.search(expression):
                found.setdefault("counter", call.location)
            elif returned == "ALL_NEW":
                flagged = flagged or call.location
        elif not asked:
            guards = (guard.text[:_LONGEST] for guard in call.guards if guard.kind in ("if", "early-return"))
            asked = any(_EACH.search(text) is not None for text in guards)
    if flagged is not None and asked:
        found["flags"] = flagged
    return found
