"""Recordings: what an account answered, as files that can be read anywhere.

    manifest.json                        format, accounts with their regions, whether it is complete, what is missing and why
    <account>/<region>/<service>.jsonl   one row per page: {op, params, page, answer, last}, or {op, params, page, outcome, code}

While a scan runs, rows are appended as they come, so that whatever ends the scan leaves what it had; at the end they are
sorted. The same answers give the same bytes. Before a row is written it is swept for secrets, and not written where there is one.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import msgspec

from untangle.errors import InputError
from untangle.scanners.account.call import Outcome, Page, Request
from untangle.scanners.account.secrets import sweep

FORMAT = "untangle.recording/1"
MANIFEST = "manifest.json"
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=str)
LARGEST = 1 << 30  # of a zip, unpacked: more is no recording
_OUTCOMES = frozenset(item.value for item in Outcome)
_PATH = re.compile(r"(\d{12})/([a-z0-9-]+)/([a-z0-9-]+)\.jsonl")
Key = tuple[str, str, str, str, str]  # account, region, service, operation, parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One recorded request: its pages, and how it ended."""

    pages: tuple[Page, ...]
    outcome: Outcome
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A whole recording in memory. `damaged` names the files and lines that could not be understood."""

    accounts: Mapping[str, Mapping[str, Any]]
    complete: bool
    answers: Mapping[Key, Recorded]
    damaged: tuple[str, ...] = ()


def key_of(request: Request) -> Key:
    """Under what a request is recorded."""
    return (request.account, request.region, request.service, request.operation, request.key)


def canonical(value: object) -> str:
    """JSON with sorted keys, no spaces and nothing but ASCII."""
    return _CANONICAL.encode(value) if value != {} else "{}"


def rows(request: Request, answer: Recorded) -> list[dict[str, Any]]:
    """The rows of one request, in order; the last one says how it ended."""
    head = {"op": request.operation, "params": json.loads(request.key)}
    made: list[dict[str, Any]] = [{**head, "page": n, "answer": page} for n, page in enumerate(answer.pages, 1)]
    if answer.outcome is Outcome.READ and made:
        made[-1]["last"] = True
    else:
        made.append({**head, "page": len(made) + 1, "outcome": answer.outcome.value, "code": answer.code})
    return made


# ---- reading


def is_recording(path: Path) -> bool:
    """Whether a path is a recording: a folder or a zip with a manifest of this format."""
    try:
        return _manifest(path) is not None
    except InputError:
        return False


def why_not(path: Path) -> str:
    """Why a path is no recording, in words; empty where nothing about it looks like one (or it is one)."""
    try:
        if _manifest(path) is not None:
            return ""
    except InputError as error:
        return error.message.removeprefix("no recording: ") if path.suffix == ".zip" or _has_rows(path) else ""
    if not path.exists():
        return "there is no such file or folder"
    if path.suffix == ".zip":
        return "there is no manifest of the right format in it" if zipfile.is_zipfile(path) else "the zip file is damaged"
    if not _has_rows(path):
        return "" if path.is_dir() else "it is neither a folder nor a zip file"
    if not (path / MANIFEST).is_file():
        return f"its {MANIFEST} is missing"
    return f"its {MANIFEST} is of another format; this untangle reads {FORMAT}"


def _has_rows(path: Path) -> bool:
    return path.is_dir() and any(_PATH.fullmatch(file.relative_to(path).as_posix()) for file in path.glob("*/*/*.jsonl"))


def complete(path: Path) -> bool:
    """Whether a path is a recording in which nothing is missing."""
    return (_manifest(path) or {}).get("complete") is True


def remarks(path: Path) -> tuple[str, ...]:
    """What a person has to know of a recording that was made: whether it is complete, and what was not written into it."""
    manifest = _manifest(path) or {}
    failed = manifest.get("failed")
    why = f" ({len(failed)} operations could not be read or not wholly)" if isinstance(failed, dict) and len(failed) > 1 else ""
    state = "complete" if manifest.get("complete") is True else f"not complete{why}; `untangle scan {path}` shows what it holds"
    if manifest.get("complete") is not True:
        state += ", the same command with --resume goes on with it"
    refused = tuple(
        f"not recorded: {item['request']}, because {item['where']} looks like {item['looks_like']}"
        for item in manifest.get("withheld", ())
    )
    return (f"recorded into {path}: {state}", *refused)


def read(path: Path, rename: Callable[[str], str] = str) -> Recording:
    """Reads a recording, a folder or a zip; raises InputError where it is none. Rows that make no sense are named, not fatal.

    `rename` undoes what the writer's did.
    """
    manifest = _manifest(path)
    if manifest is None:
        raise InputError(f"no recording: {why_not(path) or 'there is no manifest in it'}", where=str(path))
    found: dict[Key, dict[int, dict[str, Any]]] = {}
    damaged: list[str] = []
    for name, number, line in _lines(path):
        match = _PATH.fullmatch(rename(name))
        parsed = _row(rename(line)) if match else None
        if match is None or parsed is None:
            damaged.append(f"{name}:{number}")
            continue
        key = (match[1], match[2], match[3], parsed["op"], canonical(parsed["params"]))
        pages = found.setdefault(key, {})
        if parsed["page"] == 1 and 1 in pages:  # asked again later: the last answer counts
            pages.clear()
        pages[parsed["page"]] = parsed
    answers = {key: _answer(pages) for key, pages in sorted(found.items())}
    accounts = manifest.get("accounts")
    known = {rename(str(k)): v for k, v in accounts.items() if isinstance(v, Mapping)} if isinstance(accounts, Mapping) else {}
    return Recording(accounts=known, complete=manifest.get("complete") is True, answers=answers, damaged=tuple(damaged))


def _answer(pages: Mapping[int, dict[str, Any]]) -> Recorded:
    """Pages in order; where they do not run from 1 to one that is marked as last, the answer is incomplete."""
    run = [pages[number] for number in sorted(pages)]
    kept = tuple(row["answer"] for row in run if "answer" in row)
    end = run[-1]
    if [row["page"] for row in run] != list(range(1, len(run) + 1)):
        return Recorded(pages=kept, outcome=Outcome.INCOMPLETE, code="pages are missing")
    if "outcome" in end:
        return Recorded(pages=kept, outcome=Outcome(end["outcome"]), code=str(end.get("code", "")))
    whole = end.get("last") is True
    return Recorded(
        pages=kept, outcome=Outcome.READ if whole else Outcome.INCOMPLETE, code="" if whole else "its pages broke off"
    )


def _row(line: str) -> dict[str, Any] | None:
    """A row of the right form, else None (a torn last line, another program's file)."""
    try:
        row = _decoded(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or not isinstance(row.get("op"), str) or not isinstance(row.get("params"), dict):
        return None
    if isinstance(row.get("page"), bool) or not isinstance(row.get("page"), int) or not 0 < row["page"] < 1_000_000:
        return None
    if isinstance(row.get("answer"), dict) and "outcome" not in row:
        return row
    return row if isinstance(row.get("outcome"), str) and row["outcome"] in _OUTCOMES and "answer" not in row else None


def _decoded(text: str) -> Any:
    """What a JSON text says; raises ValueError or RecursionError. What only Python's own reader takes (NaN) is left to it."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return json.loads(text)


def _manifest(path: Path) -> dict[str, Any] | None:
    try:
        if path.is_dir():
            text = (path / MANIFEST).read_text("utf-8") if (path / MANIFEST).is_file() else ""
        elif path.is_file() and zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                name = next((info for info in archive.infolist() if info.filename == MANIFEST and info.file_size < LARGEST), None)
                text = archive.read(name).decode("utf-8") if name else ""
        else:
            return None
        manifest = json.loads(text) if text else None
    except (OSError, ValueError, RecursionError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise InputError(f"no recording: {error}", where=str(path)) from error
    return manifest if isinstance(manifest, dict) and manifest.get("format") == FORMAT else None


def _lines(path: Path) -> Iterator[tuple[str, int, str]]:
    """(file, line number, line) of all rows, sorted by file."""
    try:
        if path.is_dir():
            for file in sorted(path.glob("*/*/*.jsonl")):
                with file.open(encoding="utf-8", errors="replace") as stream:
                    yield from ((file.relative_to(path).as_posix(), n, line) for n, line in enumerate(stream, 1) if line.strip())
            return
        with zipfile.ZipFile(path) as archive:
            files = sorted((info for info in archive.infolist() if info.filename.endswith(".jsonl")), key=lambda i: i.filename)
            if sum(info.file_size for info in files) > LARGEST:
                raise InputError("unpacked, it would be larger than any recording", where=str(path))
            for info in files:
                text = archive.read(info).decode("utf-8", "replace")
                yield from ((info.filename, n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip())
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f"cannot be read: {error}", where=str(path)) from error


# ---- writing


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Withheld:
    """A row that was not written, where in it, and what it looks like; never what it is."""

    request: str
    where: str
    looks_like: str


@dataclass(kw_only=True)
class Writer:
    """Writes a recording into a folder, row by row, and packs it into `archive` at the end where that is given.

    `rename` maps account ids in whatever is written. Thread-safe.
    """

    folder: Path
    archive: Path | None = None
    accounts: Mapping[str, Mapping[str, Any]]
    rename: Callable[[str], str] = str
    withheld: set[Withheld] = field(default_factory=set)
    failed: dict[str, set[str]] = field(default_factory=dict)
    _files: dict[Path, IO[str]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _flushed: float = 0.0
    _closed: bool = False

    def begin(self, kept: Mapping[Key, Recorded] | None = None) -> None:
        """Makes the folder, keeps the given answers of an earlier run in it, and marks it as not complete.

        Raises InputError where it cannot be written.
        """
        texts: dict[Path, list[str]] = {}
        for (account, region, service, operation, params), answer in sorted((kept or {}).items()):
            known = Request(account=account, region=region, service=service, operation=operation, params=json.loads(params))
            texts.setdefault(self._path(known), []).append(self._text(known, answer))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for path, lines in texts.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                _replace(path, "".join(lines))
            for path in set(self.folder.glob("*/*/*.jsonl")) - set(texts):
                path.unlink()
            self._manifest(complete=False)
        except OSError as error:
            raise self._unwritable(error) from error

    def write(self, request: Request, answer: Recorded) -> None:
        """Appends the rows of one request. What holds what looks like a secret is written as withheld. Raises InputError."""
        text, path = self._text(request, answer), self._path(request)
        with self._lock:
            if self._closed:
                return
            if not answer.outcome.known:
                self.failed.setdefault(self._name(request), set()).add(answer.outcome.value)
            try:
                self._append(path, text)
            except OSError as error:
                raise self._unwritable(error) from error

    def _append(self, path: Path, text: str) -> None:
        if path not in self._files:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._files[path] = path.open("a", encoding="utf-8", newline="\n")
        self._files[path].write(text)
        if time.monotonic() - self._flushed > 1:
            for file in self._files.values():
                file.flush()
            self._flushed = time.monotonic()

    def _text(self, request: Request, answer: Recorded) -> str:
        made = rows(request, answer)
        spoiled = {Withheld(request=self._name(request), where=at, looks_like=kind) for row in made for at, kind in sweep(row)}
        if spoiled:
            with self._lock:
                self.withheld |= spoiled
            made = rows(request, Recorded(pages=(), outcome=Outcome.WITHHELD, code="a secret"))
            if any(True for _ in sweep(made[0])):  # the parameters themselves: nothing of the request can be told
                return ""
        return self.rename("".join(canonical(row) + "\n" for row in made))

    def _name(self, request: Request) -> str:
        return f"{request.account}/{request.region}/{request.service}.{request.operation}"

    def _path(self, request: Request) -> Path:
        return self.folder / self.rename(request.account) / request.region / f"{request.service}.jsonl"

    def _unwritable(self, error: OSError) -> InputError:
        return InputError(f"cannot be written: {error.strerror or error}", where=str(self.folder))

    def close(self, complete: bool) -> None:
        """Sorts every file, writes the manifest, and packs it all where that is wished. What comes later is not written."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            try:
                for file in self._files.values():
                    file.close()
                for path in sorted(self.folder.glob("*/*/*.jsonl")):
                    _replace(path, "".join(_folded(path.read_text("utf-8").splitlines(keepends=True))))
                self._manifest(complete=complete)
                if self.archive:
                    pack(self.folder, self.archive)
                    shutil.rmtree(self.folder)
            except OSError as error:
                raise self._unwritable(error) from error

    def _manifest(self, *, complete: bool) -> None:
        said = {
            "format": FORMAT,
            "complete": complete and not self.failed and not self.withheld,
            "accounts": {self.rename(account): dict(about) for account, about in sorted(self.accounts.items())},
            "failed": {name: sorted(outcomes) for name, outcomes in sorted(self.failed.items())},
            "withheld": [{"request": w.request, "where": w.where, "looks_like": w.looks_like} for w in sorted(self.withheld)],
        }
        _replace(self.folder / MANIFEST, self.rename(json.dumps(said, indent=2, sort_keys=True)) + "\n")


def _folded(lines: list[str]) -> list[str]:
    """The rows in order. An operation that never was answered is one row: which of its calls were tried is chance."""
    kept: dict[str, list[tuple[str, int, str, dict[str, Any]]]] = {}
    for line in lines:
        row = _decoded(line)
        kept.setdefault(row["op"], []).append((canonical(row["params"]), row["page"], line, row))
    folded: list[str] = []
    for name, found in sorted(kept.items()):
        found.sort(key=lambda item: item[:3])
        ends = [(row["outcome"], row["code"]) for *_, row in found if not Outcome(row.get("outcome", "read")).known]
        if len(ends) == len(found) > 1:
            outcome, code = min(ends)
            folded.append(canonical({"op": name, "params": {}, "page": 1, "outcome": outcome, "code": code}) + "\n")
        else:
            folded += [line for _, _, line, _ in found]
    return folded


def _replace(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)


def pack(folder: Path, target: Path) -> None:
    """Packs a recording into a zip whose bytes depend on nothing but its files."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in [folder / MANIFEST, *sorted(folder.glob("*/*/*.jsonl"))]:
            info = zipfile.ZipInfo(file.relative_to(folder).as_posix(), (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, file.read_bytes())
