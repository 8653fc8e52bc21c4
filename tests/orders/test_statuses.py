"""The status graph, upstream's words, refunds, paces, and the words that people read."""

import re
from dataclasses import fields
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.enums import HoldReason, OrderStatus, RefillStatus, RefusalFamily, Tier
from orders.money import to_units
from orders.statuses import (
    ALLOWED,
    API_WORDS,
    EVERY,
    FINAL,
    OPEN,
    POLLED,
    CustomerFacts,
    StaffFacts,
    api_word,
    customer_reads,
    first_tier,
    from_upstream,
    may_become,
    refill_from_upstream,
    refund_owed,
    slower,
    staff_reads,
    tier_for,
)
from orders.statuses.staff_words import HOLDS

S = OrderStatus
D = Decimal


# The graph


@pytest.mark.parametrize(
    ("status", "following"),
    [
        (S.WAITING, {S.SENDING, S.CANCELED}),
        (S.SENDING, {S.WAITING, S.PENDING, S.REFUSED, S.UNCONFIRMED}),
        (S.UNCONFIRMED, {S.PENDING, S.WAITING, S.CANCELED, S.REFUSED, S.SENDING}),
        (S.COMPLETED, {S.PARTIAL, S.CANCELED}),
        (S.PARTIAL, {S.CANCELED}),
        (S.CANCELED, set()),
        (S.REFUSED, set()),
    ],
)
def test_each_status_leads_where_the_design_says(status, following):
    assert ALLOWED[status] == following


@pytest.mark.parametrize("status", [S.PENDING, S.PROCESSING, S.IN_PROGRESS, S.FAILED])
def test_at_a_provider_every_upstream_word_may_come_next(status):
    words = {S.PENDING, S.PROCESSING, S.IN_PROGRESS, S.FAILED, S.COMPLETED, S.PARTIAL, S.CANCELED}
    assert ALLOWED[status] == words - {status}


def test_the_graph_is_whole_and_nothing_leads_to_itself():
    assert ALLOWED.keys() == set(OrderStatus)
    assert all(status not in following for status, following in ALLOWED.items())


def test_only_what_waits_or_is_repeated_with_its_key_is_ever_sent():
    sent = [status for status in S if may_become(status, S.SENDING)]
    assert sent == [S.WAITING, S.UNCONFIRMED]


def test_nothing_that_ended_comes_to_life_again():
    assert all(ALLOWED[status] <= FINAL for status in FINAL)


def test_an_order_is_open_or_ended_and_only_open_ones_are_asked_about():
    assert set(S) == OPEN | FINAL
    assert not OPEN & FINAL
    assert POLLED < OPEN


def test_statuses_may_be_named_by_their_stored_word():
    assert may_become("waiting", "sending")
    assert not may_become("completed", "pending")


# Upstream's words


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Pending", S.PENDING),
        ("In progress", S.IN_PROGRESS),
        ("Processing", S.PROCESSING),
        ("Completed", S.COMPLETED),
        ("Partial", S.PARTIAL),
        ("Canceled", S.CANCELED),
        ("Cancelled", S.CANCELED),
        ("Refunded", S.CANCELED),
        ("Fail", S.FAILED),
        ("Failed", S.FAILED),
        ("Error", S.FAILED),
        ("Awaiting", S.PENDING),
    ],
)
def test_every_known_word_is_understood_however_it_is_written(word, status):
    variants = {word, word.upper(), word.lower(), f" {word}\n", word.replace(" ", "_")}
    variants |= {word.replace(" ", "-"), word.replace(" ", ""), word.title()}
    assert {from_upstream(variant) for variant in variants} == {status}


@pytest.mark.parametrize("word", ["", " ", "Active", "Paused", "Not completed", "Complet", "4"])
def test_an_unknown_word_means_nothing(word):
    assert from_upstream(word) is None


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Pending", RefillStatus.PENDING),
        ("in_progress", RefillStatus.IN_PROGRESS),
        ("COMPLETED", RefillStatus.COMPLETED),
        ("Rejected", RefillStatus.REJECTED),
        ("Canceled", RefillStatus.CANCELED),
        ("Cancelled", RefillStatus.CANCELED),
        ("Error", RefillStatus.FAILED),
        ("Awaiting", RefillStatus.PENDING),
        ("Partial", None),
        ("", None),
    ],
)
def test_refills_have_words_of_their_own(word, status):
    assert refill_from_upstream(word) is status


# Refunds

PRICES = st.integers(0, 10**16).map(lambda units: Decimal(units).scaleb(-8))


