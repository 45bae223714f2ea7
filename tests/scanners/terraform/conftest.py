"""Configurations in a folder of the test's own, evaluated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from untangle.model.value import Value
from untangle.scanners.terraform.block import TerraformRoot
from untangle.scanners.terraform.roots import roots
from untangle.scanners.tree import Tree

Roots = Callable[..., tuple[TerraformRoot, ...]]
Root = Callable[..., TerraformRoot]
Evaluate = Callable[..., Value]


@pytest.fixture
def all_roots(tmp_path: Path) -> Roots:
    """`all_roots({"path": text}, variable="value")`: the roots of these files."""

    def run(files: Mapping[str, str | bytes], *, var_files: tuple[str, ...] = (), **variables: str) -> tuple[TerraformRoot, ...]:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(dedent(content).encode() if isinstance(content, str) else content)
        return roots(Tree(tmp_path), variables, var_files)

    return run


@pytest.fixture
def root(all_roots: Roots) -> Root:
    """`root(text or {"path": text}, variable="value")`: the only root, whose id is `terraform`."""

    def run(files: str | Mapping[str, str | bytes], **options: str) -> TerraformRoot:
        (found,) = all_roots({"main.tf": files} if isinstance(files, str) else files, **options)
        return found

    return run


@pytest.fixture
def evaluate(root: Root) -> Evaluate:
    """`evaluate("upper(var.a)", sections)`: the value of one argument of the resource `terraform/aws_sqs_queue.it`."""

    def run(expression: str, sections: str = "", files: Mapping[str, str] | None = None, **variables: str) -> Value:
        resource = f'resource "aws_sqs_queue" "it" {{\n  p = {expression}\n}}\n'
        found = root({"main.tf": dedent(sections) + resource, **(files or {})}, **variables)
        assert not found.problems, found.problems
        it = next(resource for resource in found.resources if resource.address == "aws_sqs_queue.it")
        return it.attributes["p"]

    return run
