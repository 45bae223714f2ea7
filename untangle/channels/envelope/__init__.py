"""Envelope adapters: from the API call a producer made to the event its consumer's unchanged handler expects.

`envelope` gives the adapter of one hop, `condition` the filter it meets on its way, `selection` the producer's effects
that belong to it, `entered` the event of the first function from what starts the workflow. One file per channel; see
`form` for what each of them fills in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from untangle.channels.envelope import (
    create_schedule,
    dynamodb_stream,
    eventbridge,
    kinesis,
    lambda_destination,
    lambda_invoke,
    pipe,
    s3,
    sns,
    sqs,
)
from untangle.channels.envelope.form import Form, Names, Unsupported, literal
from untangle.channels.envelope.placeholder import filled
from untangle.model.step import JOB, Effects, Stop

ENVELOPES: tuple[Form, ...] = (
    create_schedule.ENVELOPE,
    dynamodb_stream.ENVELOPE,
    eventbridge.ENVELOPE,
    kinesis.ENVELOPE,
    lambda_destination.ENVELOPE,
    lambda_invoke.ENVELOPE,
    pipe.ENVELOPE,
    s3.ENVELOPE,
    sns.ENVELOPE,
    sqs.ENVELOPE,
)
_FORMS = {form.type: form for form in ENVELOPES}
_SEVERAL = "anyOf"  # of a hop that several deliveries make, each with its filter

__all__ = ["ENVELOPES", "Names", "Unsupported", "condition", "entered", "envelope", "form_of", "message", "selection"]


def form_of(type: str) -> Form:
    """The form of a channel type. Raises `Unsupported` for channels without an adapter."""
    if type not in _FORMS:
        raise Unsupported(f"no envelope adapter is written for {type}")
    return _FORMS[type]


def envelope(stops: tuple[Stop, ...], names: Names, effect: str = "$states.input") -> str:
    """The Lambda event of a hop, as one JSONata block over the effect that `effect` names.

    Raises `Unsupported`, with the reason in words, where a channel or one of its settings cannot be rebuilt.
    """
    lines = _travel(stops, names, effect)
    return _block([*lines, form_of(stops[-1].type).deliver(stops[-1], names)])


def entered(form: str, source: str = "$states.input") -> str:
    """The Lambda event of the function that a workflow starts with, from its input, which has the form that this channel type
    gives it (see `Form.enter`); "" is the event itself. Raises `Unsupported` where the channel can start no workflow."""
    if not form:
        return source
    enter = form_of(form).enter
    if enter is None:
        raise Unsupported(f"{form} starts no workflow")
    return enter(source)


def message(stops: tuple[Stop, ...], names: Names, effect: str = "$states.input") -> str:
    """The message as it stands in the last channel (a queue's message, a notification), for parking it elsewhere.

    A pipe holds no messages: what fails behind it is parked by the channel that it polls.
    """
    held = tuple(stop for stop in stops if stop.type != "pipe") or stops
    return _block([*_travel(held, names, effect), form_of(held[-1].type).variable])


def condition(stops: tuple[Stop, ...], names: Names, effect: str = "$states.input") -> str | None:
    """Whether every filter on the way lets the effect pass, as a JSONata boolean; None where nothing is filtered."""
    stops = filled(stops, names)
    filtered = [index for index, stop in enumerate(stops) if _test(stop, names) is not None]
    if not filtered:
        return None
    lines = _travel(stops[: filtered[-1] + 1], names, effect, tests=True)
    return _block([*lines, " and ".join(f"$passes{index}" for index in filtered)])


def selection(effects: Effects, names: Names, source: str = "$states.input") -> str:
    """The effects of one channel among all those in `source`, as a JSONata array (empty where there are none)."""
    if effects.type == JOB:
        service, _, operation = effects.target.partition(":")
        return f"[{source}[service = {literal(service)} and op = {literal(operation)}]]"
    written = form_of(effects.type).written
    if written is None:
        raise Unsupported(f"nothing is written to a {effects.type} directly")
    operations = written.operations
    test = f"op = {literal(operations[0])}" if len(operations) == 1 else f"op in {literal(operations)}"
    tests = [f"service = {literal(written.service)}", test]
    if written.by:
        values = dict.fromkeys(f"'{names(effects.target, attribute)}'" for _, attribute in written.by)
        params = [f"params.{name}" for name in dict.fromkeys(name for name, _ in written.by)]
        given = params[0] if len(params) == 1 else f"[{', '.join(params)}][0]"
        if written.default is not None:
            given = f"($exists({given}) ? {given} : {literal(written.default)})"
        among = next(iter(values)) if len(values) == 1 else f"[{', '.join(values)}]"
        tests.append(f"{given} {'=' if len(values) == 1 else 'in'} {among}")
    return f"[{source}[{' and '.join(tests)}]]"


def _travel(stops: tuple[Stop, ...], names: Names, effect: str, *, tests: bool = False) -> list[str]:
    """The statements that bring the message from the effect into the last of the stops."""
    if not stops:
        raise Unsupported("the hop passes no channel")
    first = form_of(stops[0].type)
    if first.effect is None:
        raise Unsupported(f"nothing is written to a {first.type} directly")
    lines = [f"$e := {effect}", "$p := $e.params", "$r := $e.response"]
    for index, stop in enumerate(stops):
        if index == 0:
            after = stops[1] if len(stops) > 1 else None
            lines.append(f"{first.variable} := {first.effect(stop, after, names)}")
        else:
            lines.extend(_route(stops[index - 1], stop, names))
        if tests and (found := _test(stop, names)) is not None:
            lines.append(f"$passes{index} := {found}")  # at once: a later stop of the same type rebinds the message
    return lines


def _test(stop: Stop, names: Names) -> str | None:
    """The stop's filter. Several notifications of a bucket never overlap, so that any of them may pass; several subscriptions or
    rules may, and then each delivers the message."""
    test = form_of(stop.type).test
    if test is None:
        return None
    if not isinstance(stop.filter, Mapping) or set(stop.filter) != {_SEVERAL}:
        return test(stop, names)
    if stop.type != "s3":
        raise Unsupported(f"several filters lead from this {stop.type}, and a message that passes two of them arrives twice")
    pending, found = [stop.filter[_SEVERAL]], []
    while pending:
        for option in reversed(inner if isinstance(inner := pending.pop(), tuple) else (inner,)):
            several = isinstance(option, Mapping) and set(option) == {_SEVERAL}
            if isinstance(option, Mapping) and several:
                pending.append(option[_SEVERAL])
            else:
                found.append(test(replace(stop, filter=option), names))
    tests = list(dict.fromkeys(text for text in found if text is not None))
    return None if None in found else f"({' or '.join(f'({text})' for text in tests)})"


def _route(before: Stop, stop: Stop, names: Names) -> list[str]:
    giver, taker = form_of(before.type), form_of(stop.type)
    if giver.hand is None or taker.receive is None:
        raise Unsupported(f"the way from {before.type} to {stop.type} is not rebuilt yet")
    return [f"$in := {giver.hand(before, stop, names)}", f"{taker.variable} := {taker.receive(stop, before, names)}"]


def _block(lines: list[str]) -> str:
    *statements, result = lines
    return "(\n" + "".join(f"  {_indented(line)};\n" for line in statements) + f"  {_indented(result)}\n)"


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")
