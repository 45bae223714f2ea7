"""Textract and Rekognition Video: a notification to the topic of the call's `NotificationChannel`, for jobs that failed too.

Textract guide, "Amazon Textract Results Notification"
(https://docs.aws.amazon.com/textract/latest/dg/async-notification-payload.html); Rekognition guide, "Reference: Video analysis
results notification" (https://docs.aws.amazon.com/rekognition/latest/dg/video-notification-payload.html). The table there and the
example do not agree on `API` and `Message`, and both services tell the time of the end, which is known only to the interval of
asking: who reads these fields needs the real notification.
"""

from __future__ import annotations

from untangle.channels.envelope.form import Names, fill
from untangle.channels.envelope.job.form import NOW, JobForm, Notice
from untangle.model.step import Stop

# Operations whose first page of results fits into a state: of the others one entry alone may be larger than 256 KiB.
_TEXTRACT = {"StartDocumentAnalysis": "getDocumentAnalysis", "StartDocumentTextDetection": "getDocumentTextDetection"}
_REKOGNITION = (
    "CelebrityRecognition", "ContentModeration", "FaceDetection", "FaceSearch", "LabelDetection", "PersonTracking",
    "SegmentDetection", "TextDetection",
)  # fmt: skip
_PARTIAL = ("a job that ends as PARTIAL_SUCCESS is told of with that state: which one its notification names is not documented",)


def _effect(media: str, source: str, api: str) -> str:
    """The publication of a service; `media` is what the message calls the object and `source` the parameter that names it."""
    return fill(
        """
{
  'id': $e.id & '#end',
  'service': 'sns',
  'op': 'Publish',
  'params': {
    'TopicArn': $e.params.NotificationChannel.SNSTopicArn,
    'Message': $string($merge([
      {'JobId': $e.response.JobId, 'Status': $a.JobStatus, 'API': '<<api>>'},
      $exists($e.params.JobTag) ? {'JobTag': $e.params.JobTag} : {},
      {
        'Timestamp': $toMillis(<<now>>),
        '<<media>>': {'S3ObjectName': <<source>>.S3Object.Name, 'S3Bucket': <<source>>.S3Object.Bucket}
      }
    ]))
  },
  'response': {'MessageId': $e.response.JobId & '#end'},
  'at': <<now>>
}""",
        media=media,
        source=source,
        api=api,
        now=NOW,
    )


def _job(service: str, operation: str, asks: str, notice: Notice, page: str) -> JobForm:
    return JobForm(
        service=service,
        operation=operation,
        asks=f"{service}:{asks}",
        arguments={"JobId": "$e.response.JobId", "MaxResults": 1},
        answer="{'JobStatus': $states.result.JobStatus}",
        state="$a.JobStatus",
        ended=notice.told,
        notices=(notice,),
        page=page,
    )


def _textract(operation: str) -> Notice:
    def effect(stop: Stop, names: Names) -> str:
        return _effect("DocumentLocation", "$e.params.DocumentLocation", operation)

    told = ("SUCCEEDED", "FAILED", "PARTIAL_SUCCESS")
    return Notice(type="sns", told=told, effect=effect, lost=("Timestamp",), differs=_PARTIAL)


def _rekognition(operation: str) -> Notice:
    def effect(stop: Stop, names: Names) -> str:
        return _effect("Video", "$e.params.Video", operation)

    lost = ("Timestamp", "API", "Message")
    return Notice(type="sns", told=("SUCCEEDED", "FAILED"), effect=effect, lost=lost)


_TEXTRACT_PAGE = "https://docs.aws.amazon.com/textract/latest/dg/async-notification-payload.html"
_REKOGNITION_PAGE = "https://docs.aws.amazon.com/rekognition/latest/dg/video-notification-payload.html"
JOBS: tuple[JobForm, ...] = (
    *(_job("textract", start, asks, _textract(start), _TEXTRACT_PAGE) for start, asks in _TEXTRACT.items()),
    *(
        _job("rekognition", f"Start{kind}", f"get{kind}", _rekognition(f"Start{kind}"), _REKOGNITION_PAGE)
        for kind in _REKOGNITION
    ),
)
