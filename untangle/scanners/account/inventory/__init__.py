"""What an account holds, service by service, as CloudFormation's resources.

One file per group of services; each turns listings and descriptions into the resources that a template of the same
application would declare, with literal names and ARNs. What may not be read is missing here and a row of coverage there.
"""

from __future__ import annotations

from untangle.scanners.account.inventory import events, firehose, functions, gateways, machines, messaging, roles, storage
from untangle.scanners.account.inventory.place import Reader

READERS: tuple[Reader, ...] = (
    roles.READER,
    functions.READER,
    messaging.QUEUES,
    messaging.TOPICS,
    events.RULES,
    events.PIPES,
    events.SCHEDULES,
    storage.BUCKETS,
    storage.TABLES,
    storage.STREAMS,
    firehose.READER,
    machines.READER,
    gateways.REST,
    gateways.HTTP,
)
