"""A small house with rows in every state, and every page that shows them.

What is hard to lay out is there on purpose: a client with an endless name, a link of 2,000
characters, a right-to-left name, money with all its digits.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from orders import (
    api_keys,
    call_times,
    history,
    mass_orders,
    messages,
    moving_in,
    reconcile,
    rules,
    tills,
    topups,
    wallets,
)
from orders.enums import (
    AlarmKind,
    AlertChannel,
    AlertEvent,
    CallError,
    CancellationStatus,
    ChangeKind,
    EventKind,
    HoldReason,
    ImportKind,
    MarkupKind,
    MassLineState,
    MovementKind,
    NotPlaced,
    OrderStatus,
    PauseReason,
    PaymentKind,
    PriceLevel,
    RefillStatus,
    SubmissionOutcome,
    SyncOutcome,
)
from orders.models import (
    Alert,
    ApiKey,
    BalanceReading,
    CallTimes,
    Cancellation,
    Customer,
    Evidence,
    ImportFile,
    MassLine,
    MassOrder,
    Movement,
    Offer,
    Order,
    PaymentMethod,
    Provider,
    ProviderState,
    Refill,
    Service,
    Staff,
    Submission,
    SyncChange,
    SyncRun,
    Telling,
    TillClosing,
    TopUp,
)
from orders.reports import agreement, rolling
from tests.support import factories

ENDLESS = "Wolfeschlegelsteinhausenbergerdorff " * 5
RIGHT_TO_LEFT = "متابعون إنستغرام بجودة عالية وضمان ثلاثين يوما"
LONG_LINK = "https://instagram.com/" + "p" * 1970
UNKNOWN = OrderStatus.UNCONFIRMED


@dataclass
class House:
    """The rows that addresses are about, and who visits."""

    owner: Staff
    customer: Customer
    provider: Provider
    service: Service
    orders: dict[str, Order] = field(default_factory=dict)
    refill: Refill | None = None
    numbered: Refill | None = None
    cancellation: Cancellation | None = None
    run: SyncRun | None = None
    closing: TillClosing | None = None
    top_up: TopUp | None = None
    way: PaymentMethod | None = None
    api_key: ApiKey | None = None
    files: list[ImportFile] = field(default_factory=list)
    mass_order: MassOrder | None = None
    typed: MassOrder | None = None
    manager: Staff | None = None
    spare: Offer | None = None

    def numbers(self, name: str) -> list[int]:
        """The rows whose pages this address has, told by its name."""
        about: tuple[tuple[str, list[Any]], ...] = (
            ("moving_in", self.files),
            ("mass_order", [self.mass_order, self.typed]),
            ("member", [self.owner, self.manager]),
            ("reconciliation", [self.provider]),
            ("top_up", [self.provider]),
            ("closing", [self.closing]),
            ("top_up", [self.top_up]),
            ("payment", [self.way]),
            ("revoke_key", [self.api_key]),
            ("revoke_client_key", [self.api_key]),
            ("settle_refill", [self.refill]),
            ("correct_refill", [self.numbered]),
            ("refill_window", [self.service]),
            ("settle_cancellation", [self.cancellation]),
            ("sync_runs", [self.provider]),
            ("sync_run", [self.run]),
            ("removals", [self.run]),
            ("case", [self.orders[UNKNOWN], self.orders[OrderStatus.FAILED]]),
            ("together", [self.orders[UNKNOWN], self.orders[OrderStatus.FAILED]]),
            ("order", list(self.orders.values())),
            ("move_service", [self.service]),
            ("shelf", [self.service.category]),
            ("service", [self.service]),
            ("repoint", [self.service]),
            ("fallback", [self.service]),
            ("price", [self.service]),
            ("cost", [self.service]),
            ("client", [self.customer]),
            ("customer", [self.customer]),
            ("provider", [self.provider]),
            ("key", [self.provider]),
            ("staff", [self.owner]),
            ("person", [self.owner]),
        )
        rows = next((rows for word, rows in about if word in name.split(":")[-1]), [self.customer])
        return [row.pk for row in rows if row is not None]


def plant() -> House:
    """Write the rows; times are counted back from now."""
    now = timezone.now()
    owner = factories.owner("Olga Owner", markup="35")
    manager = factories.staff(ENDLESS.strip()[:120], markup="28")
    customer = factories.customer(
        ENDLESS.strip()[:120], balance="12345678901.12345678", signs_in=True, phone="4722410730"
    )
    provider = factories.provider("Bulkhaus")
    _read_lately(provider, now)
    service = factories.service(
        factories.offer(provider, name=f"Instagram Followers {ENDLESS}"[:400], dripfeed=True),
        description="Followers from everywhere.\n" + ENDLESS,
    )
    house = House(owner, customer, provider, service, manager=manager)
    _plant_orders(house, manager, now)
    _plant_services(provider, now)
    _plant_fallback(house)
    _plant_follow_ups(house, now)
    _plant_keys(house, now)
    _plant_till(house, now)
    _plant_clients(manager, owner, now)
    _plant_run(house, now)
    _plant_messages(house, now)
    _plant_top_ups(house, now)
    _plant_alerts(house, now)
    _plant_books(house, now)
    _plant_reports(now)
    _plant_files(house, now)
    _plant_many(house, now)
    return house


def _plant_reports(now: datetime) -> None:
    """Summed and compared, so that reports have rows and say how they stand."""
    rolling.add_up_all(now)
    agreement.check(now)


def _read_lately(provider: Provider, now: datetime) -> None:
    ProviderState.objects.filter(provider=provider).update(catalog_read_at=now)


def _plant_orders(house: House, manager: Staff, now: datetime) -> None:
    second = factories.service(
        factories.offer(house.provider, name=RIGHT_TO_LEFT, category="إنستغرام")
    )
    for number, status in enumerate(OrderStatus):
        values: dict[str, Any] = {
            "placed_at": now - timedelta(hours=number),
            "remains": 380,
            "start_count": 12_480,
            "details": {"link": LONG_LINK, "quantity": 1000},
        }
        if number % 3 == 0:
            values["link"] = LONG_LINK
        if status in (OrderStatus.COMPLETED, OrderStatus.PARTIAL):
            values |= {"cost": Decimal("0.70000001"), "charge_upstream": Decimal("0.70000001")}
            values["finished_at"] = now
        order = factories.order(
            house.customer,
            house.service if number % 2 else second,
            status=status,
            by=manager.user,
            **values,
        )
        history.note(order.pk, EventKind.PLACED, values["placed_at"])
        history.note(order.pk, EventKind.FLAGGED, now, detail=ENDLESS[:250])
        house.orders[status] = order
        if status in (UNKNOWN, OrderStatus.COMPLETED, OrderStatus.FAILED):
            _submit(order, now)
    _plant_runs(house, now)
    _plant_subscription(house, now)
    house.orders["held"] = factories.order(
        house.customer,
        house.service,
        status=OrderStatus.WAITING,
        hold=HoldReason.PRICE,
        hold_detail="Cost rose 1.20 → 3.60; below floor by 1.10",
        placed_at=now,
    )


def _plant_runs(house: House, now: datetime) -> None:
    """An order in ten runs: done, done in part, odd, under way."""
    details = {"link": LONG_LINK[:40], "quantity": 100, "runs": 10, "interval": 60}
    offer = factories.offer(house.provider, dripfeed=True, name="Instagram Likes, in runs")
    order = house.orders["runs"] = factories.order(
        house.customer,
        factories.service(offer),
        status=OrderStatus.IN_PROGRESS,
        quantity=100,
        runs=10,
        details=details,
        remains=650,
        placed_at=now - timedelta(hours=5),
    )
    changed = {"changed_at": now - timedelta(minutes=4), "charge_upstream": Decimal("0.0714")}
    for number, (status, remains) in enumerate(
        [
            (OrderStatus.COMPLETED, 0),
            (OrderStatus.COMPLETED, -7),
            (OrderStatus.PARTIAL, 40),
            (OrderStatus.CANCELED, 100),
            (OrderStatus.IN_PROGRESS, 10),
            (OrderStatus.PENDING, None),
        ],
        start=1,
    ):
        factories.child(order, number, status=status, remains=remains, **changed)
    odd = "Provider says “On moderation”, a status that is not known here."
    factories.child(order, 7, status=OrderStatus.PENDING, flag=odd)


def _plant_subscription(house: House, now: datetime) -> None:
    """A subscription to ten posts: done, done in part, under way, of unknown size."""
    offer = factories.offer(
        house.provider,
        type_name="Subscriptions",
        service_type="subscriptions",
        name="Instagram Auto Likes, each new post",
    )
    order = house.orders["subscription"] = factories.subscription(
        house.customer,
        factories.service(offer),
        posts=10,
        status=OrderStatus.IN_PROGRESS,
        upstream_status="Active",
        remains=1480,
        placed_at=now - timedelta(days=6),
    )
    changed = {"changed_at": now - timedelta(minutes=4), "charge_upstream": Decimal("0.0714")}
    for number, (status, size, remains) in enumerate(
        [
            (OrderStatus.COMPLETED, 180, 0),
            (OrderStatus.PARTIAL, 150, 40),
            (OrderStatus.CANCELED, None, None),
            (OrderStatus.IN_PROGRESS, 130, 20),
            (OrderStatus.COMPLETED, 120, 0),
            (OrderStatus.PENDING, None, None),
        ],
        start=1,
    ):
        post = {"status": status, "quantity": size, "remains": remains}
        factories.child(order, number, **post | changed)


def _submit(order: Order, now: datetime) -> None:
    is_lost = order.status == UNKNOWN
    Submission.objects.create(
        order=order,
        provider=order.provider,
        number=1,
        outcome=SubmissionOutcome.UNKNOWN if is_lost else SubmissionOutcome.CREATED,
        claimed_at=now - timedelta(minutes=40),
        sent_at=now - timedelta(minutes=40),
        expires_at=now,
        answer="<html>" + "502 Bad Gateway " * 60,
        answer_bytes=960,
        http_status=502,
        elapsed_ms=8412,
        worker="worker 2",
    )


def _plant_fallback(house: House) -> None:
    """At the same provider, much dearer than when it was chosen, and short of what is sold."""
    house.spare = factories.offer(house.provider, name=ENDLESS[:300], refill=False, most=999)
    Service.objects.filter(pk=house.service.pk).update(
        fallback=house.spare, fallback_cost=house.spare.rate / 4
    )


def _plant_services(provider: Provider, now: datetime) -> None:
    for pause in (reason for reason in PauseReason if reason.value):
        factories.service(
            factories.offer(provider),
            pause=pause,
            paused_at=now,
            pause_detail="cost 1.2000 → 3.6000",
        )
    factories.service(factories.offer(provider), is_visible=False)


def _plant_follow_ups(house: House, now: datetime) -> None:
    asked: dict[str, Any] = {
        "order": house.orders[OrderStatus.COMPLETED],
        "provider": house.provider,
        "asked_by": house.owner.user,
        "asked_at": now - timedelta(hours=30),
        "changed_at": now - timedelta(hours=28),
        "sent_at": now - timedelta(hours=29),
    }
    house.numbered = Refill.objects.create(
        status=RefillStatus.REJECTED, answer=ENDLESS[:200], upstream_id="r-8812", **asked
    )
    partial = asked | {"order": house.orders[OrderStatus.PARTIAL]}
    house.refill = Refill.objects.create(status=RefillStatus.UNKNOWN, **partial)
    running = asked | {"order": house.orders[OrderStatus.IN_PROGRESS]}
    Cancellation.objects.create(status=CancellationStatus.DECLINED, answer="no", **running)
    pending = asked | {"order": house.orders[OrderStatus.PENDING]}
    house.cancellation = Cancellation.objects.create(status=CancellationStatus.UNKNOWN, **pending)


def _plant_run(house: House, now: datetime) -> None:
    house.run = SyncRun.objects.create(
        provider=house.provider,
        started_at=now - timedelta(hours=2),
        finished_at=now - timedelta(hours=2),
        outcome=SyncOutcome.HELD,
        rows_total=8412,
        rows_done=8412,
        held_removals=1,
    )
    offer = house.service.offer
    for kind, before, after in (
        (ChangeKind.RATE, {"rate": "1.20000001"}, {"rate": "3.60000001"}),
        (ChangeKind.CHANGED, {"name": ENDLESS}, {"name": RIGHT_TO_LEFT}),
    ):
        SyncChange.objects.create(run=house.run, kind=kind, offer=offer, before=before, after=after)
    SyncChange.objects.create(run=house.run, kind=ChangeKind.RETIRED, offer=offer, held=True)


def _plant_messages(house: House, now: datetime) -> None:
    order, buyer = house.orders[OrderStatus.PARTIAL], house.customer.user
    assert buyer is not None
    for minutes, text, by in (
        (90, "When does the rest come?", buyer),
        (60, "It was stopped; the rest is back on your balance.", house.owner.user),
        (30, ENDLESS, buyer),
        (20, RIGHT_TO_LEFT, buyer),
    ):
        messages.write(order, text[:2000], by=by, now=now - timedelta(minutes=minutes))


def _plant_top_ups(house: House, now: datetime) -> None:
    buyer = house.customer.user
    assert buyer is not None
    house.way = topups.add_method(
        kind=PaymentKind.MANUAL,
        by=None,
        now=now,
        name="Bank transfer",
        instructions=f"Pay to NO93 8601 1117 947.\nQuote {{reference}}.\n{ENDLESS}",
        fee_percent=Decimal("1.5"),
    )
    proof = topups.Upload(b"%PDF-1.4")
    for minutes, amount in ((90, "50"), (30, "1234567.89")):
        house.top_up = topups.ask(
            house.customer,
            house.way,
            Decimal(amount),
            by=buyer,
            now=now - timedelta(minutes=minutes),
            client_key=amount,
            note=ENDLESS[:300],
            proof=proof,
        )


def _plant_alerts(house: House, now: datetime) -> None:
    """One that goes on, told on one channel and not taken on the other, and one that is over."""
    began, subject = now - timedelta(minutes=50), f"provider:{house.provider.pk}"
    for number, ended in enumerate((None, now - timedelta(minutes=9))):
        alert = Alert.objects.create(
            kind=AlarmKind.PROVIDER_HELD if ended is None else AlarmKind.BALANCE_LOW,
            subject=subject,
            title=f"{ENDLESS[:100]} has no funds" if number == 0 else "The balance runs low",
            text=f"Orders wait, nobody is refunded. “{ENDLESS[:150]}”",
            since=began,
            seen_at=began,
            started_at=began,
            gone_at=ended,
            ended_at=ended,
        )
        for channel in AlertChannel:
            Telling.objects.create(
                alert=alert,
                event=AlertEvent.STARTED,
                channel=channel,
                title=alert.title,
                text=alert.text,
                made_at=began,
                due_at=now + timedelta(minutes=4),
                tries=1,
                told_at=began if channel == AlertChannel.EMAIL else None,
                told_to=", ".join(f"somebody.with.a.name{n}@house.example" for n in range(4)),
                failure="" if channel == AlertChannel.EMAIL else "It answered 404: “no_service”.",
            )


def _plant_call_times(provider: Provider, now: datetime) -> None:
    """Thirty days of every kind of call, the slow ones and each kind of error among them."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    CallTimes.objects.bulk_create(
        CallTimes(
            provider=provider,
            action=action,
            hour=hour - timedelta(hours=back),
            calls=36_012,
            times={str(12 + (back * 7 + place) % 5): 36_000, "28": 9, "39": 3},
            errors={kind.value: 1 + place for kind in CallError} if action == "add" else {},
        )
        for place, action in enumerate(call_times.ACTIONS)
        for back in [*range(24), *range(26, 720, 13)]
    )


