"""The pages of many orders at once, for customers and for staff."""

import csv
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders import mass_orders
from orders.enums import MassLineState, NotPlaced, PauseReason
from orders.models import Customer, MassLine, MassOrder, Offer, Order, Service, Staff, User
from panel.mass_orders import words as line_words
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
START, STAFF_START = "/my/new/many/", "/staff/orders/many/"


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde", balance="100", signs_in=True)


@pytest.fixture
def service() -> Service:
    return factories.service()


@pytest.fixture
def admin() -> Staff:
    return factories.admin(big_order_limit=Decimal(1000))


def browser(user: User | None) -> Client:
    opened = Client()
    assert user is not None
    opened.force_login(user)
    return opened


@pytest.fixture
def mine(casa: Customer) -> Client:
    return browser(casa.user)


def text(response: Any) -> str:
    return str(response.content.decode())


def typed(at: Client, lines: str, start: str = START) -> MassOrder:
    """Send lines and follow to the look at them."""
    response = at.post(start, {"act": "check", "text": lines})
    assert response.status_code == 302, text(response)
    made = MassOrder.objects.latest("pk")
    assert response["Location"].endswith(f"/{made.pk}/")
    return made


def url_of(made: MassOrder, start: str = START) -> str:
    return f"{start}{made.pk}/"


def press(at: Client, made: MassOrder, act: str, start: str = START, **more: str) -> Any:
    """Press a button of the page as it is now."""
    page = at.get(url_of(made, start))
    preview = page.context.get("preview")
    seen = {"fingerprint": preview.fingerprint} if preview else {}
    return at.post(url_of(made, start), seen | {"act": act} | more, follow=True)


def test_a_customer_types_looks_places_and_reads_the_results(
    mine: Client, service: Service
) -> None:
    made = typed(mine, f"service | link | quantity\n{service.pk} | @a | 1,000\n{service.pk}|@b|5\n")
    page = text(mine.get(url_of(made)))
    assert "Place the 1 good line for" in page
    assert "Quantity: between 10 and 10,000 for this service." in page
    assert not Order.objects.exists()

    press(mine, made, "place")
    page = text(mine.get(url_of(made)))
    assert "Placing them" in page and "1 to go" in page and "Stop the rest" in page
    mass_orders.carry_out(NOW)
    page = text(mine.get(url_of(made)))
    order = Order.objects.get()
    assert "1 of 2 placed" in page
    assert reverse("my:order", args=[order.pk]) in page
    assert "Mend the 1 other line" in page
    assert "Partly placed" in text(mine.get(START))


def test_the_live_part_stops_asking_once_all_is_done(mine: Client, service: Service) -> None:
    made = typed(mine, f"{service.pk}|@a|10")
    press(mine, made, "place")
    asks = {"headers": {"HX-Request": "true", "HX-Target": "mass-live"}}
    assert mine.get(url_of(made), **asks).status_code == 200
    mass_orders.carry_out(NOW)
    done = mine.get(url_of(made), **asks)
    assert done.status_code == 286
    assert "hx-trigger" not in text(done) and "<html" not in text(done)


def test_what_is_missing_leads_to_the_money_and_back_to_the_lines(
    mine: Client, service: Service
) -> None:
    made = typed(mine, "\n".join(f"{service.pk}|@a{n}|10000" for n in range(8)))
    page = text(mine.get(url_of(made)))
    assert "$4.00<i>00</i></span> missing" in page
    assert f"/my/top-up/?amount=4.00&amp;next=%2Fmy%2Fnew%2Fmany%2F{made.pk}%2F" in page
    assert 'value="place"' not in page
    press(mine, made, "place")
    assert not MassLine.objects.exists()


def test_a_refused_text_comes_back_as_it_was_typed(mine: Client) -> None:
    response = mine.post(START, {"act": "check", "text": "service,link,price\n1,a,2"})
    assert response.status_code == 422
    assert "service,link,price\n1,a,2" in text(response)
    assert "“price” is not known here" in text(response)
    assert not MassOrder.objects.exists()


def uploaded(content: bytes, name: str = "orders.csv") -> dict[str, Any]:
    return {"act": "check", "text": "", "file": SimpleUploadedFile(name, content)}


