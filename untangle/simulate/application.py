"""An application as it would be deployed for a local run: every node gets a name, an ARN and a URL, the same in every run.

What templates leave open (a stage, a parameter without a default, a secret) gets a stand-in, and each is said in `stand_ins`.
Formats: IAM guide and service authorization reference on ARNs; CloudFormation's return values of Ref and GetAtt.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from untangle.assemble.world import Atlas
from untangle.channels import CHANNELS
from untangle.model.chain import Chain
from untangle.model.graph import EventGraph
from untangle.model.naming import telling
from untangle.model.node import ChannelNode, Function
from untangle.model.resource import Inventory, Resource
from untangle.model.value import Concat, Either, Env, Imported, Ref, Stored, Symbol, Value, scalar_text, show
from untangle.simulate.names import ACCOUNT, REGION

_FUNCTION = "lambda"
# By channel type (or CloudFormation type): the ARN, and what Ref gives ("name", "arn", "url").
_FORMS: Mapping[str, tuple[str, str]] = {
    "lambda": ("arn:aws:lambda:{region}:{account}:function:{name}", "name"),
    "sqs": ("arn:aws:sqs:{region}:{account}:{name}", "url"),
    "sns": ("arn:aws:sns:{region}:{account}:{name}", "arn"),
    "eventbridge": ("arn:aws:events:{region}:{account}:event-bus/{name}", "name"),
    "s3": ("arn:aws:s3:::{name}", "name"),
    "dynamodb_stream": ("arn:aws:dynamodb:{region}:{account}:table/{name}", "name"),
    "kinesis": ("arn:aws:kinesis:{region}:{account}:stream/{name}", "name"),
    "firehose": ("arn:aws:firehose:{region}:{account}:deliverystream/{name}", "name"),
    "step_functions": ("arn:aws:states:{region}:{account}:stateMachine:{name}", "arn"),
    "AWS::SecretsManager::Secret": ("arn:aws:secretsmanager:{region}:{account}:secret:{name}-a1b2c3", "arn"),
    "AWS::SSM::Parameter": ("arn:aws:ssm:{region}:{account}:parameter/{name}", "name"),
    "AWS::IAM::Role": ("arn:aws:iam::{account}:role/{name}", "name"),
    "AWS::KMS::Key": ("arn:aws:kms:{region}:{account}:key/{name}", "name"),
    "AWS::StepFunctions::StateMachine": ("arn:aws:states:{region}:{account}:stateMachine:{name}", "arn"),
    "AWS::Batch::JobQueue": ("arn:aws:batch:{region}:{account}:job-queue/{name}", "arn"),
    "AWS::Batch::JobDefinition": ("arn:aws:batch:{region}:{account}:job-definition/{name}:1", "arn"),
    "AWS::CodeBuild::Project": ("arn:aws:codebuild:{region}:{account}:project/{name}", "name"),
    "AWS::ECS::Cluster": ("arn:aws:ecs:{region}:{account}:cluster/{name}", "name"),
    "AWS::ECS::TaskDefinition": ("arn:aws:ecs:{region}:{account}:task-definition/{name}:1", "arn"),
    "AWS::MediaConvert::Queue": ("arn:aws:mediaconvert:{region}:{account}:queues/{name}", "name"),
    "AWS::StepFunctions::Activity": ("arn:aws:states:{region}:{account}:activity:{name}", "arn"),
}
_NAME_PROPERTIES = ("Name", "FunctionName", "QueueName", "TopicName", "BucketName", "TableName", "StateMachineName", "RoleName")
_PSEUDO = {
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": "",
}
_MOST_DEPTH = 16


class Application:
    """The application that a graph describes, with its source under `root`; `chain` is the one that is looked at, or None.

    `packages` are folders with what handlers import and a build would have installed.
    """

    def __init__(self, graph: EventGraph, root: Path, chain: Chain | None = None, packages: tuple[Path, ...] = ()) -> None:
        self.graph = graph
        self.root = root
        self.chain = chain
        self.packages = packages
        self.stand_ins: dict[str, str] = {}
        self.atlas = Atlas(graph.inventory, CHANNELS)
        self._naming: set[str] = set()
        self._named: dict[str, str] = {}

    # names

    @cached_property
    def _types(self) -> Mapping[str, str]:
        """The type of every node that has a name of its own."""
        types = {resource.id: resource.type for resource in self.graph.inventory.resources}
        types |= {machine.id: "step_functions" for machine in self.graph.state_machines}
        types |= {channel.id: channel.type for channel in self.graph.channels}
        return types | {function.id: _FUNCTION for function in self.graph.functions}

    def type_of(self, node: str) -> str:
        """The channel type of a node ("lambda" for a function), or its CloudFormation type; "" for what nobody declares."""
        return self._types.get(node, "")

    def name(self, node: str) -> str:
        """The physical name of a node: its own where the template gives one, else one made of its address."""
        if node not in self._named:
            self._named[node] = self._name(node)
        return self._named[node]

    def _name(self, node: str) -> str:
        resource = self.atlas.resource(node)
        if resource is not None and node not in self._naming:
            written = next((value for key in _NAME_PROPERTIES if (value := resource.get(key)) is not None), None)
            if written is not None:
                self._naming.add(node)
                return self._shaped(node, self.text(written, stack=resource.stack))
        nodes: tuple[Function | ChannelNode, ...] = (*self.graph.functions, *self.graph.channels)
        known = next((item.name for item in nodes if item.id == node and item.name), None)
        if known is not None:
            return self._shaped(node, self._filled(known))
        return self._generated[node] if node in self._generated else _slug(node)

    @cached_property
    def _generated(self) -> Mapping[str, str]:
        """Names made of addresses; of whole ids where two things of a type would be called the same."""
        short: dict[tuple[str, str], list[str]] = {}
        for node, type_ in sorted(self._types.items()):
            short.setdefault((type_, _slug(telling(node.rpartition("/")[2]))), []).append(node)
        return {
            node: self._shaped(node, name if len(nodes) == 1 else _slug(node))
            for (_, name), nodes in short.items()
            for node in nodes
        }

    def _shaped(self, node: str, name: str) -> str:
        """The name as the service would have it: FIFO queues and topics end in `.fifo`, buckets are in lower case."""
        if self.is_fifo(node) and not name.endswith(".fifo"):
            return f"{name}.fifo"
        return _bucket_name(name) if self.type_of(node) == "s3" else name

    def is_fifo(self, node: str) -> bool:
        """Whether a node is a FIFO queue or topic."""
        channel = next((item for item in self.graph.channels if item.id == node), None)
        return channel is not None and (bool(channel.settings.get("fifo")) or (channel.name or "").endswith(".fifo"))

    def attribute(self, node: str, attribute: str = "") -> str:
        """What CloudFormation's Ref ("" for the attribute) or GetAtt gives for a node."""
        name = self.name(node)
        type_ = self.type_of(node)
        arn_form, ref = _FORMS.get(type_, ("", "name"))
        if not arn_form:
            service = type_.split("::")[1].lower() if "::" in type_ else type_ or "aws"
            arn_form = f"arn:aws:{service}:{{region}}:{{account}}:{{name}}"
        arn = arn_form.format(region=REGION, account=ACCOUNT, name=name.lstrip("/") if "parameter/" in arn_form else name)
        url = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
        if not attribute:
            return {"name": name, "arn": arn, "url": url}[ref]
        known = {"Arn": arn, "TopicArn": arn, "QueueUrl": url, "Url": url, "StreamArn": f"{arn}/stream/2026-01-01T00:00:00.000"}
        if attribute in known:
            return known[attribute]
        return self._further(node, attribute, name, arn)

    def _further(self, node: str, attribute: str, name: str, arn: str) -> str:
        resource = self.atlas.resource(node)
        if attribute in _NAME_PROPERTIES:
            return name
        if attribute in ("DomainName", "RegionalDomainName", "WebsiteURL"):
            return f"{name}.s3.amazonaws.com"
        if resource is not None and resource.get(attribute) is not None:
            return self.text(resource.get(attribute), stack=resource.stack)
        if attribute.endswith("Arn"):
            return arn
        return self._stand_in(f"{node.rpartition('/')[2]}.{attribute}", _slug(f"{name}-{attribute}"))

    # values

    def text(self, value: Value, *, stack: str = "", depth: int = 0) -> str:
        """A template's value as the text that a deployment would make of it; what is not known becomes a stand-in."""
        known = scalar_text(value)
        if known is not None or value is None or depth > _MOST_DEPTH:
            return known or ""
        if isinstance(value, Concat):
            return "".join(self.text(part, stack=stack, depth=depth + 1) for part in value.parts)
        if isinstance(value, Symbol):
            return self._symbol(value, stack)
        if isinstance(value, Ref):
            return self.attribute(self._behind(value.resource), value.attribute)
        if isinstance(value, Either):
            chosen = value.options[0] if value.options else None
            condition = value.conditions[0] if value.conditions else ""
            self.stand_ins[show(value)] = f"taken as {show(chosen)}" + (f", as if {condition}" if condition else "")
            return self.text(chosen, stack=stack, depth=depth + 1)
        if isinstance(value, Imported | Stored):
            found = self.atlas.follow(value)
            return self._unheld(value) if found == value else self.text(found, stack=stack, depth=depth + 1)
        if isinstance(value, Env):
            return value.name
        if isinstance(value, Mapping | tuple):
            return json.dumps(self.plain(value, stack=stack))
        return self._stand_in(show(value), _slug(show(value)))

    def plain(self, value: Value, *, stack: str = "") -> object:
        """A template's value as plain JSON, every text in it as `text` gives it."""
        if isinstance(value, Mapping):
            return {key: self.plain(inner, stack=stack) for key, inner in value.items()}
        if isinstance(value, tuple | list):
            return [self.plain(inner, stack=stack) for inner in value]
        if value is None or isinstance(value, bool | int | float | str):
            return value
        return self.text(value, stack=stack)

    def _behind(self, node: str) -> str:
        """The function that an alias or version stands for; the node itself else."""
        resource = self.atlas.resource(node)
        if resource is not None and resource.type in ("AWS::Lambda::Alias", "AWS::Lambda::Version"):
            found = self.atlas.function(resource.get("FunctionName"), near=resource.stack)
            return found[0].node if found else node
        return node

    def _symbol(self, symbol: Symbol, stack: str) -> str:
        if symbol.name in _PSEUDO:
            return _PSEUDO[symbol.name]
        if symbol.name in ("AWS::StackName", "AWS::StackId"):
            return _slug(symbol.scope or stack or "stack").lower()
        for target in self.atlas.resolve(symbol, *self._declarable, near=symbol.scope or None):
            if target.resource is not None:
                wants = symbol.name.lower()
                return self.attribute(target.node, "Arn" if "arn" in wants else "")
        return self._stand_in(f"${{{symbol.name}}}", _slug(symbol.name.rpartition(".")[2]).lower())

    @cached_property
    def _declarable(self) -> tuple[str, ...]:
        return tuple(kind.type for kind in self.atlas.kinds)

    def _unheld(self, value: Imported | Stored) -> str:
        if isinstance(value, Stored):
            return self._stand_in(show(value), _slug(self.text(value.name)))
        return self._stand_in(show(value), _slug(self.text(value.name)))

    def _filled(self, text: str) -> str:
        """A name that only stands in the scan as words, its placeholders replaced."""
        return re.sub(r"\$\{([^{}]+)\}", lambda found: self._symbol(Symbol(found[1]), ""), text)

    def _stand_in(self, what: str, text: str) -> str:
        self.stand_ins.setdefault(what, f"taken as {text!r}")
        return text

    # functions

    def environment(self, function: Function) -> dict[str, str]:
        """The environment variables of a function, as texts."""
        return {key: self.text(value, stack=function.stack) for key, value in sorted(function.environment.items())}

    # who is meant

    @cached_property
    def _index(self) -> Mapping[tuple[str, str], str]:
        """Every way to write each function and channel, by type."""
        found: dict[tuple[str, str], str] = {}
        for node, type_ in sorted(self._types.items()):
            if "#" in node or "::" in type_:
                continue
            for text in (node, self.attribute(node), self.attribute(node, "Arn"), self.name(node)):
                found.setdefault((type_, text), node)
            if type_ == "dynamodb_stream":
                found.setdefault((type_, self.attribute(node, "StreamArn")), node)
        return found

    def node(self, text: str, *types: str) -> str | None:
        """The node of these types that a name, ARN or URL means; one of another account or region by its name. None for none."""
        short = re.split(r"[:/]", text.removesuffix("/*"))[-1]
        for candidate in (text, short):
            for type_ in types:
                if (node := self._index.get((type_, candidate))) is not None:
                    return node
        return None

    def function(self, text: str) -> Function | None:
        """The function that an id, a name or an ARN (a qualifier cut off) means; None for none."""
        for pattern in (
            r"(?P<name>.*)",
            r"arn:[^:]*:lambda:[^:]*:[^:]*:function:(?P<name>[^:]+)(:.*)?",
            r"(?:\d+:function:)?(?P<name>[^:]+)(:.*)?",
        ):
            matched = re.fullmatch(pattern, text)
            node = self._index.get((_FUNCTION, matched["name"])) if matched else None
            if node is not None:
                return self.graph.function(node)
        return None

    @property
    def inventory(self) -> Inventory:
        """What the graph was made of."""
        return self.graph.inventory

    def resource(self, node: str) -> Resource | None:
        """The resource behind a node, where one is declared."""
        return self.atlas.resource(node)


def _bucket_name(name: str) -> str:
    """A name that S3 takes: 3 to 63 characters, lower-case letters, digits, dots, hyphens; what is too long ends in a digest."""
    plain = re.sub(r"[^a-z0-9.-]", "-", name.lower()).strip("-.")
    if len(plain) > 63:
        plain = f"{plain[:54]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
    return plain if len(plain) > 2 else f"{plain}-bucket".lstrip("-")


def _slug(text: str) -> str:
    """A text as a name that every service takes."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")
    return words[:60] or "unnamed"
