"""Amounts survive the database exactly: stored, added up, compared, ordered; on both."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection, transaction
from django.db.models import F, Max, Sum, Value
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from orders import ledger
from orders.enums import AccountKind, TransferKind
from orders.models import Account, Customer, Transfer
from orders.money import LARGEST, QUANTUM, MoneyField, Unrepresentable
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db

AMOUNT = Decimal("12345678.12345678")


def put(customer: Customer, *amounts: Decimal) -> int:
    wallet = ledger.wallet_id(customer.pk)
    with transaction.atomic():
        ledger.post(
            [
                ledger.Entry(TransferKind.GIFT, f"test:{n}:{a}", AccountKind.ADJUSTMENTS, wallet, a)
                for n, a in enumerate(amounts)
            ],
            at=NOW,
        )
    return wallet


def test_the_amount_survives_storing() -> None:
    wallet = put(factories.customer(), AMOUNT)

    assert Account.objects.get(pk=wallet).balance == AMOUNT
    assert Transfer.objects.values_list("amount", "balance_after").get() == (AMOUNT, AMOUNT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT amount FROM orders_transfer")
        assert cursor.fetchone() == (1234567812345678,)


def test_the_amount_survives_adding_up() -> None:
    wallet = put(factories.customer(), *[AMOUNT] * 1001)

    total = Transfer.objects.aggregate(sum=Sum("amount"), most=Max("balance_after"))

    assert total == {"sum": AMOUNT * 1001, "most": AMOUNT * 1001}
    assert total["sum"] == Decimal("12358023801.58023678")
    assert ledger.account_sum(wallet) == AMOUNT * 1001


def test_the_amount_survives_comparison() -> None:
    put(factories.customer(), AMOUNT)

    for amount, lookup in [(AMOUNT, "amount"), (AMOUNT, "amount__gte"), (AMOUNT, "amount__lte")]:
        assert Transfer.objects.filter(**{lookup: amount}).exists()
    for amount in (AMOUNT - QUANTUM, AMOUNT + QUANTUM):
        assert not Transfer.objects.filter(amount=amount).exists()
    assert Transfer.objects.filter(
        amount__gt=AMOUNT - QUANTUM, amount__lt=AMOUNT + QUANTUM
    ).exists()
    assert not Transfer.objects.filter(amount__gt=AMOUNT).exists()
    assert Transfer.objects.filter(amount__in=[AMOUNT]).exists()


def test_the_database_adds_and_orders_the_amount() -> None:
    wallet = put(factories.customer(), AMOUNT)
    more = Value(QUANTUM, output_field=MoneyField())

    Account.objects.filter(pk=wallet).update(balance=F("balance") + more)

    assert Account.objects.get(pk=wallet).balance == AMOUNT + QUANTUM
    put(factories.customer("B"), AMOUNT + QUANTUM, AMOUNT - QUANTUM)
    amounts = Transfer.objects.order_by("amount").values_list("amount", flat=True)
    assert list(amounts) == [AMOUNT - QUANTUM, AMOUNT, AMOUNT + QUANTUM]


def test_expressions_of_columns_are_amounts() -> None:
    put(factories.customer(), AMOUNT, AMOUNT)

    row = Transfer.objects.annotate(
        before=F("balance_after") - F("amount"), twice=F("amount") * 2, less=-F("amount")
    ).latest("id")

    assert (row.before, row.twice, row.less) == (AMOUNT, AMOUNT * 2, -AMOUNT)
    total = Transfer.objects.aggregate(sum=Sum(F("balance_after") - F("amount")))["sum"]
    assert total == AMOUNT


@pytest.mark.parametrize("beside", [QUANTUM, Decimal(1), 1])
def test_a_sum_with_a_plain_number_is_refused_not_taken_for_units(beside: Any) -> None:
    with pytest.raises(FieldError, match="Cannot infer type"):
        list(Transfer.objects.annotate(more=F("amount") + beside))


def test_more_than_eight_places_are_refused_not_rounded() -> None:
    customer = factories.customer()

    with pytest.raises(Unrepresentable), transaction.atomic():
        put(customer, Decimal("0.123456789"))

    assert Account.objects.get(customer=customer).balance == 0


class AnyAmount(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(
        amounts=st.lists(
            st.decimals(QUANTUM, LARGEST / 10, places=8, allow_nan=False), min_size=1, max_size=8
        )
    )
    def test_any_amounts_add_up_exactly(self, amounts: list[Decimal]) -> None:
        wallet = put(factories.customer(), *amounts)

        assert ledger.account_sum(wallet) == sum(amounts)
        assert Account.objects.get(pk=wallet).balance == sum(amounts)
