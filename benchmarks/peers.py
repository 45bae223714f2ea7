"""The tools that untangle is measured beside, each in a throwaway virtual environment of its own.

pip installs them by name, into `--environments` (a folder under the system's temporary one unless told otherwise), where they are
found again by the next run. Nothing of them reaches the interpreter that runs untangle.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_FOLDER = Path(tempfile.gettempdir()) / "untangle-benchmarks"
# What pip is asked for. Major versions are pinned where several are measured beside one another.
PEERS: Mapping[str, tuple[str, ...]] = {
    "iam-policy-autopilot": ("iam-policy-autopilot",),
    "checkov": ("checkov",),
    "cfn-lint": ("cfn-lint",),
    "python-hcl2 8": ("python-hcl2==8.*",),
    "python-hcl2 4": ("python-hcl2==4.*",),
    "python-hcl2 3": ("python-hcl2==3.*",),
    "tfparse": ("tfparse",),
}


@dataclass(frozen=True, slots=True)
class Environment:
    """One virtual environment: its interpreter and its folder of commands."""

    name: str
    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def command(self, name: str) -> Path:
        """A command that the peer installed."""
        return self.folder / "bin" / name

    def version(self) -> str:
        """The installed version of the peer, "checkov 3.3.30"."""
        package = PEERS[self.name][0].partition("==")[0]
        code = f"from importlib.metadata import version; print({package!r}, version({package!r}))"
        return subprocess.run([self.python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def environment(name: str, folder: Path = DEFAULT_FOLDER) -> Environment:
    """The environment of a peer, made and filled on first use. Raises CalledProcessError where pip cannot install it."""
    home = folder / name.replace(" ", "-")
    done = home / "installed"
    if not done.exists():
        print(f"installing {', '.join(PEERS[name])} into {home}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        quiet = ("--quiet", "--quiet", "--disable-pip-version-check")
        pip = [str(home / "bin" / "python"), "-m", "pip", "install", *quiet, *PEERS[name]]
        subprocess.run(pip, check=True, stdout=sys.stderr)
        done.touch()
    return Environment(name, home)
