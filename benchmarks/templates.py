"""SAM and CloudFormation: untangle's read beside checkov's CloudFormation graph and cfn-lint's decode and graph, in process.

    python benchmarks/templates.py [TREE ...] [--count 100] [--seed 1] [--rounds 5] [--json FILE]

A seeded sample of templates is copied into one folder, which each tool reads. Where the trees hold fewer than `--count`, they are
repeated. The rows do different things, so counts stand beside the times; ratios are to the first row.

- untangle, read only: finds the templates, decodes them, evaluates intrinsics and conditions, writes SAM out.
- untangle, read and linked: the same, then holds grants, triggers and filters against channels across all templates.
- untangle, references drawn: decodes each file, with lines, and draws the references within it. The drawing is written for this
  benchmark and no part of a scan (see its driver); this is the row to hold beside cfn-lint's, which does that and no more.
- cfn-lint decode + graph: decodes each file, with lines, and draws the references within it.
- checkov graph: finds and decodes the templates and draws references within each, parameters and outputs being vertices too.
"""

from __future__ import annotations

import random
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from measure import Contender, Result, arguments, finish, machine, race, table, untangle
from peers import environment

_TEMPLATE = re.compile(rb"AWSTemplateFormatVersion|AWS::Serverless-2016-10-31")
_SKIPPED = frozenset({".git", "node_modules", ".aws-sam", "cdk.out"})


def templates(trees: Iterable[Path]) -> list[Path]:
    """The CloudFormation and SAM templates of these trees, by their bytes, sorted."""
    files = (path for tree in trees for suffix in ("yaml", "yml", "json", "template") for path in tree.rglob(f"*.{suffix}"))
    return sorted(path for path in files if path.is_file() and not _SKIPPED.intersection(path.parts) and _is_template(path))


def _is_template(path: Path) -> bool:
    data = path.read_bytes()
    return _TEMPLATE.search(data) is not None and b"Resources" in data


def gather(found: list[Path], count: int, seed: int, folder: Path) -> list[Path]:
    """Copies a sample of `count` templates into folders of their own; fewer are repeated until there are as many."""
    chosen = random.Random(seed).sample(found, min(count, len(found)))  # noqa: S311 (no secret is drawn)
    copies = []
    for i in range(count):
        source = chosen[i % len(chosen)]
        target = folder / f"{i:04d}" / f"template{source.suffix}"
        target.parent.mkdir()
        shutil.copyfile(source, target)
        copies.append(target)
    return copies


def compare(found: list[Path], count: int, seed: int, rounds: int, environments: Path) -> list[Result]:
    """The tools on the same copies."""
    with tempfile.TemporaryDirectory() as name:
        files = [str(path) for path in gather(found, count, seed, Path(name))]
        task = {"folder": name, "files": files}
        contenders = [
            untangle("untangle, read and linked", "untangle_templates.py", {**task, "link": True}),
            untangle("untangle, read only", "untangle_templates.py", {**task, "link": False}),
            untangle("untangle, references drawn", "untangle_references.py", task),
            Contender("cfn-lint decode + graph", environment("cfn-lint", environments).python, "cfnlint_templates.py", task),
            Contender("checkov graph", environment("checkov", environments).python, "checkov_templates.py", task),
        ]
        return race(contenders, rounds)


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--count", type=int, default=100, help="templates to read (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (default: %(default)s)")
    given = parser.parse_args()
    found = templates(given.trees)
    results = compare(found, given.count, given.seed, given.rounds, given.environments)
    print(f"{given.count} templates, a sample of {len(found)}; {machine()}")
    print(table(results, "templates", given.count))
    finish(given.json, {"available": len(found), "templates": results})


if __name__ == "__main__":
    main()
