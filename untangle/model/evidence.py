"""Witnesses of a link and the one place where confidence is derived from them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from untangle.model.location import Location


class Witness(str, Enum):
    """Who says that a link exists."""

    DECLARED = "declared"  # the template states both ends
    CODED = "coded"  # the producer's own code makes the call
    BOUND = "bound"  # an environment variable of the producer names the channel
    PERMITTED = "permitted"  # a grant lets the producer write
    DEPLOYED = "deployed"  # the live account has it
    OBSERVED = "observed"  # it was seen at run time
    STATED = "stated"  # a person says so in the configuration


class Confidence(str, Enum):
    """How sure a link is; see `rank` for the order."""

    CONFIRMED = "confirmed"
    DECLARED = "declared"
    LIKELY = "likely"
    POSSIBLE = "possible"
    WEAK = "weak"
    CONTRADICTED = "contradicted"

    @property
    def rank(self) -> int:
        """Higher is surer."""
        return _RANKS[self]

    @property
    def reported(self) -> bool:
        """Whether a hop of this confidence is shown by default and may feed a plan."""
        return self.rank >= Confidence.LIKELY.rank


_RANKS = {level: len(Confidence) - place for place, level in enumerate(Confidence)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One witness, with what it saw and where.

    `shared` marks a grant that other functions hold too or that names no channel of its own.
    `against` marks a witness that speaks against the link.
    """

    kind: Witness
    note: str
    location: Location | None = None
    shared: bool = False
    against: bool = False


class Reading(str, Enum):
    """How far the producer's code speaks about one channel type."""

    READ = "read"  # read to its end, every such call resolved
    UNRESOLVED = "unresolved"  # read, but a call of this type has a target that is not known
    UNREAD = "unread"  # not found or not readable


def derive(evidence: tuple[Evidence, ...], reading: Reading) -> Confidence:
    """The confidence of one producer's link to one channel.

    Where the code was read, a grant or a variable without a call is a dead one and speaks against the link;
    where it was not, a grant of the function's own is all that can be had and counts as likely.
    """
    speaking = {item.kind for item in evidence if not item.against}
    if Witness.OBSERVED in speaking:
        return Confidence.CONFIRMED
    if any(item.against for item in evidence):
        return Confidence.CONTRADICTED
    if Witness.DECLARED in speaking or Witness.STATED in speaking:
        return Confidence.DECLARED
    if Witness.CODED in speaking:
        return Confidence.LIKELY
    if any(item.kind is Witness.PERMITTED and not item.shared for item in evidence):
        return _WITHOUT_CALL[reading]
    if Witness.BOUND in speaking:
        return Confidence.CONTRADICTED if reading is Reading.READ else Confidence.POSSIBLE
    return Confidence.WEAK


_WITHOUT_CALL = {
    Reading.READ: Confidence.CONTRADICTED,
    Reading.UNRESOLVED: Confidence.POSSIBLE,
    Reading.UNREAD: Confidence.LIKELY,
}


def weakest(levels: list[Confidence]) -> Confidence:
    """The confidence of a path is that of its weakest link."""
    return min(levels, key=lambda level: level.rank)
