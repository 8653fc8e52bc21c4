"""What each kind of person may open and what never reaches them, over every address of the site."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from orders import history, tracking
from orders.enums import (
    CancellationStatus,
    ChangeKind,
    EventKind,
    OrderStatus,
    RefillStatus,
    SubmissionOutcome,
    SyncOutcome,
)
from orders.models import (
    Cancellation,
    Customer,
    Offer,
    Order,
    Provider,
    Refill,
    Service,
    Staff,
    Submission,
    SyncChange,
    SyncRun,
    TillClosing,
    User,
)
from tests.support import factories
from tests.support.contexts import reachable
from tests.support.everything import named_patterns

pytestmark = pytest.mark.django_db

# Figures and words that stand nowhere else: found in a page, they came from the planted rows.
COST = "0.73195"
CHARGE = "0.61847"
PROVIDER = "Zebrahaus"
UPSTREAM_ID = "upstream-id-90311845"
MARKUP = "33.77"
LINK = "https://instagram.com/zebra-and-planted"
ANSWER = "neworder.error.zebra_words"
COSTS = (COST, CHARGE, PROVIDER, UPSTREAM_ID, ANSWER, factories.KEY)
SECRETS = (*COSTS, MARKUP)

BEARERS = (Order, Offer, Provider, Service, Submission, Refill, Cancellation)
"""Rows that hold a cost, a provider or its words."""

LIVES = (
    OrderStatus.WAITING,
    OrderStatus.UNCONFIRMED,
    OrderStatus.IN_PROGRESS,
    OrderStatus.COMPLETED,
    OrderStatus.REFUSED,
    OrderStatus.FAILED,
)
"""The states in which pages differ most."""


@pytest.fixture
def mira() -> Staff:
    return factories.staff("Mira Kovač", markup=MARKUP)


@pytest.fixture
def casa(mira: Staff) -> Customer:
    return factories.customer("Casa Verde", balance="50", signs_in=True, manager=mira)


@pytest.fixture
def planted(casa: Customer, mira: Staff) -> Order:
    provider = factories.provider(PROVIDER)
    service = factories.service(factories.offer(provider, rate=Decimal(COST)))
    order = factories.order(
        casa,
        service,
        status=OrderStatus.IN_PROGRESS,
        by=mira.user,
        link=LINK,
        upstream_id=UPSTREAM_ID,
        markup_value=Decimal(MARKUP),
        markup_of=mira,
        expected_cost=Decimal(COST),
        expected_charge_upstream=Decimal(COST),
        charge_upstream=Decimal(CHARGE),
        cost=Decimal(CHARGE),
        remains=400,
        price=Decimal("0.98"),
        flag=f"{PROVIDER} answered in another currency",
        hold_detail=f"Cost rose {COST} → {CHARGE}",
        finished_at=factories.NOW,
    )
    _tell(order)
    return order


def _tell(order: Order) -> None:
    """The provider's words, wherever they are kept."""
    Submission.objects.create(
        order=order,
        provider=order.provider,
        number=1,
        outcome=SubmissionOutcome.UNKNOWN,
        claimed_at=factories.NOW,
        expires_at=factories.NOW,
        answer=ANSWER,
        late_answer=ANSWER,
        upstream_id=UPSTREAM_ID,
    )
    asked: dict[str, Any] = {
        "order": order,
        "provider": order.provider,
        "asked_by": order.placed_by,
        "asked_at": factories.NOW,
        "changed_at": factories.NOW,
        "answer": ANSWER,
        "upstream_id": UPSTREAM_ID,
    }
    Refill.objects.create(status=RefillStatus.REJECTED, **asked)
    Refill.objects.create(status=RefillStatus.UNKNOWN, **asked)
    Cancellation.objects.create(status=CancellationStatus.DECLINED, **asked)
    Cancellation.objects.create(status=CancellationStatus.UNKNOWN, **asked)
    run = SyncRun.objects.create(
        provider=order.provider, started_at=factories.NOW, outcome=SyncOutcome.HELD
    )
    SyncChange.objects.create(
        run=run, kind=ChangeKind.RETIRED, offer=order.offer, before={"rate": COST}, held=True
    )
    history.note(order.pk, EventKind.FLAGGED, factories.NOW, detail=ANSWER)
    history.note(order.pk, EventKind.REFUSED, factories.NOW, detail=ANSWER)


def in_state(order: Order, status: OrderStatus) -> Order:
    Order.objects.filter(pk=order.pk).update(status=status)
    order.status = status
    return order


def addresses(order: Order) -> Iterator[tuple[str, str]]:
    """Every page of the staff's and the customers' faces, by name, about the planted rows."""
    numbers = dict(_numbers(order))
    for name, pattern in named_patterns():
        if not name.startswith(("staff:", "my:")):
            continue
        words = pattern.pattern.converters
        values: dict[str, Any] = {word: ACTS.get(name, "test") for word in words}
        if "number" in words:
            values["number"] = numbers.get(name, order.pk)
        yield name, reverse(name, kwargs=values)


