"""What a template is, told from its bytes and then from its content; its sections and its kind."""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from dataclasses import dataclass
from typing import Any

from untangle.model.location import Location
from untangle.model.resource import Problem
from untangle.scanners.document import Document, Fault, Map, Node, Seq, read_document
from untangle.scanners.tree import MAX_FILE, Tree

SUFFIXES = (".yaml", ".yml", ".json", ".template", ".cfn", ".cform", ".cloudformation", ".jsn")
# Lock files and state files are large, common and never templates.
_NEVER = frozenset(
    ("package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "composer.lock", "tsconfig.json", "package.json")
)
_SECTION = re.compile(rb"""^[ \t]*["']?Resources["']?[ \t]*:""", re.MULTILINE)
_TOP_SECTION = re.compile(rb"""^["']?Resources["']?[ \t]*:""", re.MULTILINE)
_TYPE = re.compile(rb"""["']?Type["']?[ \t]*:[ \t]*["']?(?:AWS|Custom|Alexa)::""")
_RESOURCE_TYPE = re.compile(r"(?:[A-Za-z0-9]+::)+[A-Za-z0-9_@-]+\Z")
_SAM = "AWS::Serverless"
_MACROS = ("Fn::ForEach::", "Fn::Transform")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Template:
    """One template file, read. `kind` is "sam" or "cloudformation"; `macros` says that it may use ForEach or Include.

    `digest` is that of the file's bytes.
    """

    path: str
    root: Map
    kind: str
    macros: bool
    digest: bytes

    @property
    def folder(self) -> str:
        """The folder of the file, "" for the root."""
        return posixpath.dirname(self.path)

    def section(self, name: str) -> Map:
        """A top-level section, empty where it is absent or no mapping."""
        found = self.root.get(name)
        return found if isinstance(found, Map) else Map()


def may_be_template(path: str, data: bytes) -> bool:
    """A look at the name and the bytes: cheap, and wrong only in letting too much through."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    return b"::" in data and b"Resources" in data and (data.lstrip()[:1] == b"{" or _SECTION.search(data) is not None)


def read_template(tree: Tree, path: str) -> tuple[Template | None, tuple[Problem, ...]]:
    """The template in a file, with what is wrong in it; neither where the file is something else."""
    name = posixpath.basename(path)
    if not name.lower().endswith(SUFFIXES) or name in _NEVER:
        return None, ()
    data = tree.read(path)
    if data is None:
        return None, _too_large(tree, path)
    if not may_be_template(path, data) or _plainly_other(data):
        return None, ()
    document = read_document(data)
    if document.broken:
        return None, _problems(path, document.faults) if _was_meant(data) else ()
    if not is_template(document.root):
        return None, ()
    return _template(path, data, document), _problems(path, document.faults)


def _too_large(tree: Tree, path: str) -> tuple[Problem, ...]:
    """A problem where a file is too large to be read and begins like a template."""
    start = tree.start(path)
    if not start or not _was_meant(start):
        return ()
    message = f"not read: larger than {MAX_FILE // 2**20} MB"
    return (Problem(rule="template-too-large", message=message, location=Location(path, 1)),)


def is_template(root: Any) -> bool:
    """Whether a document declares resources of CloudFormation, or at least says that it is a template of it."""
    if not isinstance(root, dict) or not isinstance(root.get("Resources"), dict):
        return False
    if "AWSTemplateFormatVersion" in root or any(str(name).startswith(_MACROS) for name in root["Resources"]):
        return True
    entries = root["Resources"].values()
    types = (entry.get("Type") for entry in entries if isinstance(entry, dict))
    return any(isinstance(type_, str) and "::" in type_ and _RESOURCE_TYPE.match(type_) for type_ in types)


def _plainly_other(data: bytes) -> bool:
    """Whether this is valid JSON of another kind: told by the fast parser before lines are looked for."""
    if data[:1] not in b"{[ \t\r\n":
        return False
    try:
        return not is_template(json.loads(data))
    except (ValueError, RecursionError):
        return False


def _was_meant(data: bytes) -> bool:
    """Whether a file that cannot be parsed was meant as a template."""
    return _TYPE.search(data) is not None and (_TOP_SECTION.search(data) is not None or data.lstrip()[:1] == b"{")


def _template(path: str, data: bytes, document: Document) -> Template:
    root = document.root
    if not isinstance(root, Map):
        raise TypeError(path)
    macros = b"Fn::ForEach" in data or b"AWS::Include" in data or b"Fn::Transform" in data
    return Template(path=path, root=root, kind=_kind(root), macros=macros, digest=hashlib.sha256(data).digest())


def _kind(root: Map) -> str:
    if any(str(name).startswith(_SAM) for name in transforms(root)):
        return "sam"
    resources = root["Resources"]
    types = (entry.get("Type") for entry in resources.values() if isinstance(entry, Map))
    return "sam" if any(isinstance(type_, str) and type_.startswith(_SAM + "::") for type_ in types) else "cloudformation"


def transforms(root: Map) -> list[Node]:
    """The names (or the mappings with a name) in the top-level Transform."""
    declared = root.get("Transform")
    return list(declared) if isinstance(declared, Seq) else [] if declared is None else [declared]


def _problems(path: str, faults: tuple[Fault, ...]) -> tuple[Problem, ...]:
    return tuple(Problem(rule=fault.rule, message=fault.message, location=Location(path, fault.line)) for fault in faults)
