"""The root modules of a tree, evaluated with all modules in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from untangle.model.location import Location
from untangle.model.resource import Gap, Problem
from untangle.model.value import Value
from untangle.scanners.terraform.block import ModuleCall, TerraformResource, TerraformRoot
from untangle.scanners.terraform.body import META, Lines, one
from untangle.scanners.terraform.instance import Instance, Part
from untangle.scanners.terraform.library import Library
from untangle.scanners.terraform.module import Module, source_of
from untangle.scanners.terraform.terragrunt import Unit, Units
from untangle.scanners.terraform.unknowns import TooMuch, Wrong
from untangle.scanners.terraform.variables import given
from untangle.scanners.terraform.world import MAX_RESOURCES, MAX_STEPS_OF_ALL, World
from untangle.scanners.tree import Tree

Attributes = Callable[[str], Value]
_CALL = frozenset((*META, "source", "version"))
_OUTERMOST = ("terraform", "root", "root-module")


def roots(tree: Tree, variables: Mapping[str, str], var_files: tuple[str, ...] = ()) -> tuple[TerraformRoot, ...]:
    """Every root module of the tree, evaluated, sorted by id. Never raises.

    A root is a folder of configuration that no other one uses as a local module, or a unit of Terragrunt's. `variables` override
    its variables by name (`--var`); `var_files` are paths of further .tfvars files relative to the scanned root, the later ones
    winning. Both hold for every root that declares such variables.
    """
    library = Library(tree)
    budget = [MAX_STEPS_OF_ALL]
    configured: dict[str, Attributes] = {}
    special: dict[str, Attributes] = {}

    def make_world(id: str, folder: str) -> World:
        return World(id, folder, library, budget, configured=configured, special=special)

    units = Units(library, make_world)
    chosen = [module for module in _roots(library, units) if not module.empty]
    ids = root_ids({*(module.folder for module in chosen), *units.by_folder})
    units.start(
        ids,
        lambda module, world, own: given(module, world, {**own.stated, **variables}, (*own.files, *var_files)),
    )
    found = [_unit(unit) for unit in units.by_folder.values()]
    found += [_stack(stack) for stack in units.stacks if stack.scratch.notes.gaps]
    for module in chosen:
        world = make_world(ids[module.folder], module.folder)
        found.append(_root(Instance(module, world, given(module, world, variables, var_files))))
    return tuple(sorted(found, key=lambda root: root.id))


def _roots(library: Library, units: Units) -> list[Module]:
    """The modules that no other uses, and one of each circle of modules that use one another."""
    modules = {folder: module for folder in library.folders() if (module := library.get(folder)) is not None}
    uses = {folder: _used(library, module) for folder, module in modules.items()}
    placed = {unit.module.folder for unit in units.by_folder.values() if unit.module is not None}
    used = {target for folder, targets in uses.items() for target in targets if target != folder} | placed
    found = [module for folder, module in modules.items() if folder not in used]
    reached = _reached([*placed, *(module.folder for module in found)], uses)
    for folder, module in modules.items():
        if folder not in reached:
            found.append(module)
            reached |= _reached([folder], uses)
    return found


def _used(library: Library, module: Module) -> set[str]:
    found = (library.local(module.folder, source) for _, source in module.sources())
    return {target.folder for target in found if target is not None}


def _reached(folders: list[str], uses: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    pending = list(folders)
    while pending:
        folder = pending.pop()
        if folder not in reached:
            reached.add(folder)
            pending += uses.get(folder, ())
    return reached


def root_ids(folders: Iterable[str]) -> Mapping[str, str]:
    """A root's id is its folder; that of the scanned folder itself is `terraform`, or what of the like is free."""
    ordered = sorted(folders)
    outermost = next((name for name in _OUTERMOST if name not in ordered), ".")
    return {folder: folder or outermost for folder in ordered}


