"""Prices that are saved as they were looked at, while others change rules, save, or order.

Each race is run twice: with its guard, and with the guard taken away to show that it is needed.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from orders import placement, rules
from orders.enums import MarkupKind, PriceLevel
from orders.models import Bound, MarkupRule, Panel, Service, User
from orders.rules import BoundChange, MarkupChange, PricesMoved, Scope, saving
from tests.support import factories
from tests.support.guards import Guards
from tests.support.racing import after, race

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

NOW = factories.NOW
PANEL = Scope(PriceLevel.PANEL)
LOOKED_ANEW = after(saving, "preview")
"""The one who saves has worked it out again, and is about to write."""


def percent(value: int) -> MarkupChange:
    return MarkupChange(PANEL, MarkupKind.PERCENT, Decimal(value))


def saver(*changes: rules.Change) -> Callable[[], Any]:
    """Somebody who has looked at these changes, and saves them."""
    seen, by = rules.preview(changes), factories.admin().user
    return lambda: rules.save(changes, seen.fingerprint, by=by, now=NOW, reason="Dearer")


# ── A rule of another scope, between the second look and the writing ─────────────────────────


def saved_while_a_category_got_its_rule(service: Service) -> list[Any]:
    by = factories.admin().user
    kind, value = MarkupKind.PERCENT, Decimal(80)
    return race(
        saver(percent(40)),
        lambda: rules.set_markup(
            PriceLevel.CATEGORY, kind, value, by, NOW, category=service.category
        ),
        at=[LOOKED_ANEW, None],
    )


def test_no_rule_slips_in_while_what_was_seen_is_saved() -> None:
    """The rule waits, and comes after what was saved."""
    service = factories.service()
    saved, rule = saved_while_a_category_got_its_rule(service)
    assert saved.lines[0].after.price == Decimal("1.4")
    assert isinstance(rule, MarkupRule)
    panel = MarkupRule.objects.get(level=PriceLevel.PANEL, ended_at=None)
    assert panel.pk < rule.pk


def test_without_the_panels_lock_a_rule_slips_in(guards: Guards) -> None:
    service = factories.service()
    guards.lift_row_locks(Panel)
    saved, rule = saved_while_a_category_got_its_rule(service)
    panel = MarkupRule.objects.get(level=PriceLevel.PANEL, ended_at=None)
    assert rule.pk < panel.pk  # it was there when this was saved, which says otherwise:
    assert saved.lines[0].after.price == Decimal("1.4")


def test_a_rule_that_was_set_since_the_preview_asks_again() -> None:
    """No race to guard: the fingerprint is another one."""
    service = factories.service()
    save = saver(percent(40))
    rules.set_markup(
        PriceLevel.CATEGORY, MarkupKind.PERCENT, Decimal(80), None, NOW, category=service.category
    )
    with pytest.raises(PricesMoved):
        save()
    assert MarkupRule.objects.get(level=PriceLevel.PANEL).value == 30


# ── Two who save ─────────────────────────────────────────────────────────────────────────────


def two_savers() -> list[Any]:
    """One about the panel, one about a category: no index knows that they are about one price."""
    service = factories.service()
    shelf = Scope(PriceLevel.CATEGORY, category=service.category_id)
    return race(
        saver(percent(40)),
        saver(MarkupChange(shelf, MarkupKind.PERCENT, Decimal(50))),
        at=LOOKED_ANEW,
    )


def test_of_two_who_save_the_second_is_shown_what_moved() -> None:
    first, second = two_savers()
    assert first.moved == 1
    assert isinstance(second, PricesMoved)
    assert second.preview.lines[0].before.price == Decimal("1.4")
    assert not MarkupRule.objects.filter(level=PriceLevel.CATEGORY).exists()


def test_without_the_panels_lock_both_save_what_neither_saw(guards: Guards) -> None:
    guards.lift_row_locks(Panel)
    first, second = two_savers()
    assert first.moved == second.moved == 1
    assert second.lines[0].before.price == Decimal("1.3")  # it was 1.4 by then


# ── An order, while prices are saved ─────────────────────────────────────────────────────────


@pytest.fixture
def seller() -> User:
    return factories.staff(sees_all_customers=True).user


def ordering(service: Service, seller: User) -> Callable[[], Any]:
    buyer = factories.customer(balance="1000")
    fields = {"link": "https://instagram.com/one", "quantity": 1000}
    return lambda: placement.place(buyer, service.pk, fields, by=seller, now=NOW, overlap_ok=True)


@pytest.mark.parametrize("read", ["markups_for", "terms_for"])
@pytest.mark.parametrize(
    ("changes", "old", "new"),
    [
        ([percent(60)], "1.3", "1.6"),
        ([BoundChange(PANEL, Decimal(90))], "1.3", "1.9"),
    ],
    ids=["a markup", "a floor"],
)
def test_an_order_has_the_old_price_or_the_new_one(
    read: str, changes: list[rules.Change], old: str, new: str, seller: User
) -> None:
    """Halted between its readings, after one of them, with the save coming in between."""
    service = factories.service()
    placed, saved = race(ordering(service, seller), saver(*changes), at=[after(rules, read), None])
    assert saved.moved == 1
    assert placed.order.price in (Decimal(old), Decimal(new))


def test_many_rules_at_once_are_seen_whole_or_not_at_all(seller: User) -> None:
    """A rule of the service is ended and its category gets one: 1.50, then 1.80; not 1.30."""
    service = factories.service()
    own = Scope(PriceLevel.SERVICE, service=service.pk)
    shelf = Scope(PriceLevel.CATEGORY, category=service.category_id)
    rules.set_markup(
        PriceLevel.SERVICE, MarkupKind.PERCENT, Decimal(50), None, NOW, service=service
    )
    changes = [MarkupChange(own), MarkupChange(shelf, MarkupKind.PERCENT, Decimal(80))]
    saved, placed = race(
        saver(*changes), ordering(service, seller), at=[after(saving, "_follow"), None]
    )
    assert saved.moved == 1
    assert placed.order.price == Decimal("1.5")
    assert ordering(service, seller)().order.price == Decimal("1.8")


def test_in_two_kinds_at_once_an_order_would_get_a_price_that_never_was(seller: User) -> None:
    """Why a change is of one kind: a markup and a floor in one transaction, read half and half."""
    service = factories.service()

    def both() -> None:
        with transaction.atomic():
            MarkupRule.objects.filter(level=PriceLevel.PANEL).update(value=Decimal(200))
            Bound.objects.filter(level=PriceLevel.PANEL).update(floor_percent=Decimal(90))

    placed, _ = race(ordering(service, seller), both, at=[after(rules, "markups_for"), None])
    assert placed.order.price == Decimal("1.9")  # 1.30 before, 3.00 after
    with pytest.raises(TypeError, match="of one kind"):
        rules.preview([percent(200), BoundChange(PANEL, Decimal(90))])
