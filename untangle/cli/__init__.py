"""The command line: commands, consoles, exit codes. What is found comes from `pipeline`, what it looks like from `emit`.

Results go to standard output, all else to standard error. Nothing is imported before a command needs it: help is quick.
"""

from untangle.cli import lint as _lint  # noqa: F401 (registers its command)
from untangle.cli import run as _run  # noqa: F401
from untangle.cli import verify as _verify  # noqa: F401
from untangle.cli.commands import main

__all__ = ["main"]
