"""The CloudFormation and SAM templates of a tree to an inventory: roots, the stacks nested in them, their resources."""

from __future__ import annotations

from collections.abc import Iterable

from untangle.model.resource import Inventory, Source
from untangle.scanners.cloudformation.instance import Instance
from untangle.scanners.cloudformation.library import Library
from untangle.scanners.cloudformation.names import stack_ids
from untangle.scanners.cloudformation.nested import Family, Given
from untangle.scanners.cloudformation.notes import Notes
from untangle.scanners.cloudformation.template import Template
from untangle.scanners.scanner import Options
from untangle.scanners.tree import Tree


def read(tree: Tree, options: Options) -> Inventory:
    """Every template of the tree as stacks. One that is nested in another is read there, once for each use."""
    notes = Notes()
    library = Library(tree, notes)
    families = _instantiated(library, notes, options)
    stacks = sorted((stack for family in families for stack in family), key=lambda stack: stack.id)
    read_ = {(stack.template.path, stack.template.kind) for stack in stacks}
    for stack in stacks:
        notes.gaps.update(dict.fromkeys(stack.expansion.gaps))
        notes.problems.update(dict.fromkeys(stack.expansion.problems))
    return Inventory(
        sources=tuple(Source(path=path, kind=kind) for path, kind in sorted(read_)),
        stacks=tuple(stack.stack for stack in stacks),
        resources=tuple(sorted((item for stack in stacks for item in stack.expansion.resources), key=lambda item: item.id)),
        gaps=tuple(sorted(notes.gaps, key=lambda gap: (str(gap.location), gap.what, gap.why))),
        problems=tuple(
            sorted(notes.problems, key=lambda problem: (problem.location.path, problem.location.line or 0, problem.message))
        ),
    )


def _instantiated(library: Library, notes: Notes, options: Options) -> list[list[Instance]]:
    """The stacks of each root. Which templates are nested is known only once their parents are evaluated, so roots
    that turn out to be nested are taken away until none is left that is."""
    roots = list(library.given)
    while True:
        before = set(notes.gaps)
        families = _families(roots, library, notes, options)
        inside = {stack.template.path for family in families for stack in family[1:]}
        outer = [template for template in roots if template.path not in inside]
        missing = _unreached(library.given, outer, families)
        wanted = sorted([*outer, *missing], key=lambda template: template.path)
        if wanted == roots:
            return families
        roots = wanted
        notes.gaps = {gap: None for gap in notes.gaps if gap in before}


def _families(roots: Iterable[Template], library: Library, notes: Notes, options: Options) -> list[list[Instance]]:
    family = Family(library, notes, Instance)
    ids = stack_ids(template.path for template in roots)
    given = Given(values=options.parameters, certain=options.parameters)
    return [list(Instance(template, ids[template.path], given, family).family()) for template in roots]


def _unreached(templates: Iterable[Template], outer: list[Template], families: list[list[Instance]]) -> list[Template]:
    """One template of each circle of templates that nest one another: no root leads to it."""
    reached = {stack.template.path for family in families if family[0].template in outer for stack in family}
    missing: list[Template] = []
    for template in templates:
        if template.path not in reached:
            missing.append(template)
            reached |= {stack.template.path for family in families if family[0].template is template for stack in family}
    return missing
