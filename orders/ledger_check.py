"""Does the ledger hold together? Reads every transfer, wallet and order; changes nothing.

Each question is one SQL statement over a slice of ids, so millions of rows cost neither memory
nor a statement that runs for minutes, and each sees money and its trace in one snapshot.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from orders import sql
from orders.ledger import ROUTES
from orders.money import from_units, plain

MOST = 100
"""Findings listed for one question; a thousand say no more than a hundred."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that honest books do not show: which question found it, and a sentence."""

    check: str
    text: str

    def __str__(self) -> str:
        return f"{self.check}: {self.text}"


@dataclass(frozen=True)
class Question:
    """A statement that returns only wrong rows whose `table` id is from %(low)s to %(high)s."""

    name: str
    table: str
    step: int
    statement: str
    say: Callable[..., str]


def check() -> list[Finding]:
    """Everything that is wrong with the books; empty when they are honest."""
    findings = trigger_findings()
    for question in QUESTIONS:
        findings += _ask(question)
    return findings


def trigger_findings() -> list[Finding]:
    """Triggers that keep the books append-only and are not there, or do not act."""
    return [
        Finding("triggers", f"{name} is missing or switched off; run migrate to put it back")
        for name in sql.missing_triggers()
    ]


def _ask(question: Question) -> list[Finding]:
    findings: list[Finding] = []
    for low, high in _slices(question.table, question.step):
        with connection.cursor() as cursor:
            cursor.execute(question.statement, {"low": low, "high": high, "most": MOST})
            rows = cursor.fetchall()
        findings += [Finding(question.name, question.say(*row)) for row in rows]
        if len(findings) >= MOST:
            more = Finding(question.name, f"the first {MOST} are listed; there may be more")
            return [*findings[:MOST], more]
    return findings


def _slices(table: str, step: int) -> Iterator[tuple[int, int]]:
    """The ids in slices of `step`; a stretch without rows, however long, is one step."""
    after = -1
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT MAX(id) FROM {table}")
        (last,) = cursor.fetchone()
    while last is not None and after < last:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT MIN(id) FROM {table} WHERE id > %s", [after])
            (low,) = cursor.fetchone()
        after = low + step - 1
        yield low, after


def _money(units: Any) -> str:
    return "nothing" if units is None else plain(from_units(int(units)))


# ── Wallets ──────────────────────────────────────────────────────────────────────────────────

# SUM over bigint is exact on both: numeric on PostgreSQL, a whole number on SQLite.
# The range stands on the transfers' own columns: PostgreSQL knows how many rows lie in it, while
# it takes a wallet for a busy account like sales when it is asked wallet by wallet.
_BALANCES = """
SELECT a.id, a.customer_id, a.balance, COALESCE(i.sum, 0) - COALESCE(o.sum, 0)
FROM orders_account a
LEFT JOIN (
    SELECT target_id, SUM(amount) AS sum FROM orders_transfer
    WHERE target_id BETWEEN %(low)s AND %(high)s GROUP BY target_id
) i ON i.target_id = a.id
LEFT JOIN (
    SELECT source_id, SUM(amount) AS sum FROM orders_transfer
    WHERE source_id BETWEEN %(low)s AND %(high)s GROUP BY source_id
) o ON o.source_id = a.id
WHERE a.kind = 'wallet' AND a.id BETWEEN %(low)s AND %(high)s
AND a.balance <> COALESCE(i.sum, 0) - COALESCE(o.sum, 0)
ORDER BY a.id LIMIT %(most)s
"""

_CHAIN = """
SELECT id, customer_id, balance_after, running FROM (
    SELECT m.id, a.customer_id, m.balance_after, SUM(m.change)
        OVER (PARTITION BY m.wallet_id ORDER BY m.id ROWS UNBOUNDED PRECEDING) AS running
    FROM (
        SELECT id, target_id AS wallet_id, balance_after, amount AS change
        FROM orders_transfer WHERE target_id BETWEEN %(low)s AND %(high)s
        UNION ALL
        SELECT id, source_id, balance_after, -amount
        FROM orders_transfer WHERE source_id BETWEEN %(low)s AND %(high)s
    ) m
    JOIN orders_account a ON a.id = m.wallet_id AND a.kind = 'wallet'
) c
WHERE balance_after IS NULL OR balance_after <> running ORDER BY id LIMIT %(most)s
"""


def _say_balance(account: int, customer: int, balance: Any, moved: Any) -> str:
    return (
        f"the wallet of client {customer} says {_money(balance)},"
        f" its transfers add up to {_money(moved)}"
    )


def _say_chain(transfer: int, customer: int, after: Any, running: Any) -> str:
    return (
        f"transfer {transfer} leaves the wallet of client {customer} at {_money(after)},"
        f" the transfers up to it add up to {_money(running)}"
    )


