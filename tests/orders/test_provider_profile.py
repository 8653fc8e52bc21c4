"""A provider's profile: what it may hold, what the trail keeps of it, and that it is used."""

import json
from decimal import Decimal
from typing import Any

import pytest

from orders import connections, placement, polling, provider_profile, providers, submission
from orders.enums import DripLimit, OrderStatus
from orders.errors import FieldErrors
from orders.models import AuditEntry, Order, Provider
from orders.provider_profile import MASK, read, shown, told
from orders.upstream.redact import Redactor
from tests.support import factories
from tests.support.factories import NOW
from tests.support.simulator import RunningSimulator

SECRET = "partner-token-91c2"


# ── Extra parameters ─────────────────────────────────────────────────────────────────────────


def test_lines_become_parameters_and_a_masked_value_stays() -> None:
    kept = {"token": SECRET, "shop": "7"}
    assert read(f" token = {MASK}\n\nshop=8=9 \r\nlang=en", kept) == {
        "token": SECRET,
        "shop": "8=9",
        "lang": "en",
    }
    assert read(shown(kept), kept) == kept
    assert SECRET not in shown(kept)
    assert read("", kept) == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("token", "as name=value"),
        ("a=1\na=2", "twice"),
        (f"new={MASK}", "Type the value of new"),
    ],
)
def test_lines_that_say_nothing_are_told(text: str, words: str) -> None:
    with pytest.raises(FieldErrors, match=words):
        read(text, {})


def test_the_trail_holds_names_and_which_values_are_new() -> None:
    assert told({"token": SECRET, "shop": "7"}, {"token": "other", "shop": "7", "lang": "en"}) == (
        ["token", "shop"],
        ["token (new value)", "shop", "lang"],
    )


def test_a_secret_among_them_is_cut_out_of_answers() -> None:
    redact = Redactor("the-key-of-ours", [SECRET, "7"])
    assert redact.text(f"no such token {SECRET} in shop 7") == "no such token [key] in shop 7"
    assert redact.body(f'{{"error": "{SECRET}"}}'.encode()) == '{"error": "[key]"}'


# ── Changing it ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"extra_parameters": {"key": "x"}}, "extra_parameters"),
        ({"extra_parameters": {"Action": "x"}}, "extra_parameters"),
        ({"extra_parameters": {"link": "x"}}, "extra_parameters"),
        ({"extra_parameters": {"a b": "x"}}, "extra_parameters"),
        ({"extra_parameters": {"a": ""}}, "extra_parameters"),
        ({"extra_parameters": {"a": "x\ny"}}, "extra_parameters"),
        ({"extra_parameters": {"a": "x" * 301}}, "extra_parameters"),
        ({"extra_parameters": {f"a{n}": "x" for n in range(21)}}, "extra_parameters"),
        ({"idempotency_field": "service"}, "idempotency_field"),
        ({"idempotency_field": "comments"}, "idempotency_field"),
        ({"idempotency_field": "no no"}, "idempotency_field"),
        ({"idempotency_field": "a", "extra_parameters": {"a": "x"}}, "idempotency_field"),
        ({"batch_size": 0}, "batch_size"),
        ({"batch_size": 1001}, "batch_size"),
        ({"requests_per_second": Decimal(0)}, "requests_per_second"),
        ({"requests_at_once": 65}, "requests_at_once"),
        ({"total_timeout": 0}, "total_timeout"),
        ({"read_timeout": 40, "total_timeout": 30}, "read_timeout"),
    ],
)
def test_what_cannot_be_used_is_refused_at_its_field(values: dict[str, Any], field: str) -> None:
    provider = factories.provider()
    with pytest.raises(FieldErrors) as refused:
        providers.change(provider, by=None, now=NOW, **values)
    assert refused.value.errors.keys() == {field}
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_a_change_is_on_record_without_a_secret() -> None:
    provider = factories.provider(extra_parameters={"token": "an-older-token"})
    values = {"batch_size": 25, "extra_parameters": {"token": SECRET}, "has_refill": False}
    providers.change(provider, by=None, now=NOW, **values)

    entry = AuditEntry.objects.get()
    assert entry.before == {"batch_size": 100, "extra_parameters": ["token"], "has_refill": True}
    assert entry.after["extra_parameters"] == ["token (new value)"]
    kept = json.dumps([entry.before, entry.after])
    assert SECRET not in kept and "an-older-token" not in kept
    provider.refresh_from_db()
    assert SECRET not in repr(connections.account_of(provider))
    assert SECRET not in repr(provider)


