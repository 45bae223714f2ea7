"""Dockerfiles: what an image starts, and which file of the tree a path in the image is.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from untangle.scanners.tree import Tree

_INSTRUCTION = re.compile(r"^\s*(FROM|CMD|ENTRYPOINT|COPY|ADD|WORKDIR|ENV|ARG)\s+(.*)$", re.IGNORECASE)
_VARIABLE = re.compile(r"\$\{?(\w+)(?::-([^}]*))?\}?")
MAX_STAGES = 8


@dataclass(slots=True)
class Stage:
    """One stage: `copies` are (source, target, stage it comes from); `command` and `entrypoint` as words.

    `given` are the defaults of the arguments before the first stage, which a stage has once it names them.
    """

    name: str
    base: str
    workdir: str = "/"
    copies: list[tuple[str, str, str | None]] = field(default_factory=list)
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Dockerfile:
    """A parsed Dockerfile; paths of its context lie under `context` in the tree."""

    context: str
    stages: list[Stage]

    @property
    def final(self) -> Stage:
        """The stage that the image is."""
        return self.stages[-1]

    def argv(self) -> tuple[str, ...]:
        """What the image starts, a stage's own or that of the stage it is made from."""
        entrypoint: tuple[str, ...] = ()
        command: tuple[str, ...] = ()
        for stage in self._line(self.final):
            entrypoint = entrypoint or stage.entrypoint
            command = command or stage.command
        return (*entrypoint, *command)

    def fits(self, tree: Tree) -> bool:
        """Whether all that is copied from the context is in the tree."""
        sources = [source for stage in self.stages for source, _, origin in stage.copies if origin is None]
        return all(self._holds(source, tree) for source in sources)

    def _holds(self, source: str, tree: Tree) -> bool:
        folder = posixpath.dirname(source) if _is_glob(posixpath.basename(source)) else source
        path = tree.resolve(self.context, folder or ".")
        return path is not None and (path == "" or tree.has(path) or tree.has_folder(path))

    def _line(self, stage: Stage | None) -> Iterator[Stage]:
        for _ in range(MAX_STAGES):
            if stage is None:
                return
            yield stage
            stage = self._named(stage.base)

    def _named(self, name: str) -> Stage | None:
        found = [stage for i, stage in enumerate(self.stages[:-1]) if name.lower() in (stage.name.lower(), str(i))]
        return found[-1] if found else None

    def paths(self, path: str, tree: Tree, stage: Stage | None = None, depth: int = 0) -> Iterator[str]:
        """The files and folders of the tree that a path in the image may be."""
        stage = stage or self.final
        target = posixpath.normpath(posixpath.join(stage.workdir, path))
        for source, place, origin in stage.copies:
            for inner in _copied(source, place, target):
                if origin is None:
                    found = tree.resolve(self.context, inner.lstrip("/"))
                    if found is not None:
                        yield found
                elif (before := self._named(origin)) is not None and depth < MAX_STAGES:
                    yield from self.paths(inner, tree, before, depth + 1)
        inherited = self._named(stage.base)
        if inherited is not None and depth < MAX_STAGES:
            yield from self.paths(target, tree, inherited, depth + 1)


def _copied(source: str, place: str, target: str) -> Iterator[str]:
    """What of a copied source is at the target: the source is a file put under its own or another name, or a folder."""
    if target == place.rstrip("/"):
        yield source  # a file under another name, or the folder itself
    elif target.startswith(place.rstrip("/") + "/"):
        rest = target[len(place.rstrip("/")) + 1 :]
        folder, name = posixpath.split(source)
        if _is_glob(name):
            if fnmatchcase(rest, name) and "/" not in rest:
                yield posixpath.join(folder, rest)
            return
        yield posixpath.join(source, rest)  # a folder's content
        if posixpath.basename(source) == rest:
            yield source  # a file put into the folder


def _is_glob(name: str) -> bool:
    return any(letter in name for letter in "*?[")


def parse(text: str, context: str) -> Dockerfile:
    """A Dockerfile, read line by line; what is not understood is left out."""
    stages: list[Stage] = []
    given = Stage("", "")  # the arguments before the first stage
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        match = _INSTRUCTION.match(line)
        if match is None:
            continue
        word, rest = match[1].upper(), match[2].strip()
        if word == "FROM":
            stages.append(_stage(_filled(rest, given), stages))
            stages[-1].given = given.variables
        elif stages or word != "ARG":
            _add(stages[-1] if stages else _first(stages), word, rest)
        else:
            _declare(given, rest)
    return Dockerfile(context, stages or [Stage("", "")])


def _first(stages: list[Stage]) -> Stage:
    stages.append(Stage("", ""))
    return stages[-1]


def _stage(rest: str, stages: list[Stage]) -> Stage:
    words = [word for word in rest.split() if not word.startswith("--")]
    name = words[2] if len(words) > 2 and words[1].lower() == "as" else ""
    base = words[0] if words else ""
    before = next((stage for stage in stages if stage.name and stage.name.lower() == base.lower()), None)
    lambda_root = "/var/task" if "lambda" in base else "/"
    return Stage(name, base, before.workdir if before else lambda_root, variables=dict(before.variables) if before else {})


def _add(stage: Stage, word: str, rest: str) -> None:
    if word in ("CMD", "ENTRYPOINT"):
        setattr(stage, "command" if word == "CMD" else "entrypoint", tuple(_filled(part, stage) for part in words(rest)))
    elif word == "WORKDIR":
        stage.workdir = posixpath.normpath(posixpath.join(stage.workdir, _filled(rest, stage)))
    elif word in ("ENV", "ARG"):
        _declare(stage, rest)
    else:
        _copy(stage, rest)


def _declare(stage: Stage, rest: str) -> None:
    if "=" in rest.split(" ")[0]:
        for part in rest.split():
            name, equals, value = part.partition("=")
            if equals:
                stage.variables[name] = _filled(value.strip("\"'"), stage)
    elif " " in rest:
        name, _, value = rest.partition(" ")
        stage.variables[name] = _filled(value.strip(), stage)
    elif rest in stage.given:
        stage.variables[rest] = stage.given[rest]


def _copy(stage: Stage, rest: str) -> None:
    origin = re.search(r"--from=(\S+)", rest)
    named = [_filled(word, stage) for word in words(re.sub(r"--\S+\s*", "", rest))]
    if len(named) < 2:
        return
    place = posixpath.normpath(posixpath.join(stage.workdir, named[-1]))
    place += "/" if named[-1].endswith("/") and not place.endswith("/") else ""
    for source in named[:-1]:
        clean = source if origin else source.lstrip("/")
        stage.copies.append((posixpath.normpath(clean or "."), place, origin[1] if origin else None))


def _filled(text: str, stage: Stage) -> str:
    known = {"LAMBDA_TASK_ROOT": "/var/task", "FUNCTION_DIR": "/function", **stage.variables}
    return _VARIABLE.sub(lambda match: known.get(match[1], match[2] or match[0]), text)


def words(text: str) -> tuple[str, ...]:
    """The words of a command: a JSON list, or a line for the shell."""
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if isinstance(parsed, list):
        return tuple(word for word in parsed if isinstance(word, str))
    try:
        return tuple(shlex.split(text, comments=True))
    except ValueError:
        return tuple(text.split())
