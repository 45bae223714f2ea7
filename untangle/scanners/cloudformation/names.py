"""Stack ids of root templates: the template's folder or file stem."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping

_SUFFIX = re.compile(
    r"(?:\.template|\.cfn|\.cform|\.sam|\.stack)?\.(?:ya?ml|jsn|json|template|cfn|cform|cloudformation)\Z", re.IGNORECASE
)
# Names that say what the file is and not what the stack is: the folder speaks instead.
_CONVENTIONAL = frozenset(
    ("template", "main", "cloudformation", "stack", "index", "cfn", "sam", "app", "cloudformation-template", "cfn-template",
     "cf-template", "sam-template", "template-sam", "template-cfn", "packaged", "packaged-template", "serverless")
)  # fmt: skip


def stem(path: str) -> str:
    """The file's name without the suffixes of templates: `TheFooStack.template.json` is `TheFooStack`."""
    name = posixpath.basename(path)
    return _SUFFIX.sub("", name) or name


def stack_ids(paths: Iterable[str]) -> Mapping[str, str]:
    """A unique id for each root template.

    A template with a conventional name is called after its folder (`orders/template.yaml` -> `orders`), any other after its
    stem (`TheFooStack.template.json` -> `TheFooStack`); where two would share that, folder and stem; else the whole path.
    """
    ordered = sorted(paths)
    full = {path: _full_stem(path) for path in ordered}
    by_folder = {path: posixpath.dirname(path) for path in ordered if _is_conventional(path) and posixpath.dirname(path)}
    by_stem = {path: stem(path) for path in ordered if path not in by_folder}
    seconds = Counter(full.values())
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for preferred in (by_folder, by_stem):
        firsts = Counter(preferred.values())
        for path, first in preferred.items():
            choices = [first] if firsts[first] == 1 else []
            choices += [full[path]] if seconds[full[path]] == 1 else []
            ids[path] = next((choice for choice in choices if choice not in taken), path)
            taken.add(ids[path])
    return ids


def _is_conventional(path: str) -> bool:
    return stem(path).lower() in _CONVENTIONAL


def _full_stem(path: str) -> str:
    return posixpath.join(posixpath.dirname(path), stem(path))
