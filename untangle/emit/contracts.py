"""One file per hop: its contract as JSON Schema 2020-12."""

from __future__ import annotations

import json

from untangle.model.change import NewFile
from untangle.model.contract import Contract


def contract_files(contracts: tuple[Contract, ...], folder: str = "contracts") -> tuple[NewFile, ...]:
    """`<folder>/<name>.schema.json` for each contract, sorted by path; a second contract of one name gets its hop added."""
    used: set[str] = set()
    files = []
    for contract in contracts:
        name = contract.name if contract.name not in used else f"{contract.name}-{contract.hop}"
        used.add(name)
        text = json.dumps(contract.schema, indent=2, ensure_ascii=False) + "\n"
        files.append(NewFile(path=f"{folder}/{name}.schema.json", text=text))
    return tuple(sorted(files))
