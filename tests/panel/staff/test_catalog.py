"""Catalog control: the list of changes, many services changed or bought elsewhere, the order."""

from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders import rules
from orders.enums import ChangeKind, MarkupKind, PauseReason, PriceLevel, SyncOutcome
from orders.models import AuditEntry, Category, Offer, Provider, Service, SyncChange, SyncRun
from tests.support import factories as make

pytestmark = pytest.mark.django_db
CHANGE, POINT = reverse("staff:change_services"), reverse("staff:repoint_many")


@pytest.fixture
def ada() -> Client:
    browser = Client()
    browser.force_login(make.admin().user)
    return browser


def told(answer: object) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def queries(browser: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(url).status_code == 200
    return len(seen)


# ── The list of changes ──────────────────────────────────────────────────────────────────────


def changed(provider: Provider, kind: ChangeKind, **fields: object) -> SyncChange:
    run = SyncRun.objects.create(
        provider=provider, started_at=timezone.now(), outcome=SyncOutcome.CHANGED, new=1
    )
    offer = make.offer(provider)
    make.service(offer)
    return SyncChange.objects.create(run=run, kind=kind, offer=offer, **fields)


def test_changes_of_all_providers_are_one_list_narrowed_by_kind_and_provider(ada: Client) -> None:
    north, south = make.provider("Northhaus"), make.provider("Southhaus")
    changed(north, ChangeKind.NEW)
    changed(south, ChangeKind.RATE, before={"rate": "1"}, after={"rate": "2"})

    def listed(query: str = "") -> list[str]:
        rows = ada.get(f"{reverse('staff:catalog')}?{query}").context["rows"]
        return [f"{row.provider} {row.change.label}" for row in rows]

    assert listed() == ["Southhaus Rate", "Northhaus New"]
    assert listed("kind=new") == ["Northhaus New"]
    assert listed(f"provider={south.pk}") == ["Southhaus Rate"]
    assert listed(f"provider={south.pk}&kind=new") == []
    assert listed("kind=nonsense&provider=x") == listed()
    runs = ada.get(f"{reverse('staff:catalog')}?kind=readings").context["runs"]
    assert [run.provider for run in runs] == [south, north]


def test_the_list_asks_as_often_for_fifty_as_for_one(ada: Client) -> None:
    provider, url = make.provider(), reverse("staff:catalog")
    changed(provider, ChangeKind.NEW)
    one = queries(ada, url)
    for _ in range(12):
        changed(make.provider(), ChangeKind.NEW)
    assert queries(ada, url) == one


def test_what_came_this_week_is_said_and_waits_in_the_menu(ada: Client) -> None:
    provider = make.provider(created_at=timezone.now() - timezone.timedelta(days=90))
    offer = make.offer(provider, first_seen_at=timezone.now())
    make.service(offer, is_visible=False)
    make.service(make.offer(provider, first_seen_at=provider.created_at))
    answer = ada.get(reverse("staff:catalog"))
    assert "1 new offer since Monday" in answer.content.decode()
    item = next(
        item for group in answer.context["nav"] for item in group.items if item.label == "Catalog"
    )
    assert (item.count, item.hot) == (1, False)
    rows = ada.get(f"{reverse('staff:choose')}?since=week").context["listing"].rows
    assert [row.upstream_id for row in rows] == [offer.upstream_id]


# ── Many services changed ────────────────────────────────────────────────────────────────────


def test_a_change_is_shown_first_and_then_done_with_a_reason(ada: Client) -> None:
    one, other = make.service(name="IG Likes"), make.service(name="IG Views")
    said = {"ids": f"{one.pk},{other.pk}", "kind": "name", "find": "IG", "replace": "Instagram"}
    answer = ada.post(CHANGE, said)
    lines = answer.context["lines"]
    assert [(line.before, line.after) for line in lines] == [
        ("IG Likes", "Instagram Likes"),
        ("IG Views", "Instagram Views"),
    ]
    assert "Change 2 services" in answer.content.decode()
    assert not AuditEntry.objects.exists()

    done = ada.post(CHANGE, said | {"act": "save", "expected": "2", "reason": "Longer"})
    assert "2 services are changed." in told(done)
    assert set(Service.objects.values_list("name", flat=True)) == {
        "Instagram Likes",
        "Instagram Views",
    }
    assert {line.reason for line in AuditEntry.objects.all()} == {"Longer"}


def test_what_changed_since_the_preview_asks_again(ada: Client) -> None:
    one, other = make.service(name="IG Likes"), make.service(name="Views")
    said = {"ids": f"{one.pk},{other.pk}", "kind": "name", "find": "IG", "replace": "Instagram"}
    answer = ada.post(CHANGE, said | {"act": "save", "expected": "2"})
    assert answer.status_code == 422
    assert "By now 1 would change, not 2" in answer.content.decode()
    one.refresh_from_db()
    assert one.name == "IG Likes"


@pytest.mark.parametrize("kind", ["hide", "show", "resume", "description", "refill", "category"])
def test_every_kind_has_a_form_and_a_preview(ada: Client, kind: str) -> None:
    service = make.service(is_visible=kind != "show")
    if kind == "resume":
        Service.objects.update(pause=PauseReason.STAFF, paused_at=make.NOW, pause_detail="Holiday")
    said = {
        "description": "Starts soon",
        "days": "30",
        "category": str(Category.objects.create(name="Other").pk),
        "ids": str(service.pk),
        "kind": kind,
    }
    opened = ada.post(CHANGE, said | {"act": "open"})
    assert opened.status_code == 200 and not opened.context["form"].is_bound
    shown = ada.post(CHANGE, said)
    assert shown.context["changing"] == 1, shown.content.decode()
    assert ada.post(CHANGE, said | {"act": "save", "expected": "1"}).status_code == 302
    assert AuditEntry.objects.count() == 1


def test_a_pause_needs_a_reason_and_keeps_what_was_typed(ada: Client) -> None:
    service = make.service()
    said = {"ids": str(service.pk), "kind": "pause"}
    answer = ada.post(CHANGE, said)
    assert answer.status_code == 422 and "Say why" in answer.content.decode()
    ada.post(CHANGE, said | {"act": "save", "expected": "1", "reason": "Holiday"})
    service.refresh_from_db()
    assert (service.pause, service.pause_detail) == (PauseReason.STAFF, "Holiday")


def test_all_that_fit_are_those_of_the_list(ada: Client) -> None:
    provider = make.provider()
    fitting = [make.service(make.offer(provider), name=f"Likes {n}") for n in range(3)]
    make.service(make.offer(provider), name="Views"), make.service(name="Likes")
    query = {"scope": "all", "q": "likes", "provider": provider.pk}
    answer = ada.get(CHANGE, query)
    assert answer.context["ids"] == ",".join(str(row.pk) for row in fitting)
    page = ada.get(reverse("staff:services"), {"q": "likes", "provider": provider.pk})
    assert "All 3 that fit" in page.content.decode()


@pytest.mark.parametrize("url", [CHANGE, POINT])
def test_nothing_chosen_leads_back_and_says_so(ada: Client, url: str) -> None:
    answer = ada.get(url, {"ids": "x,,-1", "service": "²"})
    assert answer.status_code == 302 and "Nothing was chosen" in told(answer)


# ── Many services bought elsewhere ───────────────────────────────────────────────────────────


def sold(name: str) -> Service:
    return make.service(make.offer(make.provider(), name=name), name=name)


def ids(*services: Service) -> str:
    return ",".join(str(row.pk) for row in services)


def test_offers_are_proposed_and_none_is_chosen(ada: Client) -> None:
    likes, views = sold("Instagram Likes"), sold("Instagram Views")
    other = make.offer(name="Instagram Likes cheap", rate=Decimal("0.5"))
    rows = ada.get(POINT, {"ids": ids(likes, views)}).context["rows"]
    assert [row.picked for row in rows] == [None, None]
    assert other.pk in [choice.number for choice in rows[0].choices]
    rows = ada.get(POINT, {"ids": ids(likes), "from": other.provider_id}).context["rows"]
    assert [choice.number for choice in rows[0].choices] == [other.pk]
    rows = ada.get(POINT, {"ids": ids(likes), "from": other.provider_id, "pick": "likest"})
    assert rows.context["rows"][0].picked == other.pk
    assert ada.post(POINT, {"ids": ids(likes)}).status_code == 422


def compare(browser: Client, *pairs: tuple[Service, Offer]) -> list[object]:
    said = {
        "ids": ids(*[service for service, _ in pairs]),
        "pick_of": [f"{service.pk}:{offer.pk}" for service, offer in pairs],
    }
    return browser.post(POINT, said).context["rows"]


def test_both_sides_are_compared_with_what_a_person_has_to_know(ada: Client) -> None:
    rules.set_bound(
        PriceLevel.PANEL, floor_percent=Decimal(5), ceiling_percent=None, by=None, now=make.NOW
    )
    service, fixed = sold("Instagram Likes"), sold("Instagram Likes fixed")
    rules.set_markup(
        PriceLevel.SERVICE, MarkupKind.FIXED_RATE, Decimal("1.1"), None, make.NOW, service=fixed
    )
    make.order(of=service, placed_at=timezone.now())
    dear = make.offer(rate=Decimal(2), most=50, refill=False)
    first, second = compare(ada, (service, dear), (fixed, dear))
    assert (first.before.price, first.after.price) == (Decimal("1.3"), Decimal("2.6"))
    assert (first.before.cost, first.after.cost) == (1, 2)
    assert "Narrower limits" in first.warnings and first.touched.customers == 1
    assert "Fixed price below the floor: will be paused" in second.warnings
    poll = make.offer(service_type="poll", type_name="Poll")
    (odd,) = compare(ada, (service, poll))
    assert odd.refused == "The types differ: Default here, Poll there."


def test_it_is_all_of_them_or_none_and_the_page_says_why(ada: Client) -> None:
    first, second = sold("A Likes"), sold("B Likes")
    here, there = make.offer(rate=Decimal("0.5")), make.offer(rate=Decimal("0.5"))
    rows = compare(ada, (first, here), (second, there))
    said = {"ids": ids(first, second), "act": "point", "move": [row.move for row in rows]}
    assert "Say why" in told(ada.post(POINT, said))
    Offer.objects.filter(pk=there.pk).update(rate=Decimal("0.6"))
    answer = ada.post(POINT, said | {"reason": "Cheaper"})
    assert "moved to 0.6" in told(answer)
    first.refresh_from_db()
    assert first.offer_id != here.pk
    Offer.objects.filter(pk=there.pk).update(rate=Decimal("0.5"))
    assert "2 services are bought" in told(ada.post(POINT, said | {"reason": "Cheaper"}))
    assert set(Service.objects.values_list("offer", flat=True)) == {here.pk, there.pk}
    assert AuditEntry.objects.filter(reason="Cheaper").count() == 2


@pytest.mark.parametrize("move", ["", "1:2:3", "a:2:1:3", "1:2:NaN:3", "1:2:x:3", "1:2:1:²"])
def test_a_field_that_is_no_move_moves_nothing(ada: Client, move: str) -> None:
    service = sold("Likes")
    said = {"ids": ids(service), "act": "point", "move": move, "reason": "x"}
    assert "Nothing was chosen" in told(ada.post(POINT, said))


def test_comparing_asks_as_often_for_many_as_for_two(ada: Client) -> None:
    def counted(count: int) -> int:
        services = [sold(f"Likes {n}") for n in range(count)]
        offers = [make.offer() for _ in services]
        said = {
            "ids": ids(*services),
            "pick_of": [f"{s.pk}:{o.pk}" for s, o in zip(services, offers, strict=True)],
        }
        with CaptureQueriesContext(connection) as seen:
            ada.post(POINT, said)
        return len(seen)

    assert counted(2) == counted(12)


# ── The order of the shop ────────────────────────────────────────────────────────────────────


def test_shelves_and_services_move_by_a_press_or_to_a_place(ada: Client) -> None:
    shelf = Category.objects.create(name="A shelf", position=1)
    rows = [make.service(category=shelf, name=f"S{n}") for n in range(3)]
    url = reverse("staff:move_service", args=[rows[2].pk])
    assert ada.post(url, {"step": "first"}).status_code == 302

    def listed() -> list[str]:
        page = ada.get(reverse("staff:shelf", args=[shelf.pk]))
        return [f"{row.place} {row.name}" for row in page.context["rows"]]

    assert listed() == ["1 S2", "2 S0", "3 S1"]
    part = ada.post(url, {"place": "2"}, headers={"HX-Request": "true", "HX-Target": "order-list"})
    assert part.status_code == 200 and 'class="moved"' in part.content.decode()
    assert listed() == ["1 S0", "2 S2", "3 S1"]
    assert "Type a place" in told(ada.post(url, {"place": "x"}))
    other = Category.objects.create(name="B shelf", position=2)
    ada.post(reverse("staff:move_shelf", args=[other.pk]), {"step": "first"})
    assert Category.objects.order_by("position").first() == other


def test_the_list_goes_where_a_service_went(ada: Client) -> None:
    shelf = Category.objects.create(name="Long shelf")
    rows = [
        make.service(make.offer(make.provider("X") if not n else None), category=shelf)
        for n in range(2)
    ]
    Service.objects.bulk_create(
        Service(
            name=f"S{n}", category=shelf, offer=rows[0].offer, accepted_cost=1, created_at=make.NOW
        )
        for n in range(60)
    )
    url = reverse("staff:move_service", args=[rows[0].pk])
    part = ada.post(
        url, {"step": "last"}, headers={"HX-Request": "true", "HX-Target": "order-list"}
    )
    shown = part.context["rows"]
    assert (shown[0].place, shown[-1].number) == (51, rows[0].pk)
    assert urlencode({"before": shown[0].number}) in part.content.decode()
