"""The choreography with one thing changed: what a run sends over the hops that would move goes out when the run has succeeded.

So it is with a workflow, and the proposal lists it. Where both sides differ because of a run that failed after it had sent, this
is what the machine must have done; nothing else of the choreography is another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from untangle.simulate.call import Answer, ApiCall, FunctionError
from untangle.simulate.jobs import play_of
from untangle.simulate.platform.jobs import silence
from untangle.simulate.verify.carried import Carried
from untangle.simulate.world import World

EXITED = "Runtime.ExitError"  # of a run that was ended from outside


class Holding(World):
    """A world in which carried calls wait for the end of their run, and are dropped where that fails; see also `Carried`."""

    carried: Carried = Carried()

    def __init__(self, *given: Any, carried: Carried, **named: Any) -> None:
        super().__init__(*given, **named)
        self.carried = carried
        self._open: dict[str, list[list[ApiCall]]] = {}
        self._started: dict[str, list[list[tuple[int, Mapping[str, Any]]]]] = {}

    def invoke(self, function: str, event: Any, *, client_context: Mapping[str, Any] | None = None) -> Answer:
        """As ever; what the run sent follows when it is through."""
        found = self.application.function(function)
        id = function if found is None else found.id
        self._open.setdefault(id, []).append([])
        self._started.setdefault(id, []).append([])
        begun = len(self.log)
        answer = super().invoke(function, event, client_context=client_context)
        held, started = self._open[id].pop(), self._started[id].pop()
        if answer.error is not None and self.carried.unheard:
            self._silence(started, self._tried(id, begun), answer.error)
        if answer.error is None and not failed_items(answer.payload):
            for call in held:
                super().api(call)
        return answer

    def api(self, call: ApiCall) -> Mapping[str, Any]:
        """As ever, but for carried calls."""
        held = self._open.get(call.caller)
        if held and self.carried.holds(call):
            response = self._answered(call)
            if response is not None:
                held[-1].append(call)
                return response
        response = super().api(call)
        tries = self.carried.tries(call)
        if held and tries is not None:
            self._started[call.caller][-1].append((tries, response))
        return response

    def _tried(self, id: str, begun: int) -> int:
        """Which try the run was that began at this place of the log."""
        return next((int(one.detail.get("attempt", 1)) for one in self.log[begun:] if one.kind == "invoke" and one.who == id), 1)

    def _silence(self, started: list[tuple[int, Mapping[str, Any]]], tried: int, error: FunctionError) -> None:
        """Nobody hears of these jobs; of a last try that failed with an error of its own they do."""
        told = self.carried.last and not error.timed_out and error.type != EXITED
        for tries, response in started:
            if not (told and tried >= tries):
                silence(self, response)

    def _answered(self, call: ApiCall) -> Mapping[str, Any] | None:
        """A valid response; None for an operation that has no such."""
        params = call.params
        if call.operation == "SendMessage":
            return {"MessageId": self.new_id(), "MD5OfMessageBody": _md5(params["MessageBody"])}
        if call.operation == "Publish":
            return {"MessageId": self.new_id()}
        if call.operation == "SendMessageBatch":
            sent = [
                {"Id": one["Id"], "MessageId": self.new_id(), "MD5OfMessageBody": _md5(one["MessageBody"])}
                for one in params["Entries"]
            ]
            return {"Successful": sent}
        if call.operation == "PublishBatch":
            return {"Successful": [{"Id": one["Id"], "MessageId": self.new_id()} for one in params["PublishBatchRequestEntries"]]}
        if call.operation == "PutEvents":
            return {"FailedEntryCount": 0, "Entries": [{"EventId": self.new_id()} for _ in params["Entries"]]}
        if call.operation == "Invoke" and params.get("InvocationType") == "Event":
            return {"StatusCode": 202, "Payload": b""}
        return {} if play_of(call.service, call.operation) is not None else None  # nobody takes the answer of a job that is held


def failed_items(payload: Any) -> bool:
    """Whether an answer names messages that failed."""
    return isinstance(payload, Mapping) and bool(payload.get("batchItemFailures"))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
