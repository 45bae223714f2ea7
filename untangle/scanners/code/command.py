"""What a container's command runs: the script or module of the tree behind `python main.py`, `npm start` and the like."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from untangle.scanners.tree import Tree

MAX_STEPS = 6
_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh"})
_INTERPRETERS = re.compile(r"^(python|pypy|node|nodejs|ts-node|ts-node-dev|tsx|bun|deno|nodemon)[\d.]*$")
# Servers that take `module:application`.
_SERVERS = frozenset({"gunicorn", "uvicorn", "hypercorn", "daphne", "granian", "waitress-serve"})
# What runs another command and is not one itself; with how many of the words after it (not options) are its own.
_WRAPPERS = {
    **dict.fromkeys(("exec", "tini", "dumb-init", "env", "npx", "dotenv", "nice", "pm2-runtime", "aws-lambda-rie"), 0),
    **dict.fromkeys(("opentelemetry-instrument", "ddtrace-run"), 0),
    **dict.fromkeys(("poetry", "pipenv", "uv", "pdm", "newrelic-admin", "timeout"), 1),
}
_VALUED = frozenset({"-r", "--require", "--import", "--loader", "-W", "-X", "--env-file", "-P", "--project"})


@dataclass(frozen=True, slots=True)
class Script:
    """A path in the image (`module` False) or a dotted module's name."""

    name: str
    module: bool = False


Read = Callable[[str], str | None]


def script(argv: tuple[str, ...], read: Read) -> Script | None:
    """The script that a command starts; `read` gives the text of a file in the image. None where none is seen."""
    words = list(argv)
    for _ in range(MAX_STEPS):
        while words and (("=" in words[0] and not words[0].startswith(("/", "-"))) or words[0] in ("--", "&&")):
            words.pop(0)
        if not words:
            return None
        program = posixpath.basename(words[0])
        if program in _WRAPPERS:
            words = _after(words[1:], _WRAPPERS[program])
        elif program in _SHELLS:
            words = _shell(words[1:], read)
        elif program in ("npm", "yarn", "pnpm"):
            words = _package_script(words[1:], read)
        elif program.endswith(".sh"):
            words = _last_line(read(words[0]) or "")
        else:
            return _started(program, words)
    return None


def _started(program: str, words: list[str]) -> Script | None:
    if _INTERPRETERS.match(program):
        return _interpreted(words[1:])
    if program in _SERVERS:
        return next(
            (Script(word.partition(":")[0], True) for word in words[1:] if ":" in word and not word.startswith("-")), None
        )
    if program == "celery":
        named = (after for word, after in pairwise(words) if word in ("-A", "--app"))
        return next((Script(name.partition(":")[0], True) for name in named), None)
    if program.endswith((".py", ".js", ".mjs", ".cjs", ".ts")):
        return Script(words[0])
    return None


def _interpreted(words: list[str]) -> Script | None:
    """`python [options] file`, `python -m module`."""
    i = 0
    while i < len(words):
        word = words[i]
        if word == "-m" and i + 1 < len(words):
            named = words[i + 1]
            return Script(named, True) if named not in _SERVERS else _started(named, words[i + 1 :])
        if word in ("-c", "-e", "--eval"):
            return None
        if word in _VALUED:
            i += 1
        elif word not in ("run", "watch") and not word.startswith("-"):
            return Script(word)
        i += 1
    return None


def _after(words: list[str], own: int) -> list[str]:
    rest = list(words)
    while rest and (rest[0].startswith("-") or own > 0):
        own -= not rest[0].startswith("-")
        ended = rest.pop(0) == "--"
        if ended:
            break
    return rest


def _shell(words: list[str], read: Read) -> list[str]:
    for i, word in enumerate(words):
        if re.fullmatch(r"-\w*c", word) and i + 1 < len(words):
            return _last_line(words[i + 1])
        if not word.startswith("-"):
            return _last_line(read(word) or "")
    return []


def _last_line(text: str) -> list[str]:
    """The words of the last command of a shell text: what it is there for."""
    lines = [line.strip() for line in re.split(r"\n|&&|;", re.sub(r"\\\n", " ", text))]
    commands = [line for line in lines if line and not line.startswith("#") and line not in ("fi", "done", "esac", "}", "wait")]
    for line in reversed(commands):
        try:
            words = shlex.split(line)
        except ValueError:
            continue
        found = [word for word in words if word not in ('"$@"', "$@", "&")]
        if found and script(tuple(found), lambda _: None) is not None:
            return found
    return []


def _package_script(words: list[str], read: Read) -> list[str]:
    """The script that `npm start` or `yarn run serve` stands for."""
    names = [word for word in words if not word.startswith("-") and word not in ("run", "run-script")]
    name = names[0] if names else "start"
    try:
        package = json.loads(read("package.json") or "{}")
    except ValueError:
        return []
    scripts = package.get("scripts") if isinstance(package, dict) else None
    text = scripts.get(name) if isinstance(scripts, dict) else None
    if isinstance(text, str):
        return _last_line(text)
    main = package.get("main") if isinstance(package, dict) and name == "start" else None
    return ["node", main] if isinstance(main, str) else []


def module_files(name: str) -> tuple[str, ...]:
    """The files that a Python module may be, as `python -m` looks for them."""
    inner = name.replace(".", "/")
    return (f"{inner}.py", f"{inner}/__main__.py", f"{inner}/__init__.py")


def listing(tree: Tree, path: str) -> str | None:
    """The text of a file of the tree; None without one."""
    return tree.text(path) if tree.has(path) else None
