"""Which accounts are read, and through what: with the credentials at hand, from a recording, or the one laid over the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from untangle.errors import AwsError, InputError, UsageError, nearest
from untangle.scanners.account.boto import HOME, Live, config, refused
from untangle.scanners.account.call import Outcome, Request, Scope
from untangle.scanners.account.charges import charges
from untangle.scanners.account.chokepoint import Backing, Chokepoint, Overlaid, Replayed
from untangle.scanners.account.expected import least, surely
from untangle.scanners.account.manners import Manners
from untangle.scanners.account.pseudonyms import Pseudonyms, map_beside
from untangle.scanners.account.recording import Recording, Writer, is_recording, read
from untangle.scanners.account.refusal import refused as refused_account
from untangle.scanners.account.refusal import was_refused
from untangle.scanners.account.windows import Windows, remembered, resumed, starting

if TYPE_CHECKING:
    import boto3

Told = Callable[[str], None]


def replay(path: Path, groups: frozenset[str] = frozenset(), progress: Told = lambda text: None) -> tuple[Scope, ...]:
    """The accounts of a recording, a folder or a zip. No network, no credentials. Raises InputError where it is no recording.

    What was recorded of code, traces and metrics is used without being asked for.
    """
    return of_recording(read(path), groups, progress)


def of_recording(
    recording: Recording, groups: frozenset[str] = frozenset(), progress: Told = lambda text: None
) -> tuple[Scope, ...]:
    """The accounts of a recording that is read already; one that could not be entered is a scope that says so."""
    windows = {account: remembered(about) for account, about in recording.accounts.items()}
    coded = {account for account, _, service, *_ in recording.answers if service == "code"}
    groups = groups.union(*(each.groups for each in windows.values() if each), ["code"] if coded else ())
    caller = Chokepoint(Replayed(recording), groups=groups, tell=progress, damaged=recording.damaged, threads=False)
    return tuple(
        refused_account(account, str(about.get("partition", "aws")), how)
        if (how := was_refused(recording, account))
        else Scope(
            account=account,
            partition=str(about.get("partition", "aws")),
            regions=tuple(sorted(region for region in about.get("regions", ()) if isinstance(region, str))),
            caller=caller,
            code=account in coded,
            **_looking_back(windows[account]),
        )
        for account, about in sorted(recording.accounts.items())
    )


def join(parts: Mapping[str, Sequence[Scope]]) -> tuple[Scope, ...]:
    """The accounts of several recordings (by how the user names them) as one scan; raises UsageError where two hold the same."""
    whose: dict[tuple[str, str], str] = {}
    for name, scopes in parts.items():
        for scope in scopes:
            for region in scope.regions:
                other = whose.setdefault((scope.account, region), name)
                if other != name:
                    raise UsageError(
                        f"{other} and {name} both hold account {scope.account} in {region}",
                        hint="which of them is newer is not known here: leave one out",
                    )
    return tuple(
        sorted((scope for scopes in parts.values() for scope in scopes), key=lambda scope: (scope.account, scope.regions))
    )


def _looking_back(windows: Windows | None) -> Mapping[str, Any]:
    """The windows as a scope holds them."""
    return {"traces": windows.traces, "metrics": windows.metrics, "until": windows.until} if windows else {}


def overlay(recording: Recording, live: Backing) -> Backing:
    """A backing that asks `live` only for what the recording does not know."""
    return Overlaid(recording, live)


def live(
    profile: str | None = None,
    regions: Sequence[str] = (),
    all_regions: bool = False,
    role_arns: Sequence[str] = (),
    record: Path | None = None,
    resume: bool = False,
    progress: Told = lambda text: None,
    *,
    groups: frozenset[str] = frozenset(),
    scrub_accounts: bool = False,
    names: Pseudonyms | None = None,
    manners: Manners | None = None,
    traces: timedelta | None = None,
    metrics: timedelta | None = None,
    now: datetime | None = None,
) -> tuple[Scope, ...]:
    """The accounts that the credentials (or the roles that they may assume) belong to; sorted, each account once.

    Nothing but `sts:GetCallerIdentity` and, with `all_regions`, `ec2:DescribeRegions` is called before the first reader asks.
    With `record` all answers are recorded there, with `resume` an earlier recording there is gone on with, over the time that it
    looked back on. `traces` and `metrics` say how far to look back from `now`, None not at all. Raises AwsError where
    the credentials do not work, UsageError where no region is said, InputError where the recording cannot be made.
    """
    if resume and record is None:
        raise UsageError("--resume goes on with a recording", hint="say which: --record DIR")
    manners = manners or Manners(**_endpoint_manners())
    sessions = [_session(profile, arn) for arn in role_arns] or [_session(profile, None)]
    found = {identity["Account"]: (session, identity) for session in sessions for identity in [_identity(session)]}
    partition = min(identity["Arn"].split(":")[1] for _, identity in found.values())
    backing = Live({account: session for account, (session, _) in found.items()}, manners, partition)
    chosen = {account: _regions(backing, account, session, regions, all_regions) for account, (session, _) in found.items()}
    about: dict[str, dict[str, Any]] = {
        account: {"partition": partition, "regions": list(names), **({"all_regions": True} if all_regions else {})}
        for account, names in chosen.items()
    }
    windows = starting(now or datetime.now(UTC), traces, metrics)
    used: Backing = backing
    writer = None
    if record is not None:
        if names is None and scrub_accounts:
            names = Pseudonyms(map_beside(record))
        writer, earlier, windows = _writer(record, about, windows, names, resume=resume)
        used = overlay(earlier, backing) if earlier else backing
    caller = _caller(used, backing, manners=manners, writer=writer, groups=groups | windows.groups, tell=progress)
    caller.expect(sum(map(surely, chosen.values())))
    return tuple(
        Scope(
            account=account,
            partition=partition,
            regions=chosen[account],
            caller=caller,
            identity=found[account][1]["Arn"],
            code="code" in groups,
            **_looking_back(windows or None),
        )
        for account in sorted(found)
    )


def _caller(used: Backing, backing: Live, **options: Any) -> Chokepoint:
    """The chokepoint before a live account, which is let go of when all is read."""
    return Chokepoint(used, throttled=lambda: backing.throttled, closed=backing.close, **options)


def announcement(scopes: Sequence[Scope]) -> str:
    """Whose accounts are about to be read, with how many calls at least, and what is charged for it."""
    lines = [
        f"reading account {scope.account} as {scope.identity or 'recorded'}, in {', '.join(scope.regions)}" for scope in scopes
    ]
    calls = (
        f"at least {least(scopes):,} calls, and 1 to 5 more for each function, queue, topic, rule, bucket, table and API that is "
        "there; all of them only read"
    )
    return "\n".join([*lines, calls, *_streamed(scopes), *charges(scopes)])


def _streamed(scopes: Sequence[Scope]) -> list[str]:
    """What reading the packages takes, where that is asked for: functions are listed for it, as they would be anyway."""
    if not any(scope.code for scope in scopes):
        return []
    from untangle.scanners.account.packages import cost

    return [cost(scopes)]


def _endpoint_manners() -> dict[str, Any]:
    """AWS's limits are AWS's: an endpoint of the user's own has none."""
    return {"limits": None} if os.environ.get("AWS_ENDPOINT_URL") else {}


