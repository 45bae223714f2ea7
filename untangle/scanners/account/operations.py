"""The read operations that may be asked of AWS, and the fields of their answers that are kept: nothing else of either.

One line says what one operation gives: `Functions{FunctionName Environment{Variables=names}}`. A field that is not named is
dropped before anybody sees it. A name alone keeps text, numbers and lists of them; `*` stands for every key of a map; `=kind`
says how more is kept (`scrub.KINDS`). `unseen` says which kinds of hops stay unseen where the operation is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

Fields: TypeAlias = str | Mapping[str, "Fields"]  # a kind ("" for a plain value), or fields by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One read operation: what is kept of its answer, the IAM actions it needs, and what is unseen without it.

    `group` is "core", or the option that turns it on. `named` says that its answer names resources of the account that
    environment variables may name too. `alone` says that one resource's own policy may refuse it, whatever is allowed on others.
    """

    service: str
    name: str
    fields: Mapping[str, Fields] = field(compare=False)
    unseen: tuple[str, ...]
    actions: tuple[str, ...]
    group: str = "core"
    named: bool = False
    alone: bool = False


_TOKEN = re.compile(r"\s*([\w*]+)(?:=(\w+)|(\{))?|\s*(\})")


def parse_fields(text: str) -> Mapping[str, Fields]:
    """Reads `A B=kind C{D E}`; raises ValueError where the text is not of this form."""
    stack: list[dict[str, Fields]] = [{}]
    position = 0
    while position < len(text.rstrip()):
        token = _TOKEN.match(text, position)
        if token is None or (token[4] and len(stack) == 1):
            raise ValueError(f"no list of fields: {text[position:]!r}")
        position = token.end()
        if token[4]:
            stack.pop()
        elif token[3]:
            inner: dict[str, Fields] = {}
            stack[-1][token[1]] = inner
            stack.append(inner)
        else:
            stack[-1][token[1]] = token[2] or ""
    if len(stack) != 1:
        raise ValueError(f"a brace is not closed: {text!r}")
    return MappingProxyType(stack[0])


_PREFIX = {  # the service part of IAM actions, where it differs from botocore's name
    "stepfunctions": "states",
    "elbv2": "elasticloadbalancing",
    "apigatewayv2": "apigateway",
    "dynamodbstreams": "dynamodb",
    "sesv2": "ses",
    "s3control": "s3",
    "resourcegroupstaggingapi": "tag",
}
_ACTION = {  # actions that are not called as their operation is (the service authorization reference)
    ("s3", "ListBuckets"): ("s3:ListAllMyBuckets",),
    ("s3", "GetBucketNotificationConfiguration"): ("s3:GetBucketNotification",),
    ("sts", "GetCallerIdentity"): (),  # needs no permission
}


def _read(service: str, unseen: str, group: str = "core", **operations: str) -> Iterator[Operation]:
    """The operations of a service that leave the same hops unseen: `Name="fields"`."""
    for name, text in operations.items():
        action = f"{_PREFIX.get(service, service)}:{'GET' if service.startswith('apigateway') else name}"
        yield Operation(
            service=service,
            name=name,
            fields=parse_fields(text),
            unseen=tuple(unseen.split()),
            actions=_ACTION.get((service, name), (action,)),
            group=group,
            named="=id" in text,
            alone=service == "s3" and name != "ListBuckets",
        )


