"""When a sending whose answer is not known may be repeated, with the same key. Pure.

Only where the provider's profile declares an idempotency field, so that it answers a second time
with the order that it made at the first; and only to the very account that got the first.
"""

from datetime import datetime, timedelta
from enum import Enum

from orders.enums import SubmissionOutcome
from orders.models import Provider, Submission

FIRST_AFTER = timedelta(seconds=20)
MOST = 6
KEY_REMEMBERED = timedelta(hours=1)
"""How long a provider is trusted to know a key again. Later, a repeat might be a second order."""


class Outlook(Enum):
    """What will become of a lost answer without a person."""

    NO_KEY = "no key"
    WILL_REPEAT = "will repeat"
    ACCOUNT_CHANGED = "account changed"
    DONE = "done"


def next_after(submission: Submission, at: datetime) -> datetime | None:
    """When it may be sent again; None: never."""
    if not submission.idempotency_key or submission.repeats >= MOST:
        return None
    after = at + FIRST_AFTER * 2**submission.repeats
    return after if after <= submission.claimed_at + KEY_REMEMBERED else None


def is_same_account(submission: Submission, provider: Provider) -> bool:
    """Whether the provider still is the one that was told the key: same address, key of ours,
    parameters and declared field."""
    same = submission.account_version == provider.account_version
    return bool(submission.idempotency_key and provider.idempotency_field and same)


def outlook(submission: Submission, provider: Provider, now: datetime) -> Outlook:
    """What staff read about a sending of which nobody knows the end."""
    if not submission.idempotency_key:
        return Outlook.NO_KEY
    if not is_same_account(submission, provider):
        return Outlook.ACCOUNT_CHANGED
    waits = submission.outcome == SubmissionOutcome.UNKNOWN and submission.repeat_after is not None
    in_time = now <= submission.claimed_at + KEY_REMEMBERED
    return Outlook.WILL_REPEAT if waits and in_time else Outlook.DONE
