"""Looking at ids next to ours: which are asked about, in one call, and what is kept."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from orders import evidence
from orders.enums import OrderStatus, SubmissionOutcome
from orders.models import BalanceReading, Evidence, Order, Provider, Submission
from tests.support import factories
from tests.support.simulator import RunningSimulator

pytestmark = pytest.mark.django_db

NOW = factories.NOW
KEY = "planted-upstream-key-7f2c"


@pytest.fixture
def upstream() -> Iterator[RunningSimulator]:
    with RunningSimulator(key=KEY, services=5) as running:
        yield running


def sent(provider: Provider, minutes: int, upstream_id: str = "") -> Submission:
    """A sending so many minutes after `NOW`: accepted under an id, or with its answer lost."""
    status = OrderStatus.PENDING if upstream_id else OrderStatus.UNCONFIRMED
    service = factories.service(factories.offer(provider))
    order = factories.order(of=service, status=status, upstream_id=upstream_id or None)
    return Submission.objects.create(
        order=order,
        provider=provider,
        number=1,
        outcome=SubmissionOutcome.CREATED if upstream_id else SubmissionOutcome.UNKNOWN,
        claimed_at=NOW + timedelta(minutes=minutes),
        expires_at=NOW + timedelta(minutes=minutes + 1),
        upstream_id=upstream_id,
    )


@pytest.mark.parametrize(
    ("before", "after", "ids"),
    [
        ("100", "103", ["100", "101", "102", "103"]),
        ("100", "200", [str(n) for n in range(148, 153)]),  # half of the time had gone by
        ("100", "", ["100", "101", "102", "103", "104"]),
        ("", "103", ["99", "100", "101", "102", "103"]),
        ("", "2", ["1", "2"]),
        ("ord_01HG9", "", []),
        ("", "", []),
    ],
)
def test_the_ids_between_ours_are_candidates_at_most_so_many(
    before: str, after: str, ids: list[str]
) -> None:
    provider = factories.provider()
    for minutes, upstream_id in ((0, before), (10, after)):
        if upstream_id:
            sent(provider, minutes, upstream_id)
    sent(factories.provider(), 4, "7")
    assert evidence.candidates(sent(provider, 5), most=5) == ids


def test_a_probe_is_one_call_that_reads_and_is_kept(upstream: RunningSimulator) -> None:
    provider = factories.provider(url=upstream.url, key=KEY)
    sent(provider, 0, "23000")
    lost, boss = sent(provider, 5), factories.admin().user
    order = Order.objects.select_related("provider", "customer").get(pk=lost.order_id)
    evidence.look([order], by=boss, now=NOW + timedelta(minutes=9), probe=True)
    assert upstream.counts() == {"balance": 1, "status": 1}
    row = Evidence.objects.get()
    assert (row.order_id, row.person, row.failure) == (order.pk, boss, "")
    assert row.probed is not None
    probe = evidence.probe_of(row.probed, provider)
    assert (probe.known, probe.unknown) == ([], evidence.MOST_PROBED)
    assert probe.says
    assert BalanceReading.objects.count() == 1


def test_a_provider_that_is_away_leaves_a_reason_without_its_key() -> None:
    order = sent(factories.provider(key=KEY), 5).order
    evidence.look([order], by=factories.admin().user, now=NOW, probe=True)
    row = Evidence.objects.get()
    assert "cannot be reached" in row.failure and KEY not in row.failure
    assert row.probed is None
