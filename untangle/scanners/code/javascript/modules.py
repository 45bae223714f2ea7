"""Which file of the repository an import names."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from untangle.scanners.tree import Tree

SUFFIXES = (".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx")
_MAX_EXTENDS = 5


class Modules:
    """Resolves imports as Node and TypeScript do, and workspace packages by their names."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._configs: dict[str, Mapping[str, list[str]]] = {}

    def locate(self, source: str, path: str) -> str | None:
        """The file that `source` names in the file `path`; None for a package that is not in the tree."""
        if source.startswith("."):
            base = self._tree.resolve(posixpath.dirname(path), source)
            return self.file(base) if base is not None else None
        if source.startswith("/opt/nodejs/"):
            return self._by_tail(source.removeprefix("/opt/nodejs/"), frozenset())
        return self._aliased(source, path) or self._workspace(source)

    def file(self, base: str) -> str | None:
        """The file behind a path that may lack its ending, carry that of the compiled file, or be a folder."""
        if self._tree.has(base):
            return base
        stem, ending = posixpath.splitext(base)
        stems = [base, stem] if ending in (".js", ".mjs", ".cjs", ".jsx") else [base]
        for candidate in (*stems, posixpath.join(base, "index")):
            for suffix in SUFFIXES:
                if self._tree.has(candidate + suffix):
                    return candidate + suffix
        return None

    def _aliased(self, source: str, path: str) -> str | None:
        """By the `paths` of the nearest tsconfig.json, or its `baseUrl`."""
        folder = posixpath.dirname(path)
        while True:
            if folder not in self._configs:
                self._configs[folder] = self._tsconfig(folder)
            config = self._configs[folder]
            for pattern, targets in config.items():
                prefix = pattern.rstrip("*")
                if source == pattern or (pattern.endswith("*") and source.startswith(prefix)):
                    for target in targets:
                        base = self._tree.resolve(folder, target.replace("*", source[len(prefix) :]))
                        found = self.file(base) if base is not None else None
                        if found is not None:
                            return found
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    def _tsconfig(self, folder: str) -> Mapping[str, list[str]]:
        """The path patterns of the folder's tsconfig.json, or of the one that it extends, relative to the folder."""
        path: str | None = posixpath.join(folder, "tsconfig.json")
        for _ in range(_MAX_EXTENDS):
            if path is None or not self._tree.has(path):
                return {}
            config = _relaxed_json(self._tree.text(path) or "")
            found = _patterns(config, posixpath.relpath(posixpath.dirname(path) or ".", folder or "."))
            extended = config.get("extends")
            if found or not isinstance(extended, str):
                return found
            ending = "" if extended.endswith(".json") else ".json"
            path = self._tree.resolve(posixpath.dirname(path), extended + ending)
        return {}

    @cached_property
    def _packages(self) -> Mapping[str, str]:
        """The folders of packages that the tree itself holds, by name."""
        found: dict[str, str] = {}
        for path in self._tree.files:
            if path.endswith("package.json") and posixpath.basename(path) == "package.json":
                name = _relaxed_json(self._tree.text(path) or "").get("name")
                if isinstance(name, str):
                    found.setdefault(name, posixpath.dirname(path))
        return found

    def _workspace(self, source: str) -> str | None:
        parts = source.split("/")
        size = 2 if source.startswith("@") else 1
        package, rest = "/".join(parts[:size]), "/".join(parts[size:])
        folder = self._packages.get(package)
        if folder is not None:
            for base in (posixpath.join(folder, rest), posixpath.join(folder, "src", rest), posixpath.join(folder, "lib", rest)):
                found = self.file(posixpath.normpath(base))
                if found is not None:
                    return found
        words = frozenset(re.split(r"[^a-z0-9]+", package.lower())) - {""}
        return self._by_tail(rest, words) if rest and not package.startswith(("@aws-sdk", "@smithy", "aws-sdk")) else None

    def _by_tail(self, rest: str, words: frozenset[str]) -> str | None:
        """The one file whose path ends so, in a folder that one of the package's words names."""
        found = [
            path
            for path in self._stems.get(posixpath.basename(rest), ())
            if posixpath.splitext(path)[0].endswith("/" + rest)
            and (not words or words & set(posixpath.dirname(path).lower().split("/")))
        ]
        return found[0] if len(found) == 1 else None

    @cached_property
    def _stems(self) -> Mapping[str, list[str]]:
        stems: dict[str, list[str]] = {}
        for path in self._sources():
            stems.setdefault(posixpath.splitext(posixpath.basename(path))[0], []).append(path)
        return stems

    def _sources(self) -> Iterator[str]:
        return (path for path in self._tree.files if path.endswith(SUFFIXES) and not path.endswith(".d.ts"))


def _patterns(config: Mapping[str, object], folder: str) -> dict[str, list[str]]:
    """The `paths` and `baseUrl` of one configuration file that lies in `folder`."""
    options = config.get("compilerOptions")
    options = options if isinstance(options, dict) else {}
    base = posixpath.join(folder, str(options.get("baseUrl", ".")))
    paths = options.get("paths")
    found: dict[str, list[str]] = {}
    for pattern, targets in paths.items() if isinstance(paths, dict) else ():
        found[str(pattern)] = [posixpath.join(base, str(target)) for target in targets] if isinstance(targets, list) else []
    if "baseUrl" in options:
        found["*"] = [posixpath.join(base, "*")]
    return found


def _relaxed_json(text: str) -> dict[str, object]:
    """JSON with comments and trailing commas, as tsconfig.json has them; {} where it is neither."""
    try:
        found = json.loads(text)
    except ValueError:
        plain = re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', lambda match: match.group(1) or "", text, flags=re.DOTALL)
        try:
            found = json.loads(re.sub(r",(\s*[}\]])", r"\1", plain))
        except ValueError:
            return {}
    return found if isinstance(found, dict) else {}
