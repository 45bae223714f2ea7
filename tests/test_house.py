"""The rules of the house: what CONTRIBUTING.md promises about its shape holds for every file in it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "untangle"
FILES = sorted(HOUSE.rglob("*.py"))
README = (ROOT / "README.md").read_text()

# folder -> its tuple, and the modules in it that are no entry of the tuple because entries share them (a folder may also
# name them itself, in its MECHANISMS)
REGISTRIES: dict[str, tuple[str, set[str]]] = {
    "channels": ("CHANNELS", {"envelope"}),
    "detect": ("DETECTORS", {"chains", "detector", "sources"}),
    "scanners": (
        "SCANNERS",
        {"account", "beside", "code", "definition_text", "definitions", "document", "ignore", "sam", "scanner", "tree"},
    ),
    "plan": ("PASSES", set()),
    "emit": (
        "EMITTERS",
        {"emitter", "markup", "page", "rules", "sheet", "terminal", "tree", "unread", "wording"}
        # what is written for one chain or one definition, not for a scan
        | {"alternatives", "asl", "contracts", "detail", "lint", "migration", "outbox", "patch", "proposal", "takeover", "yaml"}
        # what came of a run or a proof
        | {"certificate", "certified", "history", "migrated", "performance", "proof", "tested"},
    ),
}
# folder -> the folders in it that only sort what its tuple holds
SORTED: dict[str, set[str]] = {"plan": {"cost", "jobs", "takeover", "tree"}}
# What takes long to import and is loaded only by the command that needs it.
SLOW = {
    "boto3",
    "botocore",
    "cfnlint",
    "jsonata",
    "moto",
    "jsonschema",
    "networkx",
    "pathspec",
    "rich",
    "tree_sitter",
    "urllib.request",
    "yaml",
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules(folder: str) -> set[str]:
    """The modules and packages directly in a folder of the house, and those of the folders that only sort what is in it."""
    within = [folder, *(f"{folder}/{name}" for name in SORTED.get(folder, ()))]
    entries = [entry for each in within for entry in (HOUSE / each).iterdir() if not entry.name.startswith("_")]
    found = {entry for entry in entries if entry.suffix == ".py" or (entry / "__init__.py").is_file()}
    names = {entry.relative_to(HOUSE / folder).with_suffix("").as_posix().replace("/", ".") for entry in found}
    return names - set(SORTED.get(folder, ()))


def machinery(folder: str) -> set[str]:
    """What of a folder is not to be looked for in its tuple."""
    return REGISTRIES[folder][1] | set(getattr(import_module(f"untangle.{folder}"), "MECHANISMS", ()))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


class TestRegistries:
    """One new thing is one new file and one line in its folder's tuple."""

    @pytest.mark.parametrize("folder", REGISTRIES)
    def test_every_module_is_in_its_tuple(self, folder: str) -> None:
        tuple_name = REGISTRIES[folder][0]
        registered = getattr(import_module(f"untangle.{folder}"), tuple_name)
        assert isinstance(registered, tuple) and registered
        for name in sorted(modules(folder) - machinery(folder)):
            defined = vars(import_module(f"untangle.{folder}.{name}")).values()
            assert any(entry is value for entry in registered for value in defined), (
                f"{folder}/{name}.py has nothing in {tuple_name}"
            )

    @pytest.mark.parametrize("folder", REGISTRIES)
    def test_the_list_of_machinery_is_not_stale(self, folder: str) -> None:
        assert machinery(folder) <= modules(folder)

    def test_channel_types_are_unique(self) -> None:
        types = [channel.type for channel in import_module("untangle.channels").CHANNELS]
        assert sorted(set(types)) == sorted(types)

    def test_every_rule_is_explained(self) -> None:
        rules = import_module("untangle.detect").RULES
        ids = [rule.id for rule in rules]
        assert sorted(set(ids)) == sorted(ids)
        for rule in rules:
            assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id), rule.id
            assert rule.title and rule.costs and rule.instead, f"{rule.id} lacks a title, what it costs or what to do instead"


