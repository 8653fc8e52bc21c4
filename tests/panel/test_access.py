"""Who reaches which address of the staff's pages, by GET and by POST, about rows of another member.

Each address has a line in `RULES`; one without fails. A POST of a body that works is sent as every
kind of person: whoever may not is refused and no row of any table changes; whoever may changes
some, which proves that the body was good.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from orders import submission, tills, wallets
from orders.enums import HoldReason, OrderStatus, PauseReason, RefillStatus, SubmissionOutcome
from orders.models import Order, Refill, Service, Staff, Submission, TillClosing, User
from tests.panel.test_privacy import addresses
from tests.support import factories
from tests.support.everything import named_patterns

pytestmark = pytest.mark.django_db

Kinds = frozenset[str]
SWITCHES: dict[str, dict[str, bool]] = {
    "plain": {},
    "all": {"sees_all_customers": True},
    "cost": {"sees_cost": True},
    "decides": {"decides_reviews": True},
    "every switch": {"sees_all_customers": True, "sees_cost": True, "decides_reviews": True},
}
NOBODY: Kinds = frozenset()
OWNER: Kinds = frozenset({"owner"})
ADMINS: Kinds = OWNER | {"admin"}
SIGHT: Kinds = ADMINS | {"all", "every switch"}
DECIDES: Kinds = ADMINS | {"every switch"}
STAFF: Kinds = ADMINS | SWITCHES.keys()
OUTSIDE = ("stranger", "switched off", "customer")
KINDS = (*OUTSIDE, *sorted(STAFF))


@dataclass
class Scene:
    """Mira's client with an order, and whoever else is there."""

    order: Order
    mira: Staff
    admin: Staff
    refill: Refill


Prepare = Callable[[Scene], Any]


def status(status: OrderStatus, **fields: Any) -> Prepare:
    """Bring the order into a state, for the acts that belong to it."""
    return lambda scene: Order.objects.filter(pk=scene.order.pk).update(status=status, **fields)


def service(**fields: Any) -> Prepare:
    return lambda scene: Service.objects.filter(pk=scene.order.service_id).update(**fields)


def held(scene: Scene) -> None:
    status(OrderStatus.WAITING)(scene)
    submission.hold(scene.order, by=scene.admin.user, now=timezone.now(), reason="x")


def lost_refill(scene: Scene) -> None:
    Refill.objects.filter(pk=scene.refill.pk).update(status=RefillStatus.UNKNOWN)


def unconfirmed(scene: Scene) -> None:
    status(OrderStatus.UNCONFIRMED, upstream_id=None)(scene)
    Submission.objects.create(
        order=scene.order,
        provider=scene.order.provider,
        number=1,
        outcome=SubmissionOutcome.UNKNOWN,
        claimed_at=factories.NOW,
        expires_at=factories.NOW,
    )


def mira_is_off(scene: Scene) -> None:
    User.objects.filter(pk=scene.mira.user_id).update(is_active=False)


def mira_left_uncounted(scene: Scene) -> None:
    mira_is_off(scene)
    TillClosing.objects.all().delete()


@dataclass(frozen=True)
class Rule:
    """Who reads a page, whom a POST reaches (None: there is none of the kind), who then acts."""

    reads: Kinds | None
    reached: Kinds | None = None
    body: dict[str, str] = field(default_factory=dict)
    acts: Kinds | None = None
    prepare: Prepare = lambda scene: None

    @property
    def changes(self) -> Kinds:
        """Whose POST changes rows; without a word, all whom it reaches."""
        return (self.reached or NOBODY) if self.acts is None else self.acts


def page(reads: Kinds) -> Rule:
    return Rule(reads)


def act(reached: Kinds, acts: Kinds | None = None, prepare: Prepare = lambda s: None, **body: str):
    return Rule(None, reached, body, acts, prepare)


