"""The customer's page on the API: keys, and examples that are true."""

import json
import shlex
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from orders import api_keys, placement, service_types, shop
from orders.models import ApiKey, Customer, Order, Panel, Service
from panel import api_errors
from panel.customer.api import calls, languages, reference
from tests.support import factories
from tests.support.programs import Program

pytestmark = pytest.mark.django_db

URL = "/my/api/"


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde", balance="1000", signs_in=True)


@pytest.fixture
def web(casa: Customer) -> Client:
    web = Client()
    assert casa.user is not None
    web.force_login(casa.user)
    return web


@pytest.fixture
def every_type(casa: Customer) -> list[Service]:
    provider = factories.provider()
    return [
        factories.service(
            factories.offer(provider, type_name=kind.name, service_type=kind.slug, least=3)
        )
        for kind in service_types.ALL
        if kind.orderable
    ]


def shown(web: Client, url: str = URL) -> str:
    response = web.get(url)
    assert response.status_code == 200
    return response.content.decode()


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────


def test_a_key_is_shown_once_and_works(web: Client, casa: Customer) -> None:
    made = web.post(f"{URL}keys/", {"name": "My shop"})
    key = made.context["key"]

    assert key in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    assert api_keys.find(key) == ApiKey.objects.get(customer=casa, name="My shop")
    page = shown(web)
    assert key not in page
    assert "My shop" in page and f"{key[:6]}…" in page and "never used" in page
    assert Program(casa, ApiKey.objects.get(), key).call("balance")["balance"] == "1000"
    assert "127.0.0.1" in shown(web)


def test_a_name_is_asked_for_and_what_was_typed_stays(web: Client) -> None:
    nameless = web.post(f"{URL}keys/", {"name": " "})
    assert nameless.status_code == 422
    long = web.post(f"{URL}keys/", {"name": "n" * 61})
    assert long.status_code == 422
    assert "n" * 61 in long.content.decode()
    assert not ApiKey.objects.exists()


def test_a_key_is_revoked_and_anothers_is_not_found(web: Client, casa: Customer) -> None:
    mine, key = api_keys.make(casa, "Shop", by=None, now=factories.NOW)
    theirs, other = api_keys.make(factories.customer(), "Theirs", by=None, now=factories.NOW)

    assert web.post(f"{URL}keys/{theirs.pk}/revoke/").status_code == 404
    assert web.post(f"{URL}keys/{mine.pk}/revoke/").status_code == 302
    assert (api_keys.find(key), api_keys.find(other)) == (None, theirs)
    page = shown(web)
    assert "Shop is revoked" in page and "Theirs" not in page


def test_repeats_are_switched_on_the_page(web: Client, casa: Customer) -> None:
    assert "Take repeats" in shown(web)
    web.post(f"{URL}repeats/", {"repeats": "take"})
    casa.refresh_from_db()
    assert casa.repeats_ok
    assert "Refuse repeats" in shown(web)
    web.post(f"{URL}repeats/", {"repeats": "refuse"})
    casa.refresh_from_db()
    assert not casa.repeats_ok


# ── Examples ─────────────────────────────────────────────────────────────────────────────────


def test_the_example_of_every_type_is_taken_as_it_stands(
    casa: Customer, every_type: list[Service]
) -> None:
    rows = calls.one_of_each_type(shop.listed(casa))
    assert [row.type for row in rows] == [kind.name for kind in service_types.ALL if kind.orderable]
    for row in rows:
        call = calls.add_call(row)
        fields = {name: text for name, text in call.items() if name not in ("action", "service")}
        placed = placement.place(
            casa, int(call["service"]), fields, by=None, now=factories.NOW, overlap_ok=True
        )
        assert placed.order.details.keys() == fields.keys()
        told = {parameter.name for parameter in calls.parameters_of(row)}
        fields = service_types.find(row.type).fields
        assert told == {field.name for field in fields if row.dripfeed or not field.drip}


def test_every_type_of_the_shop_has_its_page(web: Client, every_type: list[Service]) -> None:
    for service in every_type:
        name = service.offer.type_name
        page = web.get(URL, {"type": name, "in": "python"})
        assert page.context["service"].service == service.pk
        assert f'"service": "{service.pk}"' in page.context["add_call"]
        assert page.context["worked"] is not None
    assert web.get(URL, {"type": "Zebra", "in": "cobol"}).context["add_call"].startswith("curl")


ODD = {"action": "add", "link": "https://x.com/?a=1&b=$x", "comments": 'It\'s "great"\n\\o/ ünï %s'}


def test_curl_sends_what_the_call_says() -> None:
    words = shlex.split(languages.curl("https://panel.example/api/v2", ODD).replace("\\\n", " "))
    assert words[:2] == ["curl", "https://panel.example/api/v2"]
    assert set(words[2::2]) == {"--data-urlencode"}
    assert dict(word.split("=", 1) for word in words[3::2]) == {"key": "YOUR_KEY", **ODD}


