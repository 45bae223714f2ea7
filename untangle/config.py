"""What people say about their application: `untangle.toml`, or `[tool.untangle]` in `pyproject.toml`.

    min-confidence = "likely"               # hops below it are not shown
    fail-on = "error"                       # exit code 1 from this severity on
    baseline = "untangle-baseline.json"     # an earlier scan document: its findings are known
    claim-check = "orders-claims"           # a bucket for messages that a state cannot carry (proposals)
    exclude = ["legacy/"]                   # .gitignore patterns

    [parameters]                            # of templates, by name
    Stage = "prod"

    [[ignore]]                              # findings: by rule, by fingerprint, or both
    rule = "missing-dlq"
    reason = "…"

    [[hop]]                                 # a hop that nothing can see
    producer = "orders/OrderFn"
    consumer = "billing/ChargeFn"
    channel = "orders/OrderQueue"
    reason = "…"

    [[bind]]                                # where a target that only run time knows leads
    function = "orders/OrderFn"
    target = "env QUEUE_URL"
    channel = "orders/OrderQueue"
    reason = "…"

    [[reject]]                              # a false hop: its id, or both its ends
    hop = "0f3a9c61d2e4"
    reason = "…"

    [[owner]]                               # who owns the functions whose ids fit a pattern
    pattern = "orders/*"
    owner = "team-orders"
    reason = "…"

    [[boundary]]                            # a chain ends here: at a channel, or at one hop
    channel = "shared/AuditBus"
    reason = "…"

Whoever overrules what was read says why: a `reason` is never optional. Unknown keys are errors. Nothing here knows
whether an id exists: an entry that fits nothing is stale, and for `detect` to report.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from untangle.errors import ConfigError, InputError, nearest

LEVELS = ("confirmed", "declared", "likely", "possible", "weak", "contradicted")
FAIL_ON = ("note", "warning", "error", "never")
FILES = ("untangle.toml", "pyproject.toml")
Routes = Mapping[tuple[str | int, ...], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """Findings not to be shown: of a rule, or the one with this fingerprint."""

    reason: str
    rule: str | None = None
    fingerprint: str | None = None
    line: int | None = None

    def fits(self, rule: str, fingerprint: str) -> bool:
        """Whether it speaks of a finding."""
        return self.rule in (None, rule) and self.fingerprint in (None, fingerprint)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedHop:
    """A hop that somebody knows of; ids of functions and of the channel between them."""

    producer: str
    consumer: str
    channel: str
    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """The channel that a dynamic target of a function leads to; `target` as the gap words it."""

    function: str
    target: str
    channel: str
    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A hop that is none: by its id, or every hop from `producer` to `consumer`."""

    reason: str
    hop: str | None = None
    producer: str | None = None
    consumer: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who owns the functions whose ids fit `pattern` (`*` and `?` as in a shell)."""

    pattern: str
    owner: str
    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """Where a chain is cut: at every hop through `channel` (an id or a pattern), or at one `hop`."""

    reason: str
    channel: str | None = None
    hop: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything said in one configuration file, checked; `path` is the file, for messages about its entries."""

    path: str | None = None
    min_confidence: str = "likely"
    fail_on: str = "never"
    baseline: Path | None = None
    claim_check: str | None = None
    exclude: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ignored: tuple[Ignored, ...] = ()
    hops: tuple[StatedHop, ...] = ()
    bindings: tuple[Binding, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    owners: tuple[Owner, ...] = ()
    boundaries: tuple[Boundary, ...] = ()

    def ignores(self, rule: str, fingerprint: str) -> bool:
        """Whether a finding is not to be shown."""
        return any(item.fits(rule, fingerprint) for item in self.ignored)


Entry = TypeVar("Entry", Ignored, StatedHop, Binding, Rejected, Owner, Boundary)
# Tables of entries: the key in the file, the record it fills, and the sets of keys of which one must be there.
_ALTERNATIVES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "ignore": (("rule",), ("fingerprint",)),
    "reject": (("hop",), ("producer", "consumer")),
    "boundary": (("channel",), ("hop",)),
}
_KEYS = (
    "min-confidence", "fail-on", "baseline", "claim-check", "exclude", "parameters",
    "ignore", "hop", "bind", "reject", "owner", "boundary",
)  # fmt: skip


