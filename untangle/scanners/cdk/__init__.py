"""CDK applications: read as the templates that they synthesise; where those are missing, says exactly what to run.

A template that the CDK wrote is a CloudFormation template, and that scanner reads it, wherever it lies (`cdk.out`, a
folder of snapshots). The application's source tells where handlers are (`scanners/code/`), not what is deployed.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator

from untangle.model.location import Location
from untangle.model.resource import Gap, Inventory
from untangle.scanners.scanner import Options, Scanner
from untangle.scanners.tree import Tree

APPLICATION = "cdk.json"
SUFFIX = ".template.json"
# The file that tells how an application's packages are installed, and how their programs are run.
_PACKAGERS = (
    ("pnpm-lock.yaml", "pnpm install", "pnpm"),
    ("yarn.lock", "yarn install", "yarn"),
    ("package-lock.json", "npm ci", "npx"),
    ("package.json", "npm install", "npx"),
    ("requirements.txt", "pip install -r requirements.txt", "npx"),
)


def read(tree: Tree, options: Options) -> Inventory:
    """A gap for each application whose templates are not there; it yields no resources."""
    return Inventory(gaps=tuple(_gap(tree, folder) for folder in applications(tree)))


def applications(tree: Tree) -> Iterator[str]:
    """The folders of the applications that have not been synthesised; an application is a cdk.json that names one.

    Templates belong to the nearest application around them. Where some lie outside all of them, nothing says whose they are, and
    none is taken for missing.
    """
    named = (path for path in tree.files if posixpath.basename(path) == APPLICATION and _names_one(tree.text(path)))
    folders = sorted(posixpath.dirname(path) for path in named)
    owners = {_owner(path, folders) for path in tree.files if path.endswith(SUFFIX)}
    if None not in owners:
        yield from (folder for folder in folders if folder not in owners)


def _owner(path: str, folders: list[str]) -> str | None:
    around = [folder for folder in folders if not folder or path.startswith(folder + "/")]
    return max(around, key=len, default=None)


def command(tree: Tree, folder: str) -> tuple[str, ...]:
    """What synthesises the application in this folder: its own CDK where it is installed, else the one on the path."""
    own = posixpath.join(folder, "node_modules", ".bin", "cdk")
    lead = (str(tree.root / own),) if (tree.root / own).is_file() else ("cdk",)
    return (*lead, "synth", "--quiet")


def advice(tree: Tree, folder: str) -> str:
    """What a person types to synthesise the application, from its folder on: its packages first where they are not installed."""
    for lock, install, run in _PACKAGERS:
        if tree.has(posixpath.join(folder, lock)):
            installed = (tree.root / folder / "node_modules" / ".bin" / "cdk").is_file()
            return f"{run} cdk synth" if installed else f"{install} && {run} cdk synth"
    return "cdk synth"


def _names_one(text: str | None) -> bool:
    try:
        found = json.loads(text or "")
    except ValueError:
        return False
    return isinstance(found, dict) and isinstance(found.get("app"), str)


def _gap(tree: Tree, folder: str) -> Gap:
    where = posixpath.join(folder, APPLICATION)
    why = (
        f"its templates are not there: run `{advice(tree, folder)}` in {folder or 'this folder'} and scan again "
        "(cdk.out is read), or let untangle run it with --synth"
    )
    return Gap(what=f"CDK application {where}", why=why, location=Location(where, 1))


SCANNER = Scanner(kind="cdk", title="CDK applications", read=read)
