"""From a file to something that can be run: which definition is meant, what its placeholders stand for, what it is called."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from untangle.asl import validate
from untangle.errors import InputError, UsageError, nearest
from untangle.model.resource import Inventory, Resource
from untangle.scanners.definitions import Definition
from untangle.simulate.application import Application
from untangle.simulate.local.filled import fill

_SUFFIXES = re.compile(r"(\.asl)?(\.(json5?|ya?ml|asl))?\Z")


def title(definition: Definition, inventory: Inventory) -> str:
    """What a definition's machine is called here: its address in the template, else its file without endings."""
    resource = _resource(definition, inventory)
    stem = _SUFFIXES.sub("", posixpath.basename(definition.path))
    return definition.address or (resource.address if resource else stem)


def names(definition: Definition, inventory: Inventory) -> tuple[str, ...]:
    """Every name that a definition goes by: address, name in the template, file."""
    resource = _resource(definition, inventory)
    told = [resource.get(key) for key in ("StateMachineName", "Name")] if resource else []
    stem = _SUFFIXES.sub("", posixpath.basename(definition.path))
    found = (
        title(definition, inventory),
        resource.address if resource else None,
        *told,
        stem if definition.address is None else None,
    )
    return tuple(dict.fromkeys(name for name in found if isinstance(name, str)))


def pick(found: tuple[Definition, ...], inventory: Inventory, machine: str | None, where: Path) -> Definition:
    """The one definition that is meant; raises InputError or UsageError where there is none, or several."""
    if not found:
        raise InputError(
            "holds no state machine definition",
            where=str(where),
            hint="name a file of the States Language, or a template with one",
        )
    titles = [title(item, inventory) for item in found]
    if machine is None:
        if len(found) > 1:
            raise UsageError(f"{where} holds {len(found)} state machines", hint=f"say which: --machine {' or '.join(titles[:4])}")
        return found[0]
    matching = [item for item in found if machine in names(item, inventory)] or [
        item for item in found if plain(machine) in map(plain, names(item, inventory))
    ]
    if len(matching) != 1:
        raise UsageError(
            f"{where} holds {'no' if not matching else 'more than one'} state machine {machine!r}", hint=nearest(machine, titles)
        )
    return matching[0]


def plain(name: str) -> str:
    """A name without case and separators, to compare."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def sound(definition: Definition, where: str) -> Mapping[str, Any]:
    """The definition, where nothing in it keeps AWS from taking it; raises InputError, which names the first mistakes."""
    wrong = [item for item in validate(definition.document) if item.severity == "error"]
    if wrong or not isinstance(definition.document.value, Mapping):
        lines = [f"{item.code}: {item.message}{f' ({item.pointer})' if item.pointer else ''}" for item in wrong[:3]]
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        place = f"{where}:{wrong[0].line}" if wrong and wrong[0].line else where
        raise InputError(
            f"AWS would not take this definition: {'; '.join(lines)}{more}", where=place, hint=f"untangle lint {where}"
        )
    return definition.document.value


def prepared(
    definition: Definition,
    inventory: Inventory,
    application: Application | None,
    given: Mapping[str, str],
    where: str,
) -> Mapping[str, Any]:
    """The definition with its placeholders filled: by what is given, then by what the template knows, then by their own names."""
    resource = _resource(definition, inventory)

    def known(name: str) -> str | None:
        if name in given:
            return given[name]
        return _known(name, resource, application) if application is not None else None

    filled = fill(sound(definition, where), known)
    return filled if isinstance(filled, Mapping) else {}


def _known(name: str, resource: Resource | None, application: Application) -> str | None:
    """What a template knows of a name: its substitution for it, or the resource of that name."""
    stack = resource.stack if resource else ""
    value = resource.get("DefinitionSubstitutions", name) if resource else None
    if value is not None:
        return application.text(value, stack=stack)
    known = {
        **{node.address: node.id for node in application.graph.functions},
        **{item.address: item.id for item in application.inventory.resources},
    }
    address, _, attribute = name.partition(".")
    if address in known:
        return application.attribute(known[address], attribute)
    return None


def _resource(definition: Definition, inventory: Inventory) -> Resource | None:
    return next((item for item in inventory.resources if item.id == definition.resource), None) if definition.resource else None
