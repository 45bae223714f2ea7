"""EventBridge beside its rules: archives, API destinations and global endpoints. Nothing flows on from them by itself."""

from __future__ import annotations

from collections.abc import Iterator

from untangle.scanners.account.inventory.place import Found, Place, Reader, picked


def read(place: Place) -> Iterator[Found]:
    """Every archive (a replay puts its events back on the bus), API destination and endpoint."""
    for found in sorted(place.ask("events", "ListArchives").items("Archives"), key=lambda item: str(item["ArchiveName"])):
        name = str(found["ArchiveName"])
        properties = {"ArchiveName": name, "SourceArn": found.get("EventSourceArn"), **picked(found, "RetentionDays")}
        arn = place.arn("events", f"archive/{name}")
        yield place.resource("AWS::Events::Archive", f"archive:{name}", properties, arn=arn, ref=name)
    listed = place.ask("events", "ListApiDestinations").items("ApiDestinations")
    for found in sorted(listed, key=lambda item: str(item["Name"])):
        name = str(found["Name"])
        properties = picked(found, "Name", "ConnectionArn", "HttpMethod")
        arn = found.get("ApiDestinationArn")
        yield place.resource("AWS::Events::ApiDestination", f"api-destination:{name}", properties, arn=arn, ref=name)
    for found in sorted(place.ask("events", "ListEndpoints").items("Endpoints"), key=lambda item: str(item["Name"])):
        name = str(found["Name"])
        properties = picked(found, "Name", "EventBuses", "RoutingConfig")
        yield place.resource("AWS::Events::Endpoint", f"endpoint:{name}", properties, arn=found.get("Arn"), ref=name)


READER = Reader(title="EventBridge archives and destinations", read=read)
