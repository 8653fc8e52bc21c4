"""Clients from another panel, with what they are owed, their markup and their API keys."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.db.models import Max
from django.utils.translation import gettext_noop

from orders import auditing, ledger
from orders.enums import AccountKind, MarkupKind, PriceLevel, TransferKind
from orders.kept_words import Sentence
from orders.models import ApiKey, Arrival, Bound, Customer, MarkupRule, User
from orders.money import ZERO, plain
from orders.moving_in.book import Book
from orders.moving_in.customer_rows import CustomerRow, CustomerRows
from orders.moving_in.plans import REASON, Report
from orders.persons import require_admin

_LOW_MARKUP = Sentence(
    gettext_noop(
        "The markup is below the floor of %(floor)s %%; only the owner brings it in. Give it "
        "another one."
    )
)
_KNOWN = Sentence(
    gettext_noop("This is %(name)s already, client %(number)s; what is missing is added.")
)
_OWING = Sentence(
    gettext_noop("They owe %(amount)s. They order once it is paid, or with a credit limit.")
)
_OTHER_BALANCE = Sentence(
    gettext_noop(
        "Client %(number)s came in with %(came)s; the file now says %(says)s. Nothing is "
        "moved: correct it on the client's page."
    )
)
_OTHER_KEY = Sentence(
    gettext_noop("Client %(number)s is in already; a new API key is made by themselves.")
)

KEY_NAME = gettext_noop("From the other panel")
BATCH = 1000


@dataclass
class CustomerPlan:
    """What a file of clients would do: who comes in, and which of them are here already."""

    report: Report = field(default_factory=Report)
    book: Book = field(default_factory=Book)
    coming: list[tuple[CustomerRow, Customer | None]] = field(default_factory=list)
    number_of: dict[int, int] = field(default_factory=dict)
    """The client that each line came to, once it is written."""


def look(file: CustomerRows, *, by: User | None) -> CustomerPlan:
    """What the file would do now; nothing is written. Raises `NotAllowed` for all but admins."""
    floor = None if by is None or require_admin(by).is_owner else _panel_floor()
    plan = CustomerPlan(book=Book.find(file.rows))
    report = plan.report
    report.rows = len(file.rows) + len(file.bad)
    report.reject_all(file.bad)
    for row in file.rows:
        known = plan.book.is_known(row)
        if why := plan.book.clash(row):
            report.reject(row.line, why)
        elif known is not None and known.pk in plan.book.arrivals:
            report.settle(row.line, "there")
            _tell_differences(row, known, plan)
        elif floor is not None and row.markup is not None and row.markup < floor:
            report.reject(
                row.line,
                _LOW_MARKUP.of(floor=f"{floor.normalize():f}"),
            )
        else:
            plan.coming.append((row, known))
            _count(row, known, plan)
    return plan


def _panel_floor() -> Decimal | None:
    panel = Bound.objects.filter(level=PriceLevel.PANEL, ended_at=None)
    return panel.aggregate(floor=Max("floor_percent"))["floor"]


def _count(row: CustomerRow, known: Customer | None, plan: CustomerPlan) -> None:
    report = plan.report
    report.settle(row.line, "added" if known is None else "joined")
    who = known and known.pk
    report.changes[row.line] = [
        *(row.email, row.phone, row.name, row.balance, row.markup, row.key_hash, who)
    ]
    if row.key_hash and row.key_hash not in plan.book.keys:
        report.count("keys")
    if known is not None:
        report.tell(
            row.line,
            _KNOWN.of(name=known.name[:60], number=known.pk),
        )
        if row.markup is not None and known.pk in plan.book.with_markup:
            report.tell(row.line, gettext_noop("A markup was agreed with them here, and stays."))
    if row.balance < ZERO:
        report.count("owing")
        report.tell(
            row.line,
            _OWING.of(amount=plain(-row.balance)),
        )


def _tell_differences(row: CustomerRow, known: Customer, plan: CustomerPlan) -> None:
    """What came in once stays as it is; what the file says otherwise now is for a person."""
    came = plan.book.arrivals[known.pk].figure or ZERO
    if row.balance != came:
        plan.report.tell(
            row.line,
            _OTHER_BALANCE.of(number=known.pk, came=plain(came), says=plain(row.balance)),
        )
    if row.key_hash and row.key_hash not in plan.book.keys:
        plan.report.tell(row.line, _OTHER_KEY.of(number=known.pk))


# ── Writing ──────────────────────────────────────────────────────────────────────────────────


def write(plan: CustomerPlan, by: User | None, now: datetime) -> None:
    """Do what was looked at, in the caller's transaction, which holds the panel's lock.

    Raises `IntegrityError` when somebody added one of the clients, or a key, at this moment.
    """
    users = _sign_ins(plan, now)
    customers = _customers(plan, users, now)
    pairs = list(zip((row for row, _ in plan.coming), customers, strict=True))
    markups = [
        (row, customer)
        for row, customer in pairs
        if row.markup is not None and customer.pk not in plan.book.with_markup
    ]
    MarkupRule.objects.bulk_create((_markup(*pair, by, now) for pair in markups), batch_size=BATCH)
    keys = [pair for pair in pairs if pair[0].key_hash and pair[0].key_hash not in plan.book.keys]
    ApiKey.objects.bulk_create((_key(*pair, by, now) for pair in keys), batch_size=BATCH)
    Arrival.objects.bulk_create(
        (Arrival(customer=who, figure=row.balance, at=now, by=by) for row, who in pairs),
        batch_size=BATCH,
    )
    _open(pairs, by, now)
    auditing.record_each(by, "customer.moved_in", map(_said, pairs), REASON, at=now)
    plan.number_of.update((row.line, customer.pk) for row, customer in pairs)


def _sign_ins(plan: CustomerPlan, now: datetime) -> dict[str, User]:
    """A sign-in for each address that has none. It has no password; *Forgot password* sets one."""
    missing = [
        User(email=row.email, name=row.name, password=make_password(None), created_at=now)
        for row, known in plan.coming
        if row.email and (known is None or known.user_id is None)
    ]
    return {user.email: user for user in User.objects.bulk_create(missing, batch_size=BATCH)}


def _customers(plan: CustomerPlan, users: dict[str, User], now: datetime) -> list[Customer]:
    """The client of each row, those that are new with an empty wallet."""
    new, joined, all_of_them = [], [], []
    for row, known in plan.coming:
        customer = known
        if customer is None:
            name = row.name or row.email.partition("@")[0] or f"+{row.phone}"
            customer = Customer(name=name, email=row.email, phone=row.phone, created_at=now)
            new.append(customer)
        elif row.email in users:
            joined.append(customer)
        customer.user = users.get(row.email, customer.user)
        all_of_them.append(customer)
    Customer.objects.bulk_create(new, batch_size=BATCH)
    Customer.objects.bulk_update(joined, ["user"], batch_size=BATCH)
    ledger.open_wallets(customer.pk for customer in new)
    return all_of_them


def _markup(row: CustomerRow, customer: Customer, by: User | None, now: datetime) -> MarkupRule:
    return MarkupRule(
        level=PriceLevel.CUSTOMER,
        customer=customer,
        kind=MarkupKind.PERCENT,
        value=row.markup or ZERO,
        set_by=by,
        set_at=now,
        reason=REASON,
    )


def _key(row: CustomerRow, customer: Customer, by: User | None, now: datetime) -> ApiKey:
    return ApiKey(
        customer=customer,
        name=KEY_NAME,
        prefix=row.key_prefix,
        key_hash=row.key_hash,
        created_at=now,
        created_by=by,
    )


def _open(pairs: list[tuple[CustomerRow, Customer]], by: User | None, now: datetime) -> None:
    """Post each balance once: a client's wallet is opened under one reference for good."""
    wallets = ledger.wallet_ids(customer.pk for _, customer in pairs)
    opening = AccountKind.OPENING
    entries = []
    for row, customer in pairs:
        wallet = wallets[customer.pk]
        source, target = (opening, wallet) if row.balance > ZERO else (wallet, opening)
        entries.append(
            ledger.Entry(
                TransferKind.IMPORT,
                f"wallet:{wallet}:opening",
                source,
                target,
                abs(row.balance),
                person_id=by.pk if by else None,
                memo=REASON,
            )
        )
    ledger.post(entries, at=now)


def _said(
    pair: tuple[CustomerRow, Customer],
) -> tuple[Customer, dict[str, object], dict[str, object]]:
    row, customer = pair
    told: dict[str, object] = {"balance": row.balance}
    if row.markup is not None:
        told["markup"] = row.markup
    if row.key_hash:
        told["api_key"] = f"{row.key_prefix}…"
    return customer, {}, told
