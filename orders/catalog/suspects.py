"""Which services a reassessment has to look at: the database leaves out those that surely stay."""

from collections.abc import Set
from decimal import Decimal

from django.db.models import F, FloatField, Q
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThanOrEqual

from orders.catalog.costs import HUNDRED, rise_threshold
from orders.catalog.floors import FixedPrices, fixed_services
from orders.enums import PauseReason
from orders.models import Provider

_ENDS_BY_ITSELF = (PauseReason.COST_ROSE, PauseReason.BELOW_FLOOR)
_SLACK = 1 + 1e-9
"""Floating point is wrong from the sixteenth digit on; whatever is this close is looked at."""


def suspects(provider: Provider, threshold: Decimal, fixed: FixedPrices, offer_ids: Set[int]) -> Q:
    """Whose standing may be another one now, among the services of a provider's offers.

    A few too many and none too few: what `Measure` says of them is what counts. `threshold` is the
    panel's; `offer_ids` are offers of which more is known than stands in their row.
    """
    on_sale = Q(offer__retired_at__isnull=False) | _rose(provider, threshold)
    if fixed.exist:
        on_sale |= Q(pk__in=fixed_services().values("pk"))
    found = Q(pause__in=_ENDS_BY_ITSELF) | (Q(pause=PauseReason.NONE) & on_sale)
    return found | Q(offer_id__in=offer_ids) if offer_ids else found


def _rose(provider: Provider, threshold: Decimal) -> Q:
    """The cost may stand above what was accepted by more than the threshold.

    In units of 10⁻⁸, of which a cost is at most one more than rate × exchange rate × factor.
    """
    per_rate = float(provider.exchange_rate * provider.factor) * _SLACK
    most = float((HUNDRED + rise_threshold(provider, threshold)) / HUNDRED)
    cost = Cast(F("offer__rate"), FloatField()) * per_rate + 2.0
    return Q(GreaterThanOrEqual(cost, Cast(F("accepted_cost"), FloatField()) * most))