def _plant_books(house: House, now: datetime) -> None:
    """Readings of ten days, a known charge a day, a top-up, and one fall that nothing explains."""
    balance, one, by = Decimal("1207.2164"), house.orders[OrderStatus.COMPLETED], house.owner.user
    for days in range(10, -1, -1):
        at = now - timedelta(days=days, minutes=50)
        known = {"provider": house.provider, "begun_at": at, "at": at, "recorded_at": at}
        balance -= Decimal("12.3456") + (5 if days == 3 else 0)
        Movement.objects.create(
            order=one, kind=MovementKind.CHARGE, amount=Decimal("-12.3456"), **known
        )
        for minutes in (5, 10):
            read_at = at + timedelta(minutes=minutes)
            BalanceReading.objects.create(provider=house.provider, at=read_at, amount=balance)
    _plant_call_times(house.provider, now)
    Movement.objects.create(order=one, kind=MovementKind.CORRECTION, amount=Decimal("-1"), **known)
    Order.objects.filter(pk=one.pk).update(charge_upstream=Decimal("2.00000001"))
    arrived = now - timedelta(days=2)
    for token, amount in (("kept", "5"), ("slip", "12345678.12345678")):
        row = reconcile.record_top_up(
            house.provider,
            Decimal(amount),
            arrived,
            by=by,
            now=now,
            memo=ENDLESS[:300],
            token=token,
        )
    reconcile.take_back(house.provider, row.pk, by=by, now=now, reason="Typed twice")
    items = [
        {"id": str(number), "status": "Pending", "charge": "1", "currency": "USD"}
        | {"start_count": 12_480, "remains": 380}
        for number in range(90_311_838, 90_311_841)
    ]
    Evidence.objects.create(
        order=house.orders[UNKNOWN], at=now, person=by, probed={"asked": 25, "items": items}
    )


