"""What honest books do not show, as SQL: each statement looks at a slice of ids, so millions of
rows cost neither memory nor a statement that runs for minutes, and each sees money and its trace
in one snapshot.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from orders.ledger import ROUTES
from orders.money import from_units, plain


@dataclass(frozen=True)
class Question:
    """A statement that returns only wrong rows whose `table` id is from %(low)s to %(high)s."""

    name: str
    table: str
    step: int
    statement: str
    say: Callable[..., str]


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
