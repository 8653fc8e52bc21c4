"""Every action, answered in the reference's form."""

from dataclasses import replace
from decimal import Decimal

import pytest

from orders.upstream.simulator.settings import Settings
from orders.upstream.simulator.world import World

from .conftest import LINK, Provider


def provider_with(**settings: object) -> Provider:
    return Provider(World(replace(Settings(), **settings)))


def test_a_key_is_required(provider: Provider) -> None:
    assert provider.handle(action="balance") == (200, {"error": "API key is required"})
    assert provider.handle(action="balance", key="x") == (200, {"error": "Invalid API key"})


def test_an_unknown_action_is_refused(provider: Provider) -> None:
    assert provider.call("explode") == {"error": "Invalid action"}
    assert provider.handle(key=provider.world.settings.key)[1] == {"error": "Incorrect request"}


def test_add_charges_the_balance_exactly(provider: Provider) -> None:
    rate = provider.world.services[101].rate
    provider.buy(quantity=137)
    assert provider.call("balance") == {
        "balance": f"{Decimal(50_000) - rate * 137 / 1000:f}".rstrip("0"),
        "currency": "USD",
    }


def test_two_equal_adds_are_two_orders(provider: Provider) -> None:
    assert provider.buy() != provider.buy()
    assert [order.sequence for order in provider.world.log] == [1, 2]


def test_add_without_funds_is_refused_and_makes_no_order() -> None:
    provider = provider_with(balance=Decimal("0.5"))
    assert provider.add() == {"error": "Not enough funds on balance"}
    assert not provider.world.log


def test_many_statuses_keep_the_good_beside_the_bad(provider: Provider) -> None:
    order = provider.buy()
    answer = provider.status(order, 7)
    assert answer["7"] == {"error": "Incorrect order ID"}
    assert answer[str(order)] == provider.status(order)
    assert provider.status(7) == {"error": "Incorrect order ID"}


def test_ids_over_a_hundred_are_dropped_silently(provider: Provider) -> None:
    orders = [provider.buy() for _ in range(105)]
    assert list(provider.status(*orders)) == [str(order) for order in orders[:100]]


def test_charge_may_stay_gross() -> None:
    provider = provider_with(gross_charge=True)
    order = provider.buy(link=f"{LINK}/fault-canceled")
    gross = Decimal(1000) - provider.balance()
    provider.wait(days=2)
    assert Decimal(provider.status(order)["charge"]) == gross
    assert provider.balance() == 1000


def test_a_refill_runs_its_course(provider: Provider) -> None:
    order = provider.buy(provider.service(refill_days=True))
    assert provider.call("refill", order=order) == {"error": "Incorrect order ID"}
    provider.wait(days=3)
    assert provider.call("refill", order=order) == {"refill": "1"}
    seen = []
    for _ in range(20):
        seen.append(provider.call("refill_status", refill=1)["status"])
        provider.wait(minutes=30)
    assert list(dict.fromkeys(seen)) == ["Pending", "In progress", "Completed"]


def test_many_refills_answer_one_by_one(provider: Provider) -> None:
    good = provider.buy(provider.service(refill_days=True))
    without = provider.buy(provider.service(refill_days=False))
    provider.wait(days=3)
    assert provider.call("refill", orders=f"{good},{without},7") == [
        {"order": good, "refill": 1},
        {"order": without, "refill": {"error": "Refill is disabled for this service"}},
        {"order": 7, "refill": {"error": "Incorrect order ID"}},
    ]
    assert provider.call("refill_status", refills="1,9") == [
        {"refill": 1, "status": "Pending"},
        {"refill": 9, "status": {"error": "Refill not found"}},
    ]
    assert provider.call("refill_status", refill="x") == {"error": "Refill not found"}


def test_a_refill_is_refused_while_one_runs_and_after_its_days(provider: Provider) -> None:
    order = provider.buy(provider.service(refill_days=True))
    provider.wait(days=3)
    provider.call("refill", order=order)
    soon = "The order was completed or refill was requested less than 24 hours ago"
    assert provider.call("refill", order=order) == {"error": soon}
    provider.wait(days=400)
    assert provider.call("refill", order=order) == {"error": "Refill days are over"}