def _plant_keys(house: House, now: datetime) -> None:
    made_at = now - timedelta(days=40)
    house.api_key, _ = api_keys.make(house.customer, "Shop in Lisbon", by=None, now=made_at)
    api_keys.note_use(house.api_key, "2001:db8:85a3:1234:5678:8a2e:1370:7334", now=now)
    api_keys.make(house.customer, ENDLESS.strip()[:60], by=None, now=made_at)


def _plant_files(house: House, now: datetime) -> None:
    """A file that was carried out, one that waits, with rows of every fate, one half way."""
    by, clients = house.owner.user, ImportKind.CUSTOMERS
    done = moving_in.keep(
        clients, "clients of spring.csv", b"email,balance\nola@moved.example,5\n", by=by, now=now
    )
    seen = moving_in.preview(done, by=by).fingerprint
    moving_in.finish(moving_in.start(done, seen, by=by, now=now), now)
    lines = [
        "email,name,phone,balance,markup,api key",
        "ola@moved.example,Ola,,7,,",
        "pat@moved.example,Pat,,-12.5,28,0123456789abcdef",
        f"kim@moved.example,{ENDLESS[:110]},,1,,",
        "no address,Bad,,1,,",
        "lee@moved.example,Lee,+47 22 41 07 30,1,,",
    ]
    content = "\n".join(lines).encode()
    waits = moving_in.keep(clients, f"{ENDLESS[:90]}.csv", content, by=by, now=now)
    runs = moving_in.keep(clients, "half way.csv", content, by=by, now=now)
    moving_in.start(runs, None, by=by, now=now)
    moving_in.go_on(now, seconds=0)
    house.files = [waits, done, runs]


