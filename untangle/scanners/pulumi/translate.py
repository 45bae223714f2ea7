"""One state to one root of Terraform: the resources that the tables know, with the lines on which they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from untangle.model.location import Location
from untangle.model.resource import Gap
from untangle.model.value import Ref, Value
from untangle.scanners.pulumi.code import SST_FUNCTION, Code, of_archive, of_component
from untangle.scanners.pulumi.images import Build, builds
from untangle.scanners.pulumi.program import Programs
from untangle.scanners.pulumi.special import Place, secrets
from untangle.scanners.pulumi.spelling import attributes, reads, terraform_type
from untangle.scanners.pulumi.state import Item, State, urn_of
from untangle.scanners.terraform.block import TerraformResource, TerraformRoot
from untangle.scanners.terraform.decoded import values
from untangle.scanners.tree import Tree

_CODED = ("aws_lambda_function", "aws_lambda_layer_version")
# The key to the values that SST links to a function: of every function, and of no account.
_SST_KEY = "environment.variables.SST_KEY"


class Stated:
    """A state as Terraform's resources. `root.id` is the path of its file without the ending."""

    def __init__(self, tree: Tree, programs: Programs, state: State) -> None:
        self._tree = tree
        self._state = state
        self._id = state.path.removesuffix(".json")
        self._folder = programs.folder_of(state.project, state.folder)
        self._components = {item.urn: item for item in state.items if not item.custom}
        self._builds = builds(state.items)
        self._gaps: list[Gap] = []

    @cached_property
    def root(self) -> TerraformRoot:
        """The stack, its resources sorted by address."""
        resources = sorted(self._resources(), key=lambda resource: resource.address)
        return TerraformRoot(
            id=self._id,
            folder=self._folder,
            resources=tuple(resources),
            files=(self._state.path,),
            gaps=tuple(sorted(self._gaps, key=lambda gap: (gap.what, str(gap.location)))),
        )

    def _resources(self) -> Iterator[TerraformResource]:
        used: set[str] = set()
        for item in self._state.items:
            # What is replaced or read from elsewhere is no part of the stack.
            if not item.custom or item.delete or item.external or item.pendingReplacement:
                continue
            type = terraform_type(item.type)
            if type is not None:
                address = _address(item, used)
                used.add(address)
                yield from self._written(item, type, address)

    def _written(self, item: Item, type: str, address: str) -> Iterator[TerraformResource]:
        given = _given(item)
        written = TerraformResource(
            address=address,
            mode="managed",
            type=type,
            name=address.rpartition("::")[2],
            module="",
            folder="",
            attributes=attributes(type, given, Place(self._id, address)),
            location=Location(self._state.path, self._state.lines.get(item.urn)),
        )
        for name in sorted(name for key, value in given.items() if reads(type, key) for name in secrets(value, key)):
            if name != _SST_KEY:
                why = "the state holds it as a secret, and secrets are not read"
                self._gaps.append(Gap(what=f"{name} of {address}", why=why, location=written.location))
        build = self._builds.get(_text(written.attributes.get("image_uri")))
        code = self._code(item, given) if type in _CODED else None
        if build is not None:
            yield from self._with_image(written, build)
        else:
            yield from (written,) if code is None else self._with_code(written, code)

    def _code(self, item: Item, given: Mapping[str, Value]) -> Code | None:
        parent = self._components.get(item.parent or "")
        if parent is not None and parent.type == SST_FUNCTION:
            found = of_component(self._tree, self._folder, values(parent.outputs))
            if found is not None:
                return found
        return of_archive(self._tree, self._folder, given.get("code"), given.get("handler"))

    def _with_code(self, function: TerraformResource, code: Code) -> Iterator[TerraformResource]:
        handler = code.handler or function.attributes.get("handler")
        path = code.path or f"the code of {function.address}"
        yield replace(function, attributes={**function.attributes, "handler": handler, "filename": path})
        if code.text is not None:
            archive = {"output_path": path, "source_content": code.text}
            yield replace(function, address=path, mode="data", type="archive_file", attributes=archive)

    def _with_image(self, function: TerraformResource, build: Build) -> Iterator[TerraformResource]:
        """The function, and the image that it runs, as Terraform's provider for images builds it."""
        image = f"the image of {function.address}"
        yield replace(function, attributes={**function.attributes, "image_uri": Ref(f"{self._id}/{image}", "name")})
        attributes = {"name": function.attributes["image_uri"], "build": (build,)}
        yield replace(function, address=image, type="docker_image", attributes=attributes)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else ""


def _given(item: Item) -> dict[str, Value]:
    """The properties of a resource: as they are, or as they were asked for where that is all that can be read."""
    found = {key: value for key, value in values(item.inputs).items() if not key.startswith("__")}
    for key, value in values(item.outputs).items():
        if not key.startswith("__") and value is not None and (key not in found or not any(secrets(value, key))):
            found[key] = value
    return {**found, **({"id": item.id} if item.id else {})}


def _address(item: Item, used: set[str]) -> str:
    """What Pulumi shows of a resource, `aws:sqs:Queue::orders`; with the types of its parents where that is taken."""
    urn = urn_of(item.urn)
    if urn is None:
        return item.urn or item.type
    short = f"{_shown(urn.type.rpartition('$')[2])}::{urn.name}"
    if short not in used:
        return short
    long = "$".join(_shown(part) for part in urn.type.split("$")) + f"::{urn.name}"
    count = 2
    while long in used:
        long, count = f"{long.partition('#')[0]}#{count}", count + 1
    return long


def _shown(type: str) -> str:
    """A type as Pulumi shows it: `aws:sqs:Queue` for `aws:sqs/queue:Queue`."""
    package, _, rest = type.partition(":")
    module, _, name = rest.partition(":")
    return ":".join(part for part in (package, module.partition("/")[0], name) if part)
