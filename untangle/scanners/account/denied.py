"""Failures of calls, folded: what refuses to answer is one kind of row, whatever service refused and in whichever words.

Denied is never shown as empty: only READ and ABSENT say what is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from untangle.model.resource import Coverage
from untangle.scanners.account.call import Outcome
from untangle.scanners.account.operations import Operation

_DENIED = {
    "AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException", "UnauthorizedOperation",
    "UnauthorizedException", "NotAuthorized", "ForbiddenException", "Forbidden", "403", "AllAccessDisabled", "KMSAccessDenied",
    "KMSAccessDeniedException", "UnauthorizedAccess",
}  # fmt: skip
# In a scan whose credentials have answered before, these say that the region is not enabled for the account.
_UNAVAILABLE = {
    "OptInRequired", "UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "InvalidAccessKeyId",
    "SubscriptionRequiredException", "UnknownOperationException", "InvalidAction", "UnsupportedOperation",
    "UnsupportedOperationException", "404", "501", "EndpointConnectionError", "UnknownEndpointError", "UnknownServiceError",
    "NoRegionError", "UnknownRegionError", "EndpointProviderError", "NotImplementedError",
}  # fmt: skip
_ABSENT = {
    "ResourceNotFoundException", "NoSuchBucketPolicy", "NoSuchBucket", "NoSuchEntity", "PolicyNotFoundException",
    "NotFoundException", "NotFound",
    "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "RuleSetDoesNotExist", "StateMachineDoesNotExist",
    "ServerSideEncryptionConfigurationNotFoundError", "TargetGroupNotFound", "PolicyNotFound",
}  # fmt: skip
_THROTTLED = {
    "Throttling", "ThrottlingException", "ThrottledException", "Throttled", "RequestThrottled", "RequestThrottledException",
    "TooManyRequestsException", "RequestLimitExceeded", "LimitExceededException", "ProvisionedThroughputExceededException",
    "SlowDown", "BandwidthLimitExceeded", "PriorRequestNotComplete", "EC2ThrottledException", "429",
}  # fmt: skip
_CREDENTIALS = {
    "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "SignatureDoesNotMatch",
    "InvalidSignatureException", "IncompleteSignature", "InvalidToken", "NoCredentialsError", "PartialCredentialsError",
    "CredentialRetrievalError", "TokenRetrievalError", "UnauthorizedSSOTokenError", "SSOTokenLoadError", "SSOError",
    "ProfileNotFound", "InvalidConfigError", "NoAuthTokenError", "LoginRefreshRequired",
}  # fmt: skip
_WORST = (Outcome.DENIED, Outcome.UNAVAILABLE, Outcome.INCOMPLETE, Outcome.WITHHELD)


def code_of(error: BaseException) -> str:
    """What a failure is called: AWS's code, or the name of botocore's exception."""
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, Mapping) else None
    return str(code or type(error).__name__)


def is_throttled(error: BaseException) -> bool:
    """Whether the call was refused only because there were too many."""
    return code_of(error) in _THROTTLED


def is_credentials(error: BaseException) -> bool:
    """Whether the credentials have become bad, for every region and operation."""
    return code_of(error) in _CREDENTIALS


def outcome_of(error: BaseException) -> tuple[Outcome, str]:
    """How a call that failed for good ended, and what it said; a service control policy is named where AWS names it."""
    code = code_of(error)
    if code in _DENIED:
        return Outcome.DENIED, f"{code} (service control policy)" if "service control policy" in str(error) else code
    if code in _ABSENT:
        return Outcome.ABSENT, code
    return (Outcome.UNAVAILABLE if code in _UNAVAILABLE else Outcome.INCOMPLETE), code


def row(account: str, region: str, operation: Operation, seen: Mapping[tuple[Outcome, str], int]) -> Coverage:
    """How one operation was answered in one region, over all its calls: the worst of them, and how many they were."""
    outcomes: Counter[Outcome] = Counter()
    for (outcome, _), times in seen.items():
        outcomes[outcome] += times
    worst = next((outcome for outcome in _WORST if outcomes[outcome]), Outcome.READ)
    refused = worst is not Outcome.READ
    codes = sorted({code for (outcome, code) in seen if outcome is worst and code})
    return Coverage(
        source=f"aws/{account}/{region}",
        operation=f"{operation.service}.{operation.name}",
        outcome=worst.value,
        unseen=operation.unseen if refused else (),
        permission=" ".join(operation.actions) or None if worst is Outcome.DENIED else None,
        note=f"{', '.join(codes)}: {outcomes[worst]} of {outcomes.total()}" if refused else "",
    )
