"""Python handlers, read with `ast` and an abstract interpreter that never imports or runs anything.

`syntax` parses, `modules` finds what imports mean, `domain` says what a value may be; `core`, `bindings`, `statements`,
`definitions`, `containers`, `expressions`, `attributes`, `foreign` and `invoke` are the interpreter, layer on layer,
`interpreter` puts it together. What counts as a write is in `sdk` and `libraries`, beside the table shared by all languages.
"""

from __future__ import annotations

import re
from functools import lru_cache

from untangle.scanners.code.language import Language
from untangle.scanners.code.python.interpreter import open_reader


@lru_cache(maxsize=64)
def _pattern(name: str) -> re.Pattern[str]:
    name = re.escape(name)
    bound = rf"^\s{{0,8}}(?:async\s+)?(?:def|class)\s+{name}\b|^\s{{0,8}}{name}\s*[=:]"
    imported = rf"^\s*(?:from\s.*)?import\s.*(?:\b{name}\b|\*)"
    return re.compile(f"{bound}|{imported}", re.MULTILINE)


def defines(text: str, name: str) -> bool:
    """Whether a file looks as if it binds this name at its top level."""
    return _pattern(name).search(text) is not None


PYTHON = Language(
    name="python", runtimes=("python",), suffixes=(".py", "/__init__.py"), defines=defines, scripts=True, open=open_reader
)