def test_the_refund_of_the_words_page():
    assert refund_owed(S.PARTIAL, D("9.20"), 1800, 5000) == D("3.312")


@pytest.mark.parametrize("status", [S.CANCELED, S.REFUSED, "canceled"])
def test_what_was_not_delivered_at_all_is_returned_whole(status):
    assert refund_owed(status, D("9.20"), None, None) == D("9.20")


@pytest.mark.parametrize("status", sorted(set(S) - {S.CANCELED, S.REFUSED, S.PARTIAL}))
def test_no_other_status_moves_money(status):
    assert refund_owed(status, D("9.20"), 5000, 5000) == 0


@pytest.mark.parametrize(
    ("remains", "total", "owed"),
    [
        (0, 5000, "0"),
        (-3, 5000, "0"),
        (5000, 5000, "9.20"),
        (5001, 5000, None),
        (None, 5000, None),
        (1800, None, None),
        (0, None, None),
    ],
)
def test_what_remains_says_how_much_of_a_part_is_owed(remains, total, owed):
    expected = None if owed is None else D(owed)
    assert refund_owed(S.PARTIAL, D("9.20"), remains, total) == expected


def test_the_last_digit_falls_to_the_customer_and_never_past_the_price():
    assert refund_owed(S.PARTIAL, D("1"), 1, 3) == D("0.33333334")
    assert refund_owed(S.PARTIAL, D("0.00000001"), 1, 3) == D("0.00000001")


@given(PRICES, st.integers(1, 10**12), st.integers(-(10**6), 10**12))
def test_a_refund_can_be_stored_and_lies_between_nothing_and_the_price(price, total, remains):
    owed = refund_owed(S.PARTIAL, price, remains, total)
    if remains > total:
        assert owed is None
    else:
        assert 0 <= owed <= price
        assert owed * total >= price * max(remains, 0)
        to_units(owed)


@given(PRICES, st.integers(1, 10**6), st.data())
def test_more_remaining_never_owes_less(price, total, data):
    some, more = sorted(data.draw(st.tuples(st.integers(0, total), st.integers(0, total))))
    assert refund_owed(S.PARTIAL, price, some, total) <= refund_owed(S.PARTIAL, price, more, total)


# Paces


@pytest.mark.parametrize(
    ("status", "age", "tier"),
    [
        (S.PENDING, timedelta(0), Tier.FAST),
        (S.IN_PROGRESS, timedelta(minutes=59), Tier.FAST),
        (S.IN_PROGRESS, timedelta(hours=1), Tier.QUIET),
        (S.PROCESSING, timedelta(hours=23), Tier.QUIET),
        (S.PROCESSING, timedelta(days=1), Tier.OLD),
        (S.PENDING, timedelta(days=400), Tier.OLD),
        (S.FAILED, timedelta(0), Tier.FAST),
        (S.COMPLETED, timedelta(0), Tier.AFTERCARE),
        (S.PARTIAL, timedelta(days=6), Tier.AFTERCARE),
        (S.CANCELED, timedelta(days=6), Tier.AFTERCARE),
        (S.COMPLETED, timedelta(days=7), None),
        (S.WAITING, timedelta(0), None),
        (S.SENDING, timedelta(0), None),
        (S.UNCONFIRMED, timedelta(0), None),
        (S.REFUSED, timedelta(0), None),
    ],
)
def test_the_pace_follows_from_status_and_last_change(status, age, tier):
    assert tier_for(status, age) == tier
    if not age:
        assert first_tier(status) == tier


def test_without_an_upstream_id_there_is_nothing_to_ask_about():
    assert all(first_tier(status, at_provider=False) is None for status in S)


def test_tiers_are_ordered_from_fast_to_slow():
    assert [EVERY[tier] for tier in Tier] == sorted(EVERY.values())
    assert EVERY[Tier.FAST] == timedelta(minutes=1)


def test_what_cannot_be_read_is_asked_for_less_often_but_never_forgotten():
    assert [slower(tier) for tier in Tier] == [Tier.QUIET, Tier.OLD, Tier.OLD, Tier.AFTERCARE]
    assert slower(1) is Tier.QUIET


# What the customer reads


def money(amount):
    whole, _, fraction = f"{amount:f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"


def customer(status, **facts):
    return str(customer_reads(CustomerFacts(status, D("9.20"), **facts), money))