MANY: tuple[tuple[NotPlaced, dict[str, Any]], ...] = (
    (NotPlaced.FUNDS, {"missing": "12345678901.12345678"}),
    (NotPlaced.PRICE, {"expected": "1.3", "price": "1.30000001"}),
    (NotPlaced.OVERLAP, {"orders": [5, 4, 3, 2, 1], "line": 1}),
    (NotPlaced.NOT_SOLD, {"way": "paused", "text": "This service is paused."}),
    (NotPlaced.BLOCKED, {"text": "This client is blocked."}),
    (NotPlaced.STOPPED, {}),
    (NotPlaced.FAILED, {}),
)


def _plant_many(house: House, now: datetime) -> None:
    """Many orders that are being placed, with a line of every result, and some that were typed."""
    number, by = house.service.pk, house.customer.user
    assert by is not None
    good = [f"{number} | @many{n} | 1000" for n in range(9)]
    odd = [
        *(f"{number} | {LONG_LINK} | 1000", f"{number} | {LONG_LINK} | 1000"),
        *(f"{number} | {LONG_LINK} | 5", ENDLESS, f"{ENDLESS} | @a | 10", "424242 | @b | 10"),
    ]
    text = "\n".join([*good, *odd])
    for name in (f"{ENDLESS[:90]}.csv", ""):
        house.typed = mass_orders.keep(house.customer, text, by=by, now=now, name=name)
        if name:
            _place_many(house, house.typed, now)


