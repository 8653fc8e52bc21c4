"""People, providers, services and orders for tests, made the short way.

Rows are written as the verbs would leave them; a test that is about a verb calls the verb.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from orders import ledger, sealing, service_types
from orders.enums import AccountKind, MarkupKind, OrderStatus, PriceLevel, TransferKind
from orders.models import (
    Bound,
    Category,
    Child,
    Customer,
    Evidence,
    Family,
    MarkupRule,
    Offer,
    Order,
    Provider,
    ProviderState,
    Service,
    Staff,
    User,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
KEY = "planted-upstream-key-7f3a"
_numbers = count(100_001)
"""Of one length all through a run: names sort by them, whichever tests came before."""


def user(email: str = "", name: str = "", *, password: str | None = None) -> User:
    """A sign-in; without `password` it cannot be used to sign in (tests use force_login)."""
    number = next(_numbers)
    return User.objects.create_user(
        email or f"person{number}@example.com", password, name=name or f"Person {number}"
    )


def staff(name: str = "Mira Kovač", *, markup: str | None = None, **fields: Any) -> Staff:
    """A staff member without any switch, with their own markup when given."""
    member = Staff.objects.create(user=user(name=name), created_at=NOW, **fields)
    if markup is not None:
        MarkupRule.objects.create(
            level=PriceLevel.STAFF,
            staff=member,
            kind=MarkupKind.PERCENT,
            value=Decimal(markup),
            set_at=NOW,
        )
    return member


def admin(name: str = "Ada Admin", **fields: Any) -> Staff:
    """An admin, who sees and may do everything but what is the owner's."""
    return staff(name, is_admin=True, **fields)


def owner(name: str = "Olga Owner", **fields: Any) -> Staff:
    """The owner."""
    return staff(name, is_admin=True, is_owner=True, **fields)


def customer(
    name: str = "Atelier Nord",
    *,
    balance: str = "0",
    manager: Staff | None = None,
    signs_in: bool = False,
    **fields: Any,
) -> Customer:
    """A client with a wallet that holds `balance`."""
    row = Customer.objects.create(
        name=name,
        manager=manager,
        user=user(name=name) if signs_in else None,
        created_at=fields.pop("created_at", NOW),
        **fields,
    )
    wallet = ledger.open_wallet(row.pk)
    if Decimal(balance):
        entry = ledger.Entry(
            TransferKind.CORRECTION,
            f"test:opening:{row.pk}",
            AccountKind.ADJUSTMENTS,
            wallet.pk,
            Decimal(balance),
        )
        _posted([entry])
    return row


def _posted(entries: list[ledger.Entry]) -> None:
    from django.db import transaction

    with transaction.atomic():
        ledger.post(entries, at=NOW)


def provider(
    name: str = "", *, url: str = "http://127.0.0.1:9/api/v2", key: str = KEY, **fields: Any
) -> Provider:
    """A provider whose rates were read just now (by the tests' clock and the real one), and whose
    pace keeps nobody waiting unless it is said."""
    read_at = fields.pop("catalog_read_at", NOW + timedelta(days=365 * 50))
    row = Provider.objects.create(
        name=name or f"Bulkhaus {next(_numbers)}",
        url=url,
        key_sealed=sealing.seal(key),
        key_last4=key[-4:],
        currency=fields.pop("currency", "USD"),
        created_at=fields.pop("created_at", NOW),
        **{"requests_per_second": Decimal(1000)} | fields,
    )
    ProviderState.objects.create(provider=row, catalog_read_at=read_at)
    return row


def panel_prices(markup: str = "30", floor: str = "5") -> None:
    """The panel's own markup and floor, unless there are some."""
    if not MarkupRule.objects.filter(level=PriceLevel.PANEL, ended_at=None).exists():
        MarkupRule.objects.create(
            level=PriceLevel.PANEL,
            kind=MarkupKind.PERCENT,
            value=Decimal(markup),
            set_at=NOW,
        )
    if not Bound.objects.filter(level=PriceLevel.PANEL, ended_at=None).exists():
        Bound.objects.create(level=PriceLevel.PANEL, floor_percent=Decimal(floor), set_at=NOW)


