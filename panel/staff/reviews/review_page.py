"""All that stands on the page of one case."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from orders import evidence, statuses
from orders.enums import OrderStatus
from orders.kept_words import told
from orders.models import Order
from orders.people import Person, visible_orders
from orders.statuses import CustomerFacts
from panel import delivery, runs
from panel.display import count, money_text, span
from panel.staff.orders import order_state
from panel.staff.reviews import (
    review_choices,
    review_evidence,
    review_looks,
    review_neighbours,
    review_proposals,
    review_queue,
)
from panel.staff.reviews.review_choices import DecisionForm, Option

WITH = ("customer", "service", "provider__state")
AROUND = 8
"""How many cases stand beside the one that is open."""


@dataclass(frozen=True)
class Fact:
    """A line of what the provider says; `currency` when its value is money."""

    label: str
    value: Any
    currency: str = ""


class CasePage:
    """One case, as this person may see it now."""

    def __init__(self, order: Order, who: Person, form: DecisionForm, now: datetime):
        self._order, self._who, self._now = order, who, now
        self.form, self.sees_cost, self.decides = form, who.sees_cost, who.decides
        self.queue = review_queue.queue(who, now)
        self._evidence = review_evidence.gathered(order, now, sees_cost=who.sees_cost)

    @property
    def number(self) -> int:
        return self._order.pk

    @property
    def heading(self) -> str:
        return {
            OrderStatus.UNCONFIRMED: _("Was it bought?"),
            OrderStatus.FAILED: _("It failed. What becomes of the money?"),
        }.get(OrderStatus(self._order.status), _("What is owed?"))

    @property
    def lead(self) -> str:
        if self.sent is not None and self.sent.repeats_itself:
            return _(
                "It was sent and no usable answer came back. It is asked for again with the same "
                "key, which this provider answers with the same order; you need not decide yet."
            )
        return {
            OrderStatus.UNCONFIRMED: _(
                "It was sent and no usable answer came back. It is not sent again and not "
                "refunded until a person decides."
            ),
            OrderStatus.FAILED: _(
                "The provider says that it failed, and not what that means. No money moves until "
                "a person decides."
            ),
        }.get(
            OrderStatus(self._order.status),
            _(
                "It has ended, and the provider's figures do not say how much is owed. "
                "Nothing is paid back until a person decides."
            ),
        )

    @property
    def left_in_runs(self) -> str:
        """What the runs say about what remains, as far as they can be read."""
        open_refund = self._order.refund_unknown or self._order.status == OrderStatus.FAILED
        return runs.left_in_words(self._order) if open_refund else ""

    @property
    def is_unconfirmed(self) -> bool:
        return self._order.status == OrderStatus.UNCONFIRMED

    # The order

    @property
    def state(self) -> order_state.State:
        return order_state.state_of(self._order, None)

    @property
    def summary(self) -> str:
        total = self._order.delivery_total or self._order.billable
        return _("%(service)s, %(total)s for %(client)s") % {
            "service": self._order.service.name,
            "total": count(total),
            "client": self._order.customer.name,
        }

    @property
    def link(self) -> str:
        return self._order.link

    @property
    def shown_link(self) -> str:
        return delivery.target_of(self._order)

    @property
    def link_opens(self) -> bool:
        return self._order.link.startswith(("https://", "http://"))

    @property
    def at_stake(self) -> Decimal:
        return self._order.price - self._order.refunded

    @property
    def waiting(self) -> str:
        return span((self._now - self._order.status_at).total_seconds())

    @property
    def customer_reads(self) -> str:
        order = self._order
        facts = CustomerFacts(
            status=order.status,
            price=order.price,
            refunded=order.refunded,
            ordered=order.delivery_total,
            remains=order.remains,
            subscription=delivery.subscription_of(order),
            refund_unknown=order.refund_unknown,
        )
        return str(statuses.customer_reads(facts, money_text))

    # The evidence

    @property
    def sent(self) -> review_evidence.Sent | None:
        return self._evidence.sent

    @property
    def balance(self) -> evidence.Balance | None:
        return self._evidence.balance if self.sees_cost else None

    @property
    def suggestion(self) -> evidence.Suggestion | None:
        found = self._evidence.suggestion
        return found if found is None or self.sees_cost else replace(found, upstream_id="")

    @cached_property
    def look(self) -> review_looks.Look:
        """The last time that the evidence was read, and what it is good for."""
        row = evidence.latest([self._order]).get(self.number) if self.is_unconfirmed else None
        return review_looks.of(row, self._who, self._now)

    @cached_property
    def neighbours(self) -> review_neighbours.Table | None:
        """What was found next to our ids; None when nobody has asked, or for who sees no cost."""
        probe = self._evidence.probe if self.sees_cost else None
        if probe is None:
            return None
        ours = [each.order for each in probe.known if each.order is not None]
        visible = set(visible_orders(self._who).filter(pk__in=ours).values_list("pk", flat=True))
        return review_neighbours.table(probe, self._order, visible)

    @property
    def probed_at(self) -> datetime | None:
        return self._evidence.probed.at if self._evidence.probed else None

    @property
    def evidence_failed(self) -> bool:
        return self._evidence.failed

    @property
    def provider(self) -> str:
        return self._order.provider.name if self.sees_cost else ""

    @property
    def facts(self) -> list[Fact]:
        """What the provider says about an order that it knows."""
        order = self._order
        told = [
            Fact(_("Ordered"), count(order.delivery_total or order.billable)),
            Fact(_("Start count"), count(order.start_count)),
            Fact(_("Remains"), count(order.remains)),
        ]
        if not self.sees_cost:
            return told
        return [
            Fact(_("Its word"), f"“{order.upstream_status}”" if order.upstream_status else "–"),
            Fact(_("Upstream id"), order.upstream_id or "–"),
            *told,
            Fact(_("Quoted charge"), order.expected_charge_upstream, order.cost_currency),
            Fact(_("Charge now"), order.charge_upstream, order.cost_currency),
        ]

    @property
    def flag(self) -> str:
        return told(self._order.flag) if self.sees_cost else ""

    # The decision and the way on

    @cached_property
    def proposal(self) -> review_proposals.Proposal | None:
        return review_proposals.of([self._order], self._who).get(self.number)

    @property
    def options(self) -> list[Option]:
        return review_choices.options(self._order, self.form, self._who)

    @property
    def place(self) -> int | None:
        return self.queue.place_of(self.number)

    @property
    def before(self) -> int | None:
        return self.queue.neighbour(self.number, -1)

    @property
    def after(self) -> int | None:
        return self.queue.neighbour(self.number, 1)

    @property
    def around(self) -> list[review_queue.Case]:
        """Some cases of the queue, this one among them."""
        begin = max((self.place or 1) - 1 - AROUND // 2, 0)
        return self.queue.cases[begin : begin + AROUND]
