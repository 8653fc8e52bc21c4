"""The text of many orders, from the first look at it until somebody confirms it or it is forgotten.

What was confirmed is kept with the result of each line, for a season.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from orders import persons, sql
from orders.catalog.batches import in_batches
from orders.enums import MassLineState
from orders.errors import StateChanged
from orders.mass_orders.reading import Source, read
from orders.models import Customer, MassLine, MassOrder, User
from orders.persons import Person

MOST_DRAFTS = 10
"""Of each person for each customer; the oldest makes room."""

DRAFT_KEPT_FOR = timedelta(days=7)
KEPT_FOR = timedelta(days=90)
MOST_KEPT = 200
"""Confirmed ones of each customer; past them, the oldest are forgotten sooner."""

MOST_A_RUN = 1000
AT_ONCE = 20


def visible(who: Person) -> QuerySet[MassOrder]:
    """Those that this person may see: customers their own; staff those of their clients, and what
    nobody confirmed yet only if they typed it themselves."""
    own = Q(made_by=who.user)
    if who.is_staff:
        of_clients = Q(customer__in=persons.visible_customers(who))
        return MassOrder.objects.filter(of_clients & (own | Q(confirmed_at__isnull=False)))
    if who.customer is not None:
        return MassOrder.objects.filter(own, customer=who.customer)
    return MassOrder.objects.none()


def keep(customer: Customer, text: str, *, by: User, now: datetime, name: str = "") -> MassOrder:
    """Keep a text that can be told apart into lines, for a look at what it would do.

    Raises `FieldErrors` for "text", `NotAllowed` and `Busy`.
    """
    persons.require_sight(by, customer)
    read(text)
    with sql.short_transaction():
        made = MassOrder.objects.create(
            customer=customer,
            made_by=by,
            token=uuid4(),
            name="".join(sign for sign in name if sign.isprintable())[:120],
            text=text,
            made_at=now,
        )
        drafts = MassOrder.objects.filter(customer=customer, made_by=by, confirmed_at=None)
        beyond = list(drafts.order_by("-pk").values_list("pk", flat=True)[MOST_DRAFTS:])
        _drop(drafts.filter(pk__in=beyond))
    return made


def retype(draft: MassOrder, text: str, *, now: datetime) -> Source:
    """Put another text into the place of the kept one. Raises `FieldErrors`, and `StateChanged`
    once it is confirmed."""
    source = read(text)
    mine = MassOrder.objects.filter(pk=draft.pk, confirmed_at=None)
    if not mine.update(text=text, made_at=now):
        raise StateChanged(_("These lines were confirmed already."))
    draft.text, draft.made_at = text, now
    return source


def forget(now: datetime) -> int:
    """Drop texts that nobody confirmed, and results that nobody will read again; returns how many
    of either went."""
    waiting = MassLine.objects.filter(mass_order=OuterRef("pk"), state=MassLineState.WAITING)
    over = Q(confirmed_at=None, made_at__lte=now - DRAFT_KEPT_FOR)
    over |= Q(confirmed_at__lte=now - KEPT_FOR) | Q(pk__in=_beyond())
    rows = MassOrder.objects.filter(over).exclude(Exists(waiting))
    gone = 0
    for batch in in_batches(list(rows.values_list("pk", flat=True)[:MOST_A_RUN]), AT_ONCE):
        with transaction.atomic():
            gone += _drop(rows.filter(pk__in=batch))
    return gone


def _beyond() -> QuerySet[MassOrder, int]:
    nth = Window(RowNumber(), partition_by="customer", order_by="-id")
    confirmed = MassOrder.objects.filter(confirmed_at__isnull=False).annotate(nth=nth)
    return confirmed.filter(nth__gt=MOST_KEPT).values_list("pk", flat=True)


def _drop(rows: QuerySet[MassOrder]) -> int:
    """Delete those of them that nobody is confirming at this moment."""
    numbers = [row.pk for row in rows.select_for_update(skip_locked=True)]
    MassOrder.objects.filter(pk__in=numbers).delete()
    return len(numbers)