def _place_many(house: House, draft: MassOrder, now: datetime) -> None:
    check = mass_orders.check(draft.customer, mass_orders.read(draft.text), by=draft.made_by)
    house.mass_order = mass_orders.confirm(draft, check.fingerprint, by=draft.made_by, now=now)
    done = house.orders[OrderStatus.COMPLETED]
    lines = list(MassLine.objects.filter(mass_order=draft, state=MassLineState.WAITING)[:8])
    placed, *others = lines
    MassLine.objects.filter(pk=placed.pk).update(state=MassLineState.PLACED, order=done)
    for line, (why, detail) in zip(others, MANY, strict=True):
        MassLine.objects.filter(pk=line.pk).update(
            state=MassLineState.NOT_PLACED, why=why, detail=detail
        )


def _plant_till(house: House, now: datetime) -> None:
    other = factories.staff("Tom Adeyemi")
    house.closing = tills.count_till(
        staff=other, counted=Decimal("0"), by=other.user, now=now - timedelta(hours=1)
    )


def _plant_clients(manager: Staff, owner: Staff, now: datetime) -> None:
    """Clients of one member, who holds cash of theirs; one of them has an agreed price."""
    for name in ("Café Sóller", "J. Okafor", RIGHT_TO_LEFT, ENDLESS.strip()[:120]):
        client = factories.customer(name, manager=manager)
    wallets.take_cash(client, Decimal("12345.67"), by=manager.user, now=now)
    agreed = (PriceLevel.CUSTOMER, MarkupKind.PERCENT, Decimal(12))
    rules.set_markup(*agreed, owner.user, now, ENDLESS[:200], customer=client)


