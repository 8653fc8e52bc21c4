"""What each kind of person may open and what never reaches them, over every address of the site."""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from orders import history, mass_orders, tracking
from orders.enums import (
    CancellationStatus,
    ChangeKind,
    EventKind,
    OrderStatus,
    PauseReason,
    RefillStatus,
    SubmissionOutcome,
    SyncOutcome,
)
from orders.models import (
    ApiKey,
    Cancellation,
    Customer,
    Family,
    ImportFile,
    Invitation,
    MassOrder,
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
    TopUp,
    User,
)
from tests.support import factories
from tests.support.collecting import a_few_on_sqlite
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

VISITED = a_few_on_sqlite(LIVES, LIVES[2:4])


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
        runs=2,
        quantity=500,
        flag=f"{PROVIDER} answered in another currency",
        hold_detail=f"Cost rose {COST} → {CHARGE}",
        finished_at=factories.NOW,
    )
    _tell(order)
    _type_many(order)
    return order


def _type_many(order: Order) -> None:
    """Lines that the client placed at once: one waits, one lies on the link of the order, and one
    is of a service that is paused for its cost."""
    by = order.customer.user
    assert by is not None
    service, paused = order.service_id, factories.service(factories.offer(order.provider)).pk
    lines = f"{service}|@many|10\n{service}|{LINK}|10\n{paused}|@many|10\n{paused}|@b|1"
    Service.objects.filter(pk=paused).update(
        pause=PauseReason.COST_ROSE, paused_at=factories.NOW, pause_detail=f"{PROVIDER}: {COST}"
    )
    draft = mass_orders.keep(order.customer, lines, by=by, now=factories.NOW)
    source = mass_orders.read(draft.text)
    seen = mass_orders.check(draft.customer, source, by=by).fingerprint
    mass_orders.confirm(draft, seen, by=by, now=factories.NOW)


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
    Family.objects.create(order=order, word=ANSWER[:60], said_at=factories.NOW)
    factories.child(
        order,
        1,
        upstream_id=f"{UPSTREAM_ID}1",
        upstream_status=ANSWER[:60],
        charge_upstream=Decimal(CHARGE),
        flag=f"{PROVIDER} says “{ANSWER}”"[:200],
    )
    Refill.objects.create(status=RefillStatus.REJECTED, **asked)
    lost = asked | {"upstream_id": f"{UPSTREAM_ID}0"}
    Refill.objects.create(status=RefillStatus.UNKNOWN, **lost)
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
        if name == "my:new_order":
            yield name, f"{reverse(name)}?service={order.service_id}"
            yield name, f"{reverse(name)}?again={order.pk}"


ACTS = {
    "staff:client_money": "take",
    "staff:provider_act": "stop",
    "staff:panel_act": "stop",
}
"""The act in an address that has one."""

ABOUT = {
    "client": "client change_client client_money client_sign_in client_statement client_sheet",
    "service": "service hide_service show_service pause_service resume_service describe_service "
    "accept_cost drop_fixed_price fallback repoint move_service explain_price set_refill_window "
    "my:star_service",
    "category": "shelf move_shelf",
    "member": "member change_member member_markup member_bounds member_clients member_link "
    "switch_off_member switch_on_member till drop_from count_for",
    "closing": "confirm_closing",
    "refill": "settle_refill correct_refill",
    "cancellation": "settle_cancellation",
    "provider": "provider change_provider change_key provider_act sync_runs record_top_up "
    "undo_top_up reconciliation_account reconciliation_sheet",
    "run": "sync_run decide_removals",
    "invitation": "revoke_invitation",
    "top_up": "top_up approve_top_up decline_top_up top_up_proof",
    "way": "payment_method payment_secrets",
    "key": "revoke_client_key",
    "file": "moving_in_file moving_in_results stop_moving_in",
    "mass_order": "mass_order mass_order_sheet my:mass_order my:mass_order_sheet",
}
"""What the number in an address counts, of the staff's unless it says so; of all others, orders."""


def _numbers(order: Order) -> Iterator[tuple[str, int]]:
    """The number for each address; 0 where the order has no such row."""
    runs = SyncRun.objects.filter(provider=order.provider_id)
    top_ups = TopUp.objects.filter(customer=order.customer_id)
    rows = {
        "client": order.customer_id,
        "service": order.service_id,
        "category": order.service.category_id,
        "member": _staff(order),
        "closing": _closing(order),
        "refill": _latest(order.refills),
        "cancellation": _latest(order.cancellations),
        "provider": order.provider_id,
        "run": _latest(runs),
        "invitation": _latest(Invitation.objects),
        "top_up": _latest(top_ups),
        "way": top_ups.values_list("method", flat=True).first() or 0,
        "key": _latest(ApiKey.objects.filter(customer=order.customer_id)),
        "file": _latest(ImportFile.objects),
        "mass_order": _latest(MassOrder.objects.filter(customer=order.customer_id)),
    }
    for kind, names in ABOUT.items():
        for name in names.split():
            yield name if ":" in name else f"staff:{name}", rows[kind]
    for name in ("asked_top_up", "withdraw_top_up"):
        yield f"my:{name}", rows["top_up"]
    yield "my:revoke_key", rows["key"]


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


def visit(
    person: User | None, order: Order, found: Addresses = addresses, *, only: Container[str] = ()
) -> Iterator[Visit]:
    """Every address of the site (or those of `only` these names), as this person (None: nobody)
    opens it; none may break."""
    browser = Client()
    if person is not None:
        browser.force_login(person)
    for name, url in found(order):
        if only and name not in only:
            continue
        response = browser.get(url)
        assert response.status_code < 500, url
        yield Visit(name, url, response)


