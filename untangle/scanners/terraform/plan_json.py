"""Plans as `terraform show -json` prints them, as the resources of a root.

A plan holds every value that is known before the apply. What is not (the ARN of a queue that is yet to be made) is left out of
the values; the configuration, which stands in the plan too, says what such an attribute refers to: one reference is followed
through outputs and inputs of modules to the resource that it means. Where an expression mixes several, nothing says which goes
where.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

from untangle.model.location import Location
from untangle.model.value import Ref, Symbol, Value
from untangle.scanners.terraform.block import TerraformResource
from untangle.scanners.terraform.decoded import frozen, is_read, values
from untangle.scanners.terraform.shown import Configured, Plan, Shown

MAX_STEPS = 24
_STEP = re.compile(r"module\.([\w-]+)(\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\])?\.?")
_INDEX = re.compile(r"\[(?:\d+|\"(?:[^\"\\]|\\.)*\")\]\Z")
_RESOURCE = re.compile(r"((?:data\.)?[a-z]\w*\.[\w-]+(?:\[(?:\d+|\"[^\"]*\")\])?)(?:\.(.+))?\Z")
_OUTPUT = re.compile(r"module\.([\w-]+)(\[[^\]]*\])?\.([\w-]+)")
_NO_RESOURCE = frozenset(("local", "each", "count", "path", "terraform", "self"))
# Attributes that are lists, or text in which all references count alike: each reference is one item.
_LISTS = frozenset(
    ("alarm_actions", "ok_actions", "insufficient_data_actions", "roles", "resources", "layers", "policy_arns", "definition")
)
# Text of which only the part that the one reference gives is asked for.
_WRAPPED = {"redrive_policy": "deadLetterTargetArn"}


class _Place(NamedTuple):
    """A module instance: its address with indices, its configuration, and the place that calls it under `name`."""

    address: str
    module: Configured
    parent: _Place | None
    name: str

    def inside(self, address: str) -> str:
        """An address of this module as an address of the root."""
        return f"{self.address}.{address}" if self.address else address


def resources(plan: Plan, root: str, path: str) -> tuple[TerraformResource, ...]:
    """The resources and data sources of a plan or a shown state; `root` is the id that their references start with."""
    return tuple(_Reader(plan, root, path).read())


class _Reader:
    def __init__(self, plan: Plan, root: str, path: str) -> None:
        self._plan = plan
        self._root = root
        self._path = path
        self._shown = {resource.address: (module, resource) for module, resource in self._every()}
        self._unknown = {change.address: change.change.after_unknown for change in plan.resource_changes}
        self._places: dict[str, _Place] = {"": _Place("", plan.configuration.root_module, None, "")}
        self._expressions: dict[str, Mapping[str, Mapping[str, Value]]] = {}

    def _every(self) -> Iterator[tuple[str, Shown]]:
        prior = self._plan.prior_state
        for held in (prior.values if prior else None, self._plan.values, self._plan.planned_values):
            for module, resource in held.root_module.every() if held is not None else ():
                if held is not (prior.values if prior else None) or resource.mode == "data":
                    yield module, resource

    def read(self) -> Iterator[TerraformResource]:
        """Every resource, its unknown attributes as references where the configuration gives one."""
        for address, (module, shown) in sorted(self._shown.items()):
            wanted = is_read(shown.mode, shown.type)
            yield TerraformResource(
                address=address,
                mode=shown.mode,
                type=shown.type,
                name=shown.name,
                module=module,
                folder="",
                attributes=self._attributes(module, shown) if wanted else {},
                location=Location(self._path),
            )

    def _attributes(self, module: str, shown: Shown) -> Mapping[str, Value]:
        given = values(shown.values)
        place = self._place(module)
        prefix = "data." if shown.mode == "data" else ""
        declared = self._declared(place).get(f"{prefix}{shown.type}.{shown.name}")
        if declared is None:
            return given
        unknown = values(self._unknown[shown.address]) if shown.address in self._unknown else {}
        return self._completed(given, declared, unknown, _Asking(place, shown.address), 0)

    def _declared(self, place: _Place) -> Mapping[str, Mapping[str, Value]]:
        """The expressions of the resources of a module, by address."""
        known = self._expressions.get(place.address)
        if known is None:
            known = {item.address: values(item.expressions) for item in place.module.resources}
            self._expressions[place.address] = known
        return known

    def _completed(
        self,
        given: Mapping[str, Value],
        expressions: Mapping[str, Value],
        unknown: Mapping[str, Value],
        asking: _Asking,
        depth: int,
    ) -> Mapping[str, Value]:
        """Attributes with what is not known of them filled in from their expressions."""
        done = dict(given)
        for name, expression in expressions.items():
            value, missing = given.get(name), unknown.get(name)
            if depth > MAX_STEPS:
                break
            if isinstance(expression, Mapping) and ("references" in expression or "constant_value" in expression):
                if value is None or value == () or missing is True:
                    done[name] = self._expressed(name, expression, asking)
                elif isinstance(value, Mapping) and isinstance(missing, Mapping):
                    done[name] = {**value, **self._entries(name, missing, expression, asking)}
            else:
                done[name] = self._blocks(value, expression, missing, asking, depth + 1)
        return done

    def _blocks(self, value: Value, expression: Value, missing: Value, asking: _Asking, depth: int) -> Value:
        """Nested blocks: as many as the plan knows, or as the configuration writes where it knows none."""
        listed = expression if isinstance(expression, tuple) else (expression,)
        known = value if isinstance(value, tuple) else () if value is None else (value,)
        holes = missing if isinstance(missing, tuple) else (missing,)
        found: list[Value] = []
        for i in range(max(len(known), len(listed) if not known else 0)):
            block = known[i] if i < len(known) else {}
            written = listed[i] if i < len(listed) else listed[-1] if len(listed) == 1 else {}
            hole = holes[i] if i < len(holes) else None
            if isinstance(block, Mapping) and isinstance(written, Mapping):
                found.append(self._completed(block, written, hole if isinstance(hole, Mapping) else {}, asking, depth))
            else:
                found.append(block)
        return tuple(found)

    def _entries(
        self, name: str, missing: Mapping[str, Value], expression: Mapping[str, Value], asking: _Asking
    ) -> Mapping[str, Value]:
        """The entries of a map that are not known: the one reference where there is one of each."""
        keys = [key for key, hole in missing.items() if hole is True]
        meant = self._meant(expression, asking.place, 0)
        sole = meant[0] if len(keys) == 1 and len(meant) == 1 else None
        return {key: sole if sole is not None else Symbol(f"{asking.address}.{name}.{key}", self._root) for key in keys}

    def _expressed(self, name: str, expression: Mapping[str, Value], asking: _Asking) -> Value:
        if "constant_value" in expression:
            return expression["constant_value"]
        meant = self._meant(expression, asking.place, 0, asking.key)
        if name in _LISTS:
            return meant or None
        if len(meant) == 1:
            return {_WRAPPED[name]: meant[0]} if name in _WRAPPED else meant[0]
        return Symbol(f"{asking.address}.{name}", self._root) if expression.get("references") else None

    def _meant(self, expression: Mapping[str, Value], place: _Place, steps: int, index: str = "") -> tuple[Value, ...]:
        """What the references of an expression lead to, each once."""
        if "constant_value" in expression:
            return (expression["constant_value"],)
        listed = expression.get("references")
        texts = [item for item in listed if isinstance(item, str)] if isinstance(listed, tuple) else []
        found: list[Value] = []
        for text in texts:
            if not any(other != text and other.startswith((text + ".", text + "[")) for other in texts):
                found.extend(item for item in self._follow(text, place, steps + 1, index) if item not in found)
        return tuple(found)

    def _follow(self, text: str, place: _Place, steps: int, index: str) -> tuple[Value, ...]:
        head = text.partition(".")[0]
        if steps > MAX_STEPS or head in _NO_RESOURCE:
            return ()
        if head == "var":
            return self._variable(text.split(".")[1], place, steps) if "." in text else ()
        if head == "module":
            return self._output(text, place, steps)
        match = _RESOURCE.match(text)
        if match is None:
            return ()
        address = place.inside(match[1])
        if address not in self._shown and address + index in self._shown:
            address += index
        return (Ref(f"{self._root}/{address}", match[2] or ""),)

    def _variable(self, name: str, place: _Place, steps: int) -> tuple[Value, ...]:
        if place.parent is None:
            given = self._plan.variables.get(name)
            return (frozen(msgspec.json.decode(given.value)),) if given is not None else ()
        call = place.parent.module.module_calls.get(place.name)
        passed = values(call.expressions).get(name) if call is not None else None
        return self._meant(passed, place.parent, steps) if isinstance(passed, Mapping) else ()

    def _output(self, text: str, place: _Place, steps: int) -> tuple[Value, ...]:
        match = _OUTPUT.match(text)
        call = place.module.module_calls.get(match[1]) if match else None
        output = call.module.outputs.get(match[3]) if match and call else None
        if match is None or output is None:
            return ()
        child = self._place(place.inside(f"module.{match[1]}{match[2] or ''}"))
        return self._meant(values(output.expression), child, steps)

    def _place(self, address: str) -> _Place:
        """The module instance of an address."""
        found = self._places.get(address)
        if found is None:
            found = self._places[""]
            end = 0
            while match := _STEP.match(address, end):
                end = match.end()
                call = found.module.module_calls.get(match[1])
                module = call.module if call is not None else Configured()
                found = _Place(address[:end].rstrip("."), module, found, match[1])
            self._places[address] = found
        return found


class _Asking(NamedTuple):
    """The resource whose attributes are read."""

    place: _Place
    address: str

    @property
    def key(self) -> str:
        """Its index: instances that are made for each key refer to those with the same one."""
        match = _INDEX.search(self.address)
        return match[0] if match else ""
