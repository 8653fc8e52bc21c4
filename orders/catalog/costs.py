"""What an offer costs in the panel's currency, and when that has risen too far."""

from decimal import Decimal, localcontext

from django.utils.translation import gettext_noop

from orders.kept_words import Sentence
from orders.models import Provider
from orders.money import LARGEST, round_up

HUNDRED = Decimal(100)
_ROSE = Sentence(gettext_noop("Cost per 1000 rose from %(accepted)s to %(cost)s."))
_ROSE_BY = Sentence(
    gettext_noop("Cost per 1000 rose from %(accepted)s to %(cost)s, by %(percent)s %%.")
)
PRECISION = 60


def cost_per_1000(rate: Decimal, provider: Provider) -> Decimal:
    """rate × exchange × factor per 1000 (or per package), rounded up at eight places."""
    with localcontext(prec=PRECISION):
        return min(LARGEST, round_up(rate * provider.exchange_rate * provider.factor))


def rise_threshold(provider: Provider, usual: Decimal) -> Decimal:
    """Per cent by which a cost of this provider may rise: its own, else the panel's `usual`."""
    return usual if provider.rise_threshold is None else provider.rise_threshold


def shrink_threshold(provider: Provider, usual: Decimal) -> Decimal:
    """Per cent of its offers that may vanish at once: its own, else the panel's `usual`."""
    return usual if provider.shrink_threshold is None else provider.shrink_threshold


def rose_too_far(cost: Decimal, accepted: Decimal, threshold: Decimal) -> bool:
    """Whether a cost stands more than `threshold` per cent above what a person accepted."""
    with localcontext(prec=PRECISION):
        return cost * HUNDRED > accepted * (HUNDRED + threshold)


def rise_in_words(cost: Decimal, accepted: Decimal) -> str:
    """Both figures and the step between them, for staff; to be kept."""
    figures = {"accepted": _figure(accepted), "cost": _figure(cost)}
    if not accepted:
        return _ROSE.of(**figures)
    percent = ((cost - accepted) * HUNDRED / accepted).quantize(Decimal("0.1"))
    return _ROSE_BY.of(**figures, percent=f"{percent:f}")


def _figure(amount: Decimal) -> str:
    whole, _, fraction = f"{amount:f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(4, '0')}"