ACTS = {
    "staff:client_money": "take",
    "staff:provider_act": "stop",
    "staff:panel_act": "stop",
}
"""The act in an address that has one."""

ABOUT = {
    "client": "client change_client client_money client_sign_in client_statement client_sheet",
    "service": "service hide_service show_service pause_service resume_service describe_service "
    "accept_cost drop_fixed_price repoint",
    "member": "member change_member member_markup member_link switch_off_member switch_on_member "
    "till drop_from count_for",
    "closing": "confirm_closing",
    "refill": "settle_refill",
    "cancellation": "settle_cancellation",
    "provider": "provider change_provider change_key provider_act sync_runs",
    "run": "sync_run decide_removals",
}
"""What the number in an address of the staff's counts; of all others, orders."""


def _numbers(order: Order) -> Iterator[tuple[str, int]]:
    """The number for each address; 0 where the order has no such row."""
    runs = SyncRun.objects.filter(provider=order.provider_id)
    rows = {
        "client": order.customer_id,
        "service": order.service_id,
        "member": _staff(order),
        "closing": _closing(order),
        "refill": _latest(order.refills),
        "cancellation": _latest(order.cancellations),
        "provider": order.provider_id,
        "run": _latest(runs),
    }
    for kind, names in ABOUT.items():
        for name in names.split():
            yield f"staff:{name}", rows[kind]


def _latest(rows: Any) -> int:
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


def _staff(order: Order) -> int:
    """The member who placed it; 0 when a customer did."""
    return Staff.objects.filter(user=order.placed_by_id).values_list("pk", flat=True).first() or 0


def _closing(order: Order) -> int:
    return _latest(TillClosing.objects.filter(staff=_staff(order)))


def told_by(response: Any) -> str:
    """The page and all that its template was given, as text."""
    return words_of(response) + " " + " ".join(str(value) for value in reachable(response))


def words_of(response: Any) -> str:
    """The page as markup and as text: money is split by a tag within its figures."""
    html = response.getvalue().decode()
    return html + " " + strip_tags(html)


@dataclass(frozen=True)
class Visit:
    """One address, opened."""

    name: str
    url: str
    response: Any

    @property
    def status(self) -> int:
        return int(self.response.status_code)

    def tells(self, secrets: Sequence[str]) -> list[str]:
        """Which of these the page, or what its template was given, holds."""
        if self.status != 200:
            return [secret for secret in secrets if secret in words_of(self.response)]
        told = told_by(self.response)
        return [secret for secret in secrets if secret in told]


Addresses = Callable[[Order], Iterator[tuple[str, str]]]


def visit(person: User | None, order: Order, found: Addresses = addresses) -> Iterator[Visit]:
    """Every address of the site, as this person (None: nobody) opens it; none may break."""
    browser = Client()
    if person is not None:
        browser.force_login(person)
    for name, url in found(order):
        response = browser.get(url)
        assert response.status_code < 500, url
        yield Visit(name, url, response)


def asked_about(order: Order) -> Iterator[tuple[str, str]]:
    """Addresses that say in their query which rows they are about."""
    new_order = reverse("staff:new_order")
    yield "staff:new_order", f"{new_order}?client={order.customer_id}&service={order.service_id}"
    yield "staff:new_order", f"{new_order}?placed={order.pk}"
    yield "staff:choose", f"{reverse('staff:choose')}?provider={order.provider_id}"
    for kind in ("rises", "removals"):
        yield "staff:decisions", f"{reverse('staff:decisions')}?kind={kind}"
    for tab in ("lost", "declined"):
        yield "staff:refills", f"{reverse('staff:refills')}?tab={tab}"
        yield "staff:cancellations", f"{reverse('staff:cancellations')}?tab={tab}"


# ── Customers ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", LIVES)
def test_the_owner_of_an_order_reads_nothing_of_what_it_cost(
    status: OrderStatus, planted: Order, casa: Customer
) -> None:
    opened = set()
    for page in visit(casa.user, in_state(planted, status)):
        assert not page.tells(SECRETS), page.name
        if page.status == 200:
            opened.add(page.name)
    assert opened == {"my:orders", "my:order"}


def test_a_customers_templates_are_given_no_row_that_holds_a_cost(
    planted: Order, casa: Customer
) -> None:
    for page in visit(casa.user, planted):
        for value in reachable(page.response):
            assert not isinstance(value, BEARERS), f"{type(value).__name__} in {page.name}"


def test_no_staff_page_opens_for_a_customer(planted: Order, casa: Customer) -> None:
    for page in visit(casa.user, planted):
        if page.name.startswith("staff:"):
            assert page.status == 403, page.name


def test_another_customer_finds_nothing_of_it(planted: Order) -> None:
    other = factories.customer("Somebody Else", signs_in=True)
    for page in visit(other.user, planted):
        refused = 403 if page.name.startswith("staff:") else 404
        expected = {"my:orders": 200, "my:cancel_order": 405, "my:refill_order": 405}
        assert page.status == expected.get(page.name, refused), page.name
        assert not page.tells([*SECRETS, LINK, "Casa Verde"]), page.name


