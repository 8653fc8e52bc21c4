"""The commonest news of all, that an order under way has moved on, by one statement.

It is what `consequence` would decide of such a report, said to PostgreSQL as a condition: no row is
read and no other one written. Whatever does not fulfil it to the letter is left to `consequence`.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from orders import sql, statuses
from orders.enums import OrderStatus, Tier
from orders.money import LARGEST, UNITS
from orders.progress.reports import Report

UNDER_WAY = frozenset({OrderStatus.PENDING, OrderStatus.PROCESSING, OrderStatus.IN_PROGRESS})

_UPDATE = f"""
UPDATE orders_order o SET
    remains = COALESCE(new.remains, o.remains),
    start_count = COALESCE(new.start_count, o.start_count),
    changed_at = %s,
    tier = %s
FROM {{found}} AS new(id, status, word, remains, start_count, charge, currency)
WHERE o.id = new.id AND o.status = new.status AND o.upstream_status = new.word
AND o.flag = '' AND NOT o.refund_unknown AND o.runs IS NULL AND o.least_per_post IS NULL
AND o.changed_at <= %s AND o.status_at <= %s
AND (new.charge IS NULL OR (ceil(new.charge * {UNITS}) = o.charge_upstream AND o.cost IS NOT NULL
    AND lower(new.currency) IN ('', lower(o.cost_currency))))
AND (o.charge_upstream IS NULL
    OR o.charge_upstream::numeric * 100 <= o.expected_charge_upstream::numeric * 102)
AND (COALESCE(new.remains, o.remains), COALESCE(new.start_count, o.start_count))
    IS DISTINCT FROM (o.remains, o.start_count)
RETURNING o.id
"""
_CASTS = ("bigint", "varchar", "varchar", "bigint", "bigint", "numeric", "varchar")


def move_on(reports: Iterable[Report], now: datetime) -> set[int]:
    """Write these reports, as far as that is all they say; the orders that were moved on. None
    where the database has no such statement.

    The caller holds the locks of all these orders, of which the others wait for `consequence`.
    """
    found = [report for report in reports if _is_plain(report)] if sql.is_postgresql() else []
    if not found:
        return set()
    asked_at = min(report.asked_at for report in found)
    columns: tuple[Iterable[object], ...] = (
        [report.order_id for report in found],
        [statuses.from_upstream(report.status_word) for report in found],
        [report.status_word for report in found],
        [report.remains for report in found],
        [report.start_count for report in found],
        [report.charge for report in found],
        [report.currency for report in found],
    )
    with connection.cursor() as cursor:
        told, values = sql.unnest(columns, _CASTS)
        update = _UPDATE.format(found=told)
        cursor.execute(update, [now, int(Tier.FAST), *values, asked_at, asked_at])
        return {pk for (pk,) in cursor.fetchall()}


def _is_plain(report: Report) -> bool:
    """Whether it tells of an order under way, and of nothing out of the ordinary."""
    return (
        not report.trouble
        and not report.odd
        and not report.tells_of_runs
        and not report.is_of_subscription
        and not report.is_cost_open
        and report.status is None
        and statuses.from_upstream(report.status_word) in UNDER_WAY
        and (report.charge is None or 0 <= report.charge < LARGEST)
    )
