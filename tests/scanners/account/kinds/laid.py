"""Answers laid over the account in memory, for what that cannot hold: the test that lays them says what and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from untangle.scanners.account.call import Outcome, Request
from untangle.scanners.account.chokepoint import Backing
from untangle.scanners.account.recording import Recorded

Page = dict[str, Any]
Edit = Callable[[Page], None]


class Laid:
    """A backing over another: what it answers is edited by operation (and by parameters, where they are given)."""

    def __init__(self) -> None:
        self.under: Backing | None = None
        self.edits = 0
        self._edits: dict[str, list[tuple[Mapping[str, Any], Edit]]] = {}

    def edit(self, operation: str, change: Edit, **params: Any) -> None:
        """`sqs.ListQueues` is answered with a page that was changed; one page holds everything then."""
        self.edits += 1
        self._edits.setdefault(operation, []).append((params, change))

    def add(self, operation: str, field: str, item: Any, **params: Any) -> None:
        """One more element in a list of the answer."""
        self.edit(operation, lambda page: page.setdefault(field, []).append(item), **params)

    def change(self, operation: str, field: str, key: str, value: str, more: Mapping[str, Any]) -> None:
        """Further fields for the element of a list that has this value under a key."""

        def update(page: Page) -> None:
            (found,) = [item for item in page[field] if item[key] == value]
            found.update(more)

        self.edit(operation, update)

    def fetch(self, request: Request) -> Recorded:
        """The answer of what lies under, as one page with the edits for it.

        Of an operation with edits none is refused: moto may not have it.
        """
        assert self.under is not None
        known = self._edits.get(f"{request.service}.{request.operation}", ())
        edits = [change for params, change in known if all(request.params.get(name) == it for name, it in params.items())]
        found = self.under.fetch(request)
        if not edits and (found.outcome.known or not known):
            return found
        page: Page = {}
        for part in found.pages:
            for name, value in part.items():
                page[name] = [*page.get(name, []), *value] if isinstance(value, list) else value
        for change in edits:
            change(page)
        return Recorded(pages=(page,), outcome=Outcome.READ)

    def fields(self, request: Request) -> Mapping[str, Any]:
        """Those of what lies under."""
        assert self.under is not None
        return self.under.fields(request)

    def is_recorded(self, request: Request) -> bool:
        """Never."""
        return False
