"""Handler source: untangle's readers beside iam-policy-autopilot's `extract-sdk-calls`, on the same files in one run.

    python benchmarks/handlers.py [TREE ...] [--labels benchmarks/labels/handlers.json] [--rounds 1] [--json FILE]

First files per second, per language, over every handler file of the trees (untangle's tree is walked beforehand, as the other
tool is handed its list of files). Then, where labelled files are among them (told by their sha256), what each tool finds of the
labelled writes, and what it names that is no write there. iam-policy-autopilot also tells reads; those are left out before
anything is counted, so that its precision is that of its writes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measure import HERE, Contender, Result, arguments, columns, finish, machine, race, table, untangle
from peers import environment
from sample import KINDS, handlers

_PYTHON_NAME = re.compile(r"^(?:async\s+)?def\s+(\w+)\(\s*_?event\b", re.MULTILINE)
_JS_NAME = re.compile(
    r"\bexports\.(\w+)\s*=|\bexport\s+(?:const|let|var|async\s+function|function)\s+(\w+)|\bexport\s+(default)\b"
)
_NAMES = {"python": _PYTHON_NAME, "javascript": _JS_NAME, "typescript": _JS_NAME}
# Service names of SDKs and of IAM -> botocore's, and calls of higher-level SDK parts -> the API call that they make.
_SERVICES = {
    "sfn": "stepfunctions",
    "states": "stepfunctions",
    "eventbridge": "events",
    "cloudwatchlogs": "logs",
    "iotdataplane": "iot-data",
}
_HIGH_LEVEL = {"uploadfile": "putobject", "uploadfileobj": "putobject", "copy": "copyobject", "put": "putitem"}
_HIGH_LEVEL |= {"completemultipartupload": "putobject", "createmultipartupload": "putobject", "uploadpart": "putobject"}


@dataclass(slots=True)
class Score:
    """How one tool does on the labelled files of one language."""

    labelled: int = 0
    found: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        self.labelled += other.labelled
        self.found += other.found
        self.missed += other.missed
        self.false += other.false

    def row(self, name: str, language: str) -> tuple[str, ...]:
        """The score as a row of the table."""
        told = self.found + len(self.false)
        recall = f"{self.found / self.labelled:.3f}" if self.labelled else "-"
        precision = f"{self.found / told:.3f}" if told else "-"
        return name, language, str(self.labelled), str(self.found), str(len(self.false)), recall, precision, ""


def entry_names(language: str, path: str, text: str) -> list[str]:
    """The names by which Lambda may enter a file."""
    if language not in _NAMES:
        return [f"{Path(path).stem}::handleRequest"] if language == "java" else ["main"]
    found = (match.groups() for match in _NAMES[language].finditer(text))
    return sorted({name for groups in found for name in groups if name})


def collect(trees: Iterable[Path]) -> list[dict[str, Any]]:
    """Every handler file of the trees, with its language, digest and entry names."""
    files = []
    for tree in trees:
        for kind in KINDS:
            for digest, path in sorted(handlers(tree, kind).items(), key=lambda item: item[1]):
                names = entry_names(kind.name, path, (tree / path).read_text(encoding="utf-8", errors="replace"))
                files.append({"tree": str(tree), "path": path, "language": kind.name, "sha256": digest, "names": names})
    return files


def contenders(files: list[dict[str, Any]], environments: Path, *, details: bool) -> list[Contender]:
    """Both tools on these files."""
    peer = environment("iam-policy-autopilot", environments)
    trees = sorted({file["tree"] for file in files})
    task = {"trees": trees, "files": files, "details": details, "command": str(peer.command("iam-policy-autopilot"))}
    return [untangle("untangle", "untangle_handlers.py", task), Contender(peer.name, peer.python, "autopilot_handlers.py", task)]


def writes_of_table() -> frozenset[str]:
    """Every write that untangle's table knows, folded; what a peer names beyond these and the labels is taken as no write."""
    code = "from untangle.scanners.code.operations import OPERATIONS as o; print('\\n'.join(f'{s}:{n}' for s, n in o))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=HERE.parent)
    return frozenset(_fold(line) for line in done.stdout.split())


