"""The modules of a tree: each folder is read once; a call's source leads to one of them, or out of the tree."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from functools import lru_cache

from untangle.scanners.terraform.module import Declared, Module, is_configuration, read_module, stand_in
from untangle.scanners.terraform.registry import configuration
from untangle.scanners.terraform.supposed import configuration_of, kind_of
from untangle.scanners.tree import Tree

# What the folders of stand-ins are called, before the source that they stand for.
STAND_IN = "registry:"
SUPPOSED = f"{STAND_IN}supposed:"
# What `terraform init` notes of the modules that it fetched.
_MANIFEST = ".terraform/modules/modules.json"


class Library:
    """Modules by folder."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._modules: dict[str, Module | None] = {}
        self._manifests: dict[str, Mapping[str, str]] = {}

    def folders(self) -> tuple[str, ...]:
        """The folders that hold configuration, or that of the one file that was named."""
        return tuple(sorted({posixpath.dirname(path) for path in self.tree.templates if is_configuration(path)}))

    def get(self, folder: str) -> Module | None:
        """The module of a folder; None where no configuration is in it."""
        if folder not in self._modules:
            names = [path for path in self.tree.listed(folder) if is_configuration(path)]
            self._modules[folder] = read_module(self.tree, folder, names) if names else None
        return self._modules[folder]

    def local(self, folder: str, source: str) -> Module | None:
        """The module that a relative source in a module of `folder` means; None where it is not relative or not in the tree."""
        if not source.startswith(("./", "../")) and source not in (".", ".."):
            return None
        target = self.tree.resolve(folder, source)
        return None if target is None else self.get(target)

    def known(self, source: str) -> Module | None:
        """The stand-in for a well-known module that is not in the tree."""
        return _known(source)

    def supposed(self, folder: str, call: Declared, source: str) -> tuple[str, Module] | None:
        """What an unknown module makes, by its call, and the stand-in for it; None where that does not show."""
        kind = kind_of(call, source)
        if kind is None or source.startswith("."):
            return None
        return kind, stand_in(f"{SUPPOSED}{folder}:{call.block.labels[0]}", (configuration_of(call, kind),))

    def fetched(self, root: str, key: str) -> Module | None:
        """The module that `terraform init` fetched for a call, by the names of the calls that lead to it: `network.subnets`."""
        if root not in self._manifests:
            self._manifests[root] = _manifest(self.tree.read(posixpath.join(root, _MANIFEST)))
        folder = self._manifests[root].get(key)
        target = self.tree.resolve(root, folder) if folder else None
        return self.get(target) if target else None


@lru_cache(maxsize=64)
def _known(source: str) -> Module | None:
    """A stand-in by its source: it is the same in every tree."""
    texts = configuration(source)
    return stand_in(STAND_IN + source, texts) if texts else None


def _manifest(data: bytes | None) -> Mapping[str, str]:
    try:
        found = json.loads(data or b"{}")
        modules = found["Modules"]
        return {str(module["Key"]): str(module["Dir"]) for module in modules if module.get("Key")}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
