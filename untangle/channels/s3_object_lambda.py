"""S3 Object Lambda: a function that changes an object while it is read. Synchronous, from outside.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/transforming-objects.html
"""

from __future__ import annotations

from collections.abc import Iterator

from untangle.channels.channel import Channel, Found, World
from untangle.channels.known import each, inner
from untangle.channels.routing import triggers


def _links(world: World) -> Iterator[Found]:
    for point in world.of_type("AWS::S3ObjectLambda::AccessPoint"):
        route = ("ObjectLambdaConfiguration", "TransformationConfigurations")
        for index, item, _ in each(point.get(*route)):
            value = inner(item, "ContentTransformation", "AwsLambda", "FunctionArn")
            yield from triggers(world, "s3_object_lambda", point, value, *route, index, note=f"access point {point.address}")


CHANNEL = Channel(type="s3_object_lambda", title="S3 Object Lambda", links=_links)
