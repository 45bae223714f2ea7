"""CDK applications in Python: the constructs in their source, with the paths and texts that are literal in the same file."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from untangle.model.location import Location
from untangle.scanners.code.cdk.construct import Construct, Source, placed
from untangle.scanners.tree import Tree

_ASSETS = frozenset({"from_asset", "asset", "from_image_asset", "from_asset_image", "from_docker_build", "AssetCode"})
_IDS = ("id", "construct_id")
_INNER = ("task_image_options", "scheduled_fargate_task_image_options", "scheduled_ec2_task_image_options")
MAX_DEPTH = 12


def constructs(tree: Tree) -> Source:
    """What every Python file of a tree that imports the CDK makes."""
    found: list[Construct] = []
    ids: set[str] = set()
    for path in tree.files:
        if path.endswith(".py") and "cdk.out/" not in path:
            data = tree.read(path)
            if data is not None and b"aws_cdk" in data and len(data) < 1_000_000:
                file = _file(tree, path, data)
                found.extend(file.constructs)
                ids.update(file.ids)
    return Source(tuple(found), frozenset(ids))


def _file(tree: Tree, path: str, data: bytes) -> _File:
    try:
        nodes = list(ast.walk(ast.parse(data)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _File(tree, path, {})
    file = _File(tree, path, _bound(nodes))
    for node in nodes:
        if isinstance(node, ast.Call):
            file.constructs.extend(file.construct(node))
    return file


def _bound(nodes: list[ast.AST]) -> dict[str, ast.expr]:
    """The names that are bound once in a file, `self.name` among them."""
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            found.setdefault(ast.unparse(node.targets[0]), []).append(node.value)
    return {name: values[0] for name, values in found.items() if len(values) == 1}


class _File:
    """One file: its names, and what its expressions say."""

    def __init__(self, tree: Tree, path: str, names: dict[str, ast.expr]) -> None:
        self._tree, self._path, self._names = tree, path, names
        self.constructs: list[Construct] = []
        self.ids: set[str] = set()

    def construct(self, call: ast.Call) -> Iterator[Construct]:
        """The construct that a call makes, where it brings code with it."""
        keywords = {item.arg: item.value for item in call.keywords if item.arg is not None}
        kind = _last(call.func)
        given = next((keywords[name] for name in _IDS if name in keywords), None)
        first = 0 if kind == "add_container" else 1
        id = self.text(given if given is not None else call.args[first] if len(call.args) > first else None)
        if id is None:
            return
        self.ids.add(id)
        for name in _INNER:
            held = self._value(keywords.get(name))
            if isinstance(held, ast.Call):
                keywords |= {item.arg: item.value for item in held.keywords if item.arg is not None}
        place = Location(self._path, call.lineno)
        parent = self._parent(call) if kind == "add_container" else None
        handler = self.text(keywords.get("handler"))
        for key in ("code", "image"):
            asset = self._asset(keywords.get(key))
            if asset is not None:
                options = {item.arg: item.value for item in asset.keywords if item.arg is not None}
                written = options.get("path", options.get("directory", asset.args[0] if asset.args else None))
                yield Construct(
                    kind=kind,
                    id=id,
                    place=place,
                    parent=parent,
                    handler=handler,
                    image=key == "image" or kind == "DockerImageFunction",
                    code=self._paths(written),
                    dockerfile=self.text(options.get("file")),
                    command=self._texts(keywords.get("command")) or self._texts(options.get("cmd")),
                )
        if "entry" in keywords:
            index = self.text(keywords.get("index"))
            entry = self._paths(keywords["entry"])
            if kind.startswith("Python"):
                entry = tuple(posixpath.join(path, index or "index.py") for path in entry)
            yield Construct(kind=kind, id=id, place=place, parent=parent, handler=handler, entry=entry)

    def _parent(self, call: ast.Call) -> str | None:
        made = self._value(call.func.value) if isinstance(call.func, ast.Attribute) else None
        return self.text(made.args[1]) if isinstance(made, ast.Call) and len(made.args) > 1 else None

    def _asset(self, node: ast.expr | None) -> ast.Call | None:
        made = self._value(node)
        if not isinstance(made, ast.Call):
            return None
        if _last(made.func) in _ASSETS:
            return made
        if _last(made.func) == "from_docker_image_asset" and made.args:
            inner = self._value(made.args[0])
            return inner if isinstance(inner, ast.Call) else None
        return None

    def _value(self, node: ast.expr | None) -> ast.expr | None:
        for _ in range(MAX_DEPTH):
            if not isinstance(node, ast.Name | ast.Attribute):
                break
            found = self._names.get(ast.unparse(node))
            if found is None:
                break
            node = found
        return node

    def _paths(self, node: ast.expr | None) -> tuple[str, ...]:
        text = self.text(node)
        return tuple(dict.fromkeys(placed(self._tree, text, self._path))) if text is not None else ()

    def _texts(self, node: ast.expr | None) -> tuple[str, ...]:
        held = self._value(node)
        items = held.elts if isinstance(held, ast.List | ast.Tuple) else []
        return tuple(text for item in items if (text := self.text(item)) is not None)

    def text(self, node: ast.expr | None, depth: int = 0) -> str | None:
        """The text of a literal, a name bound to one, a path put together from such; None for anything else."""
        node = self._value(node)
        if depth > MAX_DEPTH or node is None:
            return None
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return "/" + self._path if node.id == "__file__" else None
        if isinstance(node, ast.JoinedStr):
            parts = [self.text(part.value if isinstance(part, ast.FormattedValue) else part, depth + 1) for part in node.values]
            return "".join(part for part in parts if part is not None) if None not in parts else None
        if isinstance(node, ast.BinOp):
            left, right = self.text(node.left, depth + 1), self.text(node.right, depth + 1)
            if left is None or right is None:
                return None
            return left + right if isinstance(node.op, ast.Add) else posixpath.join(left, right)
        if isinstance(node, ast.Attribute) and node.attr == "parent":
            inner = self.text(node.value, depth + 1)
            return None if inner is None else posixpath.dirname(inner)
        return self._called(node, depth) if isinstance(node, ast.Call) else None

    def _called(self, node: ast.Call, depth: int) -> str | None:
        """`os.path.join`, `os.path.dirname(__file__)`, `str(Path(__file__).parent / "lambda")` and the like."""
        name = _last(node.func)
        given = [self.text(argument, depth + 1) for argument in node.args]
        known = [text for text in given if text is not None]
        if name in ("getcwd", "cwd"):
            return "."
        if name in ("resolve", "absolute", "as_posix") and isinstance(node.func, ast.Attribute):
            return self.text(node.func.value, depth + 1)
        if len(known) < len(given) or not known:
            return None
        if name == "dirname":
            return posixpath.dirname(known[0])
        if name in ("join", "joinpath"):
            base = (
                []
                if name == "join"
                else [self.text(node.func.value, depth + 1) if isinstance(node.func, ast.Attribute) else None]
            )
            parts = [part for part in (*base, *known) if part is not None]
            return posixpath.normpath(posixpath.join(*parts))
        return known[0] if name in ("Path", "PurePath", "str", "abspath", "realpath", "normpath", "fspath") else None


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
