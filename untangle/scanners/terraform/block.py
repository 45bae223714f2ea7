"""What the evaluation of Terraform leaves: instances of resources and calls of absent modules, by root.

References between resources are `Ref(f"{root id}/{address}", attribute)` with Terraform's name of the attribute ("arn", "id",
"" for the whole resource; nested ones dotted: "s3_action.0.bucket_name"). The output of a module that is not in the tree is
`Ref(f"{root id}/{module address}", "output.<name>")`. An unknown variable is `Symbol(name, scope)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from untangle.model.location import Location
from untangle.model.resource import Gap, Problem, Route
from untangle.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class TerraformResource:
    """One instance of a resource or data source.

    `address` is Terraform's own, with module path and index: `module.queue["a"].aws_sqs_queue.this[0]`. `module` is the module
    path ("" in the root), `folder` that of the module's source relative to the scanned root. `attributes` are evaluated, nested
    blocks are tuples of mappings under the block's name. `lines` maps routes into the attributes to lines of `location.path`.
    `condition` is the source text of a `count` or `for_each` (its own, or of a module around it) that is not known or makes
    no instance (a `SwitchedOff` text); None where the instance is there for certain.
    `provider` is what its `provider` argument says ("aws.replica").
    """

    address: str
    mode: str
    type: str
    name: str
    module: str
    folder: str
    attributes: Mapping[str, Value]
    location: Location
    lines: Mapping[Route, int] = field(default_factory=dict)
    condition: str | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleCall:
    """One instance of a module whose source is not in the tree; `attributes` are its inputs, evaluated.

    `module` is the path of the module that calls and `folder` the folder of its source. `source` is as written
    (`terraform-aws-modules/sqs/aws`, `git::https://…`), "" where it is no literal.
    """

    address: str
    name: str
    source: str
    version: str | None
    module: str
    folder: str
    attributes: Mapping[str, Value]
    location: Location
    lines: Mapping[Route, int] = field(default_factory=dict)
    condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TerraformRoot:
    """One root module with all modules in it. Paths in values (`path.module`, …) are relative to its `folder`."""

    id: str
    folder: str
    resources: tuple[TerraformResource, ...] = ()
    calls: tuple[ModuleCall, ...] = ()
    outputs: Mapping[str, Value] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    problems: tuple[Problem, ...] = ()