def test_python_runs(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    sent: dict[str, Any] = {}

    class Answer:
        def json(self) -> Any:
            return {"order": 23501}

    def post(url: str, **said: Any) -> Answer:
        sent.update(said, url=url)
        return Answer()

    monkeypatch.setattr(requests, "post", post)
    exec(languages.python("https://panel.example/api/v2", ODD), {})
    assert sent["url"] == "https://panel.example/api/v2"
    assert sent["data"] == {"key": "YOUR_KEY", **ODD}
    assert "23501" in capsys.readouterr().out


def test_php_escapes_what_php_would_read() -> None:
    text = languages.php("https://panel.example/api/v2", ODD)
    assert '"https://x.com/?a=1&b=\\$x"' in text
    assert '"It\'s \\"great\\"\\n\\\\o/ ünï %s"' in text


def test_the_answers_have_the_shape_that_clients_get(
    casa: Customer, every_type: list[Service]
) -> None:
    program = Program(casa, *api_keys.make(casa, "Shop", by=None, now=factories.NOW))
    order = factories.order(casa, every_type[0], status="completed")
    refill = program.call("refill", order=order.pk)["refill"]
    ids = {"23501": str(order.pk), "23502": "999999", "1": refill, "2": "999999"}

    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {shape_of_key(key): shape(inner) for key, inner in value.items()}
        return [shape(item) for item in value[:2]] if isinstance(value, list) else type(value)

    def shape_of_key(key: str) -> str:
        return "id" if key.isdigit() else key

    (listed, *_) = program.call("services")
    for action in reference.actions(listed, "USD"):
        said = {
            name: ",".join(ids.get(word, word) for word in value.split(","))
            for name, value in action.call.items()
        }
        if action.call == {"action": "refill", "order": "23501"}:
            continue  # asked for above
        answer = program.call(said.pop("action"), **said)
        if action.title == "Ask for several refills":
            answer[0]["refill"] = 1  # one is under way
        if action.title == "Ask to cancel":
            answer[0]["cancel"] = 1  # it has ended
        if action.call["action"] == "services":
            answer = answer[:1]
        assert shape(answer) == shape(action.example), action.title
        assert json.loads(action.answer) == action.example


def test_the_worked_price_is_what_is_charged(
    web: Client, casa: Customer, every_type: list[Service]
) -> None:
    for minimum in ("0", "5"):
        Panel.objects.update(minimum_charge=Decimal(minimum))
        page = web.get(URL)
        worked, row = page.context["worked"], page.context["service"]
        call = calls.add_call(row)
        order = placement.place(
            casa, row.service, call, by=None, now=factories.NOW, overlap_ok=True
        )
        assert Decimal(worked.price) == order.order.price
        assert worked.is_minimum == (minimum == "5")


def test_without_services_the_page_still_tells_the_rest(web: Client) -> None:
    page = strip_tags(shown(web))
    assert "No services yet" in page
    assert "refill_status" in page


def test_more_keys_and_services_cost_no_more_queries(web: Client, casa: Customer) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            shown(web)
        return len(seen)

    factories.service()
    api_keys.make(casa, "One", by=None, now=factories.NOW)
    few = queries()
    provider = factories.provider()
    for number in range(10):
        factories.service(factories.offer(provider))
        api_keys.make(casa, f"Key {number}", by=None, now=factories.NOW)
    assert queries() == few


def test_page_and_documentation_tell_every_error() -> None:
    constants = {
        value.partition("{")[0]
        for name, value in vars(api_errors).items()
        if name.isupper() and isinstance(value, str)
    }
    told = [text for text, _ in api_errors.MEANINGS]
    docs = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
    assert {text for text in constants if not any(text in each for each in told)} == set()
    assert {text for text in constants if text not in docs} == set()


# ── Staff ────────────────────────────────────────────────────────────────────────────────────


def test_staff_see_a_clients_keys_and_revoke_them(casa: Customer) -> None:
    made, key = api_keys.make(casa, "Shop in Lisbon", by=None, now=factories.NOW)
    desk = Client()
    desk.force_login(factories.admin().user)
    page = shown(desk, f"/staff/clients/{casa.pk}/")
    assert "Shop in Lisbon" in page and f"{key[:6]}…" in page and key not in page

    desk.post(f"/staff/clients/keys/{made.pk}/revoke/")
    assert api_keys.find(key) is None
    assert 'id="api-keys"' not in shown(desk, f"/staff/clients/{casa.pk}/")


def test_the_orders_page_names_the_program_that_placed_it(casa: Customer) -> None:
    program = Program(casa, *api_keys.make(casa, "Shop in Lisbon", by=None, now=factories.NOW))
    program.add(factories.service())
    desk = Client()
    desk.force_login(factories.admin().user)
    page = strip_tags(shown(desk, f"/staff/orders/{Order.objects.get().pk}/"))
    assert "Placed by the client's program" in page.replace("&#x27;", "'")
    assert "Shop in Lisbon" in page
    assert "command line" not in page
