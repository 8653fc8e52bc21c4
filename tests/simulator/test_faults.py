"""Faults by word, by probability and by "the next N calls"; those that change what is said."""

from decimal import Decimal

import pytest

from orders.upstream.simulator.faults import (
    ENDING_FAULTS,
    NAMES,
    REFUSALS,
    Faults,
    UnknownFault,
    parse,
    words_of,
)

from .conftest import LINK, Provider


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_fault_has_its_word(name: str) -> None:
    assert words_of(f"https://x.com/fault-{name.replace('_', '-')}/1").keys() == {name}
    assert words_of(f"https://x.com/fault-{name}").keys() == {name}


def test_a_link_may_hold_several_words_and_figures() -> None:
    words = words_of(f"{LINK}/fault-latency-1500/fault-partial/fault-timeout-after-photo")
    assert words == {"latency": 1500, "partial": 0, "timeout_after": 0}
    assert words_of("https://x.com/my-fault-is-none") == {}


def test_a_word_with_once_strikes_the_first_add_on_a_link_only(provider: Provider) -> None:
    link = f"{LINK}/fault-no-funds-once"
    assert "error" in provider.add(link=link)
    assert "order" in provider.add(link=link)


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_makes_no_order_and_costs_nothing(provider: Provider, name: str) -> None:
    text, status = REFUSALS[name]
    link = f"{LINK}/fault-{name.replace('_', '-')}"
    answer = provider.handle(action="add", key=provider.world.settings.key, service=101, link=link,
                             quantity=100)  # fmt: skip
    assert answer == (status, {"error": text})
    assert not provider.world.log
    assert provider.balance() == 50_000


def test_a_generic_error_after_hides_an_accepted_order(provider: Provider) -> None:
    answer = provider.add(link=f"{LINK}/fault-generic-error-after")
    assert set(answer) == {"error"}
    assert len(provider.world.log) == 1
    assert provider.balance() < 50_000


def test_a_taken_id_names_the_order_before_or_the_one_that_is_told(provider: Provider) -> None:
    link = f"{LINK}/fault-taken-id"
    first = provider.add(link=link)["order"]
    assert first == provider.world.log[0].id, "there is no other one yet"
    second = provider.add(link=link)
    assert second == {"order": first}
    assert provider.world.log[1].id != first, "it was made all the same"
    provider.buy()
    assert provider.add(link=f"{link}-{first}") == {"order": first}
    provider.world.faults.set("taken_id", {"next": 1, "value": first})
    assert provider.add() == {"order": first}
    assert provider.balance() < 50_000 and len(provider.world.log) == 5


def test_next_strikes_so_many_calls_of_its_action(provider: Provider) -> None:
    provider.world.faults.set("bad_key", {"next": 2, "action": "add"})
    assert "balance" in provider.call("balance")
    assert [set(provider.add()) for _ in range(3)] == [{"error"}, {"error"}, {"order"}]
    assert not provider.world.faults.active


def test_a_probability_of_one_strikes_until_it_is_switched_off(provider: Provider) -> None:
    provider.world.faults.set("rate_limit", 1)
    assert all("error" in provider.call("balance") for _ in range(5))
    provider.world.faults.set("rate_limit", None)
    assert "balance" in provider.call("balance")


def test_a_probability_strikes_about_its_share(provider: Provider) -> None:
    provider.world.faults.set("duplicate", 0.3)
    struck = sum("error" in provider.add(link=f"{LINK}{n}") for n in range(300))
    assert 60 < struck < 120


@pytest.mark.parametrize("name", ENDING_FAULTS)
def test_an_ending_can_be_drawn_by_probability(provider: Provider, name: str) -> None:
    provider.world.faults.set(name, 1)
    assert provider.world.orders[provider.buy()].course.ending == name


def test_the_shapes_of_a_many_status_answer(provider: Provider) -> None:
    first, second = provider.buy(), provider.buy()
    usual = provider.status(first, second, 7)
    provider.world.faults.set("shape_list", {"next": 1})
    assert [item["order"] for item in provider.status(second, first, 7)] == [second, first, 7]
    provider.world.faults.set("shape_bare_list", {"next": 1})
    assert provider.status(first, second, 7) == list(usual.values())
    provider.world.faults.set("shape_string", {"next": 1})
    assert provider.status(first, second, 7) == {**usual, "7": "Incorrect order ID"}
    provider.world.faults.set("shape_object", {"next": 1})
    assert provider.status(first, second, 7) == usual


