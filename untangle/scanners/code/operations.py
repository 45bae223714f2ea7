"""Which SDK operations can put something into a channel, as one table for every language.

Each line is an API operation by its botocore service and API name, with the parameter that names its target, the
parameter that holds the message, and, for batches, the list whose entries are recorded one by one. Reads are left out:
what is not listed is not a write. Normalised parameters that no API has, for what would else be buried:

- `BatchWriteItem` and `TransactWriteItems` become one call per entry with `TableName` and one of `PutRequest`,
  `DeleteRequest`, `Put`, `Update`, `Delete`; PartiQL statements get the `TableName` that the statement names.
- `DeleteObjects` becomes one call per literal key, with `Key`.
- a nested parameter that names a target is also given under its dotted name ("Target.Arn").
- `EFFECTS` are what an outside service does later on behalf of an operation (a job's notification topic, its output bucket).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from untangle.model.value import Symbol, Value, concat, parts_of


@dataclass(frozen=True, slots=True)
class Operation:
    """One API operation that writes.

    `target` is the parameter that names the channel, `payload` the one that holds the message. `entries` is the list
    parameter of a batch. `mediated` names the outside service that finishes the write.
    """

    service: str
    name: str
    target: str
    payload: str | None = None
    entries: str | None = None
    mediated: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a mediated operation ends in: the value at `path` of its parameters becomes `target` of `service:operation`.

    A `path` is dotted. An `s3://bucket/key` value is taken apart where the target is a bucket.
    """

    path: str
    service: str
    operation: str
    target: str


_WRITES = """
sqs SendMessage QueueUrl MessageBody
sqs SendMessageBatch QueueUrl MessageBody Entries
sns Publish TopicArn Message
sns PublishBatch TopicArn Message PublishBatchRequestEntries
events PutEvents EventBusName Detail Entries
events PutRule Name -
events PutTargets Arn Input Targets
kinesis PutRecord StreamName Data
kinesis PutRecords StreamName Data Records
firehose PutRecord DeliveryStreamName Record
firehose PutRecordBatch DeliveryStreamName Data Records
lambda Invoke FunctionName Payload
lambda InvokeAsync FunctionName InvokeArgs
lambda InvokeWithResponseStream FunctionName Payload
stepfunctions StartExecution stateMachineArn input
stepfunctions StartSyncExecution stateMachineArn input
stepfunctions SendTaskSuccess taskToken output
stepfunctions SendTaskFailure taskToken cause
dynamodb PutItem TableName Item
dynamodb UpdateItem TableName Key
dynamodb DeleteItem TableName Key
dynamodb BatchWriteItem TableName -
dynamodb TransactWriteItems TableName - TransactItems
dynamodb ExecuteStatement TableName -
dynamodb BatchExecuteStatement TableName - Statements
dynamodb ExecuteTransaction TableName - TransactStatements
s3 PutObject Bucket Body
s3 CopyObject Bucket -
s3 DeleteObject Bucket -
s3 DeleteObjects Bucket -
s3 CompleteMultipartUpload Bucket -
s3 PutObjectTagging Bucket -
s3 RestoreObject Bucket -
scheduler CreateSchedule Target.Arn Target.Input
scheduler UpdateSchedule Target.Arn Target.Input
scheduler DeleteSchedule Name -
iot-data Publish topic payload
logs PutLogEvents logGroupName message logEvents
"""

_MEDIATED = """
ecs RunTask taskDefinition ecs task
ecs StartTask taskDefinition ecs task
batch SubmitJob jobQueue batch job
glue StartJobRun JobName glue job
glue StartWorkflowRun Name glue workflow
glue StartCrawler Name glue crawler
codebuild StartBuild projectName build
emr AddJobFlowSteps JobFlowId emr step
emr-serverless StartJobRun applicationId emr-serverless job
codepipeline StartPipelineExecution name pipeline
sagemaker CreateTransformJob TransformJobName sagemaker job
sagemaker CreateTrainingJob TrainingJobName sagemaker job
sagemaker CreateProcessingJob ProcessingJobName sagemaker job
sagemaker-runtime InvokeEndpointAsync EndpointName sagemaker inference
bedrock-runtime StartAsyncInvoke modelId bedrock job
bedrock CreateModelInvocationJob modelId bedrock job
textract StartDocumentTextDetection JobTag textract job
textract StartDocumentAnalysis JobTag textract job
textract StartExpenseAnalysis JobTag textract job
textract StartLendingAnalysis JobTag textract job
rekognition StartLabelDetection JobTag rekognition job
rekognition StartFaceDetection JobTag rekognition job
rekognition StartFaceSearch JobTag rekognition job
rekognition StartPersonTracking JobTag rekognition job
rekognition StartCelebrityRecognition JobTag rekognition job
rekognition StartContentModeration JobTag rekognition job
rekognition StartTextDetection JobTag rekognition job
rekognition StartSegmentDetection JobTag rekognition job
transcribe StartTranscriptionJob TranscriptionJobName transcribe job
transcribe StartMedicalTranscriptionJob MedicalTranscriptionJobName transcribe job
polly StartSpeechSynthesisTask OutputS3BucketName polly task
athena StartQueryExecution WorkGroup athena query
mediaconvert CreateJob Queue mediaconvert job
elastictranscoder CreateJob PipelineId transcoder job
comprehend StartEntitiesDetectionJob JobName comprehend job
comprehend StartSentimentDetectionJob JobName comprehend job
comprehend StartKeyPhrasesDetectionJob JobName comprehend job
comprehend StartTopicsDetectionJob JobName comprehend job
comprehend StartPiiEntitiesDetectionJob JobName comprehend job
comprehend StartDocumentClassificationJob JobName comprehend job
translate StartTextTranslationJob JobName translate job
ssm SendCommand DocumentName ssm command
logs CreateExportTask destination logs export
dynamodb ExportTableToPointInTime S3Bucket dynamodb export
rds StartExportTask S3BucketName rds export
redshift-data ExecuteStatement Database redshift query
s3control CreateJob AccountId s3 batch job
"""

