"""The options that name an account to read, or a recording of one, and what is told while it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from untangle.cli.guard import tell
from untangle.cli.paths import recordings_in
from untangle.cli.source import Command, option, options
from untangle.errors import UsageError

if TYPE_CHECKING:
    from untangle.scanners.account.call import Scope
    from untangle.scanners.account.pseudonyms import Pseudonyms

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
    option("--organization", is_flag=True,
           help="Read all active accounts of the organization, each into its own recording below --record DIR."),
    option("--role-name", metavar="NAME", help="The role to assume in each account of the organization."),
    option("--code", is_flag=True,
           help="Also stream each function's package and read it in memory: 2 calls a function; how many bytes is said first."),
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
    organization: bool
    role_name: str | None
    code: bool
    traces: timedelta | None
    metrics: timedelta | None
    record: Path | None
    resume: bool
    scrub_accounts: bool
    replay: Path | None

    @property
    def readable(self) -> tuple[Path, ...]:
        """Where other commands find what was read: the recording; a name for one that is still to be made where there is none."""
        held = self.record or self.replay or (Path("RECORDING") if self.account else None)
        return (held,) if held else ()

    def open(self, note: Callable[[str], None], progress: Callable[[str], None]) -> tuple[Scope, ...]:
        """The accounts that were asked for; says whose they are. Raises UsageError where the options do not fit together."""
        self._check()
        if self.replay:
            return self._replayed(self.replay, progress)
        if not self.account:
            return ()
        many = self.organization or len(self.role_arns) > 1
        scopes = self._fleet(note, progress) if many else self._one(note, progress)
        if self.record:
            click.get_current_context().call_on_close(lambda: _remark(self.record))
        return scopes

    def _one(self, note: Callable[[str], None], progress: Callable[[str], None]) -> tuple[Scope, ...]:
        from untangle.scanners.account.scopes import announcement

        scopes = self._live(self.role_arns, self.record, self.resume, progress=progress)
        note(announcement(scopes))
        return scopes

    def _live(
        self,
        role_arns: Sequence[str],
        record: Path | None,
        resume: bool,
        *,
        progress: Callable[[str], None],
        names: Pseudonyms | None = None,
    ) -> tuple[Scope, ...]:
        """The account that the credentials or the role lead to."""
        from untangle.scanners.account.scopes import live

        return live(
            self.profile,
            self.regions,
            self.all_regions,
            role_arns,
            record,
            resume,
            progress,
            scrub_accounts=self.scrub_accounts,
            names=names,
            groups=frozenset({"code"} if self.code else ()),
            traces=self.traces,
            metrics=self.metrics,
        )

    def _fleet(self, note: Callable[[str], None], progress: Callable[[str], None]) -> tuple[Scope, ...]:
        """Many accounts: those of the roles, or of the organization."""
        from untangle.scanners.account.fleet import enter, of_organization, of_roles, telling

        members, idle = of_roles(self.role_arns), 0
        if self.role_name:
            members, idle = of_organization(self.profile, self.role_name)
        scopes = enter(
            members,
            self._live,
            self.record,
            resume=self.resume,
            scrub_accounts=self.scrub_accounts,
            enough=self._is_enough,
            progress=progress,
        )
        note(telling(scopes, idle))
        return scopes

    def _is_enough(self, about: Mapping[str, Any]) -> bool:
        """Whether a complete recording of an account holds all that is asked for now."""
        if self.code or self.traces or self.metrics:
            return False
        if self.all_regions:
            return about.get("all_regions") is True
        return set(self.regions) <= set(about.get("regions", ()))

    def _replayed(self, path: Path, progress: Callable[[str], None]) -> tuple[Scope, ...]:
        """The accounts of a recording, or of a folder of recordings."""
        from untangle.scanners.account.scopes import join, replay

        return join({str(each): replay(each, progress=progress) for each in recordings_in(path) or (path,)})

    def _check(self) -> None:
        of_account = {
            "--profile": self.profile,
            "--region": self.regions,
            "--all-regions": self.all_regions,
            "--role-arn": self.role_arns,
            "--organization": self.organization,
            "--role-name": self.role_name,
            "--code": self.code,
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
        self._check_organization()

    def _check_organization(self) -> None:
        if self.organization and not self.role_name:
            raise UsageError("--organization reads each account by a role that is there", hint="say which: --role-name NAME")
        if self.role_name and not self.organization:
            raise UsageError("--role-name is about an organization", hint="add --organization; one account's role: --role-arn")
        if self.organization and self.role_arns:
            raise UsageError("--organization and --role-arn both say which accounts to read", hint="say one of them")
        if self.organization and not self.record:
            raise UsageError("--organization records each account", hint="say where: --record DIR")
        if self.resume and not self.record:
            raise UsageError("--resume goes on with a recording", hint="say which: --record DIR")


def _remark(record: Path | None) -> None:
    """Says what became of the recording, even when quiet: what is missing in it must not surprise anybody later."""
    from untangle.scanners.account.fleet import remarks as remarks_on_many
    from untangle.scanners.account.recording import is_recording, remarks

    if record and record.is_dir() and not is_recording(record):
        for line in remarks_on_many(record):
            tell(line)
    elif record and record.exists():
        for line in remarks(record):
            tell(line)


def reads_account(command: Command) -> Command:
    """Gives a command the options of `Account`, handed to it as one value."""
    import functools

    @functools.wraps(command)
    def wrapped(**given: Any) -> Any:
        return command(account=Account(**{name: given.pop(name) for name in Account.__dataclass_fields__}), **given)

    return options(*_OPTIONS)(wrapped)
