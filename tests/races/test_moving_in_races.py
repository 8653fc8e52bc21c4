"""Two files at once, and orders placed while their numbers are raised.

Each race is run with its guard; where a test says so, the guard is taken away to show its need.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError

from orders import ledger_check, moving_in, placement, rules, sql
from orders.enums import ImportKind
from orders.models import (
    Account,
    ApiKey,
    AuditEntry,
    Customer,
    ImportFile,
    ImportLine,
    Service,
    Transfer,
    User,
)
from orders.moving_in import customers, keeping, services
from orders.sql import numbers
from tests.orders.moving_in.conftest import customers_csv, services_csv
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import before, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
NOW = factories.NOW
CLIENTS = customers_csv("pat@shop.example,Pat,,10,20,pats-old-key-77")
WRITES = before(customers, "_open")


def bringing(kind: ImportKind, content: bytes, **more: Any) -> Callable[[], Any]:
    rows = moving_in.FILES[kind].read(content)
    return lambda: moving_in.carry_out(kind, rows, by=None, now=NOW, **more)


def test_one_file_of_clients_twice_at_once_comes_in_once() -> None:
    two = bringing(ImportKind.CUSTOMERS, CLIENTS), bringing(ImportKind.CUSTOMERS, CLIENTS)
    first, second = race(*two, at=WRITES)
    assert (first.fates["added"], second.fates) == (1, {"there": 1})
    assert Customer.objects.count() == ApiKey.objects.count() == Transfer.objects.count() == 1
    assert Account.objects.get(customer__isnull=False).balance == 10
    assert ledger_check.check() == []


def test_without_the_lock_the_tables_still_keep_the_second_one_out(guards: Guards) -> None:
    guards.lift_row_locks()
    two = bringing(ImportKind.CUSTOMERS, CLIENTS), bringing(ImportKind.CUSTOMERS, CLIENTS)
    first, second = race(*two, at=WRITES)
    assert (first.fates["added"], second.fates) == (1, {"changed": 1})
    assert Account.objects.get(customer__isnull=False).balance == 10


def test_two_files_of_services_at_once_both_come_in() -> None:
    provider = factories.provider("Bulk")
    for upstream_id in ("11", "12"):
        factories.offer(provider, upstream_id=upstream_id)
    one = bringing(ImportKind.SERVICES, services_csv("500,Bulk,11,One,x,2", "501,Bulk,12,Two,x,2"))
    two = bringing(ImportKind.SERVICES, services_csv("501,Bulk,12,Two,x,2", "502,Bulk,11,One,x,2"))
    first, second = race(one, two, at=before(services, "_price"))
    both = first.fates["added"] + second.fates["added"]
    there = first.fates.get("there", 0) + second.fates.get("there", 0)
    assert (both, there) == (3, 1)
    assert list(Service.objects.order_by("pk").values_list("pk", flat=True)) == [500, 501, 502]


def kept() -> tuple[ImportFile, str, User]:
    by = factories.owner().user
    file = moving_in.keep(ImportKind.CUSTOMERS, "clients.csv", CLIENTS, by=by, now=NOW)
    return file, moving_in.preview(file, by=by).fingerprint, by


def test_two_clicks_begin_a_file_once() -> None:
    file, seen, by = kept()
    click = partial(moving_in.start, file, seen, by=by, now=NOW)
    race(click, click, at=before(keeping, "_begin"))
    assert ImportLine.objects.count() == 1
    assert AuditEntry.objects.filter(action="import.started").count() == 1


def test_without_the_lock_the_second_click_finds_its_lines_there(guards: Guards) -> None:
    file, seen, by = kept()
    guards.lift_row_locks()
    click = partial(moving_in.start, file, seen, by=by, now=NOW)
    _, second = race(click, click, at=before(keeping, "_begin"))
    assert isinstance(second, IntegrityError)
    assert ImportLine.objects.count() == 1


def test_two_at_one_file_take_turns_and_nothing_comes_in_twice() -> None:
    file, seen, by = kept()
    moving_in.start(file, seen, by=by, now=NOW)
    work = partial(moving_in.finish, file, NOW)
    race(work, work, at=WRITES)
    file.refresh_from_db()
    assert (file.counts, file.lines_done) == ({"added": 1, "keys": 1}, 1)
    assert Transfer.objects.count() == 1


def test_without_the_files_lock_two_count_one_line_twice(guards: Guards) -> None:
    file, seen, by = kept()
    moving_in.start(file, seen, by=by, now=NOW)
    guards.lift_row_locks()
    work = partial(moving_in.finish, file, NOW)
    race(work, work, at=WRITES)
    line = ImportLine.objects.get()
    assert line.fate == "changed"  # what the second one wrote over what the first one did
    assert Transfer.objects.count() == 1


def test_a_file_that_is_stopped_while_a_line_comes_in_ends_with_that_line() -> None:
    file, seen, by = kept()
    moving_in.start(file, seen, by=by, now=NOW)
    work = partial(moving_in.finish, file, NOW)
    stops = partial(moving_in.stop, file, by=by, now=NOW)
    race(work, stops, at=[WRITES, None])
    file.refresh_from_db()
    assert file.counts["added"] == 1 and file.done_at is not None


def test_a_worker_leaves_a_file_alone_that_another_one_has() -> None:
    file, seen, by = kept()
    moving_in.start(file, seen, by=by, now=NOW)
    work = partial(moving_in.go_on, NOW)
    _, second = race(work, work, at=[WRITES, None])
    assert (second.lines, second.busy) == (0, False)


def placing(count: int) -> list[Callable[[], Any]]:
    service, seller = factories.service(), factories.owner().user
    buyers = [factories.customer(f"Buyer {n}", balance="1000") for n in range(count)]

    def place(buyer: Customer) -> int:
        fields = {"link": f"https://instagram.com/{buyer.pk}", "quantity": 1000}
        return placement.place(buyer, service.pk, fields, by=seller, now=NOW).order.pk

    return [partial(place, buyer) for buyer in buyers]


def test_an_order_placed_while_numbers_are_raised_has_one_of_its_own() -> None:
    """Who raises has read the next number; who orders waits, and follows."""
    (order,) = placing(1)
    ahead = moving_in.next_order_number() + 500
    raising = partial(moving_in.set_next_order_number, ahead, by=None, now=NOW)
    _, number = race(raising, order, at=[before(numbers, "_set_next_number"), None])
    assert number == ahead


def test_without_the_lock_a_raise_could_lower_the_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two, three = placing(3)
    start = moving_in.next_order_number()
    for module in (sql, numbers):
        monkeypatch.setattr(module, "keep_from_growing", lambda table: None)
    at = before(numbers, "_set_next_number")

    def raising() -> Any:
        return moving_in.set_next_order_number(start + 1, by=None, now=NOW)

    def ordering() -> Any:
        return [one(), two()]

    race(raising, ordering, at=[at, None])
    with pytest.raises(IntegrityError, match="duplicate key"):
        three()


def test_prices_of_both_are_what_their_files_said() -> None:
    provider = factories.provider("Bulk")
    factories.offer(provider, upstream_id="11")
    line = services_csv("500,Bulk,11,One,x,2")
    race(
        bringing(ImportKind.SERVICES, line),
        bringing(ImportKind.SERVICES, line.replace(b",2", b",3")),
        at=before(services, "_price"),
    )
    assert rules.price_list(Service.objects.all())[500].price == Decimal(2)


def test_without_the_locks_the_line_of_the_second_file_of_services_stays_out(
    guards: Guards,
) -> None:
    factories.offer(factories.provider("Bulk"), upstream_id="11")
    guards.lift_row_locks()
    line = services_csv("500,Bulk,11,One,x,2")
    two = bringing(ImportKind.SERVICES, line), bringing(ImportKind.SERVICES, line)
    first, second = race(*two, at=before(services, "_price"))
    assert (first.fates["added"], second.fates) == (1, {"changed": 1})
    assert Service.objects.count() == 1
