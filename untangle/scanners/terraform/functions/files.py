"""Functions of paths and files. Only files of the scan are read; paths are relative to the root module's folder."""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Callable, Mapping, Sequence

from untangle.model.value import Expression, Value, parts_of, scalar_text
from untangle.scanners.terraform.scope import Scope
from untangle.scanners.terraform.unknowns import Wrong, text_of, unknown


def _path(value: Value) -> str:
    text = scalar_text(value)
    if text is None:
        raise Wrong("null, lists and objects are no paths")
    return text


def _text(scope: Scope, path: Value) -> str:
    found = scope.module.file(_path(path))
    if found is None:
        raise Wrong(f"there is no file {_path(path)}")
    return found


def _file(scope: Scope, arguments: Sequence[Value]) -> Value:
    path = arguments[0]
    return unknown(scope.id, "file", path) if isinstance(path, Expression) else _text(scope, path)


def _file_base64(scope: Scope, arguments: Sequence[Value]) -> Value:
    path = arguments[0]
    if isinstance(path, Expression):
        return unknown(scope.id, "filebase64", path)
    return base64.b64encode(_text(scope, path).encode("utf-8", "replace")).decode("ascii")


def _file_exists(scope: Scope, arguments: Sequence[Value]) -> Value:
    path = arguments[0]
    return unknown(scope.id, "fileexists", path) if isinstance(path, Expression) else scope.module.file(_path(path)) is not None


def _file_set(scope: Scope, arguments: Sequence[Value]) -> Value:
    folder, pattern = arguments
    if isinstance(folder, Expression) or isinstance(pattern, Expression):
        return unknown(scope.id, "fileset", *arguments)
    found = scope.module.files(_path(folder))
    if found is None:
        return ()
    scope.spend(len(found))
    fits = re.compile(_glob(_path(pattern)))
    return tuple(sorted(path for path in found if fits.match(path)))


def _glob(pattern: str) -> str:
    """A pattern of `fileset`: `**` is any folders, `*` stays within one, `{a,b}` is either."""
    if len(pattern) > 200 or pattern.count("*") > 6:
        raise Wrong("a pattern is too involved")
    words = []
    for part in re.compile(r"(\*\*/?|\*|\?|\{[^{}]*\}|\[[^\]]*\])").split(pattern):
        if part.startswith("**"):
            words.append("(?:[^/]+/)*" if part.endswith("/") else ".*")
        elif part.startswith("{"):
            words.append("(?:" + "|".join(re.escape(option) for option in part[1:-1].split(",")) + ")")
        elif part.startswith("["):
            words.append("[" + part[1:-1].replace("!", "^", 1).replace("\\", "") + "]")
        else:
            words.append({"*": "[^/]*", "?": "[^/]"}.get(part) or re.escape(part))
    return "".join(words) + r"\Z"


def _template_file(scope: Scope, arguments: Sequence[Value]) -> Value:
    path, names = arguments
    if isinstance(path, Expression) or not isinstance(names, Mapping):
        return unknown(scope.id, "templatefile", path)
    return scope.rendered(_text(scope, path), names)


def _base(scope: Scope, arguments: Sequence[Value]) -> Value:
    return _named(scope, "basename", arguments[0], lambda text: posixpath.basename(text.rstrip("/")), -1)


def _folder(scope: Scope, arguments: Sequence[Value]) -> Value:
    return _named(scope, "dirname", arguments[0], lambda text: posixpath.dirname(text) or ".", 0)


def _named(scope: Scope, name: str, path: Value, then: Callable[[str], str], end: int) -> Value:
    if not isinstance(path, Expression):
        return then(_path(path))
    parts = parts_of(path)
    last = parts[-1]
    if end and len(parts) > 1 and isinstance(last, str) and "/" in last.rstrip("/"):
        return then(last)
    if not end and len(parts) > 1 and isinstance(last, str) and "/" in last:
        return text_of([*parts[:-1], last.rpartition("/")[0]])
    return unknown(scope.id, name, path)


def _absolute(_: Scope, arguments: Sequence[Value]) -> Value:
    path = arguments[0]
    return path if isinstance(path, Expression) else posixpath.normpath(_path(path))


def _same(_: Scope, arguments: Sequence[Value]) -> Value:
    return arguments[0]


PARTIAL: Mapping[str, Callable[[Scope, Sequence[Value]], Value]] = {
    "abspath": _absolute,
    "basename": _base,
    "dirname": _folder,
    "file": _file,
    "filebase64": _file_base64,
    "fileexists": _file_exists,
    "fileset": _file_set,
    "pathexpand": _same,
    "templatefile": _template_file,
}
