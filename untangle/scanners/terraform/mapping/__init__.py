"""Terraform's resources in CloudFormation's vocabulary: one table per group of services, one writer for all of them.

`table` has the words in which the tables are written, `write` fills properties by them, `references` and `lookups` translate what
points at other resources (`remote_state`: at those of other roots), `joins` puts parts into what they belong to, `code` finds
what a function is made of.
"""

from __future__ import annotations

from collections.abc import Mapping

from untangle.scanners.terraform.mapping import access, entries, events, functions, queues
from untangle.scanners.terraform.mapping.awscc import Spelling
from untangle.scanners.terraform.mapping.table import Table

ALL: tuple[Table, ...] = (*access.TABLES, *entries.TABLES, *events.TABLES, *functions.TABLES, *queues.TABLES)
TABLES: Mapping[str, Table] = {table.type: table for table in ALL}
SPELLING = Spelling(ALL)


def table_of(type: str) -> Table | None:
    """The table of a Terraform type; that of the `aws` provider's twin for types of the `awscc` provider."""
    return TABLES.get(type) or SPELLING.table(type)
