"""What every example begins with: a house in the middle of its life, made with the real verbs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from orders import (
    api_keys,
    cancellations,
    followups,
    placement,
    progress,
    refills,
    review,
    topups,
    wallets,
)
from orders.enums import Decision, OrderStatus, PaymentKind, RefusalFamily, TopUpStatus
from orders.models import (
    ApiKey,
    Child,
    Customer,
    Event,
    Order,
    PaymentMethod,
    ProviderState,
    Service,
    Staff,
    TopUp,
    User,
)
from orders.progress import Report
from orders.submission import answers, claims
from orders.topups import checkouts
from orders.upstream.errors import AnswerUnknown, Exchange, Refused
from orders.upstream.replies import Added, CancelReply, RefillReply
from tests.support import factories

S = OrderStatus


def exchange(*, written: bool) -> Exchange:
    """What was seen of one request."""
    return Exchange(200 if written else None, "{}", 2, 5, written)


@dataclass
class Scene:
    """An admin and a member with a till, a daily limit and the right to decide; two clients, who
    sign in and hold keys; a service by the thousand, one by the package, one by the line and one
    by subscription; two ways to pay."""

    admin: User
    second: Staff
    member: Staff
    clients: list[Customer]
    services: list[Service]
    keys: list[ApiKey]
    bank: PaymentMethod
    card: PaymentMethod
    now: datetime = factories.NOW
    last_number: int = 0
    last_event: int = 0

    # ── One thing that happens ──

    def later(self, **span: float) -> datetime:
        self.now += timedelta(**(span or {"seconds": 5}))
        return self.now

    def number(self) -> str:
        """One that nothing else has."""
        self.last_number += 1
        return str(self.last_number)

    def placed(self, *, package: bool = False, who: int = 0, runs: int = 0) -> Order:
        fields: dict[str, Any] = {"link": "https://instagram.com/p/one"}
        if runs:
            fields |= {"quantity": 333, "runs": runs, "interval": 30}
        elif not package:
            fields["quantity"] = 1000
        return placement.place(
            self.clients[who],
            self.services[package].pk,
            fields,
            by=self.admin,
            now=self.later(),
            overlap_ok=True,
        ).order

    def claimed(self, order: Order) -> int:
        self.provider_is_free()
        claim = claims.claim(order.pk, self.later())
        assert claim is not None
        return claim.submission.pk

    def provider_is_free(self) -> None:
        ProviderState.objects.update(hold="", probe_after=None, unknown_streak=0)

    def answered(self, order: Order, answer: answers.Answer) -> Order:
        answers.record(self.claimed(order), answer, self.later())
        return order

    def lost(self, order: Order) -> Order:
        return self.answered(order, AnswerUnknown("timeout", exchange(written=True)))

    def taken(self, order: Order) -> Order:
        number = self.number()
        return self.answered(order, Added(number, None, "", exchange(written=True)))

    def said(self, order: Order, word: str, remains: int | None) -> Order:
        """Taken, then reported twice, so that its last change is later than its last status."""
        self.taken(order)
        for charge in (Decimal("1.02"), Decimal(1)):
            now = self.later()
            report = Report(order.pk, word, charge, "USD", 5, remains, "", now)
            assert progress.apply([report], now=now).changed == 1
        return order

    def fed(self, word: str, *runs: tuple[str, int | None]) -> Order:
        """An order in three runs: taken, told of so many, each of them and then the whole."""
        order = self.taken(self.placed(runs=3))
        known = tuple(self.number() for _ in runs)
        for said in ("In progress", word):
            now = self.later()
            whole = Report(order.pk, said, None, "", 5, None, "", now, runs=3, children=known)
            progress.apply([whole], now=now)
            if said == word:
                break
            for child, (of_run, remains) in zip(
                Child.objects.filter(order=order).order_by("number"), runs, strict=True
            ):
                report = Report(child.pk, of_run, Decimal("0.3"), "USD", 5, remains, "", now)
                assert progress.apply_to_children([report], now=now).changed
        return order

    def subscribed(self, word: str, *posts: tuple[str, int | None] | None) -> Order:
        """A subscription to three posts of 33 to 334: taken, told of so many of 150, and ended in
        this word. None: a post of which nothing was said yet."""
        fields = {"username": "atelier", "min": 33, "max": 334, "posts": 3, "delay": "0"}
        how: dict[str, Any] = {"by": self.admin, "now": self.later(), "overlap_ok": True}
        order = placement.place(self.clients[0], self.services[3].pk, fields, **how).order
        self.taken(order)
        known = tuple(self.number() for _ in posts)
        for said in ("Active", word):
            now = self.later()
            whole = Report(order.pk, said, None, "", None, None, "", now, children=known)
            progress.apply([replace(whole, is_listed=True)], now=now)
            children = Child.objects.filter(order=order).order_by("number")
            for child, told in zip(children, posts, strict=True):
                if told is None:
                    continue
                of_post, remains = told
                charge = order.cost_rate_upstream * 150 / 1000
                report = Report(child.pk, of_post, charge, "USD", 5, remains, "", now)
                progress.apply_to_children([report], now=now)
        return order

    def decided(self, order: Order, decision: Decision, by: User | None = None) -> Order:
        self.later()
        seen = factories.seen(order, self.admin, self.now)
        ruling = review.Ruling(decision, "looked", by or self.admin, seen_at=seen)
        review.decide(order, ruling, now=self.now)
        return order


def planted() -> Scene:
    """The scene: at least one row in every state of life."""
    scene = _people()
    _orders_in_every_state(scene)
    _requests_in_every_state(scene)
    _money_in_every_place(scene)
    scene.last_event = Event.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    return scene


def _people() -> Scene:
    admin = factories.admin().user
    member = factories.staff(
        "Tom", sees_all_customers=True, decides_reviews=True, daily_limit=Decimal("5")
    )
    clients = [
        factories.customer(f"Client {n}", balance="90", signs_in=True, credit_limit=Decimal(n))
        for n in range(2)
    ]
    # Figures that leave something to round.
    rate, terms = Decimal("1.03"), {"exchange_rate": Decimal("1.25"), "factor": Decimal("1.1")}
    provider = factories.provider(**terms, idempotency_field="request_id")
    thousand = factories.offer(provider, rate=rate, dripfeed=True)
    package = factories.offer(provider, rate=rate, service_type="package", type_name="Package")
    spare = factories.offer(factories.provider(), rate=Decimal("1.05"))
    lines = factories.offer(
        provider, rate=rate, service_type="custom_comments", type_name="Custom Comments", least=1
    )
    posts = factories.offer(
        provider, rate=rate, service_type="subscriptions", type_name="Subscriptions"
    )
    now = factories.NOW
    common: dict[str, Any] = {"by": None, "now": now, "least": Decimal(1)}
    secrets = {"key": "sk_planted", "secret": "whsec_planted"}
    fee = {"fee_percent": Decimal("2.9"), "fee_fixed": Decimal("0.05")}
    checkout, manual = PaymentKind.CHECKOUT, PaymentKind.MANUAL
    return Scene(
        admin,
        factories.admin("Second"),
        member,
        clients,
        [
            factories.service(thousand, fallback=spare),
            factories.service(package),
            factories.service(lines),
            factories.service(posts),
        ],
        [api_keys.make(one, "Shop", by=None, now=now)[0] for one in clients],
        topups.add_method(kind=manual, name="Bank", instructions="Pay.", **common),
        topups.add_method(kind=checkout, name="Card", **common, **secrets, **fee),
    )


def _orders_in_every_state(scene: Scene) -> None:
    for who in range(2):
        scene.claimed(scene.placed(who=who))
        scene.lost(scene.placed(who=who))
        scene.taken(scene.placed(who=who))
    scene.decided(scene.lost(scene.placed()), Decision.SEND_ANEW)
    scene.decided(scene.lost(scene.placed(who=1)), Decision.GIVE_UP, scene.member.user)
    riddle = scene.said(scene.placed(package=True), "Partial", 300)
    scene.decided(riddle, Decision.NOTHING_OWED)
    scene.answered(scene.placed(), Refused(RefusalFamily.LINK, "no", exchange(written=True)))
    for word, remains in (
        ("Processing", None),
        ("In progress", 400),
        ("In progress", 250),
        ("Completed", 0),
        ("Partial", 300),
        ("Partial", None),
        ("Canceled", 1000),
        ("Failed", 600),
    ):
        scene.said(scene.placed(who=1), word, remains)
    for word in ("In progress", "Completed", "Partial", "Failed"):
        scene.said(scene.placed(package=True), word, 300)
    scene.placed()
    scene.placed(package=True, who=1)
    scene.placed(runs=2)
    scene.fed("In progress", ("In progress", 200))
    scene.fed("Canceled", ("Completed", 0), ("Partial", 33))
    scene.fed("Completed", *[("Completed", 0)] * 3)
    scene.fed("Completed", ("Completed", 0), ("Failed", None), ("In progress", 10))
    scene.subscribed("Active", ("In progress", 60), None, None)
    scene.subscribed("Expired", ("Completed", 0))


def _requests_in_every_state(scene: Scene) -> None:
    """Refills and cancel requests: taken, on their way, lost, waiting to be sent."""
    taken = [RefillReply("r-1"), CancelReply("")]
    for kind, verb, word, answer in (
        (refills.KIND, refills.request, "Completed", taken[0]),
        (cancellations.KIND, cancellations.request, "In progress", taken[1]),
    ):
        for said in (answer, None, "under way", "waiting"):
            order = scene.said(scene.placed(), word, 0 if word == "Completed" else 700)
            verb(order, by=scene.admin, now=scene.later())
            if said == "waiting":
                continue
            batch = followups.claim(kind, order.provider)
            assert batch is not None
            if said != "under way":
                replies = {} if said is None else {batch.ids[0]: said}
                followups.record(kind, batch, replies, scene.later())


def _money_in_every_place(scene: Scene) -> None:
    """Little in wallets, more in the tills, and a part of the member's day spent in every way."""
    member = scene.member.user
    for client in scene.clients:
        topped = _asked_for_top_ups(scene, client)
        if client is scene.clients[0]:
            topups.approve(topped, by=member, now=scene.later(), received=Decimal(1))
        for by in (scene.admin, member):
            wallets.take_cash(client, Decimal(3), by=by, now=scene.later())
        client.wallet.refresh_from_db()
        holds = client.wallet.balance - 3
        wallets.adjust(client, -holds, by=scene.admin, now=scene.later(), reason="to begin with")
    now = scene.later()
    wallets.gift(scene.clients[1], Decimal("0.5"), by=member, now=now, reason="late")
    wallets.adjust(scene.clients[1], Decimal("0.25"), by=member, now=now, reason="counted")


def _asked_for_top_ups(scene: Scene, client: Customer) -> TopUp:
    """By hand, which is returned, and at a gateway."""
    how: dict[str, Any] = {"by": client.user, "now": scene.later()}
    draft = checkouts.drafted(client, scene.card, Decimal(3), client_key=scene.number(), **how)
    draft.status, draft.payment_id = TopUpStatus.CHECKOUT, f"cs_{scene.number()}"
    checkouts.keep(draft)
    topups.ask(client, scene.bank, Decimal(1), client_key=scene.number(), **how)
    return topups.ask(client, scene.bank, Decimal(2), client_key=scene.number(), **how)
