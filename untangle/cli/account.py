"""The options that name an account to read, or a recording of one, and what is told while it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from untangle.cli.guard import tell
from untangle.cli.source import Command, option, options
from untangle.errors import UsageError

if TYPE_CHECKING:
    from untangle.scanners.account.call import Scope

_FOLDER = click.Path(path_type=Path)


def _duration(_: click.Context, option: click.Parameter, text: str | None) -> timedelta | None:
    if text is None:
        return None
    from untangle.scanners.account.windows import parse

    try:
        return parse(text, option.name or "")
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


# fmt: off
_OPTIONS = (
    option("--account", "account", is_flag=True,
           help="Read the live account, with the credentials that boto3 finds; add PATH to join both."),
    option("--profile", metavar="NAME", help="The profile of the AWS configuration to use."),
    option("--region", "regions", multiple=True, metavar="REGION", help="A region to read; repeatable  [default: the profile's]"),
    option("--all-regions", is_flag=True, help="Read every region that the account has enabled."),
    option("--role-arn", "role_arns", multiple=True, metavar="ARN", help="A role to assume, one per account; repeatable."),
    option("--traces", metavar="TIME", callback=_duration,
           help="Also read X-Ray's service graph of so long (90m, 24h, 14d) and confirm the hops in it; AWS may charge."),
    option("--metrics", metavar="TIME", callback=_duration,
           help="Also read CloudWatch's numbers of so long: volume, errors, durations; charged, about $0.01 for 250 functions."),
    option("--record", type=_FOLDER, metavar="DIR", help="Record what AWS answers, scrubbed, into a new folder or .zip file."),
    option("--resume", is_flag=True, help="Go on with the recording that is there: ask only for what is missing or was refused."),
    option("--scrub-accounts", is_flag=True, help="Replace account ids in the recording; the map is kept beside it, not in it."),
    option("--replay", type=_FOLDER, metavar="DIR", help="Read a recording instead of an account: no network, no credentials."),
)
# fmt: on


@dataclass(frozen=True, kw_only=True)
class Account:
    """Which account to read, if any, and how."""

    account: bool
    profile: str | None
    regions: tuple[str, ...]
    all_regions: bool
    role_arns: tuple[str, ...]
    traces: timedelta | None
    metrics: timedelta | None
    record: Path | None
    resume: bool
    scrub_accounts: bool
    replay: Path | None

    def open(self, note: Callable[[str], None], progress: Callable[[str], None]) -> tuple[Scope, ...]:
        """The accounts that were asked for; says whose they are. Raises UsageError where the options do not fit together."""
        from untangle.scanners.account.scopes import announcement, live, replay

        self._check()
        if self.replay:
            return replay(self.replay, progress=progress)
        if not self.account:
            return ()
        scopes = live(
            self.profile,
            self.regions,
            self.all_regions,
            self.role_arns,
            self.record,
            self.resume,
            progress,
            scrub_accounts=self.scrub_accounts,
            traces=self.traces,
            metrics=self.metrics,
        )
        note(announcement(scopes))
        if self.record:
            click.get_current_context().call_on_close(lambda: _remark(self.record))
        return scopes

    def _check(self) -> None:
        of_account = {
            "--profile": self.profile,
            "--region": self.regions,
            "--all-regions": self.all_regions,
            "--role-arn": self.role_arns,
            "--traces": self.traces,
            "--metrics": self.metrics,
            "--record": self.record,
            "--resume": self.resume,
            "--scrub-accounts": self.scrub_accounts,
        }
        alone = next((name for name, value in of_account.items() if value), None)
        if alone and not self.account:
            raise UsageError(f"{alone} is about a live account", hint="add --account")
        if self.account and self.replay:
            raise UsageError("--account and --replay are two sources of the same", hint="say one of them")
        if self.all_regions and self.regions:
            raise UsageError("--all-regions and --region contradict each other", hint="say one of them")


def _remark(record: Path | None) -> None:
    """Says what became of the recording, even when quiet: what is missing in it must not surprise anybody later."""
    from untangle.scanners.account.recording import remarks

    if record and record.exists():
        for line in remarks(record):
            tell(line)


def reads_account(command: Command) -> Command:
    """Gives a command the options of `Account`, handed to it as one value."""
    import functools

    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        return command(account=Account(**{name: given.pop(name) for name in Account.__dataclass_fields__}), **given)

    return options(*_OPTIONS)(wrapped)
