"""iam-policy-autopilot's `extract-sdk-calls`: one process per language with all its files, as its command line wants it."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

from serve import Counts, Work, serve

_LOCATION = re.compile(r":\d+\.\d+-\d+\.\d+$")


def prepare(task: dict[str, Any]) -> Work:
    files: dict[str, list[str]] = {}
    for file in task["files"]:
        files.setdefault(file["language"], []).append(f"{file['tree']}/{file['path']}")

    def work() -> tuple[Counts, Counts]:
        found: dict[str, list[list[Any]]] = {path: [] for paths in files.values() for path in paths}
        failed = 0
        for language, paths in files.items():
            command = [task["command"], "extract-sdk-calls", "--full-output", "--language", language, *paths]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            failed += done.returncode != 0
            for method in json.loads(done.stdout) if done.returncode == 0 else ():
                path = _LOCATION.sub("", method["Metadata"]["Location"])
                found.setdefault(path, []).append([method["Name"], method["PossibleServices"]])
        counts = {"files": len(found), "calls": sum(len(calls) for calls in found.values()), "failed languages": failed}
        return counts, found if task["details"] else {}

    return work


serve(prepare)