# ── Transfers ────────────────────────────────────────────────────────────────────────────────

_ALLOWED = ", ".join(
    f"'{kind}:{source}:{target}'"
    for kind, routes in ROUTES.items()
    for source, target in sorted(routes)
)

_ROUTES = f"""
SELECT t.id, t.kind, s.kind, d.kind
FROM orders_transfer t
JOIN orders_account s ON s.id = t.source_id
JOIN orders_account d ON d.id = t.target_id
WHERE t.id BETWEEN %(low)s AND %(high)s
AND t.kind || ':' || s.kind || ':' || d.kind NOT IN ({_ALLOWED})
ORDER BY t.id LIMIT %(most)s
"""

# What a transfer's reference says once more: its order, and the till that it went through.
_REFERENCES = """
SELECT t.id, t.kind, t.reference, t.order_id
FROM orders_transfer t
JOIN orders_account s ON s.id = t.source_id
JOIN orders_account d ON d.id = t.target_id
LEFT JOIN orders_order o ON o.id = t.order_id
WHERE t.id BETWEEN %(low)s AND %(high)s AND (
    (t.order_id IS NULL AND (t.reference LIKE 'order:%%' OR t.kind IN ('order', 'refund')))
    OR (t.order_id IS NOT NULL AND t.reference NOT LIKE 'order:' || t.order_id || ':%%')
    OR (t.kind = 'order' AND t.reference <> 'order:' || t.order_id || ':charge')
    OR (t.kind = 'refund' AND t.reference NOT LIKE 'order:' || t.order_id || ':refunded-to:%%')
    OR o.customer_id <> COALESCE(s.customer_id, d.customer_id)
    OR (COALESCE(s.staff_id, d.staff_id) IS NOT NULL
        AND t.reference NOT LIKE 'till:' || COALESCE(s.staff_id, d.staff_id) || ':%%'
        AND t.reference NOT LIKE 'order:%%:till:' || COALESCE(s.staff_id, d.staff_id) || ':%%')
)
ORDER BY t.id LIMIT %(most)s
"""


def _say_route(transfer: int, kind: str, source: str, target: str) -> str:
    return f"transfer {transfer} ({kind}) moved money from {source} to {target}"


def _say_reference(transfer: int, kind: str, reference: str, order: int | None) -> str:
    return (
        f"transfer {transfer} ({kind}) of order {order or 'none'} bears the reference {reference},"
        " which fits another order, client or till"
    )


# ── Orders ───────────────────────────────────────────────────────────────────────────────────

_ORDERS = """
SELECT o.id, o.price, o.refunded, COALESCE(m.charged, 0), COALESCE(m.returned, 0)
FROM orders_order o
LEFT JOIN (
    SELECT t.order_id,
        SUM(CASE WHEN t.kind = 'order' THEN t.amount ELSE 0 END) AS charged,
        SUM(CASE WHEN t.kind = 'refund' THEN t.amount ELSE 0 END) AS returned
    FROM orders_transfer t
    WHERE t.order_id BETWEEN %(low)s AND %(high)s GROUP BY t.order_id
) m ON m.order_id = o.id
WHERE o.id BETWEEN %(low)s AND %(high)s
AND (COALESCE(m.charged, 0) <> o.price OR COALESCE(m.returned, 0) <> o.refunded)
ORDER BY o.id LIMIT %(most)s
"""


def _say_order(order: int, price: Any, refunded: Any, charged: Any, returned: Any) -> str:
    return (
        f"order {order} costs {_money(price)}, charged {_money(charged)};"
        f" it says {_money(refunded)} refunded, transfers returned {_money(returned)}"
    )


# ── Accounts ─────────────────────────────────────────────────────────────────────────────────

_WALLETLESS = """
SELECT c.id FROM orders_customer c
WHERE c.id BETWEEN %(low)s AND %(high)s
AND NOT EXISTS (SELECT 1 FROM orders_account a WHERE a.customer_id = c.id)
ORDER BY c.id LIMIT %(most)s
"""


def _say_walletless(customer: int) -> str:
    return f"client {customer} has no wallet"


QUESTIONS = (
    Question("balances", "orders_account", 5_000, _BALANCES, _say_balance),
    Question("balances after", "orders_account", 5_000, _CHAIN, _say_chain),
    Question("accounts", "orders_transfer", 50_000, _ROUTES, _say_route),
    Question("references", "orders_transfer", 50_000, _REFERENCES, _say_reference),
    Question("orders", "orders_order", 50_000, _ORDERS, _say_order),
    Question("wallets", "orders_customer", 50_000, _WALLETLESS, _say_walletless),
)