_DLQ = "DeadLetterConfig{Arn} RetryPolicy{MaximumRetryAttempts MaximumEventAgeInSeconds}"
_MAPPING = (
    "EventSourceMappings{UUID EventSourceArn FunctionArn State BatchSize MaximumBatchingWindowInSeconds ParallelizationFactor "
    "StartingPosition FilterCriteria=tree DestinationConfig=tree Topics Queues MaximumRecordAgeInSeconds MaximumRetryAttempts "
    "BisectBatchOnFunctionError TumblingWindowInSeconds FunctionResponseTypes ScalingConfig{MaximumConcurrency} "
    "SelfManagedEventSource{Endpoints{*}} AmazonManagedKafkaEventSourceConfig{ConsumerGroupId} "
    "DocumentDBEventSourceConfig{DatabaseName CollectionName FullDocument}}"
)
_FUNCTION = (
    "Functions{FunctionName=id FunctionArn Runtime Role Handler Timeout MemorySize CodeSha256 CodeSize Version PackageType State "
    "Architectures DeadLetterConfig{TargetArn} Environment{Variables=names} TracingConfig{Mode} Layers{Arn} "
    "LoggingConfig{LogGroup} VpcConfig{VpcId} FileSystemConfigs{Arn}}"
)
_TARGET = (
    "Targets{Id Arn RoleArn Input=shape InputPath InputTransformer{InputPathsMap=tree InputTemplate=template} "
    "KinesisParameters{PartitionKeyPath} SqsParameters{MessageGroupId} EcsParameters{TaskDefinitionArn TaskCount LaunchType} "
    f"{_DLQ}}}"
)
_TARGET_OF_PIPE = (
    "TargetParameters{InputTemplate=template LambdaFunctionParameters{InvocationType} "
    "StepFunctionStateMachineParameters{InvocationType} EventBridgeEventBusParameters{DetailType=tree Source=tree Resources} "
    "SqsQueueParameters{MessageGroupId=tree MessageDeduplicationId=tree} KinesisStreamParameters{PartitionKey=tree} "
    "EcsTaskParameters{TaskDefinitionArn}}"
)
_TARGET_OF_SCHEDULE = (
    "Target{Arn RoleArn Input=shape EventBridgeParameters{DetailType Source} SqsParameters{MessageGroupId} "
    f"KinesisParameters{{PartitionKey}} EcsParameters{{TaskDefinitionArn TaskCount LaunchType}} {_DLQ}}}"
)
_INVOKE_CONFIGS = (
    "FunctionEventInvokeConfigs{FunctionArn MaximumRetryAttempts MaximumEventAgeInSeconds "
    "DestinationConfig{OnSuccess{Destination} OnFailure{Destination}}}"
)
_QUEUE = (
    "Attributes{QueueArn Policy=json RedrivePolicy=json RedriveAllowPolicy=json VisibilityTimeout DelaySeconds "
    "MessageRetentionPeriod ReceiveMessageWaitTimeSeconds FifoQueue "
    "ContentBasedDeduplication DeduplicationScope FifoThroughputLimit "
    "KmsMasterKeyId}"
)
_SUBSCRIPTION = (
    "Attributes{SubscriptionArn TopicArn Protocol Endpoint=endpoint FilterPolicy=json FilterPolicyScope RawMessageDelivery "
    "RedrivePolicy=json DeliveryPolicy=json SubscriptionRoleArn PendingConfirmation}"
)
_STREAM_OF_TABLE = "StreamSpecification{StreamEnabled StreamViewType} LatestStreamArn LatestStreamLabel"
_DELIVERY = (
    "DeliveryStreamDescription{DeliveryStreamName DeliveryStreamARN DeliveryStreamType "
    "Source{KinesisStreamSourceDescription{KinesisStreamARN RoleARN}} "
    "Destinations{DestinationId ExtendedS3DestinationDescription{BucketARN RoleARN Prefix ProcessingConfiguration=tree}}}"
)
_IOT_ACTIONS = (
    "{lambda=tree sqs=tree sns=tree kinesis=tree firehose=tree s3=tree dynamoDB=tree dynamoDBv2=tree stepFunctions=tree "
    "republish{roleArn topic qos}}"
)
_RECEIPT = (
    "Metadata{Name} Rules{Name Enabled Actions{LambdaAction{FunctionArn InvocationType TopicArn} SNSAction{TopicArn} "
    "S3Action{BucketName ObjectKeyPrefix TopicArn} BounceAction{TopicArn} StopAction{TopicArn Scope}}}"
)
_EVENT_DESTINATIONS = (
    "EventDestinations{Name Enabled MatchingEventTypes SnsDestination{TopicArn} EventBridgeDestination{EventBusArn} "
    "KinesisFirehoseDestination{DeliveryStreamArn IamRoleArn}}"
)
_METHOD = (
    "{httpMethod authorizerId "
    "methodIntegration{type httpMethod uri=endpoint credentials requestTemplates=tree requestParameters=tree}}"
)
_ROLE = (
    "RoleDetailList{RoleName Arn Path AssumeRolePolicyDocument=json RolePolicyList{PolicyName PolicyDocument=json} "
    "AttachedManagedPolicies{PolicyName PolicyArn} PermissionsBoundary{PermissionsBoundaryArn}} "
    "Policies{PolicyName Arn DefaultVersionId PolicyVersionList{VersionId IsDefaultVersion Document=json}}"
)
_ALARM = "{AlarmName AlarmArn ActionsEnabled AlarmActions OKActions InsufficientDataActions}"
_GRAPH = (
    "Services{ReferenceId Name Names Type AccountId Root SummaryStatistics{TotalCount} "
    "Edges{ReferenceId EdgeType SummaryStatistics{TotalCount} Aliases{Name Names Type}}}"
)
_STREAMS = "lambda_destination sqs kinesis dynamodb_stream msk mq documentdb"
_PRODUCERS = "producers"

