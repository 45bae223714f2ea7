"""SAM's transform as tables: AWS::Serverless::* resources written out in CloudFormation's vocabulary.

The CloudFormation reader evaluates a template and hands one stack's resources over; `expand` is a pure function of
them. It generates what untangle reads (functions, mappings, rules, grants, …) under the logical ids that the real
transform gives them, each pointing at the lines it was written in.
"""

from __future__ import annotations

from collections.abc import Mapping

from untangle.model.resource import Resource, Route, Stack
from untangle.model.value import Value
from untangle.scanners.sam.expanded import Expanded

__all__ = ["Expanded", "expand"]


def expand(
    resources: tuple[Resource, ...],
    globals_: Mapping[str, Value],
    stack: Stack,
    globals_lines: Mapping[Route, int],
) -> Expanded:
    """One stack's resources with every AWS::Serverless::* written out as CloudFormation; all others are kept.

    What the caller provides:

    - `resources` with evaluated properties; a property may be an `Either` (Fn::If): both options are followed, and what
      comes of an option carries its condition. Ids are `<stack.id>/<logical id>`.
    - A `Ref` or `GetAtt` of a name that is neither a parameter nor a resource stays `Ref("<stack.id>/<name>", attribute)`,
      the attribute being all text after the first dot, for SAM generates such resources (`!GetAtt MyFnRole.Arn`,
      `!Ref ServerlessRestApi`, `!Ref MyFn.Version` is `Ref("<stack.id>/MyFn.Version")`). References within the resources are
      settled here; for outputs and exports call `Expanded.settle`.
    - `Resource.metadata` is the resource's `Metadata`; the resource attributes `Connectors` and `IgnoreGlobals`, which stand
      beside `Properties`, are put into it under their own names, their lines under the route ("Connectors", …).
    - `globals_` is the evaluated `Globals` section, `globals_lines` its routes (("Function", "Timeout"), …) with lines
      in the same file.

    Never raises on any property tree: what is malformed becomes a `Problem`, what cannot be known a `Gap`.
    """
    return Expanded(resources=resources)
