"""How a service's price and cost came to be what they are, and who decided what about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.enums import ChangeKind, MarkupKind, PriceLevel
from orders.kept_words import told
from orders.models import AuditEntry, MarkupRule, Service, SyncChange
from orders.people import Person
from panel.display import as_decimal, money_text, percent

MOST = 10
LISTED = (PriceLevel.SERVICE, PriceLevel.CATEGORY, PriceLevel.PANEL)


@dataclass(frozen=True)
class Rule:
    """A markup that made, or makes, the price of the list."""

    words: str
    where: str
    by: str
    since: datetime
    until: datetime | None
    reason: str
    acts: bool


@dataclass(frozen=True)
class CostChange:
    """One change of the provider's rate, in its currency."""

    at: datetime
    before: Decimal | None
    after: Decimal | None
    change: Decimal | None


@dataclass(frozen=True)
class Decision:
    """What a person did about the service."""

    words: str
    by: str
    at: datetime
    reason: str


class History:
    """All of it, for who may know; a constant number of queries, each worked out when asked for."""

    def __init__(self, service: Service, who: Person):
        self._service, self._who = service, who

    @property
    def rules(self) -> list[Rule]:
        """The latest rules of the price list that spoke about it; for who sees costs."""
        if not self._who.sees_cost:
            return []
        about = Q(level=PriceLevel.SERVICE, service=self._service)
        about |= Q(level=PriceLevel.CATEGORY, category=self._service.category_id)
        about |= Q(level=PriceLevel.PANEL)
        # Those that act come first, so that a long history never hides them.
        latest = (F("ended_at").desc(nulls_first=True), "-pk")
        rules = MarkupRule.objects.filter(about).select_related("set_by")
        found = list(rules.order_by(*latest)[:MOST])
        acting = min(
            (rule for rule in found if rule.ended_at is None),
            key=lambda rule: LISTED.index(PriceLevel(rule.level)),
            default=None,
        )
        return [self._rule(rule, rule is acting) for rule in found]

    def _rule(self, rule: MarkupRule, acts: bool) -> Rule:
        where = {
            PriceLevel.SERVICE: _("this service"),
            PriceLevel.CATEGORY: self._service.category.name,
            PriceLevel.PANEL: _("panel"),
        }
        return Rule(
            words=markup_words(rule),
            where=where[PriceLevel(rule.level)],
            by=str(rule.set_by or _("the operator")),
            since=rule.set_at,
            until=rule.ended_at,
            reason=told(rule.reason),
            acts=acts,
        )

    @property
    def costs(self) -> list[CostChange]:
        """The latest changes of the offer's rate; for who sees costs."""
        if not self._who.sees_cost:
            return []
        changes = SyncChange.objects.filter(offer=self._service.offer_id, kind=ChangeKind.RATE)
        found = changes.select_related("run").order_by("-pk")[:MOST]
        return [_cost(change) for change in found]

    @property
    def decisions(self) -> list[Decision]:
        """What people did last; for admins."""
        return list(self._decisions()) if self._who.is_admin else []

    def _decisions(self) -> Iterator[Decision]:
        lines = AuditEntry.objects.filter(subject=f"service:{self._service.pk}")
        for line in lines.select_related("person").order_by("-pk")[:MOST]:
            words = str(_DONE.get(line.action, line.action.replace(".", " ").replace("_", " ")))
            by = str(line.person or _("the operator"))
            yield Decision(words, by, line.at, told(line.reason))


_DONE = {
    "service.cost_accepted": gettext_lazy("Cost accepted"),
    "service.paused": gettext_lazy("Paused"),
    "service.resumed": gettext_lazy("Resumed"),
    "service.hidden": gettext_lazy("Hidden"),
    "service.shown": gettext_lazy("Put into the shop"),
    "service.described": gettext_lazy("Words changed"),
    "service.pointed_at": gettext_lazy("Bought from another offer"),
    "markup.set": gettext_lazy("Price of its own set"),
    "markup.ended": gettext_lazy("Price of its own taken away"),
    "bound.set": gettext_lazy("Floor or ceiling set"),
}


def markup_words(rule: MarkupRule) -> str:
    """What a rule says: "30 %", "+$0.5000 per 1000", "fixed rate $1.2000"."""
    if rule.kind == MarkupKind.PERCENT:
        return percent(rule.value, None)
    if rule.kind == MarkupKind.PER_1000:
        return _("+%(amount)s per 1000") % {"amount": money_text(rule.value)}
    return _("fixed rate %(amount)s") % {"amount": money_text(rule.value)}


def _cost(change: SyncChange) -> CostChange:
    before, after = (as_decimal(side.get("rate")) for side in (change.before, change.after))
    rose = None
    if before and after is not None:
        rose = (after - before) * 100 / before
    return CostChange(change.run.started_at, before, after, rose)
