"""Who reaches which address of the panel, by GET and by POST, about rows of another member.

Each address has a line in `RULES`; one without fails. A POST of a body that works is sent as every
kind of person: whoever may not is refused and no row of any table changes; whoever may changes
some, which proves that the body was good.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from orders import (
    alerts,
    api_keys,
    first_run,
    invitations,
    leaving,
    logo,
    mass_orders,
    messages,
    moving_in,
    reconcile,
    rules,
    submission,
    tills,
    tracking,
    wallets,
)
from orders.connections import Trial
from orders.enums import (
    CancellationStatus,
    ChangeKind,
    HoldReason,
    ImportKind,
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
    Category,
    Customer,
    ImportFile,
    MarkupRule,
    MassLine,
    MassOrder,
    Movement,
    Offer,
    Order,
    PaymentMethod,
    Refill,
    Service,
    Staff,
    Submission,
    SyncChange,
    SyncRun,
    TillClosing,
    TopUp,
    TopUpProof,
    User,
)
from tests.panel.test_privacy import addresses
from tests.support import factories, pictures
from tests.support.collecting import a_few_on_sqlite
from tests.support.everything import named_patterns
from tests.support.written import TABLES, Written, writing

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
COST: Kinds = ADMINS | {"cost", "every switch"}
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
    top_up: TopUp
    spare: Offer
    invitation_key: str
    """Of an invitation that the admin made."""
    file: ImportFile
    movement: Movement | None = None
    seen: str = ""
    """The fingerprint of what was shown before a form was pressed."""

    @property
    def next_order(self) -> int:
        """A number that no order has been given yet."""
        return moving_in.next_order_number() + 500

    @property
    def fingerprint(self) -> str:
        """Of what the file would do at this moment."""
        return moving_in.preview(self.file, by=self.admin.user).fingerprint


PICTURE = pictures.png()

Prepare = Callable[[Scene], Any]


def nothing(scene: Scene) -> None:
    """For what needs no preparation."""


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


def numbered_refill(scene: Scene) -> None:
    numbered = {"status": RefillStatus.PENDING, "upstream_id": "r-1"}
    Refill.objects.filter(pk=scene.refill.pk).update(**numbered)


def begun_file(scene: Scene) -> None:
    moving_in.start(scene.file, None, by=scene.admin.user, now=timezone.now())


def lost_cancellation(scene: Scene) -> None:
    Cancellation.objects.filter(pk=scene.cancellation.pk).update(status=CancellationStatus.UNKNOWN)


def tracked(scene: Scene) -> None:
    tracking.make(scene.order, by=scene.admin.user, now=timezone.now())


def asked(scene: Scene) -> None:
    buyer = scene.order.customer.user
    assert buyer is not None
    messages.write(scene.order, "When?", by=buyer, now=timezone.now())


def checkout(scene: Scene) -> None:
    PaymentMethod.objects.filter(pk=scene.top_up.method_id).update(kind="checkout")


def fixed_price(scene: Scene) -> None:
    MarkupRule.objects.create(
        level=PriceLevel.SERVICE,
        service=scene.order.service,
        kind=MarkupKind.FIXED_RATE,
        value=Decimal(2),
        set_at=factories.NOW,
    )


def two_shelves(scene: Scene) -> None:
    Category.objects.create(name="Another shelf", position=9_999)


def two_on_a_shelf(scene: Scene) -> None:
    factories.service(category=scene.order.service.category)


def webhook_kept(scene: Scene) -> None:
    alerts.set_webhook("https://hooks.example/x", "slack", by=None, now=factories.NOW)


def pictured(scene: Scene) -> None:
    logo.set_logo(PICTURE, by=None, now=factories.NOW)


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


def topped_up(scene: Scene) -> None:
    scene.movement = reconcile.record_top_up(
        scene.order.provider,
        Decimal(900),
        timezone.now(),
        by=scene.admin.user,
        now=timezone.now(),
        token="known",
    )


def prices_looked_at(scene: Scene) -> None:
    change = rules.MarkupChange(rules.Scope(PriceLevel.PANEL), MarkupKind.PERCENT, Decimal(44))
    scene.seen = rules.preview([change]).fingerprint


def prices_changed(scene: Scene) -> None:
    now = timezone.now()
    rules.set_markup(PriceLevel.PANEL, MarkupKind.PERCENT, Decimal(55), None, now, "Dearer")
    last = rules.last_change()
    assert last is not None
    scene.seen = rules.preview(last.undoing).fingerprint


def mira_is_off(scene: Scene) -> None:
    User.objects.filter(pk=scene.mira.user_id).update(is_active=False)


def markup_seen(scene: Scene) -> None:
    scope = rules.Scope(PriceLevel.STAFF, staff=scene.mira.pk)
    change = rules.MarkupChange(scope, MarkupKind.PERCENT, Decimal(44))
    scene.seen = rules.preview([change]).fingerprint


def bounds_seen(scene: Scene) -> None:
    scope = rules.Scope(PriceLevel.STAFF, staff=scene.mira.pk)
    change = rules.BoundChange(scope, Decimal(6), Decimal(90))
    scene.seen = rules.preview([change]).fingerprint


def handing_seen(scene: Scene) -> None:
    theirs = Customer.objects.filter(pk=scene.order.customer_id)
    scene.seen = rules.handing(theirs, scene.admin.pk).fingerprint


def leaving_seen(scene: Scene) -> None:
    TillClosing.objects.all().delete()
    if held := tills.held(scene.mira):
        by, now = scene.admin.user, timezone.now()
        tills.drop(scene.mira, held, by=by, now=now, reference="before she leaves")
    scene.seen = leaving.Leaving(scene.mira, None, timezone.now()).fingerprint


def mass_order_typed(scene: Scene) -> None:
    """The client's own lines, as they were before somebody confirmed them."""
    MassLine.objects.all().delete()
    draft = MassOrder.objects.select_related("customer__wallet", "made_by").get()
    draft.confirmed_at, draft.text = None, f"{scene.order.service_id}|@many|10"
    draft.save()
    source = mass_orders.read(draft.text)
    scene.seen = mass_orders.check(draft.customer, source, by=draft.made_by).fingerprint


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
    prepare: Prepare = nothing
    answers: int = 200
    files: dict[str, bytes] = field(default_factory=dict)

    def said(self, scene: Scene) -> dict[str, Any]:
        body = {name: value.format(scene=scene) for name, value in self.body.items()}
        files = {name: SimpleUploadedFile("a.csv", sent) for name, sent in self.files.items()}
        return body | files

    @property
    def changes(self) -> Kinds:
        """Whose POST changes rows; without a word, all whom it reaches."""
        return (self.reached or NOBODY) if self.acts is None else self.acts


