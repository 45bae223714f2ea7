"""Files of a proposal into a folder of the user's choice, and never over what somebody else wrote or changed.

A record beside the files holds the digest of each file that untangle wrote. A file that still has its digest may be
replaced; any other that is there already is the user's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from untangle.errors import DeliveryError
from untangle.model.change import NewFile

RECORD = ".untangle.json"


def below(folder: Path, path: str) -> Path:
    """Where a relative path leads below a folder; raises DeliveryError where it leads out of it, or into `.git`."""
    parts = path.split("/")
    if "\\" in path or "\0" in path or any(part in ("", ".", "..", ".git") for part in parts):
        raise DeliveryError(f"{path!r} is no path below a folder")
    if not (folder / path).parent.resolve().is_relative_to(folder.resolve()):
        raise DeliveryError(f"{path} leads out of its folder by a symbolic link", where=str(folder))
    return folder / path


def write(folder: Path, files: Iterable[NewFile], *, force: bool = False) -> tuple[Path, ...]:
    """Writes files below `folder` and returns their paths, sorted; files that are the same already are left as they are.

    Raises DeliveryError, before anything is written, where a file is there that untangle did not write or that was
    changed since; `force` overwrites those.
    """
    wanted = sorted(files)
    known = _record(folder)
    theirs = [item.path for item in wanted if not force and _is_theirs(below(folder, item.path), item, known)]
    if theirs:
        more = f" and {len(theirs) - 3} more" if len(theirs) > 3 else ""
        raise DeliveryError(
            f"{', '.join(theirs[:3])}{more} would be overwritten",
            where=str(folder),
            hint="untangle did not write it, or it was changed since; choose another folder, or add --force",
        )
    for item in wanted:
        put(below(folder, item.path), item.text)
    kept = {path: digest for path, digest in known.items() if (folder / path).is_file()}
    digests = dict(sorted((kept | {item.path: _digest(encode(item.text)) for item in wanted}).items()))
    put(folder / RECORD, json.dumps({"written_by": "untangle", "sha256": digests}, indent=2) + "\n")
    return tuple(folder / item.path for item in wanted)


def put(path: Path, text: str) -> None:
    """Writes one file, its folder made where it is missing; raises DeliveryError where that fails."""
    data = encode(text)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_bytes() != data:
            path.write_bytes(data)
    except OSError as error:
        raise DeliveryError(f"cannot be written: {error.strerror or error}", where=str(path)) from error


def _is_theirs(path: Path, item: NewFile, known: Mapping[str, str]) -> bool:
    if not path.exists() and not path.is_symlink():
        return False
    try:
        there = path.read_bytes()
    except OSError:
        return True
    return there != encode(item.text) and _digest(there) != known.get(item.path)


def _record(folder: Path) -> dict[str, str]:
    """The digests of what untangle wrote here before; none where the record is missing or not to be understood."""
    try:
        record = json.loads((folder / RECORD).read_bytes())["sha256"]
        return {str(path): str(digest) for path, digest in record.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def encode(text: str) -> bytes:
    """Text as UTF-8, whatever it holds."""
    # Half a surrogate pair can come out of a template's JSON; it is written as the escape that it was.
    return text.encode("utf-8", "backslashreplace")


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
