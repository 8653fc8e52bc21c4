"""Changing markups and bounds. A row is never edited: it is ended, and another follows it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db import IntegrityError
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from orders import auditing, catalog, sql
from orders.enums import MarkupKind, PriceLevel
from orders.errors import Declined, StateChanged
from orders.models import Bound, MarkupRule, User
from orders.panel_settings import current, locked
from orders.rules.allowing import require_bound, require_rule, require_scope
from orders.rules.scopes import BOUND_LEVELS, MARKUP_LEVELS, columns_of, exactly
from orders.rules.values import check_bounds, check_value

DEFAULT_MARKUP = Decimal(30)
DEFAULT_FLOOR = Decimal(5)
"""Per cent. A provider may charge up to 2 % above its rate before that is noticed: even then a
sale at the floor earns something."""

FIRST = gettext_noop("What a new panel starts with")
R = TypeVar("R", MarkupRule, Bound)


def set_markup(
    level: PriceLevel,
    kind: MarkupKind,
    value: Decimal,
    by: User | None,
    now: datetime,
    reason: str = "",
    **scope: Model,
) -> MarkupRule:
    """Let a markup act on `level`, about `scope` (`service=`, `category=`, `customer=`, `staff=`).

    Open orders keep their price. A markup set on one service also accepts what it costs now. The
    floors hold all the same; a rule below them is the owner's alone to set. Raises `FieldErrors`,
    `NotAllowed`, or `StateChanged` when somebody else was first.
    """
    columns = columns_of(level, scope, MARKUP_LEVELS)
    check_value(kind, value)
    require_scope(by, columns)
    require_rule(by, kind, value, columns)
    said = {"kind": kind.value, "value": value}
    with one_after_the_other():
        acting = MarkupRule.objects.filter(exactly(level, columns)).first()
        if acting is not None and (acting.kind, acting.value) == (kind, value):
            rule = acting
        else:
            rule = _follow(MarkupRule, acting, level, columns, said, by, now, reason)
            _reassess(level, columns, now)
        if level == PriceLevel.SERVICE:
            catalog.accept_rate(
                columns["service"], by, now, reason=reason or gettext_noop("A new price was set")
            )
    return rule


def end_markup(
    level: PriceLevel, by: User | None, now: datetime, reason: str = "", **scope: Model
) -> bool:
    """Let the next less specific markup act again; whether there was one to end.

    Raises `NotAllowed`, and `Declined` for the panel's: without it nothing would have a price.
    """
    columns = columns_of(level, scope, MARKUP_LEVELS)
    require_scope(by, columns)
    if level == PriceLevel.PANEL:
        raise Declined(_("The panel's markup can be changed, not taken away."))
    with sql.short_transaction():
        locked()
        acting = MarkupRule.objects.select_for_update().filter(exactly(level, columns)).first()
        if acting is not None:
            _end(acting, now)
            before = {"kind": acting.kind, "value": acting.value}
            subject = _subject(level, columns)
            auditing.record(by, "markup.ended", subject, before, {}, reason, at=now)
            _reassess(level, columns, now)
    return acting is not None


def set_bound(
    level: PriceLevel,
    *,
    floor_percent: Decimal | None,
    ceiling_percent: Decimal | None,
    by: User | None,
    now: datetime,
    reason: str = "",
    **scope: Model,
) -> Bound:
    """Set the least and the most markup over cost on `level`; null is no bound.

    Both are said each time; only the owner lowers a floor. Raises `FieldErrors`, `NotAllowed`, or
    `StateChanged` when somebody else was first.
    """
    columns = columns_of(level, scope, BOUND_LEVELS)
    check_bounds(floor_percent, ceiling_percent)
    require_scope(by, columns)
    said = {"floor_percent": floor_percent, "ceiling_percent": ceiling_percent}
    with one_after_the_other():
        acting = Bound.objects.filter(exactly(level, columns)).first()
        require_bound(by, acting, floor_percent)
        if acting is not None and all(getattr(acting, name) == said[name] for name in said):
            return acting
        bound = _follow(Bound, acting, level, columns, said, by, now, reason)
        _reassess(level, columns, now)
        return bound


def set_defaults(*, by: User | None, now: datetime) -> None:
    """The panel's first markup and floor, where nobody ever set them."""
    panel = PriceLevel.PANEL
    if not MarkupRule.objects.filter(level=panel).exists():
        set_markup(panel, MarkupKind.PERCENT, DEFAULT_MARKUP, by, now, FIRST)
    if not Bound.objects.filter(level=panel).exists():
        set_bound(
            panel,
            floor_percent=DEFAULT_FLOOR,
            ceiling_percent=None,
            by=by,
            now=now,
            reason=FIRST,
        )


@contextmanager
def one_after_the_other() -> Iterator[None]:
    """A short transaction; of two people who change one rule at once, the second one is told."""
    try:
        with sql.short_transaction():
            yield
    except IntegrityError as clash:
        raise StateChanged(_("Somebody else changed this just now. Look once more.")) from clash


def _follow(
    model: type[R],
    acting: R | None,
    level: PriceLevel,
    columns: dict[str, Any],
    said: dict[str, Any],
    by: User | None,
    now: datetime,
    reason: str,
) -> R:
    locked()
    if acting is not None:
        _end(acting, now)
    row = model(level=level, set_by=by, set_at=now, reason=reason[:200], **columns, **said)
    row.save(force_insert=True)
    action = "markup.set" if isinstance(row, MarkupRule) else "bound.set"
    before = {} if acting is None else {name: getattr(acting, name) for name in said}
    auditing.record(by, action, _subject(level, columns), before, said, reason, at=now)
    return row


def _reassess(level: PriceLevel, columns: dict[str, Any], now: datetime) -> None:
    """A fixed price that the floor would lift now is paused; one that it no longer lifts is not."""
    scopes: dict[PriceLevel, dict[str, Any]] = {
        PriceLevel.PANEL: {},
        PriceLevel.CATEGORY: {"category": columns["category"]},
        PriceLevel.SERVICE: {"pk": columns["service"] and columns["service"].pk},
    }
    if level in scopes:
        catalog.reassess_fixed_prices(current().rise_threshold, now=now, **scopes[level])


def _end(row: MarkupRule | Bound, now: datetime) -> None:
    row.ended_at = now
    row.save(update_fields=["ended_at"])


def _subject(level: PriceLevel, columns: dict[str, Any]) -> str:
    """How the audit trail names a scope: "panel", "service:2104", "customer:7 category:3"."""
    rows = [auditing.subject_of(row) for row in columns.values() if row is not None]
    return " ".join(sorted(rows)) or level.value
