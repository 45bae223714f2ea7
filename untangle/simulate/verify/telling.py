"""The choreography with two things changed: besides what `Holding` holds back, calls that go out because others listen too (an
object, an item, a message on a topic) are told over the hops that would move only when it is known that no further try follows.

So it is with a workflow, and the proposal lists it: what a run has written goes on when it has returned; of a function whose
tries all fail, that of the last one, unless it timed out or was ended from outside. Others hear of each call at once, as ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from untangle.model.link import Link
from untangle.simulate.call import Answer, ApiCall
from untangle.simulate.handlers.invocation import Crash
from untangle.simulate.platform import CHANNELS_PLAYED
from untangle.simulate.takeover import key_of
from untangle.simulate.verify.holding import Holding, failed_items

_Seen = Mapping[str, Any]
_ENDED = Crash().type


class Telling(Holding):
    """A world in which the hops that would move hear of calls that go out when their run is through; see the module."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self._heard_by: str = "all"  # "others": not over hops that would move; "moved": over these alone
        super().__init__(*given, **named)
        self._gone_out: dict[str, list[list[tuple[ApiCall, Mapping[str, Any], _Seen]]]] = {}

    def links(self, channel: str) -> tuple[Link, ...]:
        """As ever; while a call goes out or is told of, those of others or those that would move."""
        found = super().links(channel)
        if self._heard_by == "all":
            return found
        moved = self._heard_by == "moved"
        return tuple(link for link in found if (key_of(link) in self.carried.gone) is moved)

    def invoke(self, function: str, event: Any, *, client_context: Mapping[str, Any] | None = None) -> Answer:
        """As ever; what went out of the run is told when it is through."""
        found = self.application.function(function)
        id = function if found is None else found.id
        self._gone_out.setdefault(id, []).append([])
        begun = len(self.log)
        answer = super().invoke(function, event, client_context=client_context)
        gone_out = self._gone_out[id].pop()
        if gone_out and self._goes_on(id, begun, answer):
            for call, response, seen in gone_out:
                self._tell(call, response, seen)
        return answer

    def _goes_on(self, id: str, begun: int, answer: Answer) -> bool:
        """Whether a workflow goes on with what went out of a run."""
        if answer.error is None:
            return not failed_items(answer.payload)
        if answer.error.timed_out or answer.error.type == _ENDED:
            return False
        tries = (item.detail.get("attempt") for item in self.log[begun:] if item.kind == "invoke" and item.who == id)
        # One that is delivered twice is tried twice as often.
        return int(next(tries, 1) or 1) % self.carried.tries_of.get(id, 1) == 0

    def api(self, call: ApiCall) -> Mapping[str, Any]:
        """As ever; of calls that go out others hear now, and those over hops that would move later."""
        if not self._gone_out.get(call.caller) or not self.carried.goes_out(call):
            return super().api(call)
        with self._lock:
            concerned = [played for played in CHANNELS_PLAYED if played.concerns(call)]
            seen = {played.type: played.before(self, call) for played in concerned if played.before is not None}
            self._heard_by = "others"
            try:
                response = super().api(call)
            finally:
                self._heard_by = "all"
        self._gone_out[call.caller][-1].append((call, response, seen))
        return response

    def _tell(self, call: ApiCall, response: Mapping[str, Any], seen: _Seen) -> None:
        with self._lock:
            self._heard_by = "moved"
            try:
                for played in CHANNELS_PLAYED:
                    if not played.concerns(call) or (played.claims is not None and played.claims(self, call) is not None):
                        continue
                    if played.heard is not None:
                        played.heard(self, call, response, seen.get(played.type))
            finally:
                self._heard_by = "all"