@pytest.mark.django_db
def test_the_account_is_another_after_each_change_of_whom_we_speak_to() -> None:
    provider = factories.provider()
    for change in (
        {"url": "https://other.example/api/v2"},
        {"extra_parameters": {"shop": "1"}},
        {"idempotency_field": "request_id"},
    ):
        before = provider.account_version
        providers.change(provider, by=None, now=NOW, **change)
        assert provider.account_version == before + 1
    providers.change(provider, by=None, now=NOW, batch_size=7)
    providers.change(provider, by=None, now=NOW, idempotency_field="request_id")
    assert provider.account_version == 4


# ── Used, spoken over HTTP ───────────────────────────────────────────────────────────────────


def at(simulator: RunningSimulator, **profile: Any) -> Provider:
    return factories.provider(url=simulator.url, key=simulator.key, **profile)


@pytest.mark.django_db
def test_extra_parameters_go_with_an_order(simulator: RunningSimulator) -> None:
    row = simulator.call("services")[0]
    provider = at(simulator, extra_parameters={"shop": "7", "token": SECRET})
    offer = factories.offer(provider, upstream_id=str(row["service"]), rate=Decimal(row["rate"]))
    service = factories.service(offer)
    order = factories.order(
        of=service,
        status=OrderStatus.WAITING,
        price=Decimal(1000),
        quantity=1000,
        waiting_since=NOW,
    )
    assert submission.submit_order(order.pk, NOW) == "created"
    sent = simulator.log()[0]["params"]
    assert (sent["shop"], sent["token"]) == ("7", SECRET)


@pytest.mark.django_db
def test_no_status_call_asks_about_more_than_a_batch() -> None:
    with RunningSimulator(standing_orders=1000, batch_limit=10) as simulator:
        provider = at(simulator, batch_size=10)
        service = factories.service(factories.offer(provider))
        for number in range(1, 26):
            factories.order(of=service, upstream_id=str(number), tier=1, changed_at=NOW)
        polling.poll_everything(NOW)
        asked = [call["ids"] for call in simulator.calls("status")]
    assert sorted(asked) == [5, 10, 10]
    assert set(Order.objects.values_list("status", flat=True)) == {OrderStatus.IN_PROGRESS}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("bound", "quantity", "taken"),
    [
        (DripLimit.PER_RUN, 100, True),
        (DripLimit.TOTAL, 100, False),
        (DripLimit.TOTAL, 50, True),
    ],
)
def test_min_and_max_bind_one_run_or_all_of_them(
    bound: DripLimit, quantity: int, taken: bool
) -> None:
    offer = factories.offer(factories.provider(drip_limit=bound), most=200, dripfeed=True)
    service, buyer = factories.service(offer), factories.customer(balance="10")
    fields = {"link": "https://instagram.com/x", "quantity": quantity, "runs": 4, "interval": 60}
    if taken:
        assert placement.place(buyer, service.pk, fields, by=None, now=NOW).is_new
    else:
        with pytest.raises(FieldErrors, match="All runs together"):
            placement.place(buyer, service.pk, fields, by=None, now=NOW)


def test_no_parameter_of_the_protocol_can_be_replaced() -> None:
    assert {"key", "action", "service", "link", "quantity"} <= provider_profile.RESERVED
