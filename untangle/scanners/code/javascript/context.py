"""The context that Lambda hands to a handler: the function's own name, and the operations of durable functions.

https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html
https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-sdk.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.model.value import Env
from untangle.scanners.code.lowered import builtin
from untangle.scanners.code.lowered.library import Follower, Site
from untangle.scanners.code.lowered.things import (
    Closure,
    Encoded,
    Items,
    Native,
    Record,
    Thing,
    Unknown,
    join,
    literal,
    options,
    text_of,
)

DURABLE = "durable:"
_OWN_NAME = ("functionName", "invokedFunctionArn")
# Operations that call back what they are given; the first three hand its result on.
_CALLING = ("step", "runInChildContext", "waitForCallback", "waitForCondition", "map", "parallel")


def context() -> Thing:
    """What a handler gets beside its event."""
    fields: dict[str, Thing] = {name: Env("AWS_LAMBDA_FUNCTION_NAME") for name in _OWN_NAME}
    fields.update({name: Native(DURABLE + name) for name in (*_CALLING, "invoke")})
    return Record(fields, open=True)


def operate(name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    """One operation of a durable function."""
    if name == "invoke":
        return _invoke(arguments, site, interpreter)
    listed = next((thing for thing in arguments if isinstance(thing, Items)), None)
    results = []
    for callback in _callbacks(arguments):
        given: list[Thing] = [context()]
        if name == "map":
            given += [builtin.element(listed), Unknown("index")]
            with interpreter.repeated(site):
                results.append(interpreter.apply(callback, given, site))
        else:
            results.append(interpreter.apply(callback, given, site))
    if name in ("map", "parallel"):
        return Record({"all": Items([Record({"result": result}, open=True) for result in results], open=True)}, open=True)
    return join(results) if results else Unknown(site.text)


def _invoke(arguments: list[Thing], site: Site, interpreter: Follower) -> Thing:
    """`invoke(function, payload)` or `invoke(step, function, payload)`: a synchronous call of another function."""
    named = len(arguments) > 1 and (len(arguments) > 2 or _is_text(arguments[1])) and not isinstance(arguments[1], Record)
    function = arguments[named] if len(arguments) > named else None
    payload = arguments[named + 1] if len(arguments) > named + 1 else None
    return interpreter.record("lambda", "Invoke", Record({"FunctionName": function, "Payload": Encoded(payload)}), site)


def _is_text(thing: Thing) -> bool:
    return isinstance(thing, Env) or literal(thing) is not None or (text_of([thing]) == thing and thing is not None)


def _callbacks(arguments: list[Thing]) -> Iterator[Thing]:
    """The functions among the arguments, also in a list of branches and in a branch's `func`."""
    for thing in arguments:
        for option in options(thing):
            if isinstance(option, Closure):
                yield option
            elif isinstance(option, Items):
                yield from _callbacks(option.elements)
            elif isinstance(option, Record) and "func" in option.fields:
                yield from _callbacks([option.fields["func"]])