_TOPIC = ("sns", "Publish", "TopicArn")
_BUCKET = ("s3", "PutObject", "Bucket")
_EFFECTS: dict[str, tuple[tuple[str, tuple[str, str, str]], ...]] = {
    "textract": (("NotificationChannel.SNSTopicArn", _TOPIC), ("OutputConfig.S3Bucket", _BUCKET)),
    "rekognition": (("NotificationChannel.SNSTopicArn", _TOPIC),),
    "transcribe": (("OutputBucketName", _BUCKET),),
    "polly": (("OutputS3BucketName", _BUCKET), ("SnsTopicArn", _TOPIC)),
    "athena": (("ResultConfiguration.OutputLocation", _BUCKET),),
    "comprehend": (("OutputDataConfig.S3Uri", _BUCKET),),
    "translate": (("OutputDataConfig.S3Uri", _BUCKET),),
    "ssm": (("NotificationConfig.NotificationArn", _TOPIC), ("OutputS3BucketName", _BUCKET)),
    "logs": (("destination", _BUCKET),),
    "dynamodb": (("S3Bucket", _BUCKET),),
    "rds": (("S3BucketName", _BUCKET),),
    "mediaconvert": (("Settings.OutputGroups.0.OutputGroupSettings.FileGroupSettings.Destination", _BUCKET),),
    "bedrock-runtime": (("outputDataConfig.s3OutputDataConfig.s3Uri", _BUCKET),),
    "bedrock": (("outputDataConfig.s3OutputDataConfig.s3Uri", _BUCKET),),
    "sagemaker": (("TransformOutput.S3OutputPath", _BUCKET), ("OutputDataConfig.S3OutputPath", _BUCKET)),
}


# The part of a job's output key that the service itself chooses.
OWN_PART = Symbol("what the job calls it")
# https://docs.aws.amazon.com/polly/latest/dg/asynchronous.html
_SPEECH = {"mp3": ".mp3", "ogg_vorbis": ".ogg", "pcm": ".pcm", "json": ".marks"}


def _read() -> dict[tuple[str, str], Operation]:
    table: dict[tuple[str, str], Operation] = {}
    for line in _WRITES.strip().splitlines():
        service, name, target, payload, *entries = line.split()
        table[service, name] = Operation(
            service, name, target, None if payload == "-" else payload, entries[0] if entries else None
        )
    for line in _MEDIATED.strip().splitlines():
        service, name, target, mediated = line.split(maxsplit=3)
        table[service, name] = Operation(service, name, target, mediated=mediated)
    return table


OPERATIONS = _read()
# Names under which SDKs know a service, where they differ from botocore's.
SERVICE_ALIASES = {
    "sfn": "stepfunctions",
    "states": "stepfunctions",
    "eventbridge": "events",
    "cloudwatchevents": "events",
    "iotdata": "iot-data",
}
# The parameters that name the same target in another way.
ALSO_TARGETS = {
    ("sns", "Publish"): ("TargetArn", "PhoneNumber"),
    ("kinesis", "PutRecord"): ("StreamARN",),
    ("kinesis", "PutRecords"): ("StreamARN",),
    ("logs", "PutLogEvents"): ("logGroupIdentifier",),
}


def operation(service: str, name: str) -> Operation | None:
    """The table's entry for an API operation; None where it writes to no channel."""
    return OPERATIONS.get((SERVICE_ALIASES.get(service, service), name))


def effects(found: Operation) -> tuple[Effect, ...]:
    """What the outside service of a mediated operation writes to."""
    if found.mediated is None:
        return ()
    return tuple(Effect(path, *ends) for path, ends in _EFFECTS.get(found.service, ()))


def written_key(found: Operation, arguments: Mapping[str, Value], place: Value = None) -> Value:
    """The key of what a job leaves in its bucket, below `place`, as far as the request tells.

    Transcribe writes JSON under the job's name, or under the whole OutputKey that it is given; Polly writes what its
    OutputFormat says. https://docs.aws.amazon.com/transcribe/latest/APIReference/API_StartTranscriptionJob.html
    """
    if found.service == "transcribe":
        key = arguments.get("OutputKey")
        tail = parts_of(key)[-1]
        if key is not None and not (isinstance(tail, str) and tail.endswith("/")) and "Subtitles" not in arguments:
            return key
        return concat([key or "", OWN_PART, *([] if "Subtitles" in arguments else [".json"])])
    if found.service == "polly":
        ending = _SPEECH.get(str(arguments.get("OutputFormat")))
        return concat([arguments.get("OutputS3KeyPrefix") or "", OWN_PART, *([ending] if ending else [])])
    return concat([place or "", OWN_PART])
