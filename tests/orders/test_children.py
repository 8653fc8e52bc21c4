"""Orders that a provider carries out in several runs: told of, followed, summed, settled."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders import evidence, ledger_check, polling, progress, review
from orders.enums import Decision, OrderStatus, Tier, TransferKind
from orders.errors import FieldErrors
from orders.models import Child, Event, Family, Movement, Order, Provider, Service, Transfer
from orders.polling import walking
from orders.progress import Report
from orders.upstream.replies import ItemError, StatusReply
from tests.support import factories
from tests.support.pretend import PretendClient

S = OrderStatus
NOW = factories.NOW
MINUTE = timedelta(minutes=1)
PRICE = Decimal("1.3")


@pytest.fixture
def service(db: None) -> Service:
    return factories.service(factories.offer(factories.provider("Bulkhaus"), dripfeed=True))


@pytest.fixture
def provider(service: Service) -> Provider:
    return service.offer.provider


@pytest.fixture
def drip(service: Service) -> Callable[..., Order]:
    """`drip()`: 4 runs of 250 for 1.30, at the provider as `p`."""
    buyer = factories.customer(balance="1000")

    def make(upstream_id: str = "p", runs: int = 4, **fields: Any) -> Order:
        each = 1000 // runs
        details = {"link": "https://x.test/a", "quantity": each, "runs": runs, "interval": 60}
        terms = {"quantity": each, "details": details, "runs": runs, "upstream_id": upstream_id}
        return factories.order(buyer, service, **terms | fields)

    return make


@pytest.fixture
def sweep(provider: Provider, pretend: PretendClient) -> Callable[[], polling.SweepResult]:
    """`sweep()`: all open orders and children asked about, a minute after the last time."""
    moments = iter(NOW + MINUTE * n for n in range(1, 1000))

    def ask() -> polling.SweepResult:
        pretend.requests.clear()
        return polling.poll_once(provider.pk, next(moments))

    return ask


def parent(word: str, *children: str, runs: int = 4, **fields: Any) -> StatusReply:
    return StatusReply(word, runs=runs, orders=children, **fields)


def run(word: str = "In progress", remains: int | None = 250, **fields: Any) -> StatusReply:
    return StatusReply(word, remains=remains, **fields)


DONE = run("Completed", 0)


def standing(order: Order) -> tuple[str, int | None, Decimal]:
    order.refresh_from_db()
    return order.status, order.remains, order.refunded


def refunds() -> list[Decimal]:
    return list(
        Transfer.objects.filter(kind=TransferKind.REFUND)
        .order_by("pk")
        .values_list("amount", flat=True)
    )


# ── Following ────────────────────────────────────────────────────────────────────────────────


def test_runs_are_stored_as_they_come_and_asked_about_in_the_same_sweep(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    order = drip()
    pretend.replies = {
        "p": parent("In progress", "a", "b"),
        "a": run(remains=100),
        "b": run("Pending"),
    }
    sweep()
    assert list(order.children.values_list("number", "upstream_id", "status", "remains")) == [
        (1, "a", "in_progress", 100),
        (2, "b", "pending", 250),
    ]
    assert standing(order) == (S.IN_PROGRESS, 850, 0)
    pretend.replies |= {"p": parent("In progress", "a", "b", "c"), "a": DONE, "c": run("Pending")}
    sweep()
    assert order.children.count() == 3
    assert standing(order) == (S.IN_PROGRESS, 750, 0)


def test_children_share_the_requests_of_orders(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    for number in range(3):
        drip(f"p{number}")
        pretend.replies[f"p{number}"] = parent("In progress", f"a{number}", f"b{number}")
        pretend.replies |= {f"a{number}": run(), f"b{number}": run()}
    sweep()
    result = sweep()
    assert [sorted(ids) for ids in pretend.asked] == [
        ["a0", "a1", "a2", "b0", "b1", "b2", "p0", "p1", "p2"]
    ]
    assert (result.calls, result.asked, result.changed) == (1, 9, 0)


def test_nothing_new_writes_no_row(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    drip()
    pretend.replies = {
        "p": parent("In progress", "a", "b"),
        "a": DONE,
        "b": run(charge=Decimal("0.25")),
    }
    sweep()
    with CaptureQueriesContext(connection) as caught:
        assert sweep().changed == 0
    verbs = ("INSERT", "UPDATE", "DELETE")
    written = [query["sql"] for query in caught if query["sql"].startswith(verbs)]
    assert not [sql for sql in written if "sweep" not in sql and "providerstate" not in sql]


def test_an_ended_run_is_asked_about_as_seldom_as_an_ended_order(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
    provider: Provider,
) -> None:
    order = drip()
    pretend.replies = {"p": parent("In progress", "a", "b"), "a": DONE, "b": run()}
    sweep()
    assert dict(order.children.values_list("upstream_id", "tier")) == {
        "a": Tier.AFTERCARE,
        "b": Tier.FAST,
    }
    pretend.requests.clear()
    polling.sweep(provider.pk, now=NOW + 10 * MINUTE)
    assert {id for ids in pretend.asked for id in ids} == {"p", "b"}


def test_children_grow_slow_and_are_let_go(drip: Callable[..., Order]) -> None:
    order = drip()
    for number, (tier, fields) in enumerate(
        [
            (Tier.FAST, {}),
            (Tier.AFTERCARE, {"status": S.COMPLETED, "finished_at": NOW}),
        ],
        start=1,
    ):
        factories.child(order, number, tier=tier, **fields)
    polling.retier(NOW + timedelta(hours=2))
    assert list(order.children.order_by("number").values_list("tier", flat=True)) == [2, 4]
    polling.retier(NOW + timedelta(days=8))
    assert list(order.children.order_by("number").values_list("tier", flat=True)) == [3, None]


def test_a_run_that_never_ends_is_let_go_with_its_order(drip: Callable[..., Order]) -> None:
    order = drip(status=S.CANCELED, finished_at=NOW)
    stuck = factories.child(order, 1, tier=Tier.OLD)
    polling.retier(NOW + timedelta(days=6))
    stuck.refresh_from_db()
    assert stuck.tier == Tier.OLD
    polling.retier(NOW + timedelta(days=8))
    stuck.refresh_from_db()
    assert stuck.tier is None


def test_a_long_tier_is_walked_page_by_page_with_its_children(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
    provider: Provider,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(5):
        ids = [f"{letter}{number}" for letter in "abc"]
        drip(f"p{number}")
        pretend.replies |= {f"p{number}": parent("In progress", *ids)} | {id: run() for id in ids}
    sweep()
    monkeypatch.setattr(walking, "PAGE", 4)
    Provider.objects.update(batch_size=3)
    sweep()
    asked = [id for ids in pretend.asked for id in ids]
    assert len(asked) == len(set(asked)) == 20


# ── Money ────────────────────────────────────────────────────────────────────────────────────


def test_a_partial_run_is_refunded_exactly_once_the_whole_has_ended(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    order = drip()
    ids = ("a", "b", "c", "d")
    pretend.replies = {"p": parent("In progress", *ids), "a": DONE, "b": run("Partial", 77)}
    pretend.replies |= {"c": DONE, "d": run(remains=10)}
    sweep()
    assert standing(order) == (S.IN_PROGRESS, 87, 0)
    pretend.replies |= {"p": parent("Completed", *ids)}
    sweep()
    assert standing(order) == (S.IN_PROGRESS, 87, 0)  # a run goes on: nothing is settled
    pretend.replies |= {"d": DONE}
    sweep()
    assert standing(order) == (S.PARTIAL, 77, PRICE * 77 / 1000)
    sweep()
    assert refunds() == [PRICE * 77 / 1000]
    assert not ledger_check.check()


def test_runs_that_never_began_are_owed_when_the_whole_is_canceled(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    order = drip()
    pretend.replies = {"p": parent("Canceled", "a", "b"), "a": DONE, "b": run("Partial", 50)}
    sweep()
    assert standing(order) == (S.PARTIAL, 550, PRICE * 550 / 1000)


def test_a_run_taken_back_in_aftercare_is_honoured(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    order = drip(runs=2)
    pretend.replies = {"p": parent("Completed", "a", "b", runs=2), "a": DONE, "b": DONE}
    sweep()
    assert standing(order) == (S.COMPLETED, 0, 0)
    pretend.replies |= {"a": run("Partial", 100)}
    sweep()
    assert standing(order) == (S.PARTIAL, 100, PRICE / 10)
    pretend.replies |= {"a": run("Canceled", 500)}
    sweep()
    assert standing(order) == (S.PARTIAL, 500, PRICE / 2)
    pretend.replies |= {"b": run("Refunded", 500)}
    sweep()
    assert standing(order) == (S.CANCELED, 1000, PRICE)
    assert sum(refunds()) == PRICE


def test_what_a_run_left_cannot_be_read_a_person_decides(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    order = drip(runs=2)
    pretend.replies = {"p": parent("Completed", "a", "b", runs=2), "a": DONE}
    pretend.replies |= {"b": run("Partial", None, remains_raw="Unknown")}
    sweep()
    assert standing(order) == (S.PARTIAL, None, 0)
    assert order.refund_unknown
    pretend.replies |= {"b": run("Partial", 20)}
    sweep()
    assert standing(order) == (S.PARTIAL, 20, PRICE * 20 / 1000)
    assert not order.refund_unknown


def test_a_provider_that_speaks_of_runs_as_of_any_order_is_followed_so(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    order = drip()
    pretend.replies = {"p": StatusReply("Partial", remains=400, charge=Decimal(1))}
    sweep()
    assert standing(order) == (S.PARTIAL, 400, PRICE * 400 / 1000)
    assert not Family.objects.exists()


def test_a_plain_word_for_the_whole_does_not_pass_its_runs_over(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    order = drip(runs=2)
    pretend.replies = {
        "p": parent("In progress", "a", "b", runs=2),
        "a": DONE,
        "b": run("Partial", 5),
    }
    sweep()
    pretend.replies |= {"p": StatusReply("Completed")}
    sweep()
    assert standing(order) == (S.PARTIAL, 5, PRICE * 5 / 1000)


def test_the_cost_is_what_the_runs_cost_and_reconciles(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    order = drip()
    dollars = {"currency": "USD"}
    paid = {"charge": Decimal("0.25")} | dollars
    pretend.replies = {"p": parent("In progress", "a", "b"), "a": run("Completed", 0, **paid)}
    pretend.replies |= {"b": run(**paid)}
    sweep()
    order.refresh_from_db()
    assert (order.charge_upstream, order.cost) == (1, 1)
    assert not Movement.objects.exists()  # as was expected: nothing to book
    pretend.replies |= {"p": parent("Canceled", "a", "b")}
    pretend.replies |= {"b": run("Partial", 100, charge=Decimal("0.15"), **dollars)}
    sweep()
    order.refresh_from_db()
    assert (order.status, order.charge_upstream) == (S.PARTIAL, Decimal("0.40"))
    assert sum(Movement.objects.values_list("amount", flat=True)) == Decimal("0.60")


# ── What nobody should say ───────────────────────────────────────────────────────────────────


def flag(order: Order) -> str:
    order.refresh_from_db()
    return order.flag


def test_an_id_that_another_order_holds_is_no_run(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    first, second = drip("p"), drip("q")
    pretend.replies = {"p": parent("In progress", "a", "q"), "q": parent("In progress", "a", "b")}
    pretend.replies |= {"a": run(), "b": run()}
    sweep()
    sweep()
    assert list(first.children.values_list("upstream_id", flat=True)) == ["a"]
    assert list(second.children.values_list("upstream_id", flat=True)) == ["b"]
    assert "“q” a run, which is another order's" in flag(first)
    assert "“a” a run, which is another order's" in flag(second)
    pretend.replies |= {"p": parent("In progress", "a")}
    sweep()
    assert flag(first) == ""


def test_the_same_id_at_another_provider_is_another_order(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    elsewhere = factories.service(factories.offer(factories.provider("Other")))
    factories.order(of=elsewhere, upstream_id="a")
    order = drip()
    pretend.replies = {"p": parent("In progress", "a"), "a": run()}
    sweep()
    assert order.children.count() == 1
    assert flag(order) == ""


def test_more_runs_than_were_ordered_are_left_out(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    order = drip()
    ids = [f"c{number}" for number in range(10_000)]
    pretend.replies = {"p": parent("In progress", *ids, "c0")} | dict.fromkeys(ids[:4], DONE)
    sweep()
    assert order.children.count() == 4
    assert flag(order) == (
        "Provider names a run twice. Provider tells of 10,000 runs; 4 were ordered."
    )
    pretend.replies |= {"p": parent("In progress", *ids[5000:])}
    sweep()
    assert order.children.count() == 4


def test_runs_of_an_order_that_has_none_are_left_out(
    service: Service,
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    order = factories.order(of=service, upstream_id="o")
    pretend.replies = {"o": parent("Completed", "a", "b")}
    sweep()
    assert not Child.objects.exists()
    assert standing(order)[0] == S.COMPLETED
    assert flag(order) == "Provider tells of runs of an order that has none."


def test_trouble_with_one_run_is_its_own(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    order = drip()
    pretend.replies = {"p": parent("In progress", "a", "b", "c")}
    pretend.replies |= {"a": ItemError("Incorrect order ID"), "b": run("On moderation"), "c": DONE}
    sweep()
    assert dict(order.children.values_list("upstream_id", "status")) == {
        "a": "pending",
        "b": "pending",
        "c": "completed",
    }
    assert flag(order) == "Provider's answers about 2 of its runs are odd."
    assert standing(order) == (S.IN_PROGRESS, 750, 0)


def test_a_report_from_before_a_persons_decision_is_not_applied(drip: Callable[..., Order]) -> None:
    order = drip(status=S.FAILED)
    late = Report(order.pk, "Canceled", None, "", None, None, "", NOW, runs=4, children=("a",))
    Order.objects.update(status_at=NOW + MINUTE)
    assert progress.apply([late], now=NOW + 2 * MINUTE).changed == 0
    assert not Child.objects.exists()


def test_a_report_that_another_one_overtook_tells_of_nothing(drip: Callable[..., Order]) -> None:
    """Nothing of the order itself had changed meanwhile but what was said of it."""
    order = drip(status=S.IN_PROGRESS)
    newer, older = (
        Report(order.pk, word, None, "", None, None, "", NOW + MINUTE * n, runs=4, children=runs)
        for word, n, runs in (("In progress", 2, ("a", "b")), ("Canceled", 1, ("a", "c")))
    )
    Order.objects.update(status_at=NOW, changed_at=NOW)
    progress.apply([newer], now=NOW + 3 * MINUTE)
    assert progress.apply([older], now=NOW + 4 * MINUTE).changed == 0
    assert list(order.children.values_list("upstream_id", flat=True)) == ["a", "b"]
    assert Family.objects.get(order=order).word == "In progress"


def test_news_of_a_run_from_before_it_was_told_of_is_not_applied(
    drip: Callable[..., Order],
) -> None:
    order = drip(status=S.IN_PROGRESS)
    Order.objects.update(status_at=NOW, changed_at=NOW)
    told = NOW + 2 * MINUTE
    progress.apply(
        [Report(order.pk, "In progress", None, "", None, None, "", told, runs=4, children=("a",))],
        now=told,
    )
    child = order.children.get()
    early = Report(child.pk, "Canceled", None, "", None, 250, "", NOW + MINUTE)
    assert progress.apply_to_children([early], now=told).changed == 0
    child.refresh_from_db()
    assert child.status == S.PENDING


def test_a_run_that_costs_more_than_its_share_is_told(drip: Callable[..., Order]) -> None:
    """The whole was to cost 1.00: a quarter of it each."""
    order = drip(status=S.IN_PROGRESS)
    child = factories.child(order, 1, status_at=NOW, changed_at=NOW)
    for charge, is_dear in (("0.25", False), ("0.26", True)):
        now = NOW + MINUTE * (2 if is_dear else 1)
        news = Report(child.pk, "In progress", Decimal(charge), "USD", None, 100, "", now)
        progress.apply_to_children([news], now=now)
        child.refresh_from_db()
        assert ("charged more" in child.flag) == is_dear


# ── How much is asked of the database ────────────────────────────────────────────────────────


def test_many_runs_take_as_many_queries_as_one(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    def counted(runs: int) -> int:
        order = drip(f"p{runs}", runs=runs)
        ids = [f"r{runs}-{number}" for number in range(runs)]
        pretend.replies = {f"p{runs}": parent("In progress", *ids, runs=runs)}
        pretend.replies |= {id: run("Completed", 0) for id in ids}
        with CaptureQueriesContext(connection) as caught:
            sweep()
        assert order.children.filter(status=S.COMPLETED).count() == runs
        Order.objects.update(tier=None)
        Child.objects.update(tier=None)
        return len(caught)

    counted(3)  # what is made once, such as the sweep's own row
    assert counted(2) == counted(60)


def test_events_tell_of_the_order_not_of_each_run(
    drip: Callable[..., Order],
    sweep: Callable[[], polling.SweepResult],
    pretend: PretendClient,
) -> None:
    order = drip()
    pretend.replies = {"p": parent("Completed", "a", "b", "c", "d")} | dict.fromkeys("abcd", DONE)
    sweep()
    words = Event.objects.filter(order=order).values_list("status", flat=True)
    assert list(words) == ["in_progress", "completed"]


# ── The id of a run is nobody else's ─────────────────────────────────────────────────────────


def test_a_person_cannot_take_up_a_run_as_an_order(drip: Callable[..., Order]) -> None:
    factories.child(drip(), 1, upstream_id="a")
    lost = factories.order(of=Service.objects.get(), status=S.UNCONFIRMED)
    by, seen_at = factories.admin().user, NOW
    ruling = review.Ruling(Decision.FOUND, "Seen there", by, upstream_id="a", seen_at=seen_at)
    with pytest.raises(FieldErrors) as refused:
        review.check(lost, ruling, now=NOW)
    assert "This is run 1 of order" in refused.value.errors["upstream_id"]


def test_the_neighbours_of_a_case_name_the_order_of_a_run(drip: Callable[..., Order]) -> None:
    order = drip()
    factories.child(order, 1, upstream_id="a")
    items = [
        {"id": id, "status": "In progress", "charge": None, "currency": "", "start_count": None}
        | {"remains": None}
        for id in ("a", "b")
    ]
    probe = evidence.probe_of({"asked": 2, "items": items}, order.provider)
    assert [one.order for one in probe.known] == [order.pk, None]