@pytest.mark.parametrize("name", ["my:cancel_order", "my:refill_order"])
def test_another_customer_can_ask_for_nothing(name: str, planted: Order) -> None:
    other = factories.customer("Somebody Else", signs_in=True)
    assert other.user is not None
    browser = Client()
    browser.force_login(other.user)
    assert browser.post(reverse(name, args=[planted.pk])).status_code == 404


def test_strangers_are_sent_to_the_sign_in(planted: Order) -> None:
    for page in visit(None, planted):
        assert page.status == 302, page.name
        assert page.response["Location"].startswith("/account/login/"), page.name


@pytest.mark.parametrize("status", OrderStatus.values)
def test_a_tracking_address_tells_nothing_of_cost_provider_client_or_link(
    status: OrderStatus, planted: Order, mira: Staff
) -> None:
    Customer.objects.filter(pk=planted.customer_id).update(phone="34911222333")
    made = tracking.make(in_state(planted, status), by=mira.user, now=factories.NOW)
    url = reverse("tracking", args=[tracking.key_of(made)])
    for person in (None, planted.customer.user, mira.user):
        browser = Client()
        if person is not None:
            browser.force_login(person)
        page = Visit("tracking", url, browser.get(url))
        assert page.status == 200
        shown = words_of(page.response)
        theirs = (LINK, "Casa Verde", "34911222333", "Mira Kovač")
        assert not [secret for secret in (*SECRETS, *theirs) if secret in shown]
        if person is None:
            assert not page.tells([*SECRETS, *theirs])
            values = reachable(page.response)
            assert not [value for value in values if isinstance(value, (*BEARERS, Customer))]


# ── Staff ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("decides", [False, True])
@pytest.mark.parametrize("status", LIVES)
def test_staff_without_the_switch_are_told_no_cost_and_no_provider(
    status: OrderStatus, decides: bool, planted: Order, mira: Staff
) -> None:
    Staff.objects.filter(pk=mira.pk).update(decides_reviews=decides)
    opened = 0
    for page in visit(mira.user, in_state(planted, status)):
        assert not page.tells(COSTS), page.name
        opened += page.status == 200
    assert opened >= 8


def test_what_an_address_asks_for_shows_no_cost_and_nothing_of_the_clients_of_others(
    planted: Order, mira: Staff
) -> None:
    tom = factories.staff("Tom Adeyemi", sees_cost=True, decides_reviews=True)
    for member, hidden in ((mira, COSTS), (tom, ("Casa Verde", LINK, UPSTREAM_ID))):
        for page in visit(member.user, planted, asked_about):
            shown = words_of(page.response)
            assert not [secret for secret in hidden if secret in shown], page.url


def test_staff_with_the_switch_see_the_cost_on_the_order(planted: Order, mira: Staff) -> None:
    Staff.objects.filter(pk=mira.pk).update(sees_cost=True)
    shown = {page.name: page for page in visit(mira.user, planted)}["staff:order"]

    assert shown.tells(COSTS) == [COST, CHARGE, PROVIDER, UPSTREAM_ID, ANSWER]


def test_staff_without_all_customers_find_nothing_of_the_clients_of_others(
    planted: Order,
) -> None:
    tom = factories.staff("Tom Adeyemi", sees_cost=True, decides_reviews=True)
    theirs = ["Casa Verde", LINK, UPSTREAM_ID]
    for page in visit(tom.user, planted):
        assert not page.tells(theirs), page.name
        if page.name in ("staff:order", "staff:case", "staff:decide_together", "staff:client"):
            assert page.status == 404, page.name


def test_staff_with_all_customers_find_them(planted: Order) -> None:
    tom = factories.staff("Tom Adeyemi", sees_all_customers=True)
    found = {page.name: page for page in visit(tom.user, planted)}

    assert found["staff:order"].status == 200
    assert found["staff:orders"].tells(["Casa Verde"])


def test_only_admins_open_the_providers(planted: Order) -> None:
    everything = {"sees_all_customers": True, "sees_cost": True, "decides_reviews": True}
    for member, status in ((factories.staff(**everything), 403), (factories.admin(), 200)):
        for page in visit(member.user, planted):
            if page.name in ("staff:providers", "staff:provider", "staff:new_provider"):
                assert page.status == status, page.name


def test_the_key_is_told_to_nobody_not_even_the_owner_of_the_house(planted: Order) -> None:
    for member in (factories.admin(), factories.owner()):
        for page in visit(member.user, planted):
            assert not page.tells([factories.KEY]), page.name


def test_a_person_who_was_switched_off_is_nobody(planted: Order, mira: Staff) -> None:
    User.objects.filter(pk=mira.user_id).update(is_active=False)
    for page in visit(mira.user, planted):
        assert page.status == 302, page.name