def test_shape_object_wraps_the_catalog(provider: Provider) -> None:
    provider.world.faults.set("shape_object", {"next": 1})
    assert list(provider.call("services")) == ["services"]


def test_ids_go_missing_by_word_by_call_and_by_probability(provider: Provider) -> None:
    lost, kept = provider.buy(link=f"{LINK}/fault-missing-ids"), provider.buy()
    assert list(provider.status(lost, kept)) == [str(kept)]
    other = provider.buy()
    provider.world.faults.set("missing_ids", {"next": 1})
    assert list(provider.status(kept, other)) == [str(other)]
    assert len(provider.status(kept, other)) == 2
    provider.world.faults.set("missing_ids", 1)
    assert provider.status(kept, other) == {}


def test_null_counts_and_unknown_words_by_link(provider: Provider) -> None:
    nulls = provider.status(provider.buy(link=f"{LINK}/fault-null-counts"))
    assert (nulls["start_count"], nulls["remains"]) == (None, None)
    odd = provider.status(provider.buy(link=f"{LINK}/fault-unknown-status"))
    assert odd["status"] == "On moderation"


def test_a_probability_per_order_repeats_at_the_same_moment(provider: Provider) -> None:
    orders = [provider.buy() for _ in range(40)]
    provider.world.faults.set("null_counts", 0.5)
    first = provider.status(*orders)
    assert first == provider.status(*orders)
    assert {item["remains"] for item in first.values()} == {None, "1000"}


def test_another_currency(provider: Provider) -> None:
    order = provider.buy()
    provider.world.faults.set("wrong_currency", 1)
    assert provider.call("balance")["currency"] == "EUR"
    assert provider.status(order)["currency"] == "EUR"


def test_a_price_rise_shows_in_the_catalog_and_is_charged(provider: Provider) -> None:
    old = {row["service"]: Decimal(row["rate"]) for row in provider.call("services")}
    provider.world.faults.set("price_rise", {"probability": 0.2, "value": 50})
    new = {row["service"]: Decimal(row["rate"]) for row in provider.call("services")}
    risen = [number for number in old if new[number] > old[number]]
    assert 30 < len(risen) < 90
    service = provider.world.services[risen[0]]
    provider.buy(service)
    assert provider.world.log[0].charge == new[service.id]


def test_a_price_rise_by_word_is_charged_unannounced(provider: Provider) -> None:
    rate = provider.world.services[101].rate
    provider.buy(link=f"{LINK}/fault-price-rise")
    assert provider.world.log[0].charge == (rate * Decimal("1.4")).quantize(Decimal("0.00001"))


def test_services_vanish_and_cannot_be_bought(provider: Provider) -> None:
    all_ids = {row["service"] for row in provider.call("services")}
    provider.world.faults.set("vanished_services", 0.3)
    left = {row["service"] for row in provider.call("services")}
    assert 50 < len(all_ids - left) < 130
    gone = min(all_ids - left)
    assert provider.add(gone) == {"error": "Incorrect service ID"}


def test_the_catalog_can_be_empty(provider: Provider) -> None:
    provider.world.faults.set("empty_catalog", {"next": 1})
    assert provider.call("services") == []
    assert len(provider.call("services")) == 300


def test_a_refill_can_be_rejected_and_a_cancel_ignored(provider: Provider) -> None:
    link = f"{LINK}/fault-refill-rejected/fault-cancel-ignored"
    order = provider.buy(provider.service(refill_days=True, cancel=True), link=link)
    assert provider.call("cancel", orders=order)[0]["cancel"] == 1
    provider.wait(days=3)
    assert provider.status(order)["status"] == "Completed"
    provider.call("refill", order=order)
    provider.wait(days=1)
    assert provider.call("refill_status", refill=1) == {"status": "Rejected"}


@pytest.mark.parametrize("spec", [2, -1, "often", {"next": "x"}, [1]])
def test_a_senseless_figure_is_refused(spec: object) -> None:
    with pytest.raises(UnknownFault, match="bad_key"):
        Faults(seed=1).set("bad_key", spec)


def test_an_unknown_fault_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownFault, match="timeout_after"):
        Faults(seed=1).set("gremlins", 1)


def test_faults_are_read_from_the_command_line() -> None:
    faults = Faults(seed=1)
    for name, spec in parse("timeout_after@add=0.02, latency=150,partial=1").items():
        faults.set(name, spec)
    assert faults.active["timeout_after"].probability == 0.02
    assert faults.active["timeout_after"].action == "add"
    assert faults.active["latency"].value == 150
    assert faults.active["partial"].probability == 1