def addresses(house: House, face: str) -> Iterator[str]:
    """Every address of a face ("staff", "my"); some only take forms (405) or do not fit (404)."""
    for name, pattern in named_patterns():
        if not name.startswith(f"{face}:"):
            continue
        words = pattern.pattern.converters
        for number in house.numbers(name) if "number" in words else [0]:
            values: dict[str, Any] = dict.fromkeys(words, "test")
            values |= {"number": number} if "number" in words else {}
            yield reverse(name, kwargs=values)
    if face == "my":
        yield f"{reverse('my:new_order')}?service={house.service.pk}"
        for again in (OrderStatus.COMPLETED, "subscription"):
            if again in house.orders:
                yield f"{reverse('my:new_order')}?again={house.orders[again].pk}"
    if face == "staff":
        chosen = f"?client={house.customer.pk}&service={house.service.pk}"
        yield reverse("staff:new_order") + chosen
        if posts := house.orders.get("subscription"):
            chosen = f"?client={house.customer.pk}&service={posts.service_id}"
            yield reverse("staff:new_order") + chosen
        yield f"{reverse('staff:change_services')}?service={house.service.pk}&kind=name"
        yield f"{reverse('staff:repoint_many')}?service={house.service.pk}&pick=likest"
        yield f"{reverse('staff:decisions')}?kind=rises&markup=45"
        if house.spare is not None:
            chosen = f"?offer={house.spare.pk}"
            yield reverse("staff:fallback", kwargs={"number": house.service.pk}) + chosen
        yield reverse("staff:reports") + "?tab=below&period=year"
    if face == "staff" and house.manager is not None:
        member = {"number": house.manager.pk}
        yield reverse("staff:member_markup", kwargs=member) + "?value=40&kind=percent"
        yield reverse("staff:member_bounds", kwargs=member) + "?floor=45&ceiling=60"
        heir = f"?of={house.manager.pk}&heir={house.owner.pk}"
        yield reverse("staff:assign_clients") + heir


def named_patterns() -> Iterator[tuple[str, URLPattern]]:
    """Every pattern of the site that has a name, under the name that `reverse` knows."""
    yield from _named(get_resolver().url_patterns, "")


def _named(patterns: list[Any], namespace: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else namespace
            yield from _named(pattern.url_patterns, inner)
        elif pattern.name:
            yield f"{namespace}{pattern.name}", pattern
