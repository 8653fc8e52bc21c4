"""Services: what each person reads of them, finding them among many, what an admin decides."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import drafts, shop
from orders.enums import PauseReason
from orders.errors import NotForSale
from orders.models import AuditEntry, Service, Staff
from tests.support import factories as make
from tests.support.programs import program_of

pytestmark = pytest.mark.django_db


def signed_in(member: Staff) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


def listed(member: Staff, **query: str) -> str:
    return signed_in(member).get(reverse("staff:services"), query).content.decode()


def page_of(service: Service, name: str = "service") -> str:
    return reverse(f"staff:{name}", args=[service.pk])


def queries(browser: Client, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)


class TestWhatIsRead:
    def test_the_price_is_that_of_the_person_who_looks(self) -> None:
        service = make.service()
        assert "$1.50" in listed(make.staff("Mira", markup="50"))
        assert "$1.30" in listed(make.staff("Tom"))
        text = signed_in(make.staff("Mira", markup="50")).get(page_of(service)).content.decode()
        assert "$1.50" in text

    def test_a_name_that_gives_the_provider_away_is_told_to_who_knows_the_provider(self) -> None:
        offer = make.offer(make.provider("Zebrahaus"))
        service = make.service(
            offer, name="ZEBRA-HAUS Likes", pause=PauseReason.COST_ROSE, paused_at=make.NOW
        )
        places = [page_of(service), reverse("staff:services")]
        places += [reverse("staff:decisions"), reverse("staff:choose")]
        ada, mira = signed_in(make.admin()), signed_in(make.staff())
        for address in places:
            text = ada.get(address).content.decode()
            assert "ames your provider" in text and "read “Zebrahaus”" in text, address
        for address in places[:2]:
            assert "ames your provider" not in mira.get(address).content.decode()
        Service.objects.update(name="Likes")
        for address in places:
            assert "ames your provider" not in ada.get(address).content.decode(), address

    def test_who_sees_no_cost_reads_neither_cost_nor_provider(self) -> None:
        bulkhaus = make.provider("Bulkhaus Secret")
        offer = make.offer(bulkhaus, rate=Decimal("0.7654321"), upstream_id="778899")
        service = make.service(offer, name="Ours", pause=PauseReason.COST_ROSE)
        Service.objects.update(pause_detail="Cost per 1000 rose from 0.5000 to 0.7654.")
        browser = signed_in(make.staff())
        for address in (reverse("staff:services"), page_of(service)):
            text = browser.get(address).content.decode()
            assert "Ours" in text and "Its price is being looked at" in text
            for secret in ("Bulkhaus Secret", "0.76", "778899", "Margin", "Cost", "rose"):
                assert secret not in text, (secret, address)
        text = signed_in(make.staff(sees_cost=True)).get(page_of(service)).content.decode()
        for told in ("Bulkhaus Secret", "778899", "rose from 0.5000", "Margin"):
            assert told in text

    def test_a_provider_number_finds_nothing_for_who_may_not_know_it(self) -> None:
        make.service(make.offer(upstream_id="778899"), name="Ours")
        assert "Ours" not in listed(make.staff(), q="778899")
        assert "Ours" in listed(make.staff(sees_cost=True), q="778899")

    def test_a_paused_service_says_why(self) -> None:
        make.service(pause=PauseReason.STAFF, pause_detail="Angry clients")
        text = listed(make.staff())
        assert "Paused" in text and "Angry clients" in text

    def test_a_stopped_provider_shows_at_its_services(self) -> None:
        make.service(make.offer(make.provider(not_sold=True)))
        assert "Not sold" in listed(make.staff())

    def test_customers_stay_outside(self) -> None:
        service, nord = make.service(), make.customer(signs_in=True)
        browser = Client()
        browser.force_login(nord.user)
        for address in (reverse("staff:services"), page_of(service)):
            assert browser.get(address).status_code == 403


class TestFinding:
    def test_words_category_and_state_narrow_together(self) -> None:
        gram = make.service(make.offer(category="Instagram"), name="Followers fast")
        make.service(make.offer(category="TikTok"), name="Followers slow")
        make.service(make.offer(category="Instagram"), name="Followers gone", is_visible=False)
        text = listed(make.staff(), q="followers", category=str(gram.category_id), state="sold")
        assert "Followers fast" in text
        assert "Followers slow" not in text and "Followers gone" not in text

    @pytest.mark.parametrize(
        ("state", "shown"), [("sold", "Sold"), ("paused", "Resting"), ("hidden", "Unseen")]
    )
    def test_each_state_has_its_own(self, state: str, shown: str) -> None:
        make.service(name="Sold one")
        make.service(name="Resting one", pause=PauseReason.STAFF)
        make.service(name="Unseen one", is_visible=False)
        text = listed(make.staff(), state=state)
        for name in ("Sold", "Resting", "Unseen"):
            assert (f"{name} one" in text) == (name == shown)

    @pytest.mark.parametrize(
        "query", ["q=" + "9" * 40, "category=x", "category=" + "9" * 18, "state=odd"]
    )
    def test_odd_addresses_do_no_harm(self, query: str) -> None:
        make.service()
        answer = signed_in(make.staff()).get(f"{reverse('staff:services')}?{query}")
        assert answer.status_code == 200

    def test_pages_go_by_keyset(self) -> None:
        offer = make.offer()
        for number in range(52):
            make.service(offer, name=f"Service {number:02}.")
        browser = signed_in(make.staff())
        first = browser.get(reverse("staff:services"))
        assert "Service 00." not in first.content.decode()
        older = browser.get(reverse("staff:services") + first.context["found"].older)
        assert "Service 00." in older.content.decode()

    @pytest.mark.parametrize("query", ["", "?q=one"])
    def test_many_services_cost_as_many_queries_as_one(self, query: str) -> None:
        make.service(make.offer(category="A"), name="one")
        browser = signed_in(make.admin())
        address = reverse("staff:services") + query
        one = queries(browser, address)
        for number in range(6):
            make.service(make.offer(category=f"B{number}"), name="one more")
        assert queries(browser, address) == one

    def test_htmx_gets_the_table_alone(self) -> None:
        make.service(name="Ours")
        headers = {"HX-Request": "true", "HX-Target": "service-table"}
        text = signed_in(make.staff()).get(reverse("staff:services"), headers=headers)
        assert "Ours" in text.content.decode() and "<html" not in text.content.decode()

    def test_the_states_keep_what_was_typed_meanwhile(self) -> None:
        headers = {"HX-Request": "true", "HX-Target": "service-table"}
        answer = signed_in(make.staff()).get(
            reverse("staff:services"), {"q": "gram"}, headers=headers
        )
        assert "state=paused&amp;q=gram" in answer.content.decode()


class TestDeciding:
    def test_only_an_admin_decides(self) -> None:
        service, browser = make.service(), signed_in(make.staff(sees_cost=True))
        for name in ("hide_service", "pause_service", "accept_cost", "describe_service"):
            said = {"reason": "because", "rate": "1", "name": "Other"}
            assert browser.post(page_of(service, name), said).status_code == 403
        service.refresh_from_db()
        assert service.is_visible and not service.pause
        html = browser.get(page_of(service)).content.decode()
        assert "data-dialog" not in html.split('id="main"')[1].split("</main>")[0]

    def test_pausing_and_resuming_keep_who_and_why(self) -> None:
        service, ada = make.service(), make.admin()
        browser = signed_in(ada)
        browser.post(page_of(service, "pause_service"), {"reason": "Angry clients"})
        service.refresh_from_db()
        assert (service.pause, service.pause_detail) == (PauseReason.STAFF, "Angry clients")
        browser.post(page_of(service, "resume_service"), {"reason": ""})
        service.refresh_from_db()
        assert service.pause == ""
        assert set(AuditEntry.objects.values_list("person", flat=True)) == {ada.user_id}

    def test_a_pause_without_a_reason_is_refused(self) -> None:
        service = make.service()
        answer = signed_in(make.admin()).post(
            page_of(service, "pause_service"), {"reason": " "}, follow=True
        )
        assert "Say why" in answer.content.decode()
        service.refresh_from_db()
        assert not service.pause

    def test_hiding_and_showing(self) -> None:
        service, browser = make.service(), signed_in(make.admin())
        browser.post(page_of(service, "hide_service"))
        service.refresh_from_db()
        assert not service.is_visible
        browser.post(page_of(service, "show_service"))
        service.refresh_from_db()
        assert service.is_visible

    def test_a_risen_cost_is_accepted_as_it_was_seen(self) -> None:
        service = make.service(pause=PauseReason.COST_ROSE, accepted_cost=Decimal("0.5"))
        browser = signed_in(make.admin())
        text = browser.get(page_of(service)).content.decode()
        assert "Accept the cost" in text and "Resume" not in text
        browser.post(page_of(service, "accept_cost"), {"rate": "1"})
        service.refresh_from_db()
        assert (service.pause, service.accepted_cost) == ("", 1)

    @pytest.mark.parametrize("seen", ["0.9", "", "x", "NaN"])
    def test_a_cost_that_moved_since_is_not_accepted(self, seen: str) -> None:
        service = make.service(pause=PauseReason.COST_ROSE, accepted_cost=Decimal("0.5"))
        signed_in(make.admin()).post(page_of(service, "accept_cost"), {"rate": seen})
        service.refresh_from_db()
        assert service.pause == PauseReason.COST_ROSE

    def test_the_words_are_changed_and_kept_on_record(self) -> None:
        service, browser = make.service(name="Old"), signed_in(make.admin())
        said = {"name": " New name ", "description": "Slow and steady."}
        browser.post(page_of(service, "describe_service"), said)
        service.refresh_from_db()
        assert (service.name, service.description) == ("New name", "Slow and steady.")
        assert AuditEntry.objects.get().before == {"name": "Old", "description": ""}

    def test_a_service_keeps_its_name_when_none_is_typed(self) -> None:
        service, browser = make.service(name="Old"), signed_in(make.admin())
        said = {"name": "", "description": "Kept as typed"}
        answer = browser.post(page_of(service, "describe_service"), said)
        assert answer.status_code == 422 and "Kept as typed" in answer.content.decode()
        service.refresh_from_db()
        assert service.name == "Old"


class TestUnknownTypes:
    """Kept in the catalog, shown with the reason, never sold."""

    WHY = "This panel does not know the type &quot;Stream Gifts&quot;. It is never sold."

    def unknown(self, **fields: object) -> Service:
        offer = make.offer(type_name="Stream Gifts", service_type="", name="Gifts on stream")
        return make.service(offer, **fields)

    @pytest.mark.parametrize("visible", [True, False])
    def test_the_reason_stands_wherever_staff_meet_it(self, visible: bool) -> None:
        service, ada = self.unknown(is_visible=visible), make.admin()
        for address in (
            reverse("staff:services"),
            f"{reverse('staff:services')}?state=unknown",
            page_of(service),
            f"{reverse('staff:choose')}?state=unknown",
        ):
            text = signed_in(ada).get(address).content.decode()
            assert "Not orderable" in text and self.WHY in text, address
        page = signed_in(ada).get(page_of(service)).content.decode()
        assert reverse("staff:new_order") + "?service" not in page
        assert 'data-dialog="#show"' not in page

    def test_the_filter_leaves_out_what_can_be_ordered(self) -> None:
        known, unknown = make.service(), self.unknown()
        text = listed(make.staff(), state="unknown")
        assert unknown.name in text and known.name not in text

    def test_nobody_can_order_it_not_even_by_its_number(self) -> None:
        service, client = self.unknown(), make.customer(balance="10", signs_in=True)
        with pytest.raises(NotForSale, match="does not know the type"):
            drafts.draft(client, service.pk, {"link": "@ann", "quantity": "100"}, by=None)
        text = signed_in(make.admin()).get(
            reverse("staff:new_order"), {"service": service.pk, "client": client.pk}
        )
        assert "does not know the type" in text.content.decode()
        assert program_of(client).add(service) == {"error": "Incorrect service ID"}
        assert shop.listed(client) == []


class TestRefillWindow:
    def test_an_admin_takes_what_the_name_promises(self) -> None:
        service = make.service(make.offer(name="Followers R30"))
        ada = signed_in(make.admin())
        page = ada.get(page_of(service)).content.decode()
        assert "Take 30 days of refill" in page and "Its name promises so" in page
        assert "Refill, 30 days by its name" in page
        ada.post(page_of(service, "set_refill_window"), {"days": "30"})
        service.refresh_from_db()
        assert service.refill_days == 30
        entry = AuditEntry.objects.get(action="service.refill_days_set")
        assert entry.after == {"refill_days": 30}
        page = ada.get(page_of(service)).content.decode()
        assert "Refill 30 days" in page and "Its name promises" not in page

    def test_it_is_set_and_taken_back_by_hand(self) -> None:
        service, ada = make.service(), signed_in(make.admin())
        address = page_of(service, "set_refill_window")
        for typed, days in (("45", 45), ("0", 45), ("many", 45), ("9999", 45), ("", None)):
            ada.post(address, {"days": typed})
            service.refresh_from_db()
            assert service.refill_days == days

    def test_without_refills_there_is_nothing_to_set(self) -> None:
        service = make.service(make.offer(name="Followers R30", refill=False))
        page = signed_in(make.admin()).get(page_of(service)).content.decode()
        assert "days of refill" not in page and "Refill window" not in page

    def test_those_that_nobody_has_said_are_found(self) -> None:
        silent = make.service(make.offer(name="Silent likes"))
        known = make.service(make.offer(name="Known likes", refill_days=30))
        text = listed(make.staff(), state="window")
        assert silent.name in text and known.name not in text
