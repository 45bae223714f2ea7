"""The framework's variables: every `${…}` of a service replaced by what it stands for, as far as that is known here.

A text that is one placeholder becomes whatever it names, also a mapping; in a longer text it becomes a part. What only the
deployment knows stays a value of `model/value.py` in its place: a Symbol, what a store holds, what another stack puts out,
or, where a table is asked by a stage that nobody stated and that it does not have, one of its rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from untangle.model.value import (
    ACCOUNT,
    REGION,
    Concat,
    Either,
    Imported,
    Stored,
    Symbol,
    concat,
    scalar_text,
    show,
)
from untangle.scanners.cloudformation.scope import either
from untangle.scanners.document import Map, Node, Seq
from untangle.scanners.serverless_framework.addresses import MISSING, Found, as_text, below, cut, size, texts
from untangle.scanners.serverless_framework.construct_names import construct_value
from untangle.scanners.serverless_framework.files import Files, within
from untangle.scanners.serverless_framework.placeholders import Alternative, Literal, Nested, Placeholder, Source, parse
from untangle.scanners.serverless_framework.pseudo import pseudo

_FEW = 8
_MAX_DEPTH = 40
_MAX_STEPS = 100_000
_MAX_SIZE = 8_192
_TILDE = re.compile(r"~(?:true|false|split)\b")
# Sources whose answer is the same wherever it is asked; all others are a matter of their service.
_WORLDWIDE = frozenset({"env", "opt", "git", "s3", "vault", "terraform", "state", "output", "awscc"})


class Variables:
    """Resolves the variables of one service. `given` are the options that the user stated, `params` those of a compose file."""

    def __init__(self, root: Map, path: str, stack: str, files: Files, folder: str, given: Mapping[str, str]) -> None:
        self._root = root
        self._path = path
        self._stack = stack
        self._files = files
        self._folder = folder
        self._given = given
        self._known: dict[str, Found] = {}
        self._open: set[str] = set()
        self._steps = 0
        self._weights: dict[int, tuple[Found, int]] = {}
        self.params: Mapping[str, Node] = {}
        self._marks = ("${{", "}}") if self._uses_double_braces() else ("${", "}")

    def _uses_double_braces(self) -> bool:
        provider = self._root.get("provider")
        syntax = provider.get("variableSyntax") if isinstance(provider, Map) else None
        return isinstance(syntax, str) and "{{" in syntax

    @property
    def stage(self) -> Found:
        """The stage: as stated, as `provider.stage` says, else "dev"."""
        if "stage" in self._given:
            return self._given["stage"]
        found = self._self("provider.stage", default=False) if "stage!" not in self._open else MISSING
        return "dev" if found is MISSING or found is None else found

    # nodes

    def node(self, node: Node, path: str | None = None, *, sub: bool = False) -> Found:
        """A part of the service with its variables replaced; `path` is the file it stands in."""
        self._steps += 1
        if self._steps > _MAX_STEPS:
            return Symbol("too much to read", self._stack)
        path = path or self._path
        if isinstance(node, str):
            return self._text(node, path, sub=sub)
        if not isinstance(node, Map | Seq):
            return node
        found = self._map(node, node.path or path, sub=sub) if isinstance(node, Map) else self._seq(node, path, sub=sub)
        return Symbol("too much to read", self._stack) if self._weight(found) > _MAX_STEPS else found

    def _weight(self, node: Found) -> int:
        """How many nodes there are below one, each place counted at which a variable puts the same one."""
        if isinstance(node, Either):
            return sum(self._weight(option) for option in node.options)
        if not isinstance(node, Map | Seq):
            return 1
        if id(node) not in self._weights:
            children = node.values() if isinstance(node, Map) else node
            self._weights[id(node)] = (node, 1 + sum(self._weight(inner) for inner in children))
        return self._weights[id(node)][1]

    def _seq(self, node: Seq, path: str, *, sub: bool) -> Seq:
        return Seq((self.node(item, path, sub=sub) for item in node), line=node.line, lines=node.lines)

    def _map(self, node: Map, path: str, *, sub: bool) -> Map:
        result = Map(line=node.line, lines=dict(node.lines), path=node.path)
        for key, inner in node.items():
            name = self._key(key, path, result, node.lines.get(key)) if "$" in key else key
            result[name] = self.node(inner, path, sub=sub or key == "Fn::Sub")
        return result

    def _key(self, key: str, path: str, result: Map, line: int | None) -> str:
        text = scalar_text(self._text(key, path))
        if text is None or text == key:
            return key
        result.lines.pop(key, None)
        if line is not None:
            result.lines[text] = line
        return text

    def _text(self, text: str, path: str, *, sub: bool = False) -> Found:
        pieces = parse(text, *self._marks)
        if len(pieces) == 1:
            return self._one(pieces[0], path, sub=sub)
        found = concat([self._part(piece, path, sub=sub) for piece in pieces])
        return Symbol("too long to read", self._stack) if size(found) > _MAX_SIZE else found

    def _one(self, piece: str | Placeholder, path: str, *, sub: bool) -> Found:
        if isinstance(piece, str):
            return piece if sub else pseudo(piece, self._stack)
        return self._value(piece, path)

    def _part(self, piece: str | Placeholder, path: str, *, sub: bool) -> Found:
        found = self._one(piece, path, sub=sub)
        if found is None:
            return ""
        if isinstance(found, Either):
            return Either(tuple(as_text(option, piece) for option in found.options), found.conditions)
        return as_text(found, piece)

    # placeholders

    def _value(self, placeholder: Placeholder, path: str) -> Found:
        """The first alternative that is there; a Symbol that names all of it where none is."""
        for i, alternative in enumerate(placeholder.alternatives):
            last = i == len(placeholder.alternatives) - 1
            found = self._alternative(alternative, path, last=last)
            if found is not MISSING and (found is not None or last):
                return found
            if last and isinstance(alternative, Source):
                return self._symbol(alternative)
        return None

    def _symbol(self, source: Source) -> Symbol:
        inner = show(self._text(source.text, self._path)) if "${" in source.text else source.text
        return Symbol(inner, "" if source.type in _WORLDWIDE else self._stack)

    def _alternative(self, alternative: Alternative, path: str, *, last: bool) -> Found:
        if isinstance(alternative, Literal):
            return alternative.value
        if len(self._open) > _MAX_DEPTH:
            return MISSING
        if isinstance(alternative, Nested):
            return self._text(alternative.text, path)
        reader = _SOURCES.get(alternative.type.partition(".")[0])
        if reader is None:
            return self._symbol(alternative) if last else MISSING
        return reader(self, alternative, last)

    def _address(self, source: Source) -> Found:
        return self._text(source.address, self._path)

    def _option(self, source: Source, last: bool) -> Found:
        name = source.address
        if name in self._given:
            return self._given[name]
        if not last:
            return MISSING
        return self.stage if name == "stage" else REGION if name == "region" else MISSING

    def _env(self, source: Source, last: bool) -> Found:
        return MISSING

    def _sls(self, source: Source, last: bool) -> Found:
        return self.stage if source.address == "stage" else MISSING

    def _aws(self, source: Source, last: bool) -> Found:
        if source.address == "region":
            region = self._self("provider.region", default=False)
            return REGION if region is MISSING or region is None else region
        return ACCOUNT if source.address == "accountId" else MISSING

    def _output(self, source: Source, last: bool) -> Found:
        """`${cf:stack.Output}`: read as if every stack exported its outputs under such names; see `service`."""
        return Imported(concat(("cf:", self._address(source))))

    def _store(self, source: Source, last: bool) -> Found:
        address = self._address(source)
        if isinstance(address, str):
            address = _TILDE.sub("", address)
            if address.startswith("/aws/reference/secretsmanager/"):
                return Stored("secretsmanager", address.removeprefix("/aws/reference/secretsmanager/"))
        return Stored("ssm", address)

    def _boolean(self, source: Source, last: bool) -> Found:
        text = scalar_text(self._text(source.parameter, self._path))
        words = {"true": True, "1": True, "false": False, "0": False}
        return words.get(text.lower(), MISSING) if text is not None else MISSING

    def _construct(self, source: Source, last: bool) -> Found:
        """`${construct:jobs.queueUrl}`, of the lift plugin."""
        key = source.address.partition(".")[0]
        kind = self._self(f"constructs.{key}.type", default=False)
        found = construct_value(self._stack, kind, source.address) if isinstance(kind, str) else None
        return MISSING if found is None else found

    # params

    def _param(self, source: Source, last: bool) -> Found:
        name = source.address
        if name in self._given:
            return self._given[name]
        if name in self.params:
            return self.params[name]
        stage = scalar_text(self.stage)
        for table in self._param_tables(stage):
            if name in table:
                return self.node(table[name], table.path)
        if not last or "stage" in self._given:
            return MISSING
        return self._by_stage([(key, table[name], table.path) for key, table in self._all_param_tables() if name in table])

    def _param_tables(self, stage: str | None) -> Iterator[Map]:
        tables = list(self._all_param_tables())
        for wanted in (stage, "default"):
            yield from (table for key, table in tables if key == wanted)

    def _all_param_tables(self) -> Iterator[tuple[str, Map]]:
        for section, inner in (("stages", "params"), ("params", "")):
            stages = self._self(section, default=False)
            for key, entry in stages.items() if isinstance(stages, Map) else ():
                table = entry.get(inner) if inner and isinstance(entry, Map) else entry
                if isinstance(table, Map):
                    yield key, table if table.path else Map(table.items(), line=table.line, lines=table.lines, path=stages.path)

    def _by_stage(self, rows: list[tuple[str, Node, str | None]]) -> Found:
        if not 0 < len(rows) <= _FEW:
            return MISSING
        return either(tuple(self.node(node, path) for _, node, path in rows), tuple(f"stage is {key}" for key, _, _ in rows))

    # self and file

    def _of_self(self, source: Source, last: bool) -> Found:
        return self._self(source.address, choose=last)

    def _self(self, address: str, *, default: bool = True, choose: bool = False) -> Found:
        """What stands at an address of the service, its variables replaced. Asked for while it is worked out, it is MISSING."""
        key = f"{address}!" if choose else address
        if key not in self._known:
            if key in self._open:
                return "dev" if address == "provider.stage" else MISSING
            guard = {key, "stage!"} if address == "provider.stage" else {key}
            self._open |= guard
            found = self._walk(self._root, self._path, self._segments(address), choose=choose)
            self._open -= guard
            self._known[key] = found
        found = self._known[key]
        if found is MISSING and default and address in ("provider.stage", "provider.region", "service.name"):
            return self.stage if address == "provider.stage" else REGION if address == "provider.region" else self._name()
        return found

    def _name(self) -> Found:
        found = self._self("service", default=False)
        return MISSING if isinstance(found, Map) else found

    def _file(self, source: Source, last: bool) -> Found:
        written = self._text(source.parameter, self._path)
        segments = self._segments(source.address)
        rows: list[tuple[str, str]] = []
        for text, when in texts(written):
            path = self._files.resolve(self._folder, text)
            if path is not None:
                rows.append((when, path))
            elif last and "stage" not in self._given and "${" in source.parameter:
                stage = scalar_text(self.stage)
                rows += [(f"stage is {key}", path) for key, path in self._files.alike(self._folder, text, stage or "dev")]
        found = [(when, self._in_file(path, segments, last)) for when, path in rows[:_FEW]]
        found = [(when, value) for when, value in found if value is not MISSING]
        if not found:
            return MISSING
        return either(tuple(value for _, value in found), tuple(when for when, _ in found))

    def _in_file(self, path: str, segments: list[Found], choose: bool) -> Found:
        guard = f"file:{path}:{segments}"
        if guard in self._open:
            return MISSING
        self._open.add(guard)
        found = self._walk(self._files.content(path, self._folder), path, segments, choose=choose)
        self._open.discard(guard)
        return MISSING if found is None else found

    def _segments(self, address: str) -> list[Found]:
        """The keys of an address; what a placeholder in it gives may be several."""
        found: list[Found] = []
        for written in cut(address):
            value = self._text(written, self._path)
            found += value.split(".") if isinstance(value, str) else [value]
        return [segment for segment in found if segment != ""]

    def _walk(self, node: Found, path: str, segments: list[Found], *, choose: bool) -> Found:
        """What stands below a node, its variables replaced, as a part of the file it comes from."""
        for i, segment in enumerate(segments):
            if isinstance(node, str):
                node = self._text(node, path)
            if isinstance(node, Either):
                options = tuple(self._walk(option, path, segments[i:], choose=choose) for option in node.options)
                return either(tuple(None if option is MISSING else option for option in options), node.conditions)
            if isinstance(node, Map):
                path = node.path or path
            if isinstance(segment, Either):
                options = tuple(self._walk(node, path, [key, *segments[i + 1 :]], choose=choose) for key in segment.options)
                return either(tuple(None if option is MISSING else option for option in options), segment.conditions)
            inner = below(node, segment)
            if inner is MISSING:
                return self._chosen(node, path, segment, segments[i + 1 :]) if choose else MISSING
            node = inner
        found = self.node(node, path)
        return found if path == self._path else within(found, path)

    def _chosen(self, node: Found, path: str, segment: Found, rest: list[Found]) -> Found:
        """The rows of a table that a key may mean which nobody knows: a stage that was not stated, or an unknown."""
        pattern = self._pattern(segment)
        if pattern is None or not isinstance(node, Map):
            return MISSING
        rows: list[tuple[str, Found]] = []
        for key in node:
            match = pattern.fullmatch(key)
            value = self._walk(node[key], path, rest, choose=False) if match else MISSING
            if match and value is not MISSING:
                subject = "stage" if isinstance(segment, str) else show(segment)
                rows.append((f"{subject} is {match[1] if isinstance(segment, str) else key}", value))
        if not 0 < len(rows) <= _FEW:
            return MISSING
        return either(tuple(value for _, value in rows), tuple(when for when, _ in rows))

    def _pattern(self, segment: Found) -> re.Pattern[str] | None:
        if isinstance(segment, Concat | Symbol | Imported | Stored):
            parts = segment.parts if isinstance(segment, Concat) else (segment,)
            return re.compile("".join(re.escape(part) if isinstance(part, str) else "(?:.+)" for part in parts))
        stage = scalar_text(self.stage)
        if not isinstance(segment, str) or not stage or stage not in segment or "stage" in self._given:
            return None
        return re.compile(re.escape(segment).replace(re.escape(stage), "(.+)", 1))


_V = Variables
_SOURCES: Mapping[str, Callable[[Variables, Source, bool], Found]] = {
    "self": _V._of_self,
    "file": _V._file,
    "opt": _V._option,
    "env": _V._env,
    "sls": _V._sls,
    "aws": _V._aws,
    "param": _V._param,
    "cf": _V._output,
    "ssm": _V._store,
    "construct": _V._construct,
    "strToBool": _V._boolean,
}
