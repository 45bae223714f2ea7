"""From a task definition of ECS to the scripts that its containers run.

A container's image is a folder with a Dockerfile: the one that the application's own CDK source names, else the one
whose folder bears the name of the image's repository, of the container or of the task. What the image starts is its command,
unless the task overrides it. An image that nobody in the tree builds (a sidecar, a public image) is passed over.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from textwrap import shorten

from untangle.model.code import CodeFacts
from untangle.model.resource import Gap, Inventory, Resource
from untangle.model.value import Concat, Value, alternatives, parts_of
from untangle.scanners.code import command, dockerfile
from untangle.scanners.code.built import texts, uncompiled
from untangle.scanners.code.cdk import Applications
from untangle.scanners.code.dockerfile import Dockerfile
from untangle.scanners.code.language import Entry, Language, Located
from untangle.scanners.code.near import upwards
from untangle.scanners.code.wording import names_in, words_of
from untangle.scanners.tree import Tree

TASK = "AWS::ECS::TaskDefinition"
# Repositories of images that run beside the application's own.
_SIDECARS = (
    "xray",
    "datadog",
    "fluent",
    "envoy",
    "otel",
    "collector",
    "cloudwatch-agent",
    "newrelic",
    "firelens",
    "nginx",
    "redis",
)
# Words that say nothing about which task an image belongs to.
_EMPTY = frozenset(
    {"container", "containers", "docker", "image", "task", "definition", "ecs", "fargate", "default", "cdk", "ecr"}
)
SCRIPT = ""  # the name of an entry that is run as a script


@dataclass(frozen=True, slots=True)
class Started:
    """One container: the task with the container's environment as a function has it, and where its code starts."""

    task: Resource
    entry: Located
    language: Language | None = None


