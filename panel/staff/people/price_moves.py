"""How prices would move, as rows of a table: by a member's own rules, or under another manager."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from orders.models import Service, Staff
from orders.rules import Handing, Line, Preview

MOST = 8


class Moved(NamedTuple):
    """A service's price before and after, and whose clients pay it; null: no price."""

    service: int
    before: Decimal | None
    after: Decimal | None
    manager: int | None = None


@dataclass(frozen=True)
class Row:
    """One of the biggest moves."""

    number: int
    name: str
    whose: str
    before: Decimal | None
    after: Decimal | None
    share: Decimal | None
    """By how much per cent the price moves; null where there is none before or after."""


def of_preview(preview: Preview) -> list[Row]:
    """The biggest moves that a change of rules makes. One query."""
    moved = [_moved(line) for line in preview.lines]
    return _rows(sorted((m for m in moved if m.before != m.after), key=_size)[:MOST])


def of_handing(handing: Handing) -> list[Row]:
    """The biggest moves that another manager makes. Two queries."""
    return _rows([Moved(m.service, m.before, m.after, m.manager) for m in handing.biggest])


def _moved(line: Line) -> Moved:
    before, after = (side.price if side else None for side in (line.before, line.after))
    return Moved(line.service, before, after)


def _size(move: Moved) -> Decimal:
    share = _share(move)
    return Decimal("-Infinity") if share is None else -abs(share)


def _share(move: Moved) -> Decimal | None:
    if not move.before or move.after is None:
        return None
    return (move.after - move.before) * 100 / move.before


def _rows(moves: Iterable[Moved]) -> list[Row]:
    listed = list(moves)
    names = dict(
        Service.objects.filter(pk__in=[m.service for m in listed]).values_list("pk", "name")
    )
    members = Staff.objects.filter(pk__in={m.manager for m in listed if m.manager is not None})
    whose = {member.pk: member.name for member in members.select_related("user")}
    return [
        Row(
            m.service,
            names.get(m.service, ""),
            whose.get(m.manager or 0, _("Nobody's")),
            m.before,
            m.after,
            _share(m),
        )
        for m in listed
    ]