class TestSize:
    """Small files, small functions, names that say what they hold."""

    @pytest.mark.parametrize("path", FILES, ids=name_of)
    def test_a_file_says_what_it_is_and_is_not_long(self, path: Path) -> None:
        text = path.read_text()
        assert ast.get_docstring(ast.parse(text)), f"{name_of(path)} has no docstring"
        assert len(text.splitlines()) <= 400, f"{name_of(path)} has outgrown its purpose"

    @pytest.mark.parametrize("path", FILES, ids=name_of)
    def test_no_function_is_long(self, path: Path) -> None:
        long = [node.name for node in functions(path) if (node.end_lineno or 0) - node.lineno + 1 > 60]
        assert not long, f"{name_of(path)}: {long}"

    @pytest.mark.parametrize("path", FILES, ids=name_of)
    def test_every_public_function_says_what_it_does(self, path: Path) -> None:
        silent = [node.name for node in _public(ast.parse(path.read_text())) if not ast.get_docstring(node)]
        assert not silent, f"{name_of(path)}: {silent}"

    def test_no_module_is_a_drawer(self) -> None:
        vague = re.compile(r"(^|_)(utils?|helpers?|managers?|processors?|common|misc)(_|$)")
        drawers = [name_of(path) for path in FILES if vague.search(path.stem) or vague.search(path.parent.name)]
        assert not drawers


def _public(module: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in module.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield node


def commands() -> dict[str, click.Command]:
    group = import_module("untangle.cli").main
    assert isinstance(group, click.Group)
    return dict(group.commands)


class TestCommandLine:
    """Every command is told by its help, and asking for help costs nothing."""

    def test_every_command_has_help_with_an_example(self) -> None:
        for name, command in commands().items():
            told = f"{command.help}\n{command.epilog}"
            assert command.help and f"untangle {name} " in told, f"`untangle {name}` has no example in its help"
            options = [option for option in command.params if isinstance(option, click.Option)]
            assert all(option.help for option in options), f"an option of `untangle {name}` has no help"

    def test_every_command_is_in_the_readme(self) -> None:
        missing = [name for name in commands() if f"untangle {name}" not in README]
        assert not missing

    @pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["scan", "--help"], ["propose", "--help"]], ids=" ".join)
    def test_help_loads_nothing_slow(self, arguments: list[str]) -> None:
        program = (
            "import sys; from untangle.cli import main\n"
            f"try: main({arguments!r}, prog_name='untangle')\n"
            "except SystemExit as end: assert not end.code, end.code\n"
            "print('\\n' + ' '.join(sys.modules))"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
        loaded = set(done.stdout.splitlines()[-1].split())
        assert "untangle.cli" in loaded
        assert not loaded & SLOW


class TestDocuments:
    """The README and CONTRIBUTING cannot drift from what they describe."""

    def test_the_exit_codes_are_those_of_the_program(self) -> None:
        from untangle.errors import ExitCode

        table = {int(code) for code in re.findall(r"^\| `?(\d)`? \|", README, re.MULTILINE)}
        assert table == {int(code) for code in ExitCode}

    def test_each_dependency_has_its_reason(self) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        needed = {re.split(r"[\[><=~! ]", requirement)[0] for requirement in project["dependencies"]}
        section = README.partition("## Dependencies")[2].partition("\n## ")[0]
        assert set(re.findall(r"^\| `([\w-]+)` \|", section, re.MULTILINE)) == needed

    def test_the_two_commands_are_there(self) -> None:
        for command in ("try", "check"):
            assert f"./{command}\n" in README
            assert os.access(ROOT / command, os.X_OK)

    def test_the_map_names_every_folder(self) -> None:
        contributing = (ROOT / "CONTRIBUTING.md").read_text()
        folders = [entry.name for entry in HOUSE.iterdir() if (entry / "__init__.py").is_file()]
        assert folders
        missing = [folder for folder in folders if f"{folder}/" not in contributing]
        assert not missing
