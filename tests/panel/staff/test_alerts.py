"""The alerts' pages, and the strip on every page of the staff's."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders import alerts, sealing
from orders.enums import AlarmKind, AlertChannel, AlertEvent
from orders.models import Alert, AlertSettings, AuditEntry, Heartbeat, Staff, Telling
from tests.support import factories as make
from tests.support.hook import Receiver, receiver, says

pytestmark = pytest.mark.django_db

SECRET = "planted-hook-secret"
URL = f"https://hooks.example/services/{SECRET}"


def signed_in(member: Staff) -> Client:
    browser = Client()
    browser.force_login(member.user)
    return browser


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def running() -> None:
    Heartbeat.objects.create(job="orders.submit_due", began_at=timezone.now())


def sound(kind: AlarmKind, subject: str = "", **values: Any) -> Alert:
    moment = timezone.now() - timedelta(minutes=42)
    words: dict[str, Any] = {
        "title": f"Zebrahaus {kind}",
        "text": "41.00 EUR left",
        "since": moment,
    }
    words |= {"seen_at": moment, "started_at": moment}
    return Alert.objects.create(kind=kind, subject=subject, **words | values)


def tell(alert: Alert, **values: Any) -> Telling:
    moment = timezone.now()
    event, channel = AlertEvent.STARTED, AlertChannel.EMAIL
    common = {"title": "t", "text": "t", "made_at": moment, "due_at": moment}
    return Telling.objects.create(
        alert=alert, **{"event": event, "channel": channel} | common | values
    )


def text_of(browser: Client, name: str = "alerts", query: str = "") -> str:
    answer = browser.get(reverse(f"staff:{name}") + query)
    assert answer.status_code == 200
    return answer.content.decode()


def queries(browser: Client, name: str) -> int:
    text_of(browser, name)
    with CaptureQueriesContext(connection) as captured:
        text_of(browser, name)
    return len(captured)


class TestThePage:
    def test_what_goes_on_what_is_over_and_who_was_told(self, running: None) -> None:
        now = timezone.now()
        provider = make.provider()
        held = sound(AlarmKind.PROVIDER_HELD, f"provider:{provider.pk}", title="Bulkhaus is held")
        tell(held, told_at=now, told_to="night@example.com", tries=1)
        tell(
            held,
            channel=AlertChannel.WEBHOOK,
            failure="It answered 404.",
            tries=2,
            due_at=now + timedelta(minutes=4),
        )
        sound(AlarmKind.JOB, "job:prune", title="Job prune silent", gone_at=now, ended_at=now)
        text = text_of(signed_in(make.admin()))
        for words in (
            "Bulkhaus is held",
            "to night@example.com",
            "not taken. It answered 404.",
            "Webhook does not take messages",
            reverse("staff:provider", args=[provider.pk]),
            "Job prune silent",
            "42 min",
        ):
            assert words in text, words

    def test_what_was_not_told_yet_is_not_shown(self) -> None:
        sound(AlarmKind.PROVIDER_HELD, started_at=None)
        assert "Zebrahaus" not in text_of(signed_in(make.admin()))

    def test_that_nobody_is_told_is_said(self) -> None:
        browser = signed_in(make.admin())
        assert "Nobody is told" not in text_of(browser)
        alerts.change(by=None, now=make.NOW, emails_on=False)
        assert "Nobody is told" in text_of(browser)

    def test_many_alerts_cost_as_many_queries_as_one(self) -> None:
        browser = signed_in(make.admin())

        def plant(number: int) -> None:
            tell(sound(AlarmKind.JOB, f"job:{number}"), failure="x", tries=1)
            gone = sound(AlarmKind.JOB, f"job:{number}", ended_at=make.NOW, gone_at=make.NOW)
            tell(gone, told_at=make.NOW)

        plant(0)
        one = queries(browser, "alerts")
        for number in range(1, 9):
            plant(number)
        assert queries(browser, "alerts") == one

    def test_the_past_goes_by_keyset(self) -> None:
        for number in range(60):
            sound(AlarmKind.JOB, title=f"silence {number}.", ended_at=make.NOW)
        browser = signed_in(make.admin())
        first = browser.get(reverse("staff:alerts"))
        assert "silence 10." in first.content.decode()
        assert "silence 9." not in first.content.decode()
        assert "silence 9." in text_of(browser, query=first.context["older"])

    def test_an_admin_reads_nothing_of_their_own_till(self) -> None:
        ada = make.admin("Ada")
        sound(AlarmKind.TILL_FULL, f"till:{ada.pk}", title="The till of Ada is full")
        assert "till of Ada" not in text_of(signed_in(ada))
        assert "till of Ada" in text_of(signed_in(make.admin("Bob")))


class TestSettings:
    def form(self, **said: str) -> dict[str, str]:
        return {"low_hours": "6", "silent_minutes": "5", "emails_on": "on"} | said

    def test_thresholds_are_kept(self) -> None:
        browser = signed_in(make.admin())
        answer = browser.post(
            reverse("staff:alert_settings"),
            self.form(
                till_limit="250.50", unexplained_amount="2.50", addresses="night@example.com"
            ),
        )
        assert answer.status_code == 302
        row = alerts.current()
        assert (row.low_hours, row.unconfirmed_minutes, row.till_limit, row.addresses) == (
            6,
            None,
            Decimal("250.50"),
            "night@example.com",
        )
        assert row.page_url == "http://testserver/staff/alerts/"
        assert row.unexplained_amount == Decimal("2.50")
        text = text_of(browser, "alert_settings")
        assert 'value="250.5"' in text
        assert 'value="2.5"' in text
        assert "Mails night@example.com" in text

    def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(self) -> None:
        answer = signed_in(make.admin()).post(
            reverse("staff:alert_settings"),
            self.form(addresses="night@example.com nobody", low_hours="7"),
        )
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "nobody is no e-mail address" in text
        assert "night@example.com nobody" in text
        assert 'value="7"' in text
        assert AlertSettings.objects.count() == 0

    def test_a_webhook_is_kept_and_its_address_never_shown(self) -> None:
        browser = signed_in(make.admin())
        said = {"shape": "telegram", "url": URL, "telegram_chat": "-1001"}
        assert browser.post(reverse("staff:set_webhook"), said).status_code == 302
        assert sealing.unseal(alerts.current().webhook_sealed) == URL
        for page in ("alert_settings", "alerts"):
            assert SECRET not in text_of(browser, page)
        assert "hooks.example" in text_of(browser, "alert_settings")

    def test_a_refused_webhook_does_not_come_back_in_the_page(self) -> None:
        answer = signed_in(make.admin()).post(
            reverse("staff:set_webhook"), {"shape": "telegram", "url": URL, "telegram_chat": "x y"}
        )
        assert answer.status_code == 422
        assert "A number such as" in answer.content.decode()
        assert SECRET not in answer.content.decode()

    def test_a_webhook_is_forgotten(self) -> None:
        alerts.set_webhook(URL, "slack", by=None, now=make.NOW)
        browser = signed_in(make.admin())
        assert browser.post(reverse("staff:forget_webhook")).status_code == 302
        assert alerts.current().webhook_sealed == ""

    def test_a_test_reaches_each_channel_and_says_so(self, hook: Receiver) -> None:
        alerts.set_webhook(hook.url, "slack", by=None, now=make.NOW)
        member = make.admin()
        browser = signed_in(member)
        hook.answer = says(404, b"no_service")
        text = browser.post(reverse("staff:test_alerts")).content.decode()
        assert "Taken, for" in text
        assert "It answered 404: “no_service”." in text
        assert mail.outbox[0].to == [member.user.email]
        assert hook.posted[0]["text"].startswith("[Halfpenny] Test of the alerts")
        hook.answer = says(200)
        text = browser.post(reverse("staff:test_alerts")).content.decode()
        assert "Taken, for 127.0.0.1" in text
        assert SECRET not in text
        assert AuditEntry.objects.filter(action="alerts.tested").count() == 2

    def test_a_providers_page_takes_the_amount_to_be_told_under(self) -> None:
        provider = make.provider()
        browser = signed_in(make.admin())
        form = {
            "exchange_rate": "1",
            "factor": "1",
            "batch_size": "100",
            "requests_per_second": "5",
            "requests_at_once": "4",
            "connect_timeout": "5",
            "read_timeout": "20",
            "total_timeout": "30",
            "drip_limit": "per_run",
        }
        address = reverse("staff:change_provider", args=[provider.pk])
        assert browser.post(address, form | {"low_balance": "50"}).status_code == 302
        provider.refresh_from_db()
        assert provider.low_balance == Decimal(50)
        answer = browser.post(address, form | {"low_balance": "-1"})
        assert answer.status_code == 422
        assert "An amount above zero, or nothing." in answer.content.decode()
        assert browser.post(address, form).status_code == 302
        provider.refresh_from_db()
        assert provider.low_balance is None


class TestTheStrip:
    def strip(self, member: Staff, page: str = "orders") -> str:
        html = text_of(signed_in(member), page)
        _, found, rest = html.partition('<aside class="strip')
        return rest.partition("</aside>")[0] if found else ""

    def test_where_nothing_is_wrong_there_is_none(self, running: None) -> None:
        assert self.strip(make.admin()) == ""

    def test_the_worst_is_named_and_the_others_are_counted(self, running: None) -> None:
        sound(AlarmKind.PRICE_HOLD, title="3 orders held, cost changed")
        provider = make.provider()
        sound(AlarmKind.PROVIDER_HELD, f"provider:{provider.pk}", title="Bulkhaus has no funds")
        strip = self.strip(make.admin())
        assert "Bulkhaus has no funds" in strip
        assert "42 min ago" in strip
        assert "1 more" in strip
        assert "t-red" in strip
        assert reverse("staff:provider", args=[provider.pk]) in strip
        assert reverse("staff:alerts") in strip

    def test_unexplained_money_leads_to_the_providers_account(self, running: None) -> None:
        provider = make.provider()
        sound(AlarmKind.UNEXPLAINED, f"provider:{provider.pk}", title="4.20 EUR gone, unexplained")
        account = reverse("staff:reconciliation_account", args=[provider.pk])
        for member in (make.admin(), make.staff(sees_cost=True)):
            strip = self.strip(member)
            assert "4.20 EUR gone" in strip
            assert f'href="{account}"' in strip
        assert self.strip(make.staff()) == ""

    def test_it_stands_on_every_staff_page(self, running: None) -> None:
        sound(AlarmKind.BALANCE_LOW, title="The balance at Bulkhaus runs low")
        admin = make.admin()
        for page in ("overview", "clients", "services", "tills", "people", "alerts", "review"):
            assert "runs low" in self.strip(admin, page), page

    def test_staff_read_no_name_no_amount_and_no_link_that_is_closed_to_them(
        self, running: None
    ) -> None:
        provider = make.provider()
        sound(AlarmKind.PROVIDER_HELD, f"provider:{provider.pk}", title="Zebrahaus: 41.00 EUR")
        sound(AlarmKind.TILL_FULL, "till:3")
        strip = self.strip(make.staff())
        assert "A provider is held: some orders wait" in strip
        assert "more" not in strip
        for hidden in ("Zebrahaus", "41.00", "/providers/", "/alerts/"):
            assert hidden not in strip
        assert f"{reverse('staff:orders')}?tab=waiting" in strip

    def test_customers_never_see_it(self) -> None:
        sound(AlarmKind.MACHINERY)
        customer = make.customer(signs_in=True)
        assert customer.user is not None
        browser = Client()
        browser.force_login(customer.user)
        assert 'class="strip' not in browser.get(reverse("my:orders")).content.decode()

    def test_silent_machinery_is_said_at_once_and_is_over_at_once(self) -> None:
        """The alarm about it waits for minutes both ways; the pulse is on the page anyway."""
        Heartbeat.objects.create(
            job="orders.submit_due", began_at=timezone.now() - timedelta(seconds=45)
        )
        assert "Machinery silent: nothing is sent or followed" in self.strip(make.admin())
        assert "orders wait, nothing is lost" in self.strip(make.staff())
        sound(AlarmKind.MACHINERY, title="Machinery silent")
        assert "more" not in self.strip(make.admin())
        Heartbeat.objects.update(began_at=timezone.now())
        assert self.strip(make.admin()) == ""

    def test_it_costs_one_query_however_much_is_wrong(self, running: None) -> None:
        browser = signed_in(make.admin())
        one = queries(browser, "clients")
        for number in range(8):
            sound(AlarmKind.JOB, f"job:{number}")
        assert queries(browser, "clients") == one

    def test_the_menu_counts_what_is_wrong(self, running: None) -> None:
        for number in range(3):
            sound(AlarmKind.JOB, f"job:{number}")
        text = text_of(signed_in(make.admin()), "clients")
        assert 'Alerts</span><span class="count hot">3</span>' in text