def visit_in_each_state(person: User, order: Order) -> Iterator[Visit]:
    """Every address, with the order in one state after the other.

    Where the person was refused altogether (403) they stay so, whatever becomes of an order: such a
    page is opened in the first state only.
    """
    refused: set[str] = set()
    for status in VISITED:
        in_state(order, status)
        for page in visit(person, order, lambda order: kept(addresses(order), refused)):
            if page.status == 403:
                refused.add(page.url)
            yield page


def kept(found: Iterator[tuple[str, str]], refused: Container[str]) -> Iterator[tuple[str, str]]:
    return ((name, url) for name, url in found if url not in refused)


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


OWN_LISTS = {
    *("my:new_order", "my:services", "my:wallet", "my:wallet_sheet"),
    *("my:orders", "my:orders_sheet", "my:mass_orders"),
}
"""What every customer reads, each with their own rows."""

FORMS = ("my:cancel_order", "my:refill_order", "my:star_service")

# ── Customers ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_the_owner_of_an_order_reads_nothing_of_what_it_cost(
    planted: Order, casa: Customer
) -> None:
    Service.objects.update(description=f"Real people.\nThe best of {PROVIDER}.")
    opened = set()
    assert casa.user is not None
    for page in visit_in_each_state(casa.user, planted):
        assert not page.tells(SECRETS), f"{page.name}, {planted.status}"
        assert page.status == 403 or not page.name.startswith("staff:"), page.name
        if page.status == 200:
            opened.add(page.name)
    assert opened >= {*OWN_LISTS, "my:order"}
    assert all(name.startswith("my:") for name in opened)


def test_a_customers_templates_are_given_no_row_that_holds_a_cost(
    planted: Order, casa: Customer
) -> None:
    for page in visit(casa.user, planted):
        for value in reachable(page.response):
            assert not isinstance(value, BEARERS), f"{type(value).__name__} in {page.name}"


def test_another_customer_finds_nothing_of_it(planted: Order) -> None:
    other = factories.customer("Somebody Else", signs_in=True)
    for page in visit(other.user, planted):
        about_it = any(part.partition(".")[0].isdecimal() for part in page.url.split("/"))
        allowed = (
            (403,)
            if page.name.startswith("staff:")
            else (404, 405)
            if about_it
            else (200, 302, 405)
        )
        assert page.status in allowed, page.name
        assert not page.tells([*SECRETS, LINK, "Casa Verde"]), page.name


@pytest.mark.parametrize("name", ["my:cancel_order", "my:refill_order", "my:write_message"])
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


@pytest.mark.slow
@pytest.mark.parametrize("decides", [False, True])
def test_staff_without_the_switch_are_told_no_cost_and_no_provider(
    decides: bool, planted: Order, mira: Staff
) -> None:
    Staff.objects.filter(pk=mira.pk).update(decides_reviews=decides)
    opened = 0
    for page in visit_in_each_state(mira.user, planted):
        assert not page.tells(COSTS), f"{page.name}, {planted.status}"
        opened += page.status == 200
    assert opened >= 8 * len(VISITED)


def test_templates_of_staff_without_the_switch_are_given_no_row_that_holds_a_cost(
    planted: Order, mira: Staff
) -> None:
    for found in (addresses, asked_about):
        for page in visit(mira.user, planted, found):
            for value in reachable(page.response):
                assert not isinstance(value, BEARERS), f"{type(value).__name__} in {page.url}"


def test_what_an_address_asks_for_shows_no_cost_and_nothing_of_the_clients_of_others(
    planted: Order, mira: Staff
) -> None:
    tom = factories.staff("Tom Adeyemi", sees_cost=True, decides_reviews=True)
    for member, hidden in ((mira, COSTS), (tom, ("Casa Verde", LINK, UPSTREAM_ID))):
        for page in visit(member.user, planted, asked_about):
            assert not page.tells(hidden), page.url


def test_staff_with_the_switch_see_the_cost_on_the_order(planted: Order, mira: Staff) -> None:
    Staff.objects.filter(pk=mira.pk).update(sees_cost=True)
    (shown,) = visit(mira.user, planted, only=["staff:order"])

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
    found = {
        page.name: page for page in visit(tom.user, planted, only=["staff:order", "staff:orders"])
    }

    assert found["staff:order"].status == 200
    assert found["staff:orders"].tells(["Casa Verde"])


def test_only_admins_open_the_providers(planted: Order) -> None:
    everything = {"sees_all_customers": True, "sees_cost": True, "decides_reviews": True}
    names = ("staff:providers", "staff:provider", "staff:new_provider")
    for member, status in ((factories.staff(**everything), 403), (factories.admin(), 200)):
        opened = {page.name: page.status for page in visit(member.user, planted, only=names)}
        assert opened == dict.fromkeys(names, status)


def test_the_key_is_told_to_nobody_not_even_the_owner_of_the_house(planted: Order) -> None:
    for member in (factories.admin(), factories.owner()):
        for page in visit(member.user, planted):
            assert not page.tells([factories.KEY]), page.name


def test_a_person_who_was_switched_off_is_nobody(planted: Order, mira: Staff) -> None:
    User.objects.filter(pk=mira.user_id).update(is_active=False)
    for page in visit(mira.user, planted):
        assert page.status == 302, page.name