BACK = D("9.20")
CUSTOMER_ROWS = [
    (
        (S.WAITING, {}),
        "Queued. Starts soon. You can still cancel for a full refund.",
    ),
    (
        (S.WAITING, {"held": True}),
        "Queued, with a delay. Your order is safe. You can cancel it for a full refund.",
    ),
    ((S.SENDING, {}), "Queued."),
    (
        (S.UNCONFIRMED, {}),
        "Being checked. We are making sure that the supplier has your order. "
        "Your 9.20 is reserved; you are never charged twice. "
        "Please don't order it again; we update this page.",
    ),
    ((S.PENDING, {}), "Accepted. Not started yet."),
    ((S.PROCESSING, {}), "Accepted. Not started yet."),
    (
        (S.IN_PROGRESS, {"ordered": 5000, "remains": 1800}),
        "Running. 3,200 of 5,000 delivered.",
    ),
    (
        (S.COMPLETED, {"refill": True, "refill_until": date(2026, 12, 23)}),
        "Completed. Refill until 23 Dec.",
    ),
    ((S.COMPLETED, {}), "Completed. No refill on this service."),
    (
        (S.PARTIAL, {"ordered": 5000, "remains": 1800, "refunded": D("3.312")}),
        "Partly delivered. 3,200 of 5,000. 3.312 returned to your balance.",
    ),
    (
        (S.PARTIAL, {"ordered": 5000, "refund_unknown": True}),
        "Partly delivered. We are working out your refund.",
    ),
    ((S.CANCELED, {"refunded": BACK}), "Canceled. 9.20 returned to your balance."),
    (
        (S.REFUSED, {"refunded": BACK, "refusal": "link"}),
        "Not accepted: This link was not accepted. Check that the profile or post is public "
        "and of the kind shown above. 9.20 returned to your balance.",
    ),
    (
        (S.FAILED, {}),
        "Stopped. We are sorting it out with the supplier; your money is not lost.",
    ),
    (
        (S.CANCELED, {"refunded": BACK, "given_up": True}),
        "Canceled. We could not confirm the order. 9.20 returned.",
    ),
]


@pytest.mark.parametrize(("row", "words"), CUSTOMER_ROWS)
def test_the_customer_reads_the_words_of_the_table(row, words):
    status, facts = row
    assert customer(status, **facts) == words


@pytest.mark.parametrize(
    ("status", "facts", "words"),
    [
        (S.IN_PROGRESS, {}, "Running. Delivery has started."),
        (S.IN_PROGRESS, {"ordered": 10, "remains": -4}, "Running. 10 of 10 delivered."),
        (S.IN_PROGRESS, {"ordered": 10, "remains": 11}, "Running. Delivery has started."),
        (S.COMPLETED, {"refill": True}, "Completed. You can ask for a refill."),
        (
            S.COMPLETED,
            {"refill": True, "refill_over": True, "refill_until": date(2026, 1, 2)},
            "Completed. The time for a refill is over.",
        ),
        (S.PARTIAL, {"refunded": D("2")}, "Partly delivered. 2.00 returned to your balance."),
        (S.PARTIAL, {"ordered": 10, "remains": 0}, "Partly delivered. 10 of 10."),
        (S.CANCELED, {"refund_unknown": True}, "Canceled. We are working out your refund."),
        (
            S.REFUSED,
            {"refunded": BACK},
            "Not accepted: The supplier did not take this order. 9.20 returned to your balance.",
        ),
    ],
)
def test_what_is_unknown_is_left_unsaid(status, facts, words):
    assert customer(status, **facts) == words


def every_customer_reading():
    for status in S:
        for refusal in ["", *RefusalFamily]:
            for flag in ("held", "refund_unknown", "given_up", "refill", "refill_over"):
                yield customer(status, refusal=refusal, refunded=BACK, **{flag: True})


def test_customers_never_read_the_words_of_the_trade():
    banned = re.compile(
        r"\b(error|retry|upstream|sync|terminal|provider|cost|charge|markup|margin|profit|id)\b",
        re.IGNORECASE,
    )
    assert [words for words in every_customer_reading() if banned.search(words)] == []


def test_every_customer_reading_is_whole_sentences():
    assert all(words.endswith(".") and "  " not in words for words in every_customer_reading())


def test_the_customers_facts_hold_nothing_that_customers_may_not_know():
    names = {field.name for field in fields(CustomerFacts)}
    assert not {name for name in names if re.search("cost|charge|provider|upstream|markup", name)}


# What staff read


def staff(status, **facts):
    return str(staff_reads(StaffFacts(status, **facts), money))


