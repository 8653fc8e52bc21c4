"""Services as rows of a table: what we sell, from whom, at what price for the one who looks."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet, prefetch_related_objects
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders import catalog, pricing, rules, service_types
from orders.drafts import why_not_for_sale
from orders.enums import PauseReason
from orders.health import PRICE_PAUSES
from orders.kept_words import told
from orders.models import Category, Panel, Provider, Service
from orders.panel_settings import current
from orders.people import Person
from panel import paginator
from panel.drafting import number_in
from panel.staff.sale import sale_words

MOST_FOUND = 50
MOST_CATEGORIES = 500
MOST_PROVIDERS = 100
FALLBACKS = ("fallback__provider__state",)

UNSOLD_TYPES = ~Q(
    offer__service_type__in=[kind.slug for kind in service_types.ALL if kind.orderable]
)
"""Services of a type that nobody here knows, or that is not sold."""

STATES = {
    "": (gettext_lazy("All"), Q()),
    "sold": (gettext_lazy("On sale"), Q(is_visible=True, pause="", offer__retired_at=None)),
    "decide": (gettext_lazy("To decide"), Q(pause__in=PRICE_PAUSES)),
    "paused": (gettext_lazy("Paused"), ~Q(pause="")),
    "hidden": (gettext_lazy("Hidden"), Q(is_visible=False)),
    "window": (
        gettext_lazy("Refill window unknown"),
        Q(offer__refill=True, refill_days=None, offer__refill_days=None),
    ),
    "unknown": (gettext_lazy("Not orderable"), UNSOLD_TYPES),
}
WHAT_TO_DO = {
    PauseReason.STAFF: gettext_lazy("It is sold again once an admin resumes it."),
    PauseReason.COST_ROSE: gettext_lazy(
        "Accept the new cost or buy it elsewhere; it comes back by itself when the cost does."
    ),
    PauseReason.CHARGED_MORE: gettext_lazy(
        "Compare the latest orders' charges with the rate; then accept the "
        "cost or buy it elsewhere."
    ),
    PauseReason.GONE: gettext_lazy(
        "It comes back by itself when the provider lists it again; or buy it from another offer."
    ),
    PauseReason.BELOW_FLOOR: gettext_lazy(
        "Drop the fixed price; it comes back by itself when the cost falls."
    ),
    PauseReason.TYPE_CHANGED: gettext_lazy(
        "The provider asks for other fields now: look at an order of it, "
        "then resume it or buy it elsewhere."
    ),
}
"""How each pause ends."""

SHORT = {
    PauseReason.STAFF: gettext_lazy("Paused"),
    PauseReason.COST_ROSE: gettext_lazy("Cost rose"),
    PauseReason.CHARGED_MORE: gettext_lazy("Charged more"),
    PauseReason.GONE: gettext_lazy("Gone"),
    PauseReason.BELOW_FLOOR: gettext_lazy("Below floor"),
    PauseReason.TYPE_CHANGED: gettext_lazy("Type changed"),
}

COST_PAUSES = (PauseReason.COST_ROSE, PauseReason.CHARGED_MORE, PauseReason.BELOW_FLOOR)


@dataclass(frozen=True)
class State:
    """Whether it can be ordered, in a word and a sentence."""

    coin: str
    label: str
    why: str = ""
    is_hidden: bool = False

    @property
    def is_on_sale(self) -> bool:
        return self.coin == "completed"


@dataclass(frozen=True)
class Row:
    """One service. What tells of the provider is None for who does not see costs."""

    number: int
    name: str
    category: str
    kind: str
    least: int
    most: int
    refill: str
    cancel: bool
    state: State
    price: Decimal | None
    package: bool
    provider: str | None = None
    upstream_id: str | None = None
    cost: Decimal | None = None
    margin: Decimal | None = None
    gives_away: str = ""
    """What its name or category tells customers of the provider."""
    fallback: str = ""
    """Where an order goes that its provider cannot take."""
    fallback_wrong: str = ""
    """Why that may not help."""


@dataclass(frozen=True)
class Found:
    """Rows of one page; `cut` says that a search had more hits than are listed."""

    rows: list[Row]
    newer: str = ""
    older: str = ""
    cut: bool = False


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    text: str = ""
    state: str = ""
    category: int | None = None
    provider: int | None = None

    @classmethod
    def of(cls, query: QueryDict, who: Person) -> "Asked":
        """Anything odd in the address asks for nothing; providers are for who sees costs."""
        state = query.get("state", "")
        provider = number_in(query.get("provider", ""))
        return cls(
            text=query.get("q", "").strip()[:200],
            state=state if state in STATES else "",
            category=number_in(query.get("category", "")),
            provider=provider if who.sees_cost else None,
        )

    @property
    def narrowed(self) -> bool:
        return self != Asked()

    @property
    def fields(self) -> dict[str, str]:
        """The same as an address or a form carries it."""
        every = {
            "state": self.state,
            "q": self.text,
            "category": self.category,
            "provider": self.provider,
        }
        return {name: str(value) for name, value in every.items() if value}

    def among(self) -> QuerySet[Service]:
        """The services that fit, whatever was typed."""
        services = Service.objects.filter(STATES[self.state][1])
        if self.category is not None:
            services = services.filter(category=self.category)
        if self.provider is not None:
            services = services.filter(offer__provider=self.provider)
        return services

    def services(self, who: Person) -> QuerySet[Service]:
        """All that fit, of which a search lists the best."""
        words = catalog.fitting(self.text, upstream_ids=who.sees_cost) if self.text else Q()
        return self.among().filter(words)


def found(asked: Asked, who: Person, query: QueryDict) -> Found:
    """One page of services, or the best hits of what was typed."""
    if asked.text:
        hits = catalog.search_services(
            asked.text,
            MOST_FOUND + 1,
            hidden=True,
            upstream_ids=who.sees_cost,
            within=asked.among(),
        )
        return Found(rows(hits[:MOST_FOUND], who), cut=len(hits) > MOST_FOUND)
    page = paginator.page(joined(asked.among()), query)
    return Found(rows(page.rows, who), page.newer, page.older)


def providers() -> list[Provider]:
    """Whom services are bought from, for a filter."""
    return list(Provider.objects.only("name").order_by("name")[:MOST_PROVIDERS])


def joined(services: QuerySet[Service]) -> QuerySet[Service]:
    """The services with all that a row reads."""
    return services.select_related("offer__provider", "category")


def categories() -> list[Category]:
    """The shelves of the shop, in its order."""
    return list(Category.objects.order_by("position", "name")[:MOST_CATEGORIES])


def rows(services: Iterable[Service], who: Person) -> list[Row]:
    """Rows of `joined` services; as many queries for one row as for many."""
    listed, panel = list(services), current()
    prefetch_related_objects(listed, *FALLBACKS)
    prices = rules.price_list(listed, None, who.staff, panel=panel)
    return [row(service, prices.get(service.pk), who, panel) for service in listed]


def row(service: Service, price: pricing.Quote | None, who: Person, panel: Panel) -> Row:
    """One service with its price; no query."""
    offer = service.offer
    shown = Row(
        number=service.pk,
        name=service.name,
        category=service.category.name,
        kind=offer.type_name,
        least=offer.least,
        most=offer.most,
        refill=_refill(service),
        cancel=offer.cancel,
        state=state_of(service, price is not None, who, panel),
        price=price.price if price else None,
        package=_is_package(service),
    )
    return _with_cost(shown, service, price, panel) if who.sees_cost else shown


def state_of(service: Service, has_price: bool, who: Person, panel: Panel) -> State:
    """Where it stands: not orderable, hidden, paused and why, or on sale."""
    if words := service_types.why_not_orderable(service.offer.type_name):
        return State("held", _("Not orderable"), words + " " + _("It is never sold."))
    if not service.is_visible:
        return State("held", _("Hidden"), _("Nobody can order it."), is_hidden=True)
    if service.pause:
        return State("held", _pause_label(service, who), _why_paused(service, who))
    if why := why_not_for_sale(service):
        words = sale_words.why_not(why, service, who) if who.sees_cost else _("Sales are stopped.")
        return State("held", _("Not sold"), words)
    if panel.not_sold:
        return State("held", _("Not sold"), _("Selling is stopped at the moment."))
    if not has_price:
        return State("held", _("No price"), _("No markup speaks about it."))
    return State("completed", _("On sale"))


def _pause_label(service: Service, who: Person) -> str:
    """The reason in two words; only that it is paused for who may not know about costs."""
    reason = PauseReason(service.pause)
    return _("Paused") if reason in COST_PAUSES and not who.sees_cost else str(SHORT[reason])


def _why_paused(service: Service, who: Person) -> str:
    reason = PauseReason(service.pause)
    if reason == PauseReason.STAFF or who.sees_cost:
        return told(service.pause_detail) or str(reason.label)
    return _("Its price is being looked at.") if reason in COST_PAUSES else str(reason.label)


def _refill(service: Service) -> str:
    if not service.offer.refill:
        return ""
    if days := service.refill_days or service.offer.refill_days:
        return _("Refill %(days)s days") % {"days": days}
    named = catalog.proposed_refill_days(service)
    return _("Refill, %(days)s days by its name") % {"days": named} if named else _("Refill")


def _is_package(service: Service) -> bool:
    slug = service.offer.service_type
    return bool(slug) and service_types.by_slug(slug).package


def _with_cost(shown: Row, service: Service, price: pricing.Quote | None, panel: Panel) -> Row:
    offer, fallback = service.offer, service.fallback
    known = shown.__dict__ | {
        "provider": offer.provider.name,
        "upstream_id": offer.upstream_id,
        "cost": catalog.cost_per_1000(offer.rate, offer.provider),
        "margin": price.margin_percent if price else None,
        "gives_away": catalog.provider_named_by(service),
        "fallback": f"{fallback.provider.name} {fallback.upstream_id}" if fallback else "",
        "fallback_wrong": " ".join(catalog.fallback_concerns(service, panel)),
    }
    return Row(**known)
