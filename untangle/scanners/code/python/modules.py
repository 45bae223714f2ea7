"""The Python files of a tree as modules: parsed once, found by the name under which code imports them."""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Iterator
from functools import cached_property

from untangle.model.location import Location
from untangle.scanners.code.python.syntax import Source, parse
from untangle.scanners.tree import Tree

# What the Lambda runtime brings or what the interpreter knows by itself: never looked for in the tree.
KNOWN_LIBRARIES = frozenset(
    {"boto3", "botocore", "aioboto3", "aiobotocore", "boto", "s3transfer", "jmespath", "dateutil", "six", "urllib3", "simplejson"}
    | {"aws_lambda_powertools", "aws_xray_sdk", "awswrangler", "pynamodb", "smart_open", "s3fs", "fsspec", "awslambdaric"}
    | {"pydantic", "pydantic_settings", "pytest", "moto", "numpy", "pandas", "requests", "yaml", "crhelper", "cfnresponse"}
)
# Widely used libraries that send, but to no channel of AWS.
_SENDING_LIBRARIES = frozenset(
    {"slack_sdk", "slack", "twilio", "sendgrid", "pika", "kafka", "confluent_kafka", "paho", "redis", "telegram"}
    | {"httpx", "aiohttp", "sentry_sdk", "datadog", "ddtrace", "newrelic", "opentelemetry", "firebase_admin", "google"}
    | {"azure", "stripe", "flask", "fastapi", "starlette", "django", "chalice", "mangum", "sqlalchemy", "psycopg2"}
    | {"pymysql", "openai", "anthropic", "aws_durable_execution_sdk_python", "celery", "langchain", "websocket"}
    | {"websockets", "elasticsearch", "opensearchpy", "pymongo"}
)
# Modules that the runtime has imported before any handler, so that no file of the same name can stand in for them.
_LOADED = frozenset(
    {"os", "sys", "json", "logging", "re", "time", "datetime", "functools", "typing", "collections", "abc", "enum", "io"}
    | {"codecs", "warnings", "types"}
)
_PROJECT = ("setup.py", "pyproject.toml", "setup.cfg")
_SHARED = re.compile(r"(^|/)(src|core|utils?|[\w-]*(lib|libs|layers?|common|shared|python|packages?|modules))(/|$)")
_TESTS = re.compile(r"(^|/)(tests?|test_[^/]*|[^/]*_test|conftest|examples?)(/|\.py$)")


