"""Writes untangle/asl/actions.txt.gz: what the AWS SDK integrations can call, from the service models of the botocore installed.

    python scripts/sdk_actions.py

A line per service: its id as `aws-sdk:<service>:…` spells it, then its actions. What an older model had stays: a service
that the SDK has dropped may still be called.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import botocore.session

from untangle.asl.sdk import read_actions, service_id

TABLE = Path(__file__).parents[1] / "untangle" / "asl" / "actions.txt.gz"


def main() -> None:
    """Reads the models, adds what the table had, and writes it: the same models give the same bytes."""
    known = {service: set(actions) for service, actions in read_actions().items()} if TABLE.exists() else {}
    session = botocore.session.Session()
    for name in session.get_available_services():
        model = session.get_service_model(name)
        known.setdefault(service_id(model.metadata.get("serviceId", name)), set()).update(model.operation_names)
    text = "".join(f"{service} {' '.join(sorted(actions))}\n" for service, actions in sorted(known.items()))
    TABLE.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
