"""What could not be read of an account, for people: which operations, where, which permission is missing, what may hide there.

One operation that is refused in twenty regions is one thing to know, so rows of coverage are folded into one line each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from untangle.emit.wording import clean, count
from untangle.model.resource import Coverage

TITLE = "Not read"
# The grave ones first: a denial can be mended by a permission, the others may be gone the next time.
OUTCOMES = ("denied", "unavailable", "incomplete", "withheld")
MEANS: Mapping[str, str] = {
    "denied": "a policy forbids it",
    "unavailable": "the region or the service does not answer",
    "incomplete": "it broke off",
    "withheld": "the recording leaves it out, because it looked like a secret",
}
# What operations hide that is no type of channel.
_HIDDEN = {
    "everything": "anything",
    "functions": "functions",
    "producers": "grants, and hops that rest on them",
    "triggers": "what starts functions",
    "aliases": "aliases of functions",
    "stacks": "which stack a thing belongs to",
    "code": "calls in functions' code",
    "regions": "regions",
    "accounts": "accounts",
    "traces": "what X-Ray saw",
    "metrics": "CloudWatch's numbers",
}
_NOTE = re.compile(r"(?P<why>.*): (?P<refused>\d+) of (?P<all>\d+)", re.DOTALL)
_PLACES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """One kind of refusal: what was asked, where, how it ended, which permission is missing, what stays unseen.

    `why` are the codes that AWS gave, `refused` and `calls` how many of the calls ended so, 0 where that is not known.
    """

    outcome: str
    what: str
    places: tuple[str, ...]
    permission: str | None
    unseen: tuple[str, ...]
    why: tuple[str, ...]
    refused: int
    calls: int

    @property
    def hidden(self) -> str:
        """What may be there and is not shown."""
        return hidden(self.unseen)

    def where(self, most: int = _PLACES) -> str:
        """The places, the first ones of many."""
        more = f" and {len(self.places) - most} more" if len(self.places) > most else ""
        return ", ".join(self.places[:most]) + more

    @property
    def reason(self) -> str:
        """What AWS said and how often: `AccessDenied, 2 of 30 calls`."""
        often = f"{self.refused:,} of {count(self.calls, 'call')}" if self.refused < self.calls else ""
        return ", ".join(part for part in (*self.why, often) if part)


def unread(coverage: Iterable[Coverage]) -> list[Unread]:
    """What was not or not wholly read, the same refusal in several places once; what hides everything comes first."""
    rows = [row for row in coverage if row.outcome in OUTCOMES]
    accounts = {row.source.split("/")[1] for row in rows if _of_account(row)}
    folded: dict[tuple[bool, int, str, str, tuple[str, ...]], list[Coverage]] = {}
    for row in rows:
        what = row.operation if _of_account(row) else row.source
        folded.setdefault(
            ("everything" not in row.unseen, OUTCOMES.index(row.outcome), what, row.permission or "", row.unseen), []
        ).append(row)
    return [_one(what, items, len(accounts) > 1) for (_, _, what, _, _), items in sorted(folded.items())]


def hidden(unseen: Iterable[str]) -> str:
    """What may be there unseen, in words: types of channels are told together."""
    names = list(dict.fromkeys(unseen))
    if "everything" in names:
        return _HIDDEN["everything"]
    channels = [clean(name) for name in names if name not in _HIDDEN]
    hops = [f"hops over {', '.join(channels)}"] if channels else []
    return "; ".join(hops + [_HIDDEN[name] for name in names if name in _HIDDEN])


def all_hidden(items: Iterable[Unread]) -> str:
    """What may hide behind all of them."""
    return hidden(sorted({name for item in items for name in item.unseen}))


def permissions(items: Iterable[Unread]) -> list[str]:
    """The permissions that are missing, sorted."""
    return sorted({name for item in items for name in (item.permission or "").split()})


def _of_account(row: Coverage) -> bool:
    return row.source.startswith("aws/")


def _one(what: str, rows: list[Coverage], several: bool) -> Unread:
    notes = [(_NOTE.fullmatch(row.note), row.note) for row in rows]
    return Unread(
        outcome=rows[0].outcome,
        what=clean(what),
        places=tuple(sorted({_place(row, several) for row in rows})),
        permission=rows[0].permission,
        unseen=rows[0].unseen,
        why=tuple(sorted({clean(found["why"] if found else note) for found, note in notes} - {""})),
        refused=sum(int(found["refused"]) for found, _ in notes if found),
        calls=sum(int(found["all"]) for found, _ in notes if found),
    )


def _place(row: Coverage, several: bool) -> str:
    """`eu-west-1`, with the account where there are several; of what is no account, the operation."""
    if not _of_account(row):
        return clean(row.operation)
    _, account, *region = row.source.split("/")
    return clean("/".join(([account] if several or not region else []) + region))
