"""The expansion raises on no property tree, whatever it holds."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from untangle.model.location import Location
from untangle.model.resource import Resource, Stack
from untangle.model.value import Concat, Either, Imported, Ref, Stored, Symbol, Value
from untangle.scanners.sam import EXPANDERS, expand
from untangle.scanners.sam.events import EVENTS
from untangle.scanners.sam.policy_templates import TEMPLATES

STACK = Stack(id="app", path="t.yaml", folder="", kind="sam")
ADDRESSES = ["Fn", "Bucket", "Pool", "Api", "Machine", "Q", "ServerlessRestApi", "Nobody"]
PROPERTIES = """
Events Type Properties Policies Role CodeUri AutoPublishAlias EventInvokeConfig DeadLetterQueue FunctionUrlConfig Auth Authorizers
Routes DefinitionBody paths OnFailure OnSuccess Destination Source Permissions Id Arn Statement Target DeadLetterConfig
Filter FunctionArn RestApiId ApiId Environment Variables Layers Tags Tracing Enabled SqsSubscription DestinationConfig
"""
NAMES = sorted({name for source in EVENTS for name in source.required} | set(PROPERTIES.split()))
WORDS = st.sampled_from(
    [source.type for source in EVENTS] + sorted(TEMPLATES)[:5] + ADDRESSES + ["", "SQS", "$default", "s3://b"]
)
REFERENCES = st.builds(
    Ref, st.sampled_from([f"app/{address}" for address in ADDRESSES] + ["app/Fn.Alias"]), st.sampled_from(["", "Arn", "X.Y"])
)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 3), WORDS, REFERENCES, st.builds(Symbol, WORDS, st.just("app")), st.floats(0, 1)
)


def inner(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    pairs = st.lists(values, max_size=3).map(tuple)
    return st.one_of(
        pairs,
        st.dictionaries(st.one_of(st.sampled_from(NAMES), WORDS), values, max_size=5),
        st.builds(Either, pairs, st.lists(st.sampled_from(["A", "not A", ""]), max_size=3).map(tuple)),
        st.builds(Concat, pairs),
        st.builds(Imported, values),
        st.builds(Stored, st.just("ssm"), values),
    )


TREES = st.recursive(LEAVES, inner, max_leaves=30)
MAPPINGS = st.dictionaries(st.sampled_from(NAMES), TREES, max_size=8)
TYPES = [type for type, _ in EXPANDERS] + ["AWS::S3::Bucket", "AWS::Cognito::UserPool", "AWS::Serverless::Application"]


@st.composite
def resources(draw: st.DrawFn) -> Resource:
    address = draw(st.sampled_from(ADDRESSES))
    events = draw(st.one_of(TREES, st.dictionaries(WORDS, _EVENTS, max_size=3)))
    return Resource(
        id=f"app/{address}",
        type=draw(st.sampled_from(TYPES)),
        stack="app",
        address=address,
        properties={**draw(MAPPINGS), "Events": events},
        location=draw(st.sampled_from([None, Location("t.yaml", 3)])),
        lines={("Events",): 4, ("Policies", 0): 5},
        condition=draw(st.sampled_from([None, "A"])),
        metadata={"Connectors": draw(TREES), "IgnoreGlobals": draw(TREES)},
    )


_EVENTS = st.fixed_dictionaries({"Type": WORDS, "Properties": st.one_of(MAPPINGS, TREES)})


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(resources(), max_size=4), st.dictionaries(st.sampled_from(["Function", "Api", "HttpApi"]), TREES, max_size=3))
def test_no_property_tree_raises(given_resources: list[Resource], globals_: dict[str, Value]) -> None:
    by_id = {item.id: item for item in given_resources}
    expanded = expand(tuple(by_id.values()), globals_, STACK, {("Function", "Timeout"): 2})
    ids = [item.id for item in expanded.resources]
    assert len(ids) == len(set(ids))
    assert all(problem.location.path == "t.yaml" for problem in expanded.problems)
    assert expand(tuple(by_id.values()), globals_, STACK, {("Function", "Timeout"): 2}) == expanded


def test_deep_nesting_is_a_problem_and_not_a_crash() -> None:
    deep: Value = "bottom"
    for _ in range(5000):
        deep = {"Events": deep, "Role": None}
    nested = Resource(id="app/Fn", type="AWS::Serverless::Function", stack="app", address="Fn", properties={"Tags": {"a": deep}})
    expanded = expand((nested,), {"Function": {"Tags": {"a": deep}}}, STACK, {})
    assert expanded.problems
    assert [item.address for item in expanded.resources]
