"""S3: the notification records a function, queue or topic gets, and the event S3 sends to EventBridge.

Shape: S3 user guide, "Event message structure" and "EventBridge event message structure". In notifications the key is
URL-encoded (spaces as "+"), in EventBridge events it is not. User identity, request ids and sequencers of the
original request are not part of an effect and are synthetic.
"""

from __future__ import annotations

from collections.abc import Mapping

from untangle.channels.envelope.form import ACCOUNT, REGION, Form, Names, Written, fill, literal
from untangle.channels.envelope.pattern import affix, compile_pattern
from untangle.model.step import Stop
from untangle.model.value import Value

_OPERATIONS = {
    "PutObject": "ObjectCreated:Put",
    "CopyObject": "ObjectCreated:Copy",
    "CompleteMultipartUpload": "ObjectCreated:CompleteMultipartUpload",
    "DeleteObject": "ObjectRemoved:Delete",
}


def _effect(stop: Stop, after: Stop | None, names: Names) -> str:
    return fill("""
{
  'bucket': $p.Bucket,
  'key': $p.Key,
  'size': $e.size,
  'etag': $replace($r.ETag ? $r.ETag : $r.CopyObjectResult.ETag, '"', ''),
  'version': $r.VersionId,
  'name': $lookup({
    'PutObject': 'ObjectCreated:Put',
    'CopyObject': 'ObjectCreated:Copy',
    'CompleteMultipartUpload': 'ObjectCreated:CompleteMultipartUpload',
    'DeleteObject': $r.DeleteMarker = true ? 'ObjectRemoved:DeleteMarkerCreated' : 'ObjectRemoved:Delete'
  }, $e.op),
  'seed': $uppercase($hash($states.context.Execution.Id & '|' & $e.id, 'MD5'))
}""")


def _deliver(stop: Stop, names: Names) -> str:
    return fill(
        """
{'Records': [{
  'eventVersion': '2.1',
  'eventSource': 'aws:s3',
  'awsRegion': <<region>>,
  'eventTime': $e.at,
  'eventName': $s3.name,
  'userIdentity': {'principalId': 'AWS:untangle'},
  'requestParameters': {'sourceIPAddress': '127.0.0.1'},
  'responseElements': {'x-amz-request-id': $substring($s3.seed, 0, 16), 'x-amz-id-2': 'untangle'},
  's3': {
    's3SchemaVersion': '1.0',
    'configurationId': 'untangle',
    'bucket': {'name': $s3.bucket, 'ownerIdentity': {'principalId': 'untangle'}, 'arn': 'arn:aws:s3:::' & $s3.bucket},
    'object': {
      'key': <<key>>,
      'size': $s3.size,
      'eTag': $s3.etag,
      'versionId': $s3.version,
      'sequencer': $substring($s3.seed, 0, 18)
    }
  }
}]}""",
        region=REGION,
        key=_encoded("$s3.key"),
    )


def _encoded(key: str) -> str:
    """A key as notifications write it: like the fields of a form, but for its slashes."""
    text = f"$replace($replace($encodeUrlComponent({key}), '%20', '+'), '%2F', '/')"
    for mark, code in (("!", "%21"), ("(", "%28"), (")", "%29"), ("~", "%7E"), ("\\u0027", "%27")):  # JSONata leaves these
        text = f"$replace({text}, '{mark}', '{code}')"
    return text


def _event(names: Names) -> str:
    """The event on the bus; `reason` is the API operation, `deletion-type` stands on deletions only."""
    return fill(
        """
{
  'version': '0',
  'id': $s3.seed,
  'detail-type': $e.op = 'DeleteObject' ? 'Object Deleted' : 'Object Created',
  'source': 'aws.s3',
  'account': <<account>>,
  'time': $fromMillis($toMillis($e.at), '[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01]Z'),
  'region': <<region>>,
  'resources': ['arn:aws:s3:::' & $s3.bucket],
  'detail': $merge([
    {
      'version': '0',
      'bucket': {'name': $s3.bucket},
      'object': {
        'key': $s3.key, 'size': $s3.size, 'etag': $s3.etag, 'version-id': $s3.version, 'sequencer': $substring($s3.seed, 0, 18)
      },
      'request-id': $substring($s3.seed, 0, 16),
      'requester': <<account>>,
      'source-ip-address': '127.0.0.1',
      'reason': $e.op
    },
    $e.op = 'DeleteObject'
      ? {'deletion-type': $r.DeleteMarker = true ? 'Delete Marker Created' : 'Permanently Deleted'} : {}
  ])
}""",
        account=ACCOUNT,
        region=REGION,
    )


