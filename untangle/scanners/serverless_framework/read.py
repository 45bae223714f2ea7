"""The services of a tree to an inventory."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from untangle.model.location import Location
from untangle.model.resource import Coverage, Gap, Inventory, Problem, Resource, Source
from untangle.scanners.cloudformation.library import Library
from untangle.scanners.cloudformation.notes import Notes
from untangle.scanners.document import Map
from untangle.scanners.scanner import Options
from untangle.scanners.serverless_framework.compose import COMPOSE, compose_params
from untangle.scanners.serverless_framework.draft import ORIGIN
from untangle.scanners.serverless_framework.expand import Written, write
from untangle.scanners.serverless_framework.files import DATA, SCRIPTS, Files
from untangle.scanners.serverless_framework.resources import KIND
from untangle.scanners.serverless_framework.service import Service, name_of
from untangle.scanners.tree import Tree

# The framework's own file name, and those that people use beside it (`serverless-api.yml`, `serverless.prod.yml`).
_OWN = re.compile(r"serverless\.(?:ya?ml|json|[cm]?[jt]s)\Z")
_BESIDE = re.compile(r"(?:serverless[-._].+|.+[-._]serverless)\.(?:ya?ml|json|[cm]?[jt]s)\Z")
_MEANT = re.compile(rb"^(?:service|provider|functions)[ \t]*:", re.MULTILINE)
_NAMED = {"AWS::SNS::Topic": "TopicName", "AWS::Events::EventBus": "Name"}


def read(tree: Tree, options: Options) -> Inventory:
    """Every service of the tree, each a stack. Files that services take in are claimed: they are no templates of their own."""
    notes = Notes()
    files = Files(tree=tree, notes=notes)
    found = dict(_found(files))
    if not found:
        return Inventory(gaps=tuple(notes.gaps), problems=tuple(notes.problems))
    skipped = [path for path, root in found.items() if _provider(root) not in ("aws", None)]
    roots = {path: root for path, root in found.items() if path not in skipped}
    params = compose_params(files, tree.files)
    ids = _ids(roots)
    library = Library(tree, Notes())
    written: list[Written] = []
    for path, root in roots.items():
        passed = params.get(posixpath.dirname(path), {})
        service = Service(
            path=path, root=root, id=ids[path], files=files, library=library, notes=notes, given=options.parameters, params=passed
        )
        written += _written(service)
    stacks = [stack for one in written for stack in one.stacks]
    tree.claim([*files.used, *roots, *(stack.path for stack in stacks)])
    return Inventory(
        sources=tuple(Source(path=path, kind=KIND) for path in sorted(roots)),
        stacks=tuple(sorted(stacks, key=lambda stack: stack.id)),
        resources=tuple(sorted(_once(resource for one in written for resource in one.resources), key=lambda item: item.id)),
        gaps=tuple(sorted({*notes.gaps, *(gap for one in written for gap in one.gaps)}, key=_gap_order)),
        problems=tuple(sorted({*notes.problems, *(problem for one in written for problem in one.problems)}, key=_problem_order)),
        coverage=tuple(
            Coverage(source=path, operation=f"provider {_provider(found[path])}", outcome="skipped") for path in sorted(skipped)
        ),
    )


def _gap_order(gap: Gap) -> tuple[str, str, str]:
    return str(gap.location), gap.what, gap.why


def _problem_order(problem: Problem) -> tuple[str, int, str]:
    return problem.location.path, problem.location.line or 0, problem.message


def _written(service: Service) -> Iterator[Written]:
    try:
        yield write(service)
    except RecursionError:
        service.notes.problem("template-too-deep", "nested too deep to be read", Location(service.path, 1))


def _found(files: Files) -> Iterator[tuple[str, Map]]:
    """The files that are services, by path, each with its root."""
    for path in files.tree.templates:
        name = posixpath.basename(path)
        if name in COMPOSE or not (_OWN.match(name) or _BESIDE.match(name)):
            continue
        root = _root(files, path)
        if isinstance(root, Map) and ("functions" in root or "provider" in root) and ("service" in root or _OWN.match(name)):
            yield path, root


def _root(files: Files, path: str) -> object:
    folder = posixpath.dirname(path)
    if path.endswith(SCRIPTS):
        own = _OWN.match(posixpath.basename(path)) is not None
        return files.content(path, folder) if own else files.scripts.exported(path, folder)
    data = files.tree.read(path)
    if data is None or not path.endswith(DATA):
        return None
    if _MEANT.search(data) is None and data.lstrip()[:1] != b"{":
        return None
    return files.document(path, data).root


def _provider(root: Map) -> str | None:
    """The cloud that a service is for, where its file says so literally."""
    provider = root.get("provider")
    name = provider.get("name") if isinstance(provider, Map) else provider
    return name.lower() if isinstance(name, str) and "${" not in name else None


def _ids(roots: dict[str, Map]) -> dict[str, str]:
    """The id of each service's stack: its name; where several share it, the folder, else the path."""
    names = {path: name_of(root, posixpath.basename(posixpath.dirname(path)) or "service") for path, root in roots.items()}
    counts = Counter(names.values())
    ids: dict[str, str] = {}
    taken: set[str] = {name for name, count in counts.items() if count == 1}
    for path, name in names.items():
        choices = [name] if counts[name] == 1 else [posixpath.dirname(path), f"{name}:{posixpath.dirname(path)}", path]
        ids[path] = next((choice for choice in choices if choice and (counts[name] == 1 or choice not in taken)), path)
        taken.add(ids[path])
    return ids


def _once(resources: Iterable[Resource]) -> list[Resource]:
    """Without a topic or bus that a service is said to make by mere name where another one declares it or makes it first.

    Such names are unique in an account: a second service that names one means the same thing.
    """
    owners: dict[tuple[str, str], str] = {}
    kept: list[Resource] = []
    for resource in sorted(resources, key=lambda item: (item.origin == ORIGIN, item.id)):
        name = resource.get(_NAMED[resource.type]) if resource.type in _NAMED else None
        owner = owners.setdefault((resource.type, name), resource.stack) if isinstance(name, str) else resource.stack
        if owner == resource.stack or resource.origin != ORIGIN:
            kept.append(resource)
    return kept