def page(reads: Kinds) -> Rule:
    return Rule(reads)


def act(reached: Kinds, acts: Kinds | None = None, prepare: Prepare = nothing, **body: str):
    return Rule(None, reached, body, acts, prepare)


LIMITS = {"daily_limit": "7", "big_order_limit": "7"}
WHY = {"reason": "x"}
SEEN = WHY | {"seen": "{scene.seen}"}
WAITING = status(OrderStatus.WAITING)
LATE = status(OrderStatus.IN_PROGRESS, tier=Tier.OLD)
THIS = {"order": "{scene.order.pk}"}
RISEN = service(pause=PauseReason.COST_ROSE, accepted_cost=Decimal("0.1"))
RISE = {"service": "{scene.order.service_id}", "seen_at": "2100-01-01T00:00:00Z"}
TICKED = {"service": "{scene.order.service_id}"}
MOVED = {"move": "{scene.order.service_id}:{scene.spare.pk}:1:{scene.order.offer_id}"}
OWNERS = {"name": "N", "email": "new@house.example", "password": factories.PASSWORD}
WAY = {
    "name": "Another",
    "instructions": "Pay.",
    "least": "5",
    "fee_percent": "0",
    "fee_fixed": "0",
    "position": "0",
}
PROVIDER = {"name": "New", "url": "https://new.example/api", "key": "k" * 20, "factor": "1"}

MINE = {
    "service": "{scene.order.service_id}",
    "f-link": "https://instagram.com/another",
    "f-quantity": "1000",
    "expected_price": "1.30",
}

SETTINGS = {
    "name": "Another",
    "currency": "USD",
    "time_zone": "UTC",
    "language": "en",
    "sign_up": "closed",
    "price_step": "0.0001",
    "minimum_charge": "0",
    "rise_threshold": "25",
    "shrink_threshold": "20",
    "cost_fresh_minutes": "60",
    "waiting_hours": "48",
    "fallback_minutes": "15",
    "staff_daily_limit": "200",
    "staff_big_order": "500",
    "readings_days": "35",
    "answers_days": "400",
    "proofs_days": "400",
    "alerts_days": "400",
}

