"""A preview says what the change then does, and writes nothing."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import rules
from orders.enums import MarkupKind, PriceLevel
from orders.errors import Declined, FieldErrors
from orders.models import Offer
from orders.rules import BoundChange, Change, Fate, MarkupChange, Scope, TermsChange
from tests.support import factories
from tests.support.price_worlds import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(40))
def test_a_preview_says_what_the_change_then_does(seed: int) -> None:
    world = World.make(seed)
    for _ in range(3):
        changes = world.proposal()
        said = rules.preview(changes)
        scope = changes[0].scope
        listed, clients, pauses = world.prices(scope), world.clients_prices(), world.pauses()

        for change in changes:
            world.do(change)

        after, now_paused = world.prices(scope), world.pauses()
        about = {line.service for line in said.lines}
        assert {n: p for n, p in after.items() if listed.get(n) != p}.keys() <= about
        for line in said.lines:
            assert (line.before and line.before.price) == listed.get(line.service)
            assert (line.after and line.after.price) == after.get(line.service)
        moved = [n for n in after if listed.get(n) != after[n]]
        assert said.moved == len(moved)
        others = world.clients_prices()
        assert said.clients == sum(others[n] != clients[n] for n in clients), changes
        went = {n for n in pauses if now_paused[n] and not pauses[n]}
        came = {n for n in pauses if pauses[n] and not now_paused[n]}
        assert (set(said.pausing), set(said.releasing)) == (went, came), changes


# ── What it says ─────────────────────────────────────────────────────────────────────────────

D = Decimal
PANEL = Scope(PriceLevel.PANEL)


def percent(value: str, level: PriceLevel = PriceLevel.PANEL, **about: int) -> MarkupChange:
    return MarkupChange(Scope(level, **about), MarkupKind.PERCENT, D(value))


def test_it_tells_what_rises_stays_and_is_held() -> None:
    rising, tiny, own = (
        factories.service(factories.offer(rate=D(rate))) for rate in ("1", "0.0001", "2")
    )
    rules.set_markup(
        PriceLevel.SERVICE, MarkupKind.FIXED_RATE, D("2.1"), None, factories.NOW, service=own
    )

    said = rules.preview([percent("40")])

    assert {line.service: line.fate for line in said.lines} == {
        rising.pk: Fate.RISES,
        tiny.pk: Fate.SAME,
        own.pk: Fate.HELD,
    }
    assert (said.moved, said.counts[Fate.HELD], said.kept_by_floor) == (1, 1, 0)
    assert said.margins[0] == [D("4.7619"), D("23.0769"), D(50)]
    assert (said.margin_before, said.margin_after) == (D("23.0769"), D("28.5714"))


def test_it_tells_what_the_floor_takes_off_sale() -> None:
    service = factories.service(factories.offer(rate=D(1)))
    fixed = MarkupChange(
        Scope(PriceLevel.SERVICE, service=service.pk), MarkupKind.FIXED_RATE, D("1.2")
    )
    assert rules.preview([fixed]).pausing == ()
    rules.set_markup(
        PriceLevel.SERVICE, MarkupKind.FIXED_RATE, D("1.2"), None, factories.NOW, service=service
    )

    said = rules.preview([BoundChange(PANEL, D(25))])

    assert (said.below_before, said.below_after) == ((), (service.pk,))
    assert said.pausing == (service.pk,)


def test_a_members_markup_tells_how_many_clients_it_reaches() -> None:
    mira = factories.staff(markup="20")
    factories.service()
    agreed, *_ = (factories.customer(f"Client {n}", manager=mira) for n in range(4))
    factories.customer("Somebody else's")
    rules.set_markup(
        PriceLevel.CUSTOMER, MarkupKind.PERCENT, D(11), None, factories.NOW, customer=agreed
    )

    said = rules.preview([percent("25", PriceLevel.STAFF, staff=mira.pk)])

    assert (said.clients, said.reach.listed, said.reach.agreed) == (3, 3, ())


def test_a_floor_tells_whose_agreed_prices_it_moves() -> None:
    factories.service()
    mira = factories.staff(markup="7")
    factories.customer("Mira's", manager=mira)
    cheap, dear = factories.customer("Cheap"), factories.customer("Dear")
    for client, value in ((cheap, 6), (dear, 50)):
        rules.set_markup(
            PriceLevel.CUSTOMER, MarkupKind.PERCENT, D(value), None, factories.NOW, customer=client
        )

    said = rules.preview([BoundChange(PANEL, D(10))])

    assert (said.moved, said.reach.agreed, said.reach.names()) == (0, (cheap.pk,), ["Cheap"])
    assert said.reach.members == ((mira.pk, 1),)
    assert said.clients == 2


def test_the_fingerprint_follows_what_it_was_worked_out_from() -> None:
    service, other = factories.service(), factories.service(factories.offer(category="Telegram"))
    change = percent("40", PriceLevel.CATEGORY, category=service.category_id)
    first = rules.preview([change]).fingerprint
    assert rules.preview([change]).fingerprint == first

    Offer.objects.filter(pk=other.offer_id).update(rate=D(9))
    assert rules.preview([change]).fingerprint == first  # no service of this shelf
    seen = {first, rules.preview([percent("41", PriceLevel.CATEGORY, category=1)]).fingerprint}
    Offer.objects.filter(pk=service.offer_id).update(rate=D("1.1"))
    seen.add(rules.preview([change]).fingerprint)
    rules.set_bound(
        PriceLevel.PANEL,
        floor_percent=D(6),
        ceiling_percent=None,
        by=None,
        now=factories.NOW,
    )
    seen.add(rules.preview([change]).fingerprint)
    provider = service.offer.provider
    provider.factor = D("1.01")
    provider.save()
    seen.add(rules.preview([change]).fingerprint)
    assert len(seen) == 5


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ([], TypeError),
        ([percent("3"), BoundChange(PANEL, D(3))], TypeError),
        ([percent("3"), percent("4", PriceLevel.STAFF, staff=1)], TypeError),
        ([percent("3"), percent("4")], TypeError),
        ([BoundChange(Scope(PriceLevel.CUSTOMER, customer=1), D(3))], TypeError),
        ([MarkupChange(PANEL)], Declined),
        ([percent("100000")], FieldErrors),
        ([MarkupChange(PANEL, MarkupKind.PERCENT)], FieldErrors),
        ([BoundChange(PANEL, D(9), D(8))], FieldErrors),
        ([BoundChange(PANEL, D("1.00001"))], FieldErrors),
        ([TermsChange(D(0), D(0))], FieldErrors),
    ],
)
def test_what_cannot_be_changed_is_refused(changes: list[Change], error: type[Exception]) -> None:
    with pytest.raises(error):
        rules.preview(changes)


def test_there_is_an_end_to_how_many_rules_are_set_at_once() -> None:
    scopes = (Scope(PriceLevel.SERVICE, service=number) for number in range(1, 2003))
    with pytest.raises(Declined, match="At most 2,000 rules at once"):
        rules.preview([MarkupChange(scope, MarkupKind.PERCENT, D(9)) for scope in scopes])


def test_a_preview_of_many_takes_as_many_queries_as_one() -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            rules.preview([percent("33")])
            rules.preview([BoundChange(PANEL, D(9))])
        return len(captured)

    factories.service()
    one = queries()
    for number in range(4):
        service = factories.service(factories.offer(category=f"Shelf {number}"))
        client = factories.customer(f"C{number}", manager=factories.staff(markup="6"))
        scope = {"customer": client, "service": service}
        rules.set_markup(
            PriceLevel.CUSTOMER_SERVICE, MarkupKind.PERCENT, D(5), None, factories.NOW, **scope
        )
    assert queries() == one <= 16
