"""Many accounts: those that roles were named for or that an organization has, each with a recording of its own.

AWS's limits hold for each account and region, so accounts are read beside each other, a few at a time. What goes wrong in one
of them is a row of coverage and does not stop the others.

    <record>/<account>/manifest.json …     one recording per account; `untangle scan <record>` joins them
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from untangle.errors import AwsError, InputError, UsageError
from untangle.scanners.account import refusal
from untangle.scanners.account.abreast import AT_ONCE
from untangle.scanners.account.boto import HOME
from untangle.scanners.account.call import GLOBAL, Outcome, Request, Scope
from untangle.scanners.account.manners import side_by_side
from untangle.scanners.account.pseudonyms import Pseudonyms, map_beside
from untangle.scanners.account.recording import complete, is_recording, read
from untangle.scanners.account.scopes import Told, announcement, live, of_recording

SHOWN = 6
_ROLE_ARN = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/.+")
_ROLE_NAME = re.compile(r"[\w+=,.@/-]{1,512}")


class Opening(Protocol):
    """How one account is opened: with this role (None: with the credentials themselves), recorded there."""

    def __call__(
        self, role_arns: Sequence[str], record: Path | None, resume: bool, *, names: Pseudonyms | None, progress: Told
    ) -> tuple[Scope, ...]:
        """The scopes of the account; raises AwsError where it cannot be entered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One account of a fleet, and the role by which it is entered; None where the credentials are its own."""

    account: str
    partition: str
    role: str | None


def of_roles(arns: Sequence[str]) -> tuple[Member, ...]:
    """The accounts of these roles, sorted. Raises UsageError where an ARN is none, or two roles are of one account."""
    found: dict[str, Member] = {}
    for arn in dict.fromkeys(arns):
        match = _ROLE_ARN.fullmatch(arn)
        if match is None:
            raise UsageError(f"{arn} is no ARN of a role", hint="as in arn:aws:iam::111122223333:role/Reader")
        if match[2] in found:
            raise UsageError(f"two roles are of account {match[2]}", hint="an account is read once: name one of them")
        found[match[2]] = Member(account=match[2], partition=match[1], role=arn)
    return tuple(found[account] for account in sorted(found))


def of_organization(profile: str | None, role_name: str) -> tuple[tuple[Member, ...], int]:
    """The active accounts of the organization, sorted, and how many others it has. The credentials' own needs no role.

    Raises AwsError where they may not be listed.
    """
    if not _ROLE_NAME.fullmatch(role_name):
        raise UsageError(f"{role_name!r} is no name of a role", hint="--role-name takes a name; several ARNs: --role-arn")
    (home,) = live(profile, regions=[HOME["aws"]], groups=frozenset({"organization"}))
    asked = Request(account=home.account, region=GLOBAL, service="organizations", operation="ListAccounts")
    answer = home.caller.answer(asked)
    home.caller.close()
    if answer.outcome is not Outcome.READ:
        raise AwsError(
            f"the accounts of the organization cannot be listed: {answer.code or answer.outcome.value}",
            hint="the management account may, and who administers for it (organizations:ListAccounts); or name roles: --role-arn",
        )
    listed = {str(item["Id"]): str(item.get("State") or item.get("Status")) for item in answer.items("Accounts")}
    active = sorted(account for account, state in listed.items() if state == "ACTIVE")
    if not active:
        raise AwsError("no active account of an organization is listed", hint="or name roles: --role-arn")
    roles = {account: f"arn:{home.partition}:iam::{account}:role/{role_name.strip('/')}" for account in active}
    members = (Member(account=id, partition=home.partition, role=None if id == home.account else roles[id]) for id in active)
    return tuple(members), len(listed) - len(active)


def enter(
    members: Sequence[Member],
    start: Opening,
    record: Path | None,
    *,
    resume: bool = False,
    scrub_accounts: bool = False,
    enough: Callable[[Mapping[str, Any]], bool] = lambda about: True,
    progress: Told = lambda text: None,
) -> tuple[Scope, ...]:
    """The accounts of a fleet, opened beside each other, in their order; one that cannot be entered is a scope that says so.

    With `resume`, an account is not asked again whose recording is complete and `enough`, by what its manifest says of it.
    Raises InputError where recordings cannot be made in `record`, AwsError where not one account can be entered.
    """
    if record is not None:
        _check(record, resume)
    names = Pseudonyms(map_beside(record)) if record is not None and scrub_accounts else None

    def opened(member: Member) -> tuple[tuple[Scope, ...], AwsError | None]:
        folder = None if record is None else record / (names.hide(member.account) if names else member.account)
        recorded = folder is not None and is_recording(folder)
        if folder is not None and recorded and complete(folder):
            earlier = read(folder, names.restore if names else str)
            if enough(earlier.accounts.get(member.account, {})):
                return of_recording(earlier), None
        try:
            roles = [member.role] if member.role else []
            return _own(member, start(roles, folder, recorded, names=names, progress=progress)), None
        except AwsError as error:
            how = refusal.reason(error)
            about = {"partition": member.partition, "regions": []}
            if folder is not None and not recorded:
                refusal.record(folder, member.account, about, how, names.hide if names else str)
            return (refusal.refused(member.account, member.partition, how),), error

    found = list(side_by_side(opened, members, AT_ONCE))
    errors = [error for _, error in found if error is not None]
    if errors and len(errors) == len(found):
        raise AwsError(
            f"not one of {len(found)} accounts can be entered: {errors[0].message}",
            hint="each role has to be there and to trust whom the credentials belong to (sts:AssumeRole)",
        ) from errors[0]
    return tuple(scope for scopes, _ in found for scope in scopes)


def _own(member: Member, scopes: tuple[Scope, ...]) -> tuple[Scope, ...]:
    """Holds what was opened against what was meant: credentials that lead elsewhere must not be taken for the account's."""
    if any(scope.account != member.account for scope in scopes):
        for scope in scopes:
            scope.caller.close()
        raise AwsError(f"the credentials lead to account {scopes[0].account}", where=member.account)
    return scopes


