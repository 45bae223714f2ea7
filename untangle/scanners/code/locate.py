"""From a function's resource to the file and name at which its code starts, for every language.

A template names the code by a folder, a file, an archive, an image or inline text. Where it names only an artefact,
the tree is searched for the one module that fits the handler together with the words of the artefact and of the
function's names; where several fit equally, that is a Gap that names them: nothing is guessed.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from untangle.model.resource import Gap, Inventory, Resource, Stack
from untangle.model.value import Concat, Ref, Value, alternatives, parts_of
from untangle.scanners.code.built import entry_points, uncompiled
from untangle.scanners.code.cdk import Applications
from untangle.scanners.code.cdk.construct import Construct
from untangle.scanners.code.image import Image, read_image
from untangle.scanners.code.inline import inline_entry
from untangle.scanners.code.language import Entry, Handler, Language, Located
from untangle.scanners.code.near import in_common
from untangle.scanners.code.wording import words_of
from untangle.scanners.tree import Tree

# Stems that many functions share.
_SHARED_STEMS = frozenset(
    {"index", "app", "main", "handler", "lambda_function", "lambda", "function", "lambda_handler", "__init__"}
)
_ASIDE = re.compile(
    r"(^|/)(tests?|__tests__|node_modules|\.aws-sam|dist|build|cdk\.out|site-packages)(/|$)|(^|/)(test_|conftest)[^/]*$"
)
# How the CDK names the archive of an asset, which its assembly holds in a folder of the same name.
_ASSET_KEY = re.compile(r"([0-9a-f]{64})\.zip\Z")
_SHOWN = 6


class Locator:
    """Finds entries in one tree."""

    def __init__(self, tree: Tree, inventory: Inventory, languages: tuple[Language, ...]) -> None:
        self._tree = tree
        self._languages = languages
        self.cdk = Applications(tree)
        self._stacks: Mapping[str, Stack] = {stack.id: stack for stack in inventory.stacks}
        self._resources: Mapping[str, Resource] = {resource.id: resource for resource in inventory.resources}

    def candidates(self, function: Resource) -> tuple[Language, ...]:
        """The languages that the runtime may mean: several for a custom one; () where there is no runtime to tell."""
        runtime = _lead(function.get("Runtime")).lower()
        return tuple(language for language in self._languages if runtime and runtime.startswith(language.runtimes))

    def locate(self, function: Resource, language: Language) -> Located:
        """The entry point of a function, or why it is not known."""
        image = self._image(function)
        handler = _text(function.get("Handler")) or (image.command if image is not None else None)
        where = function.at("Handler") or function.location
        if handler is None:
            return Gap(what=f"code of {function.address}", why=_no_handler(function), location=where)
        module, name = language.split(handler)
        folder = self._folder(function)
        asked = Handler(
            function=function,
            module=module,
            name=name,
            folders=tuple(dict.fromkeys(self._folders(function, folder, image))),
            file=self._file(function, folder),
            layers=tuple(dict.fromkeys(self._layers(function))),
            words=words_of(*_texts(function)),
            inline=function.get("Code", "ZipFile"),
            location=where,
        )
        if asked.inline is not None:
            return inline_entry(asked, self._tree)
        if language.find is not None:
            return language.find(self._tree, asked, folder)
        return (
            self._built(asked, language)
            or self._direct(asked, language)
            or self._constructed(asked, language)
            or self._searched(asked, language, folder)
        )

    # Where the template says that the code is

    def _folder(self, function: Resource) -> str:
        stack = self._stacks.get(function.stack)
        return stack.folder if stack is not None else ""

    def _folders(self, function: Resource, folder: str, image: Image | None) -> Iterator[str]:
        for path in self._paths(function, folder):
            if path == "" or self._tree.has_folder(path):
                yield path
            elif self._tree.has(path):
                yield posixpath.dirname(path)
            elif path.endswith((".zip", ".jar")) and self._tree.has_folder(path[:-4]):
                yield path[:-4]
            else:
                yield from (source for source in uncompiled(path) if source == "" or self._tree.has_folder(source))
        if image is not None:
            yield from image.folders

    def _paths(self, function: Resource, folder: str) -> Iterator[str]:
        """The local paths that the code may be at, as written: relative to the template, then to the scanned root."""
        for value, _ in alternatives(function.get("Code")):
            if isinstance(value, str) and not value.startswith(("s3://", "http")):
                for base in dict.fromkeys((folder, "")):
                    resolved = self._tree.resolve(base, value)
                    if resolved is not None:
                        yield resolved
        asset = function.metadata.get("aws:asset:path")
        if isinstance(asset, str):
            yield from self._assets.get(posixpath.basename(asset.rstrip("/")), ())
            resolved = self._tree.resolve(folder, asset)
            if resolved is not None:
                yield resolved
        key = _ASSET_KEY.match(_text(function.get("Code", "S3Key")) or "")
        if key:
            yield from self._assets.get(f"asset.{key[1]}", ())

    def _file(self, function: Resource, folder: str) -> str | None:
        return next((path for path in self._paths(function, folder) if self._tree.has(path)), None)

    @cached_property
    def _assets(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for path in self._tree.files:
            parts = path.split("/")
            for i, part in enumerate(parts[:-1]):
                if part.startswith("asset."):
                    found[part] = ("/".join(parts[: i + 1]),)
        return found

    def _layers(self, function: Resource) -> Iterator[str]:
        layers = function.get("Layers")
        for layer in layers if isinstance(layers, tuple) else ():
            for value, _ in alternatives(layer):
                resource = self._resources.get(value.resource) if isinstance(value, Ref) else None
                content = resource.get("Content") if resource is not None else None
                if resource is None or not isinstance(content, str):
                    continue
                path = self._tree.resolve(self._folder(resource), content)
                if path is not None:
                    yield from (inner for inner in (posixpath.join(path, "python"), path) if self._tree.has_folder(inner))

    def _image(self, function: Resource) -> Image | None:
        if function.get("PackageType") != "Image" and function.get("Code", "ImageUri") is None:
            return None
        made = (
            [built for item in self.cdk.made_from(function) for built in self.cdk.built(item)]
            if _is_synthesized(function)
            else []
        )
        return read_image(self._tree, function, self._folder(function), made[0] if len(set(made)) == 1 else None)

    def _built(self, asked: Handler, language: Language) -> Entry | None:
        """The one source file that the function's build starts from."""
        found = set(entry_points(self._tree, asked.function, asked.folders, asked.module))
        paths = sorted(path for path in found if path.endswith(language.suffixes))
        return self._entry(paths[0], asked) if len(paths) == 1 else None

    def _entry(self, path: str, asked: Handler) -> Entry:
        roots = dict.fromkeys((posixpath.dirname(path), *asked.folders, *asked.layers))
        return Entry(path=path, name=asked.name, roots=tuple(roots))

    def _direct(self, asked: Handler, language: Language) -> Entry | None:
        inner = asked.module.replace(".", "/").lstrip("/")
        roots = (*asked.folders, *asked.layers)
        for folder in asked.folders:
            for base in (folder, posixpath.join(folder, "src"), posixpath.join(folder, "python")):
                path = self._file_at(posixpath.join(base, inner), language)
                if path is not None:
                    return Entry(path=path, name=asked.name, roots=tuple(dict.fromkeys((base, *roots))))
        compiled = (
            source for folder in asked.folders for source in uncompiled(posixpath.normpath(posixpath.join(folder, inner)))
        )
        found = next((path for source in compiled if (path := self._file_at(source, language)) is not None), None)
        return self._entry(found, asked) if found is not None else None

    def _file_at(self, stem: str, language: Language) -> str | None:
        paths = (posixpath.normpath(stem + suffix) for suffix in language.suffixes)
        return next((path for path in paths if self._tree.has(path)), None)

    def _constructed(self, asked: Handler, language: Language) -> Located | None:
        """What the application's own CDK source says of a function that a synthesized template names by a hash."""
        if not _is_synthesized(asked.function):
            return None
        found: dict[str, Entry] = {}
        for item in self.cdk.made_from(asked.function):
            entry = self._of_construct(item, asked, language)
            if entry is not None:
                found.setdefault(entry.path, entry)
        if len(found) < 2:
            return next(iter(found.values()), None)
        why = f"{len(found)} constructs of the CDK source fit it equally: {_shown(sorted(found))}"
        return Gap(what=f"code of {asked.function.address}", why=why, location=asked.location)

    def _of_construct(self, item: Construct, asked: Handler, language: Language) -> Entry | None:
        for path in (*item.entry, *(source for entry in item.entry for source in uncompiled(entry))):
            if self._tree.has(path) and path.endswith(language.suffixes):
                return self._entry(path, asked)
            at = self._file_at(path, language)
            if at is not None:
                return self._entry(at, asked)
        folders = (*item.code, *(source for folder in item.code for source in uncompiled(folder)))
        within = tuple(path for path in dict.fromkeys(folders) if path == "" or self._tree.has_folder(path))
        file = next((path for path in item.code if self._tree.has(path)), None)
        found = self._direct(replace(asked, folders=within), language)
        if found is None and file is not None and file.endswith(language.suffixes):
            # Inline code that the application reads from a file of any name.
            return Entry(path=file, name=asked.name, roots=(*within, *asked.layers))
        return found

    # Where it may be otherwise

    def _searched(self, asked: Handler, language: Language, folder: str) -> Located:
        fitting = self._fitting(asked, language)
        own = [path for path in fitting if any(_inside(path, root) for root in asked.folders if root)]
        best = [path for path in own if self._defines(path, asked.name, language)]
        best = best or self._closest(asked, language, fitting, folder)
        if len(best) > 1:
            best = self._nearest(asked, best, folder)
        if len(best) == 1:
            path = best[0]
            return Entry(path=path, name=asked.name, roots=(_root(path, asked.module), *asked.folders, *asked.layers))
        label = f"{asked.module}.{asked.name}"
        what = f"code of {asked.function.address}"
        if not best:
            why = f"no {language.name} file in the scanned tree fits its handler {label}"
            if asked.file is not None and asked.file.endswith(language.suffixes):
                # An archive of one file that does not have the handler's name cannot run it: it stands in until code is deployed.
                why = f"its code is the placeholder {asked.file}, which has no {asked.module}, and {why}"
            return Gap(what=what, why=why, location=asked.location)
        return Gap(what=what, why=f"{len(best)} files fit its handler {label} equally: {_shown(best)}", location=asked.location)

    def _fitting(self, asked: Handler, language: Language) -> list[str]:
        inner = "/" + asked.module.replace(".", "/").strip("/")
        ends = tuple(inner + suffix for suffix in language.suffixes)
        stem = posixpath.basename(inner)
        return [path for path in self._by_stem.get(stem, ()) if ("/" + path).endswith(ends) and not _ASIDE.search(path)]

    @cached_property
    def _by_stem(self) -> Mapping[str, list[str]]:
        index: dict[str, list[str]] = {}
        suffixes = tuple(suffix for language in self._languages for suffix in language.suffixes)
        for path in self._tree.files:
            if path.endswith(suffixes):
                folder, name = posixpath.split(path)
                stem = posixpath.basename(folder) if name == "__init__.py" else name.partition(".")[0]
                index.setdefault(stem, []).append(path)
        return index

    def _defines(self, path: str, name: str, language: Language) -> bool:
        text = self._tree.text(path)
        return text is not None and language.defines(text, name)

    def _closest(self, asked: Handler, language: Language, fitting: list[str], folder: str) -> list[str]:
        """The modules that share most words with the function, the near ones if there are any; a stem that many share must
        share one, or be near. Only as many are read as the answer needs."""
        scored = [(self._score(asked, path), path) for path in fitting]
        near = [(score, path) for score, path in scored if _inside(path, folder)]
        far = [(score, path) for score, path in scored if not _inside(path, folder)]
        if posixpath.basename(asked.module.replace(".", "/")) in _SHARED_STEMS:
            far = [(score, path) for score, path in far if score > 0]
        for group in (near, far):
            for best in sorted({score for score, _ in group}, reverse=True):
                equal = sorted(path for score, path in group if score == best)
                found = [path for path in equal if self._defines(path, asked.name, language)]
                if found:
                    return found
        return []

    def _nearest(self, asked: Handler, found: list[str], folder: str) -> list[str]:
        """Those that share most folders with the template and are not nearer to another template's function of this handler."""
        shared = {path: in_common(folder, posixpath.dirname(path)) for path in found}
        closest = [path for path in found if shared[path] == max(shared.values())]
        others = {
            self._folder(resource)
            for resource in self._resources.values()
            if resource.type == asked.function.type and resource.get("Handler") == asked.function.get("Handler")
        }
        free = [path for path in closest if all(in_common(other, posixpath.dirname(path)) <= shared[path] for other in others)]
        return free or closest

    def _score(self, asked: Handler, path: str) -> int:
        return len(asked.words & words_of(posixpath.splitext(path)[0]))


