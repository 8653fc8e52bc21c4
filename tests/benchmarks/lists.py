"""What the staff's order list can be asked for, and the same asked naively."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Q

from orders import lateness
from orders.enums import HoldReason, OrderStatus, Tier
from orders.models import Customer, Order
from panel.staff.orders import order_tabs

S = OrderStatus
NAIVE_TABS = {
    "all": Q(),
    "waiting": Q(status=S.WAITING),
    "running": Q(status__in=(S.SENDING, S.PENDING, S.PROCESSING, S.IN_PROGRESS)),
    "late": Q(tier=Tier.OLD, status__in=lateness.RUNNING),
    "review": Q(status__in=(S.UNCONFIRMED, S.FAILED)) | Q(refund_unknown=True),
    "partial": Q(status=S.PARTIAL),
    "canceled": Q(status__in=(S.CANCELED, S.REFUSED)),
    "completed": Q(status=S.COMPLETED),
}


@dataclass(frozen=True)
class Asked:
    """One list: the words of its address, and the orders that belong to it, said plainly."""

    words: dict[str, str]
    fits: Q
    kind: str
    """Its name at any size: what is looked for has other numbers there."""

    @property
    def query(self) -> str:
        return urlencode(self.words)

    def and_in(self, other: "Asked") -> "Asked":
        kind = f"{self.kind}, {other.kind}"
        return Asked(self.words | other.words, self.fits & other.fits, kind)

    def naive(self) -> list[int]:
        """The numbers of its first page."""
        found = Order.objects.filter(self.fits).order_by("-pk")
        return list(found.values_list("pk", flat=True)[:50])


def tabs() -> list[Asked]:
    """Every tab that the page has."""
    return [Asked({"tab": tab.slug}, NAIVE_TABS[tab.slug], tab.slug) for tab in order_tabs.TABS]


def filters(now: datetime) -> list[Asked]:
    """Every filter of the page, about something in the middle of what there is."""
    middle = Order.objects.order_by("pk")[Order.objects.count() // 2]
    person = Order.objects.exclude(placed_by=None).values_list("placed_by", flat=True)[0]
    held = lateness.needing_a_person(Order.objects.all(), now)
    since, until = (
        (now - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
        for days in (500, 200)
    )
    from_then, up_to = Q(placed_at__gte=since), Q(placed_at__lt=until + timedelta(days=1))
    first, last = f"{since:%Y-%m-%d}", f"{until:%Y-%m-%d}"
    return [
        Asked({"provider": str(middle.provider_id)}, Q(provider=middle.provider_id), "provider"),
        Asked({"service": str(middle.service_id)}, Q(service=middle.service_id), "service"),
        Asked({"client": str(middle.customer_id)}, Q(customer=middle.customer_id), "client"),
        Asked({"person": str(person)}, Q(placed_by=person), "placed by"),
        Asked({"since": first}, from_then, "since"),
        Asked({"until": last}, up_to, "until"),
        Asked({"since": first, "until": last}, from_then & up_to, "from day to day"),
        Asked({"hold": HoldReason.STAFF.value}, Q(hold=HoldReason.STAFF), "hold"),
        Asked({"unasked": "on"}, NAIVE_TABS["late"] & Q(pk__in=held.values("pk")), "unasked"),
    ]


def searches() -> list[Asked]:
    """A number, a provider's number, a link and its beginning, a client's name and phone."""
    count = Order.objects.count()
    some = Order.objects.exclude(upstream_id=None).order_by("pk")[count // 3]
    # Of five digits at the least, at every size: such a number is looked for among phones as well.
    newest = Order.objects.latest("pk").pk
    client = Customer.objects.order_by("pk")[Customer.objects.count() // 3]
    link = some.link_key
    named = Q(customer__name__icontains=client.name)
    linked = Q(link_key__startswith=link)
    return [
        Asked({"q": str(newest)}, Q(pk=newest) | Q(upstream_id=str(newest)), "our number"),
        Asked({"q": str(some.upstream_id)}, Q(upstream_id=some.upstream_id), "upstream's number"),
        Asked({"q": f"https://{link}"}, linked, "a link"),
        Asked(
            {"q": "instagram.com/client"},
            Q(link_key__startswith="instagram.com/client"),
            "a link's beginning",
        ),
        Asked({"q": client.name}, named, "a name"),
        Asked({"q": client.phone}, Q(customer__phone=client.phone), "a phone number"),
    ]


def offered(now: datetime) -> Iterator[Asked]:
    """Every tab, every filter, every search; and each filter and search under each tab."""
    others = [*filters(now), *searches()]
    yield from tabs()
    yield from others
    for tab in tabs()[1:]:
        yield from (other.and_in(tab) for other in others)
