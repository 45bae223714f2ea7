"""The source files in a deployment package, which may be hostile: what cannot be read of it is said, and nothing is raised.

Lambda allows 250 MB unpacked, https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html; what says that it is more
is no package. Files are unpacked in memory, one after the other, and never larger than they said.
"""

from __future__ import annotations

import posixpath
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO

from untangle.scanners.tree import MAX_FILE, SKIPPED_FOLDERS

MOST_FILES = 65_536
LARGEST = 250 * 1024 * 1024  # all files, unpacked
MOST_SOURCE = 64 * 1024 * 1024  # of what is kept in memory
_ENTRY = b"PK\x01\x02"  # with which every entry of an archive's directory begins
_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """The files that were wanted, by path, and what of the archive could not be read, in words."""

    files: Mapping[str, bytes]
    troubles: tuple[str, ...] = ()


def unpack(data: bytes, wanted: Callable[[str], bool]) -> Unpacked:
    """The wanted files of a zip archive; vendored folders are left out, as in a `Tree`."""
    try:
        # A directory of millions of entries would fill the memory before anything could be counted.
        if data.count(_ENTRY) > MOST_FILES:
            return _nothing(f"it holds more than {MOST_FILES:,} files")
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _unpacked(archive, wanted)
    except _BROKEN:
        return _nothing("it is no zip archive that can be read")


_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError, EOFError, RuntimeError, OverflowError, IndexError)


def _nothing(trouble: str) -> Unpacked:
    return Unpacked(files={}, troubles=(trouble,))


def _unpacked(archive: zipfile.ZipFile, wanted: Callable[[str], bool]) -> Unpacked:
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > LARGEST:
        return _nothing(f"unpacked, it would be larger than the {LARGEST // 2**20} MB that Lambda allows")
    files: dict[str, bytes] = {}
    troubles: dict[str, list[str]] = {}
    left = MOST_SOURCE
    for path, entry in sorted(_chosen(entries, wanted)):
        content = _content(archive, entry, path, left)
        if isinstance(content, str):
            troubles.setdefault(content, []).append(path)
        else:
            files[path] = content
            left -= len(content)
    return Unpacked(files=files, troubles=tuple(f"{why}: {_named(paths)}" for why, paths in sorted(troubles.items())))


def _chosen(entries: list[zipfile.ZipInfo], wanted: Callable[[str], bool]) -> Iterator[tuple[str, zipfile.ZipInfo]]:
    """The files that are wanted; of those that lie at the same place the last, as it is with whoever unpacks them."""
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in entries:
        path = posixpath.normpath(entry.filename.replace("\\", "/"))
        if not entry.is_dir() and wanted(path) and SKIPPED_FOLDERS.isdisjoint(path.split("/")):
            found[path] = entry
    yield from found.items()


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str, left: int) -> bytes | str:
    """The bytes of one file, or why they are not read."""
    if path.startswith(("/", "../")) or path[1:2] == ":" or not path.isprintable():
        return "its path leads out of the package"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "it is a link"
    if entry.flag_bits & 0x1:
        return "it is encrypted"
    if entry.file_size > MAX_FILE:
        return f"it is larger than {MAX_FILE // 2**20} MB"
    if entry.file_size > left:
        return f"all source files together are larger than {MOST_SOURCE // 2**20} MB"
    try:
        with archive.open(entry) as stream:
            return stream.read(entry.file_size + 1)
    except (*_BROKEN, NotImplementedError):
        return "it is damaged, or packed in an unknown way"


def _named(paths: list[str]) -> str:
    shown = ", ".join(path if path.isprintable() else ascii(path)[1:-1] for path in paths[:_SHOWN])
    return shown + (f" and {len(paths) - _SHOWN:,} more" if len(paths) > _SHOWN else "")
