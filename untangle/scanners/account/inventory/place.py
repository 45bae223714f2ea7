"""One account and region as a reader sees it: asks questions there, and makes resources of the answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from untangle.model.resource import Gap, Resource
from untangle.model.value import Value
from untangle.scanners.account.call import GLOBAL, Answer, Caller, Request

MAX_DEPTH = 40
Found: TypeAlias = Resource | Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a reader reads: `region` is "global" for services that have none; `regions` are all that are read of the account."""

    account: str
    partition: str
    region: str
    regions: tuple[str, ...]
    caller: Caller

    @property
    def stack(self) -> str:
        """The id of the stack that everything in this place belongs to."""
        return f"{self.account}/{self.region}"

    def ask(self, service: str, operation: str, **params: Any) -> Answer:
        """The answer to one request; a refusal is an answer without pages, and a row of coverage."""
        return self.caller.answer(self.request(service, operation, **params))

    def each(self, service: str, operation: str, params: Iterable[Mapping[str, Any]]) -> Iterator[Answer]:
        """The answers to one request per set of parameters, in their order."""
        yield from self.caller.each([self.request(service, operation, **item) for item in params])

    def request(self, service: str, operation: str, **params: Any) -> Request:
        """A request in this place."""
        return Request(account=self.account, region=self.region, service=service, operation=operation, params=params)

    def at(self, region: str) -> Place:
        """The same account elsewhere."""
        return Place(account=self.account, partition=self.partition, region=region, regions=self.regions, caller=self.caller)

    def arn(self, service: str, rest: str) -> str:
        """The ARN of something here, for services whose listings give only names."""
        region = "" if self.region == GLOBAL else self.region
        return f"arn:{self.partition}:{service}:{region}:{self.account}:{rest}"

    def resource(
        self,
        type_: str,
        address: str,
        properties: Mapping[str, Any],
        *,
        arn: str | None,
        ref: str | None = None,
        **attributes: str,
    ) -> Resource:
        """A live resource: `properties` as AWS answered, None left out; `ref` is its `Ref`, else the address."""
        facts = {"Ref": ref or address, **({"Arn": arn} if arn else {}), **attributes}
        kept = {key: frozen(item) for key, item in sorted(properties.items()) if item is not None}
        return Resource(
            id=f"{self.stack}/{address}",
            type=type_,
            stack=self.stack,
            address=address,
            properties=kept,
            attributes=facts,
            deployed=arn,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What reads one group of services: once per region, or once per account where `everywhere`."""

    title: str
    read: Callable[[Place], Iterator[Found]]
    everywhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What asks, once per region, for more of what the readers found in the account (`found`: all of it, of every region)."""

    title: str
    read: Callable[[Place, Iterable[Resource]], Iterator[Found]]


def frozen(data: Any, depth: int = 0) -> Value:
    """An answer's data as a value: lists become tuples, what is nested too deeply is left out."""
    if depth > MAX_DEPTH:
        return None
    if data is None or isinstance(data, (str, bool, int, float)):  # most of what there is
        return data
    if isinstance(data, (dict, Mapping)):
        return {str(key): frozen(inner, depth + 1) for key, inner in data.items()}
    return tuple([frozen(inner, depth + 1) for inner in data]) if isinstance(data, (list, tuple)) else str(data)


def document(data: Any) -> Any:
    """A policy, pattern or filter: JSON text as what it says, or the structure that botocore already made of it; else None."""
    if isinstance(data, Mapping):
        return data
    try:
        return json.loads(data) if isinstance(data, str) else None
    except (ValueError, RecursionError):
        return None


def picked(data: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """These fields of an answer, under the same names."""
    return {name: data[name] for name in names if data.get(name) is not None}


def name_of(arn: str) -> str:
    """The last part of an ARN or URL."""
    return arn.rpartition(":")[2].rpartition("/")[2]


def single(answer: Answer) -> Mapping[str, Any]:
    """The page of an operation that answers in one; empty where it was refused."""
    return answer.pages[0] if answer.pages else {}


def untold(answer: Answer, what: str) -> Iterator[Gap]:
    """The Gap for what an answer would have told of one thing, where it was refused."""
    if not answer.outcome.known:
        yield Gap(what=what, why=f"it could not be read: {answer.code or answer.outcome.value}")
