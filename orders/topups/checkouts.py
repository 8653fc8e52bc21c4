"""Payments at a gateway: begun once, heard of any number of times, credited once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders import panel_settings, sealing, sql
from orders.enums import PaymentKind, TopUpStatus
from orders.errors import Declined, FieldErrors
from orders.gateways import BadNews, GatewayError, Outcome, Payment, Started
from orders.kept_words import Sentence
from orders.models import Customer, PaymentMethod, TopUp, User
from orders.topups.asking import drafted, keep
from orders.topups.deciding import credit
from orders.topups.methods import gateway_of

log = structlog.get_logger(__name__)

OTHER_AMOUNT = Sentence(gettext_noop("%(amount)s %(currency)s was paid."))

ASK_AFTER = timedelta(minutes=1)
ASK_AGAIN = timedelta(minutes=10)
GIVE_UP_AFTER = timedelta(days=3)
"""A gateway's page is over after a day; one that says nothing for this long is not asked again."""
MOST_ASKED = 50
"""Payments that one run asks about."""


class GatewayDown(Declined):
    """The payment page could not be opened; nothing was charged."""

    def __init__(self) -> None:
        super().__init__(_("The payment page does not answer. Nothing was charged; try again."))


def begin(
    customer: Customer,
    method: PaymentMethod,
    amount: Decimal,
    *,
    by: User,
    now: datetime,
    client_key: str,
    title: str,
    back: str,
) -> TopUp:
    """Open a payment page for a customer; its address is on the row that is returned.

    The row is committed before the gateway is asked, under our reference: whatever is lost after
    that, a second press asks for the same page, and news finds the row. `back` is where the
    gateway sends the customer afterwards, with `{number}` for the row's. Raises `FieldErrors`,
    `NotAllowed`, `GatewayDown`.
    """
    if method.kind == PaymentKind.MANUAL:
        raise FieldErrors({"method": _("This way is not paid on a page.")})
    row = drafted(customer, method, amount, by=by, now=now, client_key=client_key)
    row.status = TopUpStatus.CHECKOUT
    row = keep(row)
    if row.checkout_url or row.status != TopUpStatus.CHECKOUT:
        return row
    started = _start(row, method, title, back.format(number=row.pk))
    TopUp.objects.filter(pk=row.pk, payment_id=None).update(
        payment_id=started.payment_id, checkout_url=started.url
    )
    row.refresh_from_db()
    return row


def _start(row: TopUp, method: PaymentMethod, title: str, back: str) -> Started:
    try:
        return gateway_of(method).begin(
            reference=_told(row),
            amount=row.amount,
            currency=panel_settings.current().currency,
            title=title,
            back=back,
        )
    except (GatewayError, sealing.Unsealable) as error:
        log.warning("topup.page_not_opened", top_up=row.pk, error=str(error))
        raise GatewayDown from error


def _told(row: TopUp) -> str:
    """What the gateway keeps for us: with the form's key, so that another installation on the same
    account never takes a payment for one of its own."""
    return f"{row.reference}.{row.client_key}"


def hear(method: PaymentMethod, body: bytes, headers: Mapping[str, str], now: datetime) -> str:
    """Take news that a gateway sent; says in a word what became of it. Raises `BadNews`.

    It may come any number of times, in any order, before our own page knows of the payment.
    """
    try:
        payment = gateway_of(method).read_news(body, headers, timezone.now())
    except sealing.Unsealable as error:
        raise BadNews("The secret cannot be opened.") from error
    return "not about a payment" if payment is None else settle(method, payment, now)