def _hand(stop: Stop, after: Stop, names: Names) -> str:
    if after.type == "eventbridge":
        return fill("{'value': <<event>>}", event=_event(names))
    return fill("{'id': $s3.seed, 'text': $string(<<event>>)}", event=_deliver(stop, names))


def _test(stop: Stop, names: Names) -> str | None:
    """Event names (`s3:ObjectCreated:*`) and the name filter's prefix and suffix."""
    filter = stop.filter
    if not isinstance(filter, Mapping):
        return None
    tests = [
        _events(filter.get("events", stop.delivery.get("events"))),
        affix("$s3.key", filter.get("prefix"), filter.get("suffix")),
    ]
    pattern = filter.get("pattern")
    if isinstance(pattern, Mapping):
        tests.append(compile_pattern(pattern, "$s3"))
    return " and ".join(test for test in tests if test) or None


def _events(wanted: Value) -> str | None:
    """The operations that the notification's event types include; None where all that can be captured are."""
    types = [str(item).removeprefix("s3:") for item in wanted] if isinstance(wanted, tuple | list) else []
    if not types:
        return None
    listed = [op for op, name in _OPERATIONS.items() if any(_covers(type, name) for type in types)]
    if len(listed) == len(_OPERATIONS):
        return None
    return f"$e.op in {literal(tuple(listed))}" if listed else "false"


def _covers(type: str, name: str) -> bool:
    return name.startswith(type[:-1]) if type.endswith("*") else name == type


def _enter(source: str) -> str:
    """The notification from the event that the bucket sends to EventBridge (S3 user guide, "EventBridge event message structure"
    and "Event message structure"). The event has no configuration id, no host id, no owner, and only the account of who did it.
    """
    return fill(
        """
(
  $v := <<source>>;
  $d := $v.detail;
  $deleted := $d.`deletion-type` = 'Delete Marker Created' ? 'DeleteMarkerCreated' : 'Delete';
  {'Records': [{
    'eventVersion': '2.1',
    'eventSource': 'aws:s3',
    'awsRegion': $v.region,
    'eventTime': $replace($v.time, /Z$/, '.000Z'),
    'eventName': $v.`detail-type` = 'Object Deleted'
      ? ($d.reason = 'Lifecycle Expiration' ? 'LifecycleExpiration:' : 'ObjectRemoved:') & $deleted
      : 'ObjectCreated:' & $lookup({'PutObject': 'Put', 'POST Object': 'Post', 'CopyObject': 'Copy'}, $d.reason)
        & ($d.reason = 'CompleteMultipartUpload' ? $d.reason : ''),
    'userIdentity': {'principalId': 'AWS:' & $d.requester},
    'requestParameters': {'sourceIPAddress': $d.`source-ip-address`},
    'responseElements': {'x-amz-request-id': $d.`request-id`, 'x-amz-id-2': 'untangle'},
    's3': {
      's3SchemaVersion': '1.0',
      'configurationId': 'untangle',
      'bucket': {
        'name': $d.bucket.name,
        'ownerIdentity': {'principalId': 'untangle'},
        'arn': 'arn:aws:s3:::' & $d.bucket.name
      },
      'object': {
        'key': <<key>>,
        'size': $d.object.size,
        'eTag': $d.object.etag,
        'versionId': $d.object.`version-id`,
        'sequencer': $d.object.sequencer
      }
    }
  }]}
)""",
        source=source,
        key=_encoded("$d.object.key"),
    )


ENVELOPE = Form(
    type="s3",
    variable="$s3",
    written=Written(service="s3", operations=tuple(_OPERATIONS), by=(("Bucket", ""),)),
    effect=_effect,
    hand=_hand,
    deliver=_deliver,
    test=_test,
    enter=_enter,
)
