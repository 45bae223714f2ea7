"""Load balancers: the target groups whose target is a function. All others have nothing to do with events."""

from __future__ import annotations

from collections.abc import Iterator

from untangle.scanners.account.inventory.place import Found, Place, Reader, picked, untold


def read(place: Place) -> Iterator[Found]:
    """Every target group of type lambda; who is in it, only its health tells."""
    listed = place.ask("elbv2", "DescribeTargetGroups").items("TargetGroups")
    groups = sorted((item for item in listed if item.get("TargetType") == "lambda"), key=lambda item: str(item["TargetGroupArn"]))
    asked = [{"TargetGroupArn": group["TargetGroupArn"]} for group in groups]
    for group, answer in zip(groups, place.each("elbv2", "DescribeTargetHealth", asked), strict=True):
        targets = [picked(item.get("Target") or {}, "Id") for item in answer.items("TargetHealthDescriptions")]
        name, arn = str(group.get("TargetGroupName")), str(group["TargetGroupArn"])
        properties = {"Name": name, "TargetType": "lambda", "Targets": targets or None}
        yield place.resource("AWS::ElasticLoadBalancingV2::TargetGroup", f"target-group:{name}", properties, arn=arn, ref=arn)
        yield from untold(answer, f"target of target group {name}")


READER = Reader(title="load balancers' target groups", read=read)
