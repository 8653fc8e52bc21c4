"""Amounts keep every digit, or say that they cannot."""

import itertools
from decimal import Decimal, localcontext

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ExpressionWrapper, F, Max, Sum
from django.db.models.functions import Coalesce
from hypothesis import given
from hypothesis import strategies as st

from orders.enums import TransferKind
from orders.models import Account, Transfer
from orders.money import (
    LARGEST,
    QUANTUM,
    ZERO,
    MoneyField,
    Unrepresentable,
    from_units,
    round_down,
    round_up,
    to_units,
)

UNITS = st.integers(min_value=-(2**63) + 1, max_value=2**63 - 1)
AMOUNTS = UNITS.map(lambda units: Decimal(units).scaleb(-8))
FINE = st.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**10, places=20)
STEPS = st.sampled_from(
    [Decimal(step) for step in ("1E-8", "0.0001", "0.001", "0.003", "0.25", "7")]
)


@given(UNITS)
def test_units_survive_the_way_to_decimal_and_back(units):
    assert to_units(from_units(units)) == units


@given(AMOUNTS)
def test_an_amount_survives_the_way_to_units_and_back(amount):
    assert from_units(to_units(amount)) == amount
    assert to_units(format(amount, "f")) == to_units(amount)


def test_the_amount_that_sqlite_would_lose_is_kept():
    assert to_units("12345678.12345678") == 1234567812345678
    assert from_units(1234567812345678) == Decimal("12345678.12345678")


@pytest.mark.parametrize(
    "amount",
    [
        "0.000000001",
        "1.0000000000000000000000000000000000000001",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "1E+30",
        "92233720368.54775808",
        "",
        "ten",
        None,
        [],
        0.5,
        1.0,
    ],
)
def test_what_cannot_be_stored_exactly_is_refused(amount):
    with pytest.raises(Unrepresentable):
        to_units(amount)


def test_the_largest_amount_fits_a_bigint():
    assert to_units(LARGEST) == 2**63 - 1
    assert to_units(-LARGEST) == -(2**63) + 1


@given(FINE, STEPS)
def test_rounding_up_gives_the_next_multiple_and_no_other(amount, step):
    rounded = round_up(amount, step)
    with localcontext(prec=60):
        assert rounded % step == 0
        assert 0 <= rounded - amount < step


@given(FINE, STEPS)
def test_rounding_down_gives_the_last_multiple_and_no_other(amount, step):
    rounded = round_down(amount, step)
    with localcontext(prec=60):
        assert rounded % step == 0
        assert 0 <= amount - rounded < step


@given(AMOUNTS)
def test_rounding_leaves_what_needs_none(amount):
    assert round_up(amount) == round_down(amount) == amount


def test_a_hair_above_a_unit_is_rounded_up_however_long_the_figure():
    hair = Decimal("12345678901.1234567800000000000000000001")
    assert round_up(hair) == Decimal("12345678901.12345679")


def test_a_loss_is_rounded_away_from_flattery():
    assert round_down(Decimal("-0.000000001")) == -QUANTUM


def test_the_field_gives_decimals_for_units_and_units_for_decimals():
    field = MoneyField()
    assert field.from_db_value(925, None, None) == Decimal("0.00000925")
    assert field.from_db_value(Decimal(925), None, None) == Decimal("0.00000925")
    assert field.from_db_value(None, None, None) is None
    assert field.get_prep_value(Decimal("0.00000925")) == 925
    assert field.get_prep_value(None) is None


def test_the_field_reads_typed_text_and_refuses_what_is_too_fine():
    field = MoneyField()
    assert field.to_python("9.22") == Decimal("9.22")
    with pytest.raises(ValidationError):
        field.to_python("0.123456789")


def test_the_form_field_refuses_a_ninth_place():
    form_field = MoneyField().formfield()
    assert form_field.clean("0.12345678") == Decimal("0.12345678")
    with pytest.raises(ValidationError):
        form_field.clean("0.123456789")


# In the database

EXACT = Decimal("12345678.12345678")


@pytest.fixture
def transfer(db, now):
    """Writes a transfer of an amount, past every verb: only the column is looked at here."""
    source, target = (Account.objects.get_or_create(kind=kind)[0] for kind in ("cash", "sales"))
    numbers = itertools.count(1)

    def write(amount, **fields):
        reference = f"test:{next(numbers)}"
        return Transfer.objects.create(
            kind=TransferKind.TOP_UP,
            reference=reference,
            source=source,
            target=target,
            amount=amount,
            at=now,
            **fields,
        )

    return write


def test_sixteen_digits_are_stored_and_read_back(transfer):
    assert Transfer.objects.get(pk=transfer(EXACT).pk).amount == EXACT


def test_the_largest_amount_is_stored_and_read_back(transfer):
    assert Transfer.objects.get(pk=transfer(LARGEST).pk).amount == LARGEST


def test_an_empty_amount_is_not_nothing(transfer):
    row = transfer(EXACT)
    assert Transfer.objects.get(pk=row.pk).balance_after is None
    zero = transfer(EXACT, balance_after=Decimal(0))
    assert list(Transfer.objects.filter(balance_after=0)) == [zero]


def test_sums_are_exact(transfer):
    for _ in range(10):
        transfer(EXACT)
    transfer(QUANTUM)
    summed = Transfer.objects.aggregate(total=Sum("amount"), most=Max("amount"))
    assert summed == {"total": EXACT * 10 + QUANTUM, "most": EXACT}
    per_kind = Transfer.objects.values("kind").annotate(total=Sum("amount")).get()
    assert per_kind["total"] == Decimal("123456781.23456781")


def test_the_sum_of_no_rows_can_be_zero(db):
    total = Transfer.objects.aggregate(
        total=Coalesce(Sum("amount"), ZERO, output_field=MoneyField())
    )
    assert total == {"total": 0}


def test_comparing_sees_the_last_digit(transfer):
    below, exact, above = (transfer(EXACT + step * QUANTUM) for step in (-1, 0, 1))
    transfers = Transfer.objects.order_by("amount")
    assert list(transfers) == [below, exact, above]
    assert list(transfers.filter(amount=EXACT)) == [exact]
    assert list(transfers.filter(amount__gt=EXACT)) == [above]
    assert list(transfers.filter(amount__lt="12345678.12345678")) == [below]
    assert list(transfers.filter(amount__in=[EXACT, above.amount])) == [exact, above]
    assert list(transfers.filter(amount__range=(below.amount, EXACT))) == [below, exact]


def test_columns_are_added_and_taken_from_each_other_exactly(transfer):
    transfer(EXACT, balance_after=QUANTUM)
    difference = ExpressionWrapper(F("amount") - F("balance_after"), output_field=MoneyField())
    row = Transfer.objects.annotate(difference=difference).get()
    assert row.difference == EXACT - QUANTUM
    assert Transfer.objects.filter(amount__gt=F("balance_after")).count() == 1


@pytest.mark.parametrize("amount", [Decimal("0.000000001"), Decimal("NaN"), LARGEST + QUANTUM])
def test_what_would_be_rounded_is_never_written(transfer, amount):
    with pytest.raises(Unrepresentable), transaction.atomic():
        transfer(amount)
    assert not Transfer.objects.exists()


def test_looking_for_an_amount_with_a_ninth_place_is_an_error_not_a_near_hit(transfer):
    transfer(EXACT)
    with pytest.raises(Unrepresentable):
        Transfer.objects.filter(amount=Decimal("12345678.123456781")).exists()
