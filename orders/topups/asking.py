"""A customer asks for a top-up, or takes that back; whose requests somebody sees."""

from datetime import datetime
from decimal import Decimal, localcontext

from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders import persons, sql
from orders.enums import PaymentKind, TopUpStatus
from orders.errors import FieldErrors, NotAllowed, StateChanged
from orders.models import OPEN_TOP_UPS, Customer, PaymentMethod, TopUp, TopUpProof, User
from orders.money import LARGEST, ZERO, round_up
from orders.persons import Person, visible_customers
from orders.spelling import spelled
from orders.topups.proofs import Upload

CENT = Decimal("0.01")
MOST_OPEN = 5
"""Requests of one customer that are under way at once."""
LONGEST_NOTE = 300


def offered() -> QuerySet[PaymentMethod]:
    """The ways to pay that customers can choose."""
    return PaymentMethod.objects.filter(is_on=True)


def fee_of(method: PaymentMethod, amount: Decimal) -> Decimal:
    """What of a payment is kept as the way's fee, rounded up to the cent."""
    with localcontext(prec=60):
        part = amount * method.fee_percent / 100
        return round_up(part, CENT) + method.fee_fixed


def ask(
    customer: Customer,
    method: PaymentMethod,
    amount: Decimal,
    *,
    by: User,
    now: datetime,
    client_key: str,
    note: str = "",
    proof: Upload | None = None,
) -> TopUp:
    """Ask for money to be added after it was paid by hand; a person approves it.

    `amount` is what is paid, in the panel's currency, to the cent. A second press returns the
    first request. Raises `FieldErrors` or `NotAllowed`.
    """
    kind = proof.content_type() if proof else ""
    if method.asks_proof and proof is None:
        raise FieldErrors({"proof": _("Add a picture or PDF of the payment.")})
    row = drafted(customer, method, amount, by=by, now=now, client_key=client_key, note=note)
    if method.kind != PaymentKind.MANUAL:
        raise FieldErrors({"method": _("This way is paid on its own page.")})
    row.status = TopUpStatus.REQUESTED
    made = keep(row)
    if made.pk == row.pk and proof is not None:
        TopUpProof.objects.get_or_create(
            top_up=made, defaults={"content_type": kind, "content": proof.content}
        )
    return made


def drafted(
    customer: Customer,
    method: PaymentMethod,
    amount: Decimal,
    *,
    by: User,
    now: datetime,
    client_key: str,
    note: str = "",
) -> TopUp:
    """An unsaved request, checked. Raises `FieldErrors` or `NotAllowed`."""
    persons.require_sight(by, customer)
    if customer.is_blocked:
        raise NotAllowed(_("This account is blocked. Write to us."))
    _check(method, amount, note)
    if not client_key or len(client_key) > 80:
        raise ValueError("a form's key has 1 to 80 characters")
    return TopUp(
        customer=customer,
        method=method,
        amount=amount,
        fee=fee_of(method, amount),
        client_key=client_key,
        note=note.strip(),
        asked_at=now,
    )


def keep(row: TopUp) -> TopUp:
    """Save a request, or find the one that an earlier press made. Raises `FieldErrors` when too
    many are open, or when the form asked for something else before."""
    try:
        with sql.short_transaction():
            # The customer's row is the lock: two presses with two forms count one after the other.
            Customer.objects.select_for_update(no_key=True).get(pk=row.customer_id)
            if earlier := _earlier(row):
                return earlier
            mine = TopUp.objects.filter(customer=row.customer_id, status__in=OPEN_TOP_UPS)
            if mine.count() >= MOST_OPEN:
                words = _(
                    "%(most_open)s top-ups of yours are under way; finish or withdraw one."
                ) % {"most_open": MOST_OPEN}
                raise FieldErrors({"amount": words})
            row.save(force_insert=True)
    except IntegrityError:
        if earlier := _earlier(row):
            return earlier
        raise
    return row


def _earlier(row: TopUp) -> TopUp | None:
    earlier = TopUp.objects.filter(customer=row.customer_id, client_key=row.client_key).first()
    if earlier and (earlier.amount, earlier.method_id) != (row.amount, row.method_id):
        raise FieldErrors({"amount": _("This form was sent already; open a new one.")})
    return earlier


def _check(method: PaymentMethod, amount: Decimal, note: str) -> None:
    if not method.is_on:
        raise FieldErrors({"method": _("This way to pay is switched off. Choose another one.")})
    if not amount.is_finite() or amount <= ZERO or amount > LARGEST:
        raise FieldErrors({"amount": _("Type an amount.")})
    if amount != round_up(amount, CENT):
        raise FieldErrors({"amount": _("Down to the cent, please.")})
    if amount < method.least:
        raise FieldErrors(
            {"amount": _("At least %(least)s this way.") % {"least": spelled(method.least)}}
        )
    if method.most is not None and amount > method.most:
        raise FieldErrors(
            {"amount": _("At most %(most)s this way.") % {"most": spelled(method.most)}}
        )
    if fee_of(method, amount) >= amount:
        raise FieldErrors({"amount": _("The fee of this way would leave nothing.")})
    if len(note) > LONGEST_NOTE:
        raise FieldErrors(
            {"note": _("At most %(longest_note)s characters.") % {"longest_note": LONGEST_NOTE}}
        )
    if "\x00" in note:
        raise FieldErrors({"note": _("This holds a character that cannot be kept.")})


def withdraw(top_up: TopUp, *, by: User, now: datetime) -> None:
    """The customer takes a request back, as long as nobody has decided. Raises `StateChanged`,
    `NotAllowed`. Money that arrives for it all the same is added."""
    persons.require_sight(by, top_up.customer)
    waiting = TopUp.objects.filter(
        pk=top_up.pk, status__in=[TopUpStatus.REQUESTED, TopUpStatus.CHECKOUT]
    )
    if not waiting.update(status=TopUpStatus.WITHDRAWN, ended_at=now):
        raise StateChanged(_("This top-up moved on in the meantime; look at it again."))


def visible(who: Person) -> QuerySet[TopUp]:
    """The top-ups of the customers whom this person may see."""
    found = TopUp.objects.all()
    return found if who.sees_all else found.filter(customer__in=visible_customers(who))


def to_decide(who: Person) -> QuerySet[TopUp]:
    """Those that wait for a person."""
    return visible(who).filter(status__in=[TopUpStatus.REQUESTED, TopUpStatus.HELD])
