"""Terraform: untangle's parser beside python-hcl2, its evaluation beside tfparse, its reading of plans beside checkov's.

    python benchmarks/terraform.py [TREE ...] [--only hcl|evaluate|plan] [--plan-resources 2000] [--rounds 3] [--json FILE]

After the evaluation the addresses that both found are compared root by root, and each difference is put under what explains it.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from measure import Contender, Result, arguments, finish, machine, race, table, untangle
from peers import environment
from plan import plan

_SKIPPED = frozenset({".git", "node_modules", ".terraform"})
_INDEX = re.compile(r"\[[^\]]*\]")
_MODULE = re.compile(r"((?:module\.[^.\[]+(?:\[[^\]]*\])?\.?)*)")
HCL_VERSIONS = ("python-hcl2 8", "python-hcl2 4", "python-hcl2 3")


def configurations(trees: Iterable[Path]) -> list[Path]:
    """Every .tf file of the trees."""
    return sorted(
        path for tree in trees for path in tree.rglob("*.tf") if path.is_file() and not _SKIPPED.intersection(path.parts)
    )


def parsing(files: list[Path], rounds: int, environments: Path) -> list[Result]:
    """The parsers on the same texts, which are in memory before the clock starts."""
    task = {"files": [str(path) for path in files]}
    peers = [Contender(name, environment(name, environments).python, "hcl2_hcl.py", task) for name in HCL_VERSIONS]
    return race([untangle("untangle", "untangle_hcl.py", task), *peers], rounds)


def evaluation(trees: Iterable[Path], rounds: int, environments: Path) -> list[Result]:
    """Both evaluators on the same root folders: those that untangle takes for roots, known from a first run that is not counted.

    The first row is like for like: one root folder after another, each from nothing. The last one is what a scan does: the trees
    are walked, and what several roots use is read once.
    """
    whole: dict[str, Any] = {"trees": [str(tree) for tree in trees], "roots": [], "details": True}
    known = race([untangle("untangle", "untangle_terraform.py", whole)], 1)[0].details
    folders = sorted(known["addresses"])
    single = {
        **whole,
        "trees": [],
        "roots": [(*known["tree and folder"][folder], known["modules"][folder]) for folder in folders],
    }
    python = environment("tfparse", environments).python
    return race(
        [
            untangle("untangle", "untangle_terraform.py", single),
            Contender("tfparse", python, "tfparse_terraform.py", {"folders": folders, "details": True}),
            untangle("untangle, whole trees", "untangle_terraform.py", {**whole, "details": False}),
        ],
        rounds,
    )


def compare(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> tuple[int, Counter[str], dict[str, list[str]]]:
    """How many roots have the same addresses, the differences by what explains them, and some of each."""
    same, kinds = 0, Counter[str]()
    shown: dict[str, list[str]] = {}
    for folder, listed in ours["addresses"].items():
        conditions = dict(listed)
        other = set(theirs["addresses"].get(folder, ()))
        absent = tuple(ours["absent modules"][folder])
        same += conditions.keys() == other
        for address in sorted(conditions.keys() ^ other):
            known = folder in theirs["addresses"]
            kind = _explain(address, conditions, other, absent) if known else "only untangle: tfparse fails on this root"
            kinds[kind] += 1
            shown.setdefault(kind, []).append(f"{folder}: {address}")
    return same, kinds, shown


def _explain(address: str, ours: Mapping[str, str | None], theirs: set[str], absent: tuple[str, ...]) -> str:
    bare = _INDEX.sub("", address)
    module = _MODULE.match(address)
    inside = module[1] if module else ""
    side, mine, others = ("untangle", ours.keys(), theirs) if address in ours else ("tfparse", theirs, ours.keys())
    if any(_INDEX.sub("", item) == bare for item in others - mine):
        return f"only {side}: the other has other instances of it (a count or for_each that one of them does not know)"
    if side == "untangle" and ours[address] is not None:
        return "only untangle: an instance that may not be there, kept with its condition"
    if inside and not any(item.startswith(inside) for item in others):
        return f"only {side}: the other did not read its module"
    if any(address.startswith(call) for call in absent):
        return f"only {side}: inside a module whose source is not there"
    return f"only {side}: unexplained"


def plans(resources: int, rounds: int, environments: Path) -> tuple[list[Result], float]:
    """Both readers of plans on one made-up plan, and its size in MB."""
    with tempfile.TemporaryDirectory() as folder:
        text = json.dumps(plan(resources))
        Path(folder, "tfplan.json").write_text(text)
        task = {"folder": folder}
        python = environment("checkov", environments).python
        found = race(
            [untangle("untangle", "untangle_plan.py", task), Contender("checkov graph", python, "checkov_plan.py", task)], rounds
        )
        return found, len(text) / 1e6


def main() -> None:
    parser = arguments(__doc__, rounds=3)
    parser.add_argument("--only", choices=("hcl", "evaluate", "plan"), action="append", help="which of the three (default: all)")
    parser.add_argument("--plan-resources", type=int, default=2000, help="size of the made-up plan (default: %(default)s)")
    given = parser.parse_args()
    wanted = given.only or ["hcl", "evaluate", "plan"]
    sections: dict[str, Any] = {}
    print(machine())
    files = configurations(given.trees)
    if "hcl" in wanted and files:
        sections["hcl"] = parsing(files, given.rounds, given.environments)
        megabytes = sum(path.stat().st_size for path in files) / 1e6
        print(f"\nHCL, {len(files)} files, {megabytes:.2f} MB\n{table(sections['hcl'], 'files', len(files))}")
    if "evaluate" in wanted and files:
        sections["evaluate"] = found = evaluation(given.trees, given.rounds, given.environments)
        print(f"\nevaluation\n{table(found, 'roots', found[0].counts['roots'])}")
        same, kinds, shown = compare(found[0].details, found[1].details)
        print(f"the same addresses in {same} of {found[0].counts['roots']} roots; differences:")
        for kind, count in kinds.most_common():
            print(f"{count:6}  {kind}")
            print("".join(f"            {item}\n" for item in shown[kind][:3]), end="")
        sections["differences"] = {kind: {"count": count, "addresses": shown[kind]} for kind, count in kinds.most_common()}
        for result in found:
            result.details = {}
    if "plan" in wanted:
        sections["plan"], size = plans(given.plan_resources, given.rounds, given.environments)
        print(f"\nplan of {given.plan_resources} resources, {size:.1f} MB")
        print(table(sections["plan"], "resources", given.plan_resources))
    finish(given.json, sections)


if __name__ == "__main__":
    main()
