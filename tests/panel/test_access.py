"""Who reaches which address of the panel, by GET and by POST, about rows of another member.

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
from django.urls import reverse
from django.utils import timezone

from orders import first_run, submission, tills, tracking, wallets
from orders.connections import Trial
from orders.enums import (
    CancellationStatus,
    ChangeKind,
    HoldReason,
    MarkupKind,
    OrderStatus,
    PauseReason,
    PriceLevel,
    RefillStatus,
    SubmissionOutcome,
    SyncOutcome,
    Tier,
)
from orders.models import (
    Cancellation,
    MarkupRule,
    Offer,
    Order,
    Refill,
    Service,
    Staff,
    Submission,
    SyncChange,
    SyncRun,
    TillClosing,
    User,
)
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
SIGNED_OUT = ("stranger", "switched off")
BUYER: Kinds = frozenset({"buyer"})
CUSTOMERS: Kinds = BUYER | {"customer"}
KINDS = (*SIGNED_OUT, *sorted(CUSTOMERS), *sorted(STAFF))
"""The buyer's order it is; the customer is another one."""
EVERYBODY: Kinds = frozenset(KINDS)


@dataclass
class Scene:
    """Mira's client with an order, and whoever and whatever else is there."""

    order: Order
    tracked: Order
    """Another one of the client's, with a tracking address."""
    mira: Staff
    admin: Staff
    refill: Refill
    cancellation: Cancellation
    run: SyncRun
    """It holds the removal of what the order was bought from."""
    spare: Offer


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


def lost_cancellation(scene: Scene) -> None:
    Cancellation.objects.filter(pk=scene.cancellation.pk).update(status=CancellationStatus.UNKNOWN)


def tracked(scene: Scene) -> None:
    tracking.make(scene.order, by=scene.admin.user, now=timezone.now())


def fixed_price(scene: Scene) -> None:
    MarkupRule.objects.create(
        level=PriceLevel.SERVICE,
        service=scene.order.service,
        kind=MarkupKind.FIXED_RATE,
        value=Decimal(2),
        set_at=factories.NOW,
    )


def owned(scene: Scene) -> None:
    if first_run.awaits_owner():
        factories.owner()


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
    """Who reads a page, whom a POST reaches (None: there is none of the kind), who then acts.

    `body` may name what is in the scene: "{scene.order.pk}". `answers` is what readers get.
    """

    reads: Kinds | None
    reached: Kinds | None = None
    body: dict[str, str] = field(default_factory=dict)
    acts: Kinds | None = None
    prepare: Prepare = lambda scene: None
    answers: int = 200

    def said(self, scene: Scene) -> dict[str, str]:
        return {name: value.format(scene=scene) for name, value in self.body.items()}

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
LATE = status(OrderStatus.IN_PROGRESS, tier=Tier.OLD)
THIS = {"order": "{scene.order.pk}"}
RISEN = service(pause=PauseReason.COST_ROSE, accepted_cost=Decimal("0.1"))
RISE = {"service": "{scene.order.service_id}", "seen_at": "2100-01-01T00:00:00Z"}
TICKED = {"service": "{scene.order.service_id}"}
OWNERS = {"name": "N", "email": "new@house.example", "password": factories.PASSWORD}
PROVIDER = {"name": "New", "url": "https://new.example/api", "key": "k" * 20, "factor": "1"}