def _shown(paths: list[str]) -> str:
    return ", ".join(paths[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")


def _is_synthesized(function: Resource) -> bool:
    """Whether a template names a function's code as the CDK does: by an asset, not by a path."""
    code = function.get("Code")
    return any(isinstance(option, Mapping) and not {"S3Key", "ImageUri"}.isdisjoint(option) for option, _ in alternatives(code))


def _inside(path: str, folder: str) -> bool:
    return not folder or path.startswith(folder + "/")


def _root(path: str, module: str) -> str:
    """The folder from which a module's dotted name leads to a file."""
    depth = module.strip("./").replace(".", "/").count("/") + 1 + path.endswith("/__init__.py")
    return "/".join(path.split("/")[:-depth])


def _texts(function: Resource) -> Iterator[str]:
    """What a function is called, and its artefact."""
    yield function.address
    code = function.get("Code")
    for value in (function.get("FunctionName"), code, function.get("Code", "S3Key"), function.get("Code", "ImageUri")):
        for option, _ in alternatives(value):
            yield from (part for part in parts_of(option) if isinstance(part, str))


def _text(value: Value) -> str | None:
    found = [option for option, _ in alternatives(value) if isinstance(option, str) and option]
    return found[0] if found else None


def _lead(value: Value) -> str:
    for option, _ in alternatives(value):
        lead = option.parts[0] if isinstance(option, Concat) else option
        if isinstance(lead, str):
            return lead
    return ""


def _no_handler(function: Resource) -> str:
    if function.get("Handler") is None:
        return "it names no handler"
    return "its handler is not a literal text"
