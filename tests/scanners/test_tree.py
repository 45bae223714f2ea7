"""Which files a scan sees, and that it sees nothing outside its root."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from untangle.errors import InputError
from untangle.scanners import tree as tree_module
from untangle.scanners.tree import Tree

GIT = shutil.which("git") or ""


def make(root: Path, *paths: str, **ignores: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    return root


def seen(root: Path, *exclude: str) -> tuple[str, ...]:
    return Tree(root, exclude=exclude).files


def test_files_are_sorted_and_relative(tmp_path: Path) -> None:
    make(tmp_path, "b/z.py", "b/a.py", "a.yaml", "b.c/x")
    assert seen(tmp_path) == ("a.yaml", "b.c/x", "b/a.py", "b/z.py")


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        "node_modules/x/template.yaml",
        "app/.aws-sam/build/template.yaml",
        ".venv/lib/x.py",
        "cdk.out/asset.0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/index.js",
    ],
)
def test_copies_and_other_peoples_code_are_left_out(path: str, tmp_path: Path) -> None:
    make(tmp_path, path, "own.yaml")
    assert seen(tmp_path) == ("own.yaml",)


IGNORED = [
    ("*.log\n", ["a.log", "x/b.log"], ["a.txt"]),
    ("build/\n", ["build/a", "x/build/b"], ["builder/a"]),
    ("/build\n", ["build/a"], ["x/build/b"]),
    ("x/*.json\n", ["x/a.json"], ["a.json", "x/y/a.json"]),
    ("logs/*\n!logs/keep\n", ["logs/a"], ["logs/keep"]),
    ("**/out/**\n", ["a/out/b/c"], ["a/outer/b"]),
    ("*.[oa]\n", ["x.o", "x.a"], ["x.b"]),
    ("*.[^oa]\n", ["x.b"], ["x.o"]),
    ("\\#a\n\\!b\n# a comment\n\n", ["#a", "!b"], ["a", "b"]),
    ("foo\\*bar\n", ["foo*bar"], ["foobar"]),
    ("trail \nkept\\ \n", ["trail", "kept "], ["kept"]),
    ("/*\n!/src\n", ["a", "b/c"], ["src/d"]),
    ("*\n!*/\n!*.yaml\n", ["a.py", "x/b.py"], ["a.yaml", "x/b.yaml"]),
]


@pytest.mark.parametrize(("patterns", "ignored", "kept"), IGNORED)
def test_gitignore_is_honoured(patterns: str, ignored: list[str], kept: list[str], tmp_path: Path) -> None:
    make(tmp_path, *ignored, *kept)
    (tmp_path / ".gitignore").write_text(patterns)
    assert set(seen(tmp_path)) - {".gitignore"} == set(kept)


def test_an_inner_gitignore_overrules_an_outer_one(tmp_path: Path) -> None:
    make(tmp_path, "a.log", "x/a.log", "x/b.log", "x/y/b.log", "z/b.log")
    (tmp_path / ".gitignore").write_text("*.log\n")
    (tmp_path / "x/.gitignore").write_text("!a.log\n!/b.log\n")
    assert [path for path in seen(tmp_path) if path.endswith(".log")] == ["x/a.log", "x/b.log"]


def test_a_synthesized_folder_is_read_although_git_ignores_it(tmp_path: Path) -> None:
    make(tmp_path, "cdk.out/Foo.template.json", "other/x.json")
    (tmp_path / ".gitignore").write_text("cdk.out\nother\n*.json\n")
    assert seen(tmp_path) == (".gitignore", "cdk.out/Foo.template.json")
    assert seen(tmp_path, "cdk.out") == (".gitignore",)


def test_exclude_speaks_the_same_language(tmp_path: Path) -> None:
    make(tmp_path, "test/a.yaml", "src/test/b.yaml", "src/c.yaml", "src/d.yaml")
    assert seen(tmp_path, "test/", "d.*") == ("src/c.yaml",)
    assert seen(tmp_path, "/test") == ("src/c.yaml", "src/d.yaml", "src/test/b.yaml")


@pytest.mark.skipif(not GIT, reason="git itself is what this compares with")
@pytest.mark.parametrize("line", ["[a/[ab]", "[b/]*", "a/[b/c]", "[a/b", "a\\/b", "[!/]b/a"])
def test_git_reads_slashes_in_brackets_the_same(tmp_path: Path, line: str) -> None:
    root = make(tmp_path, "a/a/b", "a/b/a", "ab/a", "b", "cb/a", "cb/]")
    subprocess.run([GIT, "init", "-q", str(root)], check=True)  # noqa: S603
    (root / ".gitignore").write_text(line + "\n")
    command = [GIT, "-C", str(root), "ls-files", "-zo", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    assert seen(root) == tuple(sorted(listed.stdout.decode().split("\0")[:-1]))


@pytest.mark.skipif(not GIT, reason="git itself is what this compares with")
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_git_ignores_the_same(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = make(tmp_path_factory.mktemp("walk"), "a/a/b", "a/b/a", "ab/a", "ab/ab/b", "b", "cb/a*", "cb/]")
    subprocess.run([GIT, "init", "-q", str(root)], check=True)  # noqa: S603
    words = st.sampled_from(
        ["a", "b", "ab", "*", "**", "***", "?", "a*", "*b", "[ab]", "[!a]", "[^b]*", "[]a]", "a\\*", "[z-a]", "[a"]
    )
    flag = st.booleans()
    for path in (".gitignore", "ab/.gitignore"):
        count = data.draw(st.integers(0, 3))
        drawn = [
            (data.draw(st.lists(words, min_size=1, max_size=3)), data.draw(st.tuples(flag, flag, flag))) for _ in range(count)
        ]
        # a set that two words make up together may hold a range that runs backwards beside others, which is read otherwise here
        drawn = [(parts, flags) for parts, flags in drawn if not re.search(r"\[a/.*\]", "/".join(parts))]
        lines = ["!" * bang + "/" * lead + "/".join(parts) + "/" * end for parts, (bang, lead, end) in drawn]
        (root / path).write_text("\n".join(lines) + "\n")
    command = [GIT, "-C", str(root), "ls-files", "-zo", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    assert seen(root) == tuple(sorted(listed.stdout.decode().split("\0")[:-1]))


def test_a_hostile_pattern_costs_no_more_than_another(tmp_path: Path) -> None:
    make(tmp_path, "a" * 250, "/".join("a" * 60))
    (tmp_path / ".gitignore").write_text("*a" * 60 + "*b\n" + "**/a/" * 40 + "b\n")
    assert len(seen(tmp_path)) == 3


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    root = make(tmp_path / "root", "a.yaml", "sub/b.yaml")
    (root / "link.yaml").symlink_to(tmp_path / "secret")
    (root / "inner.yaml").symlink_to(root / "a.yaml")
    (root / "folder").symlink_to(tmp_path)
    (root / "loop").symlink_to(root)
    tree = Tree(root)
    assert tree.files == ("a.yaml", "inner.yaml", "link.yaml", "sub/b.yaml")
    assert tree.read("link.yaml") is None
    assert tree.read("inner.yaml") == b"a.yaml"
    assert tree.read("../secret") is None
    assert tree.read("/etc/passwd") is None
    assert tree.read("nul\0") is None
    assert tree.read("missing") is None
    assert tree.read("sub") is None


@pytest.mark.parametrize(
    ("folder", "path", "resolved"),
    [
        ("a", "b.yaml", "a/b.yaml"),
        ("a/b", "../c", "a/c"),
        ("a", "..", ""),
        ("", "./x/", "x"),
        ("a", "../../x", None),
        ("", "..", None),
        ("a", "/x", None),
    ],
)
def test_paths_are_resolved_inside_the_root(folder: str, path: str, resolved: str | None, tmp_path: Path) -> None:
    assert Tree(tmp_path).resolve(folder, path) == resolved


def test_questions_about_folders(tmp_path: Path) -> None:
    tree = Tree(make(tmp_path, "a/b/c.py", "a/d.py", "a.b/e.py", "a0/f.py", "g.py"))
    assert tree.has("a/d.py") and not tree.has("a")
    assert tree.has_folder("a/b") and tree.has_folder("") and not tree.has_folder("b")
    assert tree.folder("a") == ("a/d.py",) and tree.folder("") == ("g.py",) and tree.folder("none") == ()
    assert tree.under("a") == tree.under("a/") == ("a/b/c.py", "a/d.py")
    assert tree.under("") == tree.files
    assert tree.named("d.py") == ("a/d.py",) and tree.named("x") == ()


def test_a_file_given_alone_is_the_only_template(tmp_path: Path) -> None:
    root = make(tmp_path, "a.yaml", "b.yaml")
    (root / ".gitignore").write_text("a.yaml\n")
    tree = Tree(root / "a.yaml")
    assert tree.templates == ("a.yaml",)
    assert tree.read("a.yaml") == b"a.yaml"
    assert tree.has("b.yaml")


def test_a_root_that_does_not_exist_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        Tree(tmp_path / "missing")


def test_large_files_are_not_read_but_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_module, "MAX_FILE", 10)
    (tmp_path / "large").write_bytes(b"x" * 11)
    (tmp_path / "fits").write_bytes(b"x" * 10)
    tree = Tree(tmp_path)
    assert tree.read("large") is None
    assert tree.start("large", 4) == b"xxxx"
    assert tree.read("fits") == b"x" * 10


def test_text_tolerates_what_is_no_utf8(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfcaf\xe9")
    assert Tree(tmp_path).text("a") == "caf\N{REPLACEMENT CHARACTER}"


def test_a_name_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.yaml")).write_text("x")
    except OSError:
        pytest.skip("the file system refuses such names")
    assert Tree(make(tmp_path, "naïve.yaml")).files == ("naïve.yaml",)


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    assert Tree(tmp_path).files == ()
