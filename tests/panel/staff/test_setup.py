"""The first run: to the set-up from everywhere, each step, what is there when one comes back."""

from decimal import Decimal

import pytest
from django.contrib.auth import SESSION_KEY
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders import catalog, first_run, machinery
from orders.enums import PriceLevel, SyncOutcome
from orders.models import Bound, Customer, MarkupRule, Panel, Provider, Service, Staff, SyncRun
from panel.staff import setup_steps
from tests.support import factories as make
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough word 71"
STEPS = "/staff/setup/"
MIRA = {
    "name": "Mira",
    "email": "mira@example.com",
    "daily_limit": "200",
    "big_order_limit": "500",
}
PAGES = ("panel", "provider", "catalog", "prices", "staff", "order", "done")


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(make.owner().user)
    return client


def owner_form(**more: str) -> dict[str, str]:
    said = {"name": "Ada Lindqvist", "email": "ada@example.com", "password": PASSWORD}
    return said | {"code": first_run.setup_code()} | more


def provider_form(simulator: RunningSimulator, **more: str) -> dict[str, str]:
    said = {"name": "Bulkhaus", "url": simulator.url, "key": simulator.key, "factor": "1"}
    return said | {"new_offers_hidden": "on"} | more


def done() -> dict[str, bool]:
    return {step.slug: step.done for step in setup_steps.course(timezone.now()).steps}


def text_of(answer: HttpResponse) -> str:
    return answer.content.decode()


