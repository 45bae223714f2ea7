"""S3 Object Lambda: access points at which a function changes what is read."""

from __future__ import annotations

from collections.abc import Iterator

from untangle.scanners.account.inventory.place import Found, Place, Reader, single, untold


def read(place: Place) -> Iterator[Found]:
    """Every access point of S3 Object Lambda with its functions."""
    listed = place.ask("s3control", "ListAccessPointsForObjectLambda", AccountId=place.account).items(
        "ObjectLambdaAccessPointList"
    )
    points = {str(item["Name"]): item.get("ObjectLambdaAccessPointArn") for item in listed}
    asked = [{"AccountId": place.account, "Name": name} for name in sorted(points)]
    answers = place.each("s3control", "GetAccessPointConfigurationForObjectLambda", asked)
    for name, answer in zip(sorted(points), answers, strict=True):
        properties = {"Name": name, "ObjectLambdaConfiguration": single(answer).get("Configuration") or None}
        arn = points[name]
        yield place.resource("AWS::S3ObjectLambda::AccessPoint", f"access-point:{name}", properties, arn=arn, ref=name)
        yield from untold(answer, f"functions of access point {name}")


READER = Reader(title="S3 Object Lambda access points", read=read)
