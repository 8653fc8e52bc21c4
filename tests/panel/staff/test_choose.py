"""Choosing what to sell: narrowing, paging, ticking, all that fit, and who may."""

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import catalog
from orders.models import AuditEntry, Service
from panel.staff.services import choose
from tests.support import factories as make

pytestmark = pytest.mark.django_db
LIST, SET = "/staff/services/choose/", "/staff/services/choose/set/"


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(make.admin().user)
    return client


def hidden(count: int = 1, name: str = "Followers", **offer: object) -> list[Service]:
    bought = make.offer(**offer)
    return [make.service(bought, name=f"{name} {n:02}.", is_visible=False) for n in range(count)]


def text_of(browser: Client, **query: object) -> str:
    answer = browser.get(LIST, query)
    assert answer.status_code == 200
    return answer.content.decode()


def press(browser: Client, **said: object) -> HttpResponse:
    return browser.post(SET, {"act": "show", "scope": "ticked"} | said, follow=True)


def on_sale() -> set[int]:
    return set(Service.objects.filter(is_visible=True).values_list("pk", flat=True))


class TestFinding:
    def test_a_row_tells_all_that_one_chooses_by(self, browser: Client) -> None:
        bulkhaus = make.provider("Bulkhaus")
        make.service(make.offer(bulkhaus, upstream_id="7788", refill=False), is_visible=False)
        text = text_of(browser)
        for told in ("Bulkhaus 7788", "10 to 10,000", "No refill · cancel", "Hidden"):
            assert told in text, told
        assert "$1.00" in text and "$1.30" in text and "margin 23.1" in text

    @pytest.mark.parametrize(
        "query",
        [
            {"q": "views"},
            {"q": "TikTok"},
            {"q": "90311"},
            {"kind": "Package"},
            {"state": "sold"},
            {"category": "TikTok"},
            {"provider": "Zebrahaus"},
        ],
    )
    def test_each_filter_narrows(self, query: dict[str, str], browser: Client) -> None:
        hidden(name="Likes")
        zebra = make.provider("Zebrahaus")
        offer = make.offer(
            zebra,
            category="TikTok",
            type_name="Package",
            service_type="package",
            upstream_id="90311",
        )
        wanted = make.service(offer, name="Views fast")
        numbers = {"category": wanted.category_id, "provider": zebra.pk}
        said = {name: numbers.get(name, value) for name, value in query.items()}
        text = text_of(browser, **said)
        assert "Views fast" in text and "Likes 00." not in text
        assert ">All 1 that fit" in text

    def test_what_a_provider_no_longer_offers_is_not_offered(self, browser: Client) -> None:
        hidden(name="Gone", retired_at=make.NOW)
        assert "Gone 00." not in text_of(browser)

    def test_categories_are_counted_within_what_was_typed(self, browser: Client) -> None:
        hidden(3, category="Instagram")
        hidden(2, name="Views", category="TikTok")
        shelves = browser.get(LIST, {"q": "followers"}).context["listing"].shelves
        assert [(each["shelf"].name, each["shelf"].services) for each in shelves] == [
            ("Instagram", 3)
        ]

    def test_pages_lead_on_by_our_numbers_and_back(self, browser: Client) -> None:
        hidden(52)
        first = browser.get(LIST)
        assert "Followers 49." in first.content.decode()
        assert "Followers 50." not in first.content.decode()
        page = first.context["listing"].page
        assert page.older == ""
        second = browser.get(LIST + page.newer)
        assert "Followers 51." in second.content.decode()
        assert "Followers 49." not in second.content.decode()
        page = second.context["listing"].page
        assert page.newer == "" and page.older
        back = browser.get(LIST + page.older)
        assert "Followers 49." in back.content.decode()
        assert back.context["listing"].page.older == ""

    @pytest.mark.parametrize(
        "query", ["category=x", "provider=" + "9" * 30, "state=odd", "q=" + "9" * 40]
    )
    def test_odd_addresses_do_no_harm(self, query: str, browser: Client) -> None:
        hidden()
        assert browser.get(f"{LIST}?{query}").status_code == 200

    def test_nothing_fits_and_nothing_there_say_what_to_do(self, browser: Client) -> None:
        text = text_of(browser)
        assert "Nothing is on offer yet" in text and reverse("staff:setup_catalog") in text
        hidden()
        assert "Nothing on offer fits" in text_of(browser, q="zzz")

    @pytest.mark.parametrize("query", ["", "?q=followers", "?category=1"])
    def test_many_rows_take_as_many_queries_as_one(self, query: str, browser: Client) -> None:
        hidden(1, category="A")

        def queries() -> int:
            browser.get(LIST + query)
            with CaptureQueriesContext(connection) as seen:
                assert browser.get(LIST + query).status_code == 200
            return len(seen)

        one = queries()
        for number in range(6):
            hidden(2, category=f"B{number}")
        assert queries() == one

    def test_htmx_gets_the_list_alone(self, browser: Client) -> None:
        hidden()
        headers = {"HX-Request": "true", "HX-Target": "choose-list"}
        text = browser.get(LIST, headers=headers).content.decode()
        assert "Followers 00." in text and "<html" not in text


