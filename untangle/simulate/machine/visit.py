"""One visit to a state: its input, its context, and everything that is evaluated on its behalf, in its query language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from untangle.asl.jsonata import is_jsonata
from untangle.simulate.machine.failure import Invalid, StateFailure, Undefined, text_of
from untangle.simulate.machine.frame import Frame
from untangle.simulate.machine.query import jsonata
from untangle.simulate.machine.query.functions import Random
from untangle.simulate.machine.query.intrinsics import call_of
from untangle.simulate.machine.query.jsonpath import path_of

JSONATA = "JSONata"
_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_COUNTED = frozenset({"Task", "Map", "Parallel"})  # whose context has a RetryCount
_KINDS = ((bool, "boolean"), ((int, float), "number"), (str, "string"), (list, "array"), (dict, "object"))


class Visit:
    """A state while it is visited. `entered` is the id of its Entered event, `retries` how often it was tried again."""

    __slots__ = ("entered", "entered_at", "error", "frame", "input", "jsonata", "name", "result", "retries", "state", "token")

    def __init__(self, frame: Frame, name: str, state: Mapping[str, Any], value: Any) -> None:
        self.frame, self.name, self.state, self.input = frame, name, state, value
        self.jsonata = state.get("QueryLanguage", frame.language) == JSONATA
        self.entered_at = frame.history.now
        self.entered = 0
        self.retries = 0
        self.token: str | None = None
        self.result: Any = None
        self.error: Any = None

    def context(self) -> dict[str, Any]:
        """The context object (Step Functions guide, "Accessing execution data from the Context object")."""
        state: dict[str, Any] = {"EnteredTime": self.entered_at, "Name": self.name}
        if self.state.get("Type") in _COUNTED:
            state["RetryCount"] = self.retries
        context: dict[str, Any] = {**self.frame.identity, "State": state}
        if self.token is not None:
            context["Task"] = {"Token": self.token}
        if self.frame.item is not None:
            context["Map"] = {"Item": self.frame.item}
        return context

    def invalid(self, message: str, error: str = "States.Runtime") -> StateFailure:
        """A failure, worded as the service does where it cannot process what a state was given."""
        where = f"An error occurred while executing the state '{self.name}' (entered at the event id #{self.entered})."
        return StateFailure(error, f"{where} {message}")

    def unevaluated(self, message: str, location: str = "", *, later: bool = False) -> StateFailure:
        """The failure of a JSONata field; the history tells of it. `later`: it was evaluated well, but cannot be used."""
        failure = self.invalid(message, "States.QueryEvaluationError")
        said = {"error": failure.error, "cause": failure.cause, "location": location, "state": self.name}
        details = {key: text for key, text in said.items() if text}
        if later:
            self.frame.record("EvaluationFailed", details)
        else:
            self.frame.record_evaluation(details, self.entered)
        return failure

    # JSONPath

    def at(self, path: str | None, data: Any) -> Any:
        """What InputPath, OutputPath and their like take from the data; an empty object for the path null."""
        if path is None:
            return {}
        try:
            return self.value(path, data)
        except Undefined as error:
            raise self.invalid(f"Invalid path '{path}' : {error.message}") from error

    def value(self, text: str, data: Any) -> Any:
        """The value of a path or an intrinsic function; raises `Undefined`."""
        try:
            return _expression(text)(Data(self, data))
        except Invalid as error:
            raise self.invalid(error.message, error.error) from error

    def found(self, text: str, data: Any, field: str) -> Any:
        """The value of a path that a field of a template has to find."""
        try:
            return self.value(text, data)
        except Undefined as error:
            message = f"The JSONPath '{text}' specified for the field '{field}' could not be found in the input '{text_of(data)}'"
            raise self.invalid(message) from error

    def fill(self, template: Any, data: Any) -> Any:
        """A payload template of JSONPath: fields that end in `.$` are paths or intrinsic functions."""
        if isinstance(template, Mapping):
            filled = {}
            for key, inner in template.items():
                if key.endswith(".$") and isinstance(inner, str):
                    filled[key[:-2]] = self.found(inner, data, key)
                else:
                    filled[key] = self.fill(inner, data)
            return filled
        if isinstance(template, list):
            return [self.fill(inner, data) for inner in template]
        return template

    # JSONata

    def ask(self, template: Any, field: str) -> Any:
        """A value of a JSONata state with what stands within `{% … %}` evaluated; `field` is where it stands."""
        if isinstance(template, str):
            return self.evaluated(template[2:-2].strip(), field) if is_jsonata(template) else template
        if isinstance(template, Mapping):
            return {key: self.ask(inner, f"{field}/{key}") for key, inner in template.items()}
        if isinstance(template, list):
            return [self.ask(inner, f"{field}[{index}]") for index, inner in enumerate(template)]
        return template

    def evaluated(self, text: str, field: str) -> Any:
        """The value of an expression."""
        said = f"The JSONata expression '{text}' specified for the field '{field}'"
        try:
            return jsonata.evaluate(text, self._bound, self.frame.execution)
        except jsonata.Nothing as error:
            raise self.unevaluated(f"{said} returned nothing (undefined).", field) from error
        except jsonata.Unsupported as error:
            raise self.unevaluated(f"{said} returned an unsupported result type.", field) from error
        except jsonata.Wrong as error:
            raise self.unevaluated(f"{said} threw an error during evaluation. {error}", field) from error

    def expected(self, template: Any, field: str, kind: str) -> Any:
        """The value of a field that must be of a kind ("number", "array", "string", "boolean")."""
        value = self.ask(template, field)
        if kind_of(value) != kind:
            text = template[2:-2].strip() if is_jsonata(template) else text_of(template)
            message = f"The JSONata expression '{text}' specified for the field '{field}' returned an unexpected result type. "
            message += f"Expected '{kind}', but was '{kind_of(value)}' for value: {text_of(value)}"
            raise self.unevaluated(message, field)
        return value

    def _bound(self, name: str) -> Any:
        if name != "states":
            return self.frame.scope.read(name)
        states = {"input": self.input, "context": self.context()}
        if self.error is not None:
            states["errorOutput"] = self.error
        elif self.state.get("Type") in _COUNTED:
            states["result"] = self.result
        return states


def kind_of(value: Any) -> str:
    """The name of a JSON type."""
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "null")


class Data:
    """What paths and intrinsic functions of a visit read."""

    __slots__ = ("data", "random", "visit")

    def __init__(self, visit: Visit, data: Any) -> None:
        self.visit, self.data = visit, data
        self.random: Random = visit.frame.execution.random

    def read(self, path: str) -> Any:
        """The value of a path into the data, the context object (`$$`) or a variable (`$name`)."""
        return _expression(path)(self)


@lru_cache(maxsize=4096)
def _expression(text: str) -> Callable[[Data], Any]:
    if text.startswith("$$"):
        into = path_of(text[1:])
        return lambda reader: into.of(reader.visit.context())
    if variable := _VARIABLE.match(text):
        name, rest = variable[1], path_of("$" + text[variable.end() :])
        return lambda reader: rest.of(_variable(reader, name, text))
    if text.startswith("$"):
        path = path_of(text)
        return lambda reader: path.of(reader.data)
    call = call_of(text)
    return lambda reader: call(reader)


def _variable(reader: Data, name: str, path: str) -> Any:
    try:
        return reader.visit.frame.scope.read(name)
    except KeyError:
        raise Undefined(path, f"No results for path: ${name}") from None
