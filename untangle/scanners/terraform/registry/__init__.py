"""Well-known modules whose source is not in the tree: what they make of their inputs, as data.

Each is a configuration of its own in this folder, `<publisher>/<module>.tf` or `<publisher>/<module>.<submodule>.tf`: the
inputs, resources and outputs that matter to a message, under the addresses that the real module gives them. It is evaluated in
the place of the module, as though it had been installed. `_context.tf` is part of every module of its publisher. `quiet.txt`
lists modules that need no stand-in.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

# `terraform-aws-modules/lambda/aws//modules/alias`, with or without the registry's host.
_REGISTRY = re.compile(
    r"(?:registry\.(?:terraform\.io|opentofu\.org)/)?([\w-]+)/([\w-]+)/[\w-]+(?://(?:\./)?(?:modules/)?([\w./-]+?))?/?\Z"
)
# `git::https://github.com/terraform-aws-modules/terraform-aws-lambda.git//modules/alias?ref=v6`, also by ssh and without `git::`.
_GIT = re.compile(
    r"(?:git::)?(?:https?://|ssh://)?(?:[\w-]+@)?(?:www\.)?github\.com[/:]([\w-]+)/terraform-[a-z]+-([\w-]+?)(?:\.git)?"
    r"(?://(?:modules/)?([\w./-]+?))?/?(?:\?.*)?\Z"
)
_SHARED = "_context.tf"
MAX_SOURCE = 400


def configuration(source: str) -> tuple[str, ...]:
    """The texts that make up the stand-in for a module, by the source as a configuration writes it; () where none is known."""
    publisher, module, submodule = _named(source)
    return _texts(publisher, f"{module}.{submodule}.tf" if submodule else f"{module}.tf") if module else ()


def is_quiet(source: str) -> bool:
    """Whether a module is known to make nothing that a message passes through."""
    publisher, module, _ = _named(source)
    return bool(module) and f"{publisher}/{module}" in _quiet()


def _named(source: str) -> tuple[str, str, str]:
    """Publisher, module and submodule of a source; empty texts where it is not written as those of registries are."""
    found = (_REGISTRY.match(source) or _GIT.match(source)) if len(source) <= MAX_SOURCE else None
    return (found[1], found[2], found[3] or "") if found else ("", "", "")


@cache
def _quiet() -> frozenset[str]:
    text = resources.files(__name__).joinpath("quiet.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def _texts(publisher: str, file: str) -> tuple[str, ...]:
    folder = resources.files(__name__).joinpath(publisher)
    if publisher.startswith("_") or not folder.is_dir():
        return ()
    known = {entry.name: entry for entry in folder.iterdir()}
    if file not in known or file == _SHARED:
        return ()
    return tuple(known[name].read_text(encoding="utf-8") for name in (_SHARED, file) if name in known)
