"""A small interpreter of JSONPath states, for tests, as strict as Step Functions is: what is missing fails the state, a filter
gives a list and takes no index behind it, and reserved signs in a text stand behind a backslash.

The outbox is played too: where the marker asks for it, effects get the members that its contract names
(`emit.asl.states.marker`). Filters know `==`, `&&`, `||` and brackets only, which is all that is written.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tests.engine import CONTEXT, Failed, Machine, _catches

_STEP = re.compile(r"\.([A-Za-z_][\w]*)|\['([^']*)'\]|\[(\d+)\]")
_SIGNS = re.compile(r"\s*(@(?:\.\w+)+|'[^']*'|==|&&|\|\||[()])")
_MATCHES = {"String": str, "Numeric": (int, float), "Boolean": bool}
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda a, b: a == b,
    "LessThan": lambda a, b: a < b,
    "LessThanEquals": lambda a, b: a <= b,
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanEquals": lambda a, b: a >= b,
}


class PathMachine(Machine):
    """Executes one definition in JSONPath."""

    def run(self, value: Any) -> Any:
        self._input = value
        self._variables: dict[str, Any] = {}
        return super().run(value)

    def _state(self, name: str, state: Mapping[str, Any], value: Any) -> tuple[Any, str | None]:
        retries = [0] * len(state.get("Retry", ()))
        while True:
            context = {
                **CONTEXT,
                "Execution": {**CONTEXT["Execution"], "Input": self._input},
                "$": self._variables,  # not of the context object, but read from everywhere like it
                "State": {**CONTEXT["State"], "Name": name, "RetryCount": sum(retries)},
            }
            try:
                return self._once(state, {"input": value, "context": context})
            except Failed as failed:
                rule = next((i for i, rule in enumerate(state.get("Retry", ())) if _catches(rule, failed)), None)
                if rule is not None and retries[rule] < state["Retry"][rule].get("MaxAttempts", 3):
                    retries[rule] += 1
                    continue
                catcher = next((rule for rule in state.get("Catch", ()) if _catches(rule, failed)), None)
                if catcher is None:
                    raise
                error = {"Error": failed.error, "Cause": failed.cause}
                return _result(catcher, value, error), catcher["Next"]

    def _once(self, state: Mapping[str, Any], states: dict[str, Any]) -> tuple[Any, str | None]:
        kind, context = state["Type"], states["context"]
        if kind == "Fail":
            raise Failed(state["Error"], state["Cause"])
        given = read(state.get("InputPath", "$"), states["input"], context)
        if kind == "Choice":
            rule = next((rule for rule in state["Choices"] if holds(rule, given, context)), None)
            return given, rule["Next"] if rule is not None else state["Default"]
        made = filled(state["Parameters"], given, context) if "Parameters" in state else given
        result: Any = made
        if kind == "Wait":
            path = state.get("SecondsPath", state.get("TimestampPath"))
            self.waits.append(read(path, given, context) if path is not None else state["Seconds"])
        elif kind == "Task":
            result = self._ready(made, self._task({"Resource": state["Resource"]}, made))
        elif kind == "Map":
            assert "ItemsPath" not in state and isinstance(made, list)
            result = [self._machine(state["ItemProcessor"], item) for item in made]
        elif kind == "Parallel":
            result = [self._machine(branch, made) for branch in state["Branches"]]
        if "ResultSelector" in state:
            result = filled(state["ResultSelector"], result, context)
        self._variables |= filled(state.get("Assign", {}), result, context)
        output = _result(state, given, result)
        output = {} if state.get("OutputPath", "$") is None else read(state.get("OutputPath", "$"), output, context)
        return output, state.get("Next")

    def _ready(self, arguments: Any, answer: Any) -> Any:
        """The answer with what the outbox adds to each effect."""
        if "ClientContext" not in arguments:
            return answer
        marker = json.loads(base64.b64decode(arguments["ClientContext"]))["custom"]["untangle"]
        assert marker["ready"] is True and marker["execution"] == "run-1" and marker["span"].count("|") in (2, 3)
        effects = [{**effect, "ready": ready(effect, marker)} for effect in answer["Payload"]["effects"]]
        for effect in effects:
            if effect["op"] == "Invoke":
                effect["params"] = {"Payload": {}, **effect["params"]}
        return {**answer, "Payload": {**answer["Payload"], "effects": effects}}


def ready(effect: Mapping[str, Any], marker: Mapping[str, Any]) -> dict[str, Any]:
    """What paths cannot work out, as the outbox hands it over."""
    params, at = effect["params"], datetime.fromisoformat(effect["at"])
    named = {*(value for value in params.values() if isinstance(value, str)), params.get("Target", {}).get("Arn"), "default"}
    found: dict[str, Any] = {
        "target": next((target for target in (*marker["capture"], *marker["observe"]) if target in named), ""),
        "millis": str(round(at.timestamp() * 1000)),
    }
    given = params.get("MessageAttributes", {})
    if effect["op"] in ("SendMessage", "Publish"):
        text = params.get("MessageBody", params.get("Message"))
        found["md5"] = hashlib.md5(text.encode()).hexdigest()  # noqa: S324
        found["attributes"] = {
            name: {
                "stringValue": value["StringValue"],
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value["DataType"],
            }
            for name, value in given.items()
        }
    if effect["op"] == "SendMessage":
        found["system"] = {name: params[name] for name in ("MessageGroupId", "MessageDeduplicationId") if name in params}
    if effect["op"] == "Publish":
        found["typed"] = {name: {"Type": value["DataType"], "Value": value["StringValue"]} for name, value in given.items()}
        found["subject"] = params.get("Subject")
        found["optional"] = {"Subject": params["Subject"]} if "Subject" in params else {}
        found["optional"] |= {"MessageAttributes": found["typed"]} if given else {}
    if effect["op"] == "PutEvents":
        found["time"] = f"{params.get('Time', effect['at'])[:19]}Z"
        found["resources"] = params.get("Resources", [])
    return found


def _result(state: Mapping[str, Any], given: Any, result: Any) -> Any:
    at = state.get("ResultPath", "$")
    if at is None:
        return given
    if at == "$":
        return result
    assert isinstance(given, dict), "a result goes into an object only"
    return {**given, at.removeprefix("$."): result}


def read(path: str, value: Any, context: Any) -> Any:
    """What a path finds; raises `Failed` for what is not there."""
    at, found, many = 2 if path.startswith("$$") else 1, context if path.startswith("$$") else value, False
    if variable := re.match(r"\$([A-Za-z]\w*)", path):
        at, found = variable.end(), context["$"][variable[1]]
    while at < len(path):
        if path.startswith("[?(", at):
            end = path.index(")]", at)
            lists = found if many else [found]
            assert all(isinstance(each, list) for each in lists), f"{path} does not filter a list"
            found = [item for each in lists for item in each if _passes(path[at + 3 : end], item)]
            many, at = True, end + 2
            continue
        if path.startswith("[*]", at):
            assert not many and isinstance(found, list), f"{path} does not go through a list"
            many, at = True, at + 3
            continue
        step = _STEP.match(path, at)
        assert step is not None, f"{path[at:]} is no step of a path"
        name, index = step[1] or step[2], step[3]
        assert not (many and index), f"no index may follow the filter of {path}"
        found = [item[name] for item in found if name in item] if many else _inner(found, name, index, path)
        at = step.end()
    return found


def _inner(value: Any, name: str | None, index: str | None, path: str) -> Any:
    if index is not None and isinstance(value, list) and int(index) < len(value):
        return value[int(index)]
    if name is not None and isinstance(value, Mapping) and name in value:
        return value[name]
    raise Failed("States.Runtime", f"the path {path} finds nothing")


def _passes(text: str, item: Any) -> bool:
    signs = _SIGNS.findall(text)
    assert "".join(signs) == re.sub(r"\s(?=(?:[^']*'[^']*')*[^']*\Z)", "", text), f"{text} is no filter"
    said = " ".join(
        {"&&": "and", "||": "or"}.get(sign, repr(_of_item(item, sign)) if sign.startswith("@") else sign) for sign in signs
    )
    return bool(eval(said, {"__builtins__": {}}))  # noqa: S307


def _of_item(item: Any, path: str) -> Any:
    for name in path.split(".")[1:]:
        item = item.get(name) if isinstance(item, Mapping) else None
    return item


def filled(template: Any, value: Any, context: Any) -> Any:
    """A payload template, filled in."""
    if isinstance(template, Mapping):
        return {
            key.removesuffix(".$"): expression(inner, value, context) if key.endswith(".$") else filled(inner, value, context)
            for key, inner in template.items()
        }
    if isinstance(template, list):
        return [filled(inner, value, context) for inner in template]
    return template


def expression(text: str, value: Any, context: Any) -> Any:
    """A path or the call of an intrinsic function."""
    found, end = _argument(text, 0, value, context)
    assert end == len(text), f"{text[end:]!r} stands behind an expression"
    return json.loads(json.dumps(found))


def _argument(text: str, at: int, value: Any, context: Any) -> tuple[Any, int]:
    if text[at] == "'":
        written = re.compile(r"'(?:[^'\\]|\\.)*'").match(text, at)
        assert written is not None
        return _Text(written[0][1:-1]), written.end()
    if call := re.compile(r"States\.(\w+)\(").match(text, at):
        arguments, at = [], call.end()
        while text[at] != ")":
            argument, at = _argument(text, at, value, context)
            arguments.append(argument)
            at = at + 2 if text.startswith(", ", at) else at
        plain = [item.plain() if isinstance(item, _Text) and (index or call[1] != "Format") else item
                 for index, item in enumerate(arguments)]  # fmt: skip
        return _FUNCTIONS[call[1]](*plain), at + 1
    if literal := re.compile(r"-?\d+|true|false|null").match(text, at):
        return json.loads(literal[0]), literal.end()
    depth, end, quote = 0, at, False
    while end < len(text) and (quote or depth or text[end] not in ",)"):
        quote ^= text[end] == "'"
        depth += 0 if quote else (text[end] in "[(") - (text[end] in "])")
        end += 1
    return read(text[at:end], value, context), end


class _Text:
    """A text as it is written in a call."""

    def __init__(self, written: str) -> None:
        self.written = written

    def plain(self) -> str:
        assert not re.search(r"(?<!\\)[{}]", self.written), f"a brace of {self.written} does not stand behind a backslash"
        return re.sub(r"\\(.)", r"\1", self.written)


def _format(template: Any, *values: Any) -> str:
    parts = re.split(r"(?<!\\)\{\}", template.written) if isinstance(template, _Text) else template.split("{}")
    assert len(parts) == len(values) + 1
    told = [value if isinstance(value, str) else json.dumps(value) for value in values]
    texts = [_Text(part).plain() if isinstance(template, _Text) else part for part in parts]
    return texts[0] + "".join(value + text for value, text in zip(told, texts[1:], strict=True))


def _item(values: list[Any], index: int) -> Any:
    if not 0 <= index < len(values):
        raise Failed("States.IntrinsicFailure", f"there is no item {index}")
    return values[index]


def _encoded(text: str) -> str:
    assert len(text) <= 10_000
    return base64.b64encode(text.encode()).decode()


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "Array": lambda *values: list(values),
    "ArrayGetItem": _item,
    "ArrayLength": len,
    "Base64Encode": _encoded,
    "Format": _format,
    "JsonMerge": lambda one, other, deep: {**one, **other},
    "JsonToString": lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False),
    "MathAdd": lambda one, other: one + other,
    "StringSplit": lambda text, separator: [part for part in re.split(f"[{re.escape(separator)}]", text) if part],
    "StringToJson": json.loads,
}


def holds(rule: Mapping[str, Any], value: Any, context: Any) -> bool:
    """Whether a choice rule holds; a comparison with what is not there fails."""
    if "And" in rule:
        return all(holds(inner, value, context) for inner in rule["And"])
    if "Or" in rule:
        return any(holds(inner, value, context) for inner in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], value, context)
    ((operator, wanted),) = ((key, inner) for key, inner in rule.items() if key not in ("Variable", "Next", "Comment"))
    try:
        found = read(rule["Variable"], value, context)
    except Failed:
        if operator == "IsPresent":
            return not wanted
        raise
    if operator == "IsPresent":
        return bool(wanted)
    if operator == "IsNull":
        return (found is None) is wanted
    if operator == "StringMatches":
        pieces = re.findall(r"\\[*\\]|.", wanted, re.DOTALL)
        pattern = "".join(".*" if piece == "*" else re.escape(piece[-1]) for piece in pieces)
        return isinstance(found, str) and re.fullmatch(pattern, found, re.DOTALL) is not None
    kind, order = re.fullmatch(r"(String|Numeric|Boolean)(\w+)", operator).groups()  # type: ignore[union-attr]
    types = _MATCHES[kind]
    fits = isinstance(found, types) and (kind == "Boolean" or not isinstance(found, bool))  # type: ignore[arg-type]
    return fits and _ORDERS[order](found, wanted)
