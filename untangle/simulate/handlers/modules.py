"""Modules of its own for each function: what lies in its folders is loaded for it alone, what is installed is shared.

As in Lambda the folder of the code comes first on the path, then those of its layers.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType

_SKIPPED = {"node_modules", ".git", "__pycache__", ".venv", "venv"}


class Modules:
    """The modules of one function. `folders` are searched first, in their order; `root` bounds what is its own."""

    def __init__(self, folders: tuple[Path, ...], root: Path) -> None:
        self.folders = folders
        self._own: dict[str, ModuleType] = {}
        self._before: frozenset[str] = frozenset()
        self._bounds = tuple(str(folder.resolve()) for folder in (root, *folders))
        self._names = frozenset(name for folder in folders for name in _importable(folder)) - sys.stdlib_module_names

    @contextmanager
    def present(self) -> Iterator[None]:
        """While it is entered, imports find the function's modules and no other function's."""
        hidden = self._hidden()
        for name in hidden:
            del sys.modules[name]
        sys.modules.update(self._own)
        path = list(sys.path)
        sys.path[:0] = [str(folder) for folder in self.folders]
        self._before = frozenset(sys.modules)
        writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        if not self._own:
            importlib.invalidate_caches()
        try:
            yield
        finally:
            self._own.update((name, sys.modules[name]) for name in self._new())
            for name in self._own:
                sys.modules.pop(name, None)
            sys.modules.update(hidden)
            sys.path[:] = path
            sys.dont_write_bytecode = writes

    def also(self, folder: Path) -> bool:
        """Search one more folder, the last of the function's; False where it is searched already."""
        if folder in self.folders:
            return False
        sys.path.insert(len(self.folders), str(folder))
        self.folders = (*self.folders, folder)
        return True

    def _hidden(self) -> dict[str, ModuleType]:
        """What is loaded under names that the function's folders have too."""
        if self._names.isdisjoint(sys.modules):
            return {}
        return {name: module for name, module in sys.modules.items() if name.partition(".")[0] in self._names}

    def _new(self) -> list[str]:
        """What was loaded for this function alone since its modules are present."""
        return [name for name, module in list(sys.modules.items()) if name not in self._before and self._is_own(module)]

    def current(self) -> list[ModuleType]:
        """The modules that are loaded for this function alone, while they are present."""
        return [*self._own.values(), *(sys.modules[name] for name in self._new())]

    def _is_own(self, module: ModuleType) -> bool:
        places = [getattr(module, "__file__", None), *list(getattr(module, "__path__", []))[:1]]
        return any(isinstance(place, str) and _below(place, self._bounds) for place in places)


@cache
def _below(place: str, bounds: tuple[str, ...]) -> bool:
    if "site-packages" in place:
        return any(place.startswith(bound) and "site-packages" in bound for bound in bounds)
    resolved = str(Path(place).resolve())
    return any(resolved.startswith(f"{bound}/") or resolved == bound for bound in bounds)


def _importable(folder: Path) -> list[str]:
    """The names of modules and packages directly in a folder."""
    if not folder.is_dir():
        return []
    found = [item.stem for item in folder.iterdir() if item.suffix == ".py"]
    return found + [
        item.name for item in folder.iterdir() if item.is_dir() and item.name.isidentifier() and item.name not in _SKIPPED
    ]
