"""The record that one language fills: which functions it can read, where their entry point is, what their code does.

A further language is one more folder beside `python/` and one more line in `LANGUAGES`. Finding the entry file and
the table of SDK operations are shared (`locate.py`, `operations.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from untangle.model.code import CodeFacts
from untangle.model.location import Location
from untangle.model.resource import Gap, Inventory, Resource
from untangle.model.value import Value
from untangle.scanners.tree import Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where a function's code starts.

    `path` is the file and `name` the attribute in it that Lambda calls ("lambda_handler"). `roots` are the folders
    that are on the import path, the code's own first. An entry that is written inside a template carries its
    `text`, with `line` the line of `path` at which it begins (`fixed` where all of it stands on that one line) and
    `values` the template's values that stand in the text under placeholder names.
    """

    path: str
    name: str
    roots: tuple[str, ...] = ()
    text: str | None = None
    line: int = 1
    fixed: bool = False
    values: Mapping[str, Value] = field(default_factory=dict)


Located = Entry | Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """What a function's resource says of its code, evaluated: texts only where they are known.

    `module` and `name` are the two halves of `Handler`; `folders` are where the code may lie, surest first;
    `layers` the content folders of its layers; `words` the words of its names and artefact, to tell apart what fits equally.
    """

    function: Resource
    module: str
    name: str
    folders: tuple[str, ...] = ()
    file: str | None = None
    layers: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    inline: Value = None
    location: Location | None = None


def last_dot(handler: str) -> tuple[str, str]:
    """`pkg/app.handler` as module and name."""
    module, _, name = handler.rpartition(".")
    return module, name


Reader = Callable[[Entry, Resource], CodeFacts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language: `runtimes` are prefixes of Lambda's runtime names, `suffixes` its files' endings.

    `split` takes a handler apart into module and name. `defines` says whether a file's text has this attribute at its
    top level; `find` looks for the entry where module names are not paths (a class, a program), given the template's
    folder; `scripts` says that its reader takes an entry without a name for a file that is run; `open` prepares a reader
    for one tree, which then analyses one entry after the other (None: the language is recognised, but not read).
    """

    name: str
    runtimes: tuple[str, ...]
    suffixes: tuple[str, ...]
    split: Callable[[str], tuple[str, str]] = last_dot
    defines: Callable[[str, str], bool] = lambda text, name: name in text
    find: Callable[[Tree, Handler, str], Located] | None = None
    scripts: bool = False
    open: Callable[[Tree, Inventory], Reader] | None = None
