"""What holds of money, whatever was done. Each compares two pictures, before a step and after."""

from collections import Counter
from typing import Any

from orders.enums import OrderStatus, TopUpStatus
from tests.orders.sequences.expected import owed
from tests.orders.sequences.picture import Picture, units

S = OrderStatus
ENDED = (S.COMPLETED, S.PARTIAL, S.CANCELED, S.REFUSED)


def wallets_hold_what_their_transfers_say(before: Picture, after: Picture) -> None:
    chain: Counter[int] = Counter()
    for row in after.transfers.values():
        assert row.amount > 0
        for side, change in ((row.source, -row.amount), (row.target, row.amount)):
            if after.accounts[side].kind == "wallet":
                chain[side] += change
                assert row.balance_after == chain[side], "a balance that was not so"
    sums = after.sums()
    for pk, account in after.accounts.items():
        assert account.balance == (sums[pk] if account.kind == "wallet" else None)
    assert sum(sums.values()) == 0


def what_was_moved_stays(before: Picture, after: Picture) -> None:
    for pk, row in before.transfers.items():
        assert after.transfers.get(pk) == row, "a transfer was altered or is gone"


def an_order_is_charged_once(before: Picture, after: Picture) -> None:
    charged = Counter(row.order_id for row in after.moved("order"))
    assert all(charged[pk] == 1 for pk in after.orders)
    for row in after.moved("order"):
        order = after.orders[row.order_id]
        assert row.amount == units(order.price)
        assert row.source == after.wallet_of(order.customer_id)


def nobody_spends_beyond_credit(before: Picture, after: Picture) -> None:
    for row in after.new_transfers(before):
        if row.kind == "order":
            customer = after.accounts[row.source].customer_id
            assert row.balance_after >= -units(after.credit[customer]), "beyond the credit"
        taken = row.kind == "correction" and after.accounts[row.source].kind == "wallet"
        if taken and row.person_id in after.limits:
            customer = after.accounts[row.source].customer_id
            assert row.balance_after >= -units(after.credit[customer]), "a member overdrew"


def cash_that_is_not_there_goes_nowhere(before: Picture, after: Picture) -> None:
    """Neither out of a wallet (credit is no cash) nor out of a till."""
    for row in after.new_transfers(before):
        if row.kind == "paid_out":
            assert row.balance_after >= 0, "more than the wallet held"
        if row.kind in ("paid_out", "drop"):
            assert after.sums(until=row.id)[row.target] <= 0, "more than the till held"


def refunds_are_what_is_owed(before: Picture, after: Picture) -> None:
    """To the digit, once, into the wallet that paid, and never taken back."""
    given: Counter[Any] = Counter()
    for row in after.moved("refund"):
        given[row.order_id] += row.amount
        order = after.orders[row.order_id]
        assert row.target == after.wallet_of(order.customer_id)
    for pk, order in after.orders.items():
        assert units(order.refunded) == given[pk]
        assert 0 <= order.refunded <= order.price
        had = before.orders[pk].refunded if pk in before.orders else 0
        due = owed(order.status, order.price, order.remains, order.delivery_total)
        if order.refund_unknown or due is None:
            assert order.refunded == had, "nobody knows what is owed"
        else:
            assert order.refunded == max(had, due)
        if order.status not in ENDED:
            assert order.refunded == 0


def a_refund_has_its_line(before: Picture, after: Picture) -> None:
    told = Counter(one.order_id for one in after.events if one.kind == "refunded")
    made = Counter(row.order_id for row in after.new_transfers(before) if row.kind == "refund")
    assert told == made


def members_stay_within_their_day(before: Picture, after: Picture) -> None:
    """Gifts, corrections in a client's favour, approved top-ups, decided refunds."""
    for row in after.new_transfers(before):
        if row.person_id in after.limits:
            assert after.spent(row.person_id, row.at) <= after.limits[row.person_id]


def top_ups_are_added_once(before: Picture, after: Picture) -> None:
    """What was added is what was paid, less the fee; what is added or declined stays so."""
    moved = {row.memo.split(",")[0]: row for row in after.moved("top_up")}
    added = {
        f"HP-{pk}": one for pk, one in after.top_ups.items() if one.status == TopUpStatus.ADDED
    }
    assert moved.keys() == added.keys()
    assert len(moved) == len(after.moved("top_up"))
    for reference, one in added.items():
        assert moved[reference].amount == units(one.amount - one.fee) > 0
        assert moved[reference].target == after.wallet_of(one.customer_id)
        assert one.received in (None, one.amount)
    for pk, was in before.top_ups.items():
        if was.status in (TopUpStatus.ADDED, TopUpStatus.DECLINED):
            assert after.top_ups[pk].status == was.status


LAWS = (
    wallets_hold_what_their_transfers_say,
    what_was_moved_stays,
    an_order_is_charged_once,
    nobody_spends_beyond_credit,
    cash_that_is_not_there_goes_nowhere,
    refunds_are_what_is_owed,
    a_refund_has_its_line,
    members_stay_within_their_day,
    top_ups_are_added_once,
)
