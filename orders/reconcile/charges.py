"""Orders whose charge is not the quoted one, and sendings of which nobody knows the end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum

from orders.enums import MovementKind, OrderStatus, SubmissionOutcome
from orders.models import Movement, Order, Provider, Submission
from orders.money import ZERO

NOTABLE_PERCENT = 2
"""A charge further than this from the quoted one is listed."""

LONGEST_SENDING = timedelta(minutes=10)
MOST_IN_DOUBT = 50


@dataclass(frozen=True)
class Difference:
    """How far charges lie from what was quoted, in the provider's currency."""

    orders: int = 0
    expected: Decimal = ZERO
    charged: Decimal = ZERO

    @property
    def more(self) -> Decimal:
        """What was charged above the quotes; below zero: less than quoted."""
        return self.charged - self.expected


def differing(
    orders: QuerySet[Order], provider: Provider, since: datetime, until: datetime
) -> QuerySet[Order]:
    """Of these, orders bought in some time and charged over 2 % more or less than quoted.

    Those that ended partial or canceled are left out: they are charged for what was delivered.
    Each has its `difference`, above zero when it cost more.
    """
    corrected = Movement.objects.filter(
        provider=provider, kind=MovementKind.CORRECTION, at__gt=since, at__lte=until
    )
    hundred = F("charge_upstream") * 100
    apart = F("charge_upstream") - F("expected_charge_upstream")
    over = Q(hundred__gt=F("expected_charge_upstream") * (100 + NOTABLE_PERCENT))
    under = Q(hundred__lt=F("expected_charge_upstream") * (100 - NOTABLE_PERCENT))
    ended = (OrderStatus.PARTIAL, OrderStatus.CANCELED)
    found = orders.filter(pk__in=corrected.values("order")).exclude(status__in=ended)
    return found.annotate(hundred=hundred, difference=apart).filter(over | under)


def difference(orders: QuerySet[Order]) -> Difference:
    """The sums of some orders with a charge; one query."""
    found = orders.aggregate(
        orders=Count("pk"),
        expected=Sum("expected_charge_upstream"),
        charged=Sum("charge_upstream"),
    )
    return Difference(found["orders"], found["expected"] or ZERO, found["charged"] or ZERO)


IN_DOUBT = Q(outcome__in=[SubmissionOutcome.OPEN, SubmissionOutcome.UNKNOWN]) | Q(
    outcome=SubmissionOutcome.DISMISSED, late_upstream_id=""
)
"""Sendings that may have been charged without our knowing: no answer yet, an answer that was
lost, and those of which a person said that they are not there."""


def in_doubt(
    orders: QuerySet[Order], provider_id: int, since: datetime, until: datetime
) -> list[Submission]:
    """Sendings in some time that may explain what is missing, each with its order; the latest
    first, no more than `MOST_IN_DOUBT`."""
    near = Submission.objects.filter(
        IN_DOUBT,
        Q(answered_at=None) | Q(answered_at__gte=since),
        provider=provider_id,
        claimed_at__gte=since - LONGEST_SENDING,
        claimed_at__lte=until,
        order__in=orders,
    )
    return list(near.select_related("order").order_by("-claimed_at")[:MOST_IN_DOUBT])


def may_explain(submissions: Iterable[Submission]) -> Decimal:
    """How much would be gone if all of these had been charged, in the provider's currency."""
    return sum((each.order.charge_at_once for each in submissions), ZERO)
