"""What an account holds, service by service, as CloudFormation's resources.

One file per group of services; each turns listings and descriptions into the resources that a template of the same
application would declare, with literal names and ARNs. What may not be read is missing here and a row of coverage there.
"""

from __future__ import annotations

from untangle.scanners.account.inventory import (
    access_points,
    alarms,
    aliases,
    archives,
    balancers,
    brokers,
    compliance,
    devices,
    events,
    firehose,
    functions,
    gateways,
    graphql,
    log_groups,
    machines,
    mail,
    messaging,
    roles,
    rotation,
    stacks,
    storage,
    users,
)
from untangle.scanners.account.inventory.place import FollowUp, Reader

READERS: tuple[Reader, ...] = (
    roles.READER,
    functions.READER,
    messaging.QUEUES,
    messaging.TOPICS,
    events.RULES,
    events.PIPES,
    events.SCHEDULES,
    archives.READER,
    storage.BUCKETS,
    storage.TABLES,
    storage.STREAMS,
    firehose.READER,
    machines.READER,
    gateways.REST,
    gateways.HTTP,
    graphql.READER,
    balancers.READER,
    users.READER,
    devices.READER,
    mail.READER,
    alarms.READER,
    brokers.CLUSTERS,
    brokers.BROKERS,
    rotation.READER,
    compliance.READER,
    access_points.READER,
    stacks.READER,
)
# What can only be asked for once the readers are through; each sees what those before it found, too.
FOLLOW_UPS: tuple[FollowUp, ...] = (aliases.FOLLOW_UP, log_groups.FOLLOW_UP)
