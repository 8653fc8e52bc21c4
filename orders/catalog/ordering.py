"""The order in which shelves and services stand, in the shop and in the answers of the API.

A shelf's services stand by position, then by number. Whoever orders them writes positions of one
shelf anew, so that what was never ordered stands after what was.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from orders import auditing, sql
from orders.catalog.shelves import STEP
from orders.errors import StateChanged
from orders.models import Category, Service, User


class Step(StrEnum):
    """One key press."""

    FIRST = "first"
    UP = "up"
    DOWN = "down"
    LAST = "last"


def move_service(service: Service, to: Step | int, *, by: User | None, now: datetime) -> int:
    """Move a service within its shelf, by a step or to a place; returns its place, from 1."""
    with sql.short_transaction():
        shelf = Category.objects.select_for_update(no_key=True).get(pk=service.category_id)
        rows = Service.objects.filter(category=shelf).order_by("position", "id")
        place = _move(list(rows.only("position")), service.pk, to)
        if place.moved:
            _write("orders_service", place.rows, "integer")
            _record("service.moved", service, place, by, now)
    return place.then + 1


def move_category(category: Category, to: Step | int, *, by: User | None, now: datetime) -> int:
    """Move a shelf among the shelves, by a step or to a place; returns its place, from 1."""
    with sql.short_transaction():
        rows = Category.objects.order_by("position", "name").select_for_update(no_key=True)
        place = _move(list(rows), category.pk, to)
        if place.moved:
            _write("orders_category", place.rows, "integer")
            _record("category.moved", category, place, by, now)
    return place.then + 1


class _Place:
    """The rows in their new order, and where the one that moved stood and stands."""

    def __init__(self, rows: list[Any], was: int, then: int):
        self.rows, self.was, self.then = rows, was, then

    @property
    def moved(self) -> bool:
        return self.was != self.then


def _move(rows: list[Any], pk: int, to: Step | int) -> _Place:
    was = next((place for place, row in enumerate(rows) if row.pk == pk), None)
    if was is None:
        raise StateChanged(_("It stands on another shelf by now. Look once more."))
    wanted = {Step.FIRST: 0, Step.UP: was - 1, Step.DOWN: was + 1, Step.LAST: len(rows)}
    then = to - 1 if isinstance(to, int) else wanted[to]
    then = max(0, min(len(rows) - 1, then))
    rows.insert(then, rows.pop(was))
    return _Place(rows, was, then)


def _write(table: str, rows: list[Any], cast: str) -> None:
    """Positions in the order of the rows; those that have the right one are left alone."""
    wanted = [(row.pk, place * STEP) for place, row in enumerate(rows, 1)]
    changed = [new for row, new in zip(rows, wanted, strict=True) if row.position != new[1]]
    sql.update_rows(table, ["position"], changed, casts=[cast])


def _record(action: str, row: Any, place: _Place, by: User | None, now: datetime) -> None:
    auditing.record(by, action, row, {"place": place.was + 1}, {"place": place.then + 1}, at=now)
