"""SAM's transform as tables: AWS::Serverless::* resources written out in CloudFormation's vocabulary.

The CloudFormation reader evaluates a template and hands one stack's resources over; `expand` is a pure function of
them. It generates what untangle reads (functions, mappings, rules, grants, …) under the logical ids that the real
transform gives them, each pointing at the lines it was written in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from untangle.model.resource import Resource, Route, Stack
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
_BY_TYPE = dict(EXPANDERS)
_LATE = frozenset({"AWS::Serverless::Connector"})
_TOO_DEEP = "{} is nested too deep to be read"


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
    section = Globals(values=globals_, lines=globals_lines, path=stack.path)
    draft = Draft(stack=stack)
    for resource in resources:
        draft.given[resource.address] = _inheriting(draft, section, resource)
    for resource in draft.given.values():
        if resource.type not in _BY_TYPE:
            draft.made[resource.id] = resource
    for type, write_out in EXPANDERS:
        if type in _LATE:
            _write_implicit_apis(draft, section)
        _write_all(draft, [resource for resource in draft.given.values() if resource.type == type], write_out)
    _write_all(draft, [resource for resource in draft.given.values() if "Connectors" in resource.metadata], embedded)
    return Expanded(
        resources=tuple(_settled(resource, draft.references) for _, resource in sorted(draft.made.items())),
        gaps=tuple(draft.gaps),
        problems=tuple(draft.problems),
        references=draft.references,
    )


def _inheriting(draft: Draft, section: Globals, resource: Resource) -> Resource:
    try:
        return section.inherit(resource)
    except RecursionError:
        draft.problem(whole(resource), _TOO_DEEP.format(resource.address))
        return resource


def _write_implicit_apis(draft: Draft, section: Globals) -> None:
    """The APIs that events need and nobody writes: at the first such event, with what Globals say of APIs."""
    for address, type in implicit_apis(draft):
        at = draft.implicit[address].location
        api = Resource(id=draft.id(address), type=type, stack=draft.stack.id, address=address, location=at, origin="sam event")
        _write_all(draft, [_inheriting(draft, section, api)], _BY_TYPE[type])


def _write_all(draft: Draft, resources: Iterable[Resource], write_out: Callable[[Draft, Resource], None]) -> None:
    for resource in resources:
        try:
            write_out(draft, resource)
        except RecursionError:
            draft.problem(whole(resource), _TOO_DEEP.format(resource.address))


def _settled(resource: Resource, references: Mapping[str, str]) -> Resource:
    if not references:
        return resource
    try:
        properties = settle(resource.properties, references)
    except RecursionError:
        return resource
    return replace(resource, properties=properties if isinstance(properties, Mapping) else {})
