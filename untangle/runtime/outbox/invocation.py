"""One invocation: what is asked of it, the runs of the handler that it takes, and what it answers.

Written as a generator that yields each `Run` and is given what the handler returned, once for plain handlers and once for those
that are awaited.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NamedTuple

from .answer import fitting, without_failures
from .chokepoint import install
from .claim import holds_claims, opened, put_away
from .failed import with_effects
from .recorder import log
from .recording import Recording, during
from .start import start, start_failed, start_of, starting
from .token import Runs, each, tokened
from .tracing import traced, traceparent_of


class Run(NamedTuple):
    """One run of the handler, on this event; with no recording its calls are its own business."""

    event: Any
    recording: Recording | None


def wrap(original: Callable[..., Any]) -> Callable[..., Any]:
    """The handler with its outbox: where nothing is asked of an invocation it is the handler itself."""
    if inspect.iscoroutinefunction(original):

        @functools.wraps(original)
        async def awaited(event: Any, context: Any = None) -> Any:
            runs, answer, error = _runs(event, context), None, None
            while True:
                try:
                    run = runs.send(answer) if error is None else runs.throw(error)
                except StopIteration as end:
                    return end.value
                answer, error = None, None
                try:
                    with _around(run, context):
                        answer = await original(run.event, context)
                except BaseException as raised:
                    error = raised

        return awaited

    @functools.wraps(original)
    def handler(event: Any, context: Any = None) -> Any:
        if _is_plain(event, context):
            with during(None):
                return original(event, context)
        runs, answer, error = _runs(event, context), None, None
        while True:
            try:
                run = runs.send(answer) if error is None else runs.throw(error)
            except StopIteration as end:
                return end.value
            answer, error = None, None
            try:
                with _around(run, context):
                    answer = original(run.event, context)
            except BaseException as raised:
                error = raised

    return handler


def marker_of(context: Any) -> Mapping[str, Any] | None:
    """The marker of an invocation; None where it has none, as every one outside of a workflow."""
    given = getattr(context, "client_context", None)
    custom = getattr(given, "custom", None)
    asked = custom.get("untangle") if isinstance(custom, Mapping) else None
    return asked if isinstance(asked, Mapping) else None


def _is_plain(event: Any, context: Any) -> bool:
    return (
        marker_of(context) is None
        and not os.environ.get("UNTANGLE_START")
        and log() is None
        and not holds_claims(event)
        and not tokened(event)
    )


def _runs(event: Any, context: Any) -> Runs:
    event = opened(event)
    asked, request = marker_of(context), _request(context)
    if asked is not None:
        return (yield from _driven(event, asked, request))

    def rest(part: Any) -> Runs:
        return _outside(part, request)

    if tokened(event):
        return (yield from each(event, _driven, rest))
    return (yield from rest(event))


def _outside(event: Any, request: str) -> Runs:
    """An invocation that no workflow makes: one that starts one, or the handler's own."""
    begins = start_of()
    if begins is not None:
        return (yield from _starting(event, begins, request))
    writes = log()
    if writes is None:
        return (yield Run(event, None))
    install()
    recording = Recording(None, request, writes)
    try:
        return (yield Run(event, recording))
    finally:
        recording.close()


def _starting(event: Any, asked: Mapping[str, Any], request: str) -> Runs:
    """The handler's answer, once the workflow is started; where the run fails, it is started with what has gone out."""
    recording = Recording(asked, request, log())
    try:
        answer = yield from _asked(event, recording)
        begun = starting(asked, answer["effects"])
    except Exception:
        start_failed(asked, request, recording.told())
        raise
    start(asked, request, begun)
    return answer["return"]


def _driven(event: Any, asked: Mapping[str, Any], request: str) -> Runs:
    """`{return, effects}` of one run that a workflow makes. Raises what the handler raises, or `FailedWithEffects`."""
    recording = Recording(asked, request, log())
    try:
        return fitting((yield from _asked(event, recording)))
    except Exception as error:
        told = with_effects(recording, error)
        if told is None:
            raise
        raise told from error


def _asked(event: Any, recording: Recording) -> Runs:
    """`{return, effects}` of one run whose effects are asked for."""
    install()
    try:
        result = yield Run(event, recording)
    finally:
        effects = recording.close()
    if recording.asked.get("partial"):
        without_failures(result)
    put_away(recording, effects)
    return {"return": result, "effects": effects}


def _request(context: Any) -> str:
    found = getattr(context, "aws_request_id", None)
    return found if isinstance(found, str) and found else os.urandom(16).hex()


@contextmanager
def _around(run: Run, context: Any) -> Iterator[None]:
    """The run as the current one, its trace too, the marker out of the handler's sight: before, there was no client context."""
    asked = run.recording.asked if run.recording is not None else {}
    given = getattr(context, "client_context", None)
    hides = marker_of(context) is not None
    if hides:
        _show(context, _without(given))
    try:
        with during(run.recording), traced(traceparent_of(asked, run.event)):
            yield
    finally:
        if hides:
            _show(context, given)


def _without(given: Any) -> Any:
    custom = {name: value for name, value in given.custom.items() if name != "untangle"}
    env, client = getattr(given, "env", None), getattr(given, "client", None)
    return SimpleNamespace(custom=custom, env=env, client=client) if custom or env or client else None


def _show(context: Any, given: Any) -> None:
    try:
        context.client_context = given
    except AttributeError:
        return  # a context that cannot be changed keeps the marker
