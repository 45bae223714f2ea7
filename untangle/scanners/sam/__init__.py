"""SAM's transform as tables: AWS::Serverless::* resources written out in CloudFormation's vocabulary.

The CloudFormation reader evaluates a template and hands one stack's resources over; `expand` is a pure function of
them. It generates what untangle reads (functions, mappings, rules, grants, …) under the logical ids that the real
transform gives them, each pointing at the lines it was written in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from untangle.model.resource import EMPTY, Resource, Route, Stack
from untangle.model.value import Value
from untangle.scanners.sam.api import expand_http_api, expand_rest_api, expand_socket_api, implicit_apis
from untangle.scanners.sam.connectors import embedded, expand_connector
from untangle.scanners.sam.draft import Draft
from untangle.scanners.sam.expanded import Expanded, settle
from untangle.scanners.sam.function import expand_function
from untangle.scanners.sam.globals import Globals
from untangle.scanners.sam.part import properties as whole
from untangle.scanners.sam.simple import expand_layer, expand_table
from untangle.scanners.sam.state_machine import expand_state_machine

__all__ = ["Expanded", "expand"]

# One expander per SAM type, in the order in which they run: what others are written into comes first, connectors, which
# look at what has been made, last. Types that are not here (Application, GraphQLApi, …) are handed on as they are.
EXPANDERS: tuple[tuple[str, Callable[[Draft, Resource], None]], ...] = (
    ("AWS::Serverless::SimpleTable", expand_table),
    ("AWS::Serverless::LayerVersion", expand_layer),
    ("AWS::Serverless::Function", expand_function),
    ("AWS::Serverless::StateMachine", expand_state_machine),
    ("AWS::Serverless::Api", expand_rest_api),
    ("AWS::Serverless::HttpApi", expand_http_api),
    ("AWS::Serverless::WebSocketApi", expand_socket_api),
    ("AWS::Serverless::Connector", expand_connector),
)
_LATE = frozenset({"AWS::Serverless::Connector"})


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
    section = Globals(values=globals_, lines=globals_lines)
    given = {resource.address: section.inherit(resource) for resource in resources}
    expanders = dict(EXPANDERS)
    draft = Draft(stack=stack, given=given)
    for resource in given.values():
        if resource.type not in expanders:
            draft.made[resource.id] = resource
    _run(draft, given, late=False)
    for address, type in implicit_apis(draft):
        at = draft.implicit[address]
        api = Resource(id=draft.id(address), type=type, stack=stack.id, address=address, location=at.location, origin="sam event")
        expanders[type](draft, section.inherit(api))
    _run(draft, given, late=True)
    for resource in given.values():
        if resource.metadata.get("Connectors") is not None:
            embedded(draft, resource)
    return Expanded(
        resources=tuple(_settled(resource, draft.references) for _, resource in sorted(draft.made.items())),
        gaps=tuple(draft.gaps),
        problems=tuple(draft.problems),
        references=draft.references,
    )


def _run(draft: Draft, given: Mapping[str, Resource], *, late: bool) -> None:
    for type, write_out in EXPANDERS:
        for resource in given.values():
            if resource.type != type or (type in _LATE) is not late:
                continue
            try:
                write_out(draft, resource)
            except RecursionError:
                draft.problem(whole(resource), f"{resource.address} is nested too deep to be read")


def _settled(resource: Resource, references: Mapping[str, str]) -> Resource:
    if not references:
        return resource
    properties = settle(resource.properties, references)
    return replace(resource, properties=properties if isinstance(properties, Mapping) else EMPTY)