# fmt: off
OPERATIONS: tuple[Operation, ...] = (
    *_read("sts", "everything", GetCallerIdentity="Account Arn"),
    *_read("ec2", "regions", DescribeRegions="Regions{RegionName OptInStatus}"),
    *_read("lambda", "functions", ListFunctions=_FUNCTION),
    *_read("lambda", _STREAMS, ListEventSourceMappings=_MAPPING),
    *_read("lambda", "triggers lambda_invoke s3 sns eventbridge iot logs ses cognito", GetPolicy="Policy=json"),
    *_read("lambda", "lambda_destination", ListFunctionEventInvokeConfigs=_INVOKE_CONFIGS),
    *_read("lambda", "aliases", ListAliases="Aliases{AliasArn Name FunctionVersion RoutingConfig{AdditionalVersionWeights{*}}}"),
    *_read("lambda", "function_url", ListFunctionUrlConfigs="FunctionUrlConfigs{FunctionArn AuthType InvokeMode}"),
    *_read("sns", "sns", ListTopics="Topics{TopicArn=id}",
           ListSubscriptions="Subscriptions{SubscriptionArn TopicArn Protocol Endpoint=endpoint Owner}",
           GetSubscriptionAttributes=_SUBSCRIPTION),
    *_read("sns", _PRODUCERS,
           GetTopicAttributes="Attributes{TopicArn Policy=json FifoTopic ContentBasedDeduplication DeliveryPolicy=json}"),
    *_read("sqs", "sqs sns", ListQueues="QueueUrls=id", GetQueueAttributes=_QUEUE),
    *_read("events", "eventbridge", ListEventBuses="EventBuses{Name=id Arn Policy=json}",
           ListRules="Rules{Name Arn EventPattern=json State ScheduleExpression RoleArn ManagedBy EventBusName}",
           ListTargetsByRule=_TARGET,
           ListArchives="Archives{ArchiveName EventSourceArn State RetentionDays}",
           ListApiDestinations="ApiDestinations{ApiDestinationArn Name ConnectionArn HttpMethod}",
           ListEndpoints="Endpoints{Name Arn State RoutingConfig=tree EventBuses{EventBusArn}}"),
    *_read("pipes", "pipe", ListPipes="Pipes{Name Arn Source Target Enrichment DesiredState CurrentState}",
           DescribePipe="Name Arn Source Target Enrichment RoleArn DesiredState CurrentState SourceParameters=tree "
                        f"{_TARGET_OF_PIPE} EnrichmentParameters{{InputTemplate=template}}"),
    *_read("scheduler", "scheduler", ListSchedules="Schedules{Arn Name GroupName State Target{Arn}}",
           GetSchedule=f"Arn Name GroupName State ScheduleExpression ScheduleExpressionTimezone {_TARGET_OF_SCHEDULE}"),
    *_read("dynamodb", "dynamodb_stream", ListTables="TableNames=id",
           DescribeTable=f"Table{{TableName TableArn KeySchema{{AttributeName KeyType}} {_STREAM_OF_TABLE}}}",
           DescribeKinesisStreamingDestination="TableName KinesisDataStreamDestinations{StreamArn DestinationStatus}"),
    *_read("dynamodb", _PRODUCERS, GetResourcePolicy="Policy=json"),
    *_read("dynamodbstreams", "dynamodb_stream", ListStreams="Streams{StreamArn TableName StreamLabel}"),
    *_read("kinesis", "kinesis", ListStreams="StreamNames=id StreamSummaries{StreamName StreamARN StreamModeDetails{StreamMode}}",
           ListStreamConsumers="Consumers{ConsumerName ConsumerARN ConsumerStatus}",
           DescribeStreamSummary="StreamDescriptionSummary{StreamName StreamARN OpenShardCount RetentionPeriodHours "
                                 "StreamModeDetails{StreamMode}}"),
    *_read("kinesis", _PRODUCERS, GetResourcePolicy="Policy=json"),
    *_read("firehose", "firehose", ListDeliveryStreams="DeliveryStreamNames=id", DescribeDeliveryStream=_DELIVERY),
    *_read("iot", "iot", ListTopicRules="rules{ruleName ruleArn topicPattern ruleDisabled}",
           GetTopicRule="ruleArn rule{ruleName sql awsIotSqlVersion ruleDisabled "
                        f"actions{_IOT_ACTIONS} errorAction{_IOT_ACTIONS}}}"),
    *_read("cognito-idp", "cognito", ListUserPools="UserPools{Id Name LambdaConfig=tree}",
           DescribeUserPool="UserPool{Id Name Arn LambdaConfig=tree}"),
    *_read("ses", "ses", DescribeActiveReceiptRuleSet=_RECEIPT),
    *_read("sesv2", "ses", ListConfigurationSets="ConfigurationSets", GetConfigurationSetEventDestinations=_EVENT_DESTINATIONS),
    *_read("stepfunctions", "step_functions", ListStateMachines="stateMachines{stateMachineArn name=id type}",
           DescribeStateMachine="stateMachineArn name status definition=json roleArn type",
           ListActivities="activities{activityArn name}"),
    *_read("apigateway", "apigateway", GetRestApis="items{id name endpointConfiguration{types}}",
           GetResources=f"items{{id parentId path resourceMethods{{*{_METHOD}}}}}",
           GetStages="item{stageName deploymentId variables=names}", GetAuthorizers="items{id name type authorizerUri=endpoint}"),
    *_read("apigatewayv2", "apigateway", GetApis="Items{ApiId Name ProtocolType}",
           GetIntegrations="Items{IntegrationId IntegrationType IntegrationSubtype IntegrationMethod IntegrationUri=endpoint "
                           "PayloadFormatVersion CredentialsArn RequestParameters=tree RequestTemplates=tree}",
           GetRoutes="Items{RouteId RouteKey Target AuthorizerId}", GetStages="Items{StageName StageVariables=names}",
           GetAuthorizers="Items{AuthorizerId AuthorizerType AuthorizerUri=endpoint Name}"),
    *_read("appsync", "appsync", ListGraphqlApis="graphqlApis{apiId name arn lambdaAuthorizerConfig{authorizerUri} "
                           "additionalAuthenticationProviders{authenticationType lambdaAuthorizerConfig{authorizerUri}}}",
           ListDataSources="dataSources{dataSourceArn name type serviceRoleArn lambdaConfig{lambdaFunctionArn} "
                           "dynamodbConfig{tableName awsRegion} eventBridgeConfig{eventBusArn}}"),
    *_read("elbv2", "alb", DescribeTargetGroups="TargetGroups{TargetGroupArn TargetGroupName TargetType LoadBalancerArns}",
           DescribeTargetHealth="TargetHealthDescriptions{Target{Id}}"),
    *_read("cloudwatch", "alarm", DescribeAlarms=f"MetricAlarms{_ALARM} CompositeAlarms{_ALARM}"),
    *_read("logs", "logs",
           DescribeSubscriptionFilters="subscriptionFilters{filterName logGroupName filterPattern destinationArn roleArn}",
           DescribeAccountPolicies="accountPolicies{policyName policyType policyDocument=json selectionCriteria scope}"),
    *_read("mq", "mq", ListBrokers="BrokerSummaries{BrokerArn BrokerId BrokerName EngineType}"),
    *_read("kafka", "msk", ListClustersV2="ClusterInfoList{ClusterArn ClusterName ClusterType}"),
    *_read("s3", "s3", ListBuckets="Buckets{Name=id BucketRegion}", GetBucketLocation="LocationConstraint",
           GetBucketNotificationConfiguration="TopicConfigurations=tree QueueConfigurations=tree "
                                              "LambdaFunctionConfigurations=tree EventBridgeConfiguration=tree"),
    *_read("s3", _PRODUCERS, GetBucketPolicy="Policy=json"),
    *_read("s3control", "s3_object_lambda",
           ListAccessPointsForObjectLambda="ObjectLambdaAccessPointList{Name ObjectLambdaAccessPointArn}",
           GetAccessPointConfigurationForObjectLambda="Configuration{SupportingAccessPoint TransformationConfigurations{Actions "
                                                      "ContentTransformation{AwsLambda{FunctionArn}}}}"),
    *_read("secretsmanager", "secretsmanager", ListSecrets="SecretList{ARN Name RotationEnabled RotationLambdaARN}"),
    *_read("config", "config_rule", DescribeConfigRules="ConfigRules{ConfigRuleName ConfigRuleArn ConfigRuleState "
                                                        "Source{Owner SourceIdentifier SourceDetails=tree}}"),
    *_read("iam", _PRODUCERS, GetAccountAuthorizationDetails=_ROLE),
    *_read("cloudformation", "stacks", ListStacks="StackSummaries{StackId StackName StackStatus ParentId RootId}",
           ListStackResources="StackResourceSummaries{LogicalResourceId PhysicalResourceId ResourceType}"),
    *_read("resourcegroupstaggingapi", "stacks", GetResources="ResourceTagMappingList{ResourceARN Tags=tags}"),
    *_read("lambda", "code", "code",
           GetFunction="Configuration{FunctionName FunctionArn CodeSha256} Code{RepositoryType ImageUri}"),
    *_read("xray", "traces", "traces", GetServiceGraph=_GRAPH),
    *_read("cloudwatch", "metrics", "metrics", GetMetricData="MetricDataResults{Id Label Timestamps Values StatusCode}"),
    *_read("organizations", "accounts", "organization", ListAccounts="Accounts{Id Status State}"),
)
# fmt: on

BY_NAME: Mapping[tuple[str, str], Operation] = MappingProxyType({(item.service, item.name): item for item in OPERATIONS})


def operation(service: str, name: str) -> Operation:
    """The entry of the list; raises ValueError where the operation may not be called."""
    try:
        return BY_NAME[service, name]
    except KeyError:
        raise ValueError(f"{service}:{name} is not on the list of operations that may be called") from None