RULES = {
    "home": Rule(EVERYBODY, answers=302),
    "setup": Rule(
        EVERYBODY,
        body=OWNERS | {"code": first_run.setup_code()},
        prepare=owned,
        answers=302,
    ),
    "tracking": page(EVERYBODY),
    "my:orders": page(CUSTOMERS),
    "my:order": page(BUYER),
    "my:cancel_order": act(BUYER, prepare=WAITING),
    "my:refill_order": act(BUYER, prepare=status(OrderStatus.COMPLETED)),
    "overview": page(STAFF),
    "orders": page(STAFF),
    "order": page(SIGHT),
    "new_order": Rule(STAFF, STAFF, {"act": "add_client", "new_phone": "+4722410730"}),
    "new_order/for the client": Rule(
        STAFF,
        SIGHT,
        {
            "act": "place",
            "client": "{scene.order.customer_id}",
            "service": "{scene.order.service_id}",
            "f-link": "https://instagram.com/another",
            "f-quantity": "1000",
            "expected_price": "1.30",
        },
    ),
    "bulk_orders": act(STAFF, SIGHT, WAITING, act="cancel", **THIS),
    "bulk_orders/refill": act(STAFF, SIGHT, status(OrderStatus.COMPLETED), act="refill", **THIS),
    "bulk_orders/asked": act(STAFF, SIGHT, LATE, act="asked", **THIS),
    "note_order": act(SIGHT, text="x"),
    "track_order": act(SIGHT),
    "stop_tracking": act(SIGHT, prepare=tracked),
    "track_anew": act(SIGHT, prepare=tracked),
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
    "decide_together": Rule(
        SIGHT,
        SIGHT,
        {"decision": "give_up", "case": "{scene.order.pk}"} | WHY,
        DECIDES,
        unconfirmed,
    ),
    "cancellations": page(STAFF),
    "settle_cancellation": Rule(SIGHT, SIGHT, {"arrived": "no"} | WHY, prepare=lost_cancellation),
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
    "decisions": page(ADMINS),
    "decide_costs": act(ADMINS, prepare=RISEN, act="accept", **RISE, **WHY),
    "decide_costs/all": act(ADMINS, prepare=RISEN, act="accept_all", **RISE),
    "decide_costs/keep": act(ADMINS, prepare=RISEN, act="keep", **RISE, **WHY),
    "decide_removals": act(ADMINS, act="release"),
    "decide_removals/keep": act(ADMINS, act="dismiss"),
    "drop_fixed_price": act(ADMINS, prepare=fixed_price, **WHY),
    "choose": page(ADMINS),
    "choose_set": act(ADMINS, act="hide", **TICKED),
    "choose_set/all": act(ADMINS, act="hide", scope="all", total="1"),
    "repoint": Rule(ADMINS, ADMINS, {"offer": "{scene.spare.pk}", "rate": "1"} | WHY),
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
    "new_provider": Rule(ADMINS, ADMINS, PROVIDER),
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
    "change_key": act(ADMINS, OWNER, key="k" * 20),
    "provider_act": act(ADMINS, switch="not_sent", reason="x"),
    "panel_act": act(ADMINS, switch="not_sent", reason="x"),
    "sync_runs": page(ADMINS),
    "sync_run": page(ADMINS),
    "staff:setup": Rule(ADMINS, answers=302),
    "setup_panel": Rule(
        ADMINS, ADMINS, {"name": "Another Name", "currency": "USD", "time_zone": "UTC"}
    ),
    "setup_provider": Rule(ADMINS, ADMINS, PROVIDER),
    "setup_trial": act(ADMINS, NOBODY, **PROVIDER),  # it asks, and keeps nothing
    "setup_catalog": Rule(ADMINS, ADMINS, acts=NOBODY),  # a worker does it
    "setup_prices": Rule(ADMINS, ADMINS, {"markup": "44", "floor": "6"}),
    "setup_staff": Rule(ADMINS, ADMINS, {"name": "New", "email": "new@house.example"} | LIMITS),
    "setup_staff/alone": Rule(ADMINS, ADMINS, {"act": "alone"}),
    "setup_order": Rule(ADMINS, ADMINS, {"name": "Somebody New", "phone": "+4722410731"}),
    "setup_done": page(ADMINS),
    "components": page(STAFF),
}

THEIRS = (SIGHT, BUYER)
ABOUT_A_CLIENT = frozenset(
    name for name, rule in RULES.items() if rule.reads in THEIRS or rule.reached in THEIRS
)
"""Of these nobody is told whether the number exists: 404, not 403."""

