"""An honest end of a run with one completed order, for tests that spoil it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from orders import topups, wallets
from orders.enums import (
    CancellationStatus,
    Decision,
    OrderStatus,
    RefillStatus,
    SubmissionOutcome,
    TopUpStatus,
)
from orders.models import Cancellation, Order, PaymentMethod, Refill, Submission, TopUp
from orders.topups import deciding
from tests.chaos.aftercare import Call
from tests.chaos.approvals import Ruling
from tests.chaos.books import Books
from tests.chaos.counter import DONE, Receipt
from tests.chaos.facts import Facts, Standing
from tests.chaos.gateway import Payment
from tests.chaos.payers import PaidIn
from tests.chaos.payments import CARD, Deposit
from tests.chaos.plan import SUBSCRIBED, Errand, Wish
from tests.chaos.presses import Press
from tests.chaos.stage import FUNDED
from tests.chaos.upstreams import Accepted, Asked
from tests.chaos.verdict import judge
from tests.chaos.wants import target_of
from tests.support import factories
from tests.support.factories import NOW

LINK = "https://instagram.com/p/1"


class Play:
    """The run: its facts, and rows in the database that agree with them."""

    def __init__(self) -> None:
        self.client = factories.customer()
        wallets.adjust(
            self.client, Decimal(100), by=None, now=NOW, reason="To buy with", reference=FUNDED
        )
        self.service = factories.service()
        self.provider = self.service.offer.provider
        self.staff = factories.staff(sees_all_customers=True, daily_limit=Decimal(1000))
        self.facts = Facts(provider_of={0: self.provider.pk})
        self.order = self.buy(upstream_id="501")

    def buy(
        self, status: OrderStatus = OrderStatus.COMPLETED, link: str = LINK, **fields: Any
    ) -> Order:
        fields = {"charge_upstream": Decimal(1), "tier": None, "client_key": link} | fields
        order = factories.order(self.client, self.service, status=status, link=link, **fields)
        wish = Wish(order.pk, 0, link, link, 0, 0, 0, order.quantity, runs=order.runs or 0)
        return self._bought(order, wish)

    def subscribe(self, status: OrderStatus, upstream_id: str, **fields: Any) -> Order:
        """To three posts of 100 to 200, 1.30 held for 600; of two of them the provider knows."""
        details = {"username": "atelier", "min": "100", "max": "200", "posts": "3", "delay": "0"}
        terms = {"posts": 3, "details": details, "client_key": "atelier", "tier": None}
        order = factories.subscription(
            self.client, self.service, status=status, upstream_id=upstream_id, **terms | fields
        )
        wish = Wish(*(order.pk, 0, "atelier", "atelier", 0, 0, SUBSCRIBED, 200), least=100, posts=3)
        return self._bought(order, wish)

    def _bought(self, order: Order, wish: Wish) -> Order:
        status = OrderStatus(order.status)
        self.facts.presses.append(Press(wish, self.staff.pk, [order.pk]))
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
            order=order, number=number, **{"provider": order.provider} | values | fields
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

    def accepted(self, order: Order, upstream_id: str, seconds: float = 61, said: str = "") -> None:
        at = NOW + timedelta(seconds=seconds)
        params = {
            "service": order.upstream_service_id,
            "link": order.link,
            "quantity": str(order.quantity),
        }
        if order.is_subscription:
            params = {"service": order.upstream_service_id, **order.details}
        elif order.runs:
            params |= {"runs": str(order.runs), "interval": "0"}
        self.facts.accepted.append(Accepted(0, upstream_id, target_of(order), at, said, params))

    def standing(self, upstream_id: str, status: OrderStatus, remains: int = 0) -> None:
        told = Standing(status, remains, Decimal(1))
        self.facts.standings[self.provider.pk, upstream_id] = told

    # ── Afterwards ───────────────────────────────────────────────────────────────────────────

    def refill(self, status: RefillStatus = RefillStatus.COMPLETED, **fields: Any) -> Refill:
        """One that was asked for, taken as "71" and completed."""
        values = {"upstream_id": "71", "asked_at": NOW + timedelta(hours=1)} | fields
        made = self._followup(Refill, status=status, **values)
        self.asked("refill", minutes=61)
        self.facts.refills[self.provider.pk, "71"] = ("501", "Completed")
        return made

    def cancellation(
        self, status: CancellationStatus = CancellationStatus.DECLINED, **fields: Any
    ) -> Cancellation:
        """One that was asked for, and came too late."""
        values = {"answer": "Too late", "asked_at": NOW + timedelta(minutes=5)} | fields
        made = self._followup(Cancellation, status=status, **values)
        self.asked("cancel", minutes=6)
        return made

    def asked(self, action: str, minutes: float, *, was_refused: bool = False) -> None:
        at = NOW + timedelta(minutes=minutes)
        self.facts.asked.append(Asked(0, action, "501", at, was_refused))

    def _followup(self, model: Any, **values: Any) -> Any:
        by = self.staff.user
        act = "refill" if model is Refill else "cancel"
        self.facts.calls.append(Call(act, self.order.pk, by.pk))
        return model.objects.create(
            order=self.order, provider=self.provider, asked_by=by, changed_at=NOW, **values
        )

    # ── Paying in ────────────────────────────────────────────────────────────────────────────

    def pay_in(self, way: str = CARD, course: str = "paid") -> TopUp:
        """A payment of 10 that was begun, taken and credited, or approved; as its course says."""
        key = f"deposit-{len(self.facts.paid_in)}"
        deposit = Deposit(0, way, course, 0, Decimal(10), key)
        row = self._top_up(way, key)
        one = PaidIn(deposit, self.client.pk, [row.pk], is_paid=deposit.pays > 0)
        self.facts.paid_in.append(one)
        if way == CARD:
            self.facts.payments.append(Payment(f"cs_{key}", key, deposit.pays))
            if deposit.pays:
                deciding.credit(row, f"payment:{row.method_id}:cs_{key}", by=None, now=NOW)
        else:
            self.ruling(row, "approve" if one.is_paid else "decline")
            if one.is_paid:
                topups.approve(row, by=self.staff.user, now=NOW)
            else:
                topups.decline(row, by=self.staff.user, now=NOW, reason="Nothing arrived")
        row.refresh_from_db()
        return row

    def _top_up(self, way: str, key: str) -> TopUp:
        method, _ = PaymentMethod.objects.get_or_create(name=way, defaults={"created_at": NOW})
        is_card = way == CARD
        return TopUp.objects.create(
            customer=self.client,
            method=method,
            amount=Decimal(10),
            fee=Decimal("0.59") if is_card else Decimal(0),
            status=TopUpStatus.CHECKOUT if is_card else TopUpStatus.REQUESTED,
            client_key=key,
            asked_at=NOW,
        )

    def ruling(self, row: TopUp, act: str, told: str = DONE) -> Ruling:
        """One press by the clerk about a request."""
        made = Ruling(row.pk, act, self.staff.user_id, row.amount, told)
        self.facts.rulings.append(made)
        return made

    # ── At the counter ───────────────────────────────────────────────────────────────────────

    def errand(self, kind: str, amount: str = "5", told: str = DONE) -> Receipt:
        """One that was pressed and, unless told otherwise, confirmed; nothing moves yet."""
        token = f"errand-{len(self.facts.receipts)}"
        errand = Errand(0, kind, 0, Decimal(amount), token)
        receipt = Receipt(errand, self.staff.pk, errand.amount, told, 1)
        self.facts.receipts.append(receipt)
        return receipt

    def take(self, receipt: Receipt, amount: str = "5") -> None:
        wallets.take_cash(
            self.client,
            Decimal(amount),
            by=self.staff.user,
            now=NOW,
            reference=receipt.errand.token,
        )

    def found(self) -> list[str]:
        """The checks that found something."""
        return sorted({one.check for one in judge(Books(self.facts))})

    def texts(self) -> str:
        return "; ".join(one.text for one in judge(Books(self.facts)))