STAFF_ROWS = [
    (S.WAITING, {}, "Waiting to be sent"),
    (S.WAITING, {"hold": HoldReason.PROVIDER_FUNDS}, "Held: provider account has no funds"),
    (S.WAITING, {"hold": HoldReason.PROVIDER_KEY}, "Held: provider refused our key"),
    (
        S.WAITING,
        {"hold": HoldReason.PROVIDER_DOWN, "hold_since": "14:02"},
        "Held: provider not answering since 14:02",
    ),
    (
        S.WAITING,
        {
            "hold": HoldReason.PRICE,
            "hold_detail": "Cost rose 1.20 → 3.60; below floor by 1.10",
        },
        "Held: cost rose 1.20 → 3.60; below floor by 1.10",
    ),
    (S.WAITING, {"hold": HoldReason.PRICE}, "Held: cost changed"),
    (
        S.WAITING,
        {"hold": "staff", "hold_detail": "Mira waits for the client"},
        "Held: by staff: Mira waits for the client",
    ),
    (S.SENDING, {"sending_for": "12 s"}, "Sending (12 s)"),
    (
        S.UNCONFIRMED,
        {"sent_at": "14:02:11"},
        "Unconfirmed. Sent 14:02:11, the answer was lost. It may or may not exist at the "
        "provider. Decide in the review queue; do not place it again.",
    ),
    (S.PENDING, {"upstream_id": "5571203"}, "Pending at provider, id 5571203"),
    (S.PROCESSING, {"upstream_id": "5571203"}, "Processing at provider, id 5571203"),
    (S.PENDING, {}, "Pending at provider"),
    (S.IN_PROGRESS, {"checked": "40 s ago"}, "In progress, last checked 40 s ago"),
    (S.COMPLETED, {}, "Completed"),
    (
        S.PARTIAL,
        {"remains": 1800, "refunded": D("3.312"), "provider_returned": D("2.10")},
        "Partial, remains 1,800, refund 3.312; provider returned 2.10",
    ),
    (
        S.PARTIAL,
        {"remains": 1800, "refunded": D("3.312"), "provider_returned": D(0)},
        "Partial, remains 1,800, refund 3.312; provider returned nothing yet",
    ),
    (S.PARTIAL, {"remains": 1800, "refunded": D("3.312")}, "Partial, remains 1,800, refund 3.312"),
    (S.PARTIAL, {"refund_unknown": True}, "Partial, remains unknown: set it"),
    (S.CANCELED, {"canceled_how": "by provider"}, "Canceled by provider"),
    (S.CANCELED, {"canceled_how": "before sending"}, "Canceled before sending"),
    (S.CANCELED, {"canceled_how": "by Mira Kovač"}, "Canceled by Mira Kovač"),
    (
        S.REFUSED,
        {"refusal_text": "neworder.error.link", "refusal": RefusalFamily.LINK},
        'Refused: "neworder.error.link" (link)',
    ),
    (S.FAILED, {}, "Failed at provider. Refund, wait or set partial"),
    (
        S.CANCELED,
        {"given_up_by": "Mira Kovač", "given_up_reason": "balance unchanged"},
        'Given up by Mira Kovač: "balance unchanged"',
    ),
    (
        S.CANCELED,
        {"loss_after_refund": D("5.10")},
        "Completed after refund: loss 5.10, no money moved",
    ),
]


@pytest.mark.parametrize(("status", "facts", "words"), STAFF_ROWS)
def test_staff_read_the_words_of_the_table(status, facts, words):
    assert staff(status, **facts) == words


@pytest.mark.parametrize("status", S)
def test_staff_words_stand_without_any_detail(status):
    words = staff(status)
    assert words
    assert not words.endswith((",", ":", " "))


@pytest.mark.parametrize("hold", [hold for hold in HoldReason if hold])
def test_every_hold_says_why_in_words(hold):
    assert staff(S.WAITING, hold=hold) == f"Held: {HOLDS[hold]}"


# Our own API


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (S.WAITING, "Pending"),
        (S.SENDING, "Pending"),
        (S.UNCONFIRMED, "Pending"),
        (S.PENDING, "Pending"),
        (S.PROCESSING, "Processing"),
        (S.IN_PROGRESS, "In progress"),
        (S.COMPLETED, "Completed"),
        (S.PARTIAL, "Partial"),
        (S.CANCELED, "Canceled"),
        (S.REFUSED, "Canceled"),
        (S.FAILED, "Processing"),
    ],
)
def test_our_api_speaks_the_words_of_the_protocol(status, word):
    assert api_word(status) == word
    assert API_WORDS.keys() == set(S)
