"""The states of a tree: files found by their first bytes, decoded in part.

Three shapes hold the same list of resources: an export (`{"version": 3, "deployment": …}`), the file of a backend
(`{"version": 3, "checkpoint": {"stack": …, "latest": …}}`) and what SST prints, which is a checkpoint without its wrapping.
https://pkg.go.dev/github.com/pulumi/pulumi/sdk/v3/go/common/apitype
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from untangle.model.location import Location
from untangle.model.resource import Coverage, Problem
from untangle.scanners.tree import Tree

MAX_SIZE = 512 * 1024 * 1024
_HEAD = 2048
_BOM = b"\xef\xbb\xbf"
_STATE = re.compile(
    rb"""\A(?:\xef\xbb\xbf)?\s*\{\s*
    (?: (?:"version"\s*:\s*\d\s*,\s*(?:"features"\s*:\s*\[[^\]]*\]\s*,\s*)?)? "(?:deployment|checkpoint)"\s*:\s*\{
      | "stack"\s*:\s*"[^"]*"\s*,[^{]*?"latest"\s*:\s*\{
      | "latest"\s*:\s*\{\s*"manifest"\s*:
    )""",
    re.VERBOSE,
)
_URN = re.compile(rb'"urn"\s*:\s*"((?:[^"\\]|\\.)*)"')
_NAMED = re.compile(r"urn:pulumi:(?P<stack>.*?)::(?P<project>.*?)::(?P<type>.*?)::(?P<name>.*)\Z", re.DOTALL)
# Where a backend of files keeps what a stack was before.
_EARLIER = re.compile(r"(?:^|/)\.pulumi/(?:history|backups)/")
_EMPTY = msgspec.Raw(b"{}")


class Item(msgspec.Struct):
    """One resource, or a component that groups some; `inputs` and `outputs` are not yet decoded."""

    urn: str = ""
    type: str = ""
    id: str | None = None
    custom: bool = False
    delete: bool = False
    external: bool = False
    pendingReplacement: bool = False
    parent: str | None = None
    inputs: msgspec.Raw = _EMPTY
    outputs: msgspec.Raw = _EMPTY


class Manifest(msgspec.Struct):
    """When a state was written."""

    time: str = ""


class Deployment(msgspec.Struct):
    """What a stack consists of."""

    manifest: Manifest = msgspec.field(default_factory=Manifest)
    resources: list[Item] | None = None


class Checkpoint(msgspec.Struct):
    """A deployment as a backend keeps it."""

    latest: Deployment | None = None


class Written(msgspec.Struct):
    """A state file of any of the three shapes."""

    deployment: Deployment | None = None
    checkpoint: Checkpoint | None = None
    latest: Deployment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Urn:
    """What the name of a resource says: `type` is qualified by the types of its parents (`a$b$c`)."""

    stack: str
    project: str
    type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One stack as a file holds it. `lines` are those on which each resource's URN stands; `folder` is the file's."""

    path: str
    stack: str
    project: str
    time: str
    items: tuple[Item, ...]
    lines: dict[str, int]

    @property
    def folder(self) -> str:
        """The folder of the file; for a backend of files that which holds `.pulumi`."""
        outside, kept, _ = ("/" + self.path).partition("/.pulumi/")
        return outside[1:] if kept else posixpath.dirname(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """All that were found, and files that look like one and are none."""

    states: tuple[State, ...]
    problems: tuple[Problem, ...]


def urn_of(text: str) -> Urn | None:
    """The parts of a URN; None where it is none."""
    match = _NAMED.match(text)
    return Urn(**match.groupdict()) if match else None


def states(tree: Tree) -> States:
    """Every state of a tree, sorted by path. Earlier states that a backend keeps are left out."""
    found: list[State] = []
    problems: list[Problem] = []
    for path in _files(tree):
        read = _read(tree, path)
        if isinstance(read, State):
            found.append(read)
        elif read is not None:
            problems.append(Problem(rule="template-syntax", message=read, location=Location(path)))
    return States(states=tuple(found), problems=tuple(problems))


def _files(tree: Tree) -> Iterator[str]:
    for path in sorted(tree.templates):
        named = path.endswith(".json") and not _EARLIER.search(path)
        if (named or path == tree.single) and _STATE.match(tree.start(path, _HEAD) or b""):
            yield path


def _read(tree: Tree, path: str) -> State | str | None:
    """The state in a file, what is wrong with it, or None where it is something else."""
    data = tree.start(path, MAX_SIZE + 1) or b""
    if b"urn:pulumi:" not in data:
        return None
    if len(data) > MAX_SIZE:
        return f"larger than {MAX_SIZE // 2**20} MB and not read"
    try:
        written = msgspec.json.decode(data.removeprefix(_BOM), type=Written)
    except (msgspec.DecodeError, RecursionError) as error:
        return f"it looks like a state of Pulumi, and is none: {error}"
    held = written.deployment or (written.checkpoint.latest if written.checkpoint else None) or written.latest
    items = tuple(held.resources or ()) if held else ()
    first = next((urn for item in items if (urn := urn_of(item.urn)) is not None), None)
    if held is None or first is None:
        return None
    lines = _lines(data)
    return State(path=path, stack=first.stack, project=first.project, time=held.manifest.time, items=items, lines=lines)


def _lines(data: bytes) -> dict[str, int]:
    """The line on which each URN first stands as a resource's own."""
    lines: dict[str, int] = {}
    line, end = 1, 0
    for match in _URN.finditer(data):
        line, end = line + data.count(b"\n", end, match.start()), match.start()
        lines.setdefault(match[1].decode("utf-8", "replace"), line)
    return lines


def current(found: tuple[State, ...]) -> tuple[list[State], tuple[Coverage, ...]]:
    """Of several states of one stack the one that was written last; the others are counted as skipped."""
    latest: dict[tuple[str, str], State] = {}
    for state in found:
        key = (state.project, state.stack)
        if key not in latest or state.time > latest[key].time:
            latest[key] = state
    kept = sorted(latest.values(), key=lambda state: state.path)
    skipped = (
        Coverage(
            source=state.path,
            operation="state",
            outcome="skipped",
            note=f"{latest[state.project, state.stack].path} holds the same stack {state.project}/{state.stack}, as new or newer",
        )
        for state in found
        if state not in kept
    )
    return kept, tuple(skipped)
