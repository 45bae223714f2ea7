"""A JSON file of a proposal as YAML, for those who keep their state machines in it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from untangle.model.change import NewFile, Proposal

WIDE = 60  # characters of a text that stands in a line of its own


def in_yaml(proposal: Proposal) -> Proposal:
    """The same proposal with its definitions as YAML, in the words too."""
    body, files = proposal.body, []
    for item in proposal.files:
        made = as_yaml(item) if item.path.endswith(".asl.json") else item
        body = body.replace(f"`{item.path}`", f"`{made.path}`")
        files.append(made)
    return replace(proposal, body=body, files=tuple(sorted(files)))


def as_yaml(item: NewFile) -> NewFile:
    """The same definition as YAML under the same name with `.yaml`; keys keep their order, long texts stand as blocks."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Without aliases, which few readers of state machines expect."""

        def ignore_aliases(self, data: Any) -> bool:
            return True

    def text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
        block = "\n" in data or (len(data) > WIDE and "'" in data)  # where every quote would be written twice
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|" if block else None)

    Dumper.add_representer(str, text)
    written = yaml.dump(json.loads(item.text), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=1000)
    return NewFile(path=item.path.removesuffix(".json") + ".yaml", text=written)
