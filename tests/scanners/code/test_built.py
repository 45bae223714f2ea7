"""From what a build makes back to its source: bundlers' entry points, make targets, compilers' output folders."""

# ruff: noqa: E501  (the rows of a table are snippets on one line)
from __future__ import annotations

import pytest

from tests.scanners.code.python.handlers import function, scan
from untangle.model.value import Value

HANDLER = "export const handler = async () => 1;\n"
NODE: dict[str, Value] = {"Runtime": "nodejs20.x"}


def esbuild(*points: str) -> dict[str, Value]:
    return {"BuildMethod": "esbuild", "BuildProperties": {"Minify": True, "EntryPoints": points}}


# The function's properties, its metadata, the files of the tree, and the entry that is found.
FOUND: list[tuple[str, dict[str, Value], dict[str, Value], tuple[str, ...], str]] = [
    ("an entry point", {"Code": ".", "Handler": "orders.handler"}, esbuild("api/orders.ts"), ("api/orders.ts", "orders.ts"), "api/orders.ts"),
    ("relative to the code", {"Code": "shop"}, esbuild("src/main/app.ts"), ("shop/src/main/app.ts", "src/main/app.ts"), "shop/src/main/app.ts"),
    ("one under another name", {"Code": "shop", "Handler": "index.handler"}, esbuild("place.ts"), ("shop/place.ts",), "shop/place.ts"),
    ("of several the handler's", {"Code": "shop", "Handler": "b/index.handler"}, esbuild("a/index.ts", "b/index.ts"), ("shop/a/index.ts", "shop/b/index.ts"), "shop/b/index.ts"),
    ("an output folder", {"Code": "dist/", "Handler": "place.handler"}, {}, ("src/place.ts", "old/place.ts"), "src/place.ts"),
    ("an output folder in the handler", {"Code": ".", "Handler": "dist/handlers/place.handler"}, {}, ("src/handlers/place.ts", "x/place.ts"), "src/handlers/place.ts"),
    ("an output folder within a package", {"Code": "shop/build", "Handler": "place.handler"}, {}, ("shop/src/place.ts", "src/place.ts"), "shop/src/place.ts"),
    ("an output that is in the tree", {"Code": "lib", "Handler": "place.handler"}, {}, ("lib/place.js", "src/place.ts"), "lib/place.js"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "metadata", "files", "entry"), [case[1:] for case in FOUND], ids=[case[0] for case in FOUND])
def test_the_source_of_what_is_built_is_found(
    given: dict[str, Value], metadata: dict[str, Value], files: tuple[str, ...], entry: str
) -> None:
    found = scan(dict.fromkeys(files, HANDLER), function(metadata=metadata, **{**NODE, **given}))["Fn"]
    assert found.entry is not None, found.gaps
    assert found.entry.path == entry


def test_a_make_target_names_the_source() -> None:
    makefile = "build-Fn: deps\n\tnpx esbuild --bundle handlers/place.ts --outfile=$(ARTIFACTS_DIR)/app.js\ndeps:\n\tnpm ci\nbuild-Other:\n\tcp b.ts $@\n"
    files = {"Makefile": makefile, "handlers/place.ts": HANDLER, "b.ts": HANDLER}
    found = scan(files, function(metadata={"BuildMethod": "makefile"}, **NODE, Code="."))["Fn"]
    assert found.entry is not None
    assert found.entry.path == "handlers/place.ts"