class Modules:
    """Finds and parses modules. `problems` holds the location and message of each file that could not be parsed."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._sources: dict[str, Source | None] = {}
        self.problems: dict[str, tuple[Location, str]] = {}

    def source(self, path: str) -> Source | None:
        """The parsed file; None where it cannot be read or parsed (see `problems`)."""
        if path not in self._sources:
            text = self._tree.text(path)
            self._sources[path] = self.parse(path, text) if text is not None else None
        return self._sources[path]

    def parse(self, path: str, text: str, *, line: int = 1, fixed: bool = False) -> Source | None:
        """Parses text that stands at a line of a file; a failure is noted in `problems`."""
        found = parse(path, text, line=line, fixed=fixed)
        if isinstance(found, Source):
            return found
        self.problems[path] = (Location(path, found[0]), found[1])
        return None

    def find(self, name: str, importer: str, roots: tuple[str, ...]) -> str | None:
        """The file (or, for a namespace package, the folder with a closing "/") that an absolute import of `name` loads.

        `importer` is the importing file; `roots` are the folders on the import path. None where it is not in the tree.
        """
        top = name.partition(".")[0]
        if top in KNOWN_LIBRARIES or top.startswith("mypy_boto3_") or top in _LOADED:
            return None
        relative = name.replace(".", "/")
        if top in sys.stdlib_module_names:
            return next((path for root in roots[:1] if (path := self._in(root, relative))), None)
        for root in self._search_path(importer, roots):
            if (path := self._in(root, relative)) and not self._vendored(root, top):
                return path
        return self._anywhere(relative, importer, declared=top in self._declared)

    def relative(self, name: str, level: int, source: Source) -> str | None:
        """What `from ..name import x` (`level` dots) loads in this source."""
        folder = posixpath.dirname(source.path)
        for _ in range(level - 1):
            folder = posixpath.dirname(folder)
        return self._in(folder, name.replace(".", "/")) if name else self._as_folder(folder)

    def private(self, top: str) -> bool:
        """Whether a module that is not in the tree is nobody's: not Python's, not declared, not widely known."""
        known = top in KNOWN_LIBRARIES or top in _SENDING_LIBRARIES or top in sys.stdlib_module_names
        return not known and not top.startswith("mypy_boto3_") and top.lower() not in self._declared

    def within(self, folder: str, name: str) -> str | None:
        """The submodule of this name in a package's folder."""
        return self._in(folder.rstrip("/"), name)

    def _search_path(self, importer: str, roots: tuple[str, ...]) -> Iterator[str]:
        yield from roots
        folder = posixpath.dirname(importer)
        seen = set(roots)
        while True:
            for candidate in (folder, posixpath.join(folder, "src"), posixpath.join(folder, "python")):
                if candidate not in seen:
                    seen.add(candidate)
                    yield candidate
            if not folder:
                return
            folder = posixpath.dirname(folder)

    def _in(self, root: str, relative: str) -> str | None:
        base = posixpath.join(root, relative) if root else relative
        for path in (f"{base}/__init__.py", f"{base}.py"):
            if self._tree.has(path):
                return path
        return base + "/" if base in self._python_folders else None

    def _as_folder(self, folder: str) -> str:
        package = posixpath.join(folder, "__init__.py")
        return package if self._tree.has(package) else folder + "/"

    def _vendored(self, root: str, top: str) -> bool:
        """Whether a package in a folder is somebody else's: installed there, or of a widely known name."""
        if top in _SENDING_LIBRARIES and posixpath.join(root, top) in self._python_folders:
            return True
        return (root, top.lower().replace("-", "_")) in self._installed

    def _anywhere(self, relative: str, importer: str, *, declared: bool) -> str | None:
        """The one file of the tree whose path ends in this module's; the nearest where there are several.

        Where a requirements file names the module it is a dependency, unless the tree holds the project that makes it.
        """
        stem = posixpath.basename(relative)
        ends = (f"/{relative}.py", f"/{relative}/__init__.py")
        found = [path for path in self._by_stem.get(stem, ()) if ("/" + path).endswith(ends)]
        found = [path for path in found if not _TESTS.search(path) or _TESTS.search(importer)]
        found = [path for path in found if self._shared(path, relative, importer, declared=declared)]
        if len(found) < 2:
            return found[0] if found else None
        ranked = sorted(found, key=lambda path: -len(posixpath.commonprefix([path, importer])))
        first, second = (len(posixpath.commonprefix([path, importer])) for path in ranked[:2])
        return ranked[0] if first > second else None

    def _shared(self, path: str, relative: str, importer: str, *, declared: bool) -> bool:
        """Whether a file elsewhere may be meant: of a project of its own, near, or in a folder for shared code."""
        stem = path.removesuffix("/__init__.py").removesuffix(".py")
        root = stem[: -len(relative)].rstrip("/")
        if self._vendored(root, relative.partition("/")[0]):
            return False
        top = relative.partition("/")[0]
        project = posixpath.basename(root).replace("-", "_").lower() == top.lower()
        if project or any(self._tree.has(posixpath.join(root, name)) for name in _PROJECT):
            return True
        return not declared and self._near(path, root, importer)

    def _near(self, path: str, root: str, importer: str) -> bool:
        return path.partition("/")[0] == importer.partition("/")[0] or bool(_SHARED.search(root))

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Every Python file of the tree."""
        return tuple(path for path in self._tree.files if path.endswith(".py"))

    def named(self, stem: str) -> tuple[str, ...]:
        """The files of this stem, and the packages of this name."""
        return tuple(self._by_stem.get(stem, ()))

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for path in self.files:
            folder, name = posixpath.split(path)
            stem = posixpath.basename(folder) if name == "__init__.py" else name[:-3]
            index.setdefault(stem, []).append(path)
        return index

    @cached_property
    def _python_folders(self) -> frozenset[str]:
        folders: set[str] = set()
        for path in self.files:
            folder = posixpath.dirname(path)
            while folder and folder not in folders:
                folders.add(folder)
                folder = posixpath.dirname(folder)
        return frozenset(folders)

    @cached_property
    def _installed(self) -> frozenset[tuple[str, str]]:
        """Packages that were installed into a folder beside the user's own code, told by their metadata."""
        found: set[tuple[str, str]] = set()
        for path in self._tree.files:
            if path.endswith(("/METADATA", "/PKG-INFO", "/RECORD", "/top_level.txt")):
                folder = posixpath.dirname(path)
                if folder.endswith((".dist-info", ".egg-info")):
                    name = posixpath.basename(folder).partition("-")[0].lower()
                    found.add((posixpath.dirname(folder), name))
        return frozenset(found)

    @cached_property
    def _declared(self) -> frozenset[str]:
        """The distributions that requirement files name, as module names."""
        names: set[str] = set()
        for path in self._tree.files:
            base = posixpath.basename(path) if path.endswith((".txt", "Pipfile")) else ""
            if base and re.fullmatch(r"(dev-|.*[-_.])?requirements?.*\.txt|Pipfile", base):
                for line in (self._tree.text(path) or "").splitlines():
                    match = re.match(r"""\s*["']?([A-Za-z][\w.-]*)""", line)
                    if match:
                        names.add(match[1].lower().replace("-", "_"))
        return frozenset(names)