class TestOwner:
    @pytest.mark.parametrize("path", ["/", "/staff/", "/staff/orders/", "/account/login/"])
    def test_an_empty_panel_leads_everybody_to_the_set_up(self, path: str, client: Client) -> None:
        answer = client.get(path, follow=True)
        assert answer.redirect_chain[-1][0] == "/setup/"
        assert "Nobody owns this panel yet" in text_of(answer)

    def test_a_panel_with_staff_leads_strangers_to_the_sign_in(self, client: Client) -> None:
        make.staff()
        assert client.get("/", follow=True).redirect_chain[-1][0].startswith("/account/login/")
        assert client.get("/account/login/").status_code == 200

    def test_the_code_makes_the_owner_and_signs_them_in(self, client: Client) -> None:
        answer = client.post("/setup/", owner_form())
        assert answer["Location"] == f"{STEPS}panel/"
        assert client.session[SESSION_KEY] == str(Staff.objects.get(is_owner=True).user_id)

    def test_a_wrong_code_is_told_and_what_was_typed_is_kept(self, client: Client) -> None:
        answer = client.post("/setup/", owner_form(code="AAAA-AAAA-AAAA"))
        text = text_of(answer)
        assert answer.status_code == 422 and "This is not the code" in text
        assert 'value="Ada Lindqvist"' in text and PASSWORD not in text
        assert first_run.setup_code() not in text and not Staff.objects.exists()

    def test_guessing_is_stopped_after_ten_tries_and_says_for_how_long(
        self, client: Client
    ) -> None:
        for _ in range(10):
            wrong = client.post("/setup/", owner_form(code="AAAA-AAAA-AAAA"))
            assert wrong.status_code == 422
        answer = client.post("/setup/", owner_form())
        assert answer.status_code == 429 and not Staff.objects.exists()
        assert "Wait ten minutes" in text_of(answer) and 'value="Ada Lindqvist"' in text_of(answer)
        elsewhere = client.post("/setup/", owner_form(), REMOTE_ADDR="192.0.2.7")
        assert elsewhere.status_code == 302 and Staff.objects.exists()

    def test_a_weak_password_is_refused_by_the_usual_rules(self, client: Client) -> None:
        answer = client.post("/setup/", owner_form(password="password12"))
        assert answer.status_code == 422 and "too common" in text_of(answer)

    def test_with_an_owner_it_is_over(self, client: Client) -> None:
        owner = make.owner()
        assert client.get("/setup/")["Location"] == "/"
        client.post("/setup/", owner_form())
        assert Staff.objects.count() == 1
        client.force_login(owner.user)
        assert client.get("/setup/")["Location"] == STEPS

    def test_whoever_comes_a_moment_late_is_told(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make.owner()
        monkeypatch.setattr(first_run, "awaits_owner", lambda: True)
        assert "has its owner already" in text_of(client.post("/setup/", owner_form(), follow=True))
        assert SESSION_KEY not in client.session


class TestCourse:
    def test_each_step_opens_on_an_empty_panel_and_says_what_is_next(self, browser: Client) -> None:
        for name in PAGES:
            answer = browser.get(f"{STEPS}{name}/")
            assert answer.status_code == 200, name
            assert "of 7 done" in text_of(answer)
        assert "There is no provider yet" in text_of(browser.get(f"{STEPS}catalog/"))
        assert "Nothing is on sale yet" in text_of(browser.get(f"{STEPS}order/"))

    def test_it_goes_on_where_it_was_left(self, browser: Client) -> None:
        assert browser.get(STEPS)["Location"] == f"{STEPS}panel/"
        Panel.objects.update(settled=["panel"])
        assert browser.get(STEPS)["Location"] == f"{STEPS}provider/"
        make.service(is_visible=False)
        assert browser.get(STEPS)["Location"] == "/staff/services/choose/"

    def test_the_last_step_is_the_first_order(self, browser: Client) -> None:
        make.order()
        make.staff()
        Panel.objects.update(settled=["panel", "prices"])
        assert set(done().values()) == {True}
        answer = browser.get(STEPS, follow=True)
        assert "Everything is set up" in text_of(answer)

    def test_only_admins_are_led(self, client: Client) -> None:
        client.force_login(make.staff(sees_cost=True).user)
        for path in (STEPS, *(f"{STEPS}{name}/" for name in PAGES)):
            assert client.get(path).status_code == 403, path

    def test_many_rows_take_as_many_queries_as_one(self, browser: Client) -> None:
        def queries() -> list[int]:
            counts = []
            for name in PAGES:
                with CaptureQueriesContext(connection) as seen:
                    browser.get(f"{STEPS}{name}/")
                counts.append(len(seen))
            return counts

        def more() -> None:
            make.service()
            make.customer()
            make.staff()
            provider = Provider.objects.latest("pk")
            SyncRun.objects.create(
                provider=provider, started_at=make.NOW, outcome=SyncOutcome.CHANGED
            )

        more()
        queries()
        one = queries()
        for _ in range(4):
            more()
        assert queries() == one


class TestPanel:
    def test_name_currency_and_zone_are_kept_and_the_step_is_done(self, browser: Client) -> None:
        said = {"name": "Copper & Co", "currency": "eur", "time_zone": "Europe/Lisbon"}
        assert browser.post(f"{STEPS}panel/", said)["Location"] == f"{STEPS}provider/"
        panel = Panel.objects.get()
        assert (panel.name, panel.currency, panel.time_zone) == tuple(
            {**said, "currency": "EUR"}.values()
        )
        assert done()["panel"]

    def test_what_is_left_as_it_is_counts_as_settled(self, browser: Client) -> None:
        panel = Panel.objects.get()
        said = {"name": panel.name, "currency": panel.currency, "time_zone": panel.time_zone}
        browser.post(f"{STEPS}panel/", said)
        assert done()["panel"]

    def test_a_currency_of_no_letters_is_refused(self, browser: Client) -> None:
        said = {"name": "Ours", "currency": "12", "time_zone": "UTC"}
        answer = browser.post(f"{STEPS}panel/", said)
        assert answer.status_code == 422 and "Three capital letters" in text_of(answer)
        assert not done()["panel"]

    def test_the_first_payment_fixes_the_currency(self, browser: Client) -> None:
        make.customer(balance="5")
        assert "Money has moved in it" in text_of(browser.get(f"{STEPS}panel/"))
        said = {"name": "Ours", "currency": "EUR", "time_zone": "UTC"}
        browser.post(f"{STEPS}panel/", said)
        panel = Panel.objects.get()
        assert (panel.name, panel.currency) == ("Ours", "USD")

    def test_the_currency_leaves_exchange_rates_behind_and_says_so(self, browser: Client) -> None:
        make.provider()
        assert "set them anew" in text_of(browser.get(f"{STEPS}panel/"))


class TestProvider:
    def test_the_test_shows_the_balance_and_keeps_nothing(
        self, browser: Client, simulator: RunningSimulator
    ) -> None:
        answer = browser.post(
            f"{STEPS}provider/test/",
            provider_form(simulator),
            headers={"HX-Request": "true", "HX-Target": "trial"},
        )
        text = text_of(answer)
        assert "It answers. Balance" in text and "$1,000.00" in text and "<html" not in text
        assert simulator.key not in text
        assert not Provider.objects.exists()

    def test_another_currency_asks_for_the_exchange_rate(self, browser: Client) -> None:
        with RunningSimulator(currency="EUR") as abroad:
            answer = browser.post(f"{STEPS}provider/test/", provider_form(abroad))
            assert "how much USD one EUR is" in text_of(answer)
            answer = browser.post(f"{STEPS}provider/", provider_form(abroad))
            assert answer.status_code == 422 and "how much USD one EUR is" in text_of(answer)
            browser.post(f"{STEPS}provider/", provider_form(abroad, exchange_rate="1.1"))
        assert Provider.objects.get().exchange_rate == Decimal("1.1")

    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            ("bad_key", "Copy it again from its API page"),
            ("suspended", "Ask there"),
            ("rate_limit", "Try again in a minute"),
            ("html_502_before", "try again later"),
            ("empty_body", "Check the address"),
            ("redirect", "Write the one that the provider"),
            ("refuse", "cannot be reached"),
        ],
    )
    def test_each_failure_says_what_to_do(
        self, fault: str, words: str, browser: Client, simulator: RunningSimulator
    ) -> None:
        if fault == "refuse":
            simulator.refuse()
        else:
            simulator.faults(**{fault: 1})
        assert words in text_of(browser.post(f"{STEPS}provider/test/", provider_form(simulator)))

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("url", "http://bulkhaus.example/api/v2", "Use https"),
            ("url", "bulkhaus", "Write the whole address"),
            ("key", "", "key is needed"),
            ("url", "https://nowhere.invalid/api/v2", "no host named nowhere.invalid"),
        ],
    )
    def test_what_is_wrong_at_first_sight_is_said_without_a_call(
        self, field: str, value: str, words: str, browser: Client, simulator: RunningSimulator
    ) -> None:
        form = provider_form(simulator, **{field: value})
        assert words in text_of(browser.post(f"{STEPS}provider/test/", form))
        assert simulator.counts() == {}

    def test_a_provider_that_is_there_is_tested_again_with_its_own_key(
        self, browser: Client, simulator: RunningSimulator
    ) -> None:
        provider = make.provider("Bulkhaus", url=simulator.url, key=simulator.key)
        headers = {"HX-Request": "true", "HX-Target": "tested"}
        said = {"provider": provider.pk}
        text = text_of(browser.post(f"{STEPS}provider/test/", said, headers=headers))
        assert "It answers. Balance" in text and "<html" not in text
        simulator.faults(bad_key=1)
        assert "refused the key" in text_of(browser.post(f"{STEPS}provider/test/", said))

    def test_the_test_takes_a_press(self, browser: Client) -> None:
        assert browser.get(f"{STEPS}provider/test/").status_code == 405

    def test_what_it_offers_begins_hidden(
        self, browser: Client, simulator: RunningSimulator
    ) -> None:
        assert (
            "checked" in text_of(browser.get(f"{STEPS}provider/")).split("Sell only what")[0][-200:]
        )
        answer = browser.post(f"{STEPS}provider/", provider_form(simulator))
        assert answer["Location"] == f"{STEPS}catalog/"
        catalog.sync(Provider.objects.get(), now=timezone.now())
        assert Service.objects.exists() and not Service.objects.filter(is_visible=True).exists()
        assert done() == dict.fromkeys(done(), False) | {"provider": True, "catalog": True}

    def test_a_provider_that_is_there_is_shown_and_another_can_be_added(
        self, browser: Client
    ) -> None:
        make.provider("Bulkhaus")
        text = text_of(browser.get(f"{STEPS}provider/"))
        assert "Bulkhaus" in text and "Add another one" in text and make.KEY not in text


