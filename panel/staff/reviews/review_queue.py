"""The review queue: what waits for a person, by disturbance, the most money first."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from orders import review
from orders.enums import OrderStatus
from orders.models import Order
from orders.money import ZERO
from orders.people import Person
from orders.spelling import lowered
from panel.delivery import target_of
from panel.display import clock_text
from panel.icons import find_coin
from panel.staff.orders.order_state import state_of
from panel.staff.reviews import review_proposals
from panel.staff.reviews.review_proposals import Proposal

MOST = 200
"""How many cases are shown; the ones with the most money."""

SAME_DISTURBANCE = timedelta(minutes=15)
"""Answers of one provider that were lost no further apart than this belong together."""


@dataclass(frozen=True)
class Case:
    """One order that waits for a decision, as a list shows it."""

    number: int
    coin: str
    label: str
    service: str
    client: str
    link: str
    at_stake: Decimal
    """What the customer paid and has not got back."""
    since: datetime
    proposal: Proposal | None = None

    @property
    def stands(self) -> str:
        """Its status within a line."""
        return lowered(self.label)

    @property
    def tone(self) -> str:
        return find_coin(self.coin).tone


@dataclass(frozen=True)
class Group:
    """Cases that one disturbance made, or that are of one kind."""

    icon: str
    tone: str
    title: str
    text: str
    cases: list[Case]

    @property
    def total(self) -> Decimal:
        return _total(self.cases)

    def has(self, numbers: Collection[int]) -> bool:
        """Whether one of these cases stands in it."""
        return any(case.number in numbers for case in self.cases)


@dataclass(frozen=True)
class Queue:
    """All groups, and the way from one case to the next."""

    groups: list[Group]
    more: bool
    """Whether there are cases beyond those shown."""

    @property
    def cases(self) -> list[Case]:
        return [case for group in self.groups for case in group.cases]

    @property
    def total(self) -> Decimal:
        return _total(self.cases)

    def group_of(self, numbers: Collection[int]) -> Group | None:
        """The first group in which one of these cases stands."""
        return next((group for group in self.groups if group.has(numbers)), None)

    def place_of(self, number: int) -> int | None:
        """Where a case stands, from 1; None when it is not among those shown."""
        numbers = [case.number for case in self.cases]
        return numbers.index(number) + 1 if number in numbers else None

    def neighbour(self, number: int, step: int) -> int | None:
        """The number of the case before (-1) or after (1) this one."""
        place = self.place_of(number)
        at = place - 1 + step if place else 0
        return self.cases[at].number if 0 <= at < len(self.cases) else None


@dataclass(frozen=True)
class Kind:
    """Cases of one sort, as an address asks for them."""

    slug: str
    label: str | Promise
    only: Q
    empty: str | Promise


KINDS = (
    Kind("", pgettext_lazy("cases", "All"), Q(), gettext_lazy("Nothing to review")),
    Kind(
        "unconfirmed",
        gettext_lazy("Unconfirmed"),
        Q(status=OrderStatus.UNCONFIRMED),
        gettext_lazy("Nothing unconfirmed"),
    ),
    Kind(
        "failed",
        gettext_lazy("Failed"),
        Q(status=OrderStatus.FAILED),
        gettext_lazy("Nothing failed"),
    ),
    Kind(
        "refund",
        gettext_lazy("Refund open"),
        Q(refund_unknown=True),
        gettext_lazy("No refund is open"),
    ),
)


def kind_of(slug: str) -> Kind:
    """The kind that an address names; all for any other word."""
    return next((kind for kind in KINDS if kind.slug == slug), KINDS[0])


def queue(who: Person, now: datetime, kind: Kind = KINDS[0]) -> Queue:
    """The cases of the orders that this person may see, with what is proposed; two queries."""
    mine = review.cases(who.user).filter(kind.only)
    found = mine.select_related("customer", "service", "provider")
    orders = list(found.order_by("-price", "pk")[: MOST + 1])
    proposed = review_proposals.of(orders[:MOST], who)
    groups = [_proposed(group, proposed) for group in _groups(orders[:MOST], who, now)]
    groups.sort(key=lambda group: group.total, reverse=True)
    return Queue(groups, more=len(orders) > MOST)


def _groups(orders: list[Order], who: Person, now: datetime) -> Iterator[Group]:
    lost = [order for order in orders if order.status == OrderStatus.UNCONFIRMED]
    for together in _disturbances(lost):
        yield _group("circle-help", "amber", _lost_title(together, who, now), _LOST, together)
    failed = [order for order in orders if order.status == OrderStatus.FAILED]
    if failed:
        yield _group("circle-alert", "red", _("Failed at the provider"), _FAILED, failed)
    settled = (OrderStatus.UNCONFIRMED, OrderStatus.FAILED)
    owed = [order for order in orders if order.status not in settled]
    if owed:
        yield _group("scale", "violet", _("What is owed cannot be read"), _OWED, owed)


_LOST = gettext_lazy("sent, and no usable answer came back")
_FAILED = gettext_lazy("the provider says so; no money has moved")
_OWED = gettext_lazy("ended, and the provider's figures do not say how much was delivered")


def _disturbances(orders: Iterable[Order]) -> list[list[Order]]:
    """Orders of one provider whose answers were lost near in time."""
    together: list[list[Order]] = []
    for order in sorted(orders, key=lambda order: (order.provider_id, order.status_at)):
        last = together[-1][-1] if together else None
        if (
            last is not None
            and last.provider_id == order.provider_id
            and order.status_at - last.status_at <= SAME_DISTURBANCE
        ):
            together[-1].append(order)
        else:
            together.append([order])
    return together


def _lost_title(orders: list[Order], who: Person, now: datetime) -> str:
    first, last = orders[0].status_at, orders[-1].status_at
    begin, end = clock_text(first, now, "min"), clock_text(last, now, "min")
    at = begin
    if begin != end:
        at = _("%(begin)s to %(end)s") % {"begin": begin, "end": end}
    named = {"provider": orders[0].provider.name, "at": at}
    if who.sees_cost:
        words = ngettext(
            "%(provider)s: answer lost, %(at)s", "%(provider)s: answers lost, %(at)s", len(orders)
        )
    else:
        words = ngettext("Answer lost, %(at)s", "Answers lost, %(at)s", len(orders))
    return words % named


def _group(icon: str, tone: str, title: str, text: Promise, orders: list[Order]) -> Group:
    cases = sorted(map(_case, orders), key=lambda case: (-case.at_stake, case.number))
    return Group(icon, tone, title, str(text), cases)


def _proposed(group: Group, proposed: dict[int, Proposal]) -> Group:
    cases = [replace(case, proposal=proposed.get(case.number)) for case in group.cases]
    return replace(group, cases=cases)


def _case(order: Order) -> Case:
    return Case(
        number=order.pk,
        coin=order.status,
        label=state_of(order, None).label,
        service=order.service.name,
        client=order.customer.name,
        link=target_of(order),
        at_stake=order.price - order.refunded,
        since=order.status_at,
    )


def _total(cases: Iterable[Case]) -> Decimal:
    return sum((case.at_stake for case in cases), ZERO)
