"""Terraform and OpenTofu: configurations read and evaluated, then put into CloudFormation's vocabulary.

`roots` evaluates the configurations of a tree, `canonical` and `mapping` write what that leaves as CloudFormation resources,
`registry` knows what well-known modules make whose source is not there.
"""

from __future__ import annotations

from untangle.model.resource import Inventory
from untangle.scanners.scanner import Options, Scanner
from untangle.scanners.tree import Tree


def read(tree: Tree, options: Options) -> Inventory:
    """Every Terraform root of the tree as a stack, its resources in CloudFormation's vocabulary."""
    from untangle.scanners.terraform.canonical import inventory
    from untangle.scanners.terraform.roots import roots

    return inventory(roots(tree, options.parameters))


SCANNER = Scanner(kind="terraform", title="Terraform configurations", read=read)
