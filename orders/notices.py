"""E-mails to customers: what they want to be told, and the job that tells it.

The rows are the outbox. A run claims all that one customer is to be told, speaks outside any
transaction, and writes down how it went. A run that dies in between leaves a claim that ends by
itself, so a letter may in that case come twice; it never gets lost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Min, Q
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from orders import news, panel_settings, sql
from orders.enums import NoticeKind
from orders.errors import FieldErrors
from orders.models import Customer, Notice, NoticeChoices
from orders.money import LARGEST

log = structlog.get_logger(__name__)

MOST_CUSTOMERS = 100
"""Letters that one run sends."""
MOST_NEWS = 500
"""Notices that one letter settles; what is beyond leaves with the next."""
CLAIM = timedelta(minutes=10)
FIRST_BACK_OFF = timedelta(minutes=1)
STALE_AFTER = timedelta(days=1)
"""News older than this is no longer told: the pages have said it long since."""
KEPT_FOR = timedelta(days=30)
SWITCHES = tuple(NoticeKind.values)


@dataclass(frozen=True)
class Letter:
    """One e-mail, worded by the faces."""

    subject: str
    text: str


Writer = Callable[[Customer, Sequence[Notice]], Letter]


# ── What a customer wants ────────────────────────────────────────────────────────────────────


def choices_of(customer: Customer) -> NoticeChoices:
    """The customer's choices, or the defaults, unsaved."""
    found = NoticeChoices.objects.filter(customer=customer).first()
    return found or NoticeChoices(customer=customer)


def choose(customer: Customer, wanted: dict[str, bool], under: Decimal) -> NoticeChoices:
    """Keep what a customer chose: a switch for each kind of news, and the amount under which a
    balance is low. Raises `FieldErrors`.
    """
    if not 0 <= under <= LARGEST:
        raise FieldErrors({"low_balance_under": _("An amount of zero or more.")})
    values: dict[str, Any] = {kind: bool(wanted.get(kind)) for kind in SWITCHES}
    values |= {"low_balance_under": under, "low_since": None}
    row, _made = NoticeChoices.objects.update_or_create(customer=customer, defaults=values)
    return row


# ── Balances that run low ────────────────────────────────────────────────────────────────────


def watch_balances(now: datetime) -> int:
    """Put a notice for each balance that has come under its customer's amount; returns how many.

    Told once, and again only after the balance was above the amount in between.
    """
    watched = NoticeChoices.objects.filter(low_balance=True, customer__user__is_active=True)
    balance = F("customer__wallet__balance")
    recovered = watched.filter(low_since__isnull=False, low_balance_under__lte=balance)
    NoticeChoices.objects.filter(pk__in=list(recovered.values_list("pk", flat=True)[:1000])).update(
        low_since=None
    )
    low = watched.filter(low_since=None, low_balance_under__gt=balance)
    return sum(_put_low(pk, now) for pk in low.values_list("pk", flat=True)[:1000])


def _put_low(customer_id: int, now: datetime) -> bool:
    with sql.short_transaction():
        ours = NoticeChoices.objects.filter(pk=customer_id, low_since=None).update(low_since=now)
        if ours:
            kind = NoticeKind.LOW_BALANCE
            news.notice(customer_id, kind, f"low:{customer_id}:{now:%s.%f}", now).save()
    return bool(ours)


# ── Sending ──────────────────────────────────────────────────────────────────────────────────


def tell(now: datetime) -> str:
    """Send what customers are to be told; safe to run any number of times at once."""
    watch_balances(now)
    due = _due().values("customer").annotate(first=Min("pk")).order_by("first")
    sent = failed = 0
    for customer_id in list(due.values_list("customer", flat=True)[:MOST_CUSTOMERS]):
        went = _tell(customer_id)
        sent, failed = sent + (went is True), failed + (went is False)
    forget_told(now)
    return f"{sent} sent, {failed} failed" if failed else f"{sent} sent"


def _due() -> Any:
    # Claims go by the real clock, like every lease.
    return Notice.objects.filter(settled_at=None, not_before__lte=timezone.now())


def _tell(customer_id: int) -> bool | None:
    """One letter; None when somebody else writes it, or nothing in it is worth telling."""
    claim = uuid4()
    if not _claim(customer_id, claim):
        return None
    ours = Notice.objects.filter(claim=claim, settled_at=None)
    customer = Customer.objects.select_related("user", "notice_choices").get(pk=customer_id)
    _drop(ours, customer)
    found = list(ours.select_related("order").order_by("pk"))
    if not found:
        return None
    try:
        _send(customer, found)
    except Exception as error:  # whatever a mail server or a letter does, other letters leave
        log.warning("notices.not_sent", customer=customer_id, error=type(error).__name__)
        _put_off(ours, max(notice.tries for notice in found))
        return False
    ours.update(settled_at=timezone.now(), outcome="sent")
    return True


def _claim(customer_id: int, claim: UUID) -> bool:
    due = _due().filter(customer=customer_id).order_by("pk")
    numbers = list(due.values_list("pk", flat=True)[:MOST_NEWS])
    until = timezone.now() + CLAIM
    ours = _due().filter(pk__in=numbers)
    return bool(ours.update(claim=claim, not_before=until, tries=F("tries") + 1))


def _drop(ours: Any, customer: Customer) -> None:
    """Settle what is too old, or no longer wanted, or has nobody to go to."""
    is_reachable = customer.user is not None and customer.user.is_active
    unwanted = [kind for kind in NoticeKind if not news.wants(kind, customer)]
    stale = Q(at__lt=timezone.now() - STALE_AFTER) | Q(kind__in=unwanted)
    (ours.filter(stale) if is_reachable else ours).update(
        settled_at=timezone.now(), outcome="dropped"
    )


def _send(customer: Customer, found: Sequence[Notice]) -> None:
    write: Writer = import_string(settings.NOTICE_WRITER)
    letter = write(customer, found)
    assert customer.user is not None  # _drop has settled the others
    sender = panel_settings.sender()
    EmailMessage(letter.subject, letter.text, sender, [customer.user.email]).send()


def _put_off(ours: Any, tries: int) -> None:
    """Try again, ever more slowly, until the news is stale."""
    pause = FIRST_BACK_OFF * 2 ** min(tries - 1, 6)
    ours.update(claim=None, not_before=timezone.now() + pause)


def forgo(now: datetime) -> int:
    """Settle all that is still to be told without telling it, as after old data were brought in;
    returns how many rows."""
    return Notice.objects.filter(settled_at=None).update(settled_at=now, outcome="dropped")


def forget_told(now: datetime) -> int:
    """Delete what was settled a month ago; returns how many rows went."""
    old = Notice.objects.filter(settled_at__lt=now - KEPT_FOR).order_by("settled_at")
    numbers = list(old.values_list("pk", flat=True)[:5000])
    Notice.objects.filter(pk__in=numbers).delete()
    return len(numbers)
