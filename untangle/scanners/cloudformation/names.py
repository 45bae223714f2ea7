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
    by_folder = [path for path in ordered if _is_conventional(path) and posixpath.dirname(path)]
    by_stem = [path for path in ordered if path not in set(by_folder)]
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for group, preferred in ((by_folder, posixpath.dirname), (by_stem, stem)):
        firsts = Counter(preferred(path) for path in group)
        seconds = Counter(_full_stem(path) for path in ordered)
        for path in group:
            choices = [preferred(path)] if firsts[preferred(path)] == 1 else []
            choices += [_full_stem(path)] if seconds[_full_stem(path)] == 1 else []
            ids[path] = next((choice for choice in choices if choice not in taken), path)
            taken.add(ids[path])
    return ids


def _is_conventional(path: str) -> bool:
    return stem(path).lower() in _CONVENTIONAL


def _full_stem(path: str) -> str:
    return posixpath.join(posixpath.dirname(path), stem(path))
