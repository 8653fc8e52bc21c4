"""The life of an order, from a fixed moment to any other."""

from decimal import Decimal

import pytest

from .conftest import LINK, Provider


def test_an_order_goes_from_pending_through_progress_to_completed(provider: Provider) -> None:
    order, seen, remains = provider.buy(), [], []
    for _ in range(60):
        answer = provider.status(order)
        seen.append(answer["status"])
        remains.append(int(answer["remains"]))
        provider.wait(minutes=6)
    assert list(dict.fromkeys(seen)) == ["Pending", "In progress", "Completed"]
    assert remains == sorted(remains, reverse=True)
    assert (remains[0], remains[-1]) == (1000, 0)


def test_the_start_count_is_known_once_it_runs(provider: Provider) -> None:
    order = provider.buy()
    assert provider.status(order)["start_count"] == "0"
    provider.wait(days=2)
    assert int(provider.status(order)["start_count"]) > 0


def test_a_jump_of_the_clock_back_shows_the_past_again(provider: Provider) -> None:
    order = provider.buy()
    provider.wait(days=2)
    assert provider.status(order)["status"] == "Completed"
    provider.wait(days=-2)
    assert provider.status(order)["status"] == "Pending"


@pytest.mark.parametrize(
    ("word", "status"), [("canceled", "Canceled"), ("partial", "Partial"), ("failed", "Failed")]
)
def test_a_word_in_the_link_decides_the_ending(provider: Provider, word: str, status: str) -> None:
    order = provider.buy(link=f"{LINK}/fault-{word}")
    provider.wait(days=2)
    assert provider.status(order)["status"] == status


def test_canceled_gives_all_back_and_shows_no_charge(provider: Provider) -> None:
    before = provider.balance()
    order = provider.buy(link=f"{LINK}/fault-canceled")
    assert provider.balance() < before
    provider.wait(days=2)
    assert provider.status(order)["charge"] == "0.00"
    assert provider.balance() == before


def test_partial_gives_back_exactly_what_the_charge_lost(provider: Provider) -> None:
    before = provider.balance()
    order = provider.buy(link=f"{LINK}/fault-partial")
    gross = before - provider.balance()
    provider.wait(days=2)
    answer = provider.status(order)
    left, net = int(answer["remains"]), Decimal(answer["charge"])
    assert 0 < left < 1000
    assert net == gross * (1000 - left) / 1000
    assert provider.balance() == before - net


def test_failed_gives_nothing_back(provider: Provider) -> None:
    order = provider.buy(link=f"{LINK}/fault-failed")
    after = provider.balance()
    provider.wait(days=2)
    assert provider.status(order)["status"] == "Failed"
    assert provider.balance() == after


def test_of_a_drip_feed_that_fails_some_runs_do_and_others_are_completed(
    provider: Provider,
) -> None:
    order = provider.buy(link=f"{LINK}/fault-failed", quantity=100, runs=12, interval=1)
    provider.wait(days=9)
    told = provider.status(order)
    ends = [provider.status(run)["status"] for run in told["orders"]]
    assert told["status"] == "Completed"
    assert set(ends) == {"Failed", "Completed"}
    assert ends == [provider.status(run)["status"] for run in told["orders"]]


def test_over_delivery_leaves_negative_remains(provider: Provider) -> None:
    order = provider.buy(link=f"{LINK}/fault-over-delivered")
    provider.wait(days=2)
    answer = provider.status(order)
    assert (answer["status"], answer["remains"]) == ("Completed", "-70")


def test_completed_turns_partial_later(provider: Provider) -> None:
    order = provider.buy(link=f"{LINK}/fault-completed-then-partial")
    seen = []
    for _ in range(40):
        provider.wait(minutes=30)
        seen.append(provider.status(order)["status"])
    assert list(dict.fromkeys(seen))[-3:] == ["In progress", "Completed", "Partial"]


def test_a_drip_feed_shows_its_runs_as_they_come(provider: Provider) -> None:
    before = provider.balance()
    service = provider.world.services[101]
    order = provider.buy(quantity=100, runs=3, interval=60)
    assert before - provider.balance() == service.rate * 300 / 1000
    first = provider.status(order)
    assert first == {"status": "In progress", "runs": "3", "orders": [order + 1]}
    assert provider.status(order + 2) == {"error": "Incorrect order ID"}
    provider.wait(hours=2)
    assert provider.status(order)["orders"] == [order + 1, order + 2, order + 3]
    provider.wait(days=2)
    assert provider.status(order)["status"] == "Completed"
    assert Decimal(provider.status(order + 2)["charge"]) == service.rate * 100 / 1000
    assert provider.balance() == before - service.rate * 300 / 1000


def test_a_canceled_drip_feed_gives_back_what_its_runs_leave(provider: Provider) -> None:
    before = provider.balance()
    service = provider.service(cancel=True, kind="Default")
    order = provider.buy(service, quantity=100, runs=4, interval=60)
    provider.wait(minutes=61)
    assert provider.call("cancel", orders=order) == [{"order": order, "cancel": 1}]
    provider.wait(days=3)
    family = provider.status(order)
    assert family["status"] == "Canceled"
    assert 2 <= len(family["orders"]) < 4
    runs = [provider.status(child) for child in family["orders"]]
    assert {run["status"] for run in runs} <= {"Completed", "Partial", "Canceled"}
    assert provider.status(order + 4) == {"error": "Incorrect order ID"}
    assert before - provider.balance() == sum(Decimal(run["charge"]) for run in runs)