def _fold(operation: str) -> str:
    service, _, name = operation.partition(":")
    return f"{_SERVICES.get(service.lower(), service.lower())}:{name.replace('_', '').lower()}"


def told_by_untangle(found: list[str], label: Mapping[str, Any]) -> list[set[str]]:
    """Each write that untangle names, as the one reading that it has.

    What an outside service finishes (`~`: a job's later write to its output bucket) counts only where it is labelled.
    """
    labelled = {_fold(item) for item in label["writes"]}
    told = [(_fold(item.lstrip("~")), item.startswith("~")) for item in found]
    return [{name} for name, mediated in told if not mediated or name in labelled]


def told_by_autopilot(found: list[Any], writes: frozenset[str]) -> list[set[str]]:
    """Each call that autopilot names and that may be a write, as the set of services that it may belong to."""
    told: list[set[str]] = []
    for name, services in found:
        plain = name.replace("_", "").lower()
        readings = {_fold(f"{service}:{_HIGH_LEVEL.get(plain, plain)}") for service in services}
        if readings & writes and readings not in told:
            told.append(readings)
    return told


def score(label: Mapping[str, Any], told: list[set[str]], where: str) -> Score:
    """One file: each labelled write is found or missed; what is told beyond labels and soft ones is false."""
    wanted = {_fold(item): item for item in label["writes"]}
    soft = {_fold(item) for item in label.get("soft", ())}
    found = {item for item in wanted if any(item in readings for readings in told)}
    missed = [f"{wanted[item]} in {where}" for item in wanted if item not in found]
    false = [f"{'|'.join(sorted(readings))} in {where}" for readings in told if not readings & (wanted.keys() | soft)]
    return Score(len(wanted), len(found), missed, false)


def judge(files: list[dict[str, Any]], labels: Mapping[str, Any], results: list[Result]) -> dict[str, dict[str, Score]]:
    """Scores by tool and language, "all" among the languages."""
    writes = writes_of_table() | {_fold(item) for label in labels.values() for item in label["writes"]}
    scores: dict[str, dict[str, Score]] = {}
    for result in results:
        for file in files:
            path = f"{file['tree']}/{file['path']}"
            found = result.details.get(path, [])
            label = labels[file["sha256"]]
            told = told_by_untangle(found, label) if result.name == "untangle" else told_by_autopilot(found, writes)
            one = score(label, told, file["path"])
            for language in (file["language"], "all"):
                scores.setdefault(result.name, {}).setdefault(language, Score()).add(one)
    return scores


def main() -> None:
    parser = arguments(__doc__, rounds=1)
    parser.add_argument(
        "--labels", type=Path, default=HERE / "labels" / "handlers.json", help="labelled files (default: %(default)s)"
    )
    given = parser.parse_args()
    files = collect(given.trees)
    print(machine())
    speeds: dict[str, Any] = {}
    for language in [kind.name for kind in KINDS]:
        chosen = [file for file in files if file["language"] == language]
        if chosen:
            speeds[language] = race(contenders(chosen, given.environments, details=False), given.rounds)
            print(f"\n{language}\n{table(speeds[language], 'files', len(chosen))}")
    labels = json.loads(given.labels.read_text())["files"]
    labelled = [file for file in files if file["sha256"] in labels]
    scores: dict[str, dict[str, Score]] = {}
    if labelled:
        scores = judge(labelled, labels, race(contenders(labelled, given.environments, details=True), 1))
        rows: list[tuple[str, ...]] = [("tool", "language", "labelled", "found", "false", "recall", "precision", "")]
        rows += [one.row(tool, language) for tool, by in scores.items() for language, one in by.items()]
        print(f"\nlabelled writes of {len(labelled)} files\n{columns(rows)}")
        for tool, by in scores.items():
            for kind, items in (("misses", by["all"].missed), ("names falsely", by["all"].false)):
                for item in items:
                    print(f"{tool} {kind} {item}")
    plain = {tool: {language: one.row(tool, language)[2:7] for language, one in by.items()} for tool, by in scores.items()}
    finish(given.json, {**{f"speed {language}": result for language, result in speeds.items()}, "labelled": plain})


if __name__ == "__main__":
    main()