def test_an_early_refill_is_refused_where_the_provider_says_so() -> None:
    provider = provider_with(refill_wait_hours=24)
    order = provider.buy(provider.service(refill_days=True))
    while provider.status(order)["status"] != "Completed":
        provider.wait(minutes=10)
    assert "24 hours" in provider.call("refill", order=order)["error"]
    provider.wait(hours=25)
    assert provider.call("refill", order=order) == {"refill": "1"}


def test_a_cancel_of_a_pending_order_gives_all_back(provider: Provider) -> None:
    before = provider.balance()
    order = provider.buy(provider.service(cancel=True))
    provider.wait(seconds=1)
    assert provider.call("cancel", orders=order) == [{"order": order, "cancel": 1}]
    assert provider.status(order)["status"] == "Pending"  # accepted is not canceled
    provider.wait(days=2)
    assert provider.status(order)["status"] in ("Canceled", "Partial")
    assert provider.balance() == before - Decimal(provider.status(order)["charge"])


def test_a_cancel_of_a_running_order_leaves_it_partial(provider: Provider) -> None:
    before = provider.balance()
    order = provider.buy(provider.service(cancel=True))
    while provider.status(order)["status"] != "In progress":
        provider.wait(minutes=1)
    provider.wait(minutes=5)
    provider.call("cancel", orders=order)
    provider.wait(days=2)
    answer = provider.status(order)
    assert answer["status"] == "Partial"
    assert before - provider.balance() == Decimal(answer["charge"]) > 0


def test_cancel_refuses_item_by_item(provider: Provider) -> None:
    fixed = provider.buy(provider.service(cancel=False))
    order = provider.buy(provider.service(cancel=True))
    provider.call("cancel", orders=order)
    assert provider.call("cancel", orders=f"{fixed},7,{order}") == [
        {"order": fixed, "cancel": {"error": "Order can't be canceled"}},
        {"order": 7, "cancel": {"error": "Incorrect order ID"}},
        {"order": order, "cancel": {"error": "Cancel already requested"}},
    ]


def test_a_provider_may_refuse_a_second_open_order_on_a_link() -> None:
    provider = provider_with(refuse_duplicates=True)
    provider.buy()
    assert provider.add()["error"].startswith("You have active order with this link")
    assert "order" in provider.add(link=f"{LINK}4")
    provider.wait(days=2)
    assert "order" in provider.add()


def test_an_idempotency_field_makes_add_repeatable() -> None:
    provider = provider_with(idempotency_field="request_id")
    order = provider.buy(request_id="abc")
    paid = provider.balance()
    assert provider.buy(request_id="abc") == order
    assert provider.balance() == paid
    assert provider.add() == {"error": "Missing required parameter"}


def test_standing_orders_need_no_memory() -> None:
    provider = provider_with(standing_orders=1_000_000)
    answer = provider.status(1, 20, 999_999)
    assert {item["status"] for item in answer.values()} == {"In progress"}
    provider.wait(minutes=1)
    moved = {number for number, item in provider.status(1, 20, 999_999).items()
             if item != answer[number]}  # fmt: skip
    assert moved == {"20"}
    assert provider.status(1_000_001) == {"error": "Incorrect order ID"}
    assert provider.buy() > 1_000_000


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_and_the_same_calls_give_the_same_answers(seed: int) -> None:
    def run() -> list[object]:
        provider = provider_with(seed=seed)
        provider.world.faults.set("partial", 0.5)
        orders = [provider.buy(link=f"{LINK}{n}") for n in range(20)]
        provider.wait(days=2)
        return [orders, provider.status(*orders), provider.balance()]

    assert run() == run()


def test_the_order_of_arrival_does_not_change_an_ending() -> None:
    def endings(numbers: list[int]) -> dict[str, str]:
        provider = provider_with()
        provider.world.faults.set("partial", 0.5)
        orders = {n: provider.buy(link=f"{LINK}{n}") for n in numbers}
        provider.wait(days=2)
        return {str(n): provider.status(order)["status"] for n, order in orders.items()}

    forwards = endings(list(range(12)))
    assert forwards == endings(list(range(11, -1, -1)))
    assert set(forwards.values()) == {"Completed", "Partial"}