def settle(method: PaymentMethod, payment: Payment, now: datetime) -> str:
    """What follows from what a gateway says of a payment: credited once, or looked at by a
    person, or over."""
    with sql.short_transaction():
        row = _row_of(method, payment)
        if row is None:
            log.error("topup.unknown_payment", method=method.pk, payment=payment.payment_id)
            return "unknown"
        if row.status in (TopUpStatus.ADDED, TopUpStatus.DECLINED) or row.received is not None:
            return "settled before"
        if row.payment_id is None:
            row.payment_id = payment.payment_id
        if payment.outcome == Outcome.PAID:
            return _paid(row, payment, now)
        if payment.outcome == Outcome.OVER and row.status == TopUpStatus.CHECKOUT:
            row.status, row.ended_at = TopUpStatus.EXPIRED, now
        row.save()
        return str(row.status)


def _row_of(method: PaymentMethod, payment: Payment) -> TopUp | None:
    """By the gateway's id; or by our reference, where we never got to know that id."""
    rows = TopUp.objects.select_for_update(of=("self",)).select_related("method")
    mine = rows.filter(method=method)
    if row := mine.filter(payment_id=payment.payment_id).first():
        return row
    reference, _, client_key = payment.reference.partition(".")
    number = reference.removeprefix("HP-")
    if not (client_key and number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    return mine.filter(pk=int(number), client_key=client_key, payment_id=None).first()


def _paid(row: TopUp, payment: Payment, now: datetime) -> str:
    currency = panel_settings.current().currency
    row.received = payment.amount
    if (payment.amount, payment.currency) != (row.amount, currency):
        row.status = TopUpStatus.HELD
        row.flag = OTHER_AMOUNT.of(amount=f"{payment.amount:f}", currency=payment.currency)
        row.save()
        log.error("topup.other_amount", top_up=row.pk)
        return "held"
    credit(row, f"payment:{row.method_id}:{payment.payment_id}", by=None, now=now)
    return "added"


# ── Asking, for news that never came ─────────────────────────────────────────────────────────


def follow(now: datetime) -> str:
    """Ask about payments under way; safe to run any number of times at once."""
    real = timezone.now()
    due = TopUp.objects.filter(
        Q(asked_gateway_at=None) | Q(asked_gateway_at__lt=real - ASK_AGAIN),
        status=TopUpStatus.CHECKOUT,
        asked_at__lt=now - ASK_AFTER,
    )
    found = due.order_by(F("asked_gateway_at").asc(nulls_first=True), "pk")
    numbers = list(found.values_list("pk", flat=True)[:MOST_ASKED])
    # Whoever moves the mark asks; by the real clock, like every lease.
    asked = [pk for pk in numbers if due.filter(pk=pk).update(asked_gateway_at=real)]
    for number in asked:
        _look(TopUp.objects.select_related("method").get(pk=number), now)
    return f"{len(asked)} asked"


def look(top_up: TopUp, now: datetime) -> TopUp:
    """Ask about one payment now, for the customer who has come back from its page."""
    row = TopUp.objects.select_related("method").get(pk=top_up.pk)
    just_now = timezone.now() - timedelta(seconds=5)
    free = TopUp.objects.filter(pk=row.pk, status=TopUpStatus.CHECKOUT).exclude(
        asked_gateway_at__gt=just_now
    )
    if free.update(asked_gateway_at=timezone.now()):
        _look(row, now)
        row.refresh_from_db()
    return row


def _look(row: TopUp, now: datetime) -> None:
    if row.payment_id is None:
        _end_unbegun(row, now)
        return
    try:
        settle(row.method, gateway_of(row.method).ask(row.payment_id), now)
    except (GatewayError, sealing.Unsealable) as error:
        log.warning("topup.not_asked", top_up=row.pk, error=str(error))
        _end_unbegun(row, now)


def _end_unbegun(row: TopUp, now: datetime) -> None:
    """Let go of what nobody can pay any more. Should it be paid all the same, news credits it."""
    if row.asked_at < now - GIVE_UP_AFTER:
        TopUp.objects.filter(pk=row.pk, status=TopUpStatus.CHECKOUT).update(
            status=TopUpStatus.EXPIRED, ended_at=now
        )
