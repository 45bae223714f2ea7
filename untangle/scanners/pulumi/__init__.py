"""Pulumi and SST: the state of a stack, as `pulumi stack export` and `sst state export` print it or a backend keeps it.

A Pulumi program is code that would have to be run; what it made stands in its state. Pulumi's AWS provider is Terraform's with
other names, so `translate` writes each resource as one of Terraform's (`spelling` knows the names), and the tables of the
Terraform scanner write it in CloudFormation's vocabulary. `state` finds and decodes the files, `special` reads what is no plain
JSON in them (secrets, assets), `code` and `program` say where handlers lie.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from untangle.model.resource import Inventory, Source
from untangle.scanners.scanner import Options, Scanner
from untangle.scanners.tree import Tree

if TYPE_CHECKING:
    from untangle.scanners.pulumi.translate import Stated

KIND = "pulumi"


def read(tree: Tree, options: Options) -> Inventory:
    """Every stack whose state lies in the tree, in CloudFormation's vocabulary; a gap for each program without one.

    A state as nobody wrote it has no parameters: `options` say nothing of it. Never raises.
    """
    from untangle.scanners.pulumi.program import Programs
    from untangle.scanners.pulumi.state import current, states
    from untangle.scanners.pulumi.translate import Stated

    programs = Programs(tree)
    read_ = states(tree)
    kept, coverage = current(read_.states)
    stated = [Stated(tree, programs, state) for state in kept]
    made = _inventory(stated)
    return replace(
        made,
        gaps=(*made.gaps, *programs.unread({(state.project, state.folder) for state in kept})),
        problems=(*made.problems, *read_.problems),
        coverage=coverage,
    )


def _inventory(stated: list[Stated]) -> Inventory:
    from untangle.scanners.terraform.canonical import inventory
    from untangle.scanners.terraform.deployments import joined

    known = {f"{item.root.id}/{resource.address}": resource for item in stated for resource in item.root.resources}
    made = joined(inventory(item.root for item in stated), known)
    return replace(
        made,
        sources=tuple(Source(path=source.path, kind=KIND) for source in made.sources),
        stacks=tuple(replace(stack, kind=KIND) for stack in made.stacks),
    )


SCANNER = Scanner(kind=KIND, title="Pulumi and SST states", read=read)
