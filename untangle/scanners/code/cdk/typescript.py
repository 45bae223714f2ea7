"""CDK applications in TypeScript and JavaScript: their source is followed, and the constructs it makes are noted.

The same interpreter that reads handlers runs the app's files and makes every class in them once, so that ids and paths that
come through properties, loops and the repository's own construct classes are known as well.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from untangle.model.location import Location
from untangle.scanners.code.cdk.construct import Construct, Source, placed
from untangle.scanners.code.javascript.library import JavaScript
from untangle.scanners.code.lowered.core import Interrupted
from untangle.scanners.code.lowered.interpreter import Interpreter
from untangle.scanners.code.lowered.library import Follower, Site
from untangle.scanners.code.lowered.things import Factory, Items, Native, Record, Thing, Unknown, literal, options
from untangle.scanners.tree import Tree

SUFFIXES = (".ts", ".mts", ".cts", ".js", ".mjs", ".cjs")
_ASIDE = re.compile(r"(^|/)(tests?|__tests__|node_modules|cdk\.out)/|\.(test|spec|d)\.[cm]?[jt]s$")
_CDK = re.compile(rb"aws-cdk|@aws-solutions-constructs|monocdk")
_APP = re.compile(r"new\s+(?:\w+\.)?App\s*\(")
_ASSETS = frozenset(
    {"fromAsset", "asset", "fromImageAsset", "fromAssetImage", "fromDockerBuild", "fromCustomCommand", "AssetCode", "AssetImage"}
)
# Properties of constructs for whole services that hold what their container runs.
_INNER = ("taskImageOptions", "scheduledFargateTaskImageOptions", "scheduledEc2TaskImageOptions")
_MADE = "construct"
_ASSET = "asset"


def constructs(tree: Tree) -> Source:
    """What the TypeScript and JavaScript applications of a tree make, each once."""
    files = [path for path in tree.files if path.endswith(SUFFIXES) and not _ASIDE.search(path) and _is_cdk(tree, path)]
    library = _Application(tree)
    for path in sorted(files, key=lambda path: (_APP.search(tree.text(path) or "") is None, path)):
        follower = _Maker(library)
        try:
            follower.make(path)
        except (Interrupted, RecursionError):
            continue
    return Source(tuple(library.found.values()), frozenset(library.ids))


def _is_cdk(tree: Tree, path: str) -> bool:
    data = tree.read(path)
    return data is not None and len(data) < 1_000_000 and _CDK.search(data) is not None


class _Maker(Interpreter):
    """Follows one file and makes the classes in it that nothing has made yet."""

    library: _Application

    def make(self, path: str) -> None:
        for thing in list(self.module(path).fields.values()):
            if isinstance(thing, Factory) and (thing.path, thing.code.line) not in self.library.made:
                given: list[Thing] = [Unknown("scope"), Unknown("id"), Unknown("props")]
                self.apply(thing, given, Site(path, thing.code.line, thing.code.name), new=True)

    def _make(self, factory: Factory, arguments: list[Thing]) -> Thing:
        self.library.ids.update(_literals(_at(arguments, 1)))
        return super()._make(factory, arguments)

    def _construct(self, factory: Factory, instance: Record, arguments: list[Thing]) -> None:
        self.library.made.add((factory.path, factory.code.line))
        super()._construct(factory, instance, arguments)


class _Application(JavaScript):
    """What the interpreter must know of the CDK. `found` are the constructs, `made` the repository's classes that were made."""

    def __init__(self, tree: Tree) -> None:
        super().__init__(tree)
        self.found: dict[tuple[object, ...], Construct] = {}
        self.made: set[tuple[str, int]] = set()
        self.ids: set[str] = set()

    def name(self, name: str, path: str, interpreter: Follower) -> Thing:
        """See `Library.name`."""
        if name == "__dirname":
            return "/" + posixpath.dirname(path)
        return "/" + path if name == "__filename" else Unknown(name)

    def call(self, native: Native, arguments: list[Thing], site: Site, interpreter: Follower, *, new: bool) -> Thing:
        """See `Library.call`."""
        package, colon, name = native.name.partition(":")
        last = name.rpartition(".")[2]
        if package == "path":
            return _path(last, arguments)
        if last == "fileURLToPath":  # of `import.meta.url`
            return "/" + site.path
        if native.name == "process.cwd":
            return "."
        if not colon:
            return super().call(native, arguments, site, interpreter, new=new)
        if last in _ASSETS:
            return Record({"path": _at(arguments, 0), "options": _at(arguments, 1)}, type=_ASSET)
        if last == "fromDockerImageAsset":
            return self._built(_at(arguments, 0))
        if new:
            self._note(last, arguments, site, None)
            return Record({"#id": _at(arguments, 1), "#props": _at(arguments, 2)}, open=True, type=_MADE)
        return Unknown(site.text)

    def method(self, owner: Thing, name: str, arguments: list[Thing], site: Site, interpreter: Follower) -> tuple[bool, Thing]:
        """See `Library.method`."""
        if isinstance(owner, Record) and owner.type == _MADE and name == "addContainer":
            self._note("container", [None, *arguments], site, literal(owner.fields.get("#id")))
            return True, Unknown(site.text)
        return super().method(owner, name, arguments, site, interpreter)

    def _built(self, asset: Thing) -> Thing:
        """An image that is an asset of its own."""
        props = asset.fields.get("#props") if isinstance(asset, Record) else None
        return Record({"path": _member(props, "directory"), "options": props}, type=_ASSET)

    def _note(self, kind: str, arguments: list[Thing], site: Site, parent: str | None) -> None:
        self.ids.update(_literals(_at(arguments, 1)))
        props = _at(arguments, 2)
        for inner in _INNER:
            held = _member(props, inner)
            if isinstance(held, Record):
                props = held
        props = Record() if props is None else props
        if not isinstance(props, Record):
            return
        for id in _literals(_at(arguments, 1)):
            for made in self._of(kind, id, props, site, parent):
                self.found.setdefault((made.kind, made.id, made.parent, made.place, made.code, made.entry), made)

    def _of(self, kind: str, id: str, props: Record, site: Site, parent: str | None) -> Iterator[Construct]:
        place = Location(site.path, site.line)
        handler = literal(props.fields.get("handler"))
        for key, image in (("code", False), ("image", True)):
            for asset in options(props.fields.get(key)):
                if isinstance(asset, Record) and asset.type == _ASSET:
                    settings = asset.fields.get("options")
                    yield Construct(
                        kind=kind,
                        id=id,
                        place=place,
                        parent=parent,
                        handler=handler,
                        image=image or kind == "DockerImageFunction",
                        code=self._paths(asset.fields.get("path"), site.path),
                        dockerfile=literal(_member(settings, "file")),
                        command=_texts(props.fields.get("command")) or _texts(_member(settings, "cmd")),
                    )
        if "entry" in props.fields:
            index = literal(props.fields.get("index"))
            entry = self._paths(props.fields.get("entry"), site.path)
            entry = tuple(posixpath.join(path, index) for path in entry) if index is not None else entry
            yield Construct(kind=kind, id=id, place=place, parent=parent, handler=handler, entry=entry)
        elif kind == "NodejsFunction":  # the file beside the stack's own that bears its name and the construct's id
            stem = posixpath.splitext(site.path)[0]
            beside = tuple(f"{stem}.{id}{suffix}" for suffix in (".ts", ".js", ".mjs"))
            yield Construct(kind=kind, id=id, place=place, parent=parent, handler=handler, entry=beside)

    def _paths(self, written: Thing, source: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(path for text in _literals(written) for path in placed(self._tree, text, source)))


def _path(name: str, arguments: list[Thing]) -> Thing:
    """The functions of Node's `path` on paths that are known."""
    texts = [literal(thing) for thing in arguments]
    known = [text for text in texts if text is not None]
    if len(known) < len(texts) or not known:
        return Unknown("path")
    if name == "dirname":
        return posixpath.dirname(known[0])
    if name == "basename":
        return posixpath.basename(known[0])
    return posixpath.normpath(posixpath.join(known[0], *(text.lstrip("/") if name == "join" else text for text in known[1:])))


def _literals(thing: Thing) -> list[str]:
    return [text for option in options(thing) if (text := literal(option)) is not None]


def _at(things: list[Thing], place: int) -> Thing:
    return things[place] if place < len(things) else None


def _member(thing: Thing, name: str) -> Thing:
    return thing.fields.get(name) if isinstance(thing, Record) else None


def _texts(thing: Thing) -> tuple[str, ...]:
    return tuple(text for element in thing.elements if (text := literal(element)) is not None) if isinstance(thing, Items) else ()
