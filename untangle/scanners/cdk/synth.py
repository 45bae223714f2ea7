"""Runs the user's own `cdk synth`, on request only: the one place where a scan starts a program of the user's."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from untangle.errors import InputError
from untangle.scanners.cdk import advice, applications, command
from untangle.scanners.tree import Tree

PATIENCE = 600  # seconds for one application


def synthesise(tree: Tree, show: Callable[[str], None]) -> int:
    """Synthesises every application of the tree that has no templates yet, into its own cdk.out, and counts them.

    `show` is told each command before it runs. Raises InputError where one fails, with the end of what it said.
    """
    folders = tuple(applications(tree))
    for folder in folders:
        words = command(tree, folder)
        show(f"running in {folder or '.'}: {' '.join(words)}")
        try:
            done = subprocess.run(  # noqa: S603 - the user asked for this command, and it was shown
                words, cwd=tree.root / folder, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            hint = f"run it yourself and scan again: {advice(tree, folder)}"
            raise InputError(f"cdk synth could not be run: {error}", where=folder or ".", hint=hint) from error
        if done.returncode:
            said = " ".join((done.stderr or done.stdout).strip().splitlines()[-3:])[:400]
            raise InputError(f"cdk synth failed: {said}", where=folder or ".", hint="run it yourself and scan again")
    return len(folders)
