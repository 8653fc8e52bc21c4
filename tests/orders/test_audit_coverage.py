"""Every verb that changes a price, money, a role, a provider or a setting, and every decision,
leaves its entry in the trail: driven one by one, and none of them tells a secret."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from orders import (
    alerts,
    api_keys,
    cancellations,
    catalog,
    invitations,
    logo,
    mass_orders,
    moving_in,
    panel_settings,
    people,
    proposals,
    providers,
    reconcile,
    refills,
    review,
    rules,
    sign_ins,
    stops,
    submission,
    tills,
    topups,
    wallets,
)
from orders.connections import Trial
from orders.enums import (
    CancellationStatus,
    ChangeKind,
    Decision,
    ImportKind,
    MarkupKind,
    OrderStatus,
    PauseReason,
    PaymentKind,
    PriceLevel,
    RefillStatus,
    SubmissionOutcome,
    SyncOutcome,
)
from orders.models import (
    AuditEntry,
    Cancellation,
    Customer,
    MassOrder,
    Order,
    Panel,
    PaymentMethod,
    Provider,
    Refill,
    Service,
    Staff,
    Submission,
    SyncChange,
    SyncRun,
    TopUp,
)
from tests.support import factories, pictures
from tests.support.factories import NOW

pytestmark = pytest.mark.django_db
SECRET = "planted-secret-zebra-4711"
WHY = "Because of the zebra"


@dataclass
class House:
    owner: Staff
    mira: Staff
    casa: Customer
    service: Service
    provider: Provider
    order: Order

    @property
    def by(self) -> dict[str, Any]:
        return {"by": self.owner.user, "now": NOW}


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr("orders.providers.ask", lambda account: Trial(True, "It answered."))
    owner, mira = factories.owner(), factories.staff()
    known: dict[str, Any] = {"signs_in": True, "email": "a@b.example"}
    casa = factories.customer("Casa", balance="100", manager=mira, **known)
    provider = factories.provider("Bulk")
    service = factories.service(factories.offer(provider))
    order = factories.order(casa, service, by=mira.user, status=OrderStatus.WAITING)
    return House(owner, mira, casa, service, provider, order)


def unconfirmed(house: House) -> review.Ruling:
    Order.objects.filter(pk=house.order.pk).update(status=OrderStatus.UNCONFIRMED, upstream_id=None)
    Submission.objects.create(
        order=house.order,
        provider=house.provider,
        number=1,
        outcome=SubmissionOutcome.UNKNOWN,
        claimed_at=NOW,
        expires_at=NOW,
    )
    house.order.refresh_from_db()
    return review.Ruling(Decision.GIVE_UP, WHY, house.owner.user)


def decide(house: House) -> None:
    review.decide(house.order, unconfirmed(house), now=NOW)


def propose(house: House) -> None:
    proposals.propose(house.order, unconfirmed(house), now=NOW)


def top_up(house: House) -> TopUp:
    method = PaymentMethod.objects.create(name="Bank", instructions="Pay.", created_at=NOW)
    return TopUp.objects.create(
        customer=house.casa,
        method=method,
        amount=Decimal(50),
        status="requested",
        client_key="first",
        asked_at=NOW,
    )


def many(house: House) -> MassOrder:
    text = f"{house.service.pk}|@a|10"
    draft = mass_orders.keep(house.casa, text, **house.by)
    seen = mass_orders.check(house.casa, mass_orders.read(text), by=house.owner.user)
    return mass_orders.confirm(draft, seen.fingerprint, **house.by)


def many_again(house: House) -> None:
    made = many(house)
    mass_orders.stop(made, **house.by)
    (rest,) = mass_orders.rests(made)
    mass_orders.again(made, rest.why, rest.fingerprint, **house.by)


def closing(house: House) -> Any:
    return tills.count_till(house.mira, Decimal(0), by=house.mira.user, now=NOW)


def cash(house: House) -> None:
    wallets.take_cash(house.casa, Decimal(5), by=house.owner.user, now=NOW)


def asked(house: House, model: Any, status: str) -> Any:
    times = {"asked_by": house.mira.user, "asked_at": NOW, "changed_at": NOW}
    return model.objects.create(order=house.order, provider=house.provider, status=status, **times)


def numbered(refill: Refill) -> Refill:
    refill.upstream_id = "r-1"
    refill.save()
    return refill


def run(house: House) -> SyncRun:
    run = SyncRun.objects.create(
        provider=house.provider, started_at=NOW, outcome=SyncOutcome.HELD, held_removals=1
    )
    offer = house.service.offer
    SyncChange.objects.create(run=run, kind=ChangeKind.RETIRED, offer=offer, held=True)
    return run


def risen(house: House) -> Service:
    Service.objects.filter(pk=house.service.pk).update(
        pause=PauseReason.COST_ROSE, accepted_cost=Decimal("0.1")
    )
    return Service.objects.get(pk=house.service.pk)


def method(house: House) -> PaymentMethod:
    return PaymentMethod.objects.create(
        name="Stripe", kind=PaymentKind.CHECKOUT, instructions="Pay.", created_at=NOW
    )


def import_file(house: House, kind: str, content: str) -> None:
    rows = moving_in.FILES[kind].read(content.encode())
    moving_in.carry_out(kind, rows, **house.by)


def stopped_file(house: House) -> None:
    content = b"email,balance\nnew@b.example,5\n"
    file = moving_in.keep(ImportKind.CUSTOMERS, "c.csv", content, **house.by)
    moving_in.stop(moving_in.start(file, None, **house.by), **house.by)


def paused(house: House) -> Service:
    return catalog.pause(house.service, house.owner.user, NOW, reason="x")


def fixed(house: House) -> None:
    rules.set_markup(
        PriceLevel.SERVICE,
        MarkupKind.FIXED_RATE,
        Decimal(9),
        house.owner.user,
        NOW,
        WHY,
        service=house.service,
    )


def drop_fixed(house: House) -> None:
    fixed(house)
    rules.end_markup(PriceLevel.SERVICE, house.owner.user, NOW, WHY, service=house.service)


def bound(house: House) -> None:
    rules.set_bound(
        PriceLevel.STAFF,
        floor_percent=Decimal(7),
        ceiling_percent=None,
        reason=WHY,
        staff=house.mira,
        **house.by,
    )


def record_top_up(house: House) -> Any:
    return reconcile.record_top_up(house.provider, Decimal(9), NOW, token="t", **house.by)


def give_anew(house: House) -> None:
    other = factories.staff("Tom")
    people.hand_over(house.mira, other, **house.by)


VERBS: dict[str, tuple[str, Callable[[House], Any]]] = {
    # prices
    "markup.set": ("service", fixed),
    "markup.ended": ("service", drop_fixed),
    "bound.set": ("staff", bound),
    "service.cost_accepted": (
        "service",
        lambda h: catalog.accept_rate(risen(h), h.owner.user, NOW, reason=WHY),
    ),
    # money
    "money.cash_taken": ("customer", cash),
    "money.paid_out": (
        "customer",
        lambda h: (
            wallets.take_cash(h.casa, Decimal(5), by=h.owner.user, now=NOW),
            wallets.pay_out(h.casa, Decimal(5), by=h.owner.user, now=NOW),
        ),
    ),
    "money.correction": (
        "customer",
        lambda h: wallets.adjust(h.casa, Decimal(-5), reason=WHY, **h.by),
    ),
    "money.gift": ("customer", lambda h: wallets.gift(h.casa, Decimal(5), reason=WHY, **h.by)),
    "money.drop": (
        "staff",
        lambda h: (cash(h), tills.drop(h.owner, Decimal(5), reference="d", **h.by)),
    ),
    "till.counted": ("staff", closing),
    "till.closing_confirmed": ("staff", lambda h: tills.confirm_closing(closing(h), **h.by)),
    "top_up.approved": ("topup", lambda h: topups.approve(top_up(h), **h.by)),
    "top_up.declined": ("topup", lambda h: topups.decline(top_up(h), reason=WHY, **h.by)),
    "customer.moved_in": (
        "customer",
        lambda h: import_file(h, "customers", f"email,balance,api key\nnew@b.example,5,{SECRET}\n"),
    ),
    # decisions
    "order.decided": ("order", decide),
    "order.proposed": ("order", propose),
    "order.canceled": (
        "order",
        lambda h: cancellations.cancel_waiting(h.order, reason=WHY, **h.by),
    ),
    "order.held": ("order", lambda h: submission.hold(h.order, reason=WHY, **h.by)),
    "order.released": ("order", lambda h: submission.release(h.order, reason=WHY, **h.by)),
    "order.loss_allowed": (
        "order",
        lambda h: submission.allow_loss(h.order, seen=Decimal(9), reason=WHY, **h.by),
    ),
    "refill.renumbered": (
        "order",
        lambda h: refills.renumber(
            numbered(asked(h, Refill, RefillStatus.PENDING)),
            upstream_id="r-2",
            reason=WHY,
            **h.by,
        ),
    ),
    "refill.settled": (
        "order",
        lambda h: refills.settle(asked(h, Refill, RefillStatus.UNKNOWN), reason=WHY, **h.by),
    ),
    "cancellation.settled": (
        "order",
        lambda h: cancellations.settle(
            asked(h, Cancellation, CancellationStatus.UNKNOWN), reason=WHY, arrived=True, **h.by
        ),
    ),
    "catalog.removals_released": (
        "syncrun",
        lambda h: catalog.release_removals(run(h), h.owner.user, NOW, WHY),
    ),
    "catalog.removals_dismissed": (
        "syncrun",
        lambda h: catalog.dismiss_removals(run(h), h.owner.user, NOW, WHY),
    ),
    # services
    "service.paused": ("service", paused),
    "service.resumed": ("service", lambda h: catalog.resume(paused(h), h.owner.user, NOW)),
    "service.hidden": ("service", lambda h: catalog.hide(h.service, h.owner.user, NOW)),
    "service.shown": (
        "service",
        lambda h: catalog.show(
            catalog.hide(h.service, h.owner.user, NOW), h.owner.user, NOW, reason=WHY
        ),
    ),
    "service.described": (
        "service",
        lambda h: catalog.describe(h.service, h.owner.user, NOW, name="New name"),
    ),
    "service.pointed_at": (
        "service",
        lambda h: catalog.point_at(
            h.service, factories.offer(h.provider), h.owner.user, NOW, reason=WHY
        ),
    ),
    "service.fallback_chosen": (
        "service",
        lambda h: catalog.choose_fallback(
            h.service, factories.offer(h.provider), reason=WHY, **h.by
        ),
    ),
    "service.moved_in": (
        "service",
        lambda h: (
            factories.offer(h.provider, upstream_id="777"),
            import_file(h, "services", "number,provider,upstream id,price\n99999999,Bulk,777,5\n"),
        ),
    ),
    # people
    "staff.added": (
        "staff",
        lambda h: people.add_staff(email="n@b.example", password=SECRET, name="N", **h.by),
    ),
    "staff.changed": ("staff", lambda h: people.change_staff(h.mira, is_admin=True, **h.by)),
    "staff.clients_given": ("staff", give_anew),
    "sign_in.switched_off": (
        "user",
        lambda h: people.switch_off(h.mira.user, reason=WHY, **h.by),
    ),
    "sign_in.switched_on": (
        "user",
        lambda h: (
            people.switch_off(h.mira.user, **h.by),
            people.switch_on(h.mira.user, reason=WHY, **h.by),
        ),
    ),
    "sign_in.link_made": ("user", lambda h: sign_ins.allow_password_link(h.mira.user, **h.by)),
    "customer.added": (
        "customer",
        lambda h: people.add_customer(email="c@b.example", password=SECRET, **h.by),
    ),
    "customer.changed": (
        "customer",
        lambda h: people.change_customer(h.casa, credit_limit=Decimal(9), **h.by),
    ),
    "customer.sign_in_given": (
        "customer",
        lambda h: people.give_sign_in(factories.customer(email="d@b.example"), SECRET, **h.by),
    ),
    "customer.repeats": ("customer", lambda h: api_keys.allow_repeats(h.casa, True, **h.by)),
    "invitation.made": ("invitation", lambda h: invitations.make(**h.by)),
    "invitation.revoked": (
        "invitation",
        lambda h: invitations.revoke(invitations.make(**h.by)[0], **h.by),
    ),
    "api_key.made": (
        "customer",
        lambda h: api_keys.make(h.casa, "Shop", by=None, now=NOW, key=SECRET),
    ),
    "api_key.revoked": (
        "customer",
        lambda h: api_keys.revoke(api_keys.make(h.casa, "Shop", by=None, now=NOW)[0], **h.by),
    ),
    # providers and settings
    "provider.added": (
        "provider",
        lambda h: providers.add_provider(
            name="New", url="https://new.example/api", key=SECRET, **h.by
        ),
    ),
    "provider.changed": (
        "provider",
        lambda h: providers.change(h.provider, factor=Decimal("0.9"), reason=WHY, **h.by),
    ),
    "provider.key_changed": (
        "provider",
        lambda h: providers.change_key(h.provider, SECRET, reason=WHY, **h.by),
    ),
    "provider.stopped": (
        "provider",
        lambda h: stops.stop(h.provider, "not_sent", reason=WHY, **h.by),
    ),
    "provider.resumed": (
        "provider",
        lambda h: (
            stops.stop(h.provider, "not_sent", reason=WHY, **h.by),
            stops.resume(h.provider, "not_sent", reason=WHY, **h.by),
        ),
    ),
    "panel.stopped": (
        "panel",
        lambda h: stops.stop(Panel.objects.get(), "not_sold", reason=WHY, **h.by),
    ),
    "provider.topped_up": ("provider", record_top_up),
    "provider.top_up_undone": (
        "provider",
        lambda h: reconcile.take_back(h.provider, record_top_up(h).pk, reason=WHY, **h.by),
    ),
    "panel.changed": (
        "panel",
        lambda h: panel_settings.change(waiting_hours=72, reason=WHY, **h.by),
    ),
    "panel.logo_set": ("panel", lambda h: logo.set_logo(pictures.png(), **h.by)),
    "panel.logo_forgotten": (
        "panel",
        lambda h: (logo.set_logo(pictures.png(), **h.by), logo.forget_logo(**h.by)),
    ),
    "panel.step_settled": ("panel", lambda h: panel_settings.settle("staff", **h.by)),
    "import.started": ("panel", stopped_file),
    "import.stopped": ("panel", stopped_file),
    "orders.next_number": (
        "panel",
        lambda h: moving_in.set_next_order_number(moving_in.next_order_number() + 500, **h.by),
    ),
    "payment_method.added": (
        "paymentmethod",
        lambda h: topups.add_method(
            kind=PaymentKind.CHECKOUT,
            name="S",
            instructions="",
            least=Decimal(5),
            most=None,
            fee_percent=Decimal(0),
            fee_fixed=Decimal(0),
            asks_proof=False,
            is_on=True,
            position=0,
            key=SECRET,
            secret=SECRET,
            **h.by,
        ),
    ),
    "payment_method.changed": (
        "paymentmethod",
        lambda h: topups.change_method(method(h), name="Other", **h.by),
    ),
    "payment_method.key_changed": (
        "paymentmethod",
        lambda h: topups.change_secrets(method(h), key=SECRET, secret=SECRET, **h.by),
    ),
    "mass_order.placed": ("massorder", lambda h: many(h)),
    "mass_order.stopped": ("massorder", lambda h: mass_orders.stop(many(h), **h.by)),
    "mass_order.again": ("massorder", lambda h: many_again(h)),
    "alerts.changed": ("alertsettings", lambda h: alerts.change(low_hours=7, **h.by)),
    "alerts.webhook_set": (
        "alertsettings",
        lambda h: alerts.set_webhook(f"https://hooks.example/{SECRET}", "slack", **h.by),
    ),
}


@pytest.mark.parametrize("action", VERBS)
def test_the_verb_leaves_its_entry(action: str, house: House) -> None:
    subject, act = VERBS[action]
    act(house)
    entry = AuditEntry.objects.filter(action=action).latest("pk")
    assert entry.subject.split(":")[0] == subject
    assert entry.at <= timezone.now()
    if action != "api_key.made":
        assert entry.person in (house.owner.user, house.mira.user)
    trail = str(list(AuditEntry.objects.values()))
    assert SECRET not in trail
    assert factories.KEY not in trail


def test_what_money_did_is_found_by_client_and_by_order(house: House) -> None:
    wallets.gift(house.casa, Decimal(5), reason=WHY, **house.by)
    (entry,) = AuditEntry.objects.filter(subject=f"customer:{house.casa.pk}")
    before = Decimal(entry.before["balance"])
    assert (Decimal(entry.after["balance"]), entry.reason) == (before + 5, WHY)
    cancellations.cancel_waiting(house.order, reason=WHY, **house.by)
    assert AuditEntry.objects.filter(
        subject=f"order:{house.order.pk}", also=f"customer:{house.casa.pk}"
    ).exists()


def test_a_second_press_and_a_refusal_leave_no_second_entry(house: House) -> None:
    for _ in range(2):
        wallets.gift(house.casa, Decimal(5), reason=WHY, reference="one", **house.by)
    assert AuditEntry.objects.filter(action="money.gift").count() == 1


def test_a_customer_who_cancels_is_no_decision_of_the_house(house: House) -> None:
    assert house.casa.user is not None
    cancellations.cancel_waiting(house.order, by=house.casa.user, now=NOW)
    assert not AuditEntry.objects.filter(action="order.canceled").exists()
