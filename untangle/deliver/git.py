"""A branch with new files, made in a git worktree of its own: the user's checkout, index and stash stay as they are.

git is run with argument lists, as the user, with the user's identity, hooks and signing. The worktree stands in a
temporary folder and is gone afterwards; the branch stays. Whatever fails takes the branch away again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from untangle.deliver.folder import below, encode, put
from untangle.errors import DeliveryError
from untangle.model.change import NewFile

# Variables that point git at another repository, as they do inside a hook.
_POINTING = frozenset(
    ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A branch to be made, or made: `files` with paths from the top of the repository, `base` the commit it starts at.

    `uncommitted` counts the changed files of the checkout, which the branch does not hold. `exists` says that the
    branch is there with just these files.
    """

    repository: Path
    name: str
    base: str
    files: tuple[NewFile, ...]
    message: str
    uncommitted: int = 0
    exists: bool = False


def prepare(folder: Path, name: str, files: tuple[NewFile, ...], message: str) -> Branch:
    """What `make` would do, checked, nothing written. `files` have paths from `folder`, which lies in a repository.

    Raises DeliveryError where there is no repository or no commit, where a file is there with other content, and
    where the branch is there with other content.
    """
    top, prefix = _place(folder)
    placed = tuple(replace(item, path=prefix + item.path) for item in sorted(files))
    base = _commit(top, "HEAD")
    if base is None:
        raise DeliveryError("the repository has no commit yet", where=str(top), hint="commit your files first")
    if _run(top, "check-ref-format", "--branch", name, check=False).returncode:
        raise DeliveryError(f"{name!r} is no name for a branch")
    changed = len(_git(top, "status", "--porcelain", "--", f":/{prefix}").splitlines())
    branch = Branch(repository=top, name=name, base=base, files=placed, message=message, uncommitted=changed)
    if _commit(top, f"refs/heads/{name}"):
        return _existing(branch)
    _refuse_conflicts(branch)
    return branch


def make(branch: Branch) -> str:
    """Makes a prepared branch and returns the hash of its commit; raises DeliveryError where git refuses."""
    if branch.exists:
        return _git(branch.repository, "rev-parse", f"refs/heads/{branch.name}").strip()
    with _worktree(branch) as tree:
        for item in branch.files:
            put(below(tree, item.path), item.text)
        _git(tree, "add", "--force", "--", *(f":(literal){item.path}" for item in branch.files))
        _git(tree, "commit", "--quiet", "--message", branch.message)
        return _git(tree, "rev-parse", "HEAD").strip()


def preview(branch: Branch) -> str:
    """What a branch would hold, as text: its name, its message, its files as a patch."""
    from untangle.emit.patch import patch

    state = "  (there already, with the same content)" if branch.exists else ""
    message = "\n".join(f"    {line}".rstrip() for line in branch.message.splitlines())
    return f"branch {branch.name}{state}\nfrom   {branch.base[:12]}\n\n{message}\n\n{patch(branch.files)}"


def _place(folder: Path) -> tuple[Path, str]:
    """The top of the repository that holds a folder, and the folder's path in it ("" or ending in `/`)."""
    done = _run(folder, "rev-parse", "--show-toplevel", "--show-prefix", check=False)
    if done.returncode:
        raise DeliveryError(
            "this is not inside a git work tree",
            where=str(folder),
            hint=_last_line(done.stderr) or "`untangle propose` writes the same files into a folder",
        )
    top, _, prefix = done.stdout.partition("\n")
    return Path(top), prefix.rstrip("\n")


def _existing(branch: Branch) -> Branch:
    """The branch that is there already; raises DeliveryError where it holds anything else."""
    reference = f"refs/heads/{branch.name}"
    differing = _git(branch.repository, "diff", "--name-only", "-z", f"{branch.base}...{reference}").split("\0")
    same = all(_blob(branch.repository, reference, item.path) == encode(item.text) for item in branch.files)
    if not same or not {path for path in differing if path} <= {item.path for item in branch.files}:
        raise DeliveryError(
            f"branch {branch.name} is there already, with other content",
            where=str(branch.repository),
            hint=f"look at it with `git log {branch.name}`; rename or delete it to have it made anew",
        )
    return replace(branch, exists=True)


def _refuse_conflicts(branch: Branch) -> None:
    there = {item.path: _blob(branch.repository, branch.base, item.path) for item in branch.files}
    other = [item.path for item in branch.files if there[item.path] not in (None, encode(item.text))]
    if other:
        raise DeliveryError(f"{', '.join(other[:3])} is there already, with other content", where=str(branch.repository))
    if all(content is not None for content in there.values()):
        raise DeliveryError("nothing to add: the current commit holds these files already", where=str(branch.repository))


@contextmanager
def _worktree(branch: Branch) -> Iterator[Path]:
    """A worktree on the new branch in a temporary folder; the branch is deleted again where the body fails."""
    folder = Path(tempfile.mkdtemp(prefix="untangle-"))
    tree = folder / "worktree"
    done = False
    try:
        _git(branch.repository, "worktree", "add", "--quiet", "-b", branch.name, str(tree), branch.base)
        yield tree
        done = True
    finally:
        _run(branch.repository, "worktree", "remove", "--force", str(tree), check=False)
        shutil.rmtree(folder, ignore_errors=True)
        _run(branch.repository, "worktree", "prune", check=False)
        if not done:
            _run(branch.repository, "branch", "--delete", "--force", branch.name, check=False)


def _commit(repository: Path, name: str) -> str | None:
    done = _run(repository, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", check=False)
    return done.stdout.strip() or None


def _blob(repository: Path, commit: str, path: str) -> bytes | None:
    """The content of a file in a commit; None where it is not there."""
    done = _run(repository, "cat-file", "blob", f"{commit}:{path}", check=False)
    return None if done.returncode else done.stdout.encode("utf-8", "surrogateescape")


def _git(folder: Path, *arguments: str) -> str:
    return _run(folder, *arguments).stdout


def _run(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """One git command in a folder; raises DeliveryError with what git said where it fails and `check` is set."""
    git = shutil.which("git")
    if git is None:
        raise DeliveryError("git was not found", hint="install git, or use `untangle propose`")
    done = subprocess.run(  # noqa: S603
        [git, "-C", str(folder), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        env=_environment(),
        check=False,
    )
    if check and done.returncode:
        said = _last_line(done.stderr) or _last_line(done.stdout) or f"exit code {done.returncode}"
        raise DeliveryError(f"git {arguments[0]}: {said}", where=str(folder))
    return done


def _environment() -> Mapping[str, str]:
    """The user's, in plain English, without questions, and without fetching large files for a checkout nobody looks at."""
    kept = {key: value for key, value in os.environ.items() if key not in _POINTING}
    return kept | {"LC_ALL": "C.UTF-8", "GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1"}


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
