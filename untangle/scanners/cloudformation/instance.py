"""One stack: a template with the values of its parameters. Everything in it is evaluated when it is asked for, once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from untangle.model.location import Location
from untangle.model.resource import Resource, Stack
from untangle.model.value import ACCOUNT, PARTITION, REGION, Ref, Symbol, Value
from untangle.scanners.cloudformation.conditions import Conditions
from untangle.scanners.cloudformation.evaluate import Lines, evaluate
from untangle.scanners.cloudformation.macros import expanded
from untangle.scanners.cloudformation.nested import NESTED_TYPES, Call, Family, Given
from untangle.scanners.cloudformation.parameters import Parameters
from untangle.scanners.cloudformation.scope import NO_VALUE, unknown
from untangle.scanners.cloudformation.template import Template
from untangle.scanners.document import Map, Node, Seq
from untangle.scanners.sam import Expanded, expand

_PSEUDO: Mapping[str, Value] = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": PARTITION,
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": NO_VALUE,
}
# Resource attributes that SAM reads although they stand beside Properties.
_BESIDE = ("Connectors", "IgnoreGlobals")


class Instance:
    """A stack that is read. `given` are its parameters' values; `condition` is that of the nested stack it is."""

    def __init__(
        self,
        template: Template,
        id: str,
        given: Given,
        family: Family[Instance],
        *,
        parent: Instance | None = None,
        condition: str | None = None,
    ) -> None:
        self.template = template
        self.id = id
        self.parent = parent
        self.condition = condition
        self._family = family
        self._parameters = Parameters(template.section("Parameters"), given.values, id)
        self._stated = Parameters(template.section("Parameters"), given.certain, id)
        self._root = template.root
        self._children: dict[str, Instance | None] = {}
        self._outputs: dict[str, Value] = {}
        self._expanding = False
        if template.macros:
            try:
                self._root = expanded(self, template, family.library, family.notes)
            except RecursionError:
                self._too_deep(template.root)

    # what functions ask

    def evaluate(self, node: Node) -> Value:
        """See `Scope.evaluate`. What is too deep to be worked out is an unknown and a problem."""
        try:
            return evaluate(self, node)
        except RecursionError:
            self._too_deep(node)
            return unknown(self, "too deep")

    def _too_deep(self, node: Node) -> None:
        line = node.line if isinstance(node, Map | Seq) else 1
        self._family.notes.problem("template-too-deep", "nested too deep to be read", Location(self.template.path, line))

    def reference(self, name: str) -> Value:
        """See `Scope.reference`."""
        return self._parameters.value(name) if name in self._parameters else self._named(name)

    def _named(self, name: str) -> Value:
        if name.startswith("AWS::"):
            return _PSEUDO.get(name, Symbol(name, self.id))
        return Ref(f"{self.id}/{name}")

    def attribute(self, name: str, attribute: str) -> Value:
        """See `Scope.attribute`."""
        kind, _, output = attribute.partition(".")
        child = self.child(name) if kind == "Outputs" and output else None
        found = child.output(output) if child is not None else None
        return Ref(f"{self.id}/{name}", attribute) if found is None else found

    def mapping(self, name: str) -> Map | None:
        """See `Scope.mapping`."""
        table = self.section("Mappings").get(name)
        return table if isinstance(table, Map) else None

    def decide(self, condition: str) -> bool | None:
        """See `Scope.decide`."""
        return self._conditions.holds(condition)

    @cached_property
    def _conditions(self) -> Conditions:
        return Conditions(self.section("Conditions"), self.certain)

    def certain(self, node: Node) -> Value:
        """The value of a node without the parameters' defaults: only what was stated or passed counts."""
        return evaluate(_Certain(self, self._stated), node)

    def section(self, name: str) -> Map:
        """A section of the template, loops and inclusions in it written out."""
        found = self._root.get(name)
        return found if isinstance(found, Map) else Map()

    # what it declares

    @cached_property
    def stack(self) -> Stack:
        """The stack's record. Its outputs are settled like its resources."""
        outputs = {name: value for name in self.section("Outputs") if (value := self.output(name)) is not None}
        return self._record(outputs, tuple(self._exports(outputs)))

    def _record(self, outputs: Mapping[str, Value], exports: tuple[tuple[Value, Value], ...]) -> Stack:
        return Stack(
            id=self.id,
            path=self.template.path,
            folder=self.template.folder,
            kind=self.template.kind,
            outputs=outputs,
            exports=exports,
            parent=self.parent.id if self.parent else None,
        )

    def _exports(self, outputs: Mapping[str, Value]) -> Iterator[tuple[Value, Value]]:
        for name, value in outputs.items():
            export = self.section("Outputs")[name].get("Export")
            if isinstance(export, Map) and "Name" in export:
                yield self.expansion.settle(self.evaluate(export["Name"])), value

    def output(self, name: str) -> Value:
        """The value of an output; None where it is not declared, or is asked for while it is worked out."""
        if name not in self._outputs:
            entry = self.section("Outputs").get(name)
            if not isinstance(entry, Map) or "Value" not in entry or self._left_out(entry):
                return None
            self._outputs[name] = None
            value = self.evaluate(entry["Value"])
            self._outputs[name] = None if value is NO_VALUE else self._settled(value)
        return self._outputs[name]

    def _settled(self, value: Value) -> Value:
        return value if self._expanding else self.expansion.settle(value)

    @cached_property
    def expansion(self) -> Expanded:
        """The stack's resources in CloudFormation's vocabulary, SAM's written out."""
        self._expanding = True
        resources = tuple(resource for name in self.section("Resources") if (resource := self._resource(name)))
        lines: Lines = {}
        globals_ = self._lined(self.section("Globals"), lines)
        result = (
            expand(resources, globals_ if isinstance(globals_, Mapping) else {}, self._record({}, ()), lines)
            if self.template.kind == "sam"
            else Expanded(resources=resources)
        )
        self._expanding = False
        return result

    def _resource(self, name: str) -> Resource | None:
        section = self.section("Resources")
        entry = section[name]
        line = section.lines.get(name, section.line)
        if not isinstance(entry, Map) or not isinstance(entry.get("Type"), str):
            self._family.notes.problem("template-shape", f"the resource {name} has no Type", self._at(line, section))
            return None
        if self._left_out(entry):
            return None
        if not isinstance(entry.get("Properties"), Map | None):
            at = self._at(entry.lines.get("Properties", line), entry)
            self._family.notes.problem("template-shape", f"the Properties of {name} are no mapping", at)
        lines: Lines = {}
        properties = self._lined(entry.get("Properties"), lines)
        metadata = self.evaluate(entry.get("Metadata"))
        beside = {key: self._lined(entry[key], lines, key) for key in _BESIDE if key in entry}
        return Resource(
            id=f"{self.id}/{name}",
            type=entry["Type"],
            stack=self.id,
            address=name,
            properties=properties if isinstance(properties, Mapping) else {},
            location=self._at(line if entry.path is None else entry.line, entry),
            lines=lines,
            condition=self._condition(entry),
            metadata={**(metadata if isinstance(metadata, Mapping) else {}), **beside},
        )

    def _lined(self, node: Node, lines: Lines, *route: str) -> Value:
        """The value of a part, its lines put into `lines`."""
        try:
            return evaluate(self, node, route, lines)
        except RecursionError:
            self._too_deep(node)
            return None

    def _at(self, line: int, node: Map) -> Location:
        return Location(node.path or self.template.path, line)

    def _left_out(self, entry: Map) -> bool:
        condition = entry.get("Condition")
        return isinstance(condition, str) and self.decide(condition) is False

    def _condition(self, entry: Map) -> str | None:
        """The conditions under which a resource is there: its own, and those of the nested stacks it stands in."""
        own = entry.get("Condition")
        undecided = own if isinstance(own, str) and self.decide(own) is None else None
        return " and ".join(name for name in (self.condition, undecided) if name) or None

    # nested stacks

    def child(self, name: str) -> Instance | None:
        """The stack that a nested-stack resource makes; None where it is none, or its template is not in the tree."""
        if name not in self._children:
            self._children[name] = None
            entry = self.section("Resources").get(name)
            if isinstance(entry, Map) and str(entry.get("Type")) in NESTED_TYPES and not self._left_out(entry):
                line = self.section("Resources").lines.get(name, 1)
                call = Call(name=name, entry=entry, location=self._at(line, entry), condition=self._condition(entry))
                self._children[name] = self._family.nested(self, call)
        return self._children[name]

    def family(self) -> Iterator[Instance]:
        """This stack and all that are nested in it."""
        yield self
        for name in self.section("Resources"):
            child = self.child(name)
            if child is not None:
                yield from child.family()


class _Certain:
    """The same stack where a parameter's default decides nothing."""

    def __init__(self, instance: Instance, stated: Parameters) -> None:
        self._instance = instance
        self._stated = stated
        self.id = instance.id
        self.attribute = instance.attribute
        self.mapping = instance.mapping
        self.decide = instance.decide

    def evaluate(self, node: Node) -> Value:
        """See `Scope.evaluate`."""
        return evaluate(self, node)

    def reference(self, name: str) -> Value:
        """See `Scope.reference`."""
        return self._stated.value(name, defaults=False) if name in self._stated else self._instance.reference(name)