class Containers:
    """Finds what the containers of one tree run."""

    def __init__(self, tree: Tree, inventory: Inventory, languages: tuple[Language, ...], cdk: Applications) -> None:
        self._tree, self._cdk = tree, cdk
        self._stacks = {stack.id: stack for stack in inventory.stacks}
        self._languages = tuple(language for language in languages if language.scripts and language.open is not None)

    def started(self, task: Resource) -> tuple[Started, ...]:
        """What each container of a task runs; one Gap where nothing is known of any."""
        definitions = task.get("ContainerDefinitions")
        containers = [item for item in definitions if isinstance(item, Mapping)] if isinstance(definitions, tuple) else []
        own = [container for container in containers if not _is_sidecar(container)]
        found = [self._container(task, container, alone=len(own) == 1) for container in own]
        known = tuple(item for item in found if isinstance(item.entry, Entry))
        return known or tuple(found[:1]) or (Started(task, _gap(task, "it names no container"), None),)

    def _container(self, task: Resource, container: Mapping[str, Value], *, alone: bool) -> Started:
        seen = replace(task, properties={**task.properties, "Environment": {"Variables": _environment(container)}})
        files = list(dict.fromkeys(self._files(task, container, alone=alone)))
        what = f"container {container.get('Name')}" if isinstance(container.get("Name"), str) else "its container"
        if not files:
            return Started(seen, _gap(task, f"no Dockerfile in the scanned tree fits {what}"))
        if len(files) > 1:
            return Started(seen, _gap(task, f"{len(files)} Dockerfiles fit {what} equally: {', '.join(files[:6])}"))
        text = self._tree.text(files[0])
        image = self._image(task, container, files[0], text or "")
        return self._script(seen, image, container, files[0])

    # Which image

    def _files(self, task: Resource, container: Mapping[str, Value], *, alone: bool) -> Iterator[str]:
        """The Dockerfiles that a container's image may be made from, surest first."""
        built = list(self._cdk.images(task, container.get("Name"), alone=alone))
        if built:
            yield from (image.file for image in built)
            return
        stack = self._stacks.get(task.stack)
        context = task.metadata.get("DockerContext")
        if stack is not None and isinstance(context, str):
            name = task.metadata.get("Dockerfile")
            path = self._tree.resolve(stack.folder, posixpath.join(context, name if isinstance(name, str) else "Dockerfile"))
            if path is not None and self._tree.has(path):
                yield path
                return
        yield from self._named(task, container)

    def _named(self, task: Resource, container: Mapping[str, Value]) -> list[str]:
        """The Dockerfiles whose folders bear the image's name, else the container's or the task's."""
        known = self._dockerfiles
        image = container.get("Image")
        variable = " ".join(names_in(image))
        for asked in (_repository(image), variable, container.get("Name"), task.get("Family"), task.address):
            wanted = words_of(asked) - _EMPTY if isinstance(asked, str) else frozenset()
            scores = {path: len(wanted & words) for path, words in known.items()}
            best = max(scores.values(), default=0)
            if best:
                return sorted(path for path, score in scores.items() if score == best)
        return []

    @cached_property
    def _dockerfiles(self) -> Mapping[str, frozenset[str]]:
        """Every Dockerfile of the tree, with the words of its folder."""
        named = ((path, posixpath.basename(path)) for path in self._tree.files if "Dockerfile" in path)
        files = (
            path for path, name in named if name == "Dockerfile" or name.startswith("Dockerfile.") or name.endswith(".Dockerfile")
        )
        return {path: words_of(posixpath.dirname(path)) - _EMPTY for path in files}

    def _image(self, task: Resource, container: Mapping[str, Value], file: str, text: str) -> Dockerfile:
        """The image in its context: the folder that the CDK names, else the nearest that holds all that is copied."""
        found = [image for image in self._cdk.images(task, container.get("Name"), alone=True) if image.file == file]
        if found:
            return dockerfile.parse(text, found[0].context)
        images = [dockerfile.parse(text, folder) for folder in upwards(posixpath.dirname(file))]
        return next((image for image in images if image.fits(self._tree)), images[0])

    # What it runs

    def _script(self, task: Resource, image: Dockerfile, container: Mapping[str, Value], file: str) -> Started:
        entrypoint, overridden = texts(container.get("EntryPoint")), texts(container.get("Command"))
        final = image.final
        argv = (*(entrypoint or final.entrypoint), *(overridden or final.command)) if entrypoint or overridden else image.argv()
        started = command.script(argv, lambda path: next(self._texts(image, path), None))
        if started is None:
            shown = shorten(" ".join(argv), 80, placeholder=" …") or "nothing"
            return Started(task, _gap(task, f"{file} starts {shown}: no script of the scanned tree is seen in that"))
        names = command.module_files(started.name) if started.module else (started.name,)
        for name in names:
            for path in self._sources(image, name):
                language = next((item for item in self._languages if path.endswith(item.suffixes)), None)
                if language is not None:
                    roots = dict.fromkeys((posixpath.dirname(path), *self._roots(image), image.context))
                    return Started(task, Entry(path=path, name=SCRIPT, roots=tuple(roots)), language)
        return Started(task, _gap(task, f"{file} starts {started.name}, which is not found in the scanned tree"))

    def _sources(self, image: Dockerfile, name: str) -> Iterator[str]:
        """The files of the tree that a path in the image is, or is made from."""
        for path in image.paths(name, self._tree):
            yield from (found for found in self._endings(path) if self._tree.has(found))
        for path in image.paths(name, self._tree):
            for source in uncompiled(path):
                yield from (found for found in self._endings(source) if self._tree.has(found))

    def _endings(self, path: str) -> Iterator[str]:
        yield path
        stem, ending = posixpath.splitext(path)
        if ending in (".js", ".mjs", ".cjs", ""):
            yield from (f"{stem}{other}" for other in (".ts", ".mts", ".cts", ".js", ".mjs", "/index.ts", "/index.js"))

    def _texts(self, image: Dockerfile, path: str) -> Iterator[str]:
        for found in image.paths(path, self._tree):
            text = command.listing(self._tree, found)
            if text is not None:
                yield text

    def _roots(self, image: Dockerfile) -> Iterator[str]:
        yield from (path for path in image.paths(".", self._tree) if self._tree.has_folder(path))


def together(read: list[CodeFacts]) -> CodeFacts:
    """What all containers of a task do, as one: readable where every one of them is."""
    first, *others = read
    for other in others:
        first = replace(
            first,
            readable=first.readable and other.readable,
            calls=first.calls + other.calls,
            reads=first.reads + other.reads,
            variables=tuple(sorted({*first.variables, *other.variables})),
            gaps=first.gaps + other.gaps,
        )
    return first


def _environment(container: Mapping[str, Value]) -> Mapping[str, Value]:
    listed = container.get("Environment")
    pairs = [pair for pair in listed if isinstance(pair, Mapping)] if isinstance(listed, tuple) else []
    return {name: pair.get("Value") for pair in pairs if isinstance(name := pair.get("Name"), str)}


def _repository(image: Value) -> str | None:
    """The name of an image's repository: `orders` in `123.dkr.ecr.eu-west-1.amazonaws.com/shop/orders:latest`."""
    for option, _ in alternatives(image):
        pieces = [part for part in parts_of(option) if isinstance(part, str)] if isinstance(option, Concat | str) else []
        text = "".join(pieces)
        last = text.rpartition("/")[2].partition(":")[0].partition("@")[0]
        if last and "cdk-" not in text and "aws-cdk" not in text:
            return last
    return None


def _is_sidecar(container: Mapping[str, Value]) -> bool:
    name = f"{_repository(container.get('Image')) or ''} {container.get('Name')}".lower()
    return container.get("Essential") is False or any(word in name for word in _SIDECARS)


def _gap(task: Resource, why: str) -> Gap:
    return Gap(what=f"code of {task.address}", why=why, location=task.at("ContainerDefinitions") or task.location)
