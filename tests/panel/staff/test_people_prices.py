"""A member's own markup, least and most: first what they move, then saving them."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import rules
from orders.enums import MarkupKind, PriceLevel
from orders.models import AuditEntry, Bound, MarkupRule, Staff
from tests.panel.staff.test_people import page_of, signed_in
from tests.support import factories as make

pytestmark = pytest.mark.django_db


def acting(mira: Staff) -> list[Decimal]:
    rows = MarkupRule.objects.filter(level=PriceLevel.STAFF, staff=mira, ended_at=None)
    return [row.value for row in rows]


def look(browser: Client, whom: Staff, name: str = "member_markup", **said: str) -> Any:
    return browser.get(page_of(whom, name), said)


def save(browser: Client, whom: Staff, name: str = "member_markup", **said: str) -> Any:
    seen = look(browser, whom, name, **said).context["seen"]
    pressed = {"reason": "agreed", "seen": seen or ""} | said
    return browser.post(page_of(whom, name), pressed)


class TestMarkup:
    def test_it_says_first_how_many_clients_pay_other_prices(self) -> None:
        mira = make.staff("Mira", markup="35")
        make.service(make.offer(name="Reels views", rate=Decimal("2")))
        make.customer("Nord", manager=mira)
        agreed = make.customer("Agreed", manager=mira)
        make.customer("Another's")
        rules.set_markup(
            PriceLevel.CUSTOMER, MarkupKind.PERCENT, Decimal(50), None, make.NOW, customer=agreed
        )
        answer = look(signed_in(make.admin()), mira, value="40", kind="percent")
        page, text = answer.context["page"], answer.content.decode()
        assert [figure["value"] for figure in page.figures[:2]] == ["1", "1"]
        assert page.figures[0]["note"] == "of 2 whom they manage"
        (move,) = page.moves
        assert (move.name, move.before, move.after) == (
            "Reels views",
            Decimal("2.7"),
            Decimal("2.8"),
        )
        assert "Agreed prices stay" in text and acting(mira) == [35]
        assert AuditEntry.objects.count() == 1, "the agreement's"

    def test_it_is_saved_with_a_reason_and_taken_away(self) -> None:
        mira, browser = make.staff("Mira"), signed_in(make.admin())
        make.service()
        assert save(browser, mira, value="40", kind="percent").status_code == 302
        assert acting(mira) == [40]
        entry = AuditEntry.objects.get()
        assert (entry.subject, entry.reason) == (f"staff:{mira.pk}", "agreed")
        assert save(browser, mira, value="", kind="percent").status_code == 302
        assert acting(mira) == []

    def test_without_a_reason_nothing_is_saved_and_nothing_typed_is_lost(self) -> None:
        mira, browser = make.staff("Mira"), signed_in(make.admin())
        make.service()
        answer = save(browser, mira, value="40.5", kind="per_1000", reason="")
        text = answer.content.decode()
        assert answer.status_code == 422 and 'value="40.5"' in text and acting(mira) == []

    def test_a_catalog_that_moved_since_asks_again(self) -> None:
        mira, browser = make.staff("Mira"), signed_in(make.admin())
        service = make.service()
        said = {"value": "40", "kind": "percent"}
        seen = look(browser, mira, **said).context["seen"]
        type(service.offer).objects.update(rate=Decimal(3))
        pressed = said | {"seen": seen, "reason": "x"}
        answer = browser.post(page_of(mira, "member_markup"), pressed)
        assert answer.status_code == 422 and "look once more" in answer.content.decode()
        assert acting(mira) == []
        assert save(browser, mira, **said).status_code == 302

    def test_the_floor_is_the_owners(self) -> None:
        make.panel_prices(floor="10")
        make.service()
        mira, ada, olga = make.staff("Mira"), make.admin(), make.owner()
        said = {"value": "9", "kind": "percent"}
        text = look(signed_in(ada), mira, **said).content.decode()
        assert "only the owner" in text and 'id="save"' not in text
        assert save(signed_in(ada), mira, **said).status_code == 422
        assert save(signed_in(olga), mira, **said).status_code == 302

    def test_nobody_sets_their_own_and_only_the_owner_an_admins(self) -> None:
        make.service()
        ada, olga = make.admin(), make.owner()
        said = {"value": "40", "kind": "percent"}
        for by, whom, status in ((ada, ada, 422), (ada, olga, 422), (olga, ada, 302)):
            assert save(signed_in(by), whom, **said).status_code == status
        assert list(MarkupRule.objects.exclude(staff=None).values_list("staff", flat=True)) == [
            ada.pk
        ]
        assert "See what it moves" not in signed_in(ada).get(page_of(ada)).content.decode()

    @pytest.mark.parametrize("value", ["forty", "-1", "1e3", "100000", "0.000000001"])
    def test_what_is_no_markup_is_said_at_the_field(self, value: str) -> None:
        answer = look(signed_in(make.admin()), make.staff(), value=value, kind="percent")
        page = answer.context["page"]
        assert answer.status_code == 200 and page.preview is None and page.form.errors
        assert f'value="{value}"' in answer.content.decode()

    def test_many_services_cost_as_many_queries_as_one(self) -> None:
        mira, browser = make.staff("Mira", markup="35"), signed_in(make.admin())
        asked = []
        for _ in range(2):
            make.service()
            make.customer(f"C{len(asked)}", manager=mira)
            look(browser, mira, value="40", kind="percent")
            with CaptureQueriesContext(connection) as captured:
                look(browser, mira, value="40", kind="percent")
            asked.append(len(captured))
            for _ in range(4):
                make.service()
        assert asked[0] == asked[1]


class TestBounds:
    def test_least_and_most_are_looked_at_then_saved(self) -> None:
        mira, browser = make.staff("Mira", markup="35"), signed_in(make.admin())
        make.service()
        make.customer(manager=mira)
        said = {"floor": "10", "ceiling": "20"}
        page = look(browser, mira, "member_bounds", **said).context["page"]
        assert page.figures[0]["value"] == "1" and page.preview.moved == 1
        assert save(browser, mira, "member_bounds", **said).status_code == 302
        bound = Bound.objects.get(staff=mira, ended_at=None)
        assert (bound.floor_percent, bound.ceiling_percent) == (10, 20)
        text = browser.get(page_of(mira)).content.decode().replace("\xa0", " ")
        assert "at least 10 %, at most 20 %" in text
        assert save(browser, mira, "member_bounds", floor="", ceiling="20").status_code == 422
        assert save(signed_in(make.owner()), mira, "member_bounds", floor="", ceiling="")
        assert not Bound.objects.filter(staff=mira, ended_at=None).exists()

    def test_a_ceiling_below_the_floor_is_refused_at_the_form(self) -> None:
        answer = look(
            signed_in(make.admin()), make.staff(), "member_bounds", floor="20", ceiling="10"
        )
        assert "below the floor" in answer.content.decode()
        assert answer.context["page"].preview is None


def test_staff_stay_outside() -> None:
    mira = make.staff("Mira", sees_cost=True, sees_all_customers=True)
    for name in ("member_markup", "member_bounds", "member_clients", "switch_off_member"):
        assert signed_in(mira).get(page_of(mira, name)).status_code == 403
    assert signed_in(mira).get(reverse("staff:assign_clients")).status_code == 403
