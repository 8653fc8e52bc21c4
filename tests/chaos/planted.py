"""An honest end of a run with one completed order, for tests that spoil it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from orders.enums import Decision, OrderStatus, SubmissionOutcome
from orders.models import Order, Submission
from tests.chaos.books import Books
from tests.chaos.facts import Facts, Standing
from tests.chaos.plan import Wish
from tests.chaos.presses import Press
from tests.chaos.upstreams import Accepted
from tests.chaos.verdict import judge
from tests.support import factories
from tests.support.factories import NOW

LINK = "https://instagram.com/p/1"


class Play:
    """The run: its facts, and rows in the database that agree with them."""

    def __init__(self) -> None:
        self.client = factories.customer(balance="100")
        self.service = factories.service()
        self.provider = self.service.offer.provider
        self.facts = Facts(provider_of={0: self.provider.pk})
        self.order = self.buy(upstream_id="501")

    def buy(
        self, status: OrderStatus = OrderStatus.COMPLETED, link: str = LINK, **fields: Any
    ) -> Order:
        fields = {"charge_upstream": Decimal(1), "tier": None, "client_key": link} | fields
        order = factories.order(self.client, self.service, status=status, link=link, **fields)
        wish = Wish(order.pk, 0, link, link, 0, 0, 0, order.quantity)
        self.facts.presses.append(Press(wish, [order.pk]))
        if order.upstream_id:
            self.submission(order, upstream_id=order.upstream_id)
            self.accepted(order, order.upstream_id)
            self.standing(order.upstream_id, status, order.remains or 0)
        return order

    def submission(self, order: Order, number: int = 1, **fields: Any) -> Submission:
        values: dict[str, Any] = {
            "outcome": SubmissionOutcome.CREATED,
            "claimed_at": NOW + timedelta(minutes=number),
            "expires_at": NOW + timedelta(minutes=number, seconds=6),
        }
        return Submission.objects.create(
            order=order, provider=order.provider, number=number, **values | fields
        )

    def dismissed(self, order: Order, number: int = 1, **fields: Any) -> Submission:
        values = {
            "outcome": SubmissionOutcome.DISMISSED,
            "decision": Decision.SEND_ANEW,
            "decided_at": NOW + timedelta(minutes=number, seconds=30),
            "reason": "timeout",
            "answered_at": NOW + timedelta(minutes=number, seconds=3),
        }
        return self.submission(order, number, **values | fields)

    def accepted(self, order: Order, upstream_id: str, seconds: float = 61) -> None:
        at = NOW + timedelta(seconds=seconds)
        self.facts.accepted.append(Accepted(0, upstream_id, order.link, at))

    def standing(self, upstream_id: str, status: OrderStatus, remains: int = 0) -> None:
        told = Standing(status, remains, Decimal(1))
        self.facts.standings[self.provider.pk, upstream_id] = told

    def found(self) -> list[str]:
        """The checks that found something."""
        return sorted({one.check for one in judge(Books(self.facts))})

    def texts(self) -> str:
        return "; ".join(one.text for one in judge(Books(self.facts)))