def test_a_drip_feed_that_is_forced_to_end_begins_no_more_runs(provider: Provider) -> None:
    before = provider.balance()
    service = provider.world.services[101]
    order = provider.buy(quantity=100, runs=3, interval=60)
    provider.world.commit(
        record="force", id=order, at=provider.now.timestamp(), values={"status": "Canceled"}
    )
    provider.wait(days=3)
    assert provider.status(order)["orders"] == [order + 1]
    assert before - provider.balance() == service.rate * 100 / 1000


def test_the_next_order_does_not_take_a_run_s_id(provider: Provider) -> None:
    order = provider.buy(quantity=100, runs=3, interval=60)
    assert provider.buy() > order + 3


def test_a_subscription_pays_for_each_post_as_it_comes(provider: Provider) -> None:
    before = provider.balance()
    service = provider.service("Subscriptions")
    asked = {"username": "ann", "min": 100, "max": 200, "delay": 30, "posts": 3, "old_posts": 1}
    order = provider.call("add", service=service.id, **asked)["order"]
    assert provider.balance() == before
    assert provider.status(order)["orders"] == []
    provider.wait(minutes=31)
    assert provider.status(order)["orders"] == [order + 1]
    provider.wait(days=7)
    family = provider.status(order)
    assert (family["status"], len(family["orders"])) == ("Completed", 4)
    spent = sum(Decimal(provider.status(child)["charge"]) for child in family["orders"])
    assert before - provider.balance() == spent > 0


def test_a_subscription_expires(provider: Provider) -> None:
    service = provider.service("Subscriptions")
    asked = {"username": "ann", "min": 100, "max": 200, "delay": 0, "posts": 500}
    order = provider.call("add", service=service.id, **asked, expiry="05/11/2026")["order"]
    provider.wait(days=30)
    family = provider.status(order)
    assert family["status"] == "Expired"
    assert 0 < len(family["orders"]) < 20


def test_a_paused_subscription_serves_no_posts_and_goes_on_later(provider: Provider) -> None:
    before = provider.balance()
    service = provider.service("Subscriptions")
    asked = {"username": "ann", "min": 100, "max": 200, "delay": 0, "posts": 3}

    def force(**values: str | None) -> None:
        at = provider.now.timestamp()
        provider.world.commit(record="force", id=order, at=at, values=values)

    order = provider.call("add", service=service.id, **asked)["order"]
    force(status="Paused")
    provider.wait(days=9)
    assert provider.status(order)["status"] == "Paused"
    assert provider.status(order)["orders"] == []
    assert provider.balance() == before
    force(status=None)
    provider.wait(hours=1)
    assert provider.status(order) | {"expiry": None} == {
        "status": "Active",
        "expiry": None,
        "posts": "3",
        "orders": [],
    }
    provider.wait(days=5)
    family = provider.status(order)
    assert (family["status"], len(family["orders"])) == ("Completed", 3)
    spent = sum(Decimal(provider.status(child)["charge"]) for child in family["orders"])
    assert before - provider.balance() == spent > 0


@pytest.mark.parametrize("word", ["Expired", "Canceled"])
def test_a_subscription_that_is_forced_to_end_gets_no_more_posts(
    provider: Provider, word: str
) -> None:
    before = provider.balance()
    service = provider.service("Subscriptions")
    asked = {"username": "ann", "min": 100, "max": 200, "delay": 0, "posts": 50, "old_posts": 1}
    order = provider.call("add", service=service.id, **asked)["order"]
    provider.wait(minutes=1)
    at = provider.now.timestamp()
    provider.world.commit(record="force", id=order, at=at, values={"status": word})
    provider.wait(days=9)
    assert provider.status(order)["status"] == word
    assert provider.status(order)["orders"] == [order + 1]
    spent = before - provider.balance()
    assert spent == Decimal(provider.status(order + 1)["charge"])


def test_a_word_in_the_username_is_a_fault_of_a_subscription(provider: Provider) -> None:
    service = provider.service("Subscriptions")
    asked = {"username": "fault-no-funds", "min": 100, "max": 200, "delay": 0, "posts": 1}
    answer = provider.call("add", service=service.id, **asked)
    assert answer == {"error": "Not enough funds on balance"}


def test_a_faster_pace_shortens_a_life(provider: Provider) -> None:
    provider.world.commit(record="pace", speed=1, minutes=2)
    order = provider.buy()
    provider.wait(minutes=4)
    assert provider.status(order)["status"] == "Completed"


def test_money_given_back_in_two_steps_is_never_given_twice(provider: Provider) -> None:
    before = provider.balance()
    order = provider.buy()
    for values in ({"status": "Partial", "remains": 400}, {"status": "Canceled"}):
        at = provider.now.timestamp()
        provider.world.commit(record="force", id=order, values=values, at=at)
        provider.status(order)
    assert provider.balance() == before
