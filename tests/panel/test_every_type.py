"""Every type of service, ordered at every counter: the declaration drives form, check, count,
price, what is sent and what is documented, and so it does for a type that nobody knew before."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from orders import service_types
from orders.models import Customer, Order, Service, Staff
from orders.service_types import ServiceType, reference
from tests.support import factories
from tests.support.programs import program_of
from tests.support.types import STICKERS, declared

pytestmark = pytest.mark.django_db

# The protocol's table once more, by hand: which types are billed by their lines, which as packages.
BY_LINES = {
    "custom_comments": "comments",
    "mentions_custom_list": "usernames",
    "comment_replies": "comments",
    "sticker_packs": "stickers",
}
PACKAGES = {"package", "custom_comments_package"}
RATE = Decimal("2.6")
"""Twice the panel's markup of 30 % on a cost of 2."""

LEAST = 4
POSTS = 10
COUNTED = BY_LINES | {"subscriptions": "max"}
"""The field that the service's limits are about, where it is not the quantity."""

KINDS = [kind for kind in service_types.ALL if kind.orderable] + [STICKERS]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
PRICE = re.compile(r'name="expected_price" value="([\d.]+)"')


@pytest.fixture(autouse=True)
def _table() -> Iterator[None]:
    with declared(STICKERS):
        yield


@dataclass
class Counter:
    """A service of one type, its customer, and everybody who may order it."""

    kind: ServiceType
    service: Service
    customer: Customer
    member: Staff

    def fields(self) -> dict[str, str]:
        return service_types.example(self.kind, LEAST)

    def staff(self, fields: dict[str, str], **others: str) -> Any:
        http, told = Client(), {"client": str(self.customer.pk), "markup": "acting"}
        http.force_login(self.member.user)
        return self._press(http, reverse("staff:new_order"), fields, told | others)

    def themselves(self, fields: dict[str, str], **others: str) -> Any:
        http = Client()
        assert self.customer.user
        http.force_login(self.customer.user)
        return self._press(http, reverse("my:new_order"), fields, others)

    def program(self, fields: dict[str, str]) -> Any:
        return program_of(self.customer).call("add", service=self.service.pk, **fields)

    def command(self, fields: dict[str, str]) -> None:
        words = [word for name, text in fields.items() for word in (f"--{name}", _one_line(text))]
        customer, service = str(self.customer.pk), str(self.service.pk)
        call_command("place_order", customer, service, *words, "--overlap", stdout=StringIO())

    def _press(self, http: Client, url: str, fields: dict[str, str], told: dict[str, str]) -> Any:
        """Look at the price and press at what was shown; what the press answered."""
        form = {f"f-{name}": text for name, text in fields.items()}
        form |= {"service": str(self.service.pk), "client_key": f"form of {url}"} | told
        seen = http.post(url, form, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="order-quote")
        price = PRICE.search(seen.text)
        self.shown = seen.text
        pressed = {"act": "place", "overlap_ok": "on"}
        return http.post(url, pressed | {"expected_price": price[1] if price else ""} | form)


def _one_line(text: str) -> str:
    return text.replace("\n", "\\n")


@pytest.fixture
def counter(kind: ServiceType) -> Counter:
    offer = factories.offer(
        type_name=kind.name, service_type=kind.slug, rate=Decimal(2), least=LEAST, most=500
    )
    member = factories.staff(sees_all_customers=True)
    customer = factories.customer(balance="100", signs_in=True, manager=member)
    return Counter(kind, factories.service(offer), customer, member)


def billed(kind: ServiceType, fields: dict[str, str]) -> int:
    """How many units the protocol's table bills."""
    if kind.slug in PACKAGES:
        return 1
    if kind.slug == "subscriptions":
        return int(fields["max"]) * POSTS
    counted = BY_LINES.get(kind.slug)
    return len(fields[counted].split("\n")) if counted else int(fields["quantity"])


def owed(kind: ServiceType, fields: dict[str, str]) -> Decimal:
    return RATE if kind.slug in PACKAGES else RATE * billed(kind, fields) / 1000


@every_kind
def test_each_is_ordered_at_every_counter_alike(counter: Counter, kind: ServiceType) -> None:
    fields = counter.fields()
    placing = (counter.staff, counter.themselves, counter.program, counter.command)
    for number, place in enumerate(placing):
        target = f"example{number}"
        fields |= {"link": f"https://{target}.com"} if "link" in fields else {"username": target}
        place(fields)
        order = Order.objects.get(link_key__startswith=target)
        sent = service_types.parameters(kind, order.details, order.upstream_service_id)
        assert sent == {"service": order.upstream_service_id, **fields}
        assert (order.billable, order.price) == (billed(kind, fields), owed(kind, fields))
        assert (order.delivery_total is None) == (kind.slug in PACKAGES)
    assert Order.objects.count() == len(placing)


