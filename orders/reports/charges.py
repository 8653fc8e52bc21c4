"""What an order costs us, known or not yet, as an expression of the database."""

from django.db.models import Case, F, Value, When
from django.db.models.functions import Coalesce

from orders.enums import OrderStatus
from orders.money import ZERO, MoneyField

CANCELED = (OrderStatus.CANCELED, OrderStatus.REFUSED)
NOTHING = Value(ZERO, output_field=MoneyField())


def known_or_expected(known: str, expected: str) -> Coalesce:
    """What the provider charged; until it says so what was quoted, and nothing once canceled."""
    quoted = Case(
        When(status__in=CANCELED, then=NOTHING),
        default=F(expected),
        output_field=MoneyField(),
    )
    return Coalesce(known, quoted, output_field=MoneyField())