def test_a_file_is_read_and_stands_in_the_box(mine: Client, service: Service) -> None:
    content = f"\ufeffservice;link;quantity\r\n{service.pk};@a;10".encode()
    mine.post(START, uploaded(content, "of\u202espring.csv"))
    made = MassOrder.objects.get()
    assert made.name == "ofspring.csv"
    page = text(mine.get(url_of(made)))
    assert f"service;link;quantity\n{service.pk};@a;10" in page.replace("\r", "")
    assert "Place it for" in page


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"service,link\n1,\xe9", "Line 2 is not UTF-8"),
        (b"", "The file is empty"),
        (b"x" * 1_000_001, "larger than 1 MB"),
        (b"service,link,price\n1,a,2", "“price” is not known here"),
    ],
)
def test_a_file_that_is_no_use_says_why(mine: Client, content: bytes, words: str) -> None:
    response = mine.post(START, uploaded(content))
    assert response.status_code == 422 and words in text(response)


def test_lines_are_mended_in_the_box(mine: Client, service: Service) -> None:
    made = typed(mine, "nonsense")
    assert "No line can be placed as it is" in text(mine.get(url_of(made)))
    refused = mine.post(url_of(made), {"act": "check", "text": " "})
    assert refused.status_code == 422 and "There is no order yet" in text(refused)
    mine.post(url_of(made), {"act": "check", "text": f"{service.pk}|@a|10"})
    assert "Place it for" in text(mine.get(url_of(made)))
    assert MassOrder.objects.count() == 1


def test_a_price_that_rose_since_the_look_is_shown_before_anything_happens(
    mine: Client, service: Service
) -> None:
    made = typed(mine, f"{service.pk}|@a|1000")
    seen = mine.get(url_of(made)).context["preview"].fingerprint
    Offer.objects.update(rate=Decimal(2))
    response = mine.post(url_of(made), {"act": "place", "fingerprint": seen}, follow=True)
    assert "Something has changed since you looked" in text(response)
    assert "$2.60" in text(response) and not MassLine.objects.exists()


def test_each_reason_has_its_button(mine: Client, service: Service) -> None:
    made = typed(mine, "\n".join(f"{service.pk}|@a{n}|1000" for n in range(4)))
    press(mine, made, "place")
    told: list[tuple[NotPlaced, dict[str, Any]]] = [
        (NotPlaced.FUNDS, {"missing": "4.2"}),
        (NotPlaced.PRICE, {"expected": "1.3", "price": "2.6"}),
        (NotPlaced.OVERLAP, {"orders": [7]}),
        (NotPlaced.STOPPED, {}),
    ]
    for line, (why, detail) in zip(MassLine.objects.order_by("pk"), told, strict=True):
        MassLine.objects.filter(pk=line.pk).update(
            state=MassLineState.NOT_PLACED, why=why, detail=detail
        )
    page = text(mine.get(url_of(made)))
    for words in (
        *("that lacked balance for", "at the new price for", "in spite of the same link for"),
        *("$4.2000 was missing.", "The price changed from $1.3000 to $2.6000."),
        *("Order 7 on this link is still open.", "Stopped before it was placed."),
    ):
        assert words in page
    again = {rest.why: rest for rest in mine.get(url_of(made)).context["result"].again}
    assert again[NotPlaced.PRICE].price == Decimal("2.6")
    act = {"act": "price", "fingerprint": again[NotPlaced.PRICE].fingerprint}
    assert "1 line taken up again" in text(mine.post(url_of(made), act, follow=True))
    assert MassLine.objects.filter(state=MassLineState.WAITING).get().price == Decimal("2.6")


def test_a_customer_reads_nothing_of_why_a_service_is_not_sold(
    mine: Client, service: Service
) -> None:
    made = typed(mine, f"{service.pk}|@a|10\n99999|@b|10")
    Service.objects.update(pause=PauseReason.COST_ROSE, paused_at=NOW)
    page = text(mine.get(url_of(made)))
    assert "This service is not available right now." in page
    assert "There is no service with this number on your list." in page
    assert "This service is paused" not in page and "rose" not in page


@pytest.mark.parametrize(("language", "begun"), [("en", "ils"), ("tr", "Ils")])
def test_what_is_wrong_with_a_field_goes_on_small_only_in_english(
    language: str, begun: str
) -> None:
    with translation.override(language):
        told = line_words.words(NotPlaced.WRONG, {"errors": {"quantity": "Ils."}}, is_staff=False)
    assert told.endswith(f": {begun}.")


def test_staff_place_for_a_client_of_theirs(admin: Staff, casa: Customer, service: Service) -> None:
    at = browser(admin.user)
    found = text(at.get(STAFF_START, {"client_q": "casa"}))
    assert f"?client={casa.pk}" in found
    start = f"{STAFF_START}?client={casa.pk}"
    at.post(start, {"act": "check", "text": f"{service.pk}|@a|10\n{service.pk}|@a|10"})
    made = MassOrder.objects.get()
    page = text(at.get(url_of(made, STAFF_START)))
    assert "The same as line 1." in page and "Place 2, those on the same link too" in page
    press(at, made, "place_all", STAFF_START)
    mass_orders.carry_out(NOW)
    assert set(Order.objects.values_list("customer", "placed_by")) == {(casa.pk, admin.user_id)}
    assert "Order " not in text(at.get(url_of(made, STAFF_START)))


