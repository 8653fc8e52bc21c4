"""The pricing workbench: what it lists, shows, saves, refuses, explains and undoes."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders import rules
from orders.enums import MarkupKind, PauseReason, PriceLevel
from orders.models import Bound, MarkupRule, Offer, Service, User
from orders.panel_settings import current
from panel.staff.pricing.histogram import histogram
from tests.support import factories as make
from tests.support.brackets import bracketed

pytestmark = pytest.mark.django_db
BENCH, CHANGE = "/staff/pricing/", "/staff/pricing/change/"
UNDO, RULES = "/staff/pricing/undo/", "/staff/pricing/rules/"
D = Decimal


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(make.owner().user)
    return client


def text_of(answer: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def said(**more: object) -> dict[str, object]:
    return {"what": "markup", "on": "panel", "kind": "percent", "value": "40"} | more


def look(browser: Client, **more: object) -> HttpResponse:
    return browser.post(CHANGE, said(**more))


def press(browser: Client, reason: str = "Dearer now", **more: object) -> HttpResponse:
    """Look, then save what was seen."""
    seen = look(browser, **more).content.decode()
    found = re.search(r'name="fingerprint" value="(\w+)"', seen)
    fingerprint = found.group(1) if found else ""
    body = said(**more) | {"act": "save", "fingerprint": fingerprint, "reason": reason}
    return browser.post(CHANGE, body)


class TestTable:
    def test_a_row_tells_cost_rule_price_and_margin(self, browser: Client) -> None:
        bulkhaus = make.provider("Bulkhaus")
        service = make.service(make.offer(bulkhaus, rate=D(2)), accepted_cost=D("1.6"))
        make.order(of=service, placed_at=timezone.now(), paid=False)
        text = text_of(browser.get(BENCH))
        for told in ("Bulkhaus", "cost up 25.0 %", "Panel 30 %", "$2.60", "23.1 %"):
            assert told in text, told

    @pytest.mark.parametrize("only", ["below", "changed", "unruled", "unsold"])
    def test_each_filter_leaves_what_it_says(self, only: str, browser: Client) -> None:
        wanted = make.service(make.offer(), name="Wanted")
        other = make.service(make.offer(category="Telegram"), name="Other")
        if only == "below":
            rules.set_markup(
                PriceLevel.SERVICE, MarkupKind.PERCENT, D(2), None, make.NOW, service=wanted
            )
        if only == "changed":
            Service.objects.filter(pk=wanted.pk).update(accepted_cost=D("0.79"))
            Service.objects.filter(pk=other.pk).update(accepted_cost=D("0.8"))  # 25 %: not past it
        if only == "unruled":
            rules.set_markup(
                PriceLevel.CATEGORY,
                MarkupKind.PERCENT,
                D(50),
                None,
                make.NOW,
                category=other.category,
            )
        make.order(of=other, placed_at=timezone.now(), paid=False)
        make.order(of=wanted, placed_at=timezone.now() - timedelta(days=31), paid=False)
        text = text_of(browser.get(BENCH, {"only": only}))
        assert "Wanted" in text and "Other" not in text

    def test_search_category_and_provider_narrow(self, browser: Client) -> None:
        wanted = make.service(make.offer(make.provider("A"), category="X"), name="Wanted")
        make.service(make.offer(make.provider("B"), category="Y"), name="Other")
        asked = (
            {"q": "want"},
            {"category": wanted.category_id},
            {"provider": wanted.offer.provider_id},
            {"q": str(wanted.pk)},
        )
        for query in asked:
            text = text_of(browser.get(BENCH, query))
            assert "Wanted" in text and "Other" not in text

    def test_what_is_fixed_below_the_floor_says_so(self, browser: Client) -> None:
        service = make.service(make.offer(rate=D(2)))
        rules.set_markup(
            PriceLevel.SERVICE, MarkupKind.FIXED_RATE, D("1.9"), None, make.NOW, service=service
        )
        text = text_of(browser.get(BENCH))
        assert "fixed $1.90" in text and "below cost, paused" in text and "−5.3 %" in text

    def test_with_the_panels_markup_alone_it_says_so(self, browser: Client) -> None:
        make.service()
        assert "All services at the panel's markup of 30 %" in text_of(browser.get(BENCH))

    def test_it_pages_by_number(self, browser: Client) -> None:
        offer = make.offer()
        for number in range(27):
            make.service(offer, name=f"Service {number:02}.")
        first = browser.get(BENCH)
        assert "Service 24." in text_of(first) and "Service 25." not in text_of(first)
        on = re.search(r'href="(\?[^"]*after=\d+)"', first.content.decode())
        assert "Service 26." in text_of(browser.get(BENCH + on.group(1)))

    def test_as_many_queries_for_one_as_for_many(self, browser: Client) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                assert browser.get(BENCH).status_code == 200
                assert look(browser).status_code == 200
            return len(captured)

        make.service()
        queries()
        one = queries()
        for number in range(6):
            service = make.service(make.offer(category=f"Shelf {number}"))
            make.order(of=service, placed_at=timezone.now(), paid=False)
        assert queries() <= one


class TestChange:
    def test_it_shows_what_would_happen_and_writes_nothing(self, browser: Client) -> None:
        make.service()
        text = text_of(look(browser))
        for told in (
            "Margin now 23.1 %",
            "After 28.6 %",
            "Prices that rise 1",
            "was 30 %",
            "Change 1 price",
            "Open orders keep their price",
        ):
            assert told in text, told
        assert MarkupRule.objects.count() == 1

    def test_it_is_saved_with_its_reason(self, browser: Client) -> None:
        make.service()
        assert press(browser).status_code == 302
        rule = MarkupRule.objects.get(ended_at=None)
        assert (rule.value, rule.reason) == (40, "Dearer now")
        assert "1 price changed." in text_of(browser.get(BENCH))

    def test_without_a_reason_what_was_typed_stays(self, browser: Client) -> None:
        make.service()
        answer = press(browser, reason="")
        assert answer.status_code == 422
        assert "Say why" in text_of(answer) and 'value="40"' in answer.content.decode()

    def test_a_cost_that_moved_asks_again_and_says_what_moved(self, browser: Client) -> None:
        service = make.service()
        seen = look(browser).content.decode()
        fingerprint = re.search(r'name="fingerprint" value="(\w+)"', seen).group(1)
        seen_at = re.search(r'name="seen_at" value="([^"]+)"', seen).group(1)
        Offer.objects.filter(pk=service.offer_id).update(
            rate=D("1.5"), rate_changed_at=timezone.now() + timedelta(seconds=5)
        )
        body = said(act="save", fingerprint=fingerprint, seen_at=seen_at, reason="Dearer")

        answer = browser.post(CHANGE, body)

        assert answer.status_code == 422
        text = text_of(answer)
        assert "Prices moved since you looked" in text
        assert f"The cost of {service.pk} moved." in text
        assert MarkupRule.objects.get(ended_at=None).value == 30

    @pytest.mark.parametrize(
        ("body", "level"),
        [
            ({"on": "category", "shelf": "{category}"}, "category"),
            ({"on": "services", "service": "{service}"}, "service"),
            ({"on": "matching", "q": "Wanted"}, "service"),
            ({"on": "staff", "member": "{member}"}, "staff"),
            ({"on": "customer", "client": "{client}"}, "customer"),
            ({"on": "customer", "client": "Atelier Nord"}, "customer"),
            (
                {"on": "customer_category", "client": "{client}", "shelf": "{category}"},
                "customer_category",
            ),
            (
                {"on": "customer_service", "client": "{client}", "number": "{service}"},
                "customer_service",
            ),
        ],
    )
    def test_every_level_is_set_here(
        self, body: dict[str, str], level: str, browser: Client
    ) -> None:
        service = make.service(name="Wanted")
        make.service(name="Other")
        known = {
            "category": service.category_id,
            "service": service.pk,
            "member": make.staff().pk,
            "client": make.customer("Atelier Nord").pk,
        }
        body = {name: value.format(**known) for name, value in body.items()}
        assert press(browser, **body).status_code == 302
        rule = MarkupRule.objects.exclude(level=PriceLevel.PANEL).get()
        assert (rule.level, rule.value) == (level, 40)
        assert press(browser, **body | {"kind": "end"}).status_code == 302
        assert not MarkupRule.objects.exclude(level=PriceLevel.PANEL).filter(ended_at=None)

    def test_bounds_and_terms_are_set_here(self, browser: Client) -> None:
        make.service()
        assert (
            press(browser, what="bounds", floor_percent="8", ceiling_percent="90").status_code
            == 302
        )
        bound = Bound.objects.get(ended_at=None)
        assert (bound.floor_percent, bound.ceiling_percent) == (8, 90)
        terms = {"what": "terms", "price_step": "0.01", "minimum_charge": "0.5"}
        assert press(browser, **terms).status_code == 302
        assert (current().price_step, current().minimum_charge) == (D("0.01"), D("0.5"))

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({"value": "x"}, "Type a number like 12.5"),
            ({"value": "1e9"}, "Type a number like 12.5"),
            ({"value": ""}, "Type a number."),
            ({"value": "100000"}, "At most 99,999 %."),
            ({"on": "services"}, "Tick the services"),
            ({"on": "category"}, "Choose a category."),
            ({"on": "customer", "client": "nobody"}, "No client fits this."),
            ({"on": "customer_service", "client": "At", "number": "x"}, "Type the number of one"),
            ({"what": "bounds", "floor_percent": "9", "ceiling_percent": "8"}, "below the floor"),
            ({"what": "terms", "price_step": "0", "minimum_charge": "0"}, "More than zero"),
            ({"kind": "end"}, "can be changed, not taken away"),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(
        self, body: dict[str, str], words: str, browser: Client
    ) -> None:
        make.service()
        make.customer("Atelier Nord")
        answer = press(browser, **body)
        assert answer.status_code == 422
        assert words in text_of(answer)
        assert MarkupRule.objects.count() == 1

    def test_only_the_owner_goes_below_the_floor(self, client: Client) -> None:
        make.service()
        client.force_login(make.admin().user)
        answer = press(client, value="3")
        assert "only the owner allows a rule below it" in text_of(answer)
        assert 'value="save"' not in answer.content.decode()
        assert MarkupRule.objects.get().value == 30

    def test_a_price_of_a_service_puts_it_back_on_sale(self, browser: Client) -> None:
        service = make.service(
            pause=PauseReason.COST_ROSE, paused_at=make.NOW, accepted_cost=D("0.5")
        )
        body = {"on": "services", "service": str(service.pk)}
        assert "would be on sale again" in text_of(look(browser, **body))
        press(browser, **body)
        service.refresh_from_db()
        assert (service.pause, service.accepted_cost) == ("", 1)

    def test_to_htmx_the_preview_brings_the_rows_prices(self, browser: Client) -> None:
        service = make.service()
        answer = browser.post(
            CHANGE,
            said(shown=f"{service.pk},"),
            headers={"HX-Request": "true", "HX-Target": "pricing-preview"},
        )
        html = answer.content.decode()
        assert "<html" not in html and 'id="pricing-preview"' in html
        assert f'<span id="price-{service.pk}" hx-swap-oob="true">' in html
        assert "$1.40" in text_of(answer)


class TestUndo:
    def test_the_last_change_is_undone_by_a_new_one(self, browser: Client) -> None:
        make.service()
        press(browser)
        page = browser.get(UNDO)
        assert "40 %" in text_of(page) and "Undo it" in text_of(page)
        fingerprint = re.search(r'name="fingerprint" value="(\w+)"', page.content.decode()).group(1)
        assert browser.post(UNDO, {"fingerprint": fingerprint, "reason": ""}).status_code == 422
        browser.post(UNDO, {"fingerprint": fingerprint, "reason": "A slip"})
        values = MarkupRule.objects.order_by("pk").values_list("value", "reason")
        assert list(values) == [(30, ""), (40, "Dearer now"), (30, "A slip")]

    def test_with_nothing_to_undo_it_says_so(self, browser: Client) -> None:
        make.service()
        assert "There is no change to undo." in text_of(browser.get(UNDO, follow=True))


class TestRules:
    def test_every_acting_rule_is_listed_with_who_and_why(self, browser: Client) -> None:
        service, client = make.service(name="Likes"), make.customer("Atelier Nord")
        scope = {"customer": client, "service": service}
        rules.set_markup(
            PriceLevel.CUSTOMER_SERVICE,
            MarkupKind.PERCENT,
            D(12),
            None,
            make.NOW,
            "Volume",
            **scope,
        )
        text = text_of(browser.get(RULES))
        for told in ("Client, service", f"Atelier Nord, {service.pk} Likes", "12 %", "Volume"):
            assert told in text, told
        assert "12 %" not in text_of(browser.get(RULES, {"level": "panel"}))
        assert "30 %" not in text_of(browser.get(RULES, {"q": "atelier"}))
        assert "at least 5 %" in text_of(browser.get(RULES, {"kind": "bounds"}))

    def test_a_clients_page_leads_to_what_is_agreed_with_them(self, browser: Client) -> None:
        make.service()
        agreed, other = make.customer("Atelier Nord"), make.customer("Studio Wolf")
        rules.set_markup(
            PriceLevel.CUSTOMER, MarkupKind.PERCENT, D(12), None, make.NOW, customer=agreed
        )
        address = f"{RULES}?client={agreed.pk}"
        assert address in browser.get(f"/staff/clients/{agreed.pk}/").content.decode()
        text = text_of(browser.get(address))
        assert "Prices agreed with Atelier Nord" in text and "12 %" in text and "30 %" not in text
        shown = browser.get(address).content.decode()
        assert f"?kind=bounds&amp;client={agreed.pk}" in shown
        nothing = text_of(browser.get(f"{RULES}?client={other.pk}"))
        assert "Nothing is agreed with this client" in nothing

    def test_change_and_end_lead_to_the_filled_form(self, browser: Client) -> None:
        service = make.service()
        rules.set_markup(
            PriceLevel.SERVICE, MarkupKind.PERCENT, D(44), None, make.NOW, service=service
        )
        html = browser.get(RULES).content.decode()
        change, end = (
            url.replace("&amp;", "&").split("#")[0]
            for url in re.findall(r'href="(/staff/pricing/\?on=services[^"]*)"', html)
        )
        filled = browser.get(change).content.decode()
        assert 'value="44"' in filled and re.search(rf'value="{service.pk}"[^>]* checked', filled)
        assert "Change 1 price" in text_of(browser.get(end))


def test_a_price_is_explained_stage_by_stage(browser: Client) -> None:
    source = make.provider("Bulkhaus", currency="EUR", exchange_rate=D("1.1"), factor=D("0.9"))
    service, client = make.service(make.offer(source)), make.customer("Atelier Nord")
    rules.set_markup(
        PriceLevel.CUSTOMER, MarkupKind.PERCENT, D(50), None, make.NOW, customer=client
    )
    address = f"/staff/pricing/explain/{service.pk}/"
    text = text_of(browser.get(address))
    for told in ("Cost rate", "Exchange", "Top-up bonus", "Markup", "$1.28 70", "Margin"):
        assert told in text, told
    assert "$1.48 50" in text_of(browser.get(address, {"client": client.pk}))
    assert '<div class="body stack">' in browser.get(address).content.decode()
    assert browser.get(address, {"client": 99999}).status_code == 404


@pytest.fixture
def in_turkish(browser: Client) -> Client:
    User.objects.update(language="tr")
    return browser


def test_a_markup_is_typed_with_the_comma_of_a_language(in_turkish: Client) -> None:
    press(in_turkish, value="12,5")
    assert MarkupRule.objects.get(ended_at=None).value == D("12.5")


def test_a_link_to_a_rule_fills_the_form_as_the_language_writes_numbers(in_turkish: Client) -> None:
    opened = in_turkish.get(BENCH, {"what": "markup", "kind": "percent", "value": "1.125"})
    assert 'value="1,125"' in opened.content.decode()


def test_a_price_below_the_floor_is_marked_in_every_language(in_turkish: Client) -> None:
    service = make.service(make.offer())
    rules.set_markup(PriceLevel.SERVICE, MarkupKind.PERCENT, D(2), None, make.NOW, service=service)
    with bracketed():
        (row,) = in_turkish.get(BENCH).context["rows"]
    assert row.is_below and row.note.startswith("⟦")


def test_a_histogram_puts_every_service_in_a_bar() -> None:
    drawn = histogram([D(-3), D(10), D(23)], [D(30), D(31), D(250)], D(25))
    assert sum(bar.before for bar in drawn.bars) == sum(bar.after for bar in drawn.bars) == 3
    assert drawn.bars[0].before == 1 and drawn.bars[-1].after == 1
    assert drawn.floor == 20 and [bar.under for bar in drawn.bars][:2] == [True, True]
