"""What a provider's balance did around a sending whose answer was lost."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from orders import reconcile
from orders.models import BalanceReading, Order, Provider, Submission
from orders.money import ZERO


@dataclass(frozen=True)
class Balance:
    """The readings around a sending, what is known to have moved between them, and what is left.

    `right_after` ends with the first reading after the answer was due, `until_now` with the
    latest one; both are None without a reading on either side. `others` are sendings in that
    time of which nobody knows the end either.
    """

    currency: str
    expected: Decimal
    before: BalanceReading | None
    after: BalanceReading | None
    right_after: reconcile.Span | None = None
    until_now: reconcile.Span | None = None
    others: tuple[Submission, ...] = ()

    @property
    def fell_by(self) -> Decimal | None:
        return None if self.right_after is None else -self.right_after.observed

    @property
    def gone(self) -> Decimal | None:
        """What went between the readings and is not known to have; below zero: it came."""
        return None if self.right_after is None else -self.right_after.unexplained

    @property
    def blur(self) -> Decimal:
        """How much of the known movements may lie on either side of one of the readings."""
        span = self.right_after
        return ZERO if span is None else span.known.at_the_edge + span.under_way

    @property
    def is_blurred(self) -> bool:
        return bool(self.blur)

    @property
    def is_same(self) -> bool:
        """Whether just the quoted charge is missing."""
        return self.gone is not None and not self.is_blurred and self._is(self.expected)

    @property
    def others_charge(self) -> Decimal:
        return reconcile.may_explain(self.others)

    def fits(self) -> tuple[int, int]:
        """In how many ways doubtful orders add up to what is gone: with this order, without it."""
        ways = {True: 0, False: 0}
        charges = [each.order.charge_at_once for each in self.others]
        for bits in range(2 ** len(charges)):
            rest = sum((each for n, each in enumerate(charges) if bits >> n & 1), ZERO)
            for bought in (True, False):
                ways[bought] += self._is(rest + (self.expected if bought else ZERO))
        return ways[True], ways[False]

    def _is(self, amount: Decimal) -> bool:
        """Whether that much is gone, as exactly as the balance is told."""
        if self.gone is None:
            return False
        apart = abs(self.gone - amount)
        return apart < reconcile.TOLD_TO if self._told_in_cents else not apart

    @property
    def _told_in_cents(self) -> bool:
        return all(
            each is None or each.amount == each.amount.quantize(reconcile.TOLD_TO)
            for each in (self.before, self.after)
        )


def around(order: Order, submission: Submission) -> Balance:
    """The balance around one sending of an order (join its provider); six queries at most."""
    begun = submission.sent_at or submission.claimed_at
    ended = submission.answered_at or submission.expires_at
    before, after, latest = _readings(order.provider, begun, ended)
    seen = Balance(order.cost_currency, order.charge_at_once, before, after)
    if before is None or after is None or latest is None:
        return seen
    others = reconcile.in_doubt(Order.objects.all(), order.provider_id, before.at, after.until)
    return Balance(
        seen.currency,
        seen.expected,
        before,
        after,
        reconcile.between(order.provider, before, after),
        reconcile.between(order.provider, before, latest) if latest.at > after.at else None,
        tuple(each for each in others if each.pk != submission.pk),
    )


def _readings(
    provider: Provider, begun: datetime, ended: datetime
) -> tuple[BalanceReading | None, BalanceReading | None, BalanceReading | None]:
    """The last one answered before, the first one asked after, and the latest."""
    readings: QuerySet[BalanceReading] = BalanceReading.objects.filter(
        reconcile.in_currency(provider), provider=provider
    )
    answered = Q(answered_at__lte=begun) | Q(answered_at=None)
    before = readings.filter(answered, at__lte=begun).order_by("-at", "-pk").first()
    after = readings.filter(at__gte=ended).order_by("at", "pk").first()
    return before, after, readings.order_by("-at", "-pk").first()