class TestChoosing:
    def test_the_ticked_ones_go_on_sale_with_the_reason(self, browser: Client) -> None:
        one, _, three = hidden(3)
        answer = press(browser, service=[one.pk, three.pk], reason="Best sellers", q="follow")
        assert on_sale() == {one.pk, three.pk}
        assert set(AuditEntry.objects.values_list("reason", flat=True)) == {"Best sellers"}
        assert "2 services are on sale now." in answer.content.decode()
        assert answer.redirect_chain[-1][0] == f"{LIST}?q=follow"

    def test_all_that_fit_are_those_of_every_page_and_no_others(self, browser: Client) -> None:
        wanted = hidden(60, category="Instagram")
        hidden(2, category="TikTok")
        category = wanted[0].category_id
        answer = press(browser, scope="all", category=category, total=60)
        assert on_sale() == {service.pk for service in wanted}
        assert "60 services are on sale now." in answer.content.decode()

    def test_hiding_says_what_was_hidden_already(self, browser: Client) -> None:
        (one,) = hidden()
        two = make.service()
        answer = press(browser, act="hide", service=[one.pk, two.pk])
        assert on_sale() == set()
        assert "1 service is hidden now. 1 was already." in answer.content.decode()

    def test_what_cannot_be_ordered_is_said(self, browser: Client) -> None:
        (odd,) = hidden(type_name="Teleport", service_type="")
        answer = press(browser, service=[odd.pk])
        assert "0 services are on sale now. 1 cannot be sold" in answer.content.decode()

    def test_all_are_not_taken_when_others_fit_than_were_seen(self, browser: Client) -> None:
        hidden(3)
        answer = press(browser, scope="all", total=2)
        assert "3 fit by now, not 2." in answer.content.decode()
        assert on_sale() == set()

    @pytest.mark.parametrize(
        "said", [{}, {"act": "sell", "service": [1]}, {"scope": "all", "total": "x"}]
    )
    def test_odd_presses_change_nothing(self, said: dict[str, object], browser: Client) -> None:
        hidden()
        assert press(browser, **said).status_code == 200
        assert on_sale() == set()

    def test_very_many_go_batch_by_batch_with_progress(
        self, browser: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wanted = hidden(5)
        small = catalog.choose
        monkeypatch.setattr(choose.catalog, "BATCH", 2)
        monkeypatch.setattr(
            choose.catalog, "choose", lambda *args, **said: small(*args, **said, limit=2)
        )
        answer = browser.post(SET, {"act": "show", "scope": "all", "total": 5, "state": "hidden"})
        for done in (2, 4):
            assert f"{done} of 5 services" in answer.content.decode()
            assert len(on_sale()) == done
            hidden_fields = _fields(answer)
            late = hidden(name="Late") if done == 2 else []
            answer = browser.post(SET, hidden_fields, headers={"HX-Request": "true"})
        assert answer["HX-Redirect"] == f"{LIST}?state=hidden"
        assert on_sale() == {service.pk for service in wanted}, late
        assert "5 services are on sale now." in browser.get(LIST).content.decode()

    def test_only_admins_choose(self, client: Client) -> None:
        (one,) = hidden()
        client.force_login(make.staff(sees_cost=True).user)
        assert client.get(LIST).status_code == 403
        assert client.post(SET, {"act": "show", "service": [one.pk]}).status_code == 403
        assert on_sale() == set()


def _fields(answer: HttpResponse) -> dict[str, object]:
    press, wanted = answer.context["press"], answer.context["wanted"]
    names = ("reason", "total", "upto", "after", "done", "changed", "refused")
    said = {name: getattr(press, name) for name in names}
    for name, value in said.items():
        assert f'name="{name}" value="{value}"' in answer.content.decode()
    return said | wanted.fields | {"act": "show", "scope": "all"}