class TestCatalog:
    def run(self, **values: object) -> None:
        values = {"outcome": SyncOutcome.RUNNING, "started_at": timezone.now()} | values
        SyncRun.objects.create(provider=make.provider("Bulkhaus"), **values)

    def live(self, browser: Client) -> HttpResponse:
        headers = {"HX-Request": "true", "HX-Target": "catalog-progress"}
        return browser.get(f"{STEPS}catalog/", headers=headers)

    def test_it_follows_the_reading_as_it_goes(self, browser: Client) -> None:
        self.run(rows_total=8400, rows_done=5120, rows_bad=3)
        answer = self.live(browser)
        assert answer.status_code == 200
        assert "5,120 of 8,400 services read" in text_of(answer)
        assert "3 rows skipped" in text_of(answer)

    def test_it_stops_asking_at_the_end_and_leads_on(self, browser: Client) -> None:
        self.run(outcome=SyncOutcome.CHANGED, rows_total=8400, rows_done=8400, detail="8,400 new.")
        answer = self.live(browser)
        assert answer.status_code == 286
        assert "8,400 services of Bulkhaus read" in text_of(answer)
        assert "/staff/services/choose/" in text_of(answer)
        assert 'id="setup-rail" hx-swap-oob' in text_of(answer)

    def test_a_failure_is_told_and_can_be_tried_again(self, browser: Client) -> None:
        self.run(outcome=SyncOutcome.FAILED, detail="The catalog came empty.")
        text = text_of(browser.get(f"{STEPS}catalog/"))
        assert "It could not be read" in text and "The catalog came empty." in text
        assert "Read it again" in text

    def test_without_workers_it_says_how_to_go_on(self, browser: Client) -> None:
        make.provider()
        assert "No worker is running" in text_of(browser.get(f"{STEPS}catalog/"))
        machinery.began("orders.submit_due", timezone.now())
        assert "No worker is running" not in text_of(browser.get(f"{STEPS}catalog/"))

    def test_a_press_asks_a_worker(self, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        rung: list[tuple[object, ...]] = []
        monkeypatch.setattr(
            "panel.staff.setup.setup.doorbell.ring", lambda *said: rung.append(said)
        )
        provider = make.provider()
        browser.post(f"{STEPS}catalog/")
        assert rung == [("orders.sync_catalog", provider.pk)]


class TestPrices:
    def test_the_example_is_one_of_their_services(self, browser: Client) -> None:
        make.service(make.offer(rate=Decimal("1.2")), name="Followers")
        text = text_of(browser.get(f"{STEPS}prices/", {"markup": "30", "floor": "5"}))
        assert "Followers, per 1000" in text
        assert "$1.20" in text and "$1.56" in text and "23.1" in text

    @pytest.mark.parametrize(
        ("markup", "floor", "words"),
        [
            ("50", "5", "$1.80"),
            ("2", "10", "The floor is higher than the markup and acts"),
            ("x", "5", "Type two percentages"),
            ("", "", "Type two percentages"),
            ("-1", "5", "Type two percentages"),
        ],
    )
    def test_it_follows_what_is_typed(
        self, markup: str, floor: str, words: str, browser: Client
    ) -> None:
        headers = {"HX-Request": "true", "HX-Target": "prices-example"}
        said = {"markup": markup, "floor": floor}
        text = text_of(browser.get(f"{STEPS}prices/", said, headers=headers))
        assert words in text and "<html" not in text
        assert not MarkupRule.objects.exists()

    def test_saving_sets_both_and_leaves_the_ceiling(self, browser: Client) -> None:
        Bound.objects.create(
            level=PriceLevel.PANEL,
            floor_percent=Decimal(5),
            ceiling_percent=Decimal(300),
            set_at=make.NOW,
        )
        answer = browser.post(f"{STEPS}prices/", {"markup": "28.5", "floor": "12"})
        assert answer["Location"] == f"{STEPS}staff/"
        assert MarkupRule.objects.get(ended_at=None).value == Decimal("28.5")
        bound = Bound.objects.get(ended_at=None)
        assert (bound.floor_percent, bound.ceiling_percent) == (12, 300)
        assert done()["prices"]

    def test_what_stands_is_kept_by_a_press(self, browser: Client) -> None:
        make.panel_prices()
        browser.post(f"{STEPS}prices/", {"markup": "30", "floor": "5"})
        assert MarkupRule.objects.count() == 1 and done()["prices"]

    @pytest.mark.parametrize("markup", ["x", "-1", "100000", "1e9", ""])
    def test_odd_percentages_are_refused_at_the_field(self, markup: str, browser: Client) -> None:
        answer = browser.post(f"{STEPS}prices/", {"markup": markup, "floor": "5"})
        assert answer.status_code == 422
        assert not MarkupRule.objects.exists()


class TestStaffAndOrder:
    def test_a_member_can_sign_in_with_what_they_may_see(self, browser: Client) -> None:
        answer = browser.post(f"{STEPS}staff/", MIRA | {"password": PASSWORD, "sees_cost": "on"})
        assert answer["Location"] == f"{STEPS}order/"
        mira = Staff.objects.get(is_owner=False)
        assert mira.sees_cost and not (mira.sees_all_customers or mira.is_admin)
        assert mira.user.check_password(PASSWORD) and done()["staff"]

    def test_what_is_wrong_is_said_at_its_field(self, browser: Client) -> None:
        answer = browser.post(f"{STEPS}staff/", MIRA | {"password": "short"})
        assert answer.status_code == 422 and "too short" in text_of(answer)
        assert "short" not in answer.context["form"]["password"].as_widget()

    def test_without_a_password_there_is_a_link_to_pass_on(self, browser: Client) -> None:
        text = text_of(browser.post(f"{STEPS}staff/", MIRA))
        assert "A link for Mira" in text and f'href="{STEPS}order/"' in text
        assert not Staff.objects.get(is_owner=False).user.has_usable_password()

    def test_one_may_work_alone(self, browser: Client) -> None:
        assert browser.post(f"{STEPS}staff/", {"act": "alone"})["Location"] == f"{STEPS}order/"
        assert done()["staff"]

    def test_a_client_is_made_and_the_order_form_opens_for_them(self, browser: Client) -> None:
        answer = browser.post(f"{STEPS}order/", {"name": "Nord", "phone": "+47 22 41 07 30"})
        nord = Customer.objects.get()
        assert answer["Location"] == f"/staff/orders/new/?client={nord.pk}"
        browser.post(f"{STEPS}order/", {"name": "", "phone": "004722410730"})
        assert Customer.objects.count() == 1
        assert "Nord" in text_of(browser.get(f"{STEPS}order/"))

    def test_a_client_needs_a_name_or_a_way_to_reach_them(self, browser: Client) -> None:
        answer = browser.post(f"{STEPS}order/", {"name": "", "phone": "", "email": ""})
        assert answer.status_code == 422 and "Type a name" in text_of(answer)


class TestNoDeadEnds:
    """Every empty page of an empty panel leads to the step that is next."""

    PAGES = ("/staff/orders/", "/staff/clients/", "/staff/services/", "/staff/tills/")

    @pytest.mark.parametrize("path", PAGES)
    def test_an_empty_page_leads_on(self, path: str, browser: Client) -> None:
        assert f'href="{STEPS}panel/"' in text_of(browser.get(path))
        Panel.objects.update(settled=["panel"])
        assert f'href="{STEPS}provider/"' in text_of(browser.get(path))

    def test_no_provider_leads_to_adding_one(self, browser: Client) -> None:
        assert f'href="{STEPS}provider/"' in text_of(browser.get("/staff/providers/"))

    @pytest.mark.parametrize("path", PAGES)
    def test_who_cannot_set_up_is_not_sent_there(self, path: str, client: Client) -> None:
        client.force_login(make.staff().user)
        assert STEPS not in text_of(client.get(path))

    def test_services_that_are_all_hidden_lead_to_choosing(self, browser: Client) -> None:
        make.service(is_visible=False)
        for path in ("/staff/services/", "/staff/services/?state=sold", "/staff/orders/new/"):
            assert "/staff/services/choose/" in text_of(browser.get(path)), path
