"""The audit trail as admins read it: found by anything, in words, never a secret."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from orders import audit, auditing, people, reconcile, rules, wallets
from orders.enums import MarkupKind, PriceLevel
from orders.models import Customer, Service, Staff
from panel.staff.audit import audit_names, audit_words
from panel.staff.audit.audit_actions import ACTIONS
from tests.orders.test_audit_coverage import VERBS
from tests.support import factories
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Staff:
    return factories.owner()


@pytest.fixture
def browser(owner: Staff) -> Client:
    browser = Client()
    browser.force_login(owner.user)
    return browser


@pytest.fixture
def casa() -> Customer:
    return factories.customer("Casa Verde")


@pytest.fixture
def service(owner: Staff) -> Service:
    service = factories.service(name="Instagram Likes")
    for percent in (35, 42):
        rules.set_markup(
            PriceLevel.SERVICE,
            MarkupKind.PERCENT,
            Decimal(percent),
            owner.user,
            NOW,
            "Autumn prices",
            service=service,
        )
    return service


def lines(browser: Client, **asked: str) -> list[audit_words.Line]:
    return list(browser.get(reverse("staff:audit"), asked).context["lines"])


def test_a_change_is_told_in_words_with_a_link(browser: Client, service: Service) -> None:
    newest = lines(browser, action="markup.set")[0]
    assert (newest.what, newest.person, newest.reason) == ("Markup", "Olga Owner", "Autumn prices")
    assert newest.changes == [audit_words.Change("markup", "35\xa0%", "42\xa0%")]
    (subject,) = newest.subjects
    assert subject.words == f"service {service.pk} Instagram Likes"
    assert subject.url == reverse("staff:service", args=[service.pk])


def test_money_refers_to_the_client_and_names_people(
    browser: Client, owner: Staff, casa: Customer
) -> None:
    wallets.gift(casa, Decimal(5), by=owner.user, now=NOW, reason="For waiting")
    people.change_customer(casa, manager=owner, by=owner.user, now=NOW)
    changed, gift = lines(browser)
    assert changed.changes == [audit_words.Change("manager", "–", "Olga Owner")]
    assert audit_words.Change("balance", "$0.0000", "$5.0000") in gift.changes
    assert gift.subjects[0].words == f"client {casa.pk} Casa Verde"


def test_what_moved_at_a_provider_is_not_told_in_the_panels_currency(
    browser: Client, owner: Staff
) -> None:
    provider = factories.provider("Bulk", currency="TRY")
    reconcile.record_top_up(provider, Decimal(9), NOW, by=owner.user, now=NOW, token="t")
    (line,) = lines(browser)
    told = {change.name: change.after for change in line.changes}
    assert told["amount"] == "9.00"
    assert told["at"].startswith("Mon 23 Nov 2026")


def test_many_orders_are_named_in_words_and_lead_to_their_page() -> None:
    named = audit_names.Names([]).subject("massorder:7")
    assert named == audit_names.Subject("mass order 7", reverse("staff:mass_order", args=[7]))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("service 2104", ("service:2104",)),
        ("Services #2104", ("service:2104",)),
        ("client:7", ("customer:7",)),
        ("member 3", ("staff:3",)),
        ("panel", ("panel", "panel:1")),
        ("service", None),
        ("zebra 4", None),
        ("service 2104 or 1=1", None),
        ("order 99999999999999999999", None),
    ],
)
def test_what_a_subject_may_be_called(text: str, found: tuple[str, ...] | None) -> None:
    assert audit.subjects(text) == found


def test_it_is_found_by_subject_person_action_words_and_date(
    browser: Client, owner: Staff, casa: Customer, service: Service
) -> None:
    auditing.record(None, "customer.changed", casa, {}, {}, "Later on", at=NOW + timedelta(days=3))
    rules.set_markup(
        PriceLevel.CUSTOMER_SERVICE,
        MarkupKind.PERCENT,
        Decimal(50),
        owner.user,
        NOW,
        "Agreed on the phone",
        customer=casa,
        service=service,
    )
    reasons = {
        ("subject", f"client {casa.pk}"): {"Later on", "Agreed on the phone"},
        ("subject", f"service {service.pk}"): {"Autumn prices", "Agreed on the phone"},
        ("person", "0"): {"Later on"},
        ("action", "customer.changed"): {"Later on"},
        ("words", "phone agr"): {"Agreed on the phone"},
        ("words", "zebra"): set(),
        ("since", "2026-11-25"): {"Later on"},
        ("until", "2026-11-24"): {"Autumn prices", "Agreed on the phone"},
    }
    for (name, text), expected in reasons.items():
        found = {line.reason for line in lines(browser, **{name: text})}
        assert found - {""} == expected, (name, text)


def test_a_subject_that_says_nothing_is_told_at_the_field(browser: Client, casa: Customer) -> None:
    page = browser.get(reverse("staff:audit"), {"subject": "zebra"})
    assert "Type a kind and its number" in page.content.decode()


def test_it_pages_from_entry_to_entry(browser: Client, casa: Customer) -> None:
    for number in range(120):
        auditing.record(None, "customer.changed", casa, {}, {}, str(number), at=NOW)
    first = browser.get(reverse("staff:audit"))
    assert [line.reason for line in first.context["lines"]][:2] == ["119", "118"]
    second = browser.get(reverse("staff:audit") + first.context["older"])
    assert second.context["lines"][0].reason == "69"


def test_the_file_holds_what_was_searched_and_no_formula(
    browser: Client, casa: Customer, service: Service
) -> None:
    auditing.record(None, "customer.changed", casa, {}, {"name": "x"}, "=HYPERLINK(1)", at=NOW)
    answer = browser.get(reverse("staff:audit_sheet"), {"subject": f"client {casa.pk}"})
    text = answer.getvalue().decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(text))
    assert head[:4] == ["Number", "When", "Who", "What"]
    assert row[3:] == [
        "Client changed",
        f"client {casa.pk} Casa Verde",
        "",
        "name: x",
        "'=HYPERLINK(1)",
    ]


def test_a_long_file_comes_whole(
    browser: Client, casa: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panel.staff.audit.audit.AT_ONCE", 10)
    for number in range(35):
        auditing.record(None, "customer.changed", casa, {}, {}, str(number), at=NOW)
    text = browser.get(reverse("staff:audit_sheet")).getvalue().decode()
    assert text.count("\r\n") == 36


def test_every_action_that_is_recorded_has_words() -> None:
    assert set(VERBS) <= set(ACTIONS)


def test_one_entry_takes_as_many_queries_as_many(browser: Client, owner: Staff) -> None:
    counts = []
    for count in (1, 20):
        for number in range(count):
            client = factories.customer(f"Client {number}")
            auditing.record(owner.user, "customer.changed", client, {}, {"manager": owner}, at=NOW)
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse("staff:audit"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