def _check(record: Path, resume: bool) -> None:
    if record.suffix == ".zip" or (record.exists() and not record.is_dir()):
        raise InputError("each account has a recording of its own", where=str(record), hint="name a folder")
    if is_recording(record):
        raise InputError("there is one recording already, not a folder of them", where=str(record), hint="choose a new folder")
    if not resume and record.is_dir() and any(record.iterdir()):
        raise InputError("there is something in it already", where=str(record), hint="go on with it: --resume; or a new folder")


def telling(scopes: Sequence[Scope], idle: int = 0) -> str:
    """Whose accounts are about to be read, which are not and why, and with how many calls at least."""
    asked = [scope for scope in scopes if scope.identity]
    refused = [scope for scope in scopes if not scope.regions]
    known = len(scopes) - len(asked) - len(refused)
    first, *rest = announcement(asked).split("\n") if asked else [""]
    shown = [first, *rest[: min(SHOWN, len(asked)) - 1]] if asked else []
    lines = [*shown, *([f"and {_accounts(len(asked) - SHOWN)} more"] if len(asked) > SHOWN else [])]
    lines += [f"cannot be entered: {scope.account} ({scope.caller.coverage[0].note})" for scope in refused]
    lines += [f"not asked again: {_accounts(known)}, recorded completely"] if known else []
    lines += [f"left out: {_accounts(idle)} of the organization, not active"] if idle else []
    return "\n".join([*lines, *rest[max(len(asked) - 1, 0) :]])


def _accounts(count: int) -> str:
    return f"{count:,} account{'' if count == 1 else 's'}"


def remarks(record: Path) -> Iterator[str]:
    """What became of the recordings of a fleet: how many are complete, which are not."""
    folders = sorted(path for path in record.iterdir() if is_recording(path)) if record.is_dir() else []
    open_ = [path.name for path in folders if not complete(path)]
    state = f"{len(folders) - len(open_):,} of {len(folders):,} accounts complete"
    if open_:
        shown = ", ".join(open_[:SHOWN]) + (f" and {len(open_) - SHOWN:,} more" if len(open_) > SHOWN else "")
        state += f"; not complete: {shown}; --resume goes on with those"
    yield f"recorded into {record}: {state}"
