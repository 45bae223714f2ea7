"""A branch in a worktree of its own: what it holds, what stays untouched, and every way in which it is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from untangle.deliver.git import make, prepare, preview
from untangle.errors import DeliveryError
from untangle.model.change import NewFile

FILES = (NewFile(path="workflows/c/m.json", text="{}\n"), NewFile(path="workflows/c/MIGRATION.md", text="# x\n"))
NAME = "untangle/c-01234567"
MESSAGE = "Orchestrate c\n\nChain: c"


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603, S607
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, one staged and one loose change, by somebody with a name."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = trunk\n")
    folder = tmp_path / "repository"
    (folder / "app").mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / "app/template.yaml").write_text("Resources: {}\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "begin")
    (folder / "staged.txt").write_text("s")
    git(folder, "add", "staged.txt")
    (folder / "app/template.yaml").write_text("Resources: {A: {}}\n")
    return folder


def state(folder: Path) -> tuple[str, ...]:
    """Everything of a checkout that must stay as it is."""
    return (
        git(folder, "status", "--porcelain", "-uall"),
        git(folder, "rev-parse", "HEAD"),
        git(folder, "symbolic-ref", "HEAD"),
        git(folder, "stash", "list"),
        git(folder, "diff"),
        git(folder, "diff", "--cached"),
        git(folder, "worktree", "list"),
    )


def test_the_branch_holds_the_files_and_nothing_else_moves(repository: Path, tmp_path: Path) -> None:
    before = state(repository)
    commit = make(prepare(repository, NAME, FILES, MESSAGE))
    assert state(repository) == before
    assert git(repository, "rev-parse", NAME) == commit
    assert git(repository, "diff", "--name-status", f"trunk...{NAME}").splitlines() == [
        "A\tworkflows/c/MIGRATION.md",
        "A\tworkflows/c/m.json",
    ]
    assert git(repository, "log", "-1", "--format=%an <%ae>%n%B", NAME) == f"Ada <ada@example.com>\n{MESSAGE}"
    assert not any((tmp_path / "tmp").iterdir())


def test_files_stand_below_the_folder_that_was_scanned(repository: Path) -> None:
    branch = prepare(repository / "app", NAME, FILES, MESSAGE)
    assert [item.path for item in branch.files] == ["app/workflows/c/MIGRATION.md", "app/workflows/c/m.json"]
    make(branch)
    assert git(repository, "show", f"{NAME}:app/workflows/c/m.json") == "{}"


def test_what_is_not_committed_is_counted(repository: Path) -> None:
    assert prepare(repository, NAME, FILES, MESSAGE).uncommitted == 2
    assert prepare(repository / "app", NAME, FILES, MESSAGE).uncommitted == 1


def test_looking_makes_nothing(repository: Path) -> None:
    before = state(repository), git(repository, "branch", "--list")
    text = preview(prepare(repository, NAME, FILES, MESSAGE))
    assert text.startswith(f"branch {NAME}\nfrom   {git(repository, 'rev-parse', 'HEAD')[:12]}\n\n    Orchestrate c\n")
    assert "+++ b/workflows/c/m.json\n@@ -0,0 +1,1 @@\n+{}\n" in text
    assert (state(repository), git(repository, "branch", "--list")) == before


def test_again_is_no_second_commit(repository: Path) -> None:
    commit = make(prepare(repository, NAME, FILES, MESSAGE))
    git(repository, "commit", "-qm", "go on")
    again = prepare(repository, NAME, FILES, MESSAGE)
    assert again.exists
    assert "there already" in preview(again)
    assert make(again) == commit


@pytest.mark.parametrize("path", ["workflows/c/m.json", "README.md"])
def test_a_branch_with_other_content_is_refused(repository: Path, path: str) -> None:
    make(prepare(repository, NAME, FILES, MESSAGE))
    other = repository.parent / "other"
    git(repository, "worktree", "add", "-q", str(other), NAME)
    (other / path).write_text("mine\n")
    git(other, "add", ".")
    git(other, "commit", "-qm", "mine")
    with pytest.raises(DeliveryError, match="there already, with other content"):
        prepare(repository, NAME, FILES, MESSAGE)


def test_a_file_that_is_there_with_other_content_is_refused(repository: Path) -> None:
    (repository / "workflows/c").mkdir(parents=True)
    (repository / "workflows/c/m.json").write_text("mine\n")
    git(repository, "add", "workflows")
    git(repository, "commit", "-qm", "mine")
    with pytest.raises(DeliveryError, match=r"workflows/c/m\.json is there already"):
        prepare(repository, NAME, FILES, MESSAGE)


def test_files_that_are_there_already_make_no_branch(repository: Path) -> None:
    make(prepare(repository, NAME, FILES, MESSAGE))
    git(repository, "stash", "-q")
    git(repository, "merge", "-q", NAME)
    with pytest.raises(DeliveryError, match="nothing to add"):
        prepare(repository, "untangle/c-other", FILES, MESSAGE)


def test_outside_a_repository_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(DeliveryError, match="not inside a git work tree"):
        prepare(tmp_path, NAME, FILES, MESSAGE)


def test_without_a_commit_it_is_refused(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "empty")
    with pytest.raises(DeliveryError, match="no commit yet"):
        prepare(tmp_path / "empty", NAME, FILES, MESSAGE)


@pytest.mark.parametrize("name", ["bad..name", "-x", "a b", "x.lock", ""])
def test_a_name_that_git_refuses_is_refused(repository: Path, name: str) -> None:
    with pytest.raises(DeliveryError):
        make(prepare(repository, name, FILES, MESSAGE))
    assert git(repository, "branch", "--format=%(refname:short)") == "trunk"


def test_a_failing_hook_leaves_no_trace(repository: Path, tmp_path: Path) -> None:
    hook = repository / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'not today' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = state(repository)
    with pytest.raises(DeliveryError, match="not today"):
        make(prepare(repository, NAME, FILES, MESSAGE))
    assert state(repository) == before
    assert git(repository, "branch", "--format=%(refname:short)") == "trunk"
    assert not any((tmp_path / "tmp").iterdir())


def test_without_an_identity_it_is_refused_and_leaves_no_trace(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    with pytest.raises(DeliveryError, match="git commit"):
        make(prepare(repository, NAME, FILES, MESSAGE))
    assert git(repository, "branch", "--format=%(refname:short)") == "trunk"


def test_a_link_in_the_repository_leads_nowhere(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (repository / "workflows").symlink_to(tmp_path / "outside")
    git(repository, "add", "workflows")
    git(repository, "commit", "-qm", "link")
    with pytest.raises(DeliveryError, match="symbolic link"):
        make(prepare(repository, NAME, FILES, MESSAGE))
    assert not any((tmp_path / "outside").iterdir())
    assert git(repository, "branch", "--format=%(refname:short)") == "trunk"


def test_a_hook_that_runs_untangle_does_not_lend_it_its_index(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_INDEX_FILE", str(repository / ".git/index"))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    branch = prepare(repository, NAME, FILES, MESSAGE)
    make(branch)
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert git(repository, "diff", "--cached", "--name-only") == "staged.txt"


def test_files_that_git_ignores_are_added_all_the_same(repository: Path) -> None:
    (repository / ".gitignore").write_text("workflows/\n*.json\n")
    git(repository, "add", ".gitignore")
    git(repository, "commit", "-qm", "ignore")
    make(prepare(repository, NAME, FILES, MESSAGE))
    assert git(repository, "show", f"{NAME}:workflows/c/m.json") == "{}"


def test_without_git_it_is_told(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(DeliveryError, match="git was not found"):
        prepare(repository, NAME, FILES, MESSAGE)