def _root(instance: Instance) -> TerraformRoot:
    world, module = instance.world, instance.module
    family = list(instance.family())
    resources = [resource for member in family for resource in _resources(member)]
    calls = [call for member in family for call in _calls(member)]
    outputs = {name: _output(instance, name) for name in sorted(module.outputs)}
    problems = {
        problem: None for folder in sorted({member.module.folder for member in family}) for problem in _problems(world, folder)
    }
    return TerraformRoot(
        id=world.id,
        folder=module.folder,
        resources=tuple(sorted(resources, key=lambda resource: resource.address)),
        calls=tuple(sorted(calls, key=lambda call: call.address)),
        outputs=outputs,
        files=tuple(sorted({path for member in family for path in member.module.files})),
        gaps=tuple(sorted(world.notes.gaps, key=_gap_order)),
        problems=tuple(sorted((*problems, *world.notes.problems), key=_problem_order)),
    )


def _unit(unit: Unit) -> TerraformRoot:
    """A unit of Terragrunt's as a root; nothing but a gap where its module is not in the tree."""
    own = (unit.path, *sorted(unit.files))
    if unit.instance is None:
        why = f"its module {unit.source or '.'} is not in the tree: clone it beside, or scan what Terragrunt's cache holds"
        gap = Gap(what=f"the Terragrunt unit {unit.id}", why=why, location=Location(unit.path, None))
        found = TerraformRoot(id=unit.id, folder=unit.folder, gaps=(gap,))
    else:
        found = _root(unit.instance)
    notes = unit.scratch.notes
    return replace(
        found,
        files=tuple(sorted({*found.files, *own})),
        gaps=tuple(sorted((*found.gaps, *notes.gaps), key=_gap_order)),
        problems=tuple(sorted((*found.problems, *notes.problems), key=_problem_order)),
    )


def _stack(stack: Unit) -> TerraformRoot:
    """What could not be read of a Terragrunt stack, as a root that makes nothing."""
    gaps = tuple(sorted(stack.scratch.notes.gaps, key=_gap_order))
    return TerraformRoot(id=stack.path, folder=stack.folder, files=(stack.path,), gaps=gaps)


def _problems(world: World, folder: str) -> list[Problem]:
    module = world.library.get(folder)
    return module.problems if module else []


def _gap_order(gap: Gap) -> tuple[str, str, str]:
    return str(gap.location), gap.what, gap.why


def _problem_order(problem: Problem) -> tuple[str, int, str]:
    return problem.location.path, problem.location.line or 0, problem.message


def _output(instance: Instance, name: str) -> Value:
    try:
        return instance.output(name, False)
    except (Wrong, TooMuch):
        return None


def _resources(instance: Instance) -> list[TerraformResource]:
    found: list[TerraformResource] = []
    for (mode, type_, name), part in instance.parts():
        world = instance.world
        if part.slot.empty or (part.slot.present is False and _is_foreign(instance)):
            continue
        world.resources += 1
        if world.resources > MAX_RESOURCES:
            world.notes.gap(f"resources of {world.id}", f"there are more than {MAX_RESOURCES}", part.declared.location)
            break
        lines: Lines = {}
        found.append(
            TerraformResource(
                address=part.address,
                mode=mode,
                type=type_,
                name=name,
                module=instance.path,
                folder=instance.module.folder,
                attributes=part.attributes(lines),
                location=instance.place or part.declared.location,
                lines={} if instance.place else lines,
                condition=part.condition,
                provider=_written(part, "provider"),
            )
        )
    return found


def _is_foreign(instance: Instance) -> bool:
    """Whether a module is not of the user's making: what he leaves switched off in it is no part of his application."""
    return instance.place is not None or "/.terraform/" in f"/{instance.module.folder}/"


def _calls(instance: Instance) -> list[ModuleCall]:
    """The calls of modules that are not in the tree."""
    found: list[ModuleCall] = []
    for name, declared in instance.module.calls.items():
        for part, child in zip(instance.call(name), instance.children(name), strict=True):
            if child is not None or part.slot.empty:
                continue
            lines: Lines = {}
            version = one(part.scope, declared.block.body, "version", part.address)
            found.append(
                ModuleCall(
                    address=part.address,
                    name=name,
                    source=source_of(declared),
                    version=version if isinstance(version, str) else None,
                    module=instance.path,
                    folder=instance.module.folder,
                    attributes=part.attributes(lines, _CALL),
                    location=Location(declared.path, declared.block.line),
                    lines=lines,
                    condition=part.condition,
                )
            )
    return found


def _written(part: Part, name: str) -> str | None:
    attribute = part.declared.block.body.attributes.get(name)
    return attribute.text if attribute else None