@every_kind
def test_each_form_asks_for_the_fields_of_its_type_alone(
    counter: Counter, kind: ServiceType
) -> None:
    offered = [field.name for field in kind.offered_fields]
    counter.staff({})
    for http, url in _pages(counter):
        page = http.get(url).text
        assert re.findall(r'name="f-(\w+)"', page) == offered
        for field in kind.offered_fields:
            counts = f'data-counts="id_f-{field.name}" data-unit="{field.unit}"' in page
            assert counts == (field.kind == "lines")
            if field.required_if:
                other, value = field.required_if
                assert f'data-shown-if="id_f-{other}" data-shown-value="{value}"' in page


def _pages(counter: Counter) -> list[tuple[Client, str]]:
    staff, own = Client(), Client()
    staff.force_login(counter.member.user)
    assert counter.customer.user
    own.force_login(counter.customer.user)
    query = f"?service={counter.service.pk}"
    return [
        (staff, f"{reverse('staff:new_order')}{query}&client={counter.customer.pk}"),
        (own, reverse("my:new_order") + query),
    ]


@every_kind
def test_each_field_that_is_missing_is_named_and_the_others_are_kept(
    counter: Counter, kind: ServiceType
) -> None:
    whole = counter.fields()
    for missing in whole:
        fields = {name: text for name, text in whole.items() if name != missing}
        for press in (counter.staff, counter.themselves):
            answer = press(fields)
            assert answer.status_code == 422
            errors = answer.context["desk"].details.errors
            assert missing in errors, (kind.slug, missing)
            assert f'id="id_f-{missing}_error"' in answer.text
            for name, text in fields.items():
                assert answer.context["desk"].details[name].value() == text
        assert "error" in counter.program(fields)
    assert not Order.objects.exists()


@every_kind
def test_the_limits_stand_at_the_field_that_they_are_about(
    counter: Counter, kind: ServiceType
) -> None:
    if kind.slug in PACKAGES:
        pytest.skip("a package knows no limits")
    counted = COUNTED.get(kind.slug, "quantity")
    few = service_types.example(kind, LEAST - 1)
    for press in (counter.staff, counter.themselves):
        errors = press(few).context["desk"].details.errors
        assert list(errors) == [counted]
        assert errors[counted][0].startswith(f"Between {LEAST} and 500 for this service.")
    assert counter.program(few) == {"error": f"Quantity less than minimal {LEAST}"}
    for http, url in _pages(counter):
        assert f"<em>{LEAST} to 500" in http.get(url).text


@every_kind
def test_the_quote_shows_what_is_sent_and_counts_what_is_billed(
    counter: Counter, kind: ServiceType
) -> None:
    fields = counter.fields()
    for press in (counter.staff, counter.themselves):
        press(fields, act="")
        for field in kind.offered_fields:
            if field.name in fields and field.name not in ("link", "quantity"):
                first = fields[field.name].split("\n")[0]
                assert f">{dict(field.choices).get(first, first)}</bdi>" in counter.shown


@every_kind
def test_what_was_typed_outlasts_a_changed_price_a_top_up_and_the_order(
    counter: Counter, kind: ServiceType
) -> None:
    fields = counter.fields()

    def stands(answer: Any) -> None:
        form = answer.context["desk"].details
        assert {name: form[name].value() for name in fields} == fields

    for press in (counter.staff, counter.themselves):
        answer = press(fields, expected_price="0.0001")
        assert answer.status_code == 422 and "The price changed from" in answer.text
        stands(answer)
    own = _pages(counter)[1][0]
    away = counter.themselves(fields, act="top_up")["Location"]
    token = re.search(r"kept(?:=|%3D)([\w-]+)", away)
    assert token
    stands(own.get(reverse("my:new_order"), {"kept": token[1]}))
    assert not Order.objects.exists()
    counter.themselves(fields)
    stands(own.get(reverse("my:new_order"), {"again": Order.objects.get().pk}))


@every_kind
def test_the_documentation_tells_of_each(counter: Counter, kind: ServiceType) -> None:
    own = _pages(counter)[1][0]
    page = own.get(reverse("my:api"), {"type": kind.name, "in": "curl"})
    text = reference.markdown()
    assert f"### {kind.name}\n" in text
    assert kind.billed_by in text and kind.billed_by in page.text
    for field in kind.fields:
        assert f"| `{field.name}` | {reference.need(field)} |" in text
        if not field.drip:  # this service knows no runs
            assert f'<code class="mono">{field.name}</code>' in page.text
    assert reference.call(kind) in text


def test_lines_are_billed_by_how_many_are_to_be_seen(client: Client) -> None:
    kind = service_types.by_slug("custom_comments")
    offer = factories.offer(type_name=kind.name, service_type=kind.slug, least=1)
    customer = factories.customer(balance="100", signs_in=True)
    assert customer.user
    client.force_login(customer.user)
    typed = "one\r\n \r\n\u200b\r\nשלום\r\n👍🏽\r\none\r\n"
    form = {"service": factories.service(offer).pk, "f-comments": typed, "f-link": "@ann"}
    answer = client.post(reverse("my:new_order"), form | {"act": "check"})
    assert ">4 comments</output>" in answer.text
    assert "$1.3000 × 4 ÷ 1,000" in re.sub(r"<[^>]+>", "", answer.text)
    assert "and 1 more" in answer.text
    assert "one of them there before" in answer.text
