"""What the rest of the house knows of an account: requests, answers, and the one `Caller` that every request goes through.

Which backing answers (boto3, a recording, one laid over the other) is none of the reader's business; `scopes` chooses it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Protocol, TypeAlias, TypeVar

from untangle.model.resource import Coverage

Page: TypeAlias = Mapping[str, Any]
T = TypeVar("T")
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str).encode
GLOBAL = "global"  # the region of services that have none (IAM, the list of buckets)


class Outcome(str, Enum):
    """How one request ended. Only READ and ABSENT say what is there; after the others it is not known."""

    READ = "read"
    ABSENT = "absent"  # AWS says that there is none: no policy, no such resource
    DENIED = "denied"  # by a policy of any kind
    UNAVAILABLE = "unavailable"  # the region is not enabled, or the service or the operation is not in it
    INCOMPLETE = "incomplete"  # throttled or timed out for too long, failed, or its pages broke off
    WITHHELD = "withheld"  # not in the recording, because it held what looks like a secret

    @property
    def known(self) -> bool:
        """Whether the pages are all that there is."""
        return self in (Outcome.READ, Outcome.ABSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One read operation with its parameters, as botocore names both ("lambda", "ListFunctions", {"MaxItems": 50})."""

    account: str
    region: str
    service: str
    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The parameters as canonical text: the same request has the same key in every run."""
        return _canonical(self.params) if self.params else "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The pages of one request, cut down to the allow-listed fields, and how it ended."""

    request: Request
    pages: tuple[Page, ...] = ()
    outcome: Outcome = Outcome.READ
    code: str = ""

    def items(self, name: str) -> Iterator[Any]:
        """The elements of one list over all pages: `answer.items("Functions")`."""
        for page in self.pages:
            found = page.get(name)
            yield from found if isinstance(found, (list, tuple)) else ()


class Calls(str):
    """How far the reading of an account is: a line of text that holds its numbers, too."""

    account: str
    done: int
    expected: int

    @classmethod
    def told(cls, account: str, done: int, expected: int, services: Mapping[str, int], slowed: int) -> Calls:
        """`128 of 240 calls (lambda 90, sqs 38; slowed down 2 times)`; `expected` grows while the account is found out about."""
        most = sorted(services.items(), key=lambda item: (-item[1], item[0]))[:4]
        said = ", ".join(f"{service} {count:,}" for service, count in most)
        slow = f"; slowed down {slowed:,} times" if slowed > 1 else "; slowed down once" if slowed else ""
        made = cls(f"{done:,} of {expected:,} calls ({said}{slow})")
        made.account, made.done, made.expected = account, done, expected
        return made


class Unfinished(Exception):  # told to the user by its text
    """What was to be made of an answer could not be made this time; it may be tried again."""


class Caller(Protocol):
    """The chokepoint: nothing is asked of AWS but through it, and it asks only what `operations` lists.

    Raises AwsError where the credentials are bad, and ValueError where an operation is asked for that is not on the list;
    every other failure is an answer without (all) pages, and a row of `coverage`. Thread-safe.
    """

    @property
    def coverage(self) -> tuple[Coverage, ...]:
        """One row per (account, region, operation) that was asked for, sorted."""

    def call(self, account: str, region: str, service: str, operation: str, **params: Any) -> Iterator[Page]:
        """The pages of one request; paging is done here. After a denial there are none, and a row of coverage says so."""

    def answer(self, request: Request) -> Answer:
        """The same for a request that is at hand, with how it ended."""

    def derived(self, request: Request, kept: Request, derive: Callable[[Page], Page]) -> Answer:
        """What `derive` makes of the whole page that answers a request, for what must not be kept itself: only that is handed
        on, and recorded as the answer to `kept`, whose service is none of AWS's. Where that is recorded, AWS is not asked.

        Where `derive` raises Unfinished, the answer is incomplete.
        """

    def each(self, requests: Iterable[Request]) -> Iterator[Answer]:
        """The answers to many requests, made side by side, in the order of the requests."""

    def together(self, jobs: Sequence[Callable[[], T]]) -> tuple[T, ...]:
        """Runs jobs side by side (one per region and service; each may use `each`); results come in the order of the jobs."""

    def done(self) -> None:
        """Says that all was read: however the scan ends, the recording that is made is complete."""

    def close(self, complete: bool = False) -> None:
        """Finishes the recording, where one is made; `complete` says that all was read. It may be called again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One account to read: its regions, and whom to ask. `partition` is "aws", "aws-cn" or "aws-us-gov"; `identity` who asks.

    `code` asks for the functions' packages, `traces` and `metrics` for what was seen in that time before `until`.
    """

    account: str
    partition: str
    regions: tuple[str, ...]
    caller: Caller
    identity: str = ""
    code: bool = False
    traces: timedelta | None = None
    metrics: timedelta | None = None
    until: datetime | None = None
