"""The scripted person at the review queue."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from orders.enums import Decision, OrderStatus, SubmissionOutcome
from orders.models import Order, Provider, Submission
from tests.chaos import staff
from tests.chaos.plan import Judgement
from tests.chaos.staff import Decider, Shift
from tests.chaos.upstreams import Post
from tests.support import factories

S = OrderStatus


def decider(order: Order, books: dict[str, dict[str, Any]]) -> Decider:
    """One who reads these books of the order's provider."""
    simulator = SimpleNamespace(order=books.__getitem__)
    upstream = SimpleNamespace(
        provider_id=order.provider_id,
        simulator=simulator,
        accepted=lambda link: [],
        posts=lambda upstream_id: books[upstream_id],
    )
    stage: Any = SimpleNamespace(admin=factories.admin(), upstreams=[upstream])
    return Decider(stage, seed=7)


def told(status: str, remains: int) -> dict[str, Any]:
    return {"status": status, "remains": remains, "charge": "0.3"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("second", "decision", "remains"),
    [
        (told("Failed", 100), Decision.PARTIAL, 1000),
        (told("Partial", 100), Decision.PARTIAL, 600),
    ],
)
def test_of_runs_that_failed_it_is_said_what_all_of_them_left(
    second: dict[str, Any], decision: Decision, remains: int
) -> None:
    """The third one never began."""
    sizes = {"runs": 3, "quantity": 500, "delivery_total": 1500}
    order = factories.order(status=S.PARTIAL, refund_unknown=True, **sizes)
    for number, upstream_id in enumerate(("a", "b"), start=1):
        factories.child(order, number, upstream_id=upstream_id)
    ruling = decider(order, {"a": told("Completed", 0), "b": second})._ruling(order)
    assert ruling and (ruling.decision, ruling.remains) == (decision, remains)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "decision", "remains"),
    [(S.PARTIAL, Decision.PARTIAL, 790), (S.FAILED, Decision.REFUND, None)],
)
def test_of_posts_of_unknown_size_the_providers_books_say_what_they_got(
    status: OrderStatus, decision: Decision, remains: int | None
) -> None:
    """Also of one that was never told of."""
    order = factories.subscription(status=S.PARTIAL, refund_unknown=True, upstream_id="p")
    factories.child(order, 1, upstream_id="a")
    posts = {one: Post(status, 45, Decimal("0.1"), 150) for one in ("a", "b")}
    ruling = decider(order, {"p": posts})._ruling(order)
    assert ruling and (ruling.decision, ruling.remains) == (decision, remains)


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "waits"), [("k1", True), ("k1", False), ("", True)])
def test_what_is_sent_again_by_itself_is_left_to_that(
    monkeypatch: pytest.MonkeyPatch, key: str, waits: bool
) -> None:
    monkeypatch.setattr(staff, "decision", lambda *_: Judgement(False, True, waits))
    order = factories.order(status=S.UNCONFIRMED)
    Provider.objects.update(idempotency_field="request_id", not_sent=True)
    moment = staff.timezone.now()
    Submission.objects.create(
        order=order,
        provider=order.provider,
        number=1,
        outcome=SubmissionOutcome.UNKNOWN,
        claimed_at=moment,
        expires_at=moment,
        repeat_after=moment if key else None,
        idempotency_key=key,
        account_version=order.provider.account_version,
    )
    order = Order.objects.select_related("provider").get(pk=order.pk)
    ruling = decider(order, {})._ruling(order)
    assert (ruling is None) == bool(key and waits)


def test_a_script_that_breaks_is_told_at_the_end() -> None:
    def look() -> None:
        raise ValueError("an answer that cannot be read")

    shift = Shift(SimpleNamespace(look=look))  # type: ignore[arg-type]
    shift.start()
    shift.join()
    with pytest.raises(RuntimeError, match="cannot be read"):
        shift.end()