LIMITS = {"daily_limit": "7", "big_order_limit": "7"}
WHY = {"reason": "x"}
WAITING = status(OrderStatus.WAITING)

RULES = {
    "overview": page(STAFF),
    "orders": page(STAFF),
    "order": page(SIGHT),
    "new_order": Rule(STAFF, STAFF, {"act": "add_client", "new_phone": "+4722410730"}),
    "cancel_order": act(SIGHT, prepare=WAITING),
    "refill_order": act(SIGHT, prepare=status(OrderStatus.COMPLETED)),
    "hold_order": act(SIGHT, prepare=WAITING, **WHY),
    "release_order": act(SIGHT, prepare=held),
    "allow_loss": act(
        SIGHT, ADMINS, status(OrderStatus.WAITING, hold=HoldReason.PRICE), loss="9", **WHY
    ),
    "review": page(STAFF),
    "case": Rule(
        SIGHT,
        SIGHT,
        {"decision": "give_up"} | WHY,
        DECIDES,
        unconfirmed,
    ),
    "refills": page(STAFF),
    "settle_refill": Rule(SIGHT, SIGHT, WHY, prepare=lost_refill),
    "clients": page(STAFF),
    "new_client": Rule(STAFF, STAFF, {"name": "Somebody New"}),
    "client": page(SIGHT),
    "change_client": act(SIGHT, name="Another Name", email="other@casa.example", credit_limit="0"),
    "client_money": act(SIGHT, amount="1", token="t"),
    "client_sign_in": act(SIGHT),
    "client_statement": page(SIGHT),
    "client_sheet": page(SIGHT),
    "services": page(STAFF),
    "service": page(STAFF),
    "hide_service": act(ADMINS, **WHY),
    "show_service": act(ADMINS, prepare=service(is_visible=False), **WHY),
    "pause_service": act(ADMINS, **WHY),
    "resume_service": act(ADMINS, prepare=service(pause=PauseReason.STAFF), **WHY),
    "accept_cost": act(ADMINS, prepare=service(accepted_cost=Decimal("0.1")), rate="1", **WHY),
    "describe_service": act(ADMINS, name="Another Name"),
    "tills": page(STAFF),
    "till": page(ADMINS),
    "drop": act(STAFF, amount="1", token="t"),
    "drop_from": act(ADMINS, amount="1", token="t"),
    "count_till": Rule(STAFF, STAFF, {"counted": "5"}),
    "count_for": act(ADMINS, prepare=mira_left_uncounted, counted="4"),
    "confirm_closing": act(ADMINS),
    "people": page(ADMINS),
    "new_member": Rule(ADMINS, ADMINS, {"name": "New", "email": "new@house.example"} | LIMITS),
    "member": page(ADMINS),
    "change_member": act(ADMINS, **LIMITS),
    "member_markup": act(ADMINS, value="44", kind="percent"),
    "switch_off_member": act(ADMINS),
    "switch_on_member": act(ADMINS, prepare=mira_is_off),
    "member_link": act(ADMINS),
    "providers": page(ADMINS),
    "new_provider": Rule(ADMINS, ADMINS, acts=NOBODY),
    "provider": page(ADMINS),
    "change_provider": act(
        ADMINS,
        exchange_rate="1",
        factor="1.01",
        batch_size="50",
        requests_per_second="1",
        requests_at_once="1",
        total_timeout="30",
        drip_limit="per_run",
    ),
    "change_key": act(ADMINS, NOBODY),  # the owner's, after a call that answers: tests of its own
    "provider_act": act(ADMINS, switch="not_sent", reason="x"),
    "components": page(STAFF),
}

ABOUT_A_CLIENT = frozenset(
    name for name, rule in RULES.items() if SIGHT in (rule.reads, rule.reached)
)
"""Of these nobody is told whether the number exists: 404, not 403."""


def test_every_address_of_the_staff_has_a_rule() -> None:
    names = {name for name, _ in named_patterns()}
    staff = {name.removeprefix("staff:") for name in names if name.startswith("staff:")}
    assert staff == RULES.keys()


