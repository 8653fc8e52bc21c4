"""Customers who make their own account: from a sign-up to a wallet, once the address is proven."""

from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, OuterRef

from orders import auditing, ledger, panel_settings, sql
from orders.editing import edit
from orders.enums import SignUp
from orders.models import Customer, Invitation, Staff, User

log = structlog.get_logger(__name__)

UNPROVEN_FOR = timedelta(days=7)
"""A sign-up whose address nobody has proven is let go after this, so that it blocks nobody."""
MOST_A_RUN = 1000


def may_sign_up(invitation: Invitation | None) -> bool:
    """Whether somebody may make an account now, with the invitation that they hold, if any."""
    rule = panel_settings.current().sign_up
    return rule == SignUp.OPEN or (rule == SignUp.INVITATION and invitation is not None)


def opened(user: User, *, now: datetime) -> Customer | None:
    """The customer of somebody who has just proven their address; None for staff.

    A client without a sign-in who has this address is theirs from now on, with wallet and orders:
    nobody else could have proven it. Else a new one is made, managed by who invited them. Call it
    again and it finds what it made.
    """
    with sql.short_transaction():
        user = User.objects.select_for_update().get(pk=user.pk)
        if Staff.objects.filter(user=user).exists():
            return None
        theirs = Customer.objects.filter(user=user).first()
        customer = theirs or _taken_over(user, now) or _made(user, now)
        Invitation.objects.filter(user=user, customer=None).update(customer=customer)
    return customer


def moved(user: User, *, now: datetime) -> None:
    """A person has proven another address of theirs: it is the customer's from now on, unless
    another client has it on record."""
    customer = Customer.objects.filter(user=user).exclude(email=user.email).first()
    if customer is None:
        return
    if Customer.objects.filter(email__iexact=user.email).exclude(pk=customer.pk).exists():
        log.warning("account.address_of_another_client", customer=customer.pk)
        return
    with sql.short_transaction():
        row = Customer.objects.select_for_update().get(pk=customer.pk)
        edit(row, {"email": user.email}, action="customer.changed", by=user, now=now)


def _taken_over(user: User, now: datetime) -> Customer | None:
    waiting = Customer.objects.select_for_update().filter(email__iexact=user.email, user=None)
    customer = waiting.first()
    if customer is not None:
        edit(customer, {"user": user}, action="customer.signed_up", by=user, now=now)
    return customer


def _made(user: User, now: datetime) -> Customer:
    is_taken = Customer.objects.filter(email__iexact=user.email).exists()
    invitation = Invitation.objects.filter(user=user).select_related("made_by__staff").first()
    maker = invitation.made_by if invitation else None
    manager = getattr(maker, "staff", None) if maker and maker.is_active else None
    customer = Customer.objects.create(
        name=user.name or user.email.partition("@")[0],
        email="" if is_taken else user.email,
        user=user,
        manager=manager,
        created_at=now,
    )
    ledger.open_wallet(customer.pk)
    auditing.record(user, "customer.signed_up", customer, {}, {"manager": manager}, at=now)
    return customer


def forget_unproven(now: datetime) -> int:
    """Delete sign-ups that were never finished; returns how many went.

    Those of staff and of customers are never among them, nor anybody who has signed in.
    """
    staff = Staff.objects.filter(user=OuterRef("pk"))
    customers = Customer.objects.filter(user=OuterRef("pk"))
    old = User.objects.filter(
        ~Exists(staff),
        ~Exists(customers),
        last_login=None,
        is_superuser=False,
        created_at__lt=now - UNPROVEN_FOR,
    )
    numbers = list(old.order_by("pk").values_list("pk", flat=True)[:MOST_A_RUN])
    return sum(_forget(number) for number in numbers)


def _forget(number: int) -> int:
    with sql.short_transaction():
        user = User.objects.select_for_update().filter(pk=number, last_login=None).first()
        if user is None or hasattr(user, "customer") or hasattr(user, "staff"):
            return 0
        user.delete()
    return 1
