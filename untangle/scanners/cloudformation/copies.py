"""Copies that a build made of a template, and parts that it was merged from: read once."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from untangle.scanners.cloudformation.template import Template

_BUILD_FOLDERS = frozenset(("cdk.out", "build", "dist", "out", "output", "target", ".build", "packaged"))
_PACKAGED = re.compile(r"packaged|^(?:sam-)?(?:output|out)[-_.]?(?:template|sam)?\.|[-_.]output\.", re.IGNORECASE)


def without_copies(templates: tuple[Template, ...]) -> tuple[Template, ...]:
    """Without generated files that repeat another template.

    A generated file (in a build folder, or with a name that packaging gives) is a copy where its bytes are those of
    another template, or where a template beside it declares the same resources.
    """
    sources = [template for template in templates if not _generated(template.path)]
    digests = {template.digest for template in sources}
    beside = {(template.folder, _resources(template)) for template in sources}
    kept: list[Template] = []
    for template in templates:
        if _generated(template.path):
            if template.digest in digests or _beside(template, beside):
                continue
            digests.add(template.digest)
        kept.append(template)
    return _without_parts(tuple(kept))


def _without_parts(templates: tuple[Template, ...]) -> tuple[Template, ...]:
    """Without the parts of a merged template: what lies below it and declares nothing that it does not declare alike."""
    at: dict[str, list[Template]] = {}
    for template in templates:
        at.setdefault(template.folder, []).append(template)
    return tuple(
        template
        for template in templates
        if not any(_is_part(template, whole) for above in _above(template.folder) for whole in at.get(above, ()))
    )


def _above(folder: str) -> Iterator[str]:
    while folder:
        folder = posixpath.dirname(folder)
        yield folder


def _is_part(template: Template, whole: Template) -> bool:
    mine, theirs = template.section("Resources"), whole.section("Resources")
    return 0 < len(mine) < len(theirs) and all(name in theirs and theirs[name] == value for name, value in mine.items())


def _generated(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return not _BUILD_FOLDERS.isdisjoint(folder.split("/")) or _PACKAGED.search(name) is not None


def _beside(template: Template, sources: Iterable[tuple[str, frozenset[str]]]) -> bool:
    if not _PACKAGED.search(posixpath.basename(template.path)):
        return False
    return (template.folder, _resources(template)) in sources


def _resources(template: Template) -> frozenset[str]:
    return frozenset(template.section("Resources"))
