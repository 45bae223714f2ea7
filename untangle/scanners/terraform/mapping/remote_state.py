"""Outputs of one root that another reads from its state (`terraform_remote_state`), where both are in the tree.

Which root a state belongs to is seen from where the state is kept: a local path leads to the root's folder, and the key of any
other backend names it (`prod/network.tfstate` for a root in `stacks/network`). It counts only where one root alone fits.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from untangle.model.value import Value, alternatives, parts_of
from untangle.scanners.terraform.block import TerraformResource, TerraformRoot

TYPE = "terraform_remote_state"
MAX_DEPTH = 4
_WORD = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


class RemoteStates:
    """The outputs of all roots, as other roots may ask for them."""

    def __init__(self, roots: Iterable[TerraformRoot]) -> None:
        self._roots = tuple(roots)

    def output(self, state: TerraformResource, attribute: str) -> Value:
        """What `outputs.<name>` of a state is, in the words of the root that it is an output of; None where that is not known."""
        first, _, rest = attribute.partition(".")
        name, _, inside = rest.partition(".")
        owner = self._owner(state, name) if first == "outputs" and name else None
        return _at(owner.outputs[name], inside) if owner is not None else None

    def _owner(self, state: TerraformResource, name: str) -> TerraformRoot | None:
        texts = list(_texts(state.attributes.get("config"), 0))
        folders = {posixpath.normpath(posixpath.join(state.folder, posixpath.dirname(text))) for text in texts}
        named = {word for text in (*texts, state.name) for word in _WORD.findall(text.lower())}
        fitting = [root for root in self._roots if name in root.outputs and root.folder != state.folder]
        for chosen in (
            [root for root in fitting if root.folder in folders],
            [root for root in fitting if posixpath.basename(root.folder).lower() in named],
        ):
            if len(chosen) == 1:
                return chosen[0]
        return None


def _texts(value: Value, depth: int) -> Iterator[str]:
    """The literal texts in a backend's configuration."""
    for option, _ in alternatives(value):
        if isinstance(option, Mapping) and depth < MAX_DEPTH:
            for inner in option.values():
                yield from _texts(inner, depth + 1)
        elif isinstance(option, tuple) and depth < MAX_DEPTH:
            for inner in option:
                yield from _texts(inner, depth + 1)
        else:
            yield from (part for part in parts_of(option) if isinstance(part, str))


def _at(value: Value, path: str) -> Value:
    for step in path.split(".") if path else ():
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, tuple) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