NOT_OURS = ("account_", "mfa_", "admin:")
"""The sign-in and the raw-data window: their own packages' pages."""


def address_of(rule: str) -> str:
    """The name of the address that a rule is about; what follows a slash is another act there."""
    name = rule.split("/")[0]
    elsewhere = name in ("home", "setup", "tracking") or ":" in name
    return name if elsewhere else f"staff:{name}"


def test_every_address_has_a_rule() -> None:
    names = {name for name, _ in named_patterns() if not name.startswith(NOT_OURS)}
    assert names == {address_of(rule) for rule in RULES}


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
    tracked = factories.order(casa, order.service, by=mira.user, status=OrderStatus.IN_PROGRESS)
    tracking.make(tracked, by=mira.user, now=timezone.now())
    wallets.take_cash(casa, Decimal(5), by=mira.user, now=timezone.now())
    tills.count_till(mira, Decimal(4), by=mira.user, now=timezone.now())
    spare = factories.offer(order.provider)
    return Scene(order, tracked, mira, admin, refill, declined(order), held_run(order), spare)


def declined(order: Order) -> Cancellation:
    return Cancellation.objects.create(
        status=CancellationStatus.DECLINED,
        order=order,
        provider=order.provider,
        asked_by=order.placed_by,
        asked_at=factories.NOW,
        changed_at=factories.NOW,
    )


def held_run(order: Order) -> SyncRun:
    run = SyncRun.objects.create(
        provider=order.provider,
        started_at=factories.NOW,
        outcome=SyncOutcome.HELD,
        held_removals=1,
    )
    SyncChange.objects.create(run=run, kind=ChangeKind.RETIRED, offer=order.offer, held=True)
    return run


@pytest.fixture(autouse=True)
def answering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every provider answers a trial call."""
    monkeypatch.setattr("orders.providers.ask", lambda account: Trial(True, "It answered."))


def somebody(kind: str, scene: Scene) -> User | None:
    """The person of a kind, with cash in the till of whoever has one."""
    if kind == "stranger":
        return None
    if kind == "buyer":
        return scene.order.customer.user
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
    if kind in SIGNED_OUT:
        return 302
    in_their_face = (kind in CUSTOMERS) == name.startswith("my:")
    return 404 if in_their_face and name in ABOUT_A_CLIENT else 403


def urls(scene: Scene) -> dict[str, str]:
    """Every address of the panel by its name, about what is in the scene."""
    found = dict(addresses(scene.order))
    address = tracking.address_of(scene.tracked)
    assert address is not None
    found["tracking"] = reverse("tracking", args=[tracking.key_of(address)])
    return found | {name: reverse(name) for name in ("home", "setup")}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_person_reaches_what_is_theirs_and_changes_nothing_else(
    kind: str, scene: Scene
) -> None:
    person, browser, addressed = somebody(kind, scene), Client(), urls(scene)
    if person is not None:
        browser.force_login(person)
    if kind == "switched off":
        User.objects.filter(email=getattr(person, "email", "")).update(is_active=False)
    for name in RULES:
        url = addressed[address_of(name)]
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
        assert answer.status_code == rule.answers, told
    else:
        assert answer.status_code == refusal(kind, name), told


def _posts(browser: Client, kind: str, name: str, url: str, scene: Scene) -> None:
    rule = RULES[name]
    with undone():
        rule.prepare(scene)
        before = rows()
        answer = browser.post(url, rule.said(scene))
        changed = [table for table, found in rows().items() if found != before[table]]
    told = f"POST {name} {url} as {kind}: {answer.status_code}, changed {changed}"
    assert bool(changed) == (kind in rule.changes), told
    if rule.reached is None:
        assert answer.status_code < 500, told
    elif kind in rule.reached:
        assert answer.status_code in (200, 302, 422), told
    else:
        assert answer.status_code == refusal(kind, name), told
