"""Every failure becomes one line on standard error and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import click

from untangle.errors import ExitCode, UntangleError, UsageError, nearest

INTERRUPTED, PIPE_CLOSED = 130, 141  # 128 and the signal's number, as shells have it


class Commands(click.Group):
    """The group of commands: says what a mistyped one may mean, and turns every failure into one line and an exit code."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            raise UsageError(f"no such command: {args[0]}", hint=nearest(args[0], self.commands))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # whoever reads has enough; the interpreter must not complain about it at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return PIPE_CLOSED

    def main(
        self, args: Any = None, prog_name: Any = None, complete_var: Any = None, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        run = super().main
        if not standalone_mode:
            return run(args, prog_name, complete_var, standalone_mode=False, **extra)
        sys.exit(_guarded(lambda: run(args, prog_name or "untangle", complete_var, standalone_mode=False, **extra)))


def _guarded(run: Callable[[], object]) -> int:
    """Runs a command; every exception becomes a message and an exit code (a traceback only with UNTANGLE_DEBUG)."""
    try:
        code = run()
        return code if isinstance(code, int) else ExitCode.DONE
    except UntangleError as error:
        return _failed(str(error), error.exit_code)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "untangle"
        return _failed(f"{error.format_message()}\n  hint: {command} --help", ExitCode.CANNOT)
    except click.ClickException as error:
        return _failed(error.format_message(), ExitCode.CANNOT)
    except (click.Abort, KeyboardInterrupt):
        return _failed("interrupted", INTERRUPTED)
    except Exception as error:  # the last line of defence: a defect of untangle is told like any other failure
        if os.environ.get("UNTANGLE_DEBUG"):
            raise
        return _failed(f"internal: {type(error).__name__}: {error}\n  hint: UNTANGLE_DEBUG=1 shows where", ExitCode.CANNOT)


def _failed(message: str, code: int) -> int:
    tell(f"error: {message}")
    return code


def tell(message: str) -> None:
    """A message for people, on standard error; nothing in it can move the cursor."""
    from untangle.emit.wording import clean

    click.echo("\n".join(clean(line) for line in message.split("\n")), err=True)
