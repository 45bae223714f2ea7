"""Terraform and OpenTofu: configurations read and evaluated, then put into CloudFormation's vocabulary.

`roots` evaluates the configurations of a tree, `deployments` reads plans and states, `canonical` and `mapping` write what both
leave as CloudFormation resources, `registry` knows what well-known modules make whose source is not there.
"""

from __future__ import annotations

from dataclasses import replace

from untangle.model.resource import Inventory
from untangle.scanners.scanner import Options, Scanner
from untangle.scanners.tree import Tree


def read(tree: Tree, options: Options) -> Inventory:
    """Every Terraform root, plan and state of the tree as a stack, its resources in CloudFormation's vocabulary."""
    from untangle.scanners.terraform.canonical import inventory
    from untangle.scanners.terraform.deployments import deployments, joined
    from untangle.scanners.terraform.roots import roots

    declared = roots(tree, options.parameters, options.variable_files)
    deployed = deployments(tree, declared)
    made = joined(inventory((*declared, *deployed.roots)), deployed.known)
    return replace(made, coverage=(*made.coverage, *deployed.coverage))


SCANNER = Scanner(kind="terraform", title="Terraform configurations, plans and states", read=read)
