"""Handlers that the CDK puts into a template for its own purposes: none of the application's, and their code is not in its tree.

They are told by the construct's path that the CDK notes in the metadata, and by the logical id where it notes none: what is put
there once for all bears a hash of its own (the singletons are those of integration tests' assertions). Names that a user's
construct may have too are not enough.
https://github.com/aws/aws-cdk/blob/main/packages/@aws-cdk/custom-resource-handlers/README.md
"""

from __future__ import annotations

import re

from untangle.model.resource import Resource

_PATH = re.compile(
    r"""CustomResourceProvider
    |(?:^|/)(?:
      BucketNotificationsHandler050a0587b754
    | LogRetentionaae0aa3c5b4d4f87
    | AWS679f53fac002430cb0da5b7982bd2287
    | framework-(?:onEvent|isComplete|onTimeout)(?:/|$)
    | Custom::(?:CDKBucketDeployment|S3AutoDeleteObjects)
    | AWSCDKCfnUtilsProvider
    | @aws-cdk--aws-(?:eks\.(?:Kubectl|ClusterResource)|dynamodb\.Replica)Provider(?:/|$)
    )""",
    re.VERBOSE,
)
_ADDRESS = re.compile(
    r"""AWS679f53fac002430cb0da5b7982bd2287
    | BucketNotificationsHandler050a0587b754
    | LogRetentionaae0aa3c5b4d4f87
    | CustomS3AutoDeleteObjects
    | CustomCDKBucketDeployment
    | CustomResourceProviderHandler[0-9A-F]{8}
    | framework(?:onEvent|isComplete|onTimeout)[0-9A-F]{8}
    | SingletonFunction(?:1488541a7b23466481b69b4408076b81|76b3e830a873425f8453eddd85c86925|5c1898e096fb4e3e95d5f6c67f3ce41a)
    """,
    re.VERBOSE,
)


def is_internal(resource: Resource) -> bool:
    """Whether a function is one of the CDK's own."""
    path = resource.metadata.get("aws:cdk:path")
    return (isinstance(path, str) and _PATH.search(path) is not None) or _ADDRESS.search(resource.address) is not None
