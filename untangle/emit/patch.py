"""New files as a patch, for a look before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from untangle.model.change import NewFile


def patch(files: Iterable[NewFile]) -> str:
    """A unified diff that adds these files, in the order of their paths; `git apply` takes it."""
    return "".join(line + "\n" for item in sorted(files) for line in _added(item))


def _added(item: NewFile) -> Iterator[str]:
    lines = item.text.split("\n")
    ended = lines[-1] == ""
    lines = lines[:-1] if ended else lines
    yield from (f"diff --git a/{item.path} b/{item.path}", "new file mode 100644", "--- /dev/null", f"+++ b/{item.path}")
    yield f"@@ -0,0 +1,{len(lines)} @@"
    yield from (f"+{line}" for line in lines)
    if not ended:
        yield "\\ No newline at end of file"