def test_much_at_once_is_confirmed_by_typing_how_many(
    admin: Staff, casa: Customer, service: Service
) -> None:
    Staff.objects.update(big_order_limit=Decimal(1))
    at = browser(User.objects.get(pk=admin.user_id))
    at.post(f"{STAFF_START}?client={casa.pk}", {"text": f"{service.pk}|@a|1000"})
    made = MassOrder.objects.get()
    refused = press(at, made, "place", STAFF_START, confirm="2")
    assert refused.status_code == 422 and "Type 1, the number of orders" in text(refused)
    assert not MassLine.objects.exists()
    press(at, made, "place", STAFF_START, confirm="1")
    assert MassLine.objects.count() == 1


def test_the_results_as_a_file_run_nothing_in_a_spreadsheet(mine: Client, service: Service) -> None:
    Service.objects.update(name="=HYPERLINK(1)")
    made = typed(mine, f"{service.pk}|@a|10\n=1+1|@b|10")
    press(mine, made, "place")
    mass_orders.carry_out(NOW)
    content = mine.get(f"{START}{made.pk}.csv").getvalue().decode("utf-8-sig")
    head, first, second = csv.reader(content.splitlines())
    order = Order.objects.get()
    assert head[:2] == ["Line", "Service"]
    assert first == [
        *("1", str(service.pk), "'=HYPERLINK(1)", "'@a", "10"),
        *(f"{order.price:f}", "Placed", str(order.pk), ""),
    ]
    assert second[6] == "To be mended" and "“=1+1”" in second[8]


def test_another_customers_lines_are_not_found(mine: Client, service: Service) -> None:
    made = typed(mine, f"{service.pk}|@a|10")
    other = browser(factories.customer(signs_in=True).user)
    for address in (url_of(made), f"{START}{made.pk}.csv"):
        assert other.get(address).status_code == 404
    assert other.post(url_of(made), {"act": "place"}).status_code == 404


@pytest.mark.parametrize("confirms", [False, True])
def test_the_page_asks_as_often_for_many_lines_as_for_one(
    mine: Client, casa: Customer, confirms: bool
) -> None:
    services = [factories.service() for _ in range(10)]

    def queries(lines: int) -> int:
        rows = [f"{services[n % 10].pk}|@name{lines}x{n}|10" for n in range(lines)]
        made = typed(mine, "\n".join(rows))
        if confirms:
            press(mine, made, "place")
        with CaptureQueriesContext(connection) as found:
            assert mine.get(url_of(made)).status_code == 200
        return len(found)

    assert queries(1) == queries(300) <= 24


def test_pages_of_lines_lead_to_each_other(mine: Client, service: Service) -> None:
    made = typed(mine, "\n".join(f"{service.pk}|@a{n}|10" for n in range(150)))
    page = text(mine.get(url_of(made)))
    assert page.count("<tr>") == 101 and "?show=&amp;from=100" in page
    assert text(mine.get(url_of(made), {"from": "100"})).count("<tr>") == 51
    press(mine, made, "place")
    page = text(mine.get(url_of(made)))
    assert page.count("<tr>") == 101 and "Lines after" in page
    last = MassLine.objects.get(number=100).pk
    assert text(mine.get(url_of(made), {"after": last})).count("<tr>") == 51


SIGNS = "0123456789|;,\t\n\r \"'=@/.abéservicelinkquantity\u2028\ufeff"
WORDS = st.text(st.sampled_from(SIGNS), max_size=60)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(WORDS, WORDS, st.sampled_from(["check", "place", "stop", "mend", "price", "", "x"]))
def test_whatever_is_sent_is_answered_and_never_lost(
    mine: Client, service: Service, first: str, second: str, act: str
) -> None:
    response = mine.post(START, {"act": "check", "text": f"{service.pk}|@a|10\n{first}"})
    assert response.status_code in (302, 422)
    if response.status_code == 302:
        made = MassOrder.objects.latest("pk")
        query = {"from": second, "show": second, "after": second}
        assert mine.get(url_of(made), query).status_code == 200
        sent = {"act": act, "text": second, "fingerprint": second}
        assert mine.post(url_of(made), sent).status_code in (302, 422)
        made.refresh_from_db()
        assert made.text
    assert not Order.objects.exists()
