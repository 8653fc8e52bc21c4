"""What frames every page: the menu of the person's kind, the pulse, the name at its foot."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from orders import cancellations, catalog, followups, machinery, messages, refills, review, topups
from orders.models import Account
from orders.people import Person, PersonKind, visible_orders
from orders.statuses import OPEN
from panel import alarms
from panel.access import person
from panel.display import initials, span
from panel.links import there
from panel.paginator import count_up_to
from panel.stopped import stops_for


@dataclass(frozen=True)
class Item:
    """One line of the menu. `count` is left out when it is 0; a `hot` one needs a person."""

    label: str
    icon: str
    url: str
    current: bool = False
    count: int = 0
    hot: bool = False


@dataclass(frozen=True)
class Group:
    """Some lines of the menu under one word."""

    title: str
    items: list[Item]


ROLES = {
    PersonKind.OWNER: gettext_lazy("Owner"),
    PersonKind.ADMIN: gettext_lazy("Staff, admin"),
    PersonKind.STAFF: gettext_lazy("Staff"),
    PersonKind.CUSTOMER: gettext_lazy("Customer"),
}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context of every page; nothing for HTMX's partial answers and for strangers."""
    if getattr(request, "htmx", False) or not hasattr(request, "user"):
        return {}
    who = person(request)
    if who.kind is PersonKind.NOBODY:
        return {}
    shared = {"me": _me(who), "nav": []}
    if who.is_staff:
        return shared | _staff(request, who)
    return shared | _customer(request, who)


def _me(who: Person) -> dict[str, str]:
    name = str(who.customer or who.user)
    tone = "green" if who.customer else "accent"
    return {"name": name, "role": str(ROLES[who.kind]), "initials": initials(name), "tone": tone}


def _staff(request: HttpRequest, who: Person) -> dict[str, Any]:
    orders, now = visible_orders(who), timezone.now()
    pulse = machinery.pulse(now)
    stops = stops_for(who)
    watch = alarms.watch(who, pulse, now, stop_is_shown=stops.sending)
    item = _Items(request)
    work = [
        item(_("Overview"), "layout-dashboard", "staff:overview"),
        item(_("Orders"), "list-ordered", "staff:orders", count_up_to(_open(orders))),
        item(_("Review"), "circle-help", "staff:review", count_up_to(review.cases(who.user)), True),
        item(_("Refills"), "refresh-cw", "staff:refills", _asked(refills, who), True),
        item(
            _("Cancellations"), "octagon-x", "staff:cancellations", _asked(cancellations, who), True
        ),
        item(_("Messages"), "message-square", "staff:messages", _to_answer(who), True),
    ]
    sell = [
        item(_("Clients"), "users", "staff:clients"),
        item(_("Services"), "layers", "staff:services"),
        item(_("Till"), "banknote", "staff:tills"),
        item(_("Top-ups"), "wallet", "staff:top_ups", count_up_to(topups.to_decide(who)), True),
    ]
    groups = [
        Group(pgettext("what staff do", "Work"), work),
        Group(pgettext("what staff do", "Sell"), sell),
    ]
    if run := _run(item, who, watch.count):
        groups.append(Group(pgettext("what admins do", "Run"), run))
    return {
        "nav": groups,
        "pulse": _pulse(pulse),
        "strip": watch.strip,
        "stops": stops,
        "alerts_url": reverse("staff:alerts") if who.is_admin else "",
        "home_url": reverse("staff:overview"),
        "search_url": reverse("staff:orders"),
        "search_words": _("Order, upstream id, link, client")
        if who.sees_cost
        else _("Order, link, client"),
        "new_order_url": reverse("staff:new_order"),
    }


def _run(item: "_Items", who: Person, alerts: int) -> list[Item]:
    figures = item(_("Reports"), "chart-column", "staff:reports")
    books = item(_("Reconciliation"), "scale", "staff:reconciliation")
    if not who.is_admin:
        return [figures, books] if who.sees_cost else []
    return [
        item(_("Pricing"), "tag", "staff:pricing", count_up_to(catalog.priced_out()), True),
        item(_("Catalog"), "package-search", "staff:catalog", catalog.new_waiting(timezone.now())),
        item(_("Providers"), "plug", "staff:providers"),
        figures,
        books,
        item(_("People"), "shield", "staff:people"),
        item(_("Alerts"), "bell", "staff:alerts", alerts, True),
        item(_("Audit"), "scroll-text", "staff:audit"),
        item(_("Settings"), "settings", "staff:settings"),
    ]


def _customer(request: HttpRequest, who: Person) -> dict[str, Any]:
    item = _Items(request)
    new = item(_("New order"), "plus", "my:new_order")
    orders = item(_("Orders"), "list-ordered", "my:orders", count_up_to(_open(visible_orders(who))))
    services, wallet = (
        item(_("Services"), "layers", "my:services"),
        item(_("Wallet"), "wallet", "my:wallet"),
    )
    others = [
        item(label, icon, name)
        for label, icon, name in (
            (_("API"), "code", "my:api"),
            (_("Account"), "settings", "my:account"),
        )
        if there(name)
    ]
    dock = [
        replace(new, label=pgettext("an order", "New"), icon="circle-plus"),
        orders,
        services,
        wallet,
    ]
    return {
        "nav": [Group("", [new, orders]), Group("", [services, wallet, *others])],
        "dock": dock,
        "home_url": reverse("my:new_order"),
        "new_order_url": reverse("my:new_order"),
        "wallet_url": reverse("my:wallet"),
        "top_up_url": there("my:top_up"),
        "search_url": reverse("my:orders"),
        "search_words": _("Find an order or a link"),
        "wallet_balance": Account.objects.get(customer=who.customer).balance,
    }


def _open(orders: Any) -> Any:
    return orders.filter(status__in=OPEN)


def _asked(verbs: Any, who: Person) -> int:
    """How many refills or cancel requests need a person."""
    rows = followups.visible(verbs.KIND, who)
    return count_up_to(rows.filter(verbs.LOST | verbs.overdue(timezone.now())))


def _to_answer(who: Person) -> int:
    return count_up_to(messages.to_answer(who))


def _pulse(pulse: machinery.Pulse) -> dict[str, Any]:
    if pulse.is_alive and pulse.age is not None:
        return {"ok": True, "text": _("Machinery running"), "age": span(pulse.age.total_seconds())}
    age = "" if pulse.age is None else span(pulse.age.total_seconds())
    return {"ok": False, "text": _("Machinery silent"), "age": age}


class _Items:
    """Makes lines of the menu, the current one marked."""

    def __init__(self, request: HttpRequest):
        self._path = request.path

    def __call__(self, label: str, icon: str, name: str, count: int = 0, hot: bool = False) -> Item:
        url = reverse(name)
        here = self._path == url if name == "staff:overview" else self._path.startswith(url)
        return Item(label, icon, url, here, count, hot)