def is_bucket(name: str) -> bool:
    """Whether this can be the name of a bucket (S3 guide, "General purpose bucket naming rules")."""
    return re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name) is not None


def load(root: Path, file: Path | None = None) -> Config:
    """The configuration of a scanned root: of `file`, else of `untangle.toml` or `pyproject.toml` in the root.

    A root without either has the defaults. Raises ConfigError with file and line for what cannot be used.
    """
    folder = root if root.is_dir() else root.parent
    if file is not None:
        return _read(file, wanted=True)
    for name in FILES:
        if (folder / name).is_file():
            found = _read(folder / name, wanted=name == FILES[0])
            if found.path is not None:
                return found
    return Config()


def read_baseline(path: Path) -> frozenset[str]:
    """The fingerprints in a scan document written earlier; raises InputError where it is none."""
    try:
        document = json.loads(path.read_bytes())
        findings = document["findings"]
        return frozenset(str(item["fingerprint"]) for item in findings)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        hint = "a baseline is a scan document: untangle scan PATH -o baseline.json"
        raise InputError("is not a scan document", where=str(path), hint=hint) from error


def _read(path: Path, *, wanted: bool) -> Config:
    """One file; a pyproject.toml without the table, or a broken one that does not mention it, says nothing."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", where=str(path)) from error
    except UnicodeDecodeError as error:
        if not wanted:
            return Config()
        raise ConfigError("is not UTF-8 text", where=str(path)) from error
    in_project = path.name == "pyproject.toml"
    if in_project and not wanted and "untangle" not in text:
        return Config()
    document: Any = _parse(text, path)
    if in_project:
        document = document.get("tool", {})
        document = document.get("untangle") if isinstance(document, dict) else None
        if document is None:
            return Config()
    return _Reader(path, lines_of(text), ("tool", "untangle") if in_project else ()).config(document)


def _parse(text: str, path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+)", str(error))
        where = f"{path}:{place[1] if place else len(text.splitlines())}"
        raise ConfigError(f"is not valid TOML: {str(error).partition(' (at')[0].lower()}", where=where) from error
    except RecursionError as error:
        raise ConfigError("is nested too deeply", where=str(path)) from error


class _Reader:
    """Checks one parsed document, naming the line of whatever is wrong."""

    def __init__(self, path: Path, lines: Routes, prefix: tuple[str, ...]) -> None:
        self.path = path
        self.lines = lines
        self.prefix = prefix

    def config(self, document: Any) -> Config:
        if not isinstance(document, dict):
            raise self.error("must be a table", ())
        self.known(document, _KEYS, ())
        baseline = self.text(document, "baseline")
        return Config(
            path=str(self.path),
            min_confidence=self.choice(document, "min-confidence", LEVELS) or "likely",
            fail_on=self.choice(document, "fail-on", FAIL_ON) or "never",
            baseline=self.path.parent / baseline if baseline else None,
            claim_check=self.bucket(document),
            exclude=self.texts(document, "exclude"),
            parameters=self.parameters(document.get("parameters", {})),
            ignored=self.entries(document, "ignore", Ignored),
            hops=self.entries(document, "hop", StatedHop),
            bindings=self.entries(document, "bind", Binding),
            rejected=self.entries(document, "reject", Rejected),
            owners=self.entries(document, "owner", Owner),
            boundaries=self.entries(document, "boundary", Boundary),
        )

    def entries(self, document: Mapping[str, Any], key: str, kind: type[Entry]) -> tuple[Entry, ...]:
        tables = document.get(key, [])
        if not isinstance(tables, list):
            raise self.error(f"{key} must be a list of tables", (key,), hint=f"write [[{key}]]")
        return tuple(self.entry(table, (key, i), kind) for i, table in enumerate(tables))

    def entry(self, table: Any, route: tuple[str | int, ...], kind: type[Entry]) -> Entry:
        key = str(route[0])
        if not isinstance(table, dict):
            raise self.error(f"{key} must be a list of tables", route, hint=f"write [[{key}]]")
        names = [item for item in fields(kind) if item.name != "line"]
        self.known(table, [item.name for item in names], route)
        for item in names:
            value = table.get(item.name)
            if value is None and item.default is MISSING:
                raise self.error(f"{key} needs a {item.name}", route)
            if value is not None and (not isinstance(value, str) or not value.strip()):
                raise self.error(f"{item.name} must be text", (*route, item.name))
        ways = _ALTERNATIVES.get(key, ())
        if ways and not any(all(name in table for name in way) for way in ways):
            raise self.error(f"{key} needs {' or '.join(' and '.join(way) for way in ways)}", route)
        return kind(**table, line=self.line(route))

    def parameters(self, table: Any) -> Mapping[str, str]:
        if not isinstance(table, dict):
            raise self.error("parameters must be a table", ("parameters",))
        for name, value in table.items():
            if not isinstance(value, str | int | float | bool):
                raise self.error(f"parameter {name} must be text or a number", ("parameters", name))
        return MappingProxyType({name: _scalar(value) for name, value in sorted(table.items())})

    def text(self, document: Mapping[str, Any], key: str) -> str | None:
        value = document.get(key)
        if value is not None and not isinstance(value, str):
            raise self.error(f"{key} must be text", (key,))
        return value

    def bucket(self, document: Mapping[str, Any]) -> str | None:
        value = self.text(document, "claim-check")
        if value is not None and not is_bucket(value):
            raise self.error(f"claim-check is {value!r}, which is no name of a bucket", ("claim-check",))
        return value

    def texts(self, document: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = document.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(f"{key} must be a list of texts", (key,))
        return tuple(value)

    def choice(self, document: Mapping[str, Any], key: str, known: tuple[str, ...]) -> str | None:
        value = self.text(document, key)
        if value is not None and value not in known:
            raise self.error(f"{key} is {value!r}", (key,), hint=f"one of {', '.join(known)}")
        return value

    def known(self, table: Mapping[str, Any], names: Iterable[str], route: tuple[str | int, ...]) -> None:
        names = list(names)
        for key in table:
            if key not in names:
                raise self.error(f"unknown key {key!r}", (*route, key), hint=nearest(key.replace("_", "-"), names))

    def line(self, route: tuple[str | int, ...]) -> int | None:
        whole = (*self.prefix, *route)
        return next((self.lines[whole[:end]] for end in range(len(whole), 0, -1) if whole[:end] in self.lines), None)

    def error(self, message: str, route: tuple[str | int, ...], hint: str | None = None) -> ConfigError:
        line = self.line(route)
        return ConfigError(message, where=f"{self.path}:{line}" if line else str(self.path), hint=hint)


def _scalar(value: str | int | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def lines_of(text: str) -> Routes:
    """Where each key and table of a TOML text begins, by route: ("hop", 0, "producer").

    The TOML parser of the standard library keeps no places. This looks at the beginnings of lines only, which is
    enough to point at them; it never decides what a value is.
    """
    lines: dict[tuple[str | int, ...], int] = {}
    counts: dict[tuple[str, ...], int] = {}
    table: tuple[str | int, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]", line):
            names = _names(header[2])
            table = names
            if header[1] == "[[":
                counts[names] = counts.get(names, -1) + 1
                table = (*names, counts[names])
                lines.setdefault(names, number)
            lines.setdefault(table, number)
        elif key := re.match(r"\s*([\w.\"'-]+(?:\s*\.\s*[\w\"'-]+)*)\s*=", line):
            lines.setdefault((*table, *_names(key[1])), number)
    return lines


def _names(dotted: str) -> tuple[str, ...]:
    return tuple(name.strip().strip("\"'") for name in dotted.split("."))
