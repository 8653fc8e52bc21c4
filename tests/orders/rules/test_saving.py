"""What was previewed is saved, all of it or nothing, and can be undone."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orders import rules
from orders.enums import MarkupKind, PauseReason, PriceLevel
from orders.errors import Declined, FieldErrors, NotAllowed
from orders.models import AuditEntry, Bound, MarkupRule, Offer, Service, Staff
from orders.panel_settings import current
from orders.rules import BoundChange, Change, MarkupChange, PricesMoved, Scope, TermsChange
from tests.support import factories
from tests.support.factories import NOW
from tests.support.price_worlds import World

pytestmark = pytest.mark.django_db

D = Decimal
PANEL = Scope(PriceLevel.PANEL)
LATER = NOW + timedelta(hours=1)


def percent(value: str, level: PriceLevel = PriceLevel.PANEL, **about: int) -> MarkupChange:
    return MarkupChange(Scope(level, **about), MarkupKind.PERCENT, D(value))


def saved(*changes: Change, by: Staff | None = None, reason: str = "Dearer now") -> rules.Preview:
    seen = rules.preview(changes)
    user = by.user if by else None
    return rules.save(changes, seen.fingerprint, by=user, now=LATER, reason=reason)


def trail() -> list[tuple[str, str, object, object]]:
    rows = AuditEntry.objects.order_by("action", "subject")
    return list(rows.values_list("action", "subject", "before", "after"))


# ── The same as one by one ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seed", range(30))
def test_saved_at_once_is_the_same_as_one_by_one(seed: int) -> None:
    world = World.make(seed)
    changes = world.proposal()
    known = set(AuditEntry.objects.values_list("pk", flat=True))

    def outcome() -> tuple[object, ...]:
        told = AuditEntry.objects.exclude(pk__in=known)
        entries = sorted(
            (entry.action.replace("bound.ended", "bound.set"), entry.subject)
            for entry in told
            if entry.before != entry.after
        )
        return world.acting(), world.services_stand(), entries

    before = world.acting()
    with transaction.atomic():
        for change in changes:
            world.do(change)
        one_by_one = outcome()
        transaction.set_rollback(True)
    if rules.preview(changes).is_idle:
        assert one_by_one[0] == before
        with pytest.raises(Declined, match="Nothing would change"):
            world.save(changes)
    else:
        world.save(changes)
        assert outcome() == one_by_one


@pytest.mark.parametrize("seed", range(100, 125))
def test_an_undone_change_leaves_what_stood_before(seed: int) -> None:
    world = World.make(seed)
    changes = world.proposal()
    before, rows = world.acting(), MarkupRule.objects.count() + Bound.objects.count()
    if rules.preview(changes).is_idle or not rules.last_change():
        return
    world.save(changes, LATER)
    if world.acting() == before:
        return  # only a cost was accepted
    last = rules.last_change()
    assert last.at == LATER and last.reason == "As agreed"

    world.save(list(last.undoing), LATER + timedelta(minutes=1))

    assert world.acting() == before
    assert MarkupRule.objects.count() + Bound.objects.count() >= rows  # nothing is deleted


# ── Who, why, and what is kept ───────────────────────────────────────────────────────────────


def test_a_change_keeps_who_when_and_why() -> None:
    service, other = factories.service(), factories.service()
    admin = factories.admin()

    saved(
        *(percent("40", PriceLevel.SERVICE, service=row.pk) for row in (service, other)), by=admin
    )
    saved(percent("35"), by=admin, reason="Simpler")

    old, new = MarkupRule.objects.filter(level=PriceLevel.PANEL).order_by("pk")
    assert (old.ended_at, new.ended_at, new.set_by, new.reason) == (
        LATER,
        None,
        admin.user,
        "Simpler",
    )
    assert trail() == [
        (
            "markup.set",
            "panel",
            {"kind": "percent", "value": "30.00000000"},
            {"kind": "percent", "value": "35"},
        ),
        ("markup.set", f"service:{service.pk}", {}, {"kind": "percent", "value": "40"}),
        ("markup.set", f"service:{other.pk}", {}, {"kind": "percent", "value": "40"}),
    ]


def test_the_panels_terms_are_saved() -> None:
    factories.service()
    saved(TermsChange(D("0.01"), D("0.5")), by=factories.admin())
    assert (current().price_step, current().minimum_charge) == (D("0.01"), D("0.5"))
    assert [(action, subject) for action, subject, *_ in trail()] == [("panel.changed", "panel:1")]
    assert rules.last_change().undoing == (TermsChange(D("0.0001"), D(0)),)


def test_without_a_reason_nothing_is_saved() -> None:
    factories.service()
    with pytest.raises(FieldErrors) as refusal:
        saved(percent("40"), reason="  ")
    assert set(refusal.value.errors) == {"reason"}
    assert MarkupRule.objects.count() == 1


def test_only_admins_save() -> None:
    factories.service()
    with pytest.raises(NotAllowed):
        saved(percent("40"), by=factories.staff())


@pytest.mark.parametrize(
    "change",
    [percent("4"), BoundChange(PANEL, D(4)), BoundChange(PANEL)],
    ids=["a markup below the floor", "a lower floor", "no floor"],
)
def test_what_is_below_the_floor_is_the_owners(change: Change) -> None:
    factories.service()
    seen = rules.preview([change])
    assert seen.owner_only.startswith("The floor here is 5 %; only the owner")
    with pytest.raises(NotAllowed) as refusal:
        saved(change, by=factories.admin())
    assert str(refusal.value) == seen.owner_only
    saved(change, by=factories.owner())


@pytest.mark.parametrize("seed", range(200, 220))
def test_a_preview_knows_what_the_verbs_leave_to_the_owner(seed: int) -> None:
    world, admin = World.make(seed), factories.admin()
    for _ in range(5):
        change = world.markup(world.chance.choice([*PriceLevel][2:]))
        seen = rules.preview([change])
        with transaction.atomic():
            try:
                rules.set_markup(
                    change.scope.level,
                    change.kind,
                    change.value,
                    admin.user,
                    NOW,
                    **world.rows(change.scope),
                )
                refused = ""
            except NotAllowed as error:
                refused = str(error)
            transaction.set_rollback(True)
        assert seen.owner_only == refused


def test_of_many_rules_one_below_the_floor_keeps_all_from_being_saved() -> None:
    service, other = factories.service(), factories.service()
    changes = [
        percent("40", PriceLevel.SERVICE, service=service.pk),
        percent("3", PriceLevel.SERVICE, service=other.pk),
    ]
    with pytest.raises(NotAllowed):
        saved(*changes, by=factories.admin())
    assert not MarkupRule.objects.filter(level=PriceLevel.SERVICE).exists()


# ── What moved meanwhile ─────────────────────────────────────────────────────────────────────


def test_a_cost_that_moved_since_the_preview_asks_again() -> None:
    service = factories.service()
    changes = [percent("40")]
    seen = rules.preview(changes)
    Offer.objects.filter(pk=service.offer_id).update(rate=D("1.5"))

    with pytest.raises(PricesMoved) as moved:
        rules.save(changes, seen.fingerprint, by=None, now=NOW, reason="Dearer")

    assert not MarkupRule.objects.exclude(value=30).exists()
    assert moved.value.preview.lines[0].after.price == D("2.1")
    again = moved.value.preview.fingerprint
    rules.save(changes, again, by=None, now=NOW, reason="Dearer")
    assert MarkupRule.objects.get(ended_at=None).value == 40


def test_a_fingerprint_is_good_for_what_was_looked_at_alone() -> None:
    factories.service()
    seen = rules.preview([percent("40")])
    with pytest.raises(PricesMoved):
        rules.save([percent("41")], seen.fingerprint, by=None, now=NOW, reason="Dearer")


def test_rules_of_many_services_are_saved_by_as_many_queries_as_of_a_few() -> None:
    def queries(count: int) -> int:
        listed = Service.objects.order_by("-pk")[:count]
        changes = [percent("40", PriceLevel.SERVICE, service=row.pk) for row in listed]
        with CaptureQueriesContext(connection) as captured:
            saved(*changes)
        return len(captured)

    offers = [factories.offer(factories.provider()) for _ in range(2)]
    for offer in offers * 4:
        factories.service(offer, pause=PauseReason.COST_ROSE, paused_at=NOW, accepted_cost=D("0.1"))
    few = queries(2)
    MarkupRule.objects.filter(level=PriceLevel.SERVICE).delete()
    Service.objects.update(pause=PauseReason.COST_ROSE, paused_at=NOW, accepted_cost=D("0.1"))
    assert queries(8) == few
    assert not Service.objects.exclude(pause="", accepted_cost=1).exists()