@pytest.fixture
def scene() -> Scene:
    mira, admin = factories.staff("Mira Kovač"), factories.admin("Olga Other")
    casa = factories.customer("Casa Verde", balance="50", signs_in=True, manager=mira)
    order = factories.order(
        casa, by=mira.user, status=OrderStatus.IN_PROGRESS, finished_at=timezone.now()
    )
    refill = Refill.objects.create(
        status=RefillStatus.REJECTED,
        order=order,
        provider=order.provider,
        asked_by=mira.user,
        asked_at=factories.NOW,
        changed_at=factories.NOW,
    )
    wallets.take_cash(casa, Decimal(5), by=mira.user, now=timezone.now())
    tills.count_till(mira, Decimal(4), by=mira.user, now=timezone.now())
    return Scene(order, mira, admin, refill)


def somebody(kind: str) -> User | None:
    """The person of a kind, with cash in the till of whoever has one."""
    if kind == "stranger":
        return None
    if kind == "customer":
        return factories.customer("Somebody Else", signs_in=True).user
    if kind == "switched off":
        return factories.staff("Gone").user
    makers: dict[str, Callable[[], Staff]] = {"admin": factories.admin, "owner": factories.owner}
    member = makers[kind]() if kind in makers else factories.staff("Tom", **SWITCHES[kind])
    own = factories.customer("Of their own", manager=member)
    wallets.take_cash(own, Decimal(10), by=member.user, now=timezone.now())
    return member.user


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def rows() -> dict[str, list[str]]:
    """Every row of every table of ours."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_app_config("orders").get_models():
            table = model._meta.db_table
            cursor.execute(f"SELECT * FROM {table}")
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def refusal(kind: str, name: str) -> int:
    """The status of an answer to somebody who may not."""
    if kind in ("stranger", "switched off"):
        return 302
    return 404 if kind != "customer" and name in ABOUT_A_CLIENT else 403


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_person_reaches_what_is_theirs_and_changes_nothing_else(
    kind: str, scene: Scene
) -> None:
    person, browser = somebody(kind), Client()
    if person is not None:
        browser.force_login(person)
    if kind == "switched off":
        User.objects.filter(email=getattr(person, "email", "")).update(is_active=False)
    addressed = addresses(scene.order)
    for full, url in [(name, url) for name, url in addressed if name.startswith("staff:")]:
        name = full.removeprefix("staff:")
        url = url.replace("/test/", "/stop/" if name == "provider_act" else "/take/")
        _reads(browser, kind, name, url, scene)
        _posts(browser, kind, name, url, scene)


def _reads(browser: Client, kind: str, name: str, url: str, scene: Scene) -> None:
    rule = RULES[name]
    with undone():
        rule.prepare(scene)
        before = rows()
        answer = browser.get(url)
        told = f"GET {url} as {kind}: {answer.status_code}"
        assert rows() == before, told
    if rule.reads is None:
        assert answer.status_code == (405 if kind in (rule.reached or ()) else answer.status_code)
        assert answer.status_code in (302, 403, 405), told
    elif kind in rule.reads:
        assert answer.status_code == 200, told
    else:
        assert answer.status_code == refusal(kind, name), told


def _posts(browser: Client, kind: str, name: str, url: str, scene: Scene) -> None:
    rule = RULES[name]
    with undone():
        rule.prepare(scene)
        before = rows()
        answer = browser.post(url, rule.body)
        changed = [table for table, found in rows().items() if found != before[table]]
    told = f"POST {url} as {kind}: {answer.status_code}, changed {changed}"
    assert bool(changed) == (kind in rule.changes), told
    if rule.reached is None:
        assert answer.status_code < 500, told
    elif kind in rule.reached:
        assert answer.status_code in (200, 302, 422), told
    else:
        assert answer.status_code == refusal(kind, name), told
