"""What was seen at run time, for those accounts for which it was asked: X-Ray's hops and CloudWatch's numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from untangle.model.resource import Gap, Inventory, Resource
from untangle.model.usage import Observation, Usage
from untangle.scanners.account import metrics, traces
from untangle.scanners.account.abreast import abreast
from untangle.scanners.account.call import Scope

_Seen: TypeAlias = Observation | tuple[str, Usage] | Gap


def seen(scopes: Sequence[Scope], resources: Sequence[Resource]) -> Inventory:
    """The observations, usage and gaps of all scopes, and nothing else; nothing is called where nothing was asked for."""
    asked = [scope for scope in scopes if scope.traces is not None or scope.metrics is not None]
    whole, broken = abreast(asked, lambda scope: _of(scope, resources))
    found = [item for _, items in whole for item in items]
    return Inventory(
        coverage=broken,
        usage=dict(sorted((item for item in found if isinstance(item, tuple)), key=lambda item: item[0])),
        observations=tuple(sorted(item for item in found if isinstance(item, Observation))),
        gaps=tuple(item for item in found if isinstance(item, Gap)),
    )


def _of(scope: Scope, resources: Sequence[Resource]) -> list[_Seen]:
    regions = [replace(scope, regions=(region,)) for region in scope.regions]
    jobs: list[Callable[[], tuple[_Seen, ...]]] = []
    if scope.traces is not None:
        jobs.extend(partial(_traces, region) for region in regions)
    if scope.metrics is not None:
        jobs.extend(partial(_metrics, region, resources) for region in regions)
    return [item for result in (scope.caller.together(jobs) if jobs else ()) for item in result]


def _traces(scope: Scope) -> tuple[_Seen, ...]:
    return tuple(traces.read(scope))


def _metrics(scope: Scope, resources: Sequence[Resource]) -> tuple[_Seen, ...]:
    return tuple(metrics.read(scope, resources))
