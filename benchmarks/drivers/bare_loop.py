"""The same calls as a scan makes, with nothing around them: shared boto3 clients, a few threads, and the answers thrown away.

    python bare_loop.py ENDPOINT RECORDING THREADS

The calls are those of a recording. Prints {seconds, cpu, requests, failed, peak_mb}; the clock starts before boto3 is imported.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HOME = "us-east-1"  # where services that have no region are asked


def requests(recording: Path) -> list[tuple[str, str, str, dict[str, Any]]]:
    """(region, service, operation, parameters) of every request, once, in the order of the files."""
    found: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for file in sorted(recording.glob("*/*/*.jsonl")):
        region = HOME if file.parent.name == "global" else file.parent.name
        if file.stem != "s3control":  # its host name begins with the account: there is none such on this machine
            for line in file.read_text("utf-8").splitlines():
                row = json.loads(line)
                found.setdefault((region, file.stem, row["op"], json.dumps(row["params"], sort_keys=True)), row["params"])
    return [(*key[:3], params) for key, params in found.items()]


def main() -> None:
    wanted = requests(Path(sys.argv[2]))
    start = time.perf_counter()
    import boto3
    from botocore import xform_name
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    session, config = boto3.Session(), Config(max_pool_connections=32)
    clients = {
        (region, service): session.client(service, region, endpoint_url=sys.argv[1], config=config)
        for region, service in sorted({request[:2] for request in wanted})
    }

    def ask(request: tuple[str, str, str, dict[str, Any]]) -> bool:
        region, service, operation, params = request
        client, method = clients[region, service], xform_name(operation)
        try:
            if client.can_paginate(method):
                for _ in client.get_paginator(method).paginate(**params):
                    pass
            else:
                getattr(client, method)(**params)
        except (ClientError, BotoCoreError):
            return False
        return True

    with ThreadPoolExecutor(int(sys.argv[3])) as pool:
        answered = list(pool.map(ask, wanted))
    told = {"requests": len(wanted), "failed": answered.count(False)}
    usage = resource.getrusage(resource.RUSAGE_SELF)
    taken = {"seconds": time.perf_counter() - start, "cpu": usage.ru_utime + usage.ru_stime}
    print(json.dumps({**taken, **told, "peak_mb": usage.ru_maxrss / 1024}))


if __name__ == "__main__":
    main()
