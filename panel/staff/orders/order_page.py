"""All that stands on one order's page, gathered in a constant number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orders import machinery, panel_settings, polling, statuses
from orders.enums import Tier
from orders.kept_words import told
from orders.models import (
    CANCEL_IN_FLIGHT,
    REFILL_IN_FLIGHT,
    Cancellation,
    Order,
    Refill,
)
from orders.people import Person
from orders.submission import why_held
from panel import delivery
from panel.staff.orders import (
    order_acts,
    order_markup,
    order_money,
    order_records,
    order_rows,
    order_runs,
    order_state,
    timeline,
)

WITH = (
    "customer__wallet",
    "service",
    "offer",
    "provider__state",
    "api_key",
    "placed_by",
    "managed_by__user",
    "markup_of__user",
    "loss_allowed_by",
    "conversation",
    "family",
)


@dataclass(frozen=True)
class Numbers:
    """What was ordered and how far it is."""

    ordered: int
    delivered: int | None
    start: int | None
    count_now: int | None
    remains: int | None
    runs: str
    kind: str


class OrderPage:
    """One order, as this person may see it now."""

    def __init__(self, order: Order, who: Person, now: datetime):
        self._order, self._who, self._now = order, who, now
        self._panel = panel_settings.current()
        self._hold = why_held(order, self._panel, now)
        self._events = list(order.events.select_related("person").order_by("pk"))
        self._submissions = list(order.submissions.order_by("number"))
        self._refills = _asked(order.refills.all())
        self._cancels = _asked(order.cancellations.all())
        self.sees_cost = who.sees_cost
        self.checked = polling.last_checked(order)

    # Who and what

    @property
    def number(self) -> int:
        return self._order.pk

    @property
    def customer(self) -> str:
        return self._order.customer.name

    @property
    def customer_number(self) -> int:
        return self._order.customer_id

    @property
    def service(self) -> str:
        return self._order.service.name

    @property
    def service_number(self) -> int:
        return self._order.service_id

    @property
    def placed_at(self) -> datetime:
        return self._order.placed_at

    @property
    def placed_by(self) -> str:
        user = self._order.placed_by
        if user is None:
            return _("the client's program") if self._order.api_key_id else _("the operator")
        return _("you") if user == self._who.user else str(user)

    @property
    def manager(self) -> str:
        return str(self._order.managed_by or "")

    @property
    def markup(self) -> str:
        """How much was added, and by whose markup."""
        return order_markup.in_words(self._order) if self.sees_cost else ""

    @property
    def link(self) -> str:
        """Exactly as it is sent."""
        return self._order.link

    @property
    def link_opens(self) -> bool:
        """Whether the link is a web address; other text never becomes one."""
        return self._order.link.startswith(("https://", "http://"))

    @property
    def details(self) -> list[tuple[str, str]]:
        return order_rows.details_of(self._order)

    # How it stands

    @cached_property
    def state(self) -> order_state.State:
        return order_state.state_of(self._order, self._hold)

    @property
    def seen(self) -> str:
        """Changes with what can be done; a live page that has seen another gets new dialogs."""
        return f"{self.state.coin}-{self.state.label}-{len(self.acts.dialogs)}".replace(" ", "_")

    @cached_property
    def sentence(self) -> str:
        sight = order_state.Sight(
            self._now, self.sees_cost, self._hold, self._events, self._submissions, self.checked
        )
        return str(order_state.sentence(self._order, sight))

    @property
    def next_step(self) -> str:
        return order_state.next_step(self._order, self._hold, self._panel)

    @property
    def flag(self) -> str:
        return told(self._order.flag) if self.sees_cost else ""

    @property
    def pace(self) -> str:
        """When it is asked about again, or why it was not asked about so far."""
        return order_state.pace(self._order, checked=self.checked is not None)

    @property
    def is_watched(self) -> bool:
        """Whether it was asked about within two rounds of its pace: no light is green else."""
        if self._order.tier is None or self.checked is None:
            return True
        age = self._now - self.checked
        return age <= 2 * statuses.EVERY[Tier(self._order.tier)] + machinery.SLACK

    @property
    def upstream_id(self) -> str:
        return (self._order.upstream_id or "") if self.sees_cost else ""

    @property
    def provider(self) -> str:
        return self._order.provider.name if self.sees_cost else ""

    @property
    def finished(self) -> bool:
        """Whether nothing on the page can change by itself any more, aftercare aside."""
        asked = any(refill.status in REFILL_IN_FLIGHT for refill in self._refills)
        asked = asked or any(cancel.status in CANCEL_IN_FLIGHT for cancel in self._cancels)
        return not (order_state.can_change(self._order) or asked)

    @cached_property
    def numbers(self) -> Numbers:
        order, done = self._order, delivery.delivered(self._order)
        start = order.start_count
        return Numbers(
            ordered=order.delivery_total or order.billable,
            delivered=done,
            start=start,
            count_now=start + done if start is not None and done is not None else None,
            remains=order.remains,
            runs=self.runs.words if self.runs else "",
            kind=_kind(order),
        )

    @cached_property
    def runs(self) -> order_runs.StaffRuns | None:
        return order_runs.runs_of(self._order, sees_cost=self.sees_cost)

    @property
    def posts(self) -> order_runs.StaffRuns | None:
        """Those of a subscription, which progresses by them."""
        return self.runs if self._order.is_subscription else None

    # Its history, evidence, money

    @property
    def notes(self) -> list[order_records.Note]:
        """The latest ones; the history has them all."""
        return order_records.notes(self._events)

    @cached_property
    def timeline(self) -> list[timeline.Item]:
        transfers = self._order.transfers.select_related("person").order_by("pk")
        return timeline.timeline(self._order, self._events, transfers, sees_cost=self.sees_cost)

    @property
    def submissions(self) -> list[order_records.Sent]:
        return [order_records.sent(row, self.sees_cost) for row in self._submissions]

    @cached_property
    def money(self) -> order_money.Money:
        return order_money.money_of(self._order, sees_cost=self.sees_cost)

    @property
    def balance(self) -> object:
        return self._order.customer.wallet.balance

    @property
    def refills(self) -> list[order_records.FollowUp]:
        name = _("Refill")
        return [order_records.follow_up(name, row, self.sees_cost) for row in self._refills]

    @property
    def refill_rule(self) -> str:
        return order_records.refill_rule(self._order)

    @property
    def cancels(self) -> list[order_records.FollowUp]:
        name = _("Cancel request")
        return [order_records.follow_up(name, row, self.sees_cost) for row in self._cancels]

    @cached_property
    def acts(self) -> order_acts.Acts:
        asker = order_acts.Asker(self._order, self._who, self._hold, self._now)
        return order_acts.acts_of(asker)

    @property
    def fitting_act(self) -> order_acts.Button | None:
        """The one that the state asks for; a cancel where nothing better does."""
        buttons = self.acts.buttons
        asked_for = (button for button in buttons if button.tone == "pri")
        return next(asked_for, buttons[-1] if buttons else None)

    @property
    def other_acts(self) -> list[order_acts.Button]:
        """What else can be done, for the menu."""
        return [button for button in self.acts.buttons if button is not self.fitting_act]


def _kind(order: Order) -> str:
    if order.is_subscription:
        return _("Subscription")
    return _("Drip-feed") if order.runs else ""


def joined(orders: QuerySet[Order]) -> QuerySet[Order]:
    """The orders with all that a page reads of their neighbours."""
    return orders.select_related(*WITH)


def _asked(rows: QuerySet[Refill] | QuerySet[Cancellation]) -> Sequence[Refill | Cancellation]:
    return list(rows.select_related("asked_by").order_by("-pk")[:20])