RULES = {
    "home": Rule(EVERYBODY, answers=302),
    "setup": Rule(
        EVERYBODY,
        body=OWNERS | {"code": first_run.setup_code()},
        prepare=owned,
        answers=302,
    ),
    "tracking": page(EVERYBODY),
    "join": Rule(EVERYBODY, answers=302),
    "logo": Rule(EVERYBODY, prepare=pictured),
    "script_texts": page(EVERYBODY),
    "worker": page(EVERYBODY),
    "offline": page(EVERYBODY),
    "offline_sent": page(EVERYBODY),
    "language": Rule(None, EVERYBODY, {"language": "tr"}, STAFF | CUSTOMERS),
    "my:home": Rule(CUSTOMERS, answers=302),
    "my:new_order": Rule(CUSTOMERS, CUSTOMERS, {"act": "place"} | MINE, BUYER),
    "my:new_order/keep": Rule(CUSTOMERS, CUSTOMERS, {"act": "top_up"} | MINE),
    "my:mass_orders": Rule(CUSTOMERS, CUSTOMERS, {"text": "1|@a|10"}),
    "my:mass_order": Rule(BUYER, BUYER, {"act": "stop"}),
    "my:mass_order/place": Rule(
        BUYER, BUYER, {"act": "place", "fingerprint": "{scene.seen}"}, prepare=mass_order_typed
    ),
    "my:mass_order_sheet": page(BUYER),
    "my:services": page(CUSTOMERS),
    "my:star_service": act(CUSTOMERS, on="1"),
    "my:wallet": page(CUSTOMERS),
    "my:wallet_sheet": page(CUSTOMERS),
    # It asks for a key, whoever is signed in (tests/panel/api/).
    "api": Rule(EVERYBODY, EVERYBODY, {"action": "balance"}, acts=NOBODY),
    "my:orders": page(CUSTOMERS),
    "my:orders_sheet": page(CUSTOMERS),
    "my:order": page(BUYER),
    "my:cancel_order": act(BUYER, prepare=WAITING),
    "my:write_message": act(BUYER, text="x"),
    "my:notices": Rule(CUSTOMERS, CUSTOMERS, {"low_balance_under": "5"}),
    "my:top_up": Rule(
        CUSTOMERS,
        CUSTOMERS,
        {"amount": "50", "method": "{scene.top_up.method_id}", "client_key": "k"},
    ),
    "my:top_ups": page(CUSTOMERS),
    "my:asked_top_up": page(BUYER),
    "my:withdraw_top_up": act(BUYER),
    "my:refill_order": act(BUYER, prepare=status(OrderStatus.COMPLETED)),
    "my:api": page(CUSTOMERS),
    "my:make_key": act(CUSTOMERS, name="Shop"),
    "my:revoke_key": act(BUYER),
    "my:repeats": act(CUSTOMERS, repeats="take"),
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
    "mass_orders": Rule(STAFF, STAFF, {"text": "1|@a|10"}, acts=NOBODY),
    "mass_orders/for the client": Rule(
        STAFF, SIGHT, {"client": "{scene.order.customer_id}", "text": "1|@a|10"}
    ),
    "mass_order": Rule(SIGHT, SIGHT, {"act": "stop"}),
    "mass_order_sheet": page(SIGHT),
    "bulk_orders": act(STAFF, SIGHT, WAITING, act="cancel", **THIS),
    "bulk_orders/refill": act(STAFF, SIGHT, status(OrderStatus.COMPLETED), act="refill", **THIS),
    "bulk_orders/asked": act(STAFF, SIGHT, LATE, act="asked", **THIS),
    "note_order": act(SIGHT, text="x"),
    "answer_order": act(SIGHT, text="x"),
    "close_order_message": act(SIGHT, prepare=asked),
    "messages": page(STAFF),
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
    "case/look": Rule(SIGHT, SIGHT, {"look": "balance"}, DECIDES, unconfirmed),
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
    "correct_refill": Rule(
        SIGHT & COST,
        SIGHT & COST,
        {"upstream_id": "r-77"} | WHY,
        prepare=numbered_refill,
    ),
    "settle_refill": Rule(SIGHT, SIGHT, WHY, prepare=lost_refill),
    "clients": page(STAFF),
    "invitations": Rule(STAFF, STAFF, {"email": "asked@example.com"}),
    "revoke_invitation": act(ADMINS),
    "set_sign_up": act(ADMINS, sign_up="open"),
    "new_client": Rule(STAFF, STAFF, {"name": "Somebody New"}),
    "client": page(SIGHT),
    "change_client": act(SIGHT, name="Another Name", email="other@casa.example", credit_limit="0"),
    "client_money": act(SIGHT, amount="1", token="t"),
    "client_sign_in": act(SIGHT),
    "revoke_client_key": act(SIGHT),
    "client_statement": page(SIGHT),
    "client_sheet": page(SIGHT),
    "services": page(STAFF),
    "service": page(STAFF),
    "hide_service": act(ADMINS, **WHY),
    "set_refill_window": act(ADMINS, days="30", **WHY),
    "show_service": act(ADMINS, prepare=service(is_visible=False), **WHY),
    "pause_service": act(ADMINS, **WHY),
    "resume_service": act(ADMINS, prepare=service(pause=PauseReason.STAFF), **WHY),
    "accept_cost": act(ADMINS, prepare=service(accepted_cost=Decimal("0.1")), rate="1", **WHY),
    "describe_service": act(ADMINS, name="Another Name"),
    "decisions": page(ADMINS),
    "decide_costs": act(ADMINS, prepare=RISEN, act="accept", **RISE, **WHY),
    "decide_costs/all": act(ADMINS, prepare=RISEN, act="accept_all", **RISE),
    "decide_costs/keep": act(ADMINS, prepare=RISEN, act="keep", **RISE, **WHY),
    "decide_removals": act(ADMINS, act="release", scope="all"),
    "decide_removals/keep": act(ADMINS, act="dismiss", scope="all"),
    "drop_fixed_price": act(ADMINS, prepare=fixed_price, **WHY),
    "choose": page(ADMINS),
    "choose_set": act(ADMINS, act="hide", **TICKED),
    "choose_set/all": act(ADMINS, act="hide", scope="all", total="1"),
    "catalog": page(ADMINS),
    "change_services": Rule(
        ADMINS, ADMINS, {"kind": "hide", "act": "save", "expected": "1"} | TICKED, answers=302
    ),
    "repoint_many": Rule(ADMINS, ADMINS, {"act": "point"} | MOVED | TICKED | WHY, answers=302),
    "shelves": page(ADMINS),
    "shelf": page(ADMINS),
    "move_shelf": act(ADMINS, prepare=two_shelves, step="down"),
    "move_service": act(ADMINS, prepare=two_on_a_shelf, step="down"),
    "fallback": Rule(ADMINS, ADMINS, {"offer": "{scene.spare.pk}", "rate": "1"} | WHY),
    "repoint": Rule(ADMINS, ADMINS, {"offer": "{scene.spare.pk}", "rate": "1"} | WHY),
    "top_ups": page(STAFF),
    "top_up": page(SIGHT),
    "approve_top_up": act(SIGHT, received="50"),
    "decline_top_up": act(SIGHT, **WHY),
    "top_up_proof": page(SIGHT),
    "payment_methods": page(ADMINS),
    "new_payment_method": Rule(ADMINS, ADMINS, WAY),
    "payment_method": Rule(ADMINS, ADMINS, WAY),
    "payment_secrets": act(ADMINS, OWNER, checkout, key="k" * 20, secret="s" * 20),
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
    "member_markup": Rule(
        ADMINS, ADMINS, {"value": "44", "kind": "percent"} | SEEN, prepare=markup_seen
    ),
    "member_bounds": Rule(
        ADMINS, ADMINS, {"floor": "6", "ceiling": "90"} | SEEN, prepare=bounds_seen
    ),
    "member_clients": page(ADMINS),
    "assign_clients": Rule(
        ADMINS,
        ADMINS,
        {"client": "{scene.order.customer_id}", "heir": "{scene.admin.pk}"} | SEEN,
        prepare=handing_seen,
    ),
    "switch_off_member": Rule(ADMINS, ADMINS, SEEN, prepare=leaving_seen),
    "switch_on_member": act(ADMINS, prepare=mira_is_off),
    "member_link": act(ADMINS),
    "pricing": page(ADMINS),
    "change_prices": act(
        ADMINS,
        prepare=prices_looked_at,
        act="save",
        what="markup",
        on="panel",
        kind="percent",
        value="44",
        fingerprint="{scene.seen}",
        **WHY,
    ),
    "pricing_rules": page(ADMINS),
    "undo_prices": Rule(
        ADMINS,
        ADMINS,
        {"fingerprint": "{scene.seen}", **WHY},
        prepare=prices_changed,
    ),
    "explain_price": page(COST),
    "providers": page(ADMINS),
    "new_provider": Rule(ADMINS, ADMINS, PROVIDER),
    "try_provider": act(ADMINS, NOBODY, **PROVIDER),  # it asks, and keeps nothing
    "provider": page(ADMINS),
    "change_provider": act(
        ADMINS,
        exchange_rate="1",
        factor="1.01",
        batch_size="50",
        requests_per_second="1",
        requests_at_once="1",
        connect_timeout="5",
        read_timeout="20",
        total_timeout="30",
        drip_limit="per_run",
    ),
    "change_key": act(ADMINS, OWNER, key="k" * 20),
    "provider_act": act(ADMINS, switch="not_sent", reason="x"),
    "panel_act": act(ADMINS, switch="not_sent", reason="x"),
    "sync_runs": page(ADMINS),
    "sync_run": page(ADMINS),
    "alerts": page(ADMINS),
    "alert_settings": Rule(ADMINS, ADMINS, {"silent_minutes": "6"}),
    "set_webhook": act(ADMINS, shape="slack", url="https://hooks.example/x"),
    "forget_webhook": act(ADMINS, prepare=webhook_kept),
    "test_alerts": act(ADMINS),
    "reconciliation": page(COST),
    "reconciliation_account": page(COST),
    "audit": page(ADMINS),
    "audit_sheet": page(ADMINS),
    "settings": Rule(ADMINS, ADMINS, SETTINGS),
    "set_logo": Rule(None, ADMINS, files={"logo": PICTURE}),
    "forget_logo": act(ADMINS, prepare=pictured),
    "moving_in": page(ADMINS),
    "upload_services": Rule(None, ADMINS, files={"file": b"number,provider,upstream id\n7,B,1\n"}),
    "upload_clients": Rule(None, ADMINS, files={"file": b"email\nnew@shop.example\n"}),
    "next_order": act(ADMINS, number="{scene.next_order}"),
    "moving_in_file": Rule(ADMINS, ADMINS, {"fingerprint": "{scene.fingerprint}"}),
    "stop_moving_in": act(ADMINS, prepare=begun_file),
    "moving_in_results": page(ADMINS),
    "reconciliation_sheet": page(COST),
    "record_top_up": act(ADMINS, amount="900", at="2026-11-23T12:00", token="t"),
    "undo_top_up": act(ADMINS, prepare=topped_up, number="{scene.movement.pk}", **WHY),
    "reports": page(COST),
    "report_sheet": page(COST),
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

THEIRS = (SIGHT, SIGHT & COST, BUYER)
ABOUT_A_CLIENT = frozenset(
    name for name, rule in RULES.items() if rule.reads in THEIRS or rule.reached in THEIRS
)
"""Of these nobody is told whether the number exists: 404, not 403."""

OUTSIDE = ("home", "setup", "worker", "offline", "offline_sent", "language")
"""Addresses of no face, about nothing."""

NOT_OURS = ("account_", "mfa_", "usersessions_", "admin:", "payment_news")
"""The sign-in and the raw-data window: their own packages' pages; news that gateways sign."""


def address_of(rule: str) -> str:
    """The name of the address that a rule is about; what follows a slash is another act there."""
    name = rule.split("/")[0]
    elsewhere = name in (*OUTSIDE, "tracking", "join", "api", "logo", "script_texts") or ":" in name
    return name if elsewhere else f"staff:{name}"


def test_every_address_has_a_rule() -> None:
    names = {name for name, _ in named_patterns() if not name.startswith(NOT_OURS)}
    assert names == {address_of(rule) for rule in RULES}


@pytest.fixture
def scene() -> Scene:
    mira, admin = factories.staff("Mira Kovač"), factories.admin("Olga Other")
    casa = factories.customer("Casa Verde", balance="50", signs_in=True, manager=mira)
    api_keys.make(casa, "Shop", by=None, now=factories.NOW)
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
    place_many(order)
    tills.count_till(mira, Decimal(4), by=mira.user, now=timezone.now())
    spare = factories.offer(order.provider)
    _, key = invitations.make(by=admin.user, now=timezone.now())
    content = b"email,balance\nmoved@shop.example,5\n"
    file = moving_in.keep(
        ImportKind.CUSTOMERS, "clients.csv", content, by=admin.user, now=timezone.now()
    )
    return Scene(
        order=order,
        tracked=tracked,
        mira=mira,
        admin=admin,
        refill=refill,
        cancellation=declined(order),
        run=held_run(order),
        spare=spare,
        top_up=top_up(casa),
        invitation_key=key,
        file=file,
    )


def top_up(customer: Customer) -> TopUp:
    """A request of 50 with a proof; the member's limit covers it."""
    method = PaymentMethod.objects.create(
        name="Bank", instructions="Pay.", created_at=factories.NOW
    )
    asked = TopUp.objects.create(
        customer=customer,
        method=method,
        amount=Decimal(50),
        status="requested",
        client_key="first",
        asked_at=timezone.now(),
    )
    TopUpProof.objects.create(top_up=asked, content_type="image/png", content=b"x")
    return asked


def type_many(order: Order) -> MassOrder:
    """A line that the client types, for the service of the order."""
    by = order.customer.user
    assert by is not None
    lines = f"{order.service_id}|@many|10"
    return mass_orders.keep(order.customer, lines, by=by, now=timezone.now())


def place_many(order: Order) -> MassOrder:
    """The same, confirmed: the line waits to be placed."""
    draft = type_many(order)
    source = mass_orders.read(draft.text)
    seen = mass_orders.check(draft.customer, source, by=draft.made_by).fingerprint
    return mass_orders.confirm(draft, seen, by=draft.made_by, now=timezone.now())


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


Rows = dict[str, list[str]]


def rows(models: Iterable[type[Model]] = tuple(TABLES.values())) -> Rows:
    """Every row of these tables, or of all that are ours."""
    found = {}
    with connection.cursor() as cursor:
        for model in models:
            table = model._meta.db_table
            cursor.execute(f"SELECT * FROM {table}")
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def changed_tables(written: Written, before: Rows) -> list[str]:
    """Whose rows are others than before."""
    return [table for table, found in rows(written.models).items() if found != before[table]]


def refusal(kind: str, name: str) -> int:
    """The status of an answer to somebody who may not."""
    if name == "revoke_invitation" and kind in STAFF:
        return 404
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
    digest = hashlib.sha256(PICTURE).hexdigest()
    found["logo"] = reverse("logo", args=[digest])
    found["script_texts"] = reverse("script_texts", args=["tr", "any"])
    found["join"] = reverse("join", args=[scene.invitation_key])
    return found | {name: reverse(name) for name in (*OUTSIDE, "api")}


@pytest.mark.slow
@pytest.mark.parametrize("kind", a_few_on_sqlite(KINDS, ("buyer", "plain", "owner")))
def test_each_kind_of_person_reaches_what_is_theirs_and_changes_nothing_else(
    kind: str, scene: Scene
) -> None:
    person, browser, addressed = somebody(kind, scene), Client(), urls(scene)
    if person is not None:
        browser.force_login(person)
    if kind == "switched off":
        User.objects.filter(email=getattr(person, "email", "")).update(is_active=False)
    untouched = rows()
    for name, rule in RULES.items():
        url = addressed[address_of(name)]
        for tries in (_reads, _posts):
            with undone():
                with writing() as prepared:
                    rule.prepare(scene)
                before = untouched | rows(prepared.models)
                tries(browser, kind, name, url, scene, before)


def _reads(browser: Client, kind: str, name: str, url: str, scene: Scene, before: Rows) -> None:
    rule = RULES[name]
    with writing() as written:
        answer = browser.get(url)
    told = f"GET {url} as {kind}: {answer.status_code}"
    assert not changed_tables(written, before), told
    if rule.reads is None:
        assert answer.status_code == (405 if kind in (rule.reached or ()) else answer.status_code)
        assert answer.status_code in (302, 403, 405), told
    elif kind in rule.reads:
        assert answer.status_code == rule.answers, told
    else:
        assert answer.status_code == refusal(kind, name), told


def _posts(browser: Client, kind: str, name: str, url: str, scene: Scene, before: Rows) -> None:
    rule = RULES[name]
    said = rule.said(scene)
    with writing() as written:
        answer = browser.post(url, said)
    changed = changed_tables(written, before)
    told = f"POST {name} {url} as {kind}: {answer.status_code}, changed {changed}"
    assert bool(changed) == (kind in rule.changes), told
    if rule.reached is None:
        assert answer.status_code < 500, told
    elif kind in rule.reached:
        assert answer.status_code in (200, 302, 422), told
    else:
        assert answer.status_code == refusal(kind, name), told