def offer(of: Provider | None = None, **fields: Any) -> Offer:
    """An offer of followers at 1.00 per 1000, 10 to 10,000, with refill and cancel."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "upstream_id": str(1000 + number),
        "name": f"Instagram Followers {number}",
        "category": "Instagram",
        "type_name": "Default",
        "service_type": "default",
        "rate": Decimal("1"),
        "least": 10,
        "most": 10_000,
        "refill": True,
        "cancel": True,
        "first_seen_at": NOW,
        "rate_changed_at": NOW,
    }
    return Offer.objects.create(provider=of or provider(), **values | fields)


def service(of: Offer | None = None, **fields: Any) -> Service:
    """A service on sale, with the panel's markup of 30 % behind it."""
    panel_prices()
    bought = of or offer()
    category, _ = Category.objects.get_or_create(name=bought.category or "Other")
    terms = bought.provider.exchange_rate * bought.provider.factor
    values: dict[str, Any] = {
        "name": bought.name,
        "category": category,
        "offer": bought,
        "accepted_cost": bought.rate * terms,
        "created_at": NOW,
    }
    return Service.objects.create(**values | fields)


def order(
    for_customer: Customer | None = None,
    of: Service | None = None,
    *,
    status: OrderStatus = OrderStatus.PENDING,
    by: User | None = None,
    paid: bool = True,
    **fields: Any,
) -> Order:
    """An order of 1,000 for 1.30, paid from the wallet, in any status; `upstream_id` when it has
    one. The wallet may fall below zero: this is not placement."""
    buyer, bought = for_customer or customer(), of or service()
    sent = status not in (OrderStatus.WAITING, OrderStatus.SENDING, OrderStatus.UNCONFIRMED)
    values: dict[str, Any] = {
        "upstream_service_id": bought.offer.upstream_id,
        "service_type": bought.offer.service_type,
        "link": "https://instagram.com/ateliernord",
        "quantity": 1000,
        "billable": 1000,
        "delivery_total": 1000,
        "details": {"link": "https://instagram.com/ateliernord", "quantity": 1000},
        "cost_rate_upstream": bought.offer.rate,
        "cost_currency": bought.offer.provider.currency,
        "exchange_rate": bought.offer.provider.exchange_rate,
        "factor": bought.offer.provider.factor,
        "markup_level": PriceLevel.PANEL,
        "markup_kind": MarkupKind.PERCENT,
        "markup_value": Decimal(30),
        "rate": Decimal("1.3"),
        "price": Decimal("1.3"),
        "expected_charge_upstream": Decimal("1"),
        "expected_cost": Decimal("1"),
        "placed_at": NOW,
        "status_at": NOW,
        "waiting_since": NOW,
        "changed_at": NOW,
        "upstream_id": str(90_000_000 + next(_numbers)) if sent else None,
        "tier": 1 if sent and status not in (OrderStatus.REFUSED, OrderStatus.CANCELED) else None,
    }
    values |= fields
    row = Order.objects.create(
        customer=buyer,
        service=bought,
        provider=bought.offer.provider,
        offer=bought.offer,
        placed_by=by or user(),
        managed_by=fields.pop("managed_by", buyer.manager),
        status=status,
        link_key=service_types.link_key(values["link"] or values["details"].get("username", "")),
        **values,
    )
    if paid:
        _posted([ledger.order_entry(row, ledger.wallet_id(buyer.pk), row.placed_by_id)])
    return row


def subscription(
    for_customer: Customer | None = None,
    of: Service | None = None,
    *,
    posts: int = 5,
    between: tuple[int, int] = (100, 200),
    **fields: Any,
) -> Order:
    """A subscription to so many posts, 1.30 held for 1,000 of them at the most."""
    least, most = between
    bought = of or service(offer(type_name="Subscriptions", service_type="subscriptions"))
    details = {"username": "ateliernord", "min": least, "max": most, "delay": "0", "posts": posts}
    terms = {"link": "", "details": details, "quantity": most, "runs": posts}
    total = most * posts
    counts = {"billable": total, "delivery_total": total, "least_per_post": least}
    return order(for_customer, bought, **terms | counts | {"charge_upstream": 0} | fields)


def child(
    of: Order, number: int, *, status: OrderStatus = OrderStatus.PENDING, **fields: Any
) -> Child:
    """A run of an order, as it was first told of; its order is given a word for the whole."""
    family = {"word": "In progress", "digest": "", "said_at": NOW}
    Family.objects.get_or_create(order=of, defaults=family)
    values: dict[str, Any] = {
        "upstream_id": str(95_000_000 + next(_numbers)),
        "status_at": NOW,
        "changed_at": NOW,
        "tier": 1,
    }
    return Child.objects.create(
        order=of, provider=of.provider, number=number, status=status, **values | fields
    )


def seen(order: Order, by: User, at: datetime, **fields: Any) -> datetime:
    """That somebody had the evidence about an order read at a moment, which is returned."""
    return Evidence.objects.create(order=order, person=by, at=at, **fields).at