def _session(profile: str | None, role: str | None) -> boto3.Session:
    """The standard chain of credentials; a role's are fetched again whenever they run out, as a scan may outlive them."""
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        base = boto3.Session(profile_name=profile)
        if role is None:
            return base
        from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
        from botocore.session import Session

        source = base.get_credentials()
        if source is None:
            raise AwsError("there are no credentials to assume the role with", where=role, hint="see `aws configure list`")
        fetcher = AssumeRoleCredentialFetcher(
            client_creator=base._session.create_client,
            source_credentials=source,
            role_arn=role,
            extra_args={"RoleSessionName": "untangle"},
        )
        assumed = Session()
        assumed.register_component("data_loader", _models())
        assumed._credentials = DeferredRefreshableCredentials(method="assume-role", refresh_using=fetcher.fetch_credentials)
        return boto3.Session(botocore_session=assumed, region_name=base.region_name)
    except BotoCoreError as error:
        raise refused(error) from error


@cache
def _models() -> Any:
    """What botocore knows of the services, read once however many roles are assumed."""
    from botocore.session import Session

    return Session().get_component("data_loader")


def _identity(session: boto3.Session) -> dict[str, str]:
    """Whose credentials these are; raises AwsError where they do not work."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        region = session.region_name or HOME["aws"]
        said = session.client("sts", region, config=config(3)).get_caller_identity()
        return {"Account": str(said["Account"]), "Arn": str(said["Arn"])}
    except (BotoCoreError, ClientError) as error:
        raise refused(error) from error


def _regions(live: Live, account: str, session: boto3.Session, regions: Sequence[str], every: bool) -> tuple[str, ...]:
    """The regions to read: those said, or all that the account has enabled, or the configured one."""
    if not every:
        if not regions and not session.region_name:
            raise UsageError(
                "no region is configured", hint="say --region R, --all-regions, or set AWS_DEFAULT_REGION (not AWS_REGION)"
            )
        return _known(session, regions or [session.region_name or ""])
    home = HOME.get("aws", "")
    asked = Request(account=account, region=session.region_name or home, service="ec2", operation="DescribeRegions")
    answer = live.fetch(asked)
    if answer.outcome is not Outcome.READ:
        raise AwsError(f"the regions cannot be listed: {answer.code}", hint="say them: --region R")
    said = [item for page in answer.pages for item in page.get("Regions", ())]
    return tuple(sorted(item["RegionName"] for item in said if item.get("OptInStatus") != "not-opted-in"))


def _known(session: boto3.Session, regions: Sequence[str]) -> tuple[str, ...]:
    """The regions, sorted; raises UsageError for one that AWS does not have: every call to it would fail, one after the other."""
    known = {region for each in session.get_available_partitions() for region in session.get_available_regions("ec2", each)}
    for region in regions:
        if region not in known:
            close = nearest(region, sorted(known))
            raise UsageError(f"there is no region {region!r}", hint=f"{close} A new one needs a newer boto3.")
    return tuple(sorted(set(regions)))


def _writer(
    record: Path, about: dict[str, dict[str, Any]], windows: Windows, names: Pseudonyms | None, *, resume: bool
) -> tuple[Writer, Recording | None, Windows]:
    """The writer of a new recording, or of one that is gone on with, what that one knows already, and how far back it looks."""
    zipped = record.suffix == ".zip"
    folder = record.with_name(record.name + ".partial") if zipped else record
    there = next((path for path in (record, folder) if path.exists() and not (path.is_dir() and not any(path.iterdir()))), None)
    if there and not is_recording(there):
        raise InputError("there is something else than a recording", where=str(there), hint="choose a new place")
    if there and not resume:
        raise InputError("there is a recording already", where=str(there), hint="go on with it: --resume; or choose a new place")
    earlier = read(there, names.restore if names else str) if there else None
    if earlier and set(earlier.accounts) - set(about):
        theirs = ", ".join(sorted(set(earlier.accounts) - set(about)))
        raise UsageError(
            f"the recording is of account {theirs}, which these credentials do not read", hint="see --scrub-accounts"
        )
    windows = _gone_on(windows, earlier) if earlier else windows
    about = {account: {**said, **windows.manifest()} for account, said in about.items()}
    writer = Writer(folder=folder, archive=record if zipped else None, accounts=about, rename=names.hide if names else str)
    writer.begin({key: answer for key, answer in earlier.answers.items() if answer.outcome.known} if earlier else None)
    return writer, earlier, windows


def _gone_on(windows: Windows, earlier: Recording) -> Windows:
    """The windows of a recording that is gone on with; raises UsageError where others are asked for."""
    known = (remembered(about) for _, about in sorted(earlier.accounts.items()))
    try:
        return resumed(windows, next((item for item in known if item), None))
    except ValueError as error:
        raise UsageError(str(error), hint="leave the option out, or make a new recording") from error
