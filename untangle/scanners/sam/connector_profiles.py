"""What a connector between two resource types means: who is granted which actions on what.

`grant` puts statements into a managed policy of the source's (or, `holder="destination"`, the destination's) role; `queue`
and `topic` make the destination's resource policy; `invoke` makes a permission on the destination function. The facts are
those of the SAM specification ("AWS SAM connector reference: supported source and destination resource types").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from untangle.scanners.sam.policy_templates import Line

FUNCTION = "AWS::Lambda::Function"
MACHINE = "AWS::StepFunctions::StateMachine"
TABLE = "AWS::DynamoDB::Table"
QUEUE = "AWS::SQS::Queue"
TOPIC = "AWS::SNS::Topic"
BUCKET = "AWS::S3::Bucket"
BUS = "AWS::Events::EventBus"
RULE = "AWS::Events::Rule"
SOURCE = "AWS::AppSync::DataSource"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One pair of types. `read` and `write` are the statements of the two permissions; `service` is the principal of a
    resource policy or permission."""

    kind: str
    service: str = ""
    holder: str = "source"
    read: tuple[Line, ...] = field(default=())
    write: tuple[Line, ...] = field(default=())


_HERE = "{Destination.Arn}"
_INVOKE: tuple[Line, ...] = (("lambda: InvokeAsync InvokeFunction", _HERE),)
_PUT_EVENTS: tuple[Line, ...] = (("events: PutEvents", _HERE),)
_PUBLISH: tuple[Line, ...] = (("sns: Publish", _HERE),)
_EXECUTIONS = "states/execution:{Destination.Name}:*"
_SYNC_RULE = "events/rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"

_TABLE = Profile(
    kind="grant",
    read=(("dynamodb: GetItem Query Scan BatchGetItem ConditionCheckItem PartiQLSelect", f"{_HERE} {_HERE}/index/*"),),
    write=(
        (
            "dynamodb: PutItem UpdateItem DeleteItem BatchWriteItem PartiQLDelete PartiQLInsert PartiQLUpdate",
            f"{_HERE} {_HERE}/index/*",
        ),
    ),
)
_BUCKET = Profile(
    kind="grant",
    read=(
        (
            "s3: GetObject GetObjectAcl GetObjectLegalHold GetObjectRetention GetObjectTorrent GetObjectVersion "
            "GetObjectVersionAcl GetObjectVersionForReplication GetObjectVersionTorrent ListBucket "
            "ListBucketMultipartUploads ListBucketVersions ListMultipartUploadParts",
            f"{_HERE} {_HERE}/*",
        ),
    ),
    write=(
        (
            "s3: AbortMultipartUpload DeleteObject DeleteObjectVersion PutObject PutObjectLegalHold PutObjectRetention "
            "RestoreObject",
            f"{_HERE} {_HERE}/*",
        ),
    ),
)

PROFILES: Mapping[tuple[str, str], Profile] = {
    (FUNCTION, FUNCTION): Profile(kind="grant", write=_INVOKE),
    (FUNCTION, BUCKET): _BUCKET,
    (FUNCTION, TABLE): _TABLE,
    (FUNCTION, TOPIC): Profile(kind="grant", write=_PUBLISH),
    (FUNCTION, BUS): Profile(kind="grant", write=_PUT_EVENTS),
    (FUNCTION, QUEUE): Profile(
        kind="grant",
        read=(("sqs: ReceiveMessage GetQueueAttributes", _HERE),),
        write=(("sqs: DeleteMessage SendMessage ChangeMessageVisibility PurgeQueue", _HERE),),
    ),
    (FUNCTION, MACHINE): Profile(
        kind="grant",
        read=(
            ("states: DescribeStateMachine ListExecutions", _HERE),
            ("states: DescribeExecution DescribeStateMachineForExecution GetExecutionHistory", _EXECUTIONS),
        ),
        write=(("states: StartExecution StartSyncExecution", _HERE), ("states: StopExecution", _EXECUTIONS)),
    ),
    (FUNCTION, "AWS::Location::PlaceIndex"): Profile(
        kind="grant",
        read=(
            (
                "geo: DescribePlaceIndex GetPlace SearchPlaceIndexForPosition SearchPlaceIndexForSuggestions "
                "SearchPlaceIndexForText",
                _HERE,
            ),
        ),
    ),
    (MACHINE, FUNCTION): Profile(kind="grant", write=_INVOKE),
    (MACHINE, TOPIC): Profile(kind="grant", write=_PUBLISH),
    (MACHINE, QUEUE): Profile(kind="grant", write=(("sqs: SendMessage", _HERE),)),
    (MACHINE, BUCKET): _BUCKET,
    (MACHINE, TABLE): _TABLE,
    (MACHINE, BUS): Profile(kind="grant", write=_PUT_EVENTS),
    (MACHINE, MACHINE): Profile(
        kind="grant",
        read=(("states: DescribeExecution", _EXECUTIONS), ("events: DescribeRule", _SYNC_RULE)),
        write=(
            ("states: StartExecution", _HERE),
            ("states: StopExecution", _EXECUTIONS),
            ("events: PutTargets PutRule", _SYNC_RULE),
        ),
    ),
    (RULE, BUS): Profile(kind="grant", write=_PUT_EVENTS),
    (RULE, MACHINE): Profile(kind="grant", write=(("states: StartExecution", _HERE),)),
    (SOURCE, TABLE): _TABLE,
    (SOURCE, FUNCTION): Profile(kind="grant", write=(("lambda: InvokeAsync InvokeFunction", f"{_HERE} {_HERE}:*"),)),
    (SOURCE, BUS): Profile(kind="grant", write=_PUT_EVENTS),
    (TABLE, FUNCTION): Profile(
        kind="grant",
        holder="destination",
        read=(("dynamodb: DescribeStream GetRecords GetShardIterator ListStreams", "{Source.Arn}/stream/*"),),
    ),
    (QUEUE, FUNCTION): Profile(
        kind="grant",
        holder="destination",
        read=(("sqs: ReceiveMessage GetQueueAttributes", "{Source.Arn}"),),
        write=(("sqs: DeleteMessage", "{Source.Arn}"),),
    ),
    (RULE, TOPIC): Profile(kind="topic", service="events"),
    (RULE, QUEUE): Profile(kind="queue", service="events"),
    (RULE, FUNCTION): Profile(kind="invoke", service="events"),
    (TOPIC, QUEUE): Profile(kind="queue", service="sns"),
    (TOPIC, FUNCTION): Profile(kind="invoke", service="sns"),
    (BUCKET, FUNCTION): Profile(kind="invoke", service="s3"),
    ("AWS::ApiGateway::RestApi", FUNCTION): Profile(kind="invoke", service="apigateway"),
    ("AWS::ApiGatewayV2::Api", FUNCTION): Profile(kind="invoke", service="apigateway"),
    ("AWS::AppSync::GraphQLApi", FUNCTION): Profile(kind="invoke", service="appsync"),
}

# Types whose Ref is the ARN that CloudFormation gives elsewhere as the attribute Arn.
REF_IS_ARN = frozenset({TOPIC, MACHINE, SOURCE, "AWS::AppSync::GraphQLApi"})

# The property that holds the role of a type which assumes one; a rule's stands in its target.
ROLES: Mapping[str, str] = {FUNCTION: "Role", MACHINE: "RoleArn", SOURCE: "ServiceRoleArn"}
